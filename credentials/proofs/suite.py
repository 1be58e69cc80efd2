# SPDX-License-Identifier: Apache-2.0
"""What a Data Integrity cryptosuite is made of; each is one file in ``suites`` and one row in an allow-list.

Data Integrity 1.0, "Cryptographic Suites" (https://www.w3.org/TR/vc-data-integrity/#cryptographic-suites).
The suites that hash options and document apart and sign both hashes differ only in the parts named here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from credentials.document import Json
from credentials.verification_method import KeyAlgorithm

# Names that a specification or the W3C registry defines, carried or not. Anything else is made up.
# https://www.w3.org/TR/vc-extensions/ and the specifications of the Verifiable Credentials Working Group.
REGISTERED_SUITES = frozenset(
    {
        "bbs-2023",
        "ecdsa-2019",
        "ecdsa-jcs-2019",
        "ecdsa-rdfc-2019",
        "ecdsa-sd-2023",
        "ecdsa-xi-2023",
        "eddsa-2022",
        "eddsa-jcs-2022",
        "eddsa-rdfc-2022",
        "falcon512-jcs-2024",
        "falcon512-rdfc-2024",
        "jcs-eddsa-2022",
        "json-eddsa-2022",
        "merkle-proof-2019",
        "mldsa44-jcs-2024",
        "mldsa44-rdfc-2024",
        "slhdsa128-jcs-2024",
        "slhdsa128-rdfc-2024",
        "sqisign1-jcs-2024",
        "sqisign1-rdfc-2024",
    }
)
# Proof types from the time before cryptosuites had names of their own.
REGISTERED_TYPES = frozenset(
    {
        "BbsBlsSignature2020",
        "BbsBlsSignatureProof2020",
        "EcdsaSecp256k1RecoverySignature2020",
        "EcdsaSecp256k1Signature2019",
        "EcdsaSecp256r1Signature2019",
        "Ed25519Signature2018",
        "Ed25519Signature2020",
        "JcsEd25519Signature2020",
        "JsonWebSignature2020",
        "MerkleProof2019",
        "RsaSignature2018",
    }
)


_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


class Canonicalize(Protocol):
    """Turns members into the bytes that are hashed."""

    def __call__(self, members: Mapping[str, Json], /, *, hash_name: str, general: bool) -> bytes:
        """Return the canonical form; ``general`` lets the slow general path help (never when signing)."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One cryptosuite, by its parts.

    Attributes:
        name: As it stands in ``cryptosuite``.
        hashes: The kinds of key that may sign, each with the name of its hash function.
        canonicalize: How options and document become bytes.
        encode_value: How a signature becomes a ``proofValue``.
        decode_value: The reverse; it bounds the length and raises MultibaseError.
    """

    name: str
    hashes: Mapping[KeyAlgorithm, str]
    canonicalize: Canonicalize
    encode_value: Callable[[bytes], str]
    decode_value: Callable[[str], bytes]

    def signing_input(self, options: bytes, document: bytes, *, algorithm: KeyAlgorithm) -> bytes:
        """Return what is signed: the hash of the canonical options, then that of the canonical document.

        EdDSA Cryptosuites 1.0, "Hashing (eddsa-rdfc-2022)", and its siblings.
        """
        hashed = _HASHES[self.hashes[algorithm]]
        return hashed(options).digest() + hashed(document).digest()
