# SPDX-License-Identifier: Apache-2.0
"""Corners of single checks that the journeys through the world do not reach."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.world import OWNER, Issuer, World, explanation_of, outcome_of
from verifier.confusables import skeleton
from verifier.party import address_of, host_of, party_of
from verifier.ports import KnownIssuer
from verifier.registry import IssuerList, NoList, OwnIssuers
from verifier.verdict import Verdict


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


# -- structure --------------------------------------------------------------------------------------------


def test_a_signed_statement_of_another_kind_is_no_badge(world: World, union: Issuer) -> None:
    report = world.look(union.sign(union.status_list()))
    assert (report.verdict, outcome_of(report, "structure")) == (Verdict.INVALID, "fail")
    assert "BitstringStatusListCredential" in explanation_of(report, "structure")


def test_a_word_that_nobody_knows_is_a_fault_of_a_token(world: World, union: Issuer) -> None:
    report = world.look(union.sign({**union.draft(), "note": "x"}, jwt=True))
    assert (report.verdict, outcome_of(report, "structure")) == (Verdict.INVALID, "fail")
    assert outcome_of(report, "signed_content") == "pass"


def test_a_word_that_nobody_knows_in_a_proof_inside_a_token_is_one_too(world: World, union: Issuer) -> None:
    inner = json.loads(union.mint())
    inner["proof"][0]["note"] = "x"
    report = world.look(union.sign(inner, jwt=True))
    assert (report.verdict, outcome_of(report, "structure")) == (Verdict.INVALID, "fail")


def test_an_unsigned_badge_is_told_as_such(world: World, union: Issuer) -> None:
    report = world.look(json.dumps(union.draft()).encode())
    assert report.verdict is Verdict.INVALID
    assert [outcome_of(report, name) for name in ("signed_content", "proof", "issuer")] == ["fail"] * 3


# -- recipient --------------------------------------------------------------------------------------------


def test_nobody_is_meant_alone_among_several_subjects(world: World, union: Issuer) -> None:
    draft = union.draft()
    draft["credentialSubject"] = [
        draft["credentialSubject"],
        {"type": ["AchievementSubject"], "id": "urn:x:1"},
    ]
    report = world.look(union.sign(draft, jwt=True), expected_recipient=OWNER)
    assert outcome_of(report, "recipient") == "indeterminate"
    assert report.verdict is Verdict.INVALID


def test_an_identity_that_cannot_be_read_is_not_compared(world: World, union: Issuer) -> None:
    draft = union.draft()
    draft["credentialSubject"]["identifier"] = [
        {"type": "IdentityObject", "hashed": True, "identityHash": "x"},
        7,
    ]
    report = world.look(union.sign(draft, jwt=True), expected_recipient=OWNER)
    assert outcome_of(report, "recipient") == "indeterminate"


# -- evidence ---------------------------------------------------------------------------------------------


def test_evidence_without_digests_cannot_be_compared(world: World, union: Issuer) -> None:
    badge = union.mint(evidence=[{"id": "urn:x:1", "type": ["Evidence"], "name": "Plan"}])
    report = world.look(badge, evidence={"urn:x:1": b"x"})
    assert (report.verdict, outcome_of(report, "evidence")) == (Verdict.UNDETERMINED, "not-applicable")


def test_a_digest_of_an_unknown_kind_is_not_compared(world: World, union: Issuer) -> None:
    badge = union.mint(
        evidence=[{"id": "urn:x:1", "type": ["Evidence"], "name": "P", "digestMultibase": "uAAAA"}]
    )
    report = world.look(badge, evidence={"urn:x:1": b"x"})
    assert (report.verdict, outcome_of(report, "evidence")) == (Verdict.UNDETERMINED, "indeterminate")


# -- who --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "host"),
    [
        ("did:web:union.example", "union.example"),
        ("did:web:union.example%3A8443:issuers:a", "union.example:8443"),
        ("did:web:", None),
        ("https://union.example/issuer", "union.example"),
        ("http://union.example/issuer", None),
        ("https://[::1/", None),
        ("did:key:z6Mk", None),
        ("", None),
    ],
)
def test_hosts_of_identifiers(identifier: str, host: str | None) -> None:
    assert host_of(identifier) == host


def test_long_addresses_are_cut_in_the_middle() -> None:
    assert len(address_of("did:key:" + "z" * 400)) <= 80
    assert address_of("did:key:z6Mk") == "did:key:z6Mk"


@pytest.mark.parametrize("issuer", [None, 7, [], {}, "urn:x:1", {"id": 7, "name": ["x"], "url": {}}])
def test_any_issuer_can_be_shown(issuer: Any) -> None:
    party = party_of({"issuer": issuer})
    assert party.name is None
    assert isinstance(party.id, str)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Union", "the UNION"),
        ("Modern", "Modem"),
        ("Savvy", "Sawy"),
        ("PayPal", "PayPaI"),
        ("Örebro", "Orebro"),
        ("xn--unin-75d.example", "union.example"),
        ("A.B.C.", "ABC"),
    ],
)
def test_what_looks_alike_has_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("The Union", "The Academy"), ("union.example", "unions.example"), ("xn--\u00fc", "xn--a")],
)
def test_what_looks_different_has_not(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_lists() -> None:
    known = (KnownIssuer("did:web:union.example", "The Union"),)
    issuer_list, own, none = IssuerList(known), OwnIssuers(lambda: known), NoList()
    assert [each.recognises("did:web:union.example") for each in (issuer_list, own, none)] == [
        True,
        True,
        None,
    ]
    assert [each.recognises("did:web:evil.example") for each in (issuer_list, own, none)] == [
        False,
        None,
        None,
    ]
    assert IssuerList(()).recognises("did:web:union.example") is False
    assert [len(each.known()) for each in (issuer_list, own, none)] == [1, 1, 0]
