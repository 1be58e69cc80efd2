# SPDX-License-Identifier: Apache-2.0
"""One issuer's keys over time. Pure: values in, values out.

===================  ========  ======================  =============================================
state                may sign  published in did.json   proofs that it made
===================  ========  ======================  =============================================
active               yes       yes                     good
retired              no        yes                     good
compromised since T  no        yes, ``revoked: T``     good if created before T, otherwise not
===================  ========  ======================  =============================================

At most one key per algorithm is active. Nothing goes back: a retired key is never active again, a
compromised one never retired, and T may be moved to an earlier moment but not to a later one. Every step
returns a new ring.

``revoked`` is CID 1.0, "Verification Methods", https://www.w3.org/TR/cid-1.0/#verification-methods. The
moment ``created`` in a proof is the signer's word: a thief can write an earlier one. Against that stands the
issuing log and not this table (threat K5). Proofs and DID documents carry whole seconds; a moment is
compared with them as they would show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from credentials.controller_document import METHODS
from credentials.verification_method import KeyAlgorithm, PublicKey, VerificationMethod
from keys.errors import KeyStateError, NoActiveKeyError, NoSuchKeyError

THUMBPRINT_CHARS: Final = 16  # characters of base64url in a key's id: 96 bits, so an id is never used twice

# Data Integrity proofs name a Multikey; JOSE wants the key as a JWK (CID 1.0, "Multikey" and "JsonWebKey").
_METHOD_TYPE: Final = {
    KeyAlgorithm.ED25519: "Multikey",
    KeyAlgorithm.P256: "JsonWebKey",
    KeyAlgorithm.RSA: "JsonWebKey",
}


class KeyState(StrEnum):
    """Where in its life a key stands."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is known of one key. Its private half is only named.

    Attributes:
        id: The fragment of its verification method.
        public_key: The half that everybody may see.
        custody: URI of the place where the private half is kept.
        state: Where in its life it stands.
        created: When it joined the ring.
        retired_at: When it stopped signing, for whichever reason.
        compromised_since: From when on its signatures prove nothing.
    """

    id: str
    public_key: PublicKey
    custody: str
    created: datetime
    state: KeyState = KeyState.ACTIVE
    retired_at: datetime | None = None
    compromised_since: datetime | None = None

    @property
    def algorithm(self) -> KeyAlgorithm:
        """What it signs with."""
        return self.public_key.algorithm

    @property
    def active(self) -> bool:
        """Whether it may sign."""
        return self.state is KeyState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """The keys of one issuer, oldest first.

    Attributes:
        slug: The issuer's short name in our addresses.
        did: The issuer's DID, whose document lists these keys.
        keys: Every key that ever was one, also retired and compromised ones.
    """

    slug: str
    did: str
    keys: tuple[KeyRecord, ...] = ()

    def active(self, algorithm: KeyAlgorithm) -> KeyRecord:
        """Return the key that signs with ``algorithm``.

        Raises:
            NoActiveKeyError: There is none.
        """
        key = self._active(algorithm)
        if key is None:
            raise NoActiveKeyError(
                f'The issuer "{self.slug}" has no active {algorithm} key; make one with "hallmark keys new".'
            )
        return key

    def key(self, key_id: str) -> KeyRecord:
        """Return the key with this id.

        Raises:
            NoSuchKeyError: The issuer has none.
        """
        for key in self.keys:
            if key.id == key_id:
                return key
        raise NoSuchKeyError(f'The issuer "{self.slug}" has no key of this id.', got=key_id[:80])

    def method_id(self, key: KeyRecord) -> str:
        """Return the DID URL under which ``key`` is published; proofs and ``kid`` name it."""
        return f"{self.did}#{key.id}"

    def methods(self) -> Iterator[VerificationMethod]:
        """Yield every key as the DID document lists it, active ones first: some readers stop at the first."""
        for key in sorted(self.keys, key=lambda key: not key.active):
            yield VerificationMethod(
                id=self.method_id(key),
                type=_METHOD_TYPE[key.algorithm],
                controller=self.did,
                public_key=key.public_key,
                revoked=key.compromised_since,
            )

    def with_new(self, key: KeyRecord) -> KeyRing:
        """Add the first active key of its algorithm.

        Raises:
            KeyStateError: There is an active one already.
        """
        if self._active(key.algorithm) is not None:
            raise KeyStateError(
                f'The issuer "{self.slug}" has an active {key.algorithm} key; to replace it use '
                '"hallmark keys rotate".'
            )
        if len(self.keys) >= METHODS:
            raise KeyStateError(f"A DID document lists {METHODS} keys at most, and this one is full.")
        return replace(self, keys=(*self.keys, key))

    def rotated(self, key: KeyRecord) -> KeyRing:
        """Retire the active key of this algorithm at the moment at which ``key`` takes its place.

        Raises:
            NoActiveKeyError: There is none to replace.
        """
        before = self.active(key.algorithm)
        return self.retired(before.id, key.created).with_new(key)

    def retired(self, key_id: str, now: datetime) -> KeyRing:
        """Let the key sign nothing more; what it signed stays good.

        Raises:
            NoSuchKeyError: The issuer has no such key.
            KeyStateError: It is not active.
        """
        key = self.key(key_id)
        if not key.active:
            raise KeyStateError(f"The key {key_id} is not active, it is {key.state}.", got=key.state)
        return self._with(replace(key, state=KeyState.RETIRED, retired_at=max(now, key.created)))

    def compromised(self, key_id: str, *, since: datetime, now: datetime) -> KeyRing:
        """Say that others may have signed with the key since that moment; proofs created before stay good.

        Raises:
            NoSuchKeyError: The issuer has no such key.
            KeyStateError: The moment lies in the future, or after the one that was said before.
        """
        key = self.key(key_id)
        since = since.replace(microsecond=0)
        if since > now:
            raise KeyStateError("A key cannot be compromised since a moment that is still to come.")
        if key.compromised_since is not None and since > key.compromised_since:
            raise KeyStateError(
                "The moment since which a key is compromised can be moved to an earlier one only.",
                got=since.isoformat(),
                expected=key.compromised_since.isoformat(),
            )
        return self._with(
            replace(
                key,
                state=KeyState.COMPROMISED,
                retired_at=key.retired_at or max(now, key.created),
                compromised_since=since,
            )
        )

    def _active(self, algorithm: KeyAlgorithm) -> KeyRecord | None:
        return next((key for key in self.keys if key.active and key.algorithm is algorithm), None)

    def _with(self, changed: KeyRecord) -> KeyRing:
        return replace(self, keys=tuple(changed if key.id == changed.id else key for key in self.keys))


def key_id(public_key: PublicKey) -> str:
    """Return the id of a key: its algorithm, for people, and the beginning of its thumbprint (RFC 7638)."""
    kind = str(public_key.algorithm).replace("-", "").lower()
    return f"{kind}-{public_key.thumbprint()[:THUMBPRINT_CHARS]}"
