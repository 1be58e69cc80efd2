# SPDX-License-Identifier: Apache-2.0
"""The decision behind a stranger's recognition: shown if the digest fits, and never part of the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from credentials.dates import format_datetime
from credentials.digests import digest_multibase
from credentials.document import write
from tests.world import CONTEXTS, Issuer, World, timed_out
from verifier import intake
from verifier.cli import printing
from verifier.decision_format import DECISION_BYTES, FORMAT
from verifier.errors import NotACredentialError
from verifier.ports import Fetched
from verifier.report import Report
from verifier.verdict import Verdict

SITE = "https://district.example"
DECISION = f"{SITE}/decisions/9ab2.json"
POLICY = f"{SITE}/policies/us-ma-renewal/2018-07-02.toml"
RULE = b'id = "us-ma-renewal"\n'


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def district(world: World) -> Issuer:
    return world.issuer("district")


def document(**members: Any) -> bytes:
    return write(
        {
            "format": "recognition-decision/1",
            "id": DECISION,
            "outcome": "granted",
            "example": False,
            "purpose": "licence-renewal",
            "jurisdiction": "US-MA",
            "recognizer": "Sample Department",
            "decided_by": {"id": "did:web:district.example", "name": "Sample District"},
            "policy": {
                "id": "us-ma-renewal",
                "version": "2018-07-02",
                "title": "Massachusetts: renewing",
                "status": "in-force",
                "url": POLICY,
                "digestMultibase": digest_multibase(RULE),
            },
            "unit": {"id": "PDP-MA", "name": "professional development point (Massachusetts)"},
            "amount": "10",
            "stages": ["awarded"],
            "groups": [
                {
                    "stage": "awarded",
                    "size": 2,
                    "amount": "10",
                    "buckets": {"english-learners": "10"},
                    "pro_rata": False,
                    "awards": [
                        digest_multibase(b"1", salt=bytes(16)),
                        digest_multibase(b"2", salt=bytes(16)),
                    ],
                }
            ],
            "attended": {},
            "decided_on": "2026-05-04",
            "optimal": True,
            "corrects": "",
            **members,
        }
    )


def recognition(
    world: World, district: Issuer, named: bytes | None = None, *, at: str = DECISION, **members: Any
) -> bytes:
    resources = [
        {
            "id": at,
            "mediaType": "application/json",
            "digestMultibase": digest_multibase(document() if named is None else named),
        },
        {"id": POLICY, "mediaType": "application/toml", "digestMultibase": digest_multibase(RULE)},
        {
            "id": "https://badges.example/credentials/7f3c",
            "mediaType": "application/vc+ld+json",
            "digestMultibase": digest_multibase(b"{}"),
        },
    ]
    now = format_datetime(world.clock.now())
    return district.sign(
        {
            "@context": list(CONTEXTS),
            "id": f"{SITE}/recognitions/51d0",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Recognised: 10 PDP-MA for a pair",
            "issuer": district.profile,
            "validFrom": now,
            "awardedDate": now,
            "credentialSubject": {
                "id": "https://badges.example/credentials/7f3c",
                "type": ["EndorsementSubject"],
                "endorsementComment": "With one related micro-credential: 10 PDPs, English learners.",
            },
            "relatedResource": resources,
            **members,
        }
    )


def test_the_decision_is_fetched_once_compared_and_told(world: World, district: Issuer) -> None:
    world.served[DECISION] = document()
    report = world.look(recognition(world, district))
    assert report.verdict is Verdict.VALID
    assert report.decision is not None
    assert report.decision.decision is not None
    for words in ("10 PDP-MA", "us-ma-renewal", "version 2018-07-02", "May 4, 2026"):
        assert words in report.decision.sentence
    assert world.requests.count(DECISION) == 1
    assert not [name for name in world.requests if name == POLICY or "badges.example" in name]
    told = report.to_json()["decision"]
    assert (told["checked"], told["amount"], told["unit"]) == (True, "10", "PDP-MA")
    assert told["policy"] == {"id": "us-ma-renewal", "version": "2018-07-02", "url": POLICY}
    json.dumps(told)


def test_an_example_rule_is_called_one(world: World, district: Issuer) -> None:
    made = world.served[DECISION] = document(example=True)
    report = world.look(recognition(world, district, made))
    assert report.decision is not None
    assert "example rule, in force nowhere" in report.decision.sentence


def gone(world: World) -> None:
    world.served[DECISION] = Fetched(DECISION, 404, "", b"")


def silent(world: World) -> None:
    world.served[DECISION] = timed_out("district.example")


def changed(world: World) -> None:
    world.served[DECISION] = document(amount="1000")


def too_large(world: World) -> None:
    world.served[DECISION] = b" " * (DECISION_BYTES + 1)


@pytest.mark.parametrize("trouble", [gone, silent, changed, too_large])
def test_gone_silent_or_changed_the_statement_stays_valid_and_its_amounts_are_unchecked(
    world: World, district: Issuer, trouble: Callable[[World], None]
) -> None:
    trouble(world)
    report = world.look(recognition(world, district))
    assert report.verdict is Verdict.VALID
    unchecked(report)


def unchecked(report: Report) -> None:
    assert report.decision is not None
    assert report.decision.decision is None
    assert "amounts could not be checked" in report.decision.sentence
    assert "1000" not in report.decision.sentence
    assert report.to_json()["decision"]["checked"] is False
    assert "amount" not in report.to_json()["decision"]


@pytest.mark.parametrize(
    "members",
    [
        {"amount": "ten"},
        {"amount": 10},
        {"person": "Ada"},
        {"id": f"{SITE}/decisions/other.json"},
        {"format": "recognition-decision/2"},
    ],
)
def test_a_document_that_is_not_as_agreed_is_not_told(
    world: World, district: Issuer, members: dict[str, Any]
) -> None:
    made = world.served[DECISION] = document(**members)
    report = world.look(recognition(world, district, made))
    assert report.verdict is Verdict.VALID
    unchecked(report)


def test_another_rule_than_the_signed_one_is_not_told(world: World, district: Issuer) -> None:
    members = json.loads(document())
    members["policy"]["digestMultibase"] = digest_multibase(b"another text")
    made = world.served[DECISION] = write(members)
    unchecked(world.look(recognition(world, district, made)))


@pytest.mark.parametrize("at", ["https://victim.example/decisions/1.json", "https://[::1]:7/", "urn:uuid:1"])
def test_nobody_elses_host_is_asked(world: World, district: Issuer, at: str) -> None:
    made = document(id=at)
    world.served[at] = made
    report = world.look(recognition(world, district, made, at=at))
    assert at not in world.requests
    if report.verdict is Verdict.VALID:
        unchecked(report)


def test_of_a_forgery_nothing_is_fetched_and_nothing_told(world: World, district: Issuer) -> None:
    world.served[DECISION] = document()
    genuine = json.loads(recognition(world, district))
    genuine["credentialSubject"]["endorsementComment"] = "1000 PDPs."
    report = world.look(json.dumps(genuine).encode())
    assert report.verdict is Verdict.INVALID
    assert report.decision is None
    assert DECISION not in world.requests


def test_a_statement_that_names_no_rule_has_no_decision(world: World, district: Issuer) -> None:
    resource = {"id": DECISION, "mediaType": "application/json", "digestMultibase": digest_multibase(b"{}")}
    for value in ([resource], resource, [resource, {"id": POLICY, "mediaType": "application/toml"}]):
        report = world.look(recognition(world, district, relatedResource=value))
        assert report.decision is None
        assert DECISION not in world.requests


def test_a_badge_is_never_asked_for_a_decision(world: World, district: Issuer) -> None:
    assert world.look(district.mint()).to_json()["decision"] is None


def test_the_terminal_tells_it(world: World, district: Issuer, capsys: pytest.CaptureFixture[str]) -> None:
    world.served[DECISION] = document()
    report = world.look(recognition(world, district))
    printing.show(report)
    assert "granted, 10 PDP-MA in all" in capsys.readouterr().out
    world.served[DECISION] = document(amount="99")
    printing.show(world.look(recognition(world, district)))
    told = capsys.readouterr().out
    assert "amounts could not be checked" in told
    assert "99" not in told


def test_a_decision_by_itself_is_named_and_leads_to_what_rests_on_it() -> None:
    with pytest.raises(NotACredentialError, match="recognitions"):
        intake.read(b'{"format": "%s"}' % FORMAT.encode())
    assert intake.DECISION_FORMAT == FORMAT
