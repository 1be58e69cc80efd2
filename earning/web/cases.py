# SPDX-License-Identifier: Apache-2.0
"""The managers' pages of cases: the list, one case, notice, closing, and the committee's vote.

The words are calm, and nothing here is a verdict but a vote. Cases of other programmes answer 404.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request

from earning.errors import CaseError, ReviewFieldError, TransitionError
from earning.programme import Programme
from earning.review import case_files, cases
from earning.web.reviews import page, send_file
from service import access, clock, forms
from service.accounts.people import Role

_NOTICES: Final = {
    "noticed": "The educator was told, and has time to answer.",
    "closed": "The case is closed.",
    "denied": "The case is closed with the committee's vote, and the educator was told.",
}


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of cases."""
    routes = Blueprint("earning_cases", __name__)

    @routes.get("/manage/cases")
    @access.role(Role.MANAGER)
    def listing() -> Response:
        found = cases.every(programme, access.person())
        return page(render_template("earning/cases.html", cases=found, now=clock.now()))

    @routes.get("/manage/cases/<id>")
    @access.role(Role.MANAGER)
    def show(id: str) -> Response:
        return _page(programme, id)

    @routes.get("/manage/cases/<id>/artefacts/<artefact>")
    @access.role(Role.MANAGER)
    def evidence(id: str, artefact: str) -> Response:
        return send_file(*case_files.file(programme, access.person(), id, artefact, now=clock.now()))

    @routes.post("/manage/cases/<id>/notice")
    @access.role(Role.MANAGER)
    def notice(id: str) -> Any:
        words = forms.read_form().text("words")
        try:
            cases.notify(programme, access.person(), id, words=words, now=clock.now())
        except (ReviewFieldError, CaseError) as error:
            return _page(programme, id, problem=error.message, typed=words)
        return redirect(f"/manage/cases/{id}?done=noticed", code=303)

    @routes.post("/manage/cases/<id>/close")
    @access.role(Role.MANAGER)
    def close(id: str) -> Any:
        form = forms.read_form()
        try:
            cases.close(
                programme,
                access.person(),
                id,
                outcome=form.text("outcome"),
                restore=form.text("restore") == "yes",
                now=clock.now(),
            )
        except (ReviewFieldError, CaseError) as error:
            return _page(programme, id, problem=error.message, typed=form.text("outcome"))
        return redirect(f"/manage/cases/{id}?done=closed", code=303)

    @routes.post("/manage/cases/<id>/deny")
    @access.role(Role.MANAGER)
    def deny(id: str) -> Any:
        form = forms.read_form()
        votes = (_number(form.text("for")), _number(form.text("against")), _number(form.text("abstained")))
        try:
            cases.deny(
                programme, access.person(), id, votes=votes, outcome=form.text("outcome"), now=clock.now()
            )
        except (ReviewFieldError, CaseError, TransitionError) as error:
            return _page(programme, id, problem=error.message, typed=form.text("outcome"))
        return redirect(f"/manage/cases/{id}?done=denied", code=303)

    return routes


def _page(programme: Programme, id: str, *, problem: str = "", typed: str = "") -> Response:
    found = case_files.look(programme, access.person(), id)
    body = render_template(
        "earning/case.html",
        case=found.case,
        author=found.author,
        reviewer=found.reviewer,
        evidence=found.evidence,
        answers=found.answers,
        can_vote_from=found.can_vote_from,
        problem=problem,
        typed=typed,
        done=_NOTICES.get(request.args.get("done", "")),
        now=clock.now(),
        base=f"/manage/cases/{id}/artefacts",
    )
    return page(body, status=409 if problem else 200)


def _number(text: str) -> int:
    """Return a count of votes; what is none counts as minus one, which no rule takes."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else -1
