# SPDX-License-Identifier: Apache-2.0
"""Signers with throw-away keys for tests; the product has its own in ``keys``."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from credentials.did import did_key_for
from credentials.verification_method import KeyAlgorithm, PublicKey


@dataclass(frozen=True)
class KeySigner:
    """Signs with a private key of the cryptography library, under any verification method."""

    key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    verification_method: str

    @property
    def public_key(self) -> PublicKey:
        return PublicKey.from_cryptography(self.key.public_key())

    @property
    def algorithm(self) -> KeyAlgorithm:
        return self.public_key.algorithm

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(data)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), SHA256())
        size = self.key.key_size // 8
        digest = SHA256() if size == 32 else SHA384()
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def ed25519(seed: bytes = bytes(range(32)), *, verification_method: str | None = None) -> KeySigner:
    """A signer of the did:key that its seed makes, or under another verification method."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    did = did_key_for(PublicKey.from_cryptography(key.public_key()))
    return KeySigner(key, verification_method or f"{did}#{did.removeprefix('did:key:')}")


def p256(number: int = 7, *, verification_method: str = "did:web:example.org#p256") -> KeySigner:
    return KeySigner(ec.derive_private_key(number, ec.SECP256R1()), verification_method)


def p384(number: int = 7, *, verification_method: str = "did:web:example.org#p384") -> KeySigner:
    return KeySigner(ec.derive_private_key(number, ec.SECP384R1()), verification_method)


def rsa_signer(bits: int = 2048, *, verification_method: str = "did:web:example.org#rsa") -> KeySigner:
    return KeySigner(rsa.generate_private_key(65537, bits), verification_method)
