# SPDX-License-Identifier: Apache-2.0
"""Dates, ages and counts in words, in English. Moments are UTC and say so.

Month names are our own, so that the locale of a server never changes a page.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = (
    ("year", timedelta(days=365)),
    ("month", timedelta(days=30)),
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


def day(moment: date | datetime) -> str:
    """Return the day in words: ``February 27, 2026``. Of a moment it is the UTC day."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC)
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def month(moment: date | datetime) -> str:
    """Return the month in words: ``February 2026``. Of a moment it is the UTC month."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC)
    return f"{_MONTHS[moment.month - 1]} {moment.year}"


def time(moment: datetime) -> str:
    """Return day and minute in words: ``February 27, 2026, 09:30 UTC``."""
    return f"{day(moment)}, {moment.astimezone(UTC):%H:%M} UTC"


def age(duration: timedelta) -> str:
    """Return a duration in words, by its largest unit: ``41 seconds``, ``2 days``. Its sign is not told."""
    duration = abs(duration)
    for name, unit in _UNITS:
        if duration >= unit:
            return count(duration // unit, name)
    return count(int(duration.total_seconds()), "second")


def ago(moment: datetime, now: datetime) -> str:
    """Return how far ``moment`` is from ``now``: ``just now``, ``2 days ago``, ``in 3 hours``."""
    distance = now - moment
    if abs(distance) < timedelta(seconds=5):
        return "just now"
    return f"{age(distance)} ago" if distance > timedelta() else f"in {age(distance)}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return number and noun: ``1 check``, ``1,200 checks``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
