# SPDX-License-Identifier: Apache-2.0
"""The raw values behind an answer, for experts and for "why you can trust this".

Which key signed and where it was read (CID 1.0, "Retrieve Verification Method"), over which canonical form
(Data Integrity 1.0, "Transform"; RFC 7515, "JWS Signing Input"), which bit of which status list was read
(Bitstring Status List 1.0, "Validate Algorithm"), and the issuer's address as signed. Nothing is decided
here, and a value that stands here proves nothing by itself: of a credential that is not genuine these are the
words of whoever made it. Foreign text is freed of invisible characters and cut.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from credentials.dates import format_datetime
from credentials.digests import digest_multibase
from credentials.errors import UnknownError, UnsupportedKeyError
from credentials.summary import ADDRESS_CHARS, Summary
from credentials.verification_method import PublicKey
from verifier.checks.status import EntryAnswer, StatusAnswer
from verifier.explain import is_hidden, shown
from verifier.opened import Opened, in_words
from verifier.securing import Signature, Signatures

CANONICAL_BYTES = 65_536  # bytes of a canonical form that is shown; a badge with a rubric has 8 to 20 KB


@dataclass(frozen=True, slots=True)
class SignatureDetails:
    """One signature.

    Attributes:
        method: What it names as its key, a DID URL.
        suite: The cryptosuite, or ``alg`` of a JWT.
        fits: Whether it fits; None when that could not be found out.
        created: When it was made, by its own word.
        controller: Whose key it is, by that party's own document; None: not shown.
        key_read_at: Address of that document, or the DID that is the key by itself.
        public_key: The key as Multikey; for RSA the JWK thumbprint (RFC 7638).
        algorithm: The kind of the key.
        key_expires: From when on the key signs nothing new.
        key_revoked: From when on it is not trusted any more.
    """

    method: str
    suite: str
    fits: bool | None
    created: datetime | None
    controller: str | None
    key_read_at: str | None
    public_key: str | None
    algorithm: str | None
    key_expires: datetime | None
    key_revoked: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the object that the API answers with."""
        return {
            "method": self.method,
            "suite": self.suite or None,
            "fits": self.fits,
            "created": _date(self.created),
            "controller": self.controller,
            "key_read_at": self.key_read_at,
            "public_key": self.public_key,
            "algorithm": self.algorithm,
            "key_expires": _date(self.key_expires),
            "key_revoked": _date(self.key_revoked),
        }


@dataclass(frozen=True, slots=True)
class StatusDetails:
    """One status entry and what its list said.

    Attributes:
        url: Address of the list; "" when the entry names none.
        index: The place in it; None for a list of ids.
        purpose: What a set bit means, such as ``revocation``.
        is_set: Whether it is set; None when that could not be found out, or was not asked for.
        valid_from: How new the list is.
        valid_until: When it ends, if it says so.
        source: Who handed the list over, in words.
        trouble: Why it could not be read.
    """

    url: str
    index: int | None
    purpose: str
    is_set: bool | None
    valid_from: datetime | None
    valid_until: datetime | None
    source: str
    trouble: str

    def to_json(self, *, now: datetime) -> dict[str, Any]:
        """Return the object that the API answers with; its age is in seconds."""
        age = (now - self.valid_from).total_seconds() if self.valid_from is not None else None
        return {
            "url": self.url or None,
            "index": self.index,
            "purpose": self.purpose or None,
            "is_set": self.is_set,
            "valid_from": _date(self.valid_from),
            "valid_until": _date(self.valid_until),
            "age_seconds": max(0, int(age)) if age is not None else None,
            "source": self.source or None,
            "trouble": self.trouble or None,
        }


