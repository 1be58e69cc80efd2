# SPDX-License-Identifier: Apache-2.0
"""The pages of reviewers: the queue, one review, finishing it, flags, and the evidence.

Everything works without a script; ``static/review.js`` saves while one writes and adds keys. Whatever is not
the reviewer's own answers 404.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request

from credentials.errors import HallmarkError
from earning.errors import (
    CaseError,
    LeaseError,
    NothingWaitingError,
    ReadingUnfinishedError,
    ReviewChangedError,
    ReviewFieldError,
)
from earning.programme import Programme
from earning.review import cases, queue, review, workbench
from earning.review.decision import NeedsReading
from earning.review.readings import Draft, ReviewState
from earning.review.rubric import Rating
from earning.review.workbench import Bench, Evidence
from service import access, clock, forms
from service.accounts.people import Role
from service.headers import CONTENT_SECURITY_POLICY
from service.negotiate import respond_json, wants_html
from service.zones import local

NOTHING: Final = Rating()
_NOTICES: Final = {
    "sent": "Thank you. Your reading was sent, and the educator gets an answer now.",
    "second": "Thank you. Your reading is kept. Somebody else reads it too before the answer goes out.",
    "released": "The work went back, and somebody else gets it.",
    "students": "Thank you. What you marked was set aside, and nobody else sees it.",
    "misconduct": "Thank you. Others look into it now; this work does not come to you again.",
    "none": "Nothing that fits your skills waits at the moment. Perhaps somebody was faster.",
}
_CLOSED: Final = {
    ReviewState.FINISHED: "You have finished this review. Thank you.",
    ReviewState.RELEASED: "You gave this work back, so it went to somebody else.",
    ReviewState.LAPSED: "The time for this work is over, so it goes back to the others. Your words are kept.",
}
_NOT_YOURS: Final = (
    "This work is not one for you to judge any more. Please give it back, so that somebody else gets it."
)
# Uploaded files are shown without any right of their own (threats E4).
_FILE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# The page itself plays sound and film from our own address.
_PAGE_HEADERS: Final = {"Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; media-src 'self'"}


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of reviewers."""
    routes = Blueprint("earning_reviews", __name__)
    _queue(routes, programme)
    _one(routes, programme)
    _steps(routes, programme)
    _flags(routes, programme)
    return routes


