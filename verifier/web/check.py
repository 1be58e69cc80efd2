# SPDX-License-Identifier: Apache-2.0
"""``/verify``: the form, the shareable check, and the answer as a page or as JSON, by ``Accept``.

Every verdict is an answer (200). Only what is no credential at all is a problem; a person gets the form
back then, with everything that was typed. No cookie, no script, no account.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response, render_template, request

from credentials.errors import HallmarkError
from service import access, clock, forms, headers, openapi, ratelimit
from service.negotiate import wants_html
from service.problems import Problems
from verifier import api
from verifier.api import Question
from verifier.asked import Asked
from verifier.bureau import Bureau
from verifier.report import Report

_ANSWER = openapi.Reply("The verdict, and every check.", {"application/json": api.ANSWER, "text/html": None})
_PROBLEMS = (
    "credential.none",
    "credential.just-a-picture",
    "credential.unsupported-file",
    "source.address",
    "document",
    "document.too-large",
    "jwt.form",
    "baking",
    "request.too-large",
)


def blueprint(bureau: Bureau, problems: Problems) -> Blueprint:
    """Return the routes of this room."""
    routes = Blueprint("verifier", __name__)

    def answer(question: Question) -> Response:
        desk, now, asked = bureau.desk, clock.now(), Asked(recipient=question.recipient)
        if question.presented is not None:
            report = desk.look(question.presented, now=now, asked=asked)
        else:
            report = desk.look_at_url(question.url or "", now=now, asked=asked)
        return _tell(report, source=question.source)

    def form_again(error: HallmarkError, typed: dict[str, str]) -> Response:
        row = problems.row(error)
        page = render_template(
            "verifier/form.html", problem={"title": row.title, "detail": error.message}, typed=typed
        )
        return _page(page, status=row.status)

    @routes.get("/verify")
    @access.anyone
    @headers.cross_origin
    @openapi.operation(
        "Check the credential at an address",
        tag="Verify",
        description="Without `url` it answers with the form.",
        parameters=(openapi.Parameter("url", "Where the credential stands."),),
        responses={200: _ANSWER},
        problems=_PROBLEMS,
    )
    @ratelimit.limited
    def form() -> Response:
        url = request.args.get("url", "").strip()
        if not url:
            return _page(render_template("verifier/form.html", problem=None, typed={}))
        try:
            return answer(Question(url=url, source=url))
        except HallmarkError as error:
            if not wants_html() or problems.row(error).status >= 500:
                raise
            return form_again(error, {"text": url})

    @routes.post("/verify")
    @access.anyone
    @openapi.operation(
        "Check a credential",
        tag="Verify",
        description="Every verdict is an answer (200); only what is no credential at all is a problem.",
        request=api.REQUEST,
        responses={200: _ANSWER},
        problems=_PROBLEMS,
    )
    @headers.cross_origin
    @ratelimit.limited
    def verify() -> Response:
        try:
            return answer(api.read_question())
        except HallmarkError as error:
            if not (api.is_form() and wants_html()) or problems.row(error).status >= 500:
                raise
            return form_again(error, _typed())

    return routes


def _typed() -> dict[str, str]:
    """Return what stood in the form's fields, if the form can be read at all."""
    try:
        form = forms.read_form(max_bytes=api.BODY_BYTES)
    except HallmarkError:
        return {}
    return {"text": form.text("text") or form.text("url"), "recipient": form.text("recipient")}


def _tell(report: Report, *, source: str | None) -> Response:
    if wants_html():
        return _page(render_template("verifier/answer.html", report=report, source=source))
    response = make_response(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
    response.content_type = "application/json"
    return _fresh(response)


def _page(html: str, *, status: int = 200) -> Response:
    response = make_response(html, status)
    response.content_type = "text/html; charset=utf-8"
    return _fresh(response)


def _fresh(response: Response) -> Response:
    """A verdict is of this moment: nobody keeps it."""
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
