# SPDX-License-Identifier: Apache-2.0
"""Dates and times as credentials write them: XML Schema ``dateTimeStamp``, always with a zone.

https://www.w3.org/TR/xmlschema11-2/#dateTimeStamp, which VCDM 2.0, "Validity Period", and Open
Badges 3.0 require for ``validFrom``, ``validUntil``, ``awardedDate``, ``created`` and ``expires``. A time
without a zone is malformed here: readers would disagree about the instant.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from credentials.errors import DateError

DATE_CHARS = 64  # characters; 33 are enough for microseconds and an offset

_STAMP = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?:Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):(?P<zone_minute>[0-9]{2}))"
)
_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z").fullmatch
_ZONE_MINUTES = 14 * 60  # XML Schema part 2, section 3.3.7: offsets up to 14:00


def parse_datetime(text: object) -> datetime:
    """Return the instant that ``text`` names, as aware UTC.

    24:00:00 is the end of the day, as XML Schema says. Digits below a microsecond are dropped.

    Raises:
        DateError: Not such a text, no zone, or no date of the calendar (years 1 to 9999).
    """
    if not isinstance(text, str):
        raise DateError("A date must be a text.", got=type(text).__name__)
    if _PLAIN(text):  # what nearly all are
        return _plain(text)
    match = _STAMP.fullmatch(text) if len(text) <= DATE_CHARS else None
    if match is None:
        raise DateError(
            "This is not a date and time with a zone, like 2026-02-27T09:30:00Z.", got=text[:DATE_CHARS]
        )
    part = match.groupdict()
    fraction = (part["fraction"] or "")[:6].ljust(6, "0")
    end_of_day = text[11:19] == "24:00:00" and not (part["fraction"] or "").strip("0")
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            0 if end_of_day else int(part["hour"]),
            int(part["minute"]),
            int(part["second"]),
            int(fraction),
            tzinfo=_zone(part["sign"], part["zone_hour"], part["zone_minute"]),
        )
        return (moment + timedelta(days=end_of_day)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DateError("There is no such date and time.", got=text) from error


@lru_cache(maxsize=1024)  # texts of 20 characters; one credential is asked for the same dates several times
def _plain(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise DateError("There is no such date and time.", got=text) from error


def format_datetime(moment: datetime) -> str:
    """Return ``moment`` as we write it: UTC, whole seconds, ``Z``; a fraction is dropped."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone has no place in a credential")
    utc = moment.astimezone(UTC)
    # Not strftime: its %Y does not pad years before 1000 on every platform.
    return utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _zone(sign: str | None, hours: str | None, minutes: str | None) -> timezone:
    if sign is None or hours is None or minutes is None:
        return UTC
    offset = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or offset > _ZONE_MINUTES:
        raise ValueError("no such zone")
    return timezone(timedelta(minutes=-offset if sign == "-" else offset))