@dataclass(frozen=True, slots=True)
class Sponsor:
    """How to reach who issued it, by its own signed words; what a district writes into its file."""

    name: str | None = None
    address: tuple[str, ...] = ()
    email: str | None = None
    phone: str | None = None
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the object that the API answers with."""
        return {
            "name": self.name,
            "address": list(self.address),
            "email": self.email,
            "phone": self.phone,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Details:
    """Everything raw about one examination.

    Attributes:
        signatures: Each signature that was looked at.
        status: Each status entry that was looked at.
        sponsor: The issuer's address.
        credential_digest: ``digestMultibase`` of the credential itself, JSON or JWT as it came.
        canonical_sha256: SHA-256 of the canonical form without proofs, in hexadecimal.
        canonical: That form, N-Quads; None when there is none or it is larger than CANONICAL_BYTES.
        signing_input_sha256: SHA-256 of what the signature of a JWT is over.
    """

    signatures: tuple[SignatureDetails, ...] = ()
    status: tuple[StatusDetails, ...] = ()
    sponsor: Sponsor = Sponsor()
    credential_digest: str | None = None
    canonical_sha256: str | None = None
    canonical: str | None = None
    signing_input_sha256: str | None = None

    @property
    def canonical_shown(self) -> str | None:
        """The canonical form for a page: what is hidden or turns the direction as its number."""
        if self.canonical is None:
            return None
        return "".join(
            f"\\u{ord(char):04X}" if is_hidden(char) and char != "\n" else char for char in self.canonical
        )

    def to_json(self, *, now: datetime) -> dict[str, Any]:
        """Return the object that the API answers with; the canonical form itself is left out."""
        return {
            "signatures": [signature.to_json() for signature in self.signatures],
            "status": [entry.to_json(now=now) for entry in self.status],
            "sponsor": self.sponsor.to_json(),
            "credential_digest": self.credential_digest,
            "canonical_sha256": self.canonical_sha256,
            "signing_input_sha256": self.signing_input_sha256,
        }


NO_DETAILS = Details()


def details_of(opened: Opened, *, signatures: Signatures, status: StatusAnswer, summary: Summary) -> Details:
    """Return the raw values of one examination."""
    jwt, canonical = opened.presented.jwt, opened.canonical
    own_bytes = jwt.token.text.encode() if jwt is not None else opened.presented.document.raw
    return Details(
        signatures=tuple(_signature(each) for each in signatures.found),
        status=tuple(_status(each) for each in status.entries),
        sponsor=Sponsor(
            name=summary.issuer_name,
            address=summary.issuer_address,
            email=summary.issuer_email,
            phone=summary.issuer_phone,
            url=summary.issuer_url,
        ),
        credential_digest=digest_multibase(own_bytes),
        canonical_sha256=hashlib.sha256(canonical).hexdigest() if canonical is not None else None,
        canonical=_readable(canonical),
        signing_input_sha256=hashlib.sha256(jwt.token.signing_input).hexdigest() if jwt is not None else None,
    )


def _signature(signature: Signature) -> SignatureDetails:
    key = signature.key
    return SignatureDetails(
        method=_shown(signature.claimed_method),
        suite=_shown(signature.suite),
        fits=None if isinstance(signature.fit, UnknownError) else signature.fit is None,
        created=signature.created,
        controller=_shown(key.controller) if key is not None else None,
        key_read_at=_shown(key.place) if key is not None else None,
        public_key=written(key.public_key) if key is not None else None,
        algorithm=str(key.public_key.algorithm) if key is not None else None,
        key_expires=key.expires if key is not None else None,
        key_revoked=key.revoked if key is not None else None,
    )


def _status(entry: EntryAnswer) -> StatusDetails:
    reading = entry.reading
    return StatusDetails(
        url=_shown(entry.url),
        index=entry.index,
        purpose=_shown(entry.purpose),
        is_set=reading.is_set if reading is not None else None,
        valid_from=reading.as_of if reading is not None else None,
        valid_until=reading.until if reading is not None else None,
        source=str(reading.source) if reading is not None else "",
        trouble=_shown(in_words(entry.error)) if entry.error is not None else "",
    )


def written(key: PublicKey) -> str:
    """Return the key as a Multikey, or for a kind that has none as its JWK thumbprint."""
    try:
        return key.to_multikey()
    except UnsupportedKeyError:
        return key.thumbprint()


def _readable(canonical: bytes | None) -> str | None:
    if canonical is None or len(canonical) > CANONICAL_BYTES:
        return None
    return canonical.decode("utf-8", errors="replace")


def _shown(text: str) -> str:
    return shown(text, max_chars=ADDRESS_CHARS)


def _date(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment is not None else None
