# SPDX-License-Identifier: Apache-2.0
"""Dates as a calendar file that people put into their own calendar (RFC 5545).

An event has a stable UID, so that a file taken a second time moves what the first one made; ``sequence``
counts the changes (RFC 5545, section 3.8.7.4). Nothing is sent to anybody: METHOD is PUBLISH.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

MEDIA_TYPE: Final = "text/calendar"
LINE_BYTES: Final = 75  # bytes of one line without its end (RFC 5545, section 3.1)
_PRODUCT: Final = "-//Hallmark//Micro-credentials//EN"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is on a day, or at a moment.

    Attributes:
        uid: Names the event for ever, with a part that is ours: ``due-1234@host``.
        at: A day, or an aware moment.
        alarms: How long before to remind, in days.
        changed_at: When it was last changed.
        sequence: How often it was changed.
    """

    uid: str
    summary: str
    at: date | datetime
    changed_at: datetime
    description: str = ""
    url: str = ""
    alarms: tuple[int, ...] = ()
    sequence: int = 0


def calendar(events: Iterable[Event], *, name: str) -> bytes:
    """Return the file: one VCALENDAR with each event."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold(line)}\r\n" for line in lines).encode()


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_moment(event.changed_at)}"
    yield f"SEQUENCE:{event.sequence}"
    if isinstance(event.at, datetime):
        yield f"DTSTART:{_moment(event.at)}"
        yield f"DTEND:{_moment(event.at)}"
    else:
        yield f"DTSTART;VALUE=DATE:{event.at:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.at + timedelta(days=1):%Y%m%d}"  # the first day that is not in it
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT"
    for days in event.alarms:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_text(event.summary)}"
        yield f"TRIGGER:-P{days}D"
        yield "END:VALARM"
    yield "END:VEVENT"


def _text(text: str) -> str:
    """Escape a TEXT value (section 3.3.11); other control characters have no place in one."""
    kept = "".join(char for char in text.replace("\r\n", "\n") if char >= " " or char in "\n\t")
    for sign in ("\\", ";", ","):
        kept = kept.replace(sign, f"\\{sign}")
    return kept.replace("\n", "\\n")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _fold(line: str) -> str:
    """Break a line after at most LINE_BYTES bytes, never inside a character (section 3.1)."""
    pieces, current, room = [], "", LINE_BYTES
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append(current)
            current, room = "", LINE_BYTES - 1  # the blank at the beginning counts
        current += char
        room -= size
    return "\r\n ".join((*pieces, current))
