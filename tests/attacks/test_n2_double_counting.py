# SPDX-License-Identifier: Apache-2.0
"""Threat N2: an award is counted once for each recognizer, purpose and stage, whatever it is brought as.

Sentence 16: the same award for another purpose or another recognizer is allowed; for the same purpose it is
refused, also as a re-issued copy or in its other form (embedded proof, JWT). Two desks at once: one wins.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from credentials.errors import RefusedError
from issuer import publish
from recognition.claiming import claims, deciding, ledger, proposal
from recognition.claiming.claim_states import Claim
from recognition.claiming.ledger_line import Asked, Line
from recognition.claiming.settling import Adjustments, GroupChange
from recognition.errors import AlreadyUsedError, ClaimChangedError, ClaimStateError, RecognitionFieldError
from recognition.judging.award import award_key
from recognition.rule.policy import Period
from recognition.store import claims as claim_rows
from recognition.store import decisions as decision_rows
from recognition.store import ledger as rows
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import DISTRICT, OTHER, TN, Scene

USED = "refused:already-used"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def scene(made: Path, tmp_path: Path) -> Iterator[Scene]:
    with desk_scene.copied(made, tmp_path / "house") as scene:
        yield scene


def outcomes(scene: Scene, claim: Claim) -> set[str]:
    return {each.outcome for each in scene.propose(claim).answer.judged}


def test_the_same_award_again_is_refused_and_says_so(scene: Scene) -> None:
    link = scene.award("SEL1")
    scene.approve(scene.submit(link, policy=TN))
    again = scene.submit(link, policy=TN)
    assert outcomes(scene, again) == {USED}
    with pytest.raises(RecognitionFieldError):
        scene.approve(again)


def test_its_other_form_is_the_same_award(scene: Scene) -> None:
    link = scene.award("SEL1")
    scene.approve(scene.submit(link, policy=TN))
    jwt = publish.published(scene.house.mint, f"{link}.jwt", now=NOW)
    assert jwt is not None
    again = scene.enter(policy=TN, brings=[claims.Brings("badge.jwt", jwt.body)])
    assert [str(each.verdict) for each in scene.propose(again).brought] == ["valid"]
    assert outcomes(scene, again) == {USED}


def test_both_forms_at_once_count_once(scene: Scene) -> None:
    link = scene.award("SEL1")
    jwt = publish.published(scene.house.mint, f"{link}.jwt", now=NOW)
    assert jwt is not None
    claim = scene.enter(link, policy=TN, brings=[claims.Brings("badge.jwt", jwt.body)])
    decision = scene.approve(scene.agree(claim))
    assert decision.units == Decimal(6)
    assert len(ledger.of_decision(scene.office, decision.id)) == 1


def test_a_reissue_under_another_id_that_the_house_knows_is_the_same_award(scene: Scene) -> None:
    first, second = scene.award("SEL1"), scene.award("SEL1")
    known = replace(scene.office, same=lambda id: (first, second) if id in (first, second) else ())
    claim = scene.submit(first, policy=TN)
    scene.approve(claim)
    later = claims.of(known, DISTRICT, scene.submit(second, policy=TN).id)
    found = proposal.propose(known, later, now=NOW)
    assert {each.outcome for each in found.answer.judged} == {USED}


def test_a_copy_under_another_id_asks_a_person(scene: Scene) -> None:
    at = NOW - timedelta(days=30)
    scene.approve(scene.submit(scene.award("SEL1", awarded=at), policy=TN))
    copy = scene.submit(scene.award("SEL1", awarded=at), policy=TN)
    proposal = scene.propose(copy)
    (group,) = proposal.answer.groups
    assert group.asks
    with pytest.raises(RecognitionFieldError) as refused:
        scene.approve(copy)
    assert refused.value.path == "group-1-confirmed"
    confirmed = Adjustments((GroupChange(1, confirmed=True),))
    assert scene.approve(copy, adjustments=confirmed).units == Decimal(6)


def test_another_cycle_is_no_way_around(scene: Scene) -> None:
    link = scene.award("SEL1")
    scene.approve(scene.submit(link, policy=TN))
    wider = Period(date(2020, 1, 1), NOW.date() + timedelta(days=2))
    assert outcomes(scene, scene.submit(link, policy=TN, cycle=wider)) == {USED}


def test_another_policy_of_the_same_purpose_is_no_way_around(scene: Scene) -> None:
    first, second = scene.award("SEL1"), scene.award("SEL2")
    scene.approve(scene.submit(first, policy=TN))
    assert USED in outcomes(scene, scene.submit(first, second))


def test_another_person_is_no_way_around(scene: Scene) -> None:
    """A line of the award is one, whoever it stands for: an address may have changed."""
    link = scene.award("SEL1")
    claim = scene.submit(link, policy=TN)
    decision = scene.approve(claim)
    with scene.house.db.transaction() as session:
        (line,) = rows.of_decision(session, decision.id)
        rows.replace_lines(session, decision.id, note="moved", now=NOW)
        assert rows.add(session, [replace(line, id="moved", person=None, person_key="old@school.example")])
    assert outcomes(scene, scene.submit(link, policy=TN)) == {USED}


def test_another_purpose_and_another_district_are_allowed(scene: Scene) -> None:
    first, second = scene.award("SEL1"), scene.award("SEL2")
    assert scene.approve(scene.submit(first, second)).units == Decimal(10)
    assert scene.approve(scene.submit(first, second, organisation=OTHER)).units == Decimal(10)
    document = scene.approve(scene.submit(first, second, purpose="add-licence"))
    assert document.outcome == "supporting-document"


def test_what_was_taken_back_is_free_again(scene: Scene) -> None:
    link = scene.award("SEL1")
    decision = scene.approve(scene.submit(link, policy=TN))
    with scene.house.db.transaction() as session:
        assert rows.replace_lines(session, decision.id, note="A slip.", now=NOW) == 1
    assert scene.approve(scene.submit(link, policy=TN)).units == Decimal(6)


def test_records_of_earlier_years_count(scene: Scene) -> None:
    link = scene.award("SEL1")
    key = award_key(scene.house.mint.cabinet.did_of("example-education"), link)
    decision = scene.approve(scene.submit(scene.award("SEL2"), policy=TN))
    with scene.house.db.transaction() as session:
        (line,) = rows.of_decision(session, decision.id)
        assert rows.add(session, [replace(line, id="old", award_key=key, credential_id=link)])
    assert outcomes(scene, scene.submit(link, policy=TN)) == {USED}


def test_two_desks_with_the_same_claim_at_once(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), policy=TN)
    shown = scene.propose(claim).digest
    won, told = race(scene, [(claim, shown)] * 2)
    assert (len(won), len(told)) == (1, 1)
    assert isinstance(told[0], (AlreadyUsedError, ClaimChangedError, ClaimStateError))


def test_two_desks_with_the_same_award_in_two_claims_at_once(scene: Scene) -> None:
    link = scene.award("SEL1")
    first = scene.submit(link, policy=TN)
    second = scene.enter(link, policy=TN, email="zoe.teacher+other@school.example")
    # The second claim names another address, so its award does not fit it: it is entered as if it did.
    with scene.house.db.transaction() as session:
        claim_rows.change(session, second.id, now=NOW, address=desk_scene.EMAIL)
    found = [(each, scene.propose(each).digest) for each in (first, second)]
    won, told = race(scene, found)
    assert (len(won), len(told)) == (1, 1)
    assert isinstance(told[0], AlreadyUsedError)
    assert "counted" in told[0].message
    assert len(ledger.view(scene.office, DISTRICT, Asked()).lines) == 1


def race(scene: Scene, desks: list[tuple[Claim, str]]) -> tuple[list[str], list[RefusedError]]:
    """Let several desks approve at the same moment; return who won, and what the others are told."""
    start = threading.Barrier(len(desks))
    won: list[str] = []
    told: list[RefusedError] = []

    def approve(claim: Claim, shown: str, actor: str) -> None:
        start.wait(timeout=30)
        try:
            decision = deciding.approve(
                scene.office, claim.organisation, claim.id, shown=shown, actor=actor, now=NOW
            )
        except RefusedError as error:
            told.append(error)
        else:
            won.append(decision.id)

    threads = [
        threading.Thread(target=approve, args=(claim, shown, f"desk-{number}"))
        for number, (claim, shown) in enumerate(desks)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    return won, told


def test_the_table_itself_refuses_a_second_line(scene: Scene) -> None:
    decision = scene.approve(scene.submit(scene.award("SEL1"), policy=TN))
    with scene.house.db.transaction() as session:
        (line,) = rows.of_decision(session, decision.id)
        assert not rows.add(session, [replace(line, id="second")])
        other: Line = replace(line, id="third", organisation=OTHER)
        assert rows.add(session, [other])
        assert decision_rows.get(session, decision.id) is not None
