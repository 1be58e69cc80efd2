# SPDX-License-Identifier: Apache-2.0
"""E27: which date binds, for the award and for what the state counts in the season, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earning.work import seasons
from earning.work.seasons import Season

SPRING = Season("wa/2026-27", "wa", "2026–27", date(2026, 9, 1), date(2027, 4, 26), date(2027, 5, 24))
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))


def test_without_a_season_the_due_date_alone_binds() -> None:
    found = seasons.first_binding(date(2027, 2, 28), None, today=date(2026, 9, 1))
    assert (found.award_by, found.hours_by, found.next_day) == (date(2027, 2, 28), None, date(2027, 2, 28))
    assert "February 28, 2027" in found.sentence


def test_the_season_binds_what_its_state_counts_when_it_ends_first() -> None:
    found = seasons.first_binding(date(2027, 6, 30), SPRING, today=date(2027, 1, 2))
    assert (found.award_by, found.hours_by) == (date(2027, 6, 30), date(2027, 4, 26))
    assert found.next_day == date(2027, 4, 26)
    assert "April 26, 2027" in found.sentence
    assert "June 30, 2027" in found.sentence


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("2026–27", "the season 2026–27"),
        ("Season 2026–27", "Season 2026–27"),
        ("School year 2", "School year 2"),
    ],
)
def test_a_season_is_called_so_once(name: str, called: str) -> None:
    assert replace(SPRING, name=name).called == called


def test_the_due_date_binds_when_it_comes_first() -> None:
    found = seasons.first_binding(date(2027, 3, 1), SPRING, today=date(2027, 1, 2))
    assert (found.award_by, found.hours_by, found.next_day) == (date(2027, 3, 1),) * 3
    assert "six months end before" in found.sentence


def test_one_day_may_be_both() -> None:
    found = seasons.first_binding(date(2027, 4, 26), SPRING, today=date(2027, 1, 2))
    assert found.award_by == found.hours_by == date(2027, 4, 26)


def test_after_the_last_submission_day_a_first_submission_is_for_the_award_alone() -> None:
    found = seasons.first_binding(date(2027, 6, 30), SPRING, today=date(2027, 4, 27))
    assert (found.award_by, found.hours_by) == (date(2027, 6, 30), None)
    assert "for the award, not for what your state counts in that season" in found.sentence


@pytest.mark.parametrize(
    ("first", "today", "revise_by", "hours_by"),
    [
        (date(2027, 4, 26), date(2027, 5, 24), None, date(2027, 5, 24)),
        (date(2027, 4, 26), date(2027, 5, 25), None, None),
        (date(2027, 4, 27), date(2027, 5, 1), None, None),
        (date(2027, 4, 26), date(2027, 5, 1), date(2027, 5, 10), date(2027, 5, 10)),
    ],
)
def test_revisions_count_until_the_last_revision_day(
    first: date, today: date, revise_by: date | None, hours_by: date | None
) -> None:
    found = seasons.revision_binding(first, revise_by, SPRING, today=today)
    assert (found.award_by, found.hours_by) == (revise_by, hours_by)


def test_revisions_have_no_last_day_by_themselves() -> None:
    found = seasons.revision_binding(date(2027, 4, 1), None, None, today=date(2030, 1, 1))
    assert found.next_day is None
    assert "no last day" in found.sentence


@given(DAYS, DAYS, st.integers(0, 400), st.integers(0, 90))
def test_a_season_never_takes_an_award_away(due: date, today: date, length: int, more: int) -> None:
    last = date(2026, 6, 1) + timedelta(days=length)
    season = Season("x/1", "x", "1", date(2026, 1, 1), last, last + timedelta(days=more))
    found = seasons.first_binding(due, season, today=today)
    assert found.award_by == due
    assert found.hours_by is None or found.hours_by <= min(due, last)
    assert (found.hours_by is None) == (today > last)
    assert found.sentence.endswith(".")
