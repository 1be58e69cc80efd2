# SPDX-License-Identifier: Apache-2.0
"""The public document of a decision: what it says, what it never says, and that it is read strictly."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from credentials.digests import digest_multibase, matches
from recognition.claiming.decision import DecidedAward, DecidedGroup, Decision, from_record, to_record
from recognition.judging.answer import Attended
from recognition.rule import policy_reader
from recognition.stating import decision_document
from verifier.errors import DecisionFormError

NOW = datetime(2026, 5, 4, 14, 3, tzinfo=UTC)
URL = "https://district.example"
POLICY = policy_reader.sample("us-ma-renewal")


def award(number: int) -> DecidedAward:
    return DecidedAward(
        key=f"{number:064x}",
        stage="awarded",
        place=f"https://badges.example/credentials/{number}",
        credential_id=f"https://badges.example/credentials/{number}",
        title=f"Micro-credential {number}",
        item=f"SEL{number}",
        awarded=date(2026, 2, number),
        sha256=f"{number:064x}",
        verdict="valid",
        verified_at=NOW,
        outcome="granted",
        sentence="It counts.",
        rule="Two make ten.",
        group=1,
    )


def decision(**changes: Any) -> Decision:
    made = Decision(
        id="9ab2c6a4-1111-4222-8333-444455556666",
        organisation="example-ma",
        recognizer="Example School District",
        claim=None,
        person="somebody",
        person_key="ada@teachers.example",
        policy=POLICY.id,
        policy_version=POLICY.version,
        policy_sha256=POLICY.sha256,
        policy_title=POLICY.title,
        policy_status="example",
        purpose="licence-renewal",
        jurisdiction="US-MA",
        outcome="granted",
        sentence="10 PDP-MA for a pair.",
        units=Decimal("11.50"),
        unit="PDP-MA",
        unit_name="professional development point (Massachusetts)",
        awards=(award(1), award(2)),
        groups=(
            DecidedGroup(
                number=1,
                grant="pair",
                stage="awarded",
                awards=(award(1).key, award(2).key),
                buckets={"english-learners": Decimal("10")},
                units=Decimal(10),
            ),
        ),
        attended=(
            Attended(
                event="workshop", item="SEL1", on=date(2026, 1, 1), units=Decimal("1.5"), bucket="elective"
            ),
        ),
        facts={"licence_level": "professional", "PPID": "1234567"},
        decided_by="ren",
        decided_at=NOW,
        decided_on=date(2026, 5, 4),
    )
    return replace(made, **changes)


def composed(**changes: Any) -> bytes:
    return decision_document.compose(
        decision(**changes), policy=POLICY, public_url=URL, organisation_id="did:web:district.example"
    )


def test_it_says_by_which_rule_and_how_much_in_decimals_as_text() -> None:
    shown = decision_document.read(composed())
    assert shown.id == f"{URL}/decisions/9ab2c6a4-1111-4222-8333-444455556666.json"
    assert (shown.outcome, shown.example, shown.optimal) == ("granted", True, True)
    assert (shown.amount, shown.unit) == (Decimal("11.5"), "PDP-MA")
    assert shown.policy.url == f"{URL}/policies/us-ma-renewal/2018-07-02.toml"
    assert matches(POLICY.source, shown.policy.digest)
    (group,) = shown.groups
    assert (group.size, group.amount) == (2, Decimal(10))
    assert dict(group.buckets) == {"english-learners": Decimal(10)}
    assert dict(shown.attended) == {"elective": Decimal("1.5")}
    assert shown.decided_on == date(2026, 5, 4)
    assert '"amount":"11.5"' in composed().decode()


def test_awards_are_salted_digests_whose_salt_is_in_the_private_record_alone() -> None:
    made = decision()
    document = decision_document.compose(made, policy=POLICY, public_url=URL)
    kept = from_record(to_record(made))
    digests = set(decision_document.read(document).groups[0].awards)
    assert digests == {
        digest_multibase(each.key.encode(), salt=bytes.fromhex(each.salt)) for each in kept.awards
    }
    assert kept.awards[0].salt != kept.awards[1].salt
    assert not any(each.salt in document.decode() or each.key in document.decode() for each in kept.awards)


@pytest.mark.parametrize(
    "secret",
    [
        "ada@teachers.example",
        "somebody",
        "1234567",
        'professional"',
        "badges.example",
        "SEL1",
        "workshop",
        'ren"',
    ],
)
def test_nothing_of_the_person_is_in_it(secret: str) -> None:
    assert secret not in composed().decode()


def test_a_decision_without_units_says_none_and_never_zero() -> None:
    document = composed(outcome="supporting-document", units=Decimal(0), attended=())
    shown = decision_document.read(document)
    assert (shown.amount, shown.groups[0].amount) == (None, None)
    assert '"0"' not in document.decode()


def test_a_correction_names_what_it_corrects() -> None:
    assert decision_document.read(composed(corrects="other")).corrects == f"{URL}/decisions/other.json"


def changed(**members: Any) -> bytes:
    return json.dumps({**json.loads(composed()), **members}).encode()


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (b"[]", ""),
        (b"{", None),
        (b'{"format":"recognition-decision/2"}', "/format"),
        (changed(person="Ada"), "/person"),
        (changed(amount=10), "/amount"),
        (changed(amount="1e3"), "/amount"),
        (changed(amount="-1"), "/amount"),
        (changed(amount="1" * 30), "/amount"),
        (changed(optimal="yes"), "/optimal"),
        (changed(decided_on="2026-02-30"), "/decided_on"),
        (changed(decided_on="20260504"), "/decided_on"),
        (changed(unit="PDP-MA"), "/unit"),
        (changed(unit={"id": "PDP\u202e", "name": "x"}), "/unit/id"),
        (changed(stages="awarded"), "/stages"),
        (changed(groups=[{}]), "/groups/0/stage"),
        (changed(attended={"x": 1}), "/attended/x"),
        (changed(policy={}), "/policy/id"),
        (changed(outcome="x" * 400), "/outcome"),
    ],
)
def test_what_is_not_as_agreed_is_refused_with_its_place(document: bytes, path: str | None) -> None:
    with pytest.raises(DecisionFormError) as refused:
        decision_document.read(document)
    assert refused.value.path == path


def test_a_group_has_as_many_awards_as_it_says() -> None:
    members = json.loads(composed())
    members["groups"][0]["size"] = 3
    with pytest.raises(DecisionFormError):
        decision_document.read(json.dumps(members).encode())
