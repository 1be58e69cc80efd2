# SPDX-License-Identifier: Apache-2.0
"""The floor: what remains when everything but hashing and one Ed25519 operation is left out.

It hashes the canonical bytes that are given to it and signs or verifies; whoever issues or verifies cannot be
faster with this cryptography. For VC-JWT, bare cryptography over ready bytes.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from importlib.metadata import version
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.fixture import Fixture
from benchmarks.protocol import Call, Operation, serve
from credentials.canonicalize import canonicalize


def _texts(fixture: Fixture) -> tuple[bytes, bytes]:
    """Return the canonical options of the proof, and the canonical document."""
    members = json.loads(fixture.raw)
    proof = members.pop("proof")
    options = {"@context": members["@context"], **proof}
    del options["proofValue"]
    return canonicalize(options), canonicalize(members)


def sign(fixture: Fixture) -> Call:
    """Two SHA-256 and a signature."""
    key = Ed25519PrivateKey.from_private_bytes(fixture.seed)
    options, text = _texts(fixture)
    return lambda: key.sign(hashlib.sha256(options).digest() + hashlib.sha256(text).digest()).hex()


def verify(fixture: Fixture) -> Call:
    """Two SHA-256 and the check of a signature."""
    key = Ed25519PrivateKey.from_private_bytes(fixture.seed)
    public = key.public_key()
    options, text = _texts(fixture)
    signature = key.sign(hashlib.sha256(options).digest() + hashlib.sha256(text).digest())

    def call() -> bool:
        public.verify(signature, hashlib.sha256(options).digest() + hashlib.sha256(text).digest())
        return True

    return call


def sign_and_verify(fixture: Fixture) -> Call:
    """Two SHA-256, a signature, and its check."""
    key = Ed25519PrivateKey.from_private_bytes(fixture.seed)
    public = key.public_key()
    options, text = _texts(fixture)

    def call() -> str:
        data = hashlib.sha256(options).digest() + hashlib.sha256(text).digest()
        signature = key.sign(data)
        public.verify(signature, data)
        return signature.hex()

    return call


def _key(algorithm: str, seed: bytes) -> Any:
    if algorithm == "EdDSA":
        return Ed25519PrivateKey.from_private_bytes(seed)
    if algorithm == "ES256":
        return ec.derive_private_key(int.from_bytes(seed, "big"), ec.SECP256R1())
    return rsa.generate_private_key(65_537, 2048)


_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "EdDSA": (),
    "ES256": (ec.ECDSA(SHA256()),),
    "RS256": (padding.PKCS1v15(), SHA256()),
}


def sign_jwt(algorithm: str) -> Operation:
    """Return the operation that encodes ready JSON and signs it."""

    def prepare(fixture: Fixture) -> Call:
        key, header = _key(algorithm, fixture.seed), urlsafe_b64encode(b'{"alg":"%b"}' % algorithm.encode())
        members = fixture.unsigned

        def call() -> str:
            text = header + b"." + urlsafe_b64encode(json.dumps(members, separators=(",", ":")).encode())
            signature: bytes = key.sign(text, *_ARGUMENTS[algorithm])
            return (text + b"." + urlsafe_b64encode(signature)).decode()

        return call

    return prepare


def verify_jwt(algorithm: str) -> Operation:
    """Return the operation that checks a signature over ready bytes, and parses the JSON."""

    def prepare(fixture: Fixture) -> Call:
        key, raw = _key(algorithm, fixture.seed), fixture.raw
        data = urlsafe_b64encode(raw)
        signature = key.sign(data, *_ARGUMENTS[algorithm])
        public = key.public_key()

        def call() -> bool:
            public.verify(signature, data, *_ARGUMENTS[algorithm])
            json.loads(raw)
            return True

        return call

    return prepare


OPERATIONS: dict[str, Operation] = {
    "issue": sign,
    "issue-template": sign,
    "issue-template-verified": sign_and_verify,
    "verify": verify,
    "verify-all": verify,
    **{f"sign-jwt-{name}": sign_jwt(name) for name in _ARGUMENTS},
    **{f"verify-jwt-{name}": verify_jwt(name) for name in _ARGUMENTS},
}

if __name__ == "__main__":
    serve("floor", {"cryptography": version("cryptography")}, OPERATIONS)
