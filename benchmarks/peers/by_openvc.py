# SPDX-License-Identifier: Apache-2.0
"""openvc-core: its Data Integrity suites (RDFC and JCS), which also validate contexts."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import version
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openvc.errors import OpenvcError
from openvc.keys import Ed25519SigningKey
from openvc.proof._jcs import canonicalize
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_jcs import EddsaJcsProofSuite

from benchmarks.fixture import Fixture
from benchmarks.protocol import Call, Operation, serve
from credentials.jsonld.contexts import OPEN_BADGES


def _key(fixture: Fixture) -> Ed25519SigningKey:
    return Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(fixture.seed), fixture.key["method"])


def _extra(fixture: Fixture) -> dict[str, Any]:
    return {OPEN_BADGES: fixture.contexts[OPEN_BADGES]}


def issue(fixture: Fixture) -> Call:
    """Add a proof."""
    suite, key, members, extra = DataIntegrityProofSuite(), _key(fixture), fixture.unsigned, _extra(fixture)
    created = datetime.fromisoformat(fixture.key["created"])

    def call() -> bytes:
        secured = suite.add_proof(
            members,
            signing_key=key,
            verification_method=fixture.key["method"],
            created=created,
            extra_contexts=extra,
        )
        return json.dumps(secured).encode()

    return call


def verify(fixture: Fixture) -> Call:
    """Verify a proof; the key comes from the did:key."""
    suite, raw, extra = DataIntegrityProofSuite(), fixture.raw, _extra(fixture)

    def call() -> bool:
        try:
            suite.verify(json.loads(raw), extra_contexts=extra)
        except OpenvcError:
            return False
        return True

    return call


def jcs(fixture: Fixture) -> Call:
    """The JSON Canonicalization Scheme alone."""
    members = fixture.unsigned
    return lambda: canonicalize(members)


def issue_jcs(fixture: Fixture) -> Call:
    """Add a proof of eddsa-jcs-2022."""
    suite, key, members = EddsaJcsProofSuite(), _key(fixture), fixture.unsigned

    def call() -> bytes:
        secured = suite.add_proof(members, signing_key=key, verification_method=fixture.key["method"])
        return json.dumps(secured).encode()

    return call


OPERATIONS: dict[str, Operation] = {"issue": issue, "verify": verify, "jcs": jcs, "issue-jcs": issue_jcs}

if __name__ == "__main__":
    serve("openvc-core", {"openvc-core": version("openvc-core")}, OPERATIONS)
