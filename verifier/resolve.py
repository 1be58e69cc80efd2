# SPDX-License-Identifier: Apache-2.0
"""Which key, and whose: a key is reached from the document of whom it signs for, never from the credential.

CID 1.0, "Retrieve Verification Method" (https://www.w3.org/TR/cid-1.0/#retrieve-verification-method); Data
Integrity, "Verification Method Binding"; Open Badges 3.0 implementation guide, "Key provenance". The table:

===========  =========================================  ====================================================
issuer       embedded proof                             VC-JWT
===========  =========================================  ====================================================
did:web      did.json, its ``id`` equal to the DID      ``kid``, or a header ``jwk`` equal to one of its keys
did:key/jwk  expanded here                              same
https URL    the document at that URL                   key in ``https://<authority>/.well-known/jwks.json``
===========  =========================================  ====================================================

A document that does not exist or lacks the key is a *no* (``WrongError``, ``MalformedError``); a host that
does not answer is neither yes nor no (``UnknownError``). Never proof of origin: a key in the fragment of an
address, a header ``jwk`` alone, ``jku``, ``x5u``, a key listed for authentication only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from credentials import controller_document as controller_documents
from credentials import did as dids
from credentials.controller_document import ControllerDocument
from credentials.document import Document, parse
from credentials.errors import DocumentError, MalformedError, MethodNotFoundError
from credentials.verification_method import PublicKey
from verifier.errors import ANSWERS, KeyNotShownError, NotFoundError, SourceError, UnresolvableError
from verifier.intake import check_url
from verifier.ports import Fetch

KEY_DOCUMENT_BYTES = 262_144  # bytes of a controller document or key set; 256 keys fit
JWKS_PATH = "/.well-known/jwks.json"
JWKS_KEYS = 256  # keys of a set, as methods of a controller document


@dataclass(frozen=True, slots=True)
class Resolved:
    """A key and whose it is, by that party's own document.

    Attributes:
        controller: Whose key it is.
        public_key: The key.
        place: Address of the document that says so, or the DID that is the key by itself.
        expires: From when on it signs nothing new.
        revoked: From when on it is not trusted any more.
    """

    controller: str
    public_key: PublicKey
    place: str = field(default="", compare=False)
    expires: datetime | None = field(default=None, compare=False)
    revoked: datetime | None = field(default=None, compare=False)


def resolve_method(method_id: str, *, fetch: Fetch, at: datetime) -> Resolved:
    """Return the key that a verification method names, reached from its controller's own document.

    Raises:
        WrongError, MalformedError: There is no such key, or it may not make assertions.
        UnknownError: The document could not be had.
    """
    identifier, _, fragment = method_id.partition("#")
    if identifier.startswith("did:jwk:") and fragment:
        method_id = f"{identifier}#0"  # The one key that there is, whatever the fragment is called.
    document = controller_document(identifier, fetch=fetch)
    key = controller_documents.assertion_key(document, method_id, expected_controller=document.id, at=at)
    method = document.methods[method_id]
    place = dids.did_web_url(identifier) if identifier.startswith("did:web:") else identifier
    return Resolved(document.id, key, place, method.expires, method.revoked)


def resolve_jwt_key(
    *, kid: str | None, header_key: PublicKey | None, issuer_id: str, fetch: Fetch, at: datetime
) -> Resolved:
    """Return the key of a VC-JWT, reached from the issuer's own document or key set.

    Open Badges 3.0, "JSON Web Token Proof Format".

    Raises:
        KeyNotShownError: The header names no key, or one that the issuer does not publish.
        WrongError, MalformedError, UnknownError: As ``resolve_method``.
    """
    if kid is not None and kid.startswith("did:"):
        return resolve_method(kid, fetch=fetch, at=at)
    if issuer_id.startswith("did:"):
        if kid is not None:
            raise KeyNotShownError("The named key is not one of the issuer's own.", got=kid[:200])
        document = controller_document(issuer_id, fetch=fetch)
        method_id = document.method_for(header_key) if header_key is not None else None
        if method_id is None:
            raise KeyNotShownError("The key came along with the credential, and the issuer does not list it.")
        return resolve_method(method_id, fetch=fetch, at=at)
    return _resolve_in_key_set(kid, header_key=header_key, issuer_id=issuer_id, fetch=fetch)


def controller_document(identifier: str, *, fetch: Fetch) -> ControllerDocument:
    """Return the document that ``identifier`` publishes about its keys.

    Raises:
        NotFoundError: It does not exist.
        ControllerDocumentIdError: It speaks of somebody else (checked where a key is taken from it).
        MalformedError: The identifier breaks its grammar, or the document its form.
        UnknownError: Another kind of identifier, or the document could not be had.
    """
    if identifier.startswith("did:"):
        method = dids.parse(identifier).method
        if method != "web":
            return controller_documents.expand(identifier)
        dids.did_web_url(identifier)  # The grammar comes before any connection.
    else:
        _check_https(identifier)
    return controller_documents.read(_get(identifier, fetch=fetch))


def _resolve_in_key_set(
    kid: str | None, *, header_key: PublicKey | None, issuer_id: str, fetch: Fetch
) -> Resolved:
    """Look the key up in the key set at the issuer's own authority, by name or by the key itself."""
    _check_https(issuer_id)
    authority = urlsplit(issuer_id).netloc
    place = f"https://{authority}{JWKS_PATH}"
    members = _get(place, fetch=fetch).members
    if members.get("iss", issuer_id) != issuer_id:
        raise KeyNotShownError("The key set found there belongs to another issuer.", got=members["iss"])
    entries = members.get("keys")
    if not isinstance(entries, list) or len(entries) > JWKS_KEYS:
        raise KeyNotShownError("The issuer publishes no readable key set.")
    keys = [entry for entry in entries if isinstance(entry, dict)]
    if kid is not None:
        named = [entry for entry in keys if entry.get("kid") == kid]
        if len(named) == 1:
            return Resolved(issuer_id, PublicKey.from_jwk(named[0]), place)
        if not kid.startswith("https://"):
            raise MethodNotFoundError("The issuer's key set does not contain the named key.", got=kid[:200])
        # The name may be the address of the key itself; what counts is that the same key is in the set.
        _check_https(kid)
        header_key = PublicKey.from_jwk(_get(kid, fetch=fetch).members)
    for entry in keys:
        try:
            if PublicKey.from_jwk(entry) == header_key and header_key is not None:
                return Resolved(issuer_id, header_key, place)
        except ANSWERS:
            continue  # A neighbour that we cannot read is no reason to refuse the others.
    raise KeyNotShownError("The issuer's key set does not contain the key.")


def _get(name: str, *, fetch: Fetch) -> Document:
    """Return a document of an issuer, or say whether it does not exist or could not be had."""
    answer = fetch(name, max_bytes=KEY_DOCUMENT_BYTES)
    if answer.status in (404, 410):
        raise NotFoundError("The document with the issuer's keys does not exist.", got=name[:200])
    if answer.status != 200:
        raise UnresolvableError(
            f"The host of the issuer's keys answered with the status {answer.status}.", got=name[:200]
        )
    try:
        return parse(answer.body, max_bytes=KEY_DOCUMENT_BYTES)
    except DocumentError as error:
        raise MalformedError(
            f"What stands at the place of the issuer's keys is no key document: {error.message}"
        ) from error


def _check_https(url: str) -> None:
    try:
        plain = url.startswith("https://") and check_url(url) == url
    except SourceError:
        plain = False
    if not plain:
        raise KeyNotShownError("A key is named by a DID or an https address.", got=url[:200])
