# SPDX-License-Identifier: Apache-2.0
"""The catalogue's public pages: search, one micro-credential, side by side. No account, cookie or script.

Every page may be kept for a few seconds by whoever asked for it, since it looks the same for everybody.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from earning.catalogue import assignment, assignments, catalogue, gateway, languages, search, stacks
from earning.catalogue.catalogue import COMPARED
from earning.catalogue.version import VersionState
from earning.programme import Programme
from earning.sharing import holdings
from issuer.micro_credential import CODE, VERSION
from service import access, clock
from service.negotiate import respond

HTML: Final = "text/html"
KEPT: Final = 10  # seconds that a page may be kept; shorter than anybody notices a change of state


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of the catalogue."""
    routes = Blueprint("earning_catalogue", __name__)

    @routes.get("/catalogue")
    @access.anyone
    def catalogue_list() -> Response:
        return _list(programme)

    @routes.get("/catalogue/compare")
    @access.anyone
    def compare() -> Response:
        return _compare(programme)

    @routes.get("/catalogue/<code>")
    @access.anyone
    def micro_credential(code: str) -> Response:
        return _micro_credential(programme, code)

    return routes


def page(template: str, **values: Any) -> Response:
    """Render a public page of this room."""
    return respond(render_template(f"earning/{template}", term=TERMS, **values), HTML, max_age=KEPT)


TERMS: Final = {
    "audience": stacks.audience_words,
    "guide": assignment.guide_words,
    "kinds": assignment.kinds_words,
    "language": languages.name,
}


def _list(programme: Programme) -> Response:
    asked = search.read(request.args)
    lists = gateway.lists(programme)
    if request.args.get("view") == "print":
        return page("catalogue_print.html", found=catalogue.everything(programme, asked, lists), lists=lists)
    return page("catalogue.html", found=catalogue.find(programme, asked, lists), lists=lists)


def _micro_credential(programme: Programme, code: str) -> Response:
    wanted = request.args.get("version")
    version = catalogue.current(
        programme, code if CODE.fullmatch(code) else "", wanted if wanted is None else _version(wanted)
    )
    today = clock.now().astimezone(UTC).date()
    return page(
        "micro_credential.html",
        view=assignments.of_version(programme, version),
        worth=gateway.worth(programme, version),
        told=programme.recognised.of(holdings.item(programme, version), on=today),
        states=VersionState,
    )


def _compare(programme: Programme) -> Response:
    codes = [code for code in request.args.getlist("code") if CODE.fullmatch(code)]
    codes = list(dict.fromkeys(codes))
    with programme.db.reading() as session:
        found = catalogue.by_codes(session, codes[:COMPARED])
    return page(
        "compare.html",
        views=[assignments.of_version(programme, each) for each in found],
        worths=[gateway.worth(programme, each) for each in found],
        left_out=codes[COMPARED:],
        most=COMPARED,
    )


def _version(text: str) -> str:
    return text if VERSION.fullmatch(text) else ""
