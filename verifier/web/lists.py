# SPDX-License-Identifier: Apache-2.0
"""Lists of recognised issuers for everybody: which there are, who stands on one, and its exact JSON.

No cookie, no account. A page is asked for again each time, since a list may change at any time; the JSON has
an ETag, and other sites may read it.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from service import access, openapi, ratelimit
from service.negotiate import choose, respond
from verifier import issuer_lists
from verifier.bureau import Bureau
from verifier.issuer_lists import MEDIA_TYPE
from verifier.party import address_of, host_of

HTML: Final = "text/html"
PAGE: Final = 200  # issuers on one page; longer lists are searched
_SHAPE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A list in the format trusted-issuers/1.",
    "required": ["format", "title", "url", "version", "updated", "issuers"],
    "properties": {
        "format": {"type": "string", "const": "trusted-issuers/1"},
        "title": {"type": "string"},
        "about": {"type": "string"},
        "url": {"type": "string", "format": "uri"},
        "version": {"type": "integer", "description": "Counts the changes of the list."},
        "updated": {"type": "string", "format": "date-time"},
        "issuers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": {"type": "string", "description": "DID or https address; only this is compared."},
                    "name": {"type": "string"},
                    "url": {"type": "string", "format": "uri"},
                    "since": {"type": "string", "format": "date"},
                },
            },
        },
    },
}


def blueprint(bureau: Bureau) -> Blueprint:
    """Return the public routes of lists."""
    routes = Blueprint("verifier_lists", __name__)

    @routes.get("/lists")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    def lists() -> Response:
        found = issuer_lists.overview(bureau)
        return respond(render_template("verifier/lists.html", lists=found), HTML)

    @routes.get("/lists/<slug>")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    @openapi.operation(
        "Read a list of recognised issuers",
        tag="Verify",
        description="As JSON it is exactly what another house can import; its SHA-256 is shown on the page.",
        responses={200: openapi.Reply("The list.", {MEDIA_TYPE: _SHAPE, HTML: None})},
        problems=("issuer-list.unknown", "request.not-acceptable"),
        path={"slug": "Short name of the list, as in the answers to GET /lists."},
    )
    def issuer_list(slug: str) -> Response:
        if slug.endswith(".json"):
            return respond(issuer_lists.published(bureau, slug.removesuffix(".json")).body, MEDIA_TYPE)
        found = issuer_lists.published(bureau, slug)
        if choose((MEDIA_TYPE, HTML)) == MEDIA_TYPE:
            return respond(found.body, MEDIA_TYPE, negotiated=True)
        words = request.args.get("q", "").strip()[:100]
        entries = issuer_lists.search(found.entries, words)
        page = render_template(
            "verifier/list.html",
            found=found,
            entries=entries[:PAGE],
            number=len(entries),
            words_asked=words,
            address=address_of,
            host=host_of,
        )
        return respond(page, HTML, negotiated=True)

    return routes
