# SPDX-License-Identifier: Apache-2.0
"""The programme's figures: right, and about nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earning.management import figures
from earning.management.figures import Answer, Course, Reading, Waiting
from earning.programme import Programme
from earning.store import figures as store
from earning.store.figures import Scope
from earning.work.applications import State
from tests.earning import history
from tests.earning.house import NOW

AT = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)

COURSE = Course(
    application="a",
    person="p",
    code="SEL1",
    title="Self-Awareness",
    stack="SEL",
    state="WA",
    portal="wa",
    is_member=True,
    in_community=False,
    status=State.AWARDED,
    applied_at=AT - timedelta(days=60),
    passed_first=True,
    decided_at=AT,
    awarded_at=AT,
)


def courses(count: int, **changes: object) -> list[Course]:
    """As many courses of as many people."""
    return [replace(COURSE, application=f"a{at}", person=f"{changes}{at}", **changes) for at in range(count)]  # type: ignore[arg-type]


anybody = st.builds(
    lambda person, stack, passed, awarded, day: replace(
        COURSE,
        person=f"p{person}",
        stack=stack,
        passed_first=passed,
        awarded_at=AT - timedelta(days=day) if awarded else None,
    ),
    st.integers(0, 30),
    st.sampled_from(["SEL", "DIV", "ESP", "ELL"]),
    st.sampled_from([True, False, None]),
    st.booleans(),
    st.integers(0, 60),
)


def test_the_first_time_pass_rate_is_first_passes_by_first_decisions() -> None:
    found = courses(4) + courses(6, passed_first=False) + courses(3, passed_first=None)
    (rate,) = figures.first_time(found, lambda each: each.code)
    assert (rate.group, rate.decisions, rate.passes, rate.share) == ("SEL1", 10, 4, 0.4)


def test_a_group_of_fewer_than_five_people_has_no_rate() -> None:
    same_person = [replace(each, person="p") for each in courses(9)]
    for found in (courses(4), same_person):
        (rate,) = figures.first_time(found, lambda each: each.code)
        assert rate.share is None
    assert figures.told(9, 1) == "fewer than 5"
    assert figures.told(0, 0) == "0"


@given(st.lists(anybody))
def test_rates_add_up_and_stay_between_nothing_and_all(found: list[Course]) -> None:
    rates = figures.first_time(found, lambda each: each.stack)
    assert sum(rate.decisions for rate in rates) == sum(each.passed_first is not None for each in found)
    for rate in rates:
        assert 0 <= rate.passes <= rate.decisions
        assert (rate.share is None) == (rate.people < figures.SMALL or rate.is_withheld)
        assert rate.share is None or 0 <= rate.share <= 1


@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1))
def test_a_median_lies_between_and_below_the_slowest_tenth(values: list[float]) -> None:
    median, slow = figures.percentile(values, 0.5), figures.percentile(values, 0.9)
    assert min(values) <= median <= slow + 1e-6
    assert slow <= max(values) + 1e-6


def test_a_percentile_lies_between_neighbours_in_proportion() -> None:
    assert figures.percentile([3, 1, 2, 4], 0.5) == 2.5
    assert figures.percentile([7], 0.9) == 7


def test_turnaround_is_told_by_the_week_of_the_answer() -> None:
    weeks = figures.last_weeks(AT, 2)
    assert weeks == (date(2026, 2, 16), date(2026, 2, 23))
    found = [
        Answer(person=f"p{days}", submitted_at=AT - timedelta(days=days), decided_at=AT)
        for days in range(1, 7)
    ]
    early = replace(found[0], decided_at=AT - timedelta(days=7), submitted_at=AT - timedelta(days=9))
    before, this = figures.turnaround([*found, early], weeks)
    assert (this.answers, this.median, this.slowest_tenth) == (6, 3.5, 5.5)
    assert (before.answers, before.median) == (1, None)


@given(st.lists(anybody))
def test_no_number_of_awards_shows_a_small_group_not_even_by_subtracting(found: list[Course]) -> None:
    months = figures.last_months(AT, 3)
    for row in figures.awards(found, months):
        these = [each for each in found if each.awarded_at and figures.month(each.awarded_at) == row.month]
        for stack, number in row.stacks.items():
            people = {each.person for each in these if each.stack == stack}
            assert (number is None) == (len(people) < figures.SMALL)
        told = sum(number or 0 for number in row.stacks.values())
        if row.is_exact:
            assert row.total == len(these)
            hidden = [stack for stack, number in row.stacks.items() if number is None]
            rest = {each.person for each in these if each.stack in hidden}
            assert not hidden or (len(hidden) > 1 and len(rest) >= figures.SMALL)
        else:
            assert row.total == told <= len(these)


def test_months_and_school_years() -> None:
    assert figures.last_months(AT, 3) == ("2025-12", "2026-01", "2026-02")
    assert figures.school_year(AT) == "2025-26"
    assert figures.school_year(datetime(1999, 7, 1, tzinfo=UTC)) == "1999-00"
    assert figures.school_year(datetime(2026, 6, 30, 23, 59, tzinfo=UTC)) == "2025-26"


def test_who_waits_is_counted_by_age() -> None:
    item = Waiting("a", "t", 1, AT, AT + timedelta(days=14), is_being_read=False)
    items = [replace(item, submitted_at=AT - timedelta(days=days)) for days in (0, 2, 3, 10, 30, 90)]
    assert figures.ages(items, AT) == (
        ("under 3 days", 2),
        ("3 to 7 days", 1),
        ("7 to 14 days", 1),
        ("14 to 30 days", 0),
        ("30 days and more", 2),
    )


def test_readers_agree_where_all_outcomes_are_one() -> None:
    readings = [
        Reading("s1", "ann", "pass"),
        Reading("s1", "bob", "pass"),
        Reading("s2", "ann", "pass"),
        Reading("s2", "cy", "return"),
        Reading("s3", "ann", "return"),
    ]
    assert figures.agreement(readings) == figures.Agreement(reread=2, agreed=1)
    assert figures.agreement_of(readings, "bob").share == 1
    assert figures.agreement_of(readings, "cy").share == 0
    assert figures.agreement([]).share is None


@pytest.fixture(scope="module")
def nothing() -> Scope:
    return Scope()


def test_a_year_is_counted_and_only_within_the_scope(programme: Programme, nothing: Scope) -> None:
    year = history.fill(programme, now=NOW, educators=30, reviewers=4, communities=2)
    since = NOW - timedelta(days=400)
    whole = Scope(issuers=frozenset({"example-education"}))
    with programme.db.reading() as session:
        found = store.courses(session, whole, since=since)
        assert {each.application for each in found} == set(year.applications)
        decided = [each for each in found if each.passed_first is not None]
        assert len(decided) > 10
        assert len(store.answers(session, whole, since=since)) >= len(decided)
        assert store.readings(session, whole, since=since)
        oldest = store.waiting(session, whole)
        assert [each.submitted_at for each in oldest] == sorted(each.submitted_at for each in oldest)
        assert store.communities(session, whole)[0] == 2
        assert store.communities(session, nothing) == (0, 0)
        for scope in (nothing, Scope(issuers=frozenset({"example-state"})), Scope(portals=frozenset({"xx"}))):
            assert store.courses(session, scope, since=since) == ()
            assert store.answers(session, scope, since=since) == ()
            assert store.waiting(session, scope) == ()
            assert store.readings(session, scope, since=since) == ()


# -- nothing small is found by subtracting ----------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.sampled_from(("SEL1", "SEL2", "TPT1", "TPT2", "ART1")), st.integers(0, 14)), max_size=60
    )
)
def test_no_withheld_group_is_found_from_the_tables_of_stacks_and_micro_credentials(
    pairs: list[tuple[str, int]],
) -> None:
    people: dict[str, set[str]] = {}
    for code, person in pairs:
        people.setdefault(code, set()).add(str(person))
    courses = [
        Course(
            f"{code}-{person}", str(person), code, code, code[:3], "WA", "wa", True, False,
            State.AWARDED, AT, True, AT, AT,
        )
        for code, person in set(pairs)
    ]  # fmt: skip
    by_stack = figures.first_time(courses, lambda each: each.stack)
    by_code = figures.first_time(courses, lambda each: each.code, within=lambda each: each.stack)
    codes = sorted(people)
    shown = [[Fraction(1)] * len(codes)]  # the sum of all, which another table tells
    shown += [[Fraction(code[:3] == each.group) for code in codes] for each in by_stack if each.is_told]
    shown += [[Fraction(code == each.group) for code in codes] for each in by_code if each.is_told]
    if not any(each.is_told for each in by_code):
        return  # nothing but the sum
    for each in (*by_stack, *by_code):
        if 0 < each.people < figures.SMALL:
            wanted = [Fraction(code.startswith(each.group)) for code in codes]
            assert rank([*shown, wanted]) > rank(shown), each


def rank(rows: list[list[Fraction]]) -> int:
    # The number of independent rows.
    left, found = [list(row) for row in rows], 0
    for column in range(len(rows[0])):
        at = next((n for n, row in enumerate(left) if row[column]), None)
        if at is None:
            continue
        pivot, found = left.pop(at), found + 1
        left = [
            [a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)] for row in left
        ]
    return found


def test_a_second_group_is_withheld_where_one_is_small() -> None:
    groups = {"large": [str(n) for n in range(10)], "middle": list("abcdef"), "small": ["x"]}
    assert figures.withheld(groups) == {"small", "middle"}
    assert figures.withheld({"one": list("abcde"), "two": list("fghij")}) == frozenset()
