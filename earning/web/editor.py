# SPDX-License-Identifier: Apache-2.0
"""The programme managers' editor of the catalogue: a form and a text over one draft, preview, publishing.

Only managers of the organisation that runs an issuer see its drafts and versions; for everybody else they
are not there (404). Everything works without a script: rows are added, removed and moved by buttons that
save what was typed.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request

from earning.catalogue import assignments, catalogue, draft_form, drafts, editing, gateway
from earning.catalogue.catalogue import stacks
from earning.catalogue.drafts import Draft, Fault, Members
from earning.catalogue.version import NEXT, VersionState
from earning.errors import DraftStaleError, DraftUnfinishedError, NoSuchVersionError, VersionStateError
from earning.programme import Programme
from earning.store import catalogue as versions
from earning.store import drafts as rows
from earning.store import portals as portal_rows
from earning.web.catalogue import TERMS
from issuer import artwork, profiles
from issuer.errors import ProgrammeError
from issuer.micro_credential import AUDIENCES, CODE
from service import access, clock, forms
from service.accounts.people import Role
from service.errors import BodyTooLargeError

NOTE_CHARS: Final = 500  # characters of why a version is closed
_UNSURE: Final = "Nothing was published yet. Tick the box that says which version opens for everybody."
_VIEWS: Final = {"form": "", "text": "/text", "preview": "/preview"}  # the tabs, and where each one is


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of the editor."""
    routes = Blueprint("earning_editor", __name__)
    _overview(routes, programme)
    _versions(routes, programme)
    _drafts(routes, programme)
    _views_of_a_draft(routes, programme)
    return routes


def _issuers() -> frozenset[str]:
    """Return the issuers whose programme the person in front of us manages."""
    return access.person().organisations(Role.MANAGER)


