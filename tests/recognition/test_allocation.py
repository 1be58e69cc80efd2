# SPDX-License-Identifier: Apache-2.0
"""Which awards count together: the optimum, the same one every time, against every grouping there is."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import RecognitionFieldError, TooManyAwardsError
from recognition.grouping.allocation import MAX_AWARDS, Allocation, Candidate, Fit, allocate, part_of
from recognition.rule.policy import Grant, Overlap
from tests.recognition import oracle

CASES = 1_000
SEED = 603_44
BUCKETS = ("content", "pedagogy", "elective")
AREAS = ("assessment", "climate", "equity")
START = date(2024, 1, 1)
PAIRS = Grant("pairs", 2, BUCKETS, Decimal(10), related_by="area")
ORDINARY_STATES = 500  # of 100 ordinary awards, far below 50 ms; the time is in benchmarks.allocation


def award(
    key: str, areas: str | Iterable[str] = "climate", buckets: Iterable[str] = BUCKETS, *, day: int = 0
) -> Candidate:
    """Return an award that fits ``PAIRS``."""
    named = frozenset([areas] if isinstance(areas, str) else areas)
    return Candidate(key, START + timedelta(days=day), {"pairs": Fit(named, frozenset(buckets))})


def needs(**amounts: int) -> dict[str, Decimal]:
    return {bucket: Decimal(amount) for bucket, amount in amounts.items()}


def pairs_of(found: Allocation) -> set[tuple[str, ...]]:
    return {group.awards for group in found.groups}


# --- the oracle ---------------------------------------------------------------------------------------------


def some(chosen: random.Random, values: Sequence[str], least: int = 1) -> frozenset[str]:
    return frozenset(chosen.sample(values, chosen.randint(least, len(values))))


def random_case(
    chosen: random.Random,
) -> tuple[list[Candidate], list[Grant], dict[str, Decimal]]:
    """Return awards, grants and shortfalls: few enough that every grouping can be tried."""
    buckets = BUCKETS[: chosen.choice([1, 2, 2, 3])]
    grants = []
    for number in range(chosen.choice([1, 1, 1, 2])):
        take = chosen.choice([1, 2, 2, 2, 3, 4])
        own = chosen.sample(buckets, chosen.randint(1, len(buckets)))
        grants.append(
            Grant(
                f"grant-{number}",
                take,
                tuple(own),
                chosen.choice([Decimal(5), Decimal(10), Decimal("7.5"), Decimal(20), None]),
                related_by=chosen.choice(["area", "area", "stack", None]),
                leftover=chosen.choice(["none", "none", "pro-rata"]),
                overlap=chosen.choice([*Overlap, Overlap.FORBIDDEN, Overlap.FORBIDDEN]),
            )
        )
    singles = sum(len(grant.into) for grant in grants if grant.take == 1)
    most = {0: 8, 1: 7, 2: 6}.get(singles, 5) - (len(grants) - 1)
    candidates = []
    for number in range(chosen.randint(2, most)):
        fits = {
            grant.id: Fit(some(chosen, AREAS, 0), some(chosen, buckets))
            for grant in grants
            if chosen.random() < 0.95
        }
        candidates.append(Candidate(f"{number}", START + timedelta(days=chosen.randrange(5)), fits))
    shortfalls = {
        bucket: Decimal(chosen.choice(["0", "5", "7.5", "10", "15", "22.5", "-5"]))
        for bucket in buckets
        if chosen.random() < 0.8
    }
    chosen.shuffle(candidates)
    return candidates, grants, shortfalls


def compare(
    candidates: Sequence[Candidate], grants: Sequence[Grant], shortfalls: Mapping[str, Decimal]
) -> None:
    """Assert that the answer is as good as the best of every grouping, in whole groups and then in parts."""
    found = allocate(candidates, grants, shortfalls=shortfalls)
    oracle.check(found, candidates, grants)
    assert found.optimal
    groups = [group for group in found.groups if not group.pro_rata]
    best = oracle.best(candidates, grants, shortfalls)
    assert oracle.judgement(groups, candidates, shortfalls) == best
    used = {key for group in groups for key in group.awards}
    left = [each for each in candidates if each.key not in used]
    missing = dict(shortfalls)
    for group in groups:
        for bucket, units in group.buckets.items():
            missing[bucket] = missing.get(bucket, Decimal(0)) - units
    rates = [
        replace(each, take=1, amount=part_of(each.amount, each.take))
        for each in grants
        if each.leftover == "pro-rata" and each.amount is not None
    ]
    parts = [group for group in found.groups if group.pro_rata]
    assert oracle.judgement(parts, left, missing) == oracle.best(left, rates, missing)


@pytest.mark.parametrize("share", range(10))
def test_no_random_case_differs_from_the_best_of_every_grouping(share: int) -> None:
    chosen = random.Random(SEED + share)  # noqa: S311 (examples, no secret)
    for _ in range(CASES // 10):
        candidates, grants, shortfalls = random_case(chosen)
        compare(candidates, grants, shortfalls)


@pytest.mark.parametrize("share", range(10))
def test_the_order_in_which_awards_are_given_changes_nothing(share: int) -> None:
    chosen = random.Random(SEED - share)  # noqa: S311 (examples, no secret)
    for _ in range(CASES // 10):
        candidates, grants, shortfalls = random_case(chosen)
        first = allocate(candidates, grants, shortfalls=shortfalls)
        for budget in (20_000, 3, 0):
            once = allocate(candidates, grants, shortfalls=shortfalls, budget=budget)
            chosen.shuffle(candidates)
            turned = dict(reversed(shortfalls.items()))
            assert allocate(candidates, grants, shortfalls=turned, budget=budget) == once
        assert allocate(candidates, grants, shortfalls=shortfalls) == first


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_case_that_can_be_thought_of_differs_from_the_best_of_every_grouping(
    chosen: random.Random,
) -> None:
    compare(*random_case(chosen))


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_however_small_the_budget_the_answer_keeps_the_rules_of_groups(
    chosen: random.Random, budget: int
) -> None:
    candidates, grants, shortfalls = random_case(chosen)
    found = allocate(candidates, grants, shortfalls=shortfalls, budget=budget)
    oracle.check(found, candidates, grants)
    assert found.states <= budget
    whole = [group for group in found.groups if not group.pro_rata]
    assert oracle.judgement(whole, candidates, shortfalls) <= oracle.best(candidates, grants, shortfalls)


# --- pairs, and what relates them ---------------------------------------------------------------------------


def test_two_related_awards_are_a_pair_and_a_third_is_left_over() -> None:
    found = allocate([award("a"), award("b", day=1), award("c", day=2)], [PAIRS], shortfalls={})
    assert pairs_of(found) == {("a", "b")}
    assert found.unused == ("c",)
    assert found.groups[0].units == 10
    assert found.groups[0].area == "climate"
    assert found.optimal


def test_three_related_awards_give_15_units_where_the_leftover_counts_in_part() -> None:
    awards = [award("a"), award("b", day=1), award("c", day=2)]
    found = allocate(awards, [replace(PAIRS, leftover="pro-rata")], shortfalls=needs(pedagogy=15))
    assert [(group.awards, group.pro_rata) for group in found.groups] == [(("a", "b"), False), (("c",), True)]
    assert [group.buckets for group in found.groups] == [{"pedagogy": Decimal(10)}, {"pedagogy": Decimal(5)}]
    assert found.unused == ()


def test_being_related_is_not_passed_on() -> None:
    chain = [award("a", "climate"), award("b", ["climate", "equity"], day=1), award("c", "equity", day=2)]
    found = allocate(chain, [replace(PAIRS, take=3)], shortfalls={})
    assert found.groups == ()
    assert found.unused == ("a", "b", "c")


def test_an_award_without_an_area_is_related_to_nothing() -> None:
    awards = [award("a", []), award("b", [])]
    assert allocate(awards, [PAIRS], shortfalls={}).groups == ()
    assert len(allocate(awards, [replace(PAIRS, related_by=None)], shortfalls={}).groups) == 1


def test_awards_without_a_common_bucket_make_no_pair() -> None:
    found = allocate(
        [award("a", buckets=["content"]), award("b", buckets=["elective"])], [PAIRS], shortfalls={}
    )
    assert found.groups == ()


def test_a_grant_that_is_not_named_is_closed_to_the_award() -> None:
    found = allocate([award("a"), Candidate("b", START, {})], [PAIRS], shortfalls={})
    assert found.unused == ("a", "b")


def test_a_bucket_that_the_grant_does_not_fill_is_not_filled() -> None:
    found = allocate([award("a", buckets=["x"]), award("b", buckets=["x"])], [PAIRS], shortfalls=needs(x=5))
    assert found.groups == ()


# --- needs, total, age, ties ----------------------------------------------------------------------------


def test_first_come_first_served_would_waste_an_award() -> None:
    awards = [
        award("a", ["climate"]),
        award("b", ["climate", "equity"], day=1),
        award("c", ["equity"], day=2),
        award("d", ["climate"], day=3),
    ]
    found = allocate(awards, [PAIRS], shortfalls={})
    assert pairs_of(found) == {("a", "d"), ("b", "c")}


def test_needs_come_before_the_total() -> None:
    singles = Grant("one", 1, ("content",), Decimal(4))
    twos = Grant("two", 2, ("elective",), Decimal(100))
    fits = {
        "one": Fit(frozenset(), frozenset(["content"])),
        "two": Fit(frozenset(), frozenset(["elective"])),
    }
    awards = [Candidate("a", START, fits), Candidate("b", START, fits)]
    found = allocate(awards, [singles, twos], shortfalls=needs(content=8))
    assert {group.grant for group in found.groups} == {"one"}
    assert {group.grant for group in allocate(awards, [singles, twos], shortfalls={}).groups} == {"two"}


def test_the_total_comes_before_age() -> None:
    awards = [
        award("old", ["climate"]),
        award("hub", ["climate", "equity"], day=1),
        award("new", ["equity"], day=2),
        award("newer", ["equity"], day=3),
        award("newest", ["equity"], day=4),
    ]
    found = allocate(awards, [PAIRS], shortfalls={})
    assert len(found.groups) == 2
    assert "old" in {key for group in found.groups for key in group.awards}
    assert found.unused == ("newest",)


def test_the_oldest_awards_are_used_and_the_key_decides_within_a_day() -> None:
    awards = [award("z", day=0), award("y", day=5), award("b", day=3), award("a", day=3), award("c", day=3)]
    found = allocate(awards, [PAIRS], shortfalls={})
    assert found.unused == ("y",)
    found = allocate([*awards[:1], *awards[2:]], [replace(PAIRS, take=3)], shortfalls={})
    assert found.groups[0].awards == ("z", "a", "b")


def test_units_earned_elsewhere_keep_pairs_away_from_satisfied_buckets() -> None:
    awards = [award("a"), award("b")]
    found = allocate(awards, [PAIRS], shortfalls=needs(content=0, pedagogy=15))
    assert found.groups[0].buckets == {"pedagogy": Decimal(10)}


def test_a_group_goes_where_it_fills_more() -> None:
    found = allocate([award("a"), award("b")], [PAIRS], shortfalls=needs(content=5, pedagogy=10))
    assert found.groups[0].buckets == {"pedagogy": Decimal(10)}


def test_where_nothing_is_needed_the_first_bucket_of_the_grant_is_taken() -> None:
    found = allocate([award("a"), award("b")], [replace(PAIRS, into=("elective", "content"))], shortfalls={})
    assert found.groups[0].buckets == {"elective": Decimal(10)}


def test_needs_that_are_equal_are_filled_in_the_order_of_the_buckets() -> None:
    found = allocate([award("a"), award("b")], [PAIRS], shortfalls=needs(pedagogy=10, content=10))
    assert found.groups[0].buckets == {"content": Decimal(10)}


def test_16_badges_fill_four_areas_of_15_and_15_badges_leave_5_open() -> None:
    grant = replace(PAIRS, into=("content", "pedagogy", "english-learners", "special-education"))
    lacks = {bucket: Decimal(15) for bucket in grant.into}
    for number, filled in ((16, 60), (15, 55)):
        awards = [award(f"{each:02}", buckets=grant.into) for each in range(number)]
        found = allocate(awards, [grant], shortfalls=lacks)
        assert oracle.judgement(found.groups, awards, lacks)[0] == filled


# --- overlap ------------------------------------------------------------------------------------------------

ONE = replace(PAIRS, take=1, into=("content", "pedagogy"), amount=Decimal(15))


@pytest.mark.parametrize(
    ("overlap", "buckets", "filled"),
    [
        (Overlap.FORBIDDEN, {"content": Decimal(15)}, 10),
        (Overlap.UNKNOWN, {"content": Decimal(15)}, 10),
        (Overlap.SPLIT, {"content": Decimal(10), "pedagogy": Decimal(5)}, 15),
        (Overlap.ALLOWED, {"content": Decimal(15), "pedagogy": Decimal(15)}, 20),
    ],
)
def test_an_award_open_to_two_buckets_fills_them_as_the_overlap_says(
    overlap: Overlap, buckets: dict[str, Decimal], filled: int
) -> None:
    lacks = needs(content=10, pedagogy=10)
    found = allocate([award("a")], [replace(ONE, overlap=overlap)], shortfalls=lacks)
    assert found.groups[0].buckets == buckets
    assert found.groups[0].units == 15
    assert oracle.judgement(found.groups, [award("a")], lacks)[0] == filled


def test_a_split_leaves_the_bucket_to_those_that_can_fill_no_other() -> None:
    awards = [award("a"), award("b", buckets=["content"], day=1), award("c", buckets=["pedagogy"], day=2)]
    lacks = needs(content=20, pedagogy=25)
    found = allocate(awards, [replace(ONE, overlap=Overlap.SPLIT)], shortfalls=lacks)
    assert found.groups[0].buckets == {"content": Decimal(5), "pedagogy": Decimal(10)}
    assert oracle.judgement(found.groups, awards, lacks)[0] == 45


def test_what_a_split_does_not_need_goes_into_the_first_bucket() -> None:
    found = allocate([award("a")], [replace(ONE, overlap=Overlap.SPLIT)], shortfalls=needs(pedagogy=4))
    assert found.groups[0].buckets == {"content": Decimal(11), "pedagogy": Decimal(4)}


# --- amounts ------------------------------------------------------------------------------------------------


def test_a_grant_without_an_amount_forms_groups_that_give_nothing_yet() -> None:
    stated = replace(PAIRS, take=1, amount=None, amount_from="stated-hours")
    found = allocate([award("a"), award("b")], [stated], shortfalls=needs(pedagogy=5))
    assert [group.buckets for group in found.groups] == [{"content": Decimal(0)}] * 2
    assert [group.units for group in found.groups] == [Decimal(0)] * 2


def test_amounts_are_added_to_the_last_place() -> None:
    exact = replace(PAIRS, amount=Decimal("0.1"))
    awards = [award(f"{each:02}") for each in range(60)]
    found = allocate(
        awards, [exact], shortfalls={"content": Decimal("3.00000000000000000000000000000000001")}
    )
    assert sum((group.units for group in found.groups), Decimal(0)) == 3


def test_parts_are_exact_where_they_end_and_never_more_than_the_whole() -> None:
    assert part_of(Decimal(10), 4) == Decimal("2.5")
    assert part_of(Decimal("0.5"), 8) == Decimal("0.0625")
    assert part_of(Decimal(10), 3) == Decimal("3.333333")
    assert part_of(Decimal(20), 3) == Decimal("6.666666")


@pytest.mark.parametrize("amount", ["Infinity", "NaN", "1e999999", "1e-999999", "1e41"])
def test_an_amount_out_of_reach_is_refused(amount: str) -> None:
    with pytest.raises(RecognitionFieldError):
        allocate([award("a")], [PAIRS], shortfalls={"content": Decimal(amount)})


# --- size ---------------------------------------------------------------------------------------------------


def test_100_ordinary_awards_take_few_states() -> None:
    chosen = random.Random(SEED)  # noqa: S311 (examples, no secret)
    buckets = ("content", "pedagogy", "english-learners", "special-education", "elective")
    grant = replace(PAIRS, into=buckets)
    for opened, lack in ((buckets, 15), (None, 15), (buckets, 50), (buckets, 125)):
        awards = [
            award(
                f"{each:03}",
                f"stack-{chosen.randrange(10)}",
                opened or [chosen.choice(buckets)],
                day=chosen.randrange(900),
            )
            for each in range(100)
        ]
        found = allocate(awards, [grant], shortfalls={bucket: Decimal(lack) for bucket in buckets[:4]})
        assert found.optimal
        assert found.states < ORDINARY_STATES


def test_500_awards_that_count_one_by_one_are_allocated_exactly() -> None:
    chosen = random.Random(SEED)  # noqa: S311 (examples, no secret)
    grant = replace(PAIRS, take=1, related_by=None)
    awards = [award(f"{each:03}", buckets=some(chosen, BUCKETS)) for each in range(MAX_AWARDS)]
    found = allocate(awards, [grant], shortfalls=needs(content=200, pedagogy=200))
    assert found.optimal
    assert len(found.groups) == MAX_AWARDS


def test_ten_of_any_kind_make_a_group_of_ten() -> None:
    tens = replace(PAIRS, take=10, related_by=None, amount=Decimal(1))
    for number, groups in ((9, 0), (10, 1), (19, 1), (20, 2)):
        found = allocate([award(f"{each:02}") for each in range(number)], [tens], shortfalls={})
        assert len(found.groups) == groups
        assert len(found.unused) == number - 10 * groups


def test_more_awards_than_one_request_may_bring_are_refused_with_a_sentence() -> None:
    with pytest.raises(TooManyAwardsError, match="At most 500 micro-credentials"):
        allocate([award(f"{each}") for each in range(MAX_AWARDS + 1)], [PAIRS], shortfalls={})


def test_the_same_award_twice_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="twice"):
        allocate([award("a"), award("a", day=1)], [PAIRS], shortfalls={})


def test_nothing_brought_gives_nothing() -> None:
    assert allocate([], [PAIRS], shortfalls=needs(content=5)) == Allocation((), (), True, 0)
    assert allocate([award("a")], [], shortfalls={}) == Allocation((), ("a",), True, 0)
