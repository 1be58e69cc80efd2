# SPDX-License-Identifier: Apache-2.0
"""openbadgeslib: its proof functions, and its whole verifier, which also validates contexts."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import version

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.ldp import OB3LdpVerifier, add_data_integrity_proof, verify_data_integrity_proof

from benchmarks.fixture import Fixture
from benchmarks.protocol import Call, Operation, serve


def _pem(fixture: Fixture) -> tuple[bytes, bytes]:
    key = Ed25519PrivateKey.from_private_bytes(fixture.seed)
    return (
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def issue(fixture: Fixture) -> Call:
    """Its proof function."""
    private, _ = _pem(fixture)
    members, method = fixture.unsigned, fixture.key["method"]
    created = datetime.fromisoformat(fixture.key["created"])
    return lambda: json.dumps(add_data_integrity_proof(members, private, method, created=created)).encode()


def verify(fixture: Fixture) -> Call:
    """Its proof function."""
    _, public = _pem(fixture)
    raw = fixture.raw

    def call() -> bool:
        try:
            verify_data_integrity_proof(json.loads(raw), public)
        except LibOpenBadgesException:
            return False
        return True

    return call


def verify_all(fixture: Fixture) -> Call:
    """Its verifier; the status list is left out."""
    raw = fixture.raw

    def call() -> bool:
        try:
            OB3LdpVerifier().verify(raw)
        except LibOpenBadgesException:
            return False
        return True

    return call


OPERATIONS: dict[str, Operation] = {"issue": issue, "verify": verify, "verify-all": verify_all}

if __name__ == "__main__":
    serve("openbadgeslib", {"openbadgeslib": version("openbadgeslib")}, OPERATIONS)
