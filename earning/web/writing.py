# SPDX-License-Identifier: Apache-2.0
"""The workspace: writing, saving while somebody writes, sending in, and the feedback.

A field for the place ``part-1/context`` is called ``a:part-1/context``; beside it ``r:…`` holds the revision
that the page had shown, and ``d:…`` a digest of the text, so that what was not touched is no conflict.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from credentials.errors import HallmarkError
from earning.errors import IncompleteError, TimeOverError, TransitionError, WorkChangedError, WorkFieldError
from earning.programme import Programme
from earning.web.desk import data, go, page, values
from earning.work import drafting, evidence, publishing, sending, telling, workspace
from earning.work.drafting import Conflict, Saved, Written
from earning.work.feedback import offers_help
from earning.work.submissions import PUBLIC, Statements, anchor, content, read_content, words
from earning.work.work import Workplace, workplace
from service import access, clock, forms
from service.forms import Form

_TEXT: Final = "a:"
_REVISION: Final = "r:"
_DIGEST: Final = "d:"
_LATER: Final = (TimeOverError, TransitionError, WorkChangedError)


def add(routes: Blueprint, programme: Programme) -> None:
    """Add the routes of writing and sending."""
    routes.add_app_template_filter(digest, "shown_digest")
    _parts(routes, programme)
    _autosave(routes, programme)
    _submit(routes, programme)
    _feedback(routes, programme)


def digest(text: str) -> str:
    """Return a short digest of a text, to notice that it was not touched; nothing rests on it."""
    return hashlib.sha256(drafting.tidy(text).encode()).hexdigest()[:16]


def written(form: Form, work: Workplace) -> dict[str, Written]:
    """Return the texts of a form that were touched, by place; places of other assignments are ignored."""
    found = {}
    for place in work.places:
        text = form.fields.get(_TEXT + place)
        if text is None or form.fields.get(_DIGEST + place) == digest(text):
            continue
        found[place] = Written(text=text, base=_number(form.fields.get(_REVISION + place, "")))
    return found


def _parts(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work/<uuid:id>/parts/<part>")
    @access.signed_in
    def part_page(id: UUID, part: str) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        return _show_part(programme, work, part, done=request.args.get("done", ""))

    @routes.post("/work/<uuid:id>/parts/<part>")
    @access.signed_in
    def save_part(id: UUID, part: str) -> AnyResponse:
        form, me = forms.read_form(), access.person()
        work = workplace(programme, str(id), person=me.id)
        shown = workspace.part_page(work, part)
        outcome = _save(programme, work, form)
        if outcome.fault or not outcome.saved.is_whole:
            work = workplace(programme, str(id), person=me.id)
            return _unsaved(programme, work, outcome, back=f"/work/{id}/parts/{part}", part=part)
        going = form.fields.get("go", "")
        if going == "next" and shown.next is not None:
            return go(f"/work/{id}/parts/{shown.next[0]}?done=saved")
        if going == "submit":
            return go(f"/work/{id}/submit")
        if going == "leave":
            return go(f"/work/{id}?done=saved")
        if going.startswith(("up:", "down:")):
            way, _, piece = going.partition(":")
            moved = evidence.move(programme, str(id), piece, person=me.id, up=way == "up", now=clock.now())
            return go(f"/work/{id}/parts/{part}?done=moved#{anchor(moved.place)}")
        for shelf in shown.shelves:
            if going == f"add:{shelf.place}":
                return go(f"/work/{id}/add?place={shelf.place}")
        return go(f"/work/{id}/parts/{part}?done=saved")


def _autosave(routes: Blueprint, programme: Programme) -> None:
    @routes.post("/work/<uuid:id>/answers")
    @access.signed_in
    def autosave(id: UUID) -> AnyResponse:
        form, me = forms.read_form(), access.person()
        place = form.fields.get("place", "")
        sent = Written(form.fields.get("text", ""), _number(form.fields.get("base", "")))
        found = drafting.save_one(programme, str(id), place, sent, person=me.id, now=clock.now())
        work = workplace(programme, str(id), person=me.id)
        if isinstance(found, Conflict):
            members: dict[str, Any] = {"theirs": found.theirs.text, "revision": found.theirs.revision}
            return data(members, status=409)
        members = {
            "revision": found.revision,
            "saved": workspace.saved_at(found.saved_at, work.application.zone),
            "words": words(found.text),
            "gaps": len(work.gaps),
        }
        return data(members)


def _submit(routes: Blueprint, programme: Programme) -> None:
    def show(work: Workplace, statements: Statements, *, status: int = 200, **more: Any) -> Response:
        mine = frozenset(piece.id for piece in work.artefacts if piece.is_public)
        choices = publishing.choices(work, more.get("public", mine))
        publishes = any(each.is_public for each in choices)
        ready = sending.readiness(work, statements, publishes=publishes)
        _, answers, replies, pieces = read_content(content(work.application.version, work.draft))
        return page(
            "submit.html",
            status=status,
            statements=statements,
            choices=choices,
            gaps=ready.gaps,
            hints=telling.hints(work, access.person()),
            answers=answers,
            replies=replies,
            pieces=pieces,
            statement_gaps=ready.statement_gaps if more.get("tried") else (),
            days=programme.settings.review_days,
            shared=[asked for part in work.assignment.parts for asked in part.artefacts if asked.shared],
            tried=more.get("tried", False),
            fault=more.get("fault", ""),
            shows_name=more.get("shows_name", work.application.shows_name),
            **values(programme, work),
        )

    @routes.get("/work/<uuid:id>/submit")
    @access.signed_in
    def submit_page(id: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        return show(work, sending.last_statements(work))

    @routes.post("/work/<uuid:id>/submit")
    @access.signed_in
    def submit(id: UUID) -> AnyResponse:
        form, me = forms.read_form(), access.person()
        statements, shows_name = _statements(form), form.text("shows_name") == "yes"
        public = _public(form, workplace(programme, str(id), person=me.id))
        try:
            sending.submit(
                programme,
                str(id),
                statements,
                person=me,
                revision=_number(form.text("revision")),
                shows_name=shows_name,
                public=public,
                now=clock.now(),
            )
        except (IncompleteError, WorkFieldError, *_LATER) as error:
            work = workplace(programme, str(id), person=me.id)
            status = 422 if isinstance(error, (IncompleteError, WorkFieldError)) else 409
            return show(
                work,
                statements,
                status=status,
                tried=True,
                fault=error.message,
                shows_name=shows_name,
                public=public,
            )
        return go(f"/work/{id}?done=sent")

    @routes.post("/work/<uuid:id>/take-back")
    @access.signed_in
    def take_back(id: UUID) -> AnyResponse:
        sending.take_back(programme, str(id), person=access.person().id, now=clock.now())
        return go(f"/work/{id}?done=taken-back")


def _feedback(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work/<uuid:id>/feedback")
    @access.signed_in
    def feedback_page(id: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        return _show_feedback(programme, work, done=request.args.get("done", ""))

    @routes.post("/work/<uuid:id>/feedback")
    @access.signed_in
    def save_replies(id: UUID) -> AnyResponse:
        form, me = forms.read_form(), access.person()
        work = workplace(programme, str(id), person=me.id)
        outcome = _save(programme, work, form)
        if outcome.fault or not outcome.saved.is_whole:
            work = workplace(programme, str(id), person=me.id)
            return _unsaved(programme, work, outcome, back=f"/work/{id}/feedback")
        if form.fields.get("go") == "leave":
            return go(f"/work/{id}?done=saved")
        return go(f"/work/{id}/feedback?done=saved")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a form: what was saved, what was sent, and why nothing could be saved, if so."""

    saved: Saved
    sent: dict[str, Written]
    fault: HallmarkError | None = None


