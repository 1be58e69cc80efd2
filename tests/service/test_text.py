# SPDX-License-Identifier: Apache-2.0
"""Dates, ages and counts in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from service import text

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)


def test_days_are_utc_days() -> None:
    assert text.day(NOW) == "February 27, 2026"
    assert text.day(date(2026, 1, 1)) == "January 1, 2026"
    assert text.day(datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))) == "December 31, 2025"
    assert text.time(datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))) == (
        "December 31, 2025, 22:30 UTC"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (41, "41 seconds"),
        (-41, "41 seconds"),
        (60, "1 minute"),
        (3_599, "59 minutes"),
        (86_400, "1 day"),
        (29 * 86_400, "29 days"),
        (60 * 86_400, "2 months"),
        (800 * 86_400, "2 years"),
    ],
)
def test_an_age_is_told_by_its_largest_unit(seconds: int, words: str) -> None:
    assert text.age(timedelta(seconds=seconds)) == words


def test_a_distance_has_a_direction() -> None:
    assert text.ago(NOW - timedelta(days=2), NOW) == "2 days ago"
    assert text.ago(NOW + timedelta(hours=3), NOW) == "in 3 hours"
    assert text.ago(NOW, NOW + timedelta(seconds=2)) == "just now"


def test_counts_agree_with_their_nouns() -> None:
    assert [text.count(n, "check") for n in (0, 1, 2, 1200)] == [
        "0 checks",
        "1 check",
        "2 checks",
        "1,200 checks",
    ]
    assert text.count(2, "entry", "entries") == "2 entries"
