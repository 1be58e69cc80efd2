# SPDX-License-Identifier: Apache-2.0
"""The whole verification, in the world: what is genuine passes, and each state has its verdict."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials.dates import format_datetime
from credentials.errors import (
    BrokenError,
    HallmarkError,
    MalformedError,
    RefusedError,
    UnknownError,
    WrongError,
)
from tests.world import OWNER, World, explanation_of, members_of, outcome_of
from verifier.errors import NotGenuineError, UndeterminedError
from verifier.intake import read
from verifier.outcome import Outcome
from verifier.verdict import MANDATORY, Verdict
from verifier.verify import unexamined, verify


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("jwt", [False, True])
@pytest.mark.parametrize("suspension", [False, True])
def test_a_genuine_badge_is_valid(world: World, jwt: bool, suspension: bool) -> None:
    badge = world.issuer("union").mint(jwt=jwt, suspension=suspension)
    report = world.look(badge)
    assert report.verdict is Verdict.VALID
    assert {c.check for c in report.checks} >= set(MANDATORY)
    assert all(c.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) for c in report.checks)


@pytest.mark.parametrize("kind", ["did_key_issuer", "https_issuer"])
def test_other_kinds_of_issuers_prove_themselves_too(world: World, kind: str) -> None:
    issuer = getattr(world, kind)("academy")
    assert world.look(issuer.mint()).verdict is Verdict.VALID


def test_an_https_issuer_proves_a_jwt_by_its_key_set(world: World) -> None:
    assert world.look(world.https_issuer("academy").mint(jwt=True)).verdict is Verdict.VALID


def test_a_badge_without_status_has_no_way_to_be_withdrawn(world: World) -> None:
    report = world.look(world.issuer("union").mint(status=False))
    assert report.verdict is Verdict.VALID
    assert outcome_of(report, "status") == "not-applicable"


def test_withdrawn_suspended_and_reinstated(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint(suspension=True)
    union.suspend(badge)
    assert world.look(badge).verdict is Verdict.SUSPENDED
    union.reinstate(badge)
    assert world.look(badge).verdict is Verdict.VALID
    union.suspend(badge)
    union.revoke(badge)
    assert world.look(badge).verdict is Verdict.REVOKED


def test_the_age_that_is_told_is_that_of_the_list_that_decided(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint(suspension=True)
    union.serve_old_status_list("revocation")
    old = world.clock.now()
    world.clock.advance(minutes=10)
    assert world.look(badge).status_as_of == old  # in force by both, so by the older one too
    union.suspend(badge)
    assert world.look(badge).status_as_of == world.clock.now()
    union.serve_old_status_list("suspension")
    suspended = world.clock.now()
    world.clock.advance(minutes=5)
    assert world.look(badge).status_as_of == suspended


def test_an_end_is_an_end_and_a_beginning_has_five_minutes(world: World) -> None:
    union, now = world.issuer("union"), world.clock.now()
    ended = union.mint(validUntil=format_datetime(now + timedelta(days=1)))
    assert world.look(ended).verdict is Verdict.VALID
    world.clock.advance(days=1)
    assert world.look(ended).verdict is Verdict.EXPIRED
    early = union.mint(validFrom=format_datetime(world.clock.now() + timedelta(seconds=300)))
    assert world.look(early).verdict is Verdict.VALID
    too_early = union.mint(validFrom=format_datetime(world.clock.now() + timedelta(seconds=301)))
    assert world.look(too_early).verdict is Verdict.NOT_YET_VALID


def test_the_end_of_a_jwt_stands_in_for_the_credentials(world: World) -> None:
    union, now = world.issuer("union"), world.clock.now()
    badge = union.mint(jwt=True, validUntil=format_datetime(now + timedelta(days=1)))
    world.clock.advance(days=2)
    assert world.look(badge).verdict is Verdict.EXPIRED


def test_whose_it_is_is_only_told_when_asked(world: World) -> None:
    badge = world.issuer("union").mint()
    assert outcome_of(world.look(badge), "recipient") == "not-applicable"
    assert world.look(badge, expected_recipient=OWNER).verdict is Verdict.VALID
    assert world.look(badge, expected_recipient=" dana.reyes@SCHOOL.example ").verdict is Verdict.VALID
    assert world.look(badge, expected_recipient="dana.reyes@school.example.org").verdict is not Verdict.VALID
    assert world.look(badge, expected_recipient="eve@school.example").verdict is Verdict.WRONG_RECIPIENT


def test_evidence_is_compared_when_it_is_brought(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    name = members_of(badge)["evidence"][0]["id"]
    good = world.look(badge, evidence={name: b"A lesson plan, as it was handed in."})
    assert (good.verdict, outcome_of(good, "evidence")) == (Verdict.VALID, "pass")
    assert world.look(badge, evidence={name: b"Another lesson plan."}).verdict is Verdict.INVALID
    assert world.look(badge, evidence={}).verdict is Verdict.UNDETERMINED


def test_a_rotated_key_leaves_old_badges_valid(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    union.rotate_key()
    world.clock.advance(months=1)
    assert world.look(badge).verdict is Verdict.VALID
    assert world.look(union.mint(jwt=True)).verdict is Verdict.VALID


def test_a_silent_issuer_leaves_the_answer_open(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    world.go_offline("union")
    report = world.look(badge)
    assert report.verdict is Verdict.UNDETERMINED
    assert outcome_of(report, "issuer") == "indeterminate"


def test_recognised_is_a_statement_apart(world: World) -> None:
    union, academy = world.issuer("union"), world.issuer("academy")
    world.recognise(union)
    ours, foreign = world.look(union.mint()), world.look(academy.mint())
    assert (ours.verdict, ours.recognised_issuer) == (Verdict.VALID, True)
    assert (foreign.verdict, foreign.recognised_issuer) == (Verdict.VALID, False)
    world.list = None
    assert world.look(union.mint()).recognised_issuer is None


def test_nobody_is_recognised_by_a_name_that_was_not_proven(world: World) -> None:
    union = world.issuer("union")
    world.recognise(union)
    report = world.look(world.impostor_of("union").mint())
    assert report.verdict is Verdict.INVALID
    assert report.recognised_issuer is None


def test_two_signatures_must_both_hold_and_one_be_the_issuers(world: World) -> None:
    union, academy = world.issuer("union"), world.issuer("academy")
    badge = union.mint()
    both = academy.sign(members_of(badge))
    report = world.look(both)
    assert report.verdict is Verdict.VALID
    assert "academy.example" in explanation_of(report, "issuer")
    only_other = academy.sign(union.draft())
    assert world.look(only_other).verdict is Verdict.INVALID
    assert "somebody else" in explanation_of(world.look(only_other), "issuer")
    academy.lose_key()
    assert world.look(both).verdict is Verdict.INVALID
    world.go_offline("academy")
    assert world.look(both).verdict is Verdict.UNDETERMINED


def test_a_jwt_around_a_signed_badge_needs_both(world: World) -> None:
    union = world.issuer("union")
    inner = members_of(union.mint())
    assert world.look(union.sign(inner, jwt=True)).verdict is Verdict.VALID
    inner["proof"][0]["proofValue"] = members_of(union.mint())["proof"][0]["proofValue"]
    assert world.look(union.sign(inner, jwt=True)).verdict is Verdict.INVALID


def test_verify_returns_its_own_type_or_raises(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    verified = verify(read(badge), now=world.clock.now(), fetch=world)
    assert verified.document.raw == badge
    union.revoke(badge)
    with pytest.raises(NotGenuineError):
        verify(read(badge), now=world.clock.now(), fetch=world)
    world.go_offline("union")
    with pytest.raises(UndeterminedError):
        verify(read(badge), now=world.clock.now(), fetch=world)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (MalformedError, Verdict.INVALID),
        (WrongError, Verdict.INVALID),
        (UnknownError, Verdict.UNDETERMINED),
        (RefusedError, Verdict.UNDETERMINED),
        (BrokenError, Verdict.UNDETERMINED),
    ],
)
def test_only_what_is_no_credential_is_not_genuine_unexamined(
    world: World, kind: type[HallmarkError], verdict: Verdict
) -> None:
    assert unexamined(kind("A reason."), now=world.clock.now()).verdict is verdict


def test_a_report_has_no_truth_value(world: World) -> None:
    report = world.look(world.issuer("union").mint())
    with pytest.raises(TypeError):
        bool(report)


def test_the_answer_has_the_members_of_the_contract(world: World) -> None:
    answer = world.look(world.issuer("union").mint()).to_json()
    contract = [
        "verdict",
        "recognised_issuer",
        "superseded_by",
        "issuer",
        "credential",
        "checks",
        "verified_at",
    ]
    assert [name for name in answer if name not in ("rows", "details", "decision")] == contract
    assert [row["row"] for row in answer["rows"]] == list(range(1, 14))
    assert all(list(c) == ["check", "outcome", "title", "explanation", "spec"] for c in answer["checks"])
    assert answer["verified_at"] == format_datetime(world.clock.now())
    assert answer["issuer"]["id"] == "did:web:union.example"


def test_each_document_is_asked_for_by_its_name(world: World) -> None:
    world.look(world.issuer("union").mint())
    assert set(world.requests) == {"did:web:union.example", "https://union.example/status/revocation"}
