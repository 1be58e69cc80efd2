# SPDX-License-Identifier: Apache-2.0
"""Editing a portal's text, with preview: for managers and affiliate officers of whoever runs it."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, Response, make_response, redirect, render_template, request

from earning.catalogue import editing, gateway
from earning.catalogue.portals import SLUG
from earning.errors import DraftStaleError
from earning.programme import Programme
from earning.store.portals import StoredPortal
from issuer.errors import ProgrammeError
from service import access, clock, forms
from service.accounts.people import Role


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of the portals' editor."""
    routes = Blueprint("earning_portal_editor", __name__)

    @routes.get("/manage/portals/<slug>")
    @access.role(Role.MANAGER, Role.AFFILIATE)
    def portal_text(slug: str) -> Response:
        known = _own(programme, slug)
        text = known.source.decode("utf-8", "replace")
        return _show(programme, known, text, saved=request.args.get("saved") == "1")

    @routes.post("/manage/portals/<slug>")
    @access.role(Role.MANAGER, Role.AFFILIATE)
    def save_portal(slug: str) -> Response:
        return _save(programme, _own(programme, slug))

    return routes


def _organisations() -> frozenset[str]:
    person = access.person()
    return person.organisations(Role.MANAGER) | person.organisations(Role.AFFILIATE)


def _own(programme: Programme, slug: str) -> StoredPortal:
    return editing.portal(programme, slug if SLUG.fullmatch(slug) else "", organisations=_organisations())


def _save(programme: Programme, known: StoredPortal) -> Response:
    form = forms.read_form()
    text = form.fields.get("source", "").replace("\r\n", "\n")
    typed = form.text("revision")
    revision = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
    if form.text("do") == "preview":
        return _show(programme, known, text, revision=revision, preview=True)
    try:
        editing.save_portal(
            programme,
            known.slug,
            text.encode(),
            revision=revision,
            organisations=_organisations(),
            person=access.person().id,
            now=clock.now(),
        )
    except ProgrammeError as error:
        return _show(programme, known, text, revision=revision, problem=str(error), status=422)
    except DraftStaleError as error:
        page = render_template(
            "earning/editor_conflict.html",
            problem=str(error),
            action=f"/manage/portals/{known.slug}",
            back=f"/manage/portals/{known.slug}",
            mine=text,
            theirs=known.source.decode("utf-8", "replace"),
            revision=known.revision,
            is_over=False,
        )
        return make_response(page, 409)
    return redirect(f"/manage/portals/{known.slug}?saved=1", code=303)  # type: ignore[return-value]


def _show(
    programme: Programme,
    known: StoredPortal,
    text: str,
    *,
    revision: int | None = None,
    preview: bool = False,
    saved: bool = False,
    problem: str = "",
    status: int = 200,
) -> Response:
    view = None
    if preview:
        try:
            portal = editing.check_portal(known, text.encode())
            view = gateway.show(programme, portal, today=clock.now().astimezone(UTC).date())
        except ProgrammeError as error:
            problem, status = str(error), 422
    page = render_template(
        "earning/editor_portal.html",
        portal=gateway.read(known),
        stored=known,
        text=text,
        revision=known.revision if revision is None else revision,
        view=view,
        saved=saved,
        problem=problem,
    )
    return make_response(page, status)
