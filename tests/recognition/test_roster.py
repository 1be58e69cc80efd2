# SPDX-License-Identifier: Apache-2.0
"""The 13 rows with a policy and a ledger: always all of them, seven of them answered by the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recognition.claiming import claim_view, roster
from recognition.claiming.claim_states import Claim
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import NH, TN, Scene
from verifier.district import TITLES
from verifier.outcome import Mark


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def scene(made: Path) -> Iterator[Scene]:
    with desk_scene.opened(made) as scene:
        yield scene


def marks(scene: Scene, claim: Claim, index: int = 0) -> Mapping[int, Mark]:
    view = claim_view.view(scene.propose(claim, now=NOW + timedelta(minutes=20)))
    rows = view.awards[index].rows
    assert [each.title for each in rows] == list(TITLES)
    assert all(each.sentence for each in rows)
    return {each.number: each.mark for each in rows}


def test_a_pair_that_counts_is_answered_by_its_rule(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    found = marks(scene, claim)
    for row in (1, 2, 4, 5, 7, 10, 11, 12):
        assert found[row] is Mark.YES, row
    # Massachusetts asks for no approval before the work begins and sets no last day for the claim.
    assert found[8] is found[9] is Mark.YOU_DECIDE


def test_outside_the_cycle_is_no(scene: Scene) -> None:
    old = scene.award("SEL3", awarded=NOW - timedelta(days=1200))
    assert marks(scene, scene.submit(old, policy=TN))[4] is Mark.NO


def test_without_a_cycle_a_person_decides(scene: Scene) -> None:
    assert marks(scene, scene.submit(scene.award("PGC1"), policy=TN, cycle=None))[4] is Mark.YOU_DECIDE


def test_used_before_is_no(scene: Scene) -> None:
    link = scene.award("TPS1")
    scene.approve(scene.submit(link, policy=TN))
    assert marks(scene, scene.submit(link, policy=TN))[10] is Mark.NO


def test_a_suspected_copy_is_for_a_person(scene: Scene) -> None:
    at = NOW - timedelta(days=77)
    scene.approve(scene.submit(scene.award("TRA1", awarded=at), policy=TN))
    assert marks(scene, scene.submit(scene.award("TRA1", awarded=at), policy=TN))[10] is Mark.YOU_DECIDE


def test_a_number_that_a_person_sets_is_theirs(scene: Scene) -> None:
    assert marks(scene, scene.submit(scene.award("TRA2"), policy=NH))[5] is Mark.YOU_DECIDE


def test_units_are_never_told_where_there_are_none_by_nature(scene: Scene) -> None:
    said: dict[str, Any] = {"values": {"licence_level": ("initial",), "renewing": ("no",)}}
    view = claim_view.view(scene.propose(scene.submit(scene.award("TRA3"), **said)))
    row = view.awards[0].rows[4]
    assert row.mark is Mark.YOU_DECIDE
    assert not any(each.isdigit() for each in row.sentence)
    assert view.promised == ""


def test_of_a_forgery_nothing_is_laid_over(scene: Scene) -> None:
    claim = scene.submit(scene.award("DECC1"), policy=TN)
    proposal = scene.propose(claim)
    (brought,) = proposal.brought
    assert brought.report is not None
    forged = replace(brought.report, checks=())
    assert not forged.is_authentic
    assert roster.rows(forged, proposal.answer.judged[0], proposal.answer) == forged.rows


def test_an_award_of_the_account_itself_is_this_employees(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL3", email="an.older@school.example"), policy=TN)
    proposal = scene.propose(claim)
    (brought,) = proposal.brought
    assert brought.report is not None
    rows = roster.rows(brought.report, proposal.answer.judged[0], proposal.answer, owned=True)
    assert rows[1].mark is Mark.YES


def test_an_address_that_has_changed_keeps_nobody_from_their_own_awards(scene: Scene) -> None:
    link = scene.award("CM1", email="an.older@school.example")
    person = scene.person()
    owning = replace(
        scene.house, office=replace(scene.office, owner=lambda id: person.id if id == link else None)
    )
    moved = Scene(owning)
    claim = moved.submit(link, policy=TN)
    assert [str(each.verdict) for each in moved.propose(claim).brought] == ["valid"]
    assert marks(moved, claim)[2] is Mark.YES
