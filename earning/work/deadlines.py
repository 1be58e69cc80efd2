# SPDX-License-Identifier: Apache-2.0
"""Six calendar months: when an application is due, and what "due" means as it goes on.

Rules kept here:

- The clock starts on the day of applying where the educator is. Six calendar months later, on the same day of
  the month, it ends; where that month is too short, on its last day: 31 August → 28 or 29 February.
- It ends with the last second of that day in the zone that was pinned at applying. Moving house, or a change
  of the account's zone, moves no date.
- The due date is for the first complete submission. Revisions have no end of their own, unless the programme
  sets one (``revise_by``): nobody loses work because reviewers took their time.
- More time is given by a later day, never an earlier one; it also wakes what has run out.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Final

from earning.errors import ExtensionError
from earning.work.applications import Application, State
from service import zones

MONTHS: Final = 6  # calendar months from applying (programme sources: NEA-NH flyer, MTA post)
EXTENSION_MAX: Final = timedelta(days=366)  # the longest that one extension may reach from today
REMINDER_DAYS: Final = (30, 7, 1)  # days before an end at which a mail reminds of it
_SECOND: Final = timedelta(seconds=1)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month ``months`` later, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due(applied_at: datetime, zone: str) -> datetime:
    """Return the last second for the first complete submission, in UTC."""
    return zones.last_second(add_months(zones.local(applied_at, zone).date(), MONTHS), zone)


def local_day(moment: datetime, zone: str) -> date:
    """Return which day ``moment`` is where the educator is."""
    return zones.local(moment, zone).date()


def ends_at(application: Application) -> datetime | None:
    """Return the last second for the next submission; None where nothing ends.

    Before the first complete submission that is the due date, afterwards ``revise_by``, if there is one.
    """
    if application.state in (State.DRAFT, State.EXPIRED) and application.submitted_at is None:
        return application.due_at
    if application.state in (State.DRAFT, State.RETURNED, State.EXPIRED):
        return application.revise_by
    return None


def is_over(application: Application, now: datetime) -> bool:
    """Tell whether the time for the next submission has run out; the last second itself still counts."""
    end = ends_at(application)
    return end is not None and now >= end + _SECOND


def extended(application: Application, until: date, *, now: datetime) -> datetime:
    """Return the new last second when the time is extended to the day ``until``.

    It replaces ``due_at`` before the first complete submission, and ``revise_by`` after it.

    Raises:
        ExtensionError: The day is past, not later than what there is, or more than a year away; or there is
            nothing to extend.
    """
    if application.state not in (State.DRAFT, State.RETURNED, State.EXPIRED):
        raise ExtensionError("There is nothing to extend: this work is not waiting for its educator.")
    end = zones.last_second(until, application.zone)
    current = ends_at(application)
    if current is None and application.submitted_at is not None:
        raise ExtensionError("There is nothing to extend: revisions of this work have no last day.")
    if end < now or (current is not None and end <= current):
        raise ExtensionError("More time means a later day than the one there is, and one to come.")
    if end > now + EXTENSION_MAX:
        raise ExtensionError("One extension reaches a year from today at the most.")
    return end


def days_left(end: datetime, zone: str, now: datetime) -> int:
    """Return how many local days are left: 0 on the last day, negative afterwards."""
    return (local_day(end, zone) - local_day(now, zone)).days


def reminders_due(days_before_end: int, days_known: int) -> int | None:
    """Return which of REMINDER_DAYS is to be told when ``days_before_end`` are left, or None.

    A reminder whose day was missed is told late, but only the latest of them, and none that was already past
    when the date became known: who applies for what ends in five days is reminded one day before.

    Args:
        days_before_end: Days left today.
        days_known: Days that were left when the date was set.
    """
    if days_before_end < 0:
        return None
    reached = [days for days in REMINDER_DAYS if days_before_end <= days < days_known]
    return min(reached, default=None)
