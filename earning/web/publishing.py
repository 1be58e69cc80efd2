# SPDX-License-Identifier: Apache-2.0
"""The evidence that everybody may see, and how any piece of evidence is sent.

A file is sent as its exact bytes, always to be saved and never shown as a page of ours. A link is a page that
shows it; programs get the bytes that were digested, and nobody is led away by us.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from earning.programme import Programme
from earning.sharing import evidence
from earning.sharing.evidence import Shown
from service import access
from service.negotiate import choose

NOINDEX: Final = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
_FILE_HEADERS: Final = {
    **NOINDEX,
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LINK_TYPES: Final = ("text/plain", "text/html")


def add(routes: Blueprint, programme: Programme) -> None:
    """Add the route of public evidence."""

    @routes.get("/evidence/<uuid:id>")
    @access.anyone
    def public_evidence(id: UUID) -> Response:
        return sent(evidence.read(programme, str(id)), is_public=True)


def sent(found: Shown, *, is_public: bool) -> Response:
    """Send a piece; ``is_public`` says on the page of a link whether everybody may see it."""
    return _link(found, is_public=is_public) if found.url is not None else _file(found)


def _link(found: Shown, *, is_public: bool) -> Response:
    """Show where a link leads; programs get the address itself, which is what was digested."""
    if choose(_LINK_TYPES) == "text/html":
        page = render_template("earning/evidence.html", found=found, is_public=is_public)
        answer = Response(page, mimetype="text/html", headers=NOINDEX)
    else:
        answer = Response(found.body, content_type="text/plain; charset=utf-8", headers=_FILE_HEADERS)
    answer.vary.add("Accept")
    return answer


def _file(found: Shown) -> Response:
    """Send a file to be saved, under a name of ours and without any right of its own."""
    kind = found.media_type
    answer = Response(found.body, content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
    answer.headers.update(_FILE_HEADERS)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    answer.make_conditional(request, accept_ranges=True, complete_length=len(found.body))
    return answer
