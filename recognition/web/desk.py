# SPDX-License-Identifier: Apache-2.0
"""``/recognizer``: the inbox of claims of one's own organisations.

First what needs a second look because a source fell, then what waits, the longest waiting first, then what
was decided. Another organisation's desk is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request

from recognition.adopting import shelf
from recognition.claiming import claim_list
from recognition.claiming.claim_states import ClaimState
from recognition.office import Office
from recognition.reversing import reversals
from recognition.web import own
from recognition.web.words import WORDS
from service import access, clock, spreadsheet
from service.accounts.people import Role

HOME: Final = "/recognizer"
WORDS_CHARS: Final = 100
REVERSALS: Final = 10  # shown above the claims; all of them have their own page
_Answer = Any


@dataclass(frozen=True, slots=True)
class Filter:
    """Some of the claims: a word for the address, a label, and the states."""

    name: str
    label: str
    states: tuple[ClaimState, ...]


FILTERS: Final = (
    Filter("waiting", "Waiting for you", (ClaimState.SUBMITTED,)),
    Filter("asked", "Asked for more", (ClaimState.NEEDS_MORE,)),
    Filter("entered", "Waiting for consent", (ClaimState.ENTERED,)),
    Filter("approved", "Approved", (ClaimState.APPROVED, ClaimState.USED, ClaimState.REVERSAL_NEEDED)),
    Filter("refused", "Refused", (ClaimState.REFUSED,)),
    Filter("reversed", "Taken back", (ClaimState.REVERSED,)),
)


def blueprint(office: Office) -> Blueprint:
    """Return the routes of the inbox."""
    routes = Blueprint("recognition_desk", __name__)

    @routes.get(HOME)
    @access.role(Role.RECOGNIZER)
    def recognizer_home() -> _Answer:
        mine = own.mine(office, Role.RECOGNIZER)
        if len(mine) == 1:
            return redirect(f"{HOME}/{mine[0].slug}", code=303)
        waiting = {each.slug: claim_list.waiting(office, each.slug) for each in mine}
        return render_template("recognition/desk_choose.html", mine=mine, waiting=waiting)

    @routes.get(f"{HOME}/<slug>")
    @access.role(Role.RECOGNIZER)
    def recognizer_inbox(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.RECOGNIZER)
        chosen, words, now = _filter(), request.args.get("q", "").strip()[:WORDS_CHARS], clock.now()
        found = claim_list.listed(office, slug, chosen.states, words=words)
        fallen = reversals.waiting(office, slug)
        return render_template(
            "recognition/desk.html",
            organisation=organisation,
            mine=own.mine(office, Role.RECOGNIZER),
            found=found,
            chosen=chosen,
            filters=[(each, claim_list.number(found, each.states)) for each in FILTERS],
            words_asked=words,
            fallen=fallen[:REVERSALS],
            fallen_number=len(fallen),
            policies=shelf.adopted(office, slug),
            now=now,
            most=claim_list.PAGE,
            **WORDS,
        )

    @routes.get(f"{HOME}/<slug>/claims.csv")
    @access.role(Role.RECOGNIZER)
    def recognizer_claims_table(slug: str) -> Response:
        own.organisation(office, slug, Role.RECOGNIZER)
        response = make_response(claim_list.file(office, slug))
        response.content_type = spreadsheet.MEDIA_TYPE
        response.headers["Content-Disposition"] = "attachment; filename=claims.csv"
        return response

    return routes


def _filter() -> Filter:
    name = request.args.get("show", "")
    return next((each for each in FILTERS if each.name == name), FILTERS[0])
