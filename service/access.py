# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the row stands beside the route; no row, no entry.

::

    @blueprint.get("/things/<id>")
    @access.anyone
    def show(id: str) -> Response: ...

    @blueprint.post("/things")
    @access.token("things:write")
    def create() -> Response: ...

    @blueprint.get("/work")
    @access.signed_in
    def work() -> Response: ...  # access.person() is whoever asks

    @blueprint.post("/reviews/<id>")
    @access.role(Role.REVIEWER, Role.MANAGER)
    def review(id: str) -> Response: ...

``check`` makes a service with an unguarded route fail to start; ``install`` checks each request by its row,
and refuses where there is none. That an object belongs to whoever asks is the matter of the view, which
answers 404 for somebody else's.

Views of ``anyone`` and ``token`` neither read nor set a cookie. For the others, whatever changes something
must come from a page of this site and carry the token of the sign-in: the field ``csrf`` of a form, or the
header ``X-CSRF-Token`` (threats W2).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, overload
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request
from markupsafe import Markup

from service import audit, clock, forms, origin
from service.accounts import cookies, sessions
from service.accounts.people import Person, Role
from service.accounts.sessions import SignIn
from service.db import Database
from service.errors import (
    CrossSiteError,
    DatabaseUnavailableError,
    FreshSignInRequiredError,
    RoleRefusedError,
    ScopeRefusedError,
    SignInRequiredError,
    StaleFormError,
    TokenRefusedError,
    TokenRequiredError,
    UnguardedRouteError,
)

View = TypeVar("View", bound=Callable[..., Any])

_ROW = "hallmark_access"


@dataclass(frozen=True, slots=True)
class Row:
    """What a route asks for: nothing, a token with ``scope``, or a person who is signed in.

    Attributes:
        scope: What the token must be good for.
        needs_session: Whether one must be signed in.
        roles: One of these roles, in any organisation; empty: everybody who is signed in.
        doorstep: For anyone, but it may set the cookie of a sign-in, so forms of other sites are refused.
        max_bytes: How large a form with files may be.
    """

    scope: str | None = None
    needs_session: bool = False
    roles: tuple[Role, ...] = ()
    doorstep: bool = False
    max_bytes: int = forms.BODY_BYTES

    @property
    def is_public(self) -> bool:
        """Whether the page is the same for everybody, and knows no cookie and no token."""
        return self.scope is None and not self.needs_session and not self.doorstep


class Caller(Protocol):
    """Whoever sent a good token (``service.tokens.Token``)."""

    @property
    def id(self) -> str:
        """The token's public name."""

    @property
    def scopes(self) -> frozenset[str]:
        """What it is good for."""


def anyone(view: View) -> View:
    """Let everybody use ``view``; it says nothing that needs a secret."""
    return _mark(view, Row())


def token(scope: str) -> Callable[[View], View]:
    """Let only holders of a token with ``scope`` use the view."""
    return _marker(Row(scope=scope))


def doorstep(view: View) -> View:
    """Let everybody use ``view``, which may sign somebody in or out: forms of other sites are refused."""
    return _mark(view, Row(doorstep=True))


@overload
def signed_in(view: View, /) -> View: ...


@overload
def signed_in(*, max_bytes: int) -> Callable[[View], View]: ...


def signed_in(view: Any = None, /, *, max_bytes: int = forms.BODY_BYTES) -> Any:
    """Let only people who are signed in use the view, whatever their roles."""
    mark = _marker(Row(needs_session=True, max_bytes=max_bytes))
    return mark if view is None else mark(view)


def role(*roles: Role, max_bytes: int = forms.BODY_BYTES) -> Callable[[View], View]:
    """Let only people with one of ``roles`` use the view, in whichever organisation they have it."""
    if not roles:
        raise ValueError("a route for no role is for nobody")
    return _marker(Row(needs_session=True, roles=roles, max_bytes=max_bytes))


def person() -> Person:
    """Return who is signed in; only in views of ``signed_in`` and ``role``."""
    found: Person = g.person
    return found


def somebody() -> Person | None:
    """Return who is signed in, or None; in views of ``doorstep`` too."""
    found: Person | None = g.get("person")
    return found


def sign_in() -> SignIn:
    """Return the session of this request; only in views of ``signed_in`` and ``role``."""
    found: SignIn = g.sign_in
    return found


def require_fresh() -> None:
    """Refuse to go on unless whoever is signed in gave a password or link a short while ago.

    Raises:
        FreshSignInRequiredError: It was too long ago.
    """
    if not sign_in().is_fresh(clock.now()):
        raise FreshSignInRequiredError("For this, please show once more that it is you, then come back.")


def actor() -> str:
    """Return who acts in this request, for audit lines: ``token:<id>``, ``person:<id>``, or ``visitor``."""
    caller: Caller | None = g.get("caller")
    if caller is not None:
        return f"token:{caller.id}"
    found = somebody()
    return f"person:{found.id}" if found else "visitor"


def row_of(app: Flask, endpoint: str | None) -> Row | None:
    """Return the row of the view behind ``endpoint``, or None."""
    return getattr(app.view_functions.get(endpoint or ""), _ROW, None)


