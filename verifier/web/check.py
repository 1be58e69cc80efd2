# SPDX-License-Identifier: Apache-2.0
"""``/verify``: the form, the shareable check, and the answer as a page or as JSON, by ``Accept``.

Every verdict is an answer (200). Only what is no credential at all is a problem; a person gets the form
back then, with everything that was typed. Where several credentials were found in one thing, the answer is a
batch; a PD certificate and the award behind it are one answer (``verifier.paper``). No cookie, no script, no
account. Whose it should be is never in an address, and in no log.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request

from credentials.errors import HallmarkError
from service import access, clock, forms, headers, openapi, qr, ratelimit, text
from service.negotiate import wants_html
from service.problems import Problems
from verifier import api, batching, issuer_lists
from verifier import paper as papers
from verifier.api import Question
from verifier.asked import NOTHING, Asked
from verifier.bureau import Bureau
from verifier.paper import Behind
from verifier.report import Report
from verifier.web import batches

_ANSWER = openapi.Reply("The verdict, and every check.", {"application/json": api.ANSWER, "text/html": None})
_PROBLEMS = (
    "credential.none",
    "credential.just-a-picture",
    "credential.unsupported-file",
    "source.address",
    "asked.cycle",
    "credential.damaged-file",
    "credential.too-much",
    "credential.nothing-inside",
    "document",
    "document.too-large",
    "jwt.form",
    "baking",
    "request.too-large",
)
_DAY = {"type": "string", "format": "date"}
_CANONICAL = openapi.Parameter(
    "canonical", "`1` adds the canonical form to the details, if it is not too long."
)
QR_CHARS = 600  # characters; a code with more has modules too small for a phone and paper
BUSY = HTTPStatus.SERVICE_UNAVAILABLE


def blueprint(bureau: Bureau, problems: Problems) -> Blueprint:
    """Return the routes of this room."""
    routes = Blueprint("verifier", __name__)
    answers = _Answers(bureau, problems)
    _asking(routes, answers)
    _bringing(routes, answers)
    return routes


def _asking(routes: Blueprint, answers: _Answers) -> None:
    @routes.get("/verify")
    @access.anyone
    @headers.cross_origin
    @openapi.operation(
        "Check the credential at an address",
        tag="Verify",
        description="Without `url` it answers with the form. Whose it should be is asked by POST only, so "
        "that nobody's name or address stands in a link.",
        parameters=(
            openapi.Parameter("url", "Where the credential stands."),
            openapi.Parameter("list", "Short name of a list of issuers to compare with."),
            openapi.Parameter("from", "First day on which it should have been earned.", schema=_DAY),
            openapi.Parameter("until", "Last day on which it should have been earned.", schema=_DAY),
            _CANONICAL,
        ),
        responses={200: _ANSWER},
        problems=_PROBLEMS,
    )
    @ratelimit.limited
    def form() -> Response:
        url = request.args.get("url", "").strip()
        if not url:
            return answers.form(_typed_in_address())
        try:
            return answers.to(api.about_url(url, api.asked_in_address()))
        except HallmarkError as error:
            if not answers.can_type_again(error):
                raise
            return answers.form(_typed_in_address(), error)


def _bringing(routes: Blueprint, answers: _Answers) -> None:
    @routes.post("/verify")
    @access.anyone
    @openapi.operation(
        "Check a credential",
        tag="Verify",
        description="Every verdict is an answer (200); only what is no credential at all is a problem. "
        "Several credentials in one thing become a batch (303), with a row for each.",
        parameters=(_CANONICAL,),
        request=api.REQUEST,
        responses={200: _ANSWER, 303: openapi.Reply("The batch of what was found.")},
        problems=_PROBLEMS,
    )
    @headers.cross_origin
    @ratelimit.limited
    def verify() -> Response:
        try:
            return answers.to(api.read_question())
        except HallmarkError as error:
            if not (api.is_form() and answers.can_type_again(error)):
                raise
            return answers.form(_typed(), error)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What is answered: one thing with a page or JSON, several with a batch, nothing with the form."""

    bureau: Bureau
    problems: Problems

    def to(self, question: Question) -> Response:
        """Answer a question, each at the time at which it is asked."""
        now, asked = clock.now(), question.asked
        paper = papers.folded(question.claims)
        if len(question.claims) > 1 and paper is None:
            return self._batch(question, now=now)
        # A list that is not there is said before anybody is asked for anything.
        claim, list_title = question.claims[0] if paper is None else paper[0], self._title_of(asked)
        report = self.bureau.desk.look_at(claim, now=now, asked=asked)
        behind = papers.look_behind(self.bureau.desk, paper[1], now=now) if paper is not None else None
        if behind is None and (behind := papers.recognised_by(self.bureau.desk, report, now=now)) is not None:
            report = papers.told(report, behind)
        if _wants_json():
            return _json(report, behind)
        again = api.address_again(claim.url, asked) if claim.url is not None else None
        page = render_template(
            "verifier/answer.html",
            report=report,
            behind=behind,
            behind_again=api.address_again(behind.url, NOTHING) if behind is not None else None,
            source=claim.url or question.label or None,
            place=claim.place if claim.place and claim.url is None else None,
            url=claim.url,
            repeat=again,
            resend=api.fields_again(claim, asked),
            qr_code=_qr_code(self.bureau.public_url + again) if again is not None else None,
            list_title=list_title,
            lists=issuer_lists.choices(self.bureau),
        )
        return _page(page)

    def form(self, typed: dict[str, str], error: HallmarkError | None = None) -> Response:
        """Show the form with what was typed, and what was wrong with it."""
        problem, status = None, 200
        if error is not None:
            row = self.problems.row(error)
            problem, status = {"title": row.title, "detail": error.message}, row.status
        page = render_template(
            "verifier/form.html", problem=problem, typed=typed, lists=issuer_lists.choices(self.bureau)
        )
        return _page(page, status=status)

    def can_type_again(self, error: HallmarkError) -> bool:
        """Tell whether a person gets the form back: always, unless our side is broken for good."""
        status = self.problems.row(error).status
        return wants_html() and (status < HTTPStatus.INTERNAL_SERVER_ERROR or status == BUSY)

    def _batch(self, question: Question, *, now: datetime) -> Response:
        label = question.label or text.count(len(question.claims), "credential")
        ratelimit.spend(batches.RATE, scope=batches.SCOPE)
        batch = batching.open(
            self.bureau,
            question.claims,
            asked=question.asked,
            label=label,
            now=now,
            opener=batches.opener(),
        )
        return _fresh(make_response(redirect(f"/verify/batches/{batch}", code=HTTPStatus.SEE_OTHER)))

    def _title_of(self, asked: Asked) -> str | None:
        if asked.issuers is None:
            return None
        return self.bureau.desk.against(asked.issuers).registry.title


