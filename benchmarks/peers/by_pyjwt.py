# SPDX-License-Identifier: Apache-2.0
"""PyJWT: the credential as the payload of a token."""

from __future__ import annotations

from importlib.metadata import version

import jwt
from cryptography.hazmat.primitives import serialization

from benchmarks.fixture import Fixture
from benchmarks.peers.ours import KEYS
from benchmarks.protocol import Call, Operation, serve


def sign_jwt(algorithm: str) -> Operation:
    """Return the operation that signs."""

    def prepare(fixture: Fixture) -> Call:
        key, members = KEYS[algorithm](fixture.seed), fixture.unsigned
        return lambda: jwt.encode(members, key, algorithm=algorithm)

    return prepare


def verify_jwt(algorithm: str) -> Operation:
    """Return the operation that verifies."""

    def prepare(fixture: Fixture) -> Call:
        key = KEYS[algorithm](fixture.seed)
        token = jwt.encode(fixture.unsigned, key, algorithm=algorithm)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return lambda: bool(jwt.decode(token, public, algorithms=[algorithm]))

    return prepare


OPERATIONS: dict[str, Operation] = {
    **{f"sign-jwt-{name}": sign_jwt(name) for name in KEYS},
    **{f"verify-jwt-{name}": verify_jwt(name) for name in KEYS},
}

if __name__ == "__main__":
    serve("PyJWT", {"PyJWT": version("PyJWT")}, OPERATIONS)