def table(app: Flask) -> Iterator[tuple[str, str, Row | None]]:
    """Yield every route with method and row."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule.rule, method, row_of(app, rule.endpoint)


def check(app: Flask) -> None:
    """Refuse to start a service in which a route has no row.

    Raises:
        UnguardedRouteError: Names the routes.
    """
    unguarded = sorted({route for route, _, row in table(app) if row is None})
    if unguarded:
        raise UnguardedRouteError("These routes do not say who may use them: " + ", ".join(unguarded))


def install(app: Flask, *, find: Callable[..., Caller], db: Database, public_url: str) -> None:
    """Check every request by its route's row before its view runs.

    Args:
        app: The service.
        find: ``find(presented, now=…)`` returns the caller behind a token, or raises TokenRefusedError.
        db: Where sessions are kept.
        public_url: The site's own address.
    """
    app.jinja_env.globals.update(
        csrf=_csrf_field, csrf_token=_csrf_token, signed_in_as=somebody, come_back=_come_back
    )

    @app.before_request
    def _guard() -> Any:
        if request.endpoint is None or request.method == "OPTIONS":
            return None  # 404, 405, or a preflight, which is answered without running a view
        row = row_of(app, request.endpoint)
        if row is None:
            raise UnguardedRouteError("This address cannot be used.")
        if row.scope is not None:
            _require_token(row.scope, find)
        if row.is_public or row.scope is not None:
            return None
        _find_session(db, https=public_url.startswith("https://"))
        if row.doorstep:
            _refuse_other_sites(public_url)
            return None
        return _require_session(row, db, public_url)

    @app.after_request
    def _tell(response: Response) -> Response:
        row = row_of(app, request.endpoint)
        if row is not None and (row.needs_session or row.doorstep):
            response.vary.add("Cookie")
            cookies.tell(response, https=public_url.startswith("https://"))
        return response


def _require_token(scope: str, find: Callable[..., Caller]) -> None:
    g.challenge = f'Bearer realm="hallmark", scope="{scope}"'
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not presented:
        raise TokenRequiredError(
            "This needs an access token: send it as “Authorization: Bearer …”.", expected=scope
        )
    try:
        caller = find(presented.strip(), now=clock.now())
    except TokenRefusedError:
        g.challenge += ', error="invalid_token"'
        raise
    if scope not in caller.scopes:
        g.challenge += ', error="insufficient_scope"'
        raise ScopeRefusedError("This access token is not meant for this.", expected=scope)
    g.pop("challenge")
    g.caller = caller


def _find_session(db: Database, *, https: bool) -> None:
    """Put person and session behind the cookie into ``g``, if there are any; renew the id where due."""
    presented = cookies.presented(https=https)
    if presented is None:
        return
    now = clock.now()
    with db.reading() as session:
        found = sessions.find(session, presented, now=now)
    if found is None:
        return
    g.person, g.sign_in = found.person, found.sign_in
    if found.must_renew or found.is_stale:
        # Where nothing can be written at the moment, people can still read.
        with suppress(DatabaseUnavailableError), db.transaction() as session:
            sessions.touch(session, found.sign_in.id, now=now)
            fresh = sessions.renew(session, presented, now=now)
            if fresh is not None:
                cookies.give(fresh)


def _require_session(row: Row, db: Database, public_url: str) -> Any:
    is_safe = request.method in origin.SAFE_METHODS
    if not is_safe:
        _refuse_other_sites(public_url)
    found = somebody()
    if found is None:
        if is_safe and "json" not in request.headers.get("Accept", ""):
            return redirect(f"/sign-in?next={quote(origin.here(), safe='/')}", code=303)
        origin.keep_what_was_typed(public_url)
        raise SignInRequiredError("Your draft is safe. Sign in to go on.")
    if not is_safe:
        _require_csrf(row, public_url)
    if row.roles and not any(found.has(each) for each in row.roles):
        with db.transaction() as session:
            audit.record(
                session,
                actor=actor(),
                action="access.refused",
                subject=f"route:{request.endpoint}",
                detail={"method": request.method},
                now=clock.now(),
            )
        raise RoleRefusedError("Your account does not have the role that this page is for.")
    return None


def _refuse_other_sites(public_url: str) -> None:
    if request.method not in origin.SAFE_METHODS and origin.is_foreign(public_url):
        raise CrossSiteError("A page of another site sent this, so nothing was done.")


def _require_csrf(row: Row, public_url: str) -> None:
    """Compare the token that came with the one of the session."""
    sent = request.headers.get("X-CSRF-Token", "")
    if not sent and forms.is_form():
        sent = forms.field("csrf", max_bytes=row.max_bytes)
    if not hmac.compare_digest(sent.encode(), sign_in().csrf.encode()):
        origin.keep_what_was_typed(public_url)
        raise StaleFormError(
            "This page was open from an earlier sign-in, so it was not taken yet. Nothing you wrote is lost."
        )


def _csrf_field() -> Markup:
    """Return the hidden field that every form of a signed-in page carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(_csrf_token())


def _csrf_token() -> str:
    found: SignIn | None = g.get("sign_in")
    return found.csrf if found else ""


def _come_back() -> str:
    """Return the page to come back to after signing in: this one, or the one that sent the form."""
    return origin.here() if request.method in origin.SAFE_METHODS else origin.before()


def _marker(row: Row) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        return _mark(view, row)

    return decorate


def _mark(view: View, row: Row) -> View:
    setattr(view, _ROW, row)
    return view