def _queue(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/reviews")
    @access.role(Role.REVIEWER)
    def reviews() -> Response:
        found = queue.queue(programme, access.person())
        return page(
            render_template(
                "earning/reviews.html",
                queue=found,
                now=clock.now(),
                done=_NOTICES.get(request.args.get("done", "")),
                can_take=len(found.held) < review.HELD_MOST,
            )
        )

    @routes.post("/reviews/next")
    @access.role(Role.REVIEWER)
    def take() -> Any:
        try:
            taken = review.lease(programme, access.person(), now=clock.now())
        except NothingWaitingError:
            return redirect("/reviews?done=none", code=303)
        return redirect(f"/reviews/{taken.id}", code=303)

    @routes.post("/reviews/<id>/again")
    @access.role(Role.REVIEWER)
    def again(id: str) -> Any:
        bench = workbench.open_bench(programme, access.person(), id)
        try:
            taken = review.lease(
                programme, access.person(), submission=bench.review.submission, now=clock.now()
            )
        except NothingWaitingError:
            return redirect("/reviews?done=none", code=303)
        return redirect(f"/reviews/{taken.id}", code=303)


def _one(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/reviews/<id>")
    @access.role(Role.REVIEWER)
    def show(id: str) -> Response:
        now = clock.now()
        bench = workbench.open_bench(programme, access.person(), id)
        if bench.is_withdrawn or not bench.review.is_running(now):
            return _closed(bench)
        gaps = {}
        if "gaps" in request.args:
            gaps = {each.place: each.sentence for each in bench.rubric.gaps(bench.review.draft.reading)}
        saved = "Saved." if "saved" in request.args else ""
        problem = "" if bench.is_separate else _NOT_YOURS
        return _page(bench, bench.review.draft, gaps=gaps, saved=saved, problem=problem, now=now)

    @routes.post("/reviews/<id>")
    @access.role(Role.REVIEWER)
    def save(id: str) -> Any:
        now, person = clock.now(), access.person()
        bench = workbench.open_bench(programme, person, id)
        form = forms.read_form()
        draft = _draft(bench, form.fields)
        try:
            saved = review.rate(programme, person, id, draft, revision=_revision(form.fields), now=now)
        except (ReviewChangedError, ReviewFieldError) as error:
            if not wants_html():
                raise
            return _again(programme, bench, draft, error, now=now)
        except LeaseError:
            if not wants_html():
                raise
            return _closed(workbench.open_bench(programme, person, id), status=409)
        if not wants_html():
            at = local(now, person.zone)
            return respond_json({"revision": saved.revision, "saved": f"Saved {at:%H:%M}."})
        if form.text("act") == "finish":
            return redirect(f"/reviews/{id}/finish", code=303)
        return redirect(f"/reviews/{id}?saved=1", code=303)

    @routes.get("/reviews/<id>/artefacts/<artefact>")
    @access.role(Role.REVIEWER)
    def artefact(id: str, artefact: str) -> Response:
        piece, body = workbench.file(programme, access.person(), id, artefact, now=clock.now())
        return send_file(piece, body)


def _steps(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/reviews/<id>/finish")
    @access.role(Role.REVIEWER)
    def confirm(id: str) -> Response:
        return _confirm(programme, id)

    @routes.post("/reviews/<id>/finish")
    @access.role(Role.REVIEWER)
    def finish(id: str) -> Any:
        revision = _revision(forms.read_form().fields)
        try:
            done = review.finish(programme, access.person(), id, revision=revision, now=clock.now())
        except (ReadingUnfinishedError, ReviewChangedError):
            return _confirm(programme, id, status=409)
        notice = "second" if isinstance(done.step, NeedsReading) else "sent"
        return redirect(f"/reviews?done={notice}", code=303)

    @routes.post("/reviews/<id>/release")
    @access.role(Role.REVIEWER)
    def release(id: str) -> Any:
        review.release(programme, access.person(), id, now=clock.now())
        return redirect("/reviews?done=released", code=303)

    @routes.post("/reviews/<id>/prolong")
    @access.role(Role.REVIEWER)
    def prolong(id: str) -> Any:
        review.prolong(programme, access.person(), id, now=clock.now())
        return redirect(f"/reviews/{id}", code=303)


def _flags(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/reviews/<id>/flag")
    @access.role(Role.REVIEWER)
    def flags(id: str) -> Response:
        return _flag_page(workbench.open_bench(programme, access.person(), id))

    @routes.post("/reviews/<id>/flag")
    @access.role(Role.REVIEWER)
    def flag(id: str) -> Any:
        now, person, form = clock.now(), access.person(), forms.read_form()
        kind, text = form.text("kind"), form.text("text")
        try:
            if kind == cases.MISCONDUCT:
                cases.flag_misconduct(programme, person, id, text=text, now=now)
                return redirect("/reviews?done=misconduct", code=303)
            if kind != cases.STUDENT_DATA or "artefact" not in form.fields:
                raise ReviewFieldError("Say where it is.", path="artefact")  # noqa: TRY301  one way to tell
            cases.flag_student_data(
                programme, person, id, artefact=form.text("artefact") or None, text=text, now=now
            )
        except (ReviewFieldError, CaseError) as error:
            bench = workbench.open_bench(programme, person, id)
            return _flag_page(bench, problem=error.message, text=text, kind=kind, status=422)
        return redirect("/reviews?done=students", code=303)


def page(body: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a page for whoever is signed in; it is kept nowhere."""
    return Response(body, status=status, mimetype="text/html", headers=headers)


def send_file(piece: Evidence, body: bytes) -> Response:
    """Send a piece of evidence under a neutral name: to be saved, or shown without any right of its own."""
    inline = "inline" in request.args and piece.way != "download"
    kind = piece.media_type or "application/octet-stream"
    response = Response(body, content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
    for name, value in _FILE_HEADERS.items():
        response.headers[name] = value
    how = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f'{how}; filename="{piece.file_name}"'
    response.make_conditional(request, accept_ranges=True, complete_length=len(body))
    return response


def _page(
    bench: Bench,
    draft: Draft,
    *,
    now: datetime,
    other: Draft | None = None,
    problem: str = "",
    gaps: Mapping[str, str] | None = None,
    saved: str = "",
    status: int = 200,
) -> Response:
    body = render_template(
        "earning/review.html",
        bench=bench,
        draft=draft,
        other=other,
        problem=problem,
        gaps=gaps or {},
        now=now,
        saved=saved,
        base=f"/reviews/{bench.review.id}/artefacts",
        rating_of=_rating_of,
    )
    return page(body, status=status, headers=_PAGE_HEADERS)


def _again(
    programme: Programme, bench: Bench, draft: Draft, error: HallmarkError, *, now: datetime
) -> Response:
    """Show what was typed once more, and beside it what another window has saved."""
    bench = workbench.open_bench(programme, access.person(), bench.review.id)
    is_stale = isinstance(error, ReviewChangedError)
    problem = error.message
    if is_stale:
        problem += (
            " Here is what you typed in this window; below each field stands what the other one saved. "
        )
        problem += "Saving now keeps what stands in the fields."
    other = bench.review.draft if is_stale else None
    return _page(bench, draft, other=other, problem=problem, now=now, status=409 if is_stale else 422)


def _closed(bench: Bench, *, status: int = 200) -> Response:
    state = bench.review.state
    if state is not ReviewState.LEASED:
        sentence = _CLOSED[state]
    elif bench.is_withdrawn:
        sentence = "Its author took this work back, so nothing is left to do. Thank you."
    else:
        sentence = _CLOSED[ReviewState.LAPSED]
    body = render_template(
        "earning/review_closed.html",
        bench=bench,
        sentence=sentence,
        can_return=state is ReviewState.LAPSED,
    )
    return page(body, status=status)


def _confirm(programme: Programme, id: str, *, status: int = 200) -> Response:
    now = clock.now()
    bench = workbench.open_bench(programme, access.person(), id)
    if bench.is_withdrawn or not bench.review.is_running(now):
        return _closed(bench, status=status)
    reading = bench.review.draft.reading
    body = render_template(
        "earning/review_finish.html",
        bench=bench,
        gaps=bench.rubric.gaps(reading),
        outcome=str(bench.rubric.outcome(reading)),
    )
    return page(body, status=status)


def _flag_page(
    bench: Bench, *, problem: str = "", text: str = "", kind: str = "", status: int = 200
) -> Response:
    if bench.review.state is not ReviewState.LEASED or bench.is_withdrawn:
        return _closed(bench)
    body = render_template("earning/review_flag.html", bench=bench, problem=problem, text=text, kind=kind)
    return page(body, status=status)


def _draft(bench: Bench, fields: Mapping[str, str]) -> Draft:
    """Return what stands in the fields; lines end as they do in the rest of the house."""
    ratings = {}
    for each in bench.rubric.open:
        level = fields.get(f"level-{each.id}") or None
        comment = _text(fields, f"comment-{each.id}")
        if level or comment:
            ratings[each.id] = Rating(level=level, comment=comment)
    asked = (answer.place for part in bench.parts for answer in part.answers)
    return Draft(
        ratings=ratings,
        words=_text(fields, "words"),
        note=_text(fields, "note"),
        missing=tuple(place for place in asked if f"missing-{place}" in fields),
        is_incomplete="incomplete" in fields,
    )


def _text(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "").replace("\r\n", "\n").strip()


def _revision(fields: Mapping[str, str]) -> int:
    """Return the revision that the page was made of; what is no number fits none."""
    text = fields.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _rating_of(draft: Draft, criterion: str) -> Rating:
    return draft.ratings.get(criterion, NOTHING)
