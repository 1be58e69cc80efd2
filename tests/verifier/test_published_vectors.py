# SPDX-License-Identifier: Apache-2.0
"""The signed badge of the Open Badges implementation guide, through the whole verifier.

Its key stands only in the fragment of a document that does not exist, so it is not genuine as it is; with a
document that lists the key it is valid.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from credentials.document import write
from tests.vectors import shared
from tests.world import World, explanation_of, outcome_of, timed_out
from verifier.ports import Fetched
from verifier.verdict import Verdict

ISSUER = "https://example.edu/issuers/565049"
KEY = "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
METHOD = f"{ISSUER}#{KEY}"


@pytest.fixture
def vector() -> bytes:
    return (shared("ob-impl-testvector/obv3p0") / "signed-credential.json").read_bytes()


def document(**relationships: Any) -> bytes:
    method: dict[str, Any] = {
        "id": METHOD,
        "type": "Multikey",
        "controller": ISSUER,
        "publicKeyMultibase": KEY,
    }
    return write({"id": ISSUER, "verificationMethod": [method], **relationships})


def test_as_it_is_nothing_shows_whose_key_it_was(vector: bytes) -> None:
    world = World()
    report = world.look(vector)
    assert report.verdict is Verdict.INVALID
    assert (outcome_of(report, "proof"), outcome_of(report, "issuer")) == ("pass", "fail")
    assert "nothing shows that the key is the issuer's" in explanation_of(report, "issuer")
    world.served[ISSUER] = timed_out("example.edu")
    assert world.look(vector).verdict is Verdict.UNDETERMINED
    world.served[ISSUER] = Fetched(ISSUER, 410, "", b"")
    assert world.look(vector).verdict is Verdict.INVALID


def test_with_the_issuers_document_it_is_valid(vector: bytes) -> None:
    world = World()
    world.served[ISSUER] = document(assertionMethod=[METHOD])
    assert world.look(vector).verdict is Verdict.VALID
    world.served[ISSUER] = document(authentication=[METHOD])
    assert world.look(vector).verdict is Verdict.INVALID


def test_each_changed_member_is_noticed(vector: bytes) -> None:
    world = World()
    world.served[ISSUER] = document(assertionMethod=[METHOD])
    signed = json.loads(vector)
    for name in signed.keys() - {"proof"}:  # a proof may stand alone or in an array
        changed = {**signed, name: "changed" if isinstance(signed[name], str) else [signed[name]]}
        assert world.look(json.dumps(changed).encode()).verdict is not Verdict.VALID, name
