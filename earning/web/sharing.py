# SPDX-License-Identifier: Apache-2.0
"""What somebody has earned, and the panel of each award: who sees what of it, links, and what to take along.

Every switch is the button of a form and acts at once. The address of a new link is in the answer to its form
and nowhere else, so that answer is a page and leads nowhere.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from earning.errors import DisclosureError, SharingFieldError, SharingStateError, WorkFieldError
from earning.programme import Programme
from earning.sharing import awards, evaluator_link, evaluator_links, evaluator_page, evidence, naming, panel
from earning.sharing.awards import share_path
from earning.sharing.evaluator_link import LinkState
from earning.sharing.panel import Panel
from earning.web.desk import go, page
from earning.work.submissions import LINK, PUBLIC
from service import access, clock, forms

_DONE = {PUBLIC: "opened", LINK: "by-link"}


def blueprint(programme: Programme) -> Blueprint:
    """Build the routes of awards and their panels."""
    routes = Blueprint("sharing", __name__)
    _awards(routes, programme)
    _panel(routes, programme)
    _switches(routes, programme)
    _links(routes, programme)
    return routes


def _awards(routes: Blueprint, programme: Programme) -> None:
    def show(*, faults: dict[str, str] | None = None, ticked: frozenset[str] = frozenset()) -> Response:
        found = awards.awards(programme, access.person().id, now=clock.now())
        status = 422 if faults else 200
        return page("awards.html", status=status, awards=found, faults=faults or {}, ticked=ticked)

    @routes.get("/awards")
    @access.signed_in
    def all_awards() -> Response:
        return show()

    @routes.post("/awards/resume")
    @access.signed_in
    def resume() -> AnyResponse:
        form, person = forms.read_form(), access.person()
        chosen = frozenset(name.removeprefix("award-") for name in form.fields if name.startswith("award-"))
        try:
            made = awards.resume(
                programme,
                sorted(chosen),
                person=person,
                with_name=form.text("with_name") == "yes",
                now=clock.now(),
            )
        except SharingFieldError as error:
            return show(faults={error.path or "": error.message}, ticked=chosen)
        return _pdf(made, "micro-credentials.pdf")

    @routes.get("/awards/<uuid:id>/certificate.pdf")
    @access.signed_in
    def certificate(id: UUID) -> Response:
        made = awards.certificate(programme, str(id), person=access.person().id, now=clock.now())
        return _pdf(made, f"certificate-{str(id)[:8]}.pdf")


def _panel(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/awards/<uuid:id>/share")
    @access.signed_in
    def share(id: UUID) -> Response:
        return _show(programme, id, done=request.args.get("done", ""), at=request.args.get("at", ""))

    @routes.get("/awards/<uuid:id>/share/as-evaluator")
    @access.signed_in
    def as_evaluator(id: UUID) -> Response:
        link = request.args.get("link", "")
        found = evaluator_page.preview(
            programme, str(id), person=access.person().id, link=link, now=clock.now()
        )
        return page("shared.html", found=found, is_preview=True, back=share_path(str(id)))


def _switches(routes: Blueprint, programme: Programme) -> None:
    @routes.post("/awards/<uuid:id>/share/name")
    @access.signed_in
    def change_name(id: UUID) -> AnyResponse:
        form, person, now = forms.read_form(), access.person().id, clock.now()
        key = awards.key_of(programme, str(id), person=person)
        is_shown = form.text("shown") == "yes"  # Whatever is no clear yes hides it.
        try:
            if is_shown:
                naming.show(programme, person, key, form.text("name"), now=now)
            else:
                naming.hide(programme, person, key, now=now)
        except (SharingFieldError, SharingStateError) as error:
            return _show(programme, id, fault=error.message, at="name", typed=form.fields, error=error)
        return _back(id, "name-shown" if is_shown else "name-hidden", "name")

    @routes.post("/awards/<uuid:id>/share/listing")
    @access.signed_in
    def change_listing(id: UUID) -> AnyResponse:
        is_listed = forms.read_form().text("listed") == "yes"
        panel.set_listed(programme, str(id), person=access.person().id, on=is_listed, now=clock.now())
        return _back(id, "listed" if is_listed else "unlisted", "listing")

    @routes.post("/awards/<uuid:id>/share/evidence/<uuid:piece>")
    @access.signed_in
    def change_disclosure(id: UUID, piece: UUID) -> AnyResponse:
        form = forms.read_form()
        wanted = form.text("disclosure")
        try:
            evidence.change(
                programme,
                str(id),
                str(piece),
                person=access.person().id,
                disclosure=wanted,
                confirmed=form.text("confirmed") == "yes",
                now=clock.now(),
            )
        except (DisclosureError, WorkFieldError) as error:
            return _show(programme, id, fault=error.message, at=str(piece), error=error)
        return _back(id, _DONE.get(wanted, "closed"), f"e-{piece}", at=str(piece))


def _links(routes: Blueprint, programme: Programme) -> None:
    @routes.post("/awards/<uuid:id>/share/links")
    @access.signed_in
    def make_link(id: UUID) -> AnyResponse:
        form, person, now = forms.read_form(), access.person(), clock.now()
        found = panel.panel(programme, str(id), person=person, now=now)
        try:
            fields = evaluator_link.read(
                form.text("label"),
                form.text("ends_on"),
                shows_name=form.text("shows_name") == "yes",
                shows_answers=form.text("shows_answers") == "yes",
                today=found.first_day,
            )
            link = evaluator_links.fresh_id(form.text("id"))
            token = evaluator_links.make(programme, str(id), fields, person=person, id=link, now=now)
        except SharingFieldError as error:
            faults = {error.path or "": error.message}
            return _show(programme, id, faults=faults, at="links", typed=form.fields, error=error)
        except SharingStateError as error:
            return _show(programme, id, fault=error.message, at="links", typed=form.fields, error=error)
        address = programme.public_url + evaluator_link.path(token)
        return _show(programme, id, at="links", address=address, made=link)

    @routes.post("/awards/<uuid:id>/share/links/<uuid:link>/withdraw")
    @access.signed_in
    def withdraw_link(id: UUID, link: UUID) -> AnyResponse:
        evaluator_links.withdraw(programme, str(id), str(link), person=access.person().id, now=clock.now())
        return _back(id, "withdrawn", "links", at=str(link))


def _show(
    programme: Programme,
    id: UUID,
    *,
    fault: str = "",
    faults: dict[str, str] | None = None,
    at: str = "",
    done: str = "",
    typed: Any = None,
    address: str = "",
    made: str = "",
    error: Exception | None = None,
) -> Response:
    """Show the panel; ``at`` says which part of it ``fault`` and ``done`` are about."""
    found: Panel = panel.panel(programme, str(id), person=access.person(), now=clock.now())
    status = 200 if error is None else 409 if isinstance(error, (DisclosureError, SharingStateError)) else 422
    return page(
        "share.html",
        status=status,
        panel=found,
        fault=fault,
        faults=faults or {},
        at=at,
        done=done,
        typed=typed or {},
        address=address,
        made=made,
        new_id=evaluator_links.fresh_id(),
        clock_words=panel.clock_words,
        GOOD=LinkState.GOOD,
    )


def _back(id: UUID, done: str, anchor: str, *, at: str = "") -> AnyResponse:
    query = f"?done={done}" + (f"&at={at}" if at else "")
    return go(f"{share_path(str(id))}{query}#{anchor}")


def _pdf(body: bytes, name: str) -> Response:
    answer = Response(body, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
