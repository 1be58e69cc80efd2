# SPDX-License-Identifier: Apache-2.0
"""VCDM 1.1 badges: read and never written. Displayers show both versions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credentials.document import write
from credentials.multibase import base64url
from credentials.verification_method import KeyAlgorithm
from tests.world import START, World
from verifier.verdict import Verdict

START_TEXT = "2026-03-01T12:00:00Z"


@pytest.fixture
def world() -> World:
    return World()


def test_an_older_badge_is_valid_and_its_dates_count(world: World) -> None:
    union = world.issuer("union")
    report = world.look(union.sign(union.draft_v1()))
    assert report.verdict is Verdict.VALID
    assert report.to_json()["credential"]["valid_from"] == "2026-03-01T12:00:00Z"
    ended = union.sign(union.draft_v1(expirationDate="2026-03-02T00:00:00Z"))
    early = union.sign(union.draft_v1(issuanceDate="2027-01-01T00:00:00Z"))
    world.clock.advance(days=2)
    assert world.look(ended).verdict is Verdict.EXPIRED
    assert world.look(early).verdict is Verdict.NOT_YET_VALID


def test_the_newer_names_of_dates_count_too(world: World) -> None:
    union = world.issuer("union")
    for dates, verdict in (
        ({"validUntil": "2026-03-02T00:00:00Z"}, Verdict.EXPIRED),
        ({"validUntil": "2026-03-02T00:00:00Z", "expirationDate": "2027-01-01T00:00:00Z"}, Verdict.EXPIRED),
        ({"validUntil": "2027-01-01T00:00:00Z", "expirationDate": "2026-03-02T00:00:00Z"}, Verdict.EXPIRED),
        ({"validFrom": "2026-05-01T00:00:00Z"}, Verdict.NOT_YET_VALID),
        ({"validFrom": "2026-02-01T00:00:00Z"}, Verdict.VALID),
        ({"issuanceDate": "2026-05-01T00:00:00Z", "validFrom": START_TEXT}, Verdict.NOT_YET_VALID),
        ({"validUntil": "2026-02-01T00:00:00Z"}, Verdict.INVALID),
        ({"validUntil": "2027-01-01T00:00:00Z", "validFrom": START_TEXT}, Verdict.VALID),
    ):
        world.clock.moment = START
        badge = union.sign(union.draft_v1(**dates))
        world.clock.advance(days=2)
        assert world.look(badge).verdict is verdict, dates


@pytest.mark.parametrize("member", ["issuer", "issuanceDate"])
def test_what_it_requires_must_be_there(world: World, member: str) -> None:
    union = world.issuer("union")
    draft = union.draft_v1()
    del draft[member]
    assert world.look(union.sign(draft)).verdict is Verdict.INVALID


def test_a_tampered_older_badge_is_not_genuine(world: World) -> None:
    union = world.issuer("union")
    badge = union.sign(union.draft_v1())
    assert world.look(badge.replace(b"Teamwork in the", b"Leadership in the")).verdict is Verdict.INVALID
    added = json.dumps(json.loads(badge) | {"validUntil": "2099-01-01T00:00:00Z"}).encode()
    assert world.look(added).verdict is not Verdict.VALID


def token(world: World, payload: dict[str, Any]) -> bytes:
    signer = world.issuer("union").signer(KeyAlgorithm.P256)
    header = write({"alg": "ES256", "kid": signer.verification_method})
    signing_input = f"{base64url(header)}.{base64url(write(payload))}"
    return f"{signing_input}.{base64url(signer.sign(signing_input.encode()))}".encode()


def test_an_older_token_carries_its_credential_in_a_claim(world: World) -> None:
    union = world.issuer("union")
    draft = union.draft_v1()
    draft["@context"] = draft["@context"][:2]
    claims: dict[str, Any] = {"iss": union.id, "jti": draft["id"], "nbf": int(START.timestamp())}
    short = {name: value for name, value in draft.items() if name not in ("id", "issuanceDate")}
    swapped = {**draft, "issuer": "did:web:evil.example"}
    for payload, verdict in (
        ({**claims, "vc": draft}, Verdict.VALID),
        ({**claims, "vc": short}, Verdict.VALID),
        ({**claims, "vc": swapped}, Verdict.INVALID),
        ({**claims, **draft}, Verdict.INVALID),
    ):
        assert world.look(token(world, payload)).verdict is verdict
