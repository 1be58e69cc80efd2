# SPDX-License-Identifier: Apache-2.0
"""Days, months and years as rules count them: by the calendar, in the recognizer's time zone.

A month later is the same day of the next month, or its last one (31 August and six months: 28 or 29
February). A school year runs from 1 July to 30 June and is written by both years (``2023-24``).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final

from recognition.rule.policy import Period
from service import zones

SCHOOL_YEAR_BEGINS: Final = 7  # the month; 2023-24 is 1 July 2023 to 30 June 2024
_MONTHS: Final = 12


def day_of(moment: datetime, zone: str) -> date:
    """Return the day that ``moment`` falls on in ``zone``."""
    return zones.local(moment, zone).date()


def add_months(day: date, months: int) -> date:
    """Return the same day so many calendar months later, or the last day of that month."""
    index = day.year * _MONTHS + day.month - 1 + months
    year, month = min(max(index // _MONTHS, date.min.year), date.max.year), index % _MONTHS + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_years(day: date, years: int) -> date:
    """Return the same day so many calendar years later; 29 February becomes the 28th where there is none."""
    return add_months(day, _MONTHS * years)


def whole_cycle(cycle: Period, years: int) -> Period:
    """Return ``cycle`` with its last day, which follows from the rule's years where it was not given."""
    if cycle.last is not None:
        return cycle
    return Period(cycle.first, max(cycle.first, add_years(cycle.first, years) - timedelta(days=1)))


def school_year(day: date) -> str:
    """Return the school year of ``day``, such as ``2023-24``."""
    first = day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1
    return f"{first:04}-{(first + 1) % 100:02}"
