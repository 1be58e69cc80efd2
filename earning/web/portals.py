# SPDX-License-Identifier: Apache-2.0
"""Public pages of the affiliates' portals, and the form for questions. No account, cookie or script."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from earning.catalogue import gateway, portals, questions, search
from earning.catalogue.portals import SLUG, TOPIC
from earning.catalogue.questions import Asked
from earning.errors import NoSuchPortalError, QuestionError
from earning.programme import Programme
from earning.web.catalogue import KEPT, page
from issuer.micro_credential import CODE
from service import access, clock, forms, origin, ratelimit
from service.errors import CrossSiteError
from service.negotiate import respond
from service.ratelimit import limited


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of portals and of help."""
    routes = Blueprint("earning_portals", __name__)

    @routes.get("/help")
    @access.anyone
    def help_form() -> Response:
        return _form(programme, _from_address())

    @routes.post("/help")
    @access.anyone
    @limited
    def help_asked() -> Response:
        return _ask(programme)

    @routes.get("/<portal>")
    @access.anyone
    def portal_page(portal: str) -> Response:
        if not SLUG.fullmatch(portal):
            raise NotFound
        try:
            view = gateway.portal_page(programme, portal, today=clock.now().astimezone(UTC).date())
        except NoSuchPortalError as error:
            raise NotFound from error
        return page("portal.html", view=view)

    return routes


def _from_address() -> Asked:
    """Return what a link has filled in already; what does not fit is left out."""
    portal, topic = request.args.get("portal", ""), request.args.get("topic", "")
    about = request.args.get("about", "")
    return Asked(
        portal=portal if SLUG.fullmatch(portal) else "",
        topic=topic if TOPIC.fullmatch(topic) else "",
        text=f"About {about}: " if CODE.fullmatch(about) else "",
    )


def _ask(programme: Programme) -> Response:
    if origin.is_foreign(programme.public_url):
        raise CrossSiteError("A page of another site sent this, so nothing was done.")
    form = forms.read_form(max_bytes=forms.FORM_BYTES)
    asked = Asked(
        portal=form.text("portal") if SLUG.fullmatch(form.text("portal")) else "",
        topic=form.text("topic"),
        email=search.tidy(form.text("email")),
        text=form.fields.get("text", "").replace("\r\n", "\n").replace("\0", ""),
    )
    try:
        network = "" if ratelimit.is_loopback() else ratelimit.address()
        questions.ask(programme, asked, now=clock.now(), network=network)
    except (QuestionError, NoSuchPortalError) as error:
        return _form(programme, asked, problem=error, status=422)
    return _render("help_sent.html", asked=asked, portal=_portal(programme, asked.portal))


def _form(
    programme: Programme,
    asked: Asked,
    *,
    problem: QuestionError | NoSuchPortalError | None = None,
    status: int = 200,
) -> Response:
    known = gateway.every(programme)
    portal = known.get(asked.portal)
    return _render(
        "help.html",
        status=status,
        asked=asked,
        portal=portal,
        portals=tuple(known.values()),
        topics=questions.topics(portal),
        problem=problem,
        most=questions.TEXT_CHARS,
    )


def _portal(programme: Programme, slug: str) -> portals.Portal | None:
    return gateway.every(programme).get(slug)


def _render(template: str, *, status: int = 200, **values: Any) -> Response:
    kept = KEPT if status == 200 and request.method in ("GET", "HEAD") else None
    return respond(render_template(f"earning/{template}", **values), "text/html", status=status, max_age=kept)
