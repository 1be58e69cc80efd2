# SPDX-License-Identifier: Apache-2.0
"""Time zones: which day it is where somebody is, and when that day ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import zones

ZONES = st.sampled_from(zones.names())
DAYS = st.dates(date(1970, 1, 1), date(2037, 12, 31))


def test_a_zone_is_a_name_of_the_table() -> None:
    assert zones.is_zone("America/New_York")
    assert zones.is_zone("UTC")
    for name in (
        "",
        "Nowhere/Land",
        "../../etc/passwd",
        "/etc/localtime",
        "america/new_york",
        "a" * 9_000,
        "\0",
    ):
        assert not zones.is_zone(name)


def test_names_are_of_zones_that_people_live_in() -> None:
    names = zones.names()
    assert "Pacific/Honolulu" in names
    assert all(zones.is_zone(name) for name in names)
    assert not any(name.startswith(("posix/", "right/", "Etc/")) for name in names)


def test_clocks_show_what_they_show_there() -> None:
    moment = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)
    assert zones.local(moment, "America/New_York").isoformat() == "2026-06-30T23:30:00-04:00"
    assert zones.local(moment, "No/Zone") == moment


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("America/New_York", date(2027, 2, 28), "2027-03-01T04:59:59"),
        ("America/New_York", date(2026, 3, 8), "2026-03-09T03:59:59"),  # 23 hours long
        ("America/New_York", date(2026, 11, 1), "2026-11-02T04:59:59"),  # 25 hours long
        ("Pacific/Auckland", date(2026, 8, 31), "2026-08-31T11:59:59"),
        ("America/Sao_Paulo", date(2018, 11, 3), "2018-11-04T02:59:59"),  # the day after begins at one
        ("America/Havana", date(2024, 11, 3), "2024-11-04T04:59:59"),  # midnight itself was shown twice
    ],
)
def test_a_day_ends_when_it_ends_there(zone: str, day: date, expected: str) -> None:
    assert zones.last_second(day, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(day=DAYS, zone=ZONES)
def test_the_last_second_is_of_the_day_and_the_next_is_not(day: date, zone: str) -> None:
    last = zones.last_second(day, zone)
    assert last.tzinfo is UTC
    assert zones.local(last, zone).date() <= day  # a day that a zone left out ends with the one before it
    assert zones.local(last + timedelta(seconds=1), zone).date() > day
