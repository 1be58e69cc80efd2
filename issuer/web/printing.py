# SPDX-License-Identifier: Apache-2.0
"""The certificate of a credential for everybody: ``/credentials/<id>.pdf``, or by Accept at its page."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, request

from issuer import documents
from issuer.documents import MEDIA_TYPE
from issuer.mint import Mint
from service import access, clock, ratelimit
from service.negotiate import respond

_ENDPOINT: Final = "credential_pdf"
_SUFFIX: Final = ".pdf"


def install(routes: Blueprint, mint: Mint) -> None:
    """Add the address with the suffix."""
    shelf = documents.Shelf(mint)

    @routes.get(f"/credentials/<uuid:key>{_SUFFIX}", endpoint=_ENDPOINT)
    @ratelimit.limited
    @access.anyone
    def certificate(key: UUID) -> Response:
        pdf = shelf.certificate(str(key), now=clock.now())
        return respond(
            pdf,
            MEDIA_TYPE,
            negotiated=not request.path.endswith(_SUFFIX),
            headers={
                "X-Robots-Tag": "noindex",
                "Content-Disposition": f'attachment; filename="certificate-{str(key)[:8]}.pdf"',
            },
        )


def negotiated(key: UUID) -> Response:
    """Answer at the address of the page; it counts as often as the address with the suffix."""
    return make_response(current_app.view_functions[f"{request.blueprint}.{_ENDPOINT}"](key=key))
