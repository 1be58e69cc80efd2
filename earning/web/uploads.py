# SPDX-License-Identifier: Apache-2.0
"""Adding evidence: files and links, one at a time, on a page of its own, so that no text is at stake.

A script may send the same form with ``Accept: application/json``: it shows how far the upload is, and gets
``{"go": path}`` or a problem document instead of a page.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from credentials.errors import HallmarkError
from earning.errors import ScrubbingBusyError, UploadDamagedError, UploadRefusedError, WorkFieldError
from earning.programme import Programme
from earning.scrub import UPLOAD_BYTES, UPLOAD_QUOTA
from earning.web.desk import data, go, page, values
from earning.work import evidence, workspace
from earning.work.evidence import About
from earning.work.submissions import Artefact, anchor
from earning.work.work import Workplace, unknown, workplace
from service import access, clock, forms
from service.file_types import ACCEPT, TAKEN
from service.forms import Form

FORM_BYTES: Final = 27_262_976  # bytes (26 MiB): the largest file, and the form around it
_REFUSED: Final = (UploadRefusedError, UploadDamagedError, ScrubbingBusyError, WorkFieldError)
_AGAIN_SECONDS: Final = 60  # seconds until it makes sense to send a file again that found no place
_SANDBOX: Final = "default-src 'none'; sandbox"


def add(routes: Blueprint, programme: Programme) -> None:
    """Add the routes of evidence."""
    _adding(routes, programme)
    _changing(routes, programme)
    _reading(routes, programme)


def _adding(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work/<uuid:id>/add")
    @access.signed_in
    def add_page(id: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        return _show(programme, work, request.args.get("place", ""))

    @routes.post("/work/<uuid:id>/add")
    @access.signed_in(max_bytes=FORM_BYTES)
    def add_piece(id: UUID) -> AnyResponse:
        form, me = forms.read_form(FORM_BYTES), access.person()
        place = form.text("place")
        work = workplace(programme, str(id), person=me.id)
        workspace.shelf(work, place)
        try:
            piece = _add(programme, work, place, form)
        except _REFUSED as error:
            return _refuse(programme, work, place, form, error)
        return _done(f"/work/{id}/artefacts/{piece.id}?done=added")


def _changing(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work/<uuid:id>/artefacts/<uuid:piece>")
    @access.signed_in
    def piece_page(id: UUID, piece: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        found = _find(work, piece)
        return _show(programme, work, found.place, piece=found, done=request.args.get("done", ""))

    @routes.post("/work/<uuid:id>/artefacts/<uuid:piece>")
    @access.signed_in(max_bytes=FORM_BYTES)
    def change_piece(id: UUID, piece: UUID) -> AnyResponse:
        form, me, now = forms.read_form(FORM_BYTES), access.person(), clock.now()
        work = workplace(programme, str(id), person=me.id)
        found = _find(work, piece)
        try:
            if "file" in form.files or (form.text("url") and form.text("url") != found.url):
                fresh = _add(programme, work, found.place, form, instead_of=found.id)
                return _done(f"/work/{id}/artefacts/{fresh.id}?done=replaced")
            about = _about(form)
            evidence.describe(programme, str(id), found.id, person=me.id, about=about, now=now)
        except _REFUSED as error:
            return _refuse(programme, work, found.place, form, error, piece=found)
        return _done(f"/work/{id}/artefacts/{found.id}?done=saved")

    @routes.post("/work/<uuid:id>/artefacts/<uuid:piece>/remove")
    @access.signed_in
    def remove_piece(id: UUID, piece: UUID) -> AnyResponse:
        me = access.person()
        gone = evidence.remove(programme, str(id), str(piece), person=me.id, now=clock.now())
        return go(_back(str(id), gone.place, "removed"))


def _reading(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work/<uuid:id>/artefacts/<uuid:piece>/file")
    @access.signed_in
    def file(id: UUID, piece: UUID) -> Response:
        found, body = evidence.read(programme, str(id), str(piece), person=access.person().id)
        answer = Response(body, mimetype=found.media_type or "application/octet-stream")
        # The name is ours, made of a number and an ending: nothing typed gets into a header.
        answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
        answer.headers["Content-Security-Policy"] = _SANDBOX
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return answer


def _add(
    programme: Programme, work: Workplace, place: str, form: Form, *, instead_of: str | None = None
) -> Artefact:
    me, now = access.person(), clock.now()
    upload = form.files.get("file")
    if upload is not None:
        return evidence.add_file(
            programme,
            work.application.id,
            place,
            person=me.id,
            data=upload.body,
            claimed_name=upload.claimed_name,
            about=_about(form),
            instead_of=instead_of,
            now=now,
        )
    if form.text("url"):
        return evidence.add_link(
            programme,
            work.application.id,
            place,
            person=me.id,
            url=form.text("url"),
            name=form.text("name"),
            about=_about(form),
            instead_of=instead_of,
            now=now,
        )
    raise WorkFieldError("Choose a file, or write a link.", path="file")


def _about(form: Form) -> About:
    return About(
        description=form.fields.get("description", ""),
        made_on=form.text("made_on"),
        is_existing=form.text("is_existing") == "yes",
    )


def _refuse(
    programme: Programme,
    work: Workplace,
    place: str,
    form: Form,
    error: HallmarkError,
    *,
    piece: Artefact | None = None,
) -> AnyResponse:
    """Say why, with everything that was typed; a script gets the problem itself."""
    if _is_script():
        raise error
    field = error.path if error.path in ("description", "made_on", "url", "place") else "file"
    is_busy = isinstance(error, ScrubbingBusyError)
    answer = _show(
        programme,
        work,
        place,
        piece=piece,
        typed=dict(form.fields),
        faults={field: error.message},
        status=503 if is_busy else 422,
    )
    if is_busy:
        answer.headers["Retry-After"] = str(_AGAIN_SECONDS)
    return answer


def _show(
    programme: Programme,
    work: Workplace,
    place: str,
    *,
    piece: Artefact | None = None,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    status: int = 200,
    done: str = "",
) -> Response:
    known = {
        "description": piece.description if piece else "",
        "made_on": piece.made_on.isoformat() if piece and piece.made_on else "",
        "is_existing": "yes" if piece and piece.is_existing else "",
        "url": (piece.url or "") if piece else "",
        "name": "",
    }
    more: dict[str, Any] = values(programme, work)
    return page(
        "work_piece.html",
        status=status,
        shelf=workspace.shelf(work, place),
        back=_back(work.application.id, place),
        piece=piece,
        typed={**known, **(typed or {})},
        faults=faults or {},
        done=done,
        accept=ACCEPT,
        taken=TAKEN,
        most_bytes=UPLOAD_BYTES,
        quota_bytes=UPLOAD_QUOTA,
        used_bytes=sum(each.size for each in work.artefacts),
        **more,
    )


def _find(work: Workplace, piece: UUID) -> Artefact:
    found = next((each for each in work.artefacts if each.id == str(piece)), None)
    if found is None:
        raise unknown()
    return found


def _done(path: str) -> AnyResponse:
    return data({"go": path}) if _is_script() else go(path)


def _back(id: str, place: str, done: str = "") -> str:
    query = f"?done={done}" if done else ""
    return f"/work/{id}/parts/{place.partition('/')[0]}{query}#{anchor(place)}"


def _is_script() -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
