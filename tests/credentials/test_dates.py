# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.dates import format_datetime, parse_datetime
from credentials.errors import DateError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-27T09:30:00Z", datetime(2026, 2, 27, 9, 30, tzinfo=UTC)),
        ("2026-02-27T09:30:00+01:00", datetime(2026, 2, 27, 8, 30, tzinfo=UTC)),
        ("2026-02-27T09:30:00-14:00", datetime(2026, 2, 27, 23, 30, tzinfo=UTC)),
        ("2026-02-27T09:30:00.5Z", datetime(2026, 2, 27, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-02-27T09:30:00.123456789Z", datetime(2026, 2, 27, 9, 30, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_reads_a_date_with_a_zone_as_utc(text: str, expected: datetime) -> None:
    moment = parse_datetime(text)
    assert moment == expected
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-27",
        "2026-02-27T09:30:00",
        "2026-02-27T09:30Z",
        "2026-02-27 09:30:00Z",
        "2026-02-27t09:30:00z",
        "2026-02-30T09:30:00Z",
        "2023-02-29T09:30:00Z",
        "2026-13-01T09:30:00Z",
        "2026-02-27T25:00:00Z",
        "2026-02-27T24:00:01Z",
        "2026-02-27T24:00:00.1Z",
        "2026-02-27T09:30:60Z",
        "2026-02-27T09:30:00+24:00",
        "2026-02-27T09:30:00+14:01",
        "2026-02-27T09:30:00+01:60",
        "2026-02-27T09:30:00+0100",
        "2026-02-27T09:30:00Z ",
        "2026-02-27T09:30:00Z\n",
        "+2026-02-27T09:30:00Z",
        "12026-02-27T09:30:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T24:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "２026-02-27T09:30:00Z",
        "2026-02-27T09:30:00." + "1" * 100 + "Z",
        1_772_184_600,
        None,
        True,
        ["2026-02-27T09:30:00Z"],
    ],
)
def test_refuses_what_is_no_date_with_a_zone(text: object) -> None:
    with pytest.raises(DateError):
        parse_datetime(text)


def test_writes_utc_and_whole_seconds() -> None:
    moment = datetime(2026, 2, 27, 10, 30, 1, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert format_datetime(moment) == "2026-02-27T09:30:01Z"
    assert format_datetime(datetime(7, 1, 1, tzinfo=UTC)) == "0007-01-01T00:00:00Z"


def test_does_not_write_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        format_datetime(datetime(2026, 2, 27))  # noqa: DTZ001 - a moment without a zone is what is refused


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_as_the_same_second(moment: datetime) -> None:
    assert parse_datetime(format_datetime(moment)) == moment.replace(microsecond=0)
