# SPDX-License-Identifier: Apache-2.0
"""Time zones: which day it is where somebody is. The only module that knows the zones' table.

The table is the machine's, or the ``tzdata`` package's where the machine has none (IANA Time Zone Database).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
# Folders of the table that hold no zones of people.
_ASIDE: Final = ("posix/", "right/", "Etc/", "SystemV/")


def is_zone(name: str) -> bool:
    """Tell whether ``name`` is a zone of the table, such as ``America/New_York``."""
    return _zone(name) is not None


@cache
def names() -> tuple[str, ...]:
    """Return the names of all zones that people live in, sorted, and UTC."""
    found = (name for name in _table() if "/" in name and not name.startswith(_ASIDE))
    return (*sorted(found), "UTC")


def local(moment: datetime, zone: str) -> datetime:
    """Return ``moment`` as the clocks in ``zone`` show it; in UTC where there is no such zone."""
    return moment.astimezone(_zone(zone) or UTC)


def last_second(day: date, zone: str) -> datetime:
    """Return the last whole second of the local ``day``, in UTC.

    It lies one second before the day after begins; that day may begin later than at midnight where clocks
    change at night.
    """
    there = _zone(zone) or UTC
    midnight = datetime.combine(day + _DAY, time(), tzinfo=there).astimezone(UTC)
    # A midnight that clocks jump over is read as a moment of the day after; one that they show twice, as the
    # first. What is asked for is the last second with this very date.
    last = midnight - _SECOND
    while last.astimezone(there).date() > day:
        last -= _SECOND * 900
    while (last + _SECOND).astimezone(there).date() <= day:
        last += _SECOND
    return last


def _zone(name: str) -> ZoneInfo | None:
    """Return the zone; the table's names are paths, so what is not a name in it is never looked up."""
    try:
        return ZoneInfo(name) if name in _table() else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # pragma: no cover  named, but damaged
        return None


@cache
def _table() -> frozenset[str]:
    return frozenset(available_timezones())
