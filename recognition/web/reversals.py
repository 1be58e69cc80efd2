# SPDX-License-Identifier: Apache-2.0
"""The recognizer's page of recognitions whose source fell: see what it means, keep it, or take it back.

Everything is found through the organisations in which whoever asks is a recognizer; another one's lines are
not there. Nothing here happens by itself: each change is a form with a reason.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request

from recognition.errors import ClaimStateError, RecognitionFieldError
from recognition.office import Office
from recognition.reversing import fall, reversals
from recognition.web import own
from service import access, clock, forms, ratelimit
from service.accounts.organisations import Organisation
from service.accounts.people import Role

HOME: Final = "/recognizer/<slug>/reversals"
UNCHECKED_SHOWN: Final = 50  # lines without an answer that are named
_Answer = Any


def blueprint(office: Office) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("recognition_reversals", __name__)
    _looking(routes, office)
    _deciding(routes, office)
    return routes


def _looking(routes: Blueprint, office: Office) -> None:
    @routes.get(HOME)
    @access.role(Role.RECOGNIZER)
    def recognizer_reversals(slug: str) -> _Answer:
        organisation = _own(office, slug)
        unchecked = reversals.unchecked(office, slug, now=clock.now())
        return render_template(
            "recognition/reversals.html",
            organisation=organisation,
            waiting=reversals.waiting(office, slug),
            settled=reversals.settled(office, slug),
            unchecked=unchecked[:UNCHECKED_SHOWN],
            unchecked_number=len(unchecked),
            unchecked_days=reversals.UNCHECKED.days,
            told=fall.WORDS,
            done=request.args.get("done", ""),
        )

    @routes.get(f"{HOME}/<id>")
    @access.role(Role.RECOGNIZER)
    def recognizer_reversal(slug: str, id: str) -> _Answer:
        organisation = _own(office, slug)
        newer = reversals.current(office, slug, id)
        if newer != id:
            return redirect(f"/recognizer/{slug}/reversals/{newer}", code=303)
        return _page(office, organisation, id)

    @routes.post(f"{HOME}/<id>/look")
    @access.role(Role.RECOGNIZER)
    @ratelimit.limited
    def recognizer_reversal_look(slug: str, id: str) -> _Answer:
        _own(office, slug)
        answered = reversals.look_again(office, slug, id, now=clock.now())
        if reversals.is_fallen(office, slug, id):
            done = "looked" if answered else "unanswered"
            return redirect(f"/recognizer/{slug}/reversals/{id}?done={done}", code=303)
        return redirect(f"/recognizer/{slug}/reversals?done=stands", code=303)


def _deciding(routes: Blueprint, office: Office) -> None:
    def decide(slug: str, id: str, *, takes_back: bool) -> _Answer:
        organisation = _own(office, slug)
        reason = forms.read_form().text("reason")
        step = reversals.reverse if takes_back else reversals.keep
        try:
            step(office, slug, id, reason=reason, actor=access.actor(), now=clock.now())
        except RecognitionFieldError as error:
            wrong = "reverse" if takes_back else "keep"
            return _page(office, organisation, id, error=error, wrong=wrong, reason=reason), 422
        except ClaimStateError as error:
            if not reversals.is_fallen(office, slug, id):
                raise
            return _page(office, organisation, id, error=error), 409
        done = "reversed" if takes_back else "kept"
        return redirect(f"/recognizer/{slug}/reversals?done={done}", code=303)

    @routes.post(f"{HOME}/<id>/keep")
    @access.role(Role.RECOGNIZER)
    def recognizer_reversal_keep(slug: str, id: str) -> _Answer:
        return decide(slug, id, takes_back=False)

    @routes.post(f"{HOME}/<id>/reverse")
    @access.role(Role.RECOGNIZER)
    def recognizer_reversal_reverse(slug: str, id: str) -> _Answer:
        return decide(slug, id, takes_back=True)


def _own(office: Office, slug: str) -> Organisation:
    return own.organisation(office, slug, Role.RECOGNIZER)


def _page(
    office: Office,
    organisation: Organisation,
    id: str,
    *,
    error: Exception | None = None,
    wrong: str = "",
    reason: str = "",
) -> str:
    return render_template(
        "recognition/reversal.html",
        organisation=organisation,
        case=reversals.case(office, organisation.slug, id),
        told=fall.WORDS,
        id=id,
        error=error,
        wrong=wrong,
        reason_typed=reason,
        done=request.args.get("done", ""),
    )
