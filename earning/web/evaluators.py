# SPDX-License-Identifier: Apache-2.0
"""What evaluators see by a link: the page of one award, and pieces of it to be saved.

The secret stands in the address, so no page of it tells the address to another site, is kept, or is found by
search engines, and no script of another site reads it. Opening it changes nothing but the list of its uses.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, render_template, request

from earning.programme import Programme
from earning.sharing import evaluator_page
from earning.web.publishing import NOINDEX, sent
from service import access, clock, headers, ratelimit

_HEADERS: Final = {**NOINDEX, "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"}


def blueprint(programme: Programme) -> Blueprint:
    """Build the routes of links for evaluators."""
    routes = Blueprint("evaluators", __name__)

    @routes.after_request
    def _tell(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @routes.get("/shared/<token>")
    @access.anyone
    @headers.own_site
    @ratelimit.limited
    def shared(token: str) -> Response:
        found = evaluator_page.look(programme, token, notes=_is_seen(), now=clock.now())
        page = render_template("earning/shared.html", found=found, is_preview=False)
        return Response(page, mimetype="text/html")

    @routes.get("/shared/<token>/evidence/<piece>")
    @access.anyone
    @headers.own_site
    @ratelimit.limited
    def shared_piece(token: str, piece: str) -> Response:
        found = evaluator_page.piece(programme, token, piece, notes=_is_seen(), now=clock.now())
        return sent(found, is_public=False)

    return routes


def _is_seen() -> bool:
    """Tell whether the answer shows anything; one to HEAD has no body."""
    return request.method != "HEAD"