def _overview(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/catalogue")
    @access.role(Role.MANAGER, Role.AFFILIATE)
    def catalogue_editor() -> Response:
        return _show_overview(programme)

    @routes.post("/manage/drafts")
    @access.role(Role.MANAGER)
    def begin() -> Response:
        form = forms.read_form()
        person, now = access.person().id, clock.now()
        try:
            if form.text("from"):
                id = editing.begin_from(
                    programme, form.text("from"), issuers=_issuers(), person=person, now=now
                )
            else:
                id = editing.begin_blank(
                    programme,
                    form.text("code").upper(),
                    issuer=form.text("issuer"),
                    issuers=_issuers(),
                    person=person,
                    now=now,
                )
        except DraftUnfinishedError as error:
            return _show_overview(programme, problem=str(error), typed=form.text("code"), status=422)
        return redirect(f"/manage/drafts/{id}", code=303)  # type: ignore[return-value]


def _show_overview(
    programme: Programme, *, problem: str = "", typed: str = "", status: int = 200
) -> Response:
    organisations = _issuers() | access.person().organisations(Role.AFFILIATE)
    with programme.db.reading() as session:
        known = stacks(session)
        own = versions.of_issuers(session, _issuers())
        begun = rows.every(session, issuers=_issuers())
        own_portals = portal_rows.every(session, organisations=organisations)
    by_code: dict[str, list[Any]] = {}
    for version in own:
        by_code.setdefault(version.code, []).insert(0, version)
    return _page(
        "editor.html",
        status=status,
        by_code=by_code,
        drafts=begun,
        titles={draft.id: _title(draft) for draft in begun},
        portals=[(each, gateway.read(each)) for each in own_portals],
        issuers=[each for each in profiles.every(programme.mint) if each.slug in _issuers()],
        stacks=known,
        problem=problem,
        typed=typed,
    )


def _versions(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/catalogue/<code>")
    @access.role(Role.MANAGER)
    def versions_of(code: str) -> Response:
        return _show_versions(programme, code)

    @routes.post("/manage/catalogue/<code>/state")
    @access.role(Role.MANAGER)
    def change_state(code: str) -> Response:
        form = forms.read_form()
        key, wanted = form.text("key"), form.text("state")
        if not key.startswith(f"{code}-v") or wanted not in list(VersionState):
            raise NoSuchVersionError("There is no page here.", got=key[:40])
        try:
            editing.turn(
                programme,
                key,
                VersionState(wanted),
                issuers=_issuers(),
                person=access.person().id,
                now=clock.now(),
                note=" ".join(form.text("note").split())[:NOTE_CHARS],
            )
        except VersionStateError as error:
            return _show_versions(programme, code, problem=str(error), status=409)
        return redirect(f"/manage/catalogue/{code}", code=303)  # type: ignore[return-value]


def _show_versions(programme: Programme, code: str, *, problem: str = "", status: int = 200) -> Response:
    own = editing.own_versions(programme, code if CODE.fullmatch(code) else "", issuers=_issuers())
    with programme.db.reading() as session:
        begun = [each for each in rows.every(session, issuers=_issuers()) if each.code == code]
    newest = own[0].key
    return _page(
        "editor_versions.html",
        status=status,
        versions=own,
        drafts=begun,
        published=own[0].version if request.args.get("published") == own[0].version else "",
        possible={each.key: sorted(NEXT[each.state]) if each.key == newest else [] for each in own},
        problem=problem,
        most=NOTE_CHARS,
    )


def _drafts(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/drafts/<uuid:id>")
    @access.role(Role.MANAGER)
    def draft_form_page(id: UUID) -> Response:
        return _show_form(programme, editing.draft(programme, str(id), issuers=_issuers()))

    @routes.post("/manage/drafts/<uuid:id>")
    @access.role(Role.MANAGER)
    def save_form(id: UUID) -> Response:
        fields = forms.read_form().fields
        made = draft_form.values(fields)
        place = draft_form.act(made, fields.get("do", ""))
        return _save(programme, str(id), drafts.write(made), fields, place=place, back="")

    @routes.get("/manage/drafts/<uuid:id>/text")
    @access.role(Role.MANAGER)
    def draft_text_page(id: UUID) -> Response:
        return _show_text(programme, editing.draft(programme, str(id), issuers=_issuers()))

    @routes.post("/manage/drafts/<uuid:id>/text")
    @access.role(Role.MANAGER)
    def save_text(id: UUID) -> Response:
        fields = forms.read_form().fields
        source = fields.get("source", "").replace("\r\n", "\n").encode()
        return _save(programme, str(id), source, fields, place="", back="/text")

    @routes.post("/manage/drafts/<uuid:id>/discard")
    @access.role(Role.MANAGER)
    def discard(id: UUID) -> Response:
        person = access.person().id
        editing.discard(programme, str(id), issuers=_issuers(), person=person, now=clock.now())
        return redirect("/manage/catalogue", code=303)  # type: ignore[return-value]


def _views_of_a_draft(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/drafts/<uuid:id>/preview")
    @access.role(Role.MANAGER)
    def preview(id: UUID) -> Response:
        draft = editing.draft(programme, str(id), issuers=_issuers())
        try:
            text = drafts.read(draft.source)
        except ProgrammeError:
            return redirect(f"/manage/drafts/{id}#faults", code=303)  # type: ignore[return-value]
        view = assignments.of_draft(
            programme, text, issuer=draft.issuer, image_path=f"/manage/drafts/{id}/image.svg", now=clock.now()
        )
        return _page(
            "editor_preview.html",
            view=view,
            worth=gateway.worth(programme, view.version),
            term=TERMS,
            draft=draft,
            faults=_faults(programme, draft),
            saved=request.args.get("saved") == "1",
            next=editing.next_version(programme, text.code),
            closing=_open_version(programme, text.code),
            problem="",
            typed="",
        )

    @routes.get("/manage/drafts/<uuid:id>/image.svg")
    @access.role(Role.MANAGER)
    def picture(id: UUID) -> Response:
        draft = editing.draft(programme, str(id), issuers=_issuers())
        try:
            text = drafts.read(draft.source)
        except ProgrammeError as error:
            raise NoSuchVersionError("There is no picture of an unfinished draft.") from error
        drawn = artwork.svg(text.code, stack=text.stacks[0], label=f"Badge image: {text.title}")
        return Response(drawn, mimetype="image/svg+xml")

    @routes.post("/manage/drafts/<uuid:id>/publish")
    @access.role(Role.MANAGER)
    def publish(id: UUID) -> Response:
        form = forms.read_form()
        draft, typed = editing.draft(programme, str(id), issuers=_issuers()), form.text("version")[:16]
        if form.text("sure") != form.text("version"):
            return _show_form(programme, draft, problem=_UNSURE, typed=typed, status=422)
        try:
            opened = editing.publish(
                programme,
                str(id),
                version=form.text("version"),
                revision=_revision(form.text("revision")),
                issuers=_issuers(),
                person=access.person().id,
                now=clock.now(),
            )
        except (DraftUnfinishedError, DraftStaleError) as error:
            status = 409 if isinstance(error, DraftStaleError) else 422
            return _show_form(programme, draft, problem=str(error), typed=typed, status=status)
        there = f"/manage/catalogue/{opened.code}?published={opened.version}#published"
        return redirect(there, code=303)  # type: ignore[return-value]


def _save(programme: Programme, id: str, source: bytes, fields: Any, *, place: str, back: str) -> Response:
    """Save, and go on where the person was or wants to go; where somebody was faster, show both texts."""
    draft = editing.draft(programme, id, issuers=_issuers())
    if len(source) > forms.FORM_BYTES:
        raise BodyTooLargeError(f"A draft has up to {forms.FORM_BYTES:,} bytes.", expected=forms.FORM_BYTES)
    try:
        editing.save(
            programme,
            id,
            source,
            revision=_revision(fields.get("revision", "")),
            issuers=_issuers(),
            person=access.person().id,
            now=clock.now(),
        )
    except DraftStaleError as error:
        return _page(
            "editor_conflict.html",
            status=409,
            problem=str(error),
            action=f"/manage/drafts/{id}/text",
            back=f"/manage/drafts/{id}{back}",
            mine=source.decode("utf-8", "replace"),
            theirs=draft.source.decode("utf-8", "replace"),
            revision=draft.revision,
            is_over=draft.published is not None,
        )
    back = _VIEWS.get(fields.get("go", fields.get("do", "")), back)
    anchor = f"#{place}" if place else "#saved"
    return redirect(f"/manage/drafts/{id}{back}?saved=1{anchor}", code=303)  # type: ignore[return-value]


def _show_form(
    programme: Programme, draft: Draft, *, problem: str = "", typed: str = "", status: int = 200
) -> Response:
    try:
        values: Members | None = drafts.members(draft.source)
    except ProgrammeError:
        values = None
    if values is not None and drafts.unknown(values) is not None:
        values = None
    with programme.db.reading() as session:
        known = stacks(session)
    found = drafts.faults(draft.source, stacks=known)
    return _page(
        "editor_form.html",
        status=status,
        draft=draft,
        values=values,
        stacks=known,
        audiences=AUDIENCES,
        faults=found,
        wrong=_by_place(found),
        saved=request.args.get("saved") == "1",
        next=editing.next_version(programme, draft.code),
        closing=_open_version(programme, draft.code),
        problem=problem,
        typed=typed,
    )


def _show_text(programme: Programme, draft: Draft) -> Response:
    return _page(
        "editor_text.html",
        draft=draft,
        text=draft.source.decode("utf-8", "replace"),
        faults=_faults(programme, draft),
        saved=request.args.get("saved") == "1",
    )


def _faults(programme: Programme, draft: Draft) -> tuple[Fault, ...]:
    with programme.db.reading() as session:
        return drafts.faults(draft.source, stacks=catalogue.stacks(session))


def _open_version(programme: Programme, code: str) -> str:
    with programme.db.reading() as session:
        return next((each.version for each in versions.of_code(session, code) if each.is_open), "")


def _by_place(found: tuple[Fault, ...]) -> dict[str, str]:
    places: dict[str, str] = {}
    for fault in found:
        places[fault.place] = f"{places[fault.place]} {fault.says}" if fault.place in places else fault.says
    return places


def _title(draft: Draft) -> str:
    try:
        title = drafts.members(draft.source).get("title")
    except ProgrammeError:
        return ""
    return title if isinstance(title, str) else ""


def _revision(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _page(template: str, *, status: int = 200, **values: Any) -> Response:
    return make_response(render_template(f"earning/{template}", **values), status)
