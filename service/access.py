# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the row stands beside the route; no row, no entry.

::

    @blueprint.get("/things/<id>")
    @access.anyone
    def show(id: str) -> Response: ...

    @blueprint.post("/things")
    @access.token("things:write")
    def create() -> Response: ...

``check`` makes a service with an unguarded route fail to start; ``install`` checks each request by its row,
and refuses where there is none. That an object belongs to whoever asks is the matter of the view, which
answers 404 for somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flask import Flask, g, request

from service import clock
from service.errors import ScopeRefusedError, TokenRefusedError, TokenRequiredError, UnguardedRouteError

View = TypeVar("View", bound=Callable[..., Any])

_ROW = "hallmark_access"


@dataclass(frozen=True, slots=True)
class Row:
    """What a route asks for: nothing (``scope`` None), or a token with this scope."""

    scope: str | None = None


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

    def decorate(view: View) -> View:
        return _mark(view, Row(scope=scope))

    return decorate


def actor() -> str:
    """Return who acts in this request, for audit lines: ``token:<id>``, or ``visitor``."""
    caller: Caller | None = g.get("caller")
    return f"token:{caller.id}" if caller else "visitor"


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


def install(app: Flask, *, find: Callable[..., Caller]) -> None:
    """Check every request by its route's row before its view runs.

    Args:
        app: The service.
        find: ``find(presented, now=…)`` returns the caller behind a token, or raises TokenRefusedError.
    """

    @app.before_request
    def _guard() -> None:
        if request.endpoint is None or request.method == "OPTIONS":
            return  # 404, 405, or a preflight, which is answered without running a view
        row = row_of(app, request.endpoint)
        if row is None:
            raise UnguardedRouteError("This address cannot be used.")
        if row.scope is None:
            return
        g.challenge = f'Bearer realm="hallmark", scope="{row.scope}"'
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not presented:
            raise TokenRequiredError(
                "This needs an access token: send it as “Authorization: Bearer …”.", expected=row.scope
            )
        try:
            caller = find(presented.strip(), now=clock.now())
        except TokenRefusedError:
            g.challenge += ', error="invalid_token"'
            raise
        if row.scope not in caller.scopes:
            g.challenge += ', error="insufficient_scope"'
            raise ScopeRefusedError("This access token is not meant for this.", expected=row.scope)
        g.pop("challenge")
        g.caller = caller


def _mark(view: View, row: Row) -> View:
    setattr(view, _ROW, row)
    return view
