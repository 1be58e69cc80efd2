# SPDX-License-Identifier: Apache-2.0
"""What strangers read about our keys: DID documents and key sets. The same rows give the same bytes.

- DID document: did:web, https://w3c-ccg.github.io/did-method-web/. Ed25519 as ``Multikey``, P-256 and RSA as
  ``JsonWebKey`` (Open Badges 3.0 secures JWTs by JOSE, which wants that type), every key under
  ``assertionMethod`` and under nothing else. Retired keys stay, a compromised one carries ``revoked``.
- Key set: RFC 7517, section 5, with the member ``iss`` that the Open Badges implementation guide adds
  (#key-provenance). A key set cannot say "good before that moment", so a compromised key leaves it.

Every document has one or more names: the DID, and the addresses at which it is served.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from credentials import controller_document
from credentials.did import did_web_url
from credentials.document import Json, write
from credentials.verification_method import KeyAlgorithm
from keys.keyring import KeyRing, KeyState

DID_MEDIA_TYPE: Final = "application/json"  # did:web resolvers of the field take it; others come by Accept
JWKS_MEDIA_TYPE: Final = "application/jwk-set+json"
# Seconds for which anybody may keep a copy. A verifier with an older copy does not know a new key yet.
MAX_AGE: Final = 60

_JWS_ALGORITHM: Final = {
    KeyAlgorithm.ED25519: "EdDSA",
    KeyAlgorithm.P256: "ES256",
    KeyAlgorithm.RSA: "RS256",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One public document of ours, byte for byte as a stranger gets it.

    Attributes:
        names: The DID and the addresses under which it is known.
        path: Where it lies in a static export, and below the public address.
        body: The bytes.
        media_type: What they are.
        max_age: Seconds for which a copy may be kept.
        also: A further directive for copies (``service.negotiate``).
        digest: SHA-256 of ``body`` in hexadecimal, if a row knows it.
    """

    names: Sequence[str]
    path: str
    body: bytes
    media_type: str
    max_age: int = MAX_AGE
    also: str = "must-revalidate"  # a key that was revoked is not believed because of an old copy
    digest: str | None = None


class Rings(Protocol):
    """Where the rings come from: the cabinet."""

    @property
    def public_url(self) -> str:
        """Base of every address that we publish."""

    @property
    def root_did(self) -> str:
        """The DID whose document lies at /.well-known/did.json."""

    def issuers(self) -> Sequence[tuple[str, str]]:
        """Slug and DID of every issuer."""

    def ring(self, slug: str) -> KeyRing:
        """The keys of one issuer."""


def did_document(ring: KeyRing) -> bytes:
    """Return the bytes of the DID document of ``ring``."""
    return write(controller_document.build(did=ring.did, methods=tuple(ring.methods())))


def jwks(ring: KeyRing) -> bytes:
    """Return the bytes of the key set of ``ring``; ``kid`` is the DID URL, as in the header of our JWTs."""
    keys: list[Json] = [
        {
            **key.public_key.to_jwk(),
            "kid": ring.method_id(key),
            "use": "sig",
            "alg": _JWS_ALGORITHM[key.algorithm],
        }
        for key in ring.keys
        if key.state is not KeyState.COMPROMISED
    ]
    return write({"iss": ring.did, "keys": keys})


def documents(rings: Rings) -> Iterator[Published]:
    """Yield every public document of every issuer, each path once: what a static export holds."""
    for slug, did in rings.issuers():
        ring = rings.ring(slug)
        for place in _places(rings, slug, did):
            yield place.of(ring)


def published(rings: Rings, name: str) -> Published | None:
    """Return the document of ours with this name, or nothing if it is none of ours."""
    if not name.startswith("did:") and not name.endswith(("/did.json", "/jwks.json")):
        return None
    for slug, did in rings.issuers():
        for place in _places(rings, slug, did):
            if name in place.names:
                return place.of(rings.ring(slug))
    return None


def at_path(rings: Rings, path: str) -> Published | None:
    """Return the document that is served at ``path`` below the public address."""
    return published(rings, f"{rings.public_url}/{path}")


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    names: Sequence[str]
    is_key_set: bool

    def of(self, ring: KeyRing) -> Published:
        return Published(
            names=self.names,
            path=self.path,
            body=jwks(ring) if self.is_key_set else did_document(ring),
            media_type=JWKS_MEDIA_TYPE if self.is_key_set else DID_MEDIA_TYPE,
        )


def _places(rings: Rings, slug: str, did: str) -> Iterator[_Place]:
    """Yield where an issuer's documents lie: below its slug, and the root issuer's also in /.well-known."""
    origin = did_web_url(rings.root_did).removesuffix("/.well-known/did.json")
    own = f"issuers/{slug}"
    folders = (".well-known", own) if did == rings.root_did else (own,)
    for folder in folders:
        for file in ("did.json", "jwks.json"):
            path = f"{folder}/{file}"
            names: tuple[str, ...] = (f"{rings.public_url}/{path}", f"{origin}/{path}")
            if file == "did.json" and folder == folders[0]:
                names = (did, did_web_url(did), *names)
            yield _Place(path=path, names=tuple(dict.fromkeys(names)), is_key_set=file == "jwks.json")
