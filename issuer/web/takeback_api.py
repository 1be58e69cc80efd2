# SPDX-License-Identifier: Apache-2.0
"""``/takebacks``: taking many credentials back, for programs. A token sees and decides what it tried out.

A takeback is tried out first; nothing changes before ``approval`` names the number of its credentials. More
than SECOND_PERSON within a day wait then for an officer of the organisation, on the page of the takeback: a
token is a program, and two of them may lie in one drawer. DELETE cancels what has not begun and undoes what
has.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, request

from credentials.document import parse
from issuer import profiles
from issuer.errors import TakebackRequestError
from issuer.mint import Mint
from issuer.takeback import looking, results, steps, trial
from issuer.takeback.looking import View
from issuer.takeback.takeback import (
    SECOND_PERSON,
    TakebackState,
)
from issuer.web import many
from issuer.web.many import LIMIT
from issuer.web.takeback import as_table
from issuer.web.takeback_members import (
    APPROVAL,
    FIELDS,
    LINES,
    NEW,
    TAKEBACK,
    TAKEBACKS,
    line_of,
    order,
)
from service import access, clock, forms, idempotency, openapi, paging

STATUS: Final = "status:write"
_PATH: Final = {"id": "The takeback."}
_PAGING: Final = (
    openapi.Parameter("after", "Behind which one to begin."),
    LIMIT,
)
_DECIDED: Final = ("takeback.unknown", "takeback.state")


def blueprint(mint: Mint) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("issuer_takeback_api", __name__)
    _bringing(routes, mint)
    _looking(routes, mint)
    _deciding(routes, mint)
    return routes


def _bringing(routes: Blueprint, mint: Mint) -> None:
    @routes.post("/takebacks")
    @access.token(STATUS)
    @openapi.operation(
        "Try out taking many credentials back",
        tag="Takebacks",
        description="Every line is judged; nothing changes before an approval.",
        request={"application/json": NEW},
        responses={
            201: openapi.Reply("What would happen; see `Location`.", {"application/json": TAKEBACK}),
            202: openapi.Reply(
                "Another request with this key is still trying it out; ask again.",
                {"application/json": TAKEBACK},
            ),
        },
        parameters=(
            openapi.Parameter("Idempotency-Key", "1 to 255 visible ASCII characters of your own.", "header"),
        ),
        problems=(
            "document",
            "request.fields",
            "request.too-large",
            "takeback.request",
            "takeback.state",
            "issuer.unknown",
            "idempotency.key",
            "idempotency.key-reused",
        ),
    )
    def bring() -> Response:
        key, raw = idempotency.key(required=False), forms.read_body()
        body = many.read(NEW, dict(parse(raw).members))
        profiles.get(mint, body["issuer"])
        try:
            found, is_new = trial.try_out(
                mint,
                order(mint, body),
                now=clock.now(),
                actor=access.actor(),
                idempotency_key=key,
                digest=idempotency.fingerprint("POST /takebacks", raw),
            )
        except TakebackRequestError as error:
            error.path = f"/{FIELDS.get(error.path or '', error.path or '')}"
            raise
        head = {} if is_new else dict(idempotency.REPLAYED)
        status = 202 if found.state is TakebackState.TRYING else 201
        return _answer(mint, _view(mint, found.id), status=status, head=head)


def _looking(routes: Blueprint, mint: Mint) -> None:
    @routes.get("/takebacks")
    @access.token(STATUS)
    @openapi.operation(
        "List takebacks",
        tag="Takebacks",
        description="Those that this token has tried out, the latest first.",
        parameters=_PAGING,
        responses={200: openapi.Reply("Takebacks.", {"application/json": TAKEBACKS})},
    )
    def listing() -> Response:
        limit = many.limit()
        found = looking.every(
            mint, None, limit=limit + 1, after=request.args.get("after", "")[:36], made_by=access.actor()
        )
        items = [results.members(mint, _view(mint, each.id), now=clock.now()) for each in found[:limit]]
        here = f"{mint.public_url}/takebacks"
        return many.listed(items, many.following(here, found[limit - 1].id) if len(found) > limit else None)

    @routes.get("/takebacks/<uuid:id>")
    @access.token(STATUS)
    @openapi.operation(
        "Look at a takeback",
        tag="Takebacks",
        path=_PATH,
        responses={200: openapi.Reply("How far it is.", {"application/json": TAKEBACK})},
        problems=("takeback.unknown",),
    )
    def show(id: UUID) -> Response:
        return _answer(mint, _view(mint, id))

    @routes.get("/takebacks/<uuid:id>/lines")
    @access.token(STATUS)
    @openapi.operation(
        "List lines of a takeback",
        tag="Takebacks",
        path=_PATH,
        parameters=(
            openapi.Parameter(
                "show",
                "Only some lines.",
                schema={"type": "string", "enum": [each.name for each in results.SHOWS]},
            ),
            *_PAGING,
        ),
        responses={200: openapi.Reply("Lines in their order.", {"application/json": LINES})},
        problems=("takeback.unknown",),
    )
    def lines(id: UUID) -> Response:
        found, limit = _view(mint, id).takeback, many.limit()
        chosen = results.shown(request.args.get("show", ""))
        some = looking.lines(
            mint,
            found.id,
            states=chosen.states if chosen else None,
            outlooks=chosen.outlooks if chosen else None,
            after=paging.number("after"),
            limit=limit + 1,
        )
        here = f"{results.address(mint, found)}/lines"
        show = chosen.name if chosen else ""
        next = many.following(here, some[limit - 1].number, show=show) if len(some) > limit else None
        return many.listed([line_of(mint, each) for each in some[:limit]], next)

    @routes.get("/takebacks/<uuid:id>/result.csv")
    @access.token(STATUS)
    @openapi.operation(
        "Get all lines of a takeback as CSV",
        tag="Takebacks",
        description="No cell begins like a formula.",
        path=_PATH,
        responses={200: openapi.Reply("The table.", {"text/csv": None})},
        problems=("takeback.unknown",),
    )
    def table(id: UUID) -> Response:
        return as_table(mint, _view(mint, id).takeback, request.args.get("show", ""))


def _deciding(routes: Blueprint, mint: Mint) -> None:
    @routes.post("/takebacks/<uuid:id>/approval")
    @access.token(STATUS)
    @openapi.operation(
        "Start a takeback, or propose it",
        tag="Takebacks",
        description=f"With more than {SECOND_PERSON} credentials within a day, or without the window, it is "
        "proposed, and two people agree at `approve_at`; a token is neither of them.",
        path=_PATH,
        request={"application/json": APPROVAL},
        responses={202: openapi.Reply("It runs, or is proposed.", {"application/json": TAKEBACK})},
        problems=(
            "document",
            "request.fields",
            *_DECIDED,
            "takeback.count",
            "takeback.changed",
            "takeback.second-person",
        ),
    )
    def approve(id: UUID) -> Response:
        members = dict(parse(forms.read_body()).members)
        found, now = _view(mint, id).takeback, clock.now()
        body = many.read(APPROVAL, members)
        decide = steps.approve if found.state is TakebackState.PROPOSED else steps.start
        decide(mint, found.id, number=body["count"], hasten=body["hasten"], actor=access.actor(), now=now)
        return _answer(mint, _view(mint, id), status=202)

    @routes.delete("/takebacks/<uuid:id>")
    @access.token(STATUS)
    @openapi.operation(
        "Cancel or undo a takeback",
        tag="Takebacks",
        description="What has not begun is cancelled. Until `undo_until` all reviews end, and everything is "
        "as before.",
        path=_PATH,
        responses={
            200: openapi.Reply("It is cancelled.", {"application/json": TAKEBACK}),
            202: openapi.Reply("It is being undone.", {"application/json": TAKEBACK}),
        },
        problems=_DECIDED,
    )
    def take_away(id: UUID) -> Response:
        found, now = _view(mint, id).takeback, clock.now()
        is_early = found.state.is_early or found.state is TakebackState.CANCELLED
        (steps.cancel if is_early else steps.undo)(mint, found.id, actor=access.actor(), now=now)
        return _answer(mint, _view(mint, id), status=200 if is_early else 202)

    @routes.delete("/takebacks/<uuid:id>/lines/<int:number>")
    @access.token(STATUS)
    @openapi.operation(
        "Undo one line of a takeback",
        tag="Takebacks",
        path={**_PATH, "number": "The line."},
        responses={200: openapi.Reply("It is let go.", {"application/json": TAKEBACK})},
        problems=_DECIDED,
    )
    def take_line_away(id: UUID, number: int) -> Response:
        found = _view(mint, id).takeback
        steps.undo_line(mint, found.id, number, actor=access.actor(), now=clock.now())
        return _answer(mint, _view(mint, id))


def _view(mint: Mint, id: UUID | str) -> View:
    return looking.view(mint, str(id), organisations=None, now=clock.now(), made_by=access.actor())


def _answer(mint: Mint, view: View, *, status: int = 200, head: dict[str, str] | None = None) -> Response:
    state = view.takeback.state
    return many.answer(
        results.members(mint, view, now=clock.now()),
        here=results.address(mint, view.takeback),
        goes_on=state.is_working or state is TakebackState.TRYING,
        status=status,
        head=head,
    )
