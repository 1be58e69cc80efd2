# SPDX-License-Identifier: Apache-2.0
"""The addresses at which strangers read our keys.

``/.well-known/did.json`` and ``/.well-known/jwks.json`` are those of the issuer whose DID has no path;
``/issuers/<slug>/did.json`` and ``/issuers/<slug>/jwks.json`` answer for every issuer. Any page may read them
(CORS), and copies age quickly, since an old copy does not know a new key.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request

from keys import publish
from keys.cabinet import Cabinet
from keys.errors import NoSuchIssuerError
from service import access
from service.negotiate import best, respond

# did:web asks for JSON; DID 1.0, section 6, has the second and third, DID 1.1 the last. Same bytes each time.
DID_MEDIA_TYPES: Final = (
    publish.DID_MEDIA_TYPE,
    "application/did+json",
    "application/did+ld+json",
    "application/did",
)
_OPEN: Final = {"Access-Control-Allow-Origin": "*"}


def blueprint(cabinet: Cabinet) -> Blueprint:
    """Return the routes that serve the documents of ``cabinet``."""
    pages = Blueprint("keys", __name__)

    @pages.get("/.well-known/did.json")
    @access.anyone
    def root_did_document() -> Response:
        return _did_document(cabinet, ".well-known/did.json")

    @pages.get("/issuers/<slug>/did.json")
    @access.anyone
    def did_document(slug: str) -> Response:
        return _did_document(cabinet, f"issuers/{slug}/did.json")

    @pages.get("/.well-known/jwks.json")
    @access.anyone
    def root_key_set() -> Response:
        return _key_set(cabinet, ".well-known/jwks.json")

    @pages.get("/issuers/<slug>/jwks.json")
    @access.anyone
    def key_set(slug: str) -> Response:
        return _key_set(cabinet, f"issuers/{slug}/jwks.json")

    return pages


def _did_document(cabinet: Cabinet, path: str) -> Response:
    found = _found(cabinet, path)
    # Resolvers ask in many ways; whoever asks for something else still gets JSON and can read it.
    media_type = best(request.headers.get("Accept"), DID_MEDIA_TYPES) or publish.DID_MEDIA_TYPE
    return respond(
        found.body, media_type, max_age=found.max_age, also=found.also, negotiated=True, headers=_OPEN
    )


def _key_set(cabinet: Cabinet, path: str) -> Response:
    found = _found(cabinet, path)
    return respond(found.body, found.media_type, max_age=found.max_age, also=found.also, headers=_OPEN)


def _found(cabinet: Cabinet, path: str) -> publish.Published:
    found = publish.at_path(cabinet, path)
    if found is None:
        raise NoSuchIssuerError("There is no issuer at this address.")
    return found
