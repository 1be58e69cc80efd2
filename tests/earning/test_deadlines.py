# SPDX-License-Identifier: Apache-2.0
"""E9: six calendar months, to the last second where the educator is; extensions; reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earning.errors import ExtensionError
from earning.work import deadlines
from earning.work.applications import Application, State
from service import zones

ZONES = st.sampled_from(zones.names())
MOMENTS = st.integers(631_152_000, 2_095_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))  # 1990–2036
APPLIED = datetime(2026, 8, 31, 14, tzinfo=UTC)


def application(**changes: object) -> Application:
    made = Application(
        id="1",
        person="p",
        version="SEL1-v1",
        portal=None,
        season=None,
        state=State.DRAFT,
        revision=1,
        zone="America/New_York",
        applied_at=APPLIED,
        due_at=deadlines.due(APPLIED, "America/New_York"),
        revise_by=None,
        submitted_at=None,
        ended_at=None,
        shows_name=False,
        wants_reminders=True,
        award=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-08-29", "2027-02-28"),
        ("2027-08-29", "2028-02-29"),
        ("2026-08-28", "2027-02-28"),
        ("2026-03-31", "2026-09-30"),
        ("2026-12-31", "2027-06-30"),
        ("2026-06-15", "2026-12-15"),
        ("2026-07-01", "2027-01-01"),
    ],
)
def test_six_months_are_calendar_months(start: str, end: str) -> None:
    assert deadlines.add_months(date.fromisoformat(start), 6) == date.fromisoformat(end)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_months_later_is_in_that_month_and_on_that_day_or_the_months_last(day: date, months: int) -> None:
    later = deadlines.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(MOMENTS, ZONES)
def test_due_is_the_last_second_of_that_day_there(applied_at: datetime, zone: str) -> None:
    due = deadlines.due(applied_at, zone)
    day = deadlines.add_months(deadlines.local_day(applied_at, zone), 6)
    assert deadlines.local_day(due, zone) <= day
    assert deadlines.local_day(due + timedelta(seconds=1), zone) > day
    assert due > applied_at


def test_the_last_second_counts_and_the_next_does_not() -> None:
    made = application()
    assert made.due_at == datetime(2027, 3, 1, 4, 59, 59, tzinfo=UTC)
    assert not deadlines.is_over(made, made.due_at)
    assert not deadlines.is_over(made, made.due_at + timedelta(microseconds=999_999))
    assert deadlines.is_over(made, made.due_at + timedelta(seconds=1))


def test_the_zone_of_the_application_decides_and_not_that_of_the_server() -> None:
    east, west = (deadlines.due(APPLIED, zone) for zone in ("Pacific/Auckland", "Pacific/Honolulu"))
    assert deadlines.local_day(east, "Pacific/Auckland") == date(2027, 3, 1)  # 1 September began there
    assert deadlines.local_day(west, "Pacific/Honolulu") == date(2027, 2, 28)
    assert east != west


def test_the_due_date_is_for_the_first_complete_submission_only() -> None:
    sent = application(submitted_at=APPLIED, state=State.RETURNED)
    assert deadlines.ends_at(sent) is None
    assert not deadlines.is_over(sent, APPLIED + timedelta(days=5_000))
    limited = application(submitted_at=APPLIED, state=State.RETURNED, revise_by=APPLIED)
    assert deadlines.ends_at(limited) == APPLIED
    for state in (State.SUBMITTED, State.IN_REVIEW, State.AWARDED):
        assert deadlines.ends_at(application(state=state)) is None


def test_e10_more_time_is_a_later_day_and_wakes_what_ran_out() -> None:
    now = APPLIED + timedelta(days=1)
    until = deadlines.extended(application(), date(2027, 6, 30), now=now)
    assert until == datetime(2027, 7, 1, 3, 59, 59, tzinfo=UTC)
    late = application(state=State.EXPIRED)
    assert deadlines.extended(late, date(2027, 6, 30), now=late.due_at + timedelta(days=9)) == until


@pytest.mark.parametrize(
    ("day", "days_later", "changes"),
    [
        (date(2027, 2, 28), 1, {}),  # not later
        (date(2027, 3, 31), 300, {}),  # past by then
        (date(2029, 3, 31), 1, {}),  # more than a year away
        (date(2027, 6, 30), 1, {"state": State.SUBMITTED}),
        (date(2027, 6, 30), 1, {"state": State.RETURNED, "submitted_at": APPLIED}),  # no end to extend
    ],
)
def test_what_is_no_extension_is_refused(day: date, days_later: int, changes: dict[str, object]) -> None:
    with pytest.raises(ExtensionError):
        deadlines.extended(application(**changes), day, now=APPLIED + timedelta(days=days_later))


@pytest.mark.parametrize(
    ("left", "known", "expected"),
    [(31, 181, None), (30, 181, 30), (29, 181, 30), (8, 181, 30), (7, 181, 7), (1, 181, 1), (0, 181, 1),
     (-1, 181, None), (5, 5, None), (1, 5, 1), (7, 30, 7), (30, 30, None), (20, 20, None)],
)  # fmt: skip
def test_reminders_are_told_late_rather_than_never_and_none_that_was_past(
    left: int, known: int, expected: int | None
) -> None:
    assert deadlines.reminders_due(left, known) == expected


@given(st.integers(-5, 400), st.integers(0, 400))
def test_a_reminder_is_never_for_a_day_that_is_over(left: int, known: int) -> None:
    told = deadlines.reminders_due(left, known)
    assert told is None or (left >= 0 and left <= told < known)