def _save(programme: Programme, work: Workplace, form: Form) -> _Outcome:
    sent = written(form, work)
    try:
        saved = drafting.save(
            programme, work.application.id, person=access.person().id, written=sent, now=clock.now()
        )
    except _LATER as error:
        return _Outcome(Saved({}, (), ()), sent, error)
    return _Outcome(saved, sent)


def _unsaved(
    programme: Programme, work: Workplace, outcome: _Outcome, *, back: str, part: str | None = None
) -> Response:
    """Show what could not be saved, with everything that was typed."""
    if outcome.saved.conflicts:
        return page(
            "work_conflict.html",
            status=409,
            conflicts=outcome.saved.conflicts,
            too_long=outcome.saved.too_long,
            anchor=anchor,
            questions=_questions(work),
            back=back,
            **values(programme, work),
        )
    if outcome.fault is not None:
        typed = {place: (sent.text, "This was not saved.") for place, sent in outcome.sent.items()}
        status, fault = 409, outcome.fault.message
    else:
        typed = {each.place: (each.text, each.sentence) for each in outcome.saved.too_long}
        status, fault = 422, "One answer is too long, so it was not saved. It is still here."
    if part is None:
        return _show_feedback(programme, work, typed=typed, status=status, fault=fault)
    return _show_part(programme, work, part, typed=typed, status=status, fault=fault)


def _show_part(
    programme: Programme,
    work: Workplace,
    part: str,
    *,
    typed: dict[str, tuple[str, str]] | None = None,
    status: int = 200,
    done: str = "",
    fault: str = "",
) -> Response:
    return page(
        "work_part.html",
        status=status,
        view=workspace.part_page(work, part, typed=typed),
        done=done,
        fault=fault,
        piece=request.args.get("piece", ""),
        **values(programme, work),
    )


def _show_feedback(
    programme: Programme,
    work: Workplace,
    *,
    typed: dict[str, tuple[str, str]] | None = None,
    status: int = 200,
    done: str = "",
    fault: str = "",
) -> Response:
    return page(
        "feedback.html",
        status=status,
        fields=workspace.reply_fields(work, typed=typed),
        rounds=[each for each in work.feedback if each.outcome == "returned"],
        offers_help=offers_help(work.feedback),
        done=done,
        fault=fault,
        **values(programme, work),
    )


def _questions(work: Workplace) -> dict[str, str]:
    """Return what is asked at each place, for the page of conflicts."""
    found = {}
    for part in work.assignment.parts:
        for field in workspace.part_page(work, part.id).fields:
            found[field.place] = field.text
        for shelf in workspace.part_page(work, part.id).shelves:
            found[shelf.place] = shelf.text
    for criterion in work.assignment.criteria:
        found[f"reply/{criterion.id}"] = f"Your answer on “{criterion.title}”"
    return found


def _statements(form: Form) -> Statements:
    return Statements(
        students=form.text("students") == "yes",
        own_work=form.text("own_work") == "yes",
        judged=form.text("judged") == "yes",
        ai=form.text("ai"),
        ai_words=drafting.tidy(form.fields.get("ai_words", "")).strip(),
        shared_with=drafting.tidy(form.fields.get("shared_with", "")).strip(),
        publish=form.text("publish") == "yes",
    )


def _public(form: Form, work: Workplace) -> frozenset[str]:
    """Return the pieces that are chosen to be public; whatever is no clear yes stays private."""
    return frozenset(piece.id for piece in work.artefacts if form.text(f"disclosure-{piece.id}") == PUBLIC)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
