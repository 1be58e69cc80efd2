# SPDX-License-Identifier: Apache-2.0
"""``/taking-back``: taking many credentials back, for officers of an issuing organisation.

One page for each takeback, whatever its state: the dry run, waiting for a second person, going on, the window
in which it can be undone, the end. What belongs to an organisation in which somebody is no officer is not
there for them. Starting and agreeing ask for a fresh sign-in; undoing does not, it is the harmless direction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request

from credentials.digests import sha256_hex
from credentials.errors import HallmarkError
from issuer import achievements, actors, profiles
from issuer.bulk import desk
from issuer.errors import (
    TakebackChangedError,
    TakebackCountError,
    TakebackRequestError,
    TakebackSecondPersonError,
    TakebackStateError,
)
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.revocation import SENTENCES
from issuer.takeback import looking, ordering, reading, results, steps, trial
from issuer.takeback.looking import View
from issuer.takeback.results import Shown
from issuer.takeback.takeback import AT_ONCE, OUTLOOKS, PAGES, SECOND_PERSON, LineState, Takeback
from issuer.web import many
from service import access, clock, forms, paging
from service.accounts.people import Role
from service.errors import FreshSignInRequiredError, SpreadsheetError

HOME: Final = PAGES
LISTED: Final = 25  # takebacks on one page of the list
PAGE_LINES: Final = 100
TICKED: Final = 100  # credentials of one page of a result
UPLOAD_BYTES: Final = reading.FILE_BYTES + forms.FORM_BYTES
_FIELDS: Final = ("bulk", "achievement", "label", "public_reason", "note")
_ASKED_AGAIN: Final = (
    FreshSignInRequiredError,
    TakebackChangedError,
    TakebackCountError,
    TakebackSecondPersonError,
    TakebackStateError,
)
_Answer = Any


def blueprint(mint: Mint) -> Blueprint:
    """Return the routes of taking back many."""
    routes = Blueprint("issuer_takeback", __name__)
    _bringing(routes, mint)
    _looking(routes, mint)
    _deciding(routes, mint)
    return routes


def _bringing(routes: Blueprint, mint: Mint) -> None:
    def form_page(error: HallmarkError | None = None, typed: Mapping[str, str] | None = None) -> str:
        own = many.own()
        return render_template(
            "issuer/takeback_new.html",
            issuers=_issuers(mint),
            versions=[each for each in achievements.every(mint) if each.issuer in own],
            reasons=ordering.REASON_WORDS,
            error=error,
            typed=typed or {"tells": "yes"},
            once=str(uuid.uuid4()),
            listed=reading.LISTED,
            bytes_max=reading.FILE_BYTES,
            alone=SECOND_PERSON,
        )

    @routes.get(HOME)
    @access.role(Role.OFFICER)
    def takebacks() -> _Answer:
        found = looking.every(mint, many.own(), limit=LISTED + 1, after=request.args.get("after", "")[:36])
        return render_template(
            "issuer/takebacks.html",
            takebacks=found[:LISTED],
            next=found[LISTED - 1].id if len(found) > LISTED else "",
            names=looking.names(mint, found),
            me=access.actor(),
            now=clock.now(),
        )

    @routes.get(f"{HOME}/new")
    @access.role(Role.OFFICER)
    def takeback_form() -> _Answer:
        asked = {name: request.args.get(name, "")[:60] for name in ("issuer", "bulk", "achievement")}
        ticked = [each for each in request.args.getlist("key")[:TICKED] if reading.Name(0, each).key]
        links = "\n".join(credential_url(mint, key) for key in dict.fromkeys(ticked))
        return form_page(typed={"tells": "yes", **asked, "list": links})

    @routes.post(f"{HOME}/new")
    @access.role(Role.OFFICER, max_bytes=UPLOAD_BYTES)
    def takeback_try() -> _Answer:
        form = forms.read_form(UPLOAD_BYTES)
        now = clock.now()
        try:
            order = ordering.order(
                mint,
                organisation=_organisation(mint, form.text("issuer")),
                reason=form.text("reason"),
                names=_names_of(form),
                first=ordering.day(form.text("since"), "since"),
                last=ordering.day(form.text("until"), "until"),
                tells=form.text("tells") == "yes",
                **{name: form.text(name) for name in _FIELDS},
            )
            found, _ = trial.try_out(mint, order, now=now, actor=access.actor(), idempotency_key=_once(form))
        except (TakebackRequestError, SpreadsheetError) as error:
            error.path = error.path or "list"
            return form_page(error, form.fields), 422
        except TakebackStateError as error:  # cancelled by another hand meanwhile
            return form_page(error, form.fields), 409
        return redirect(f"{HOME}/{found.id}", code=303)


def _looking(routes: Blueprint, mint: Mint) -> None:
    @routes.get(f"{HOME}/<uuid:id>")
    @access.role(Role.OFFICER)
    def takeback(id: UUID) -> _Answer:
        return _page(mint, _view(mint, id))

    @routes.get(f"{HOME}/<uuid:id>.csv")
    @access.role(Role.OFFICER)
    def takeback_table(id: UUID) -> Response:
        return as_table(mint, _view(mint, id).takeback, request.args.get("show", ""))


def _deciding(routes: Blueprint, mint: Mint) -> None:
    def decide(
        id: UUID, act: Callable[[Takeback, forms.Form], object], *, fresh: bool, back: str = ""
    ) -> _Answer:
        found = _view(mint, id)
        form = forms.read_form()
        try:
            if fresh:
                access.require_fresh()
            act(found.takeback, form)
        except _ASKED_AGAIN as error:
            status = 403 if isinstance(error, FreshSignInRequiredError) else 409
            return _page(mint, _view(mint, id), error, form.fields), status
        return redirect(f"{HOME}/{id}{back}", code=303)

    @routes.post(f"{HOME}/<uuid:id>/start")
    @access.role(Role.OFFICER)
    def takeback_start(id: UUID) -> _Answer:
        def act(found: Takeback, form: forms.Form) -> object:
            return steps.start(mint, found.id, **_typed(form))

        return decide(id, act, fresh=True)

    @routes.post(f"{HOME}/<uuid:id>/approve")
    @access.role(Role.OFFICER)
    def takeback_approve(id: UUID) -> _Answer:
        def act(found: Takeback, form: forms.Form) -> object:
            return steps.approve(mint, found.id, **_typed(form))

        return decide(id, act, fresh=True)

    @routes.post(f"{HOME}/<uuid:id>/hasten")
    @access.role(Role.OFFICER)
    def takeback_hasten(id: UUID) -> _Answer:
        def act(found: Takeback, form: forms.Form) -> object:
            words = form.text("hasten") or "nothing"
            return steps.hasten(mint, found.id, words=words, actor=access.actor(), now=clock.now())

        return decide(id, act, fresh=True)

    @routes.post(f"{HOME}/<uuid:id>/cancel")
    @access.role(Role.OFFICER)
    def takeback_cancel(id: UUID) -> _Answer:
        def act(found: Takeback, _form: forms.Form) -> object:
            return steps.cancel(mint, found.id, actor=access.actor(), now=clock.now())

        return decide(id, act, fresh=False)

    @routes.post(f"{HOME}/<uuid:id>/undo")
    @access.role(Role.OFFICER)
    def takeback_undo(id: UUID) -> _Answer:
        def act(found: Takeback, _form: forms.Form) -> object:
            return steps.undo(mint, found.id, actor=access.actor(), now=clock.now())

        return decide(id, act, fresh=False)

    @routes.post(f"{HOME}/<uuid:id>/lines/<int:number>/undo")
    @access.role(Role.OFFICER)
    def takeback_undo_line(id: UUID, number: int) -> _Answer:
        def act(found: Takeback, _form: forms.Form) -> object:
            return steps.undo_line(mint, found.id, number, actor=access.actor(), now=clock.now())

        shown, after = results.shown(request.args.get("show", "")), paging.number("after")
        asked = {"show": shown.name if shown else "", "after": str(after) if after else ""}
        query = urlencode({name: text for name, text in asked.items() if text})
        return decide(id, act, fresh=False, back=f"?{query}#rows-title" if query else "")


def as_table(mint: Mint, takeback: Takeback, show: str) -> Response:
    """Return lines of a takeback as a file, written while it is sent."""
    chosen = results.shown(show)
    name = f"taking-back-{chosen.name if chosen else 'all'}-{takeback.id[:8]}.csv"
    return many.table(results.table(mint, takeback, chosen), name)


def _page(
    mint: Mint, view: View, error: HallmarkError | None = None, typed: Mapping[str, str] | None = None
) -> str:
    found, now, actor = view.takeback, clock.now(), access.actor()
    filters = results.numbers(mint, view)
    chosen, after = _chosen(found, filters), paging.number("after")
    some = looking.lines(
        mint, found.id, states=chosen.states, outlooks=chosen.outlooks, after=after, limit=PAGE_LINES + 1
    )
    return render_template(
        "issuer/takeback.html",
        view=view,
        takeback=found,
        issuer=profiles.get(mint, found.organisation).profile,
        public=found.public_reason or SENTENCES.get(found.reason, ""),
        error=error,
        typed=typed or {},
        lines=[(line, results.link(mint, line), results.sentence(line)) for line in some[:PAGE_LINES]],
        awards=looking.awards(mint, found, some),
        next=some[PAGE_LINES - 1].number if len(some) > PAGE_LINES else 0,
        is_first=after == 0,
        after=after,
        chosen=chosen,
        filters=filters,
        names=looking.names(mint, [found]),
        others=[each.name for each in looking.others(mint, found, actor)],
        me=actor,
        is_fresh=access.sign_in().is_fresh(now),
        is_trial=results.is_trial(found),
        can_undo=found.can_undo(now),
        waits_for_two=not actors.is_person(found.proposed_by),
        can_undo_line=(LineState.WAITING, LineState.SUSPENDED),
        words_of=results.WORDS,
        outlooks=OUTLOOKS,
        reasons=ordering.REASON_WORDS,
        at_once=AT_ONCE,
        alone=SECOND_PERSON,
        now=now,
    )


def _chosen(found: Takeback, filters: Sequence[tuple[Shown, int]]) -> Shown:
    """Return which lines are shown: those that were asked for, else the ones that need a look now."""
    first = results.first(found)
    there = next((each for each, _ in filters if each.name == first), None)
    return (
        results.shown(request.args.get("show", ""))
        or there
        or (filters[0][0] if filters else results.SHOWS[-1])
    )


def _typed(form: forms.Form) -> dict[str, Any]:
    """Return what whoever confirms has typed, who it is, and when."""
    return {
        "number": desk.number(form.text("count")),
        "hasten": form.text("hasten"),
        "actor": access.actor(),
        "now": clock.now(),
    }


def _names_of(form: forms.Form) -> tuple[reading.Name, ...]:
    """Return the names of the list that was pasted or uploaded; none if neither was."""
    upload, pasted = form.files.get("file"), form.text("list")
    if upload is not None and pasted:
        raise TakebackRequestError("Paste a list or choose a file: one of both.", path="list")
    if upload is not None:
        return reading.read(upload.body)
    return reading.read(pasted.encode("utf-8")) if pasted else ()


def _once(form: forms.Form) -> str | None:
    """Return the name of this form with what stands in it, so that pressing twice tries it out once."""
    upload, once = form.files.get("file"), form.text("once")[:36]
    said = repr(sorted(form.fields.items())).encode("utf-8") + (upload.body if upload is not None else b"")
    return f"{once}:{sha256_hex(said)}" if once else None


def _organisation(mint: Mint, said: str) -> str:
    """Return the organisation that is meant: one's own."""
    own = {each.slug for each in _issuers(mint)}
    slug = said or (next(iter(own)) if len(own) == 1 else "")
    if slug not in own:
        raise TakebackRequestError("Choose whose credentials these are.", path="issuer")
    return slug


def _issuers(mint: Mint) -> list[profiles.Issuer]:
    """Return those of one's own organisations that award something."""
    return [each for each in profiles.every(mint) if each.slug in many.own() and not each.profile.recognizer]


def _view(mint: Mint, id: UUID) -> View:
    """Return a takeback of one's own organisations."""
    return looking.view(mint, str(id), organisations=many.own(), now=clock.now())
