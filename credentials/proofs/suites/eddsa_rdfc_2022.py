# SPDX-License-Identifier: Apache-2.0
"""eddsa-rdfc-2022: RDFC-1.0, SHA-256, Ed25519, base58btc.

EdDSA Cryptosuites 1.0, "eddsa-rdfc-2022" (https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022).
"""

from __future__ import annotations

from credentials.canonicalize import canonicalize
from credentials.multibase import decode_base58btc, encode_base58btc
from credentials.proofs.suite import Suite
from credentials.verification_method import KeyAlgorithm

SUITE = Suite(
    name="eddsa-rdfc-2022",
    hashes={KeyAlgorithm.ED25519: "sha256"},
    canonicalize=canonicalize,
    encode_value=encode_base58btc,
    decode_value=decode_base58btc,
)
