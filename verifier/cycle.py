# SPDX-License-Identifier: Apache-2.0
"""A reader's cycle and the days of an award: what lies inside, and both in words (row 4 of the 13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from credentials.summary import Summary
from service import text
from verifier.asked import Asked


def worked(summary: Summary) -> str:
    """Return when the work was done, as the end of a sentence; "" where nothing is stated."""
    start, end = summary.activity_start, summary.activity_end
    if start is not None and end is not None:
        return f", worked on from {text.day(start)} to {text.day(end)}"
    if start is not None:
        return f", worked on from {text.day(start)}"
    return f", worked on until {text.day(end)}" if end is not None else ""


def day(moment: datetime) -> date:
    """Return the UTC day of a moment."""
    return moment.astimezone(UTC).date()


def inside(when: date, asked: Asked) -> bool:
    """Tell whether ``when`` lies in the cycle that was asked for; its first and last day belong to it."""
    begins, ends = asked.cycle_from, asked.cycle_until
    return (begins is None or begins <= when) and (ends is None or when <= ends)


def apart(days: list[date], asked: Asked) -> bool:
    """Tell whether all of the work lies before the cycle, or all of it after."""
    begins, ends = asked.cycle_from, asked.cycle_until
    return (begins is not None and max(days) < begins) or (ends is not None and min(days) > ends)


def span(asked: Asked) -> str:
    """Return the cycle in words."""
    begins, ends = asked.cycle_from, asked.cycle_until
    if begins is not None and ends is not None:
        return f"your cycle from {text.day(begins)} to {text.day(ends)}"
    if begins is not None:
        return f"your cycle from {text.day(begins)} on"
    return f"your cycle until {text.day(ends)}" if ends is not None else "your cycle"