def _typed() -> dict[str, str]:
    """Return what stood in the form's fields, if the form can be read at all."""
    try:
        form = forms.read_form(max_bytes=api.BODY_BYTES)
    except HallmarkError:
        return {}
    names = ("recipient", "list", "cycle_from", "cycle_until")
    return {"text": form.text("text") or form.text("url"), **{name: form.text(name) for name in names}}


def _typed_in_address() -> dict[str, str]:
    fields = {"text": "url", "list": "list", "cycle_from": "from", "cycle_until": "until"}
    return {field: request.args.get(name, "").strip() for field, name in fields.items()}


def _qr_code(link: str) -> str | None:
    """Return a picture of ``link`` for a printed answer, as a data URL; None for what is too long for one."""
    if len(link) > QR_CHARS:
        return None
    return "data:image/svg+xml;base64," + base64.b64encode(qr.svg(link)).decode("ascii")


def _wants_json() -> bool:
    """Tell whether data is wanted: by ``Accept``, or by the button that downloads it."""
    return not wants_html() or _downloads()


def _downloads() -> bool:
    if request.method == "GET":
        return request.args.get("answer") == "json"
    return api.is_form() and forms.field("answer", max_bytes=api.BODY_BYTES) == "json"


def _json(report: Report, behind: Behind | None = None) -> Response:
    members = report.to_json(canonical=request.args.get("canonical") == "1")
    if behind is not None:
        members["about"] = behind.to_json()
    response = make_response(json.dumps(members, ensure_ascii=False) + "\n")
    response.content_type = "application/json"
    if _downloads():
        response.headers["Content-Disposition"] = "attachment; filename=answer.json"
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
