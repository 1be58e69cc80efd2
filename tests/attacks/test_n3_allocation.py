# SPDX-License-Identifier: Apache-2.0
"""N3: a choice that grows without end. Strict read, decimals, a state budget with ``optimal: false``."""

from __future__ import annotations

import random

import pytest

from recognition.grouping.allocation import MAX_AWARDS, STATES, Allocation, allocate
from recognition.rule.policy import Overlap
from tests.recognition import oracle
from tests.recognition.crowds import Crowd, hostile

SMALL = 1_000  # states: the same rules hold under any budget, and many crowds are tried
CROWDS = {crowd.name: crowd for crowd in hostile()}
WORST = ("31, 12 areas × 3 buckets", "499, 2 areas × 2 buckets", "100, groups of 10")


def answer(crowd: Crowd, budget: int) -> Allocation:
    return allocate(crowd.candidates, [crowd.grant], shortfalls=crowd.shortfalls, budget=budget)


@pytest.mark.parametrize("name", CROWDS)
def test_the_budget_of_states_is_held_and_the_answer_is_one_that_the_rules_allow(name: str) -> None:
    crowd = CROWDS[name]
    found = answer(crowd, SMALL)
    assert found.states <= SMALL
    oracle.check(found, crowd.candidates, [crowd.grant])


@pytest.mark.parametrize("name", CROWDS)
def test_the_answer_is_as_good_as_the_rough_one_and_never_too_good(name: str) -> None:
    crowd = CROWDS[name]
    found = answer(crowd, SMALL)
    rough = answer(crowd, 0)
    judged = oracle.judgement(found.groups, crowd.candidates, crowd.shortfalls)
    assert judged >= oracle.judgement(rough.groups, crowd.candidates, crowd.shortfalls)
    most = len(crowd.candidates) // crowd.grant.take * (crowd.grant.amount or 0)
    lacking = sum(crowd.shortfalls.values())
    assert judged[1] <= most
    assert judged[0] <= (lacking if crowd.grant.overlap is Overlap.ALLOWED else min(lacking, most))


@pytest.mark.parametrize("name", [name for name in CROWDS if name.startswith("100")])
def test_a_crowd_gets_the_same_answer_every_time_and_in_every_order(name: str) -> None:
    crowd = CROWDS[name]
    found = answer(crowd, SMALL)
    turned = list(crowd.candidates)
    random.Random(name).shuffle(turned)  # noqa: S311 (examples, no secret)
    assert allocate(turned, [crowd.grant], shortfalls=crowd.shortfalls, budget=SMALL) == found
    assert answer(crowd, SMALL) == found


@pytest.mark.parametrize("name", WORST)
def test_the_worst_cases_stop_at_the_budget_and_say_that_there_may_be_a_better_grouping(name: str) -> None:
    found = answer(CROWDS[name], STATES)
    assert not found.optimal
    assert found.states == STATES
    assert found.groups


@pytest.mark.parametrize("name", [name for name in CROWDS if name.endswith("2 areas × 2 buckets")])
def test_what_is_as_good_as_anything_could_be_is_found_to_be_so(name: str) -> None:
    crowd = CROWDS[name]
    found = answer(crowd, STATES)
    assert found.optimal is (name not in WORST)
    assert len(found.groups) == len(crowd.candidates) // 2


def test_groups_looked_at_are_counted_too() -> None:
    crowd = CROWDS["500, groups of 10"]
    assert len(crowd.candidates) == MAX_AWARDS
    found = answer(crowd, SMALL)
    assert not found.optimal
    assert found.states == SMALL, "a state with thousands of groups weighs more than one with two"


def test_with_no_budget_at_all_pairs_are_still_a_greatest_matching() -> None:
    crowd = CROWDS["500 in a chain of pairs"]
    found = answer(crowd, 0)
    assert not found.optimal
    assert found.states == 0
    assert len(found.groups) == 250
    assert found.unused == ()
