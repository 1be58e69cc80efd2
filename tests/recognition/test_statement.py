# SPDX-License-Identifier: Apache-2.0
"""The words of a recognition: how much, with how many, for what, by which rule; and nobody's facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from credentials.identity import IdentityObject, matches
from recognition.claiming.decision import DecidedGroup, Decision
from recognition.rule.policy_reader import sample
from recognition.stating import pd_certificate, statement
from tests.recognition.test_decision_document import NOW, POLICY, URL, award, decision

POINTS = "professional development points (Massachusetts)"
ISSUER: dict[str, Any] = {"id": "did:web:district.example", "type": ["Profile"], "name": "Sample District"}


def made(of: Decision, number: int = 0) -> dict[str, Any]:
    return statement.compose(
        of,
        statement.endorsed(of)[number],
        id=f"{URL}/recognitions/1",
        issuer=ISSUER,
        document=b"{}",
        public_url=URL,
        now=NOW,
    )


def comment(of: Decision) -> str:
    return str(made(of)["credentialSubject"]["endorsementComment"])


def group(size: int, units: str, **changes: Any) -> DecidedGroup:
    values: dict[str, Any] = {
        "number": 1,
        "grant": "any",
        "stage": "awarded",
        "awards": tuple(award(number).key for number in range(1, size + 1)),
        "buckets": {"elective": Decimal(units)},
        "units": Decimal(units),
    }
    return DecidedGroup(**{**values, **changes})


def of_groups(*groups: DecidedGroup, awards: int = 2, **changes: Any) -> Decision:
    many = tuple(award(number) for number in range(1, awards + 1))
    return decision(groups=groups, awards=many, policy_status="in-force", **changes)


@pytest.mark.parametrize(
    ("size", "changes", "name", "words"),
    [
        (1, {}, "10 PDP-MA", f"For this micro-credential: 10 {POINTS}, elective."),
        (
            2,
            {"area": "SEL"},
            "10 PDP-MA for a pair",
            f"With one related micro-credential: 10 {POINTS}, elective.",
        ),
        (2, {}, "10 PDP-MA for a pair", f"With one other micro-credential: 10 {POINTS}, elective."),
        (3, {}, "10 PDP-MA for a group of 3", f"With two other micro-credentials: 10 {POINTS}, elective."),
        (13, {}, "10 PDP-MA for a group of 13", f"With 12 other micro-credentials: 10 {POINTS}, elective."),
        (1, {"pro_rata": True}, "10 PDP-MA", f"In part, as one left over: 10 {POINTS}, elective."),
        (1, {"buckets": {}}, "10 PDP-MA", f"For this micro-credential: 10 {POINTS}."),
    ],
)
def test_the_sentence_tells_the_group_and_its_amount(
    size: int, changes: dict[str, Any], name: str, words: str
) -> None:
    found = of_groups(group(size, "10.0", **changes), awards=size)
    assert made(found)["name"] == f"Recognised: {name}"
    assert comment(found) == f"{words} Rule: us-ma-renewal, version 2018-07-02."


def test_one_award_that_was_counted_at_two_stages_has_one_recognition_that_tells_both() -> None:
    early = replace(award(1), key="f" * 64, stage="complete-submission", group=1)
    late = replace(award(1), group=2)
    found = decision(
        policy_status="in-force",
        awards=(early, late),
        groups=(
            group(1, "15", awards=(early.key,), stage="complete-submission"),
            group(1, "15", awards=(late.key,), number=2),
        ),
    )
    (endorsed,) = statement.endorsed(found)
    assert endorsed.key == late.key
    assert made(found)["name"] == "Recognised: 30 PDP-MA"
    assert comment(found).count(f"15 {POINTS}") == 2


def test_what_has_no_credential_or_was_not_counted_has_no_recognition() -> None:
    pending = replace(award(1), credential_id="", stage="complete-submission")
    unread = replace(award(2), sha256="")
    unused = replace(award(3), group=None)
    assert statement.endorsed(decision(awards=(pending, unread, unused))) == ()


def test_it_holds_from_its_signing_and_names_the_day_of_the_decision() -> None:
    found = statement.compose(
        decision(),
        award(1),
        id=f"{URL}/recognitions/1",
        issuer=ISSUER,
        document=b"{}",
        public_url=URL,
        now=NOW + timedelta(days=2),
    )
    assert (found["validFrom"], found["awardedDate"]) == ("2026-05-06T14:03:00Z", "2026-05-04T14:03:00Z")


def kind(title: str) -> dict[str, Any]:
    return statement.compose_kind(
        POLICY,
        achievement_id=f"{URL}/achievements/SEL1-v1",
        title=title,
        id=f"{URL}/recognitions/2",
        issuer=ISSUER,
        public_url=URL,
        now=NOW,
    )


def test_the_name_of_a_kind_is_signed_as_one_line_of_bounded_length() -> None:
    name = kind("Adult\n\u202eSEL" + "A" * 3_000)["name"]
    assert name.startswith("Accepted: Adult\ufffd\ufffdSELAAA")
    assert len(name) < 250


def test_a_kind_is_accepted_without_any_amount() -> None:
    found = kind("Adult SEL 1")
    assert found["name"] == "Accepted: Adult SEL 1 (example rule)"
    assert "PDP-MA" not in str(found)
    assert [each["mediaType"] for each in found["relatedResource"]] == ["application/toml"]


def certified(**changes: Any) -> pd_certificate.Certified:
    values: dict[str, Any] = {
        "key": "0" * 64,
        "credential_id": "https://badges.example/credentials/1",
        "sha256": "0" * 64,
        "media_type": "application/vc+jwt",
        "title": "Adult SEL 1",
        "code": "",
        "competency": "",
        "provider": "The Union",
        "provider_address": (),
        "awarded": NOW.date(),
    }
    return pd_certificate.Certified(**{**values, **changes})


@pytest.mark.parametrize(
    ("name", "identities"), [(None, ["emailAddress"]), ("Ada Example", ["emailAddress", "name"])]
)
def test_a_certificate_holds_fingerprints_and_never_a_name_or_an_address(
    name: str | None, identities: list[str]
) -> None:
    found = pd_certificate.compose(
        certified(),
        id=f"{URL}/pd-certificates/1",
        issuer=ISSUER,
        email="ada@teachers.example",
        salt="0" * 32,
        name=name,
        hours=Decimal("7.50"),
        is_example=False,
        now=NOW,
    )
    subject: Any = found["credentialSubject"]
    assert [each["identityType"] for each in subject["identifier"]] == identities
    assert all(each["hashed"] is True for each in subject["identifier"])
    assert "Ada Example" not in str(found)
    assert "ada@" not in str(found)
    assert found["name"] == "7.5-hour PD certificate: Adult SEL 1"
    assert subject["result"][0]["value"] == "7.5"
    assert "activityStartDate" not in subject
    assert "Dates: awarded on May 4, 2026" in subject["achievement"]["criteria"]["narrative"]


def test_a_certificate_names_the_unit_with_its_place_as_the_rule_does() -> None:
    found: Any = pd_certificate.compose(
        certified(),
        id=f"{URL}/pd-certificates/1",
        issuer=ISSUER,
        email="ada@teachers.example",
        salt="0" * 32,
        name=None,
        hours=Decimal(15),
        unit=sample("us-vt-relicensing").unit,
        is_example=False,
        now=NOW,
    )
    subject = found["credentialSubject"]
    achievement = subject["achievement"]
    assert "certifies 15 PD hours (Vermont) of professional learning" in achievement["description"]
    assert "grants **15 PD hours (Vermont)** for it" in achievement["criteria"]["narrative"]
    assert "- Hours: 15 PD hours (Vermont)\n" in achievement["criteria"]["narrative"]
    assert "clock hours" not in str(achievement).replace("'name': 'clock hours'", "")
    # The signed result stays a number of clock hours, which any verifier can read.
    assert achievement["resultDescription"][0]["name"] == "clock hours"
    assert subject["result"][0]["value"] == "15"


def test_what_others_wrote_is_signed_without_signs_that_are_never_seen() -> None:
    found = pd_certificate.compose(
        certified(
            title="Adult\u202e SEL\x7f 1\ufffe", competency="a\nb\t" + "c" * 900, provider="U\u200bnion"
        ),
        id=f"{URL}/pd-certificates/1",
        issuer=ISSUER,
        email="ada@teachers.example",
        salt="0" * 32,
        name=" Ada\u202d Example ",
        hours=Decimal(15),
        is_example=False,
        now=NOW,
    )
    assert found["name"] == "15-hour PD certificate: Adult SEL 1"
    subject: Any = found["credentialSubject"]
    assert matches(IdentityObject.read(subject["identifier"][1]), "Ada Example")
    lines = subject["achievement"]["criteria"]["narrative"].splitlines()
    assert "- Provider: Union" in lines
    assert [len(each) for each in lines if each.startswith("- Content: a b ccc")] == [611]
