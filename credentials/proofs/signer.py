# SPDX-License-Identifier: Apache-2.0
"""The port through which a signature is made: bytes in, raw signature out.

No private key type appears here or anywhere in this room: whoever holds the key (``keys``) hands in a Signer.
"""

from __future__ import annotations

from typing import Protocol

from credentials.verification_method import KeyAlgorithm


class Signer(Protocol):
    """Signs with one key, whose public half the verification method names."""

    @property
    def verification_method(self) -> str:
        """Absolute URL with a fragment, under which the public key is published."""

    @property
    def algorithm(self) -> KeyAlgorithm:
        """Kind of the key; it decides how ``sign`` hashes and what the signature looks like."""

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``.

        Ed25519: RFC 8032, 64 bytes. P-256 with SHA-256 and P-384 with SHA-384: r and s, each as wide as the
        curve (IEEE P1363), 64 and 96 bytes, never DER. RSA: RSASSA-PKCS1-v1_5 with SHA-256.
        """
