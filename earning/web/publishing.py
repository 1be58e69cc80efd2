# SPDX-License-Identifier: Apache-2.0
"""What has been earned, with who may see what is behind it; and the evidence that everybody may see.

A public file is sent as its exact bytes, always to be saved and never shown as a page of ours. A public link
is a page that shows it; programs get the bytes that were digested, and nobody is led away by us.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from earning.errors import DisclosureError, WorkFieldError
from earning.programme import Programme
from earning.web.desk import go, page
from earning.work import board, publishing
from earning.work.publishing import Shown
from earning.work.submissions import PUBLIC
from service import access, clock, forms
from service.negotiate import choose

_NOINDEX: Final = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
_FILE_HEADERS: Final = {
    **_NOINDEX,
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LINK_TYPES: Final = ("text/plain", "text/html")


def add(routes: Blueprint, programme: Programme) -> None:
    """Add the routes of awards and of public evidence."""
    _awards(routes, programme)
    _evidence(routes, programme)


def _awards(routes: Blueprint, programme: Programme) -> None:
    def show(*, fault: str = "", at: str = "", done: str = "", status: int = 200) -> Response:
        found = board.awards(programme, access.person().id)
        return page("awards.html", status=status, awards=found, fault=fault, at=at, done=done)

    @routes.get("/awards")
    @access.signed_in
    def awards() -> Response:
        return show(done=request.args.get("done", ""), at=request.args.get("piece", ""))

    @routes.post("/awards/<uuid:id>/evidence/<uuid:piece>")
    @access.signed_in
    def change_disclosure(id: UUID, piece: UUID) -> AnyResponse:
        form = forms.read_form()
        is_open = form.text("disclosure") == PUBLIC  # Whatever is no clear yes closes it.
        try:
            publishing.change(
                programme,
                str(id),
                str(piece),
                person=access.person().id,
                is_open=is_open,
                confirmed=form.text("confirmed") == "yes",
                now=clock.now(),
            )
        except (DisclosureError, WorkFieldError) as error:
            status = 409 if isinstance(error, DisclosureError) else 422
            return show(fault=error.message, at=str(piece), status=status)
        return go(f"/awards?done={'opened' if is_open else 'closed'}&piece={piece}#e-{piece}")


def _evidence(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/evidence/<uuid:id>")
    @access.anyone
    def public_evidence(id: UUID) -> Response:
        found = publishing.read(programme, str(id))
        return _link(found) if found.url is not None else _file(found)


def _link(found: Shown) -> Response:
    """Show where a link leads; programs get the address itself, which is what was digested."""
    if choose(_LINK_TYPES) == "text/html":
        answer = Response(render_template("earning/evidence.html", found=found), mimetype="text/html")
        answer.headers.update(_NOINDEX)
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
