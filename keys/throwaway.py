# SPDX-License-Identifier: Apache-2.0
"""Keys that live for one lint: made, used and forgotten, in memory only.

Before an issuer signs, its document is signed with keys that nobody else has, and the verifier looks at it
with the DID document that the issuer would publish if these keys were its own (threat I1). What such a key
signed verifies nowhere: that DID document leaves this process under no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from credentials.verification_method import KeyAlgorithm
from keys import private_key
from keys.custody import KeySigner
from keys.keyring import KeyRecord, KeyRing, key_id
from keys.publish import did_document

ALGORITHMS = (KeyAlgorithm.ED25519, KeyAlgorithm.P256)  # what an issuer signs proofs and JWTs with
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)  # of a key that no row knows; it is not published


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrowAway:
    """Signers without a future, and the DID document that lists them.

    Attributes:
        did: The issuer whose part they play.
        signers: One for each algorithm that issuers use.
        document: The bytes of the DID document, to be laid over the issuer's own.
    """

    did: str
    signers: Mapping[KeyAlgorithm, KeySigner]
    document: bytes


def throw_away(did: str) -> ThrowAway:
    """Make keys for one lint of a document that ``did`` is going to sign."""
    ring = KeyRing(slug="throw-away", did=did)
    signers = {}
    for algorithm in ALGORITHMS:
        key = private_key.generate(algorithm)
        record = KeyRecord(
            id=key_id(key.public_key), public_key=key.public_key, custody="memory:", created=_NO_DATE
        )
        ring = ring.with_new(record)
        signers[algorithm] = KeySigner(key, verification_method=ring.method_id(record))
    return ThrowAway(did=did, signers=MappingProxyType(signers), document=did_document(ring))
