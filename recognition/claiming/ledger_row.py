# SPDX-License-Identifier: Apache-2.0
"""One row of a file of earlier years, read as a line of the ledger: every column, strictly."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final

from recognition.claiming.ledger_line import Line
from recognition.claiming.settling import PLACES, UNITS_MAX
from recognition.errors import RecognitionFieldError
from recognition.judging.award import award_key
from recognition.rule.policy import AWARDED_STAGE
from recognition.rule.policy_keys import PURPOSES
from service.accounts import fields
from service.errors import AccountFieldError
from service.spreadsheet import Row

EARLIEST: Final = date(1990, 1, 1)  # an older day is a slip of the hand
LINK_CHARS: Final = 2_048
SHORT_CHARS: Final = 80  # characters of a bucket, a unit, a code
NOTE_CHARS: Final = 500

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_US_DAY: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\Z", re.ASCII)
_UNITS: Final = re.compile(rf"[0-9]{{1,4}}(?:\.[0-9]{{1,{PLACES}}})?\Z", re.ASCII)


def line_of(organisation: str, row: Row, *, now: datetime) -> Line:
    """Return the line that a row describes; decision and group are given later.

    Raises:
        RecognitionFieldError: A column does not fit; its path names which.
    """
    link = _link(row.text("link"))
    issuer = _short(row, "issuer", LINK_CHARS)
    awarded = _day(row, "awarded", now)
    counted = _day(row, "counted", now) if row.text("counted") else awarded
    purpose = row.text("purpose").casefold().replace(" ", "-")
    if purpose not in PURPOSES:
        raise RecognitionFieldError(f"One of: {', '.join(sorted(PURPOSES))}.", path="purpose")
    units, bucket = _units(row.text("units")), _short(row, "bucket")
    first, last = _cycle(row)
    return Line(
        id=str(uuid.uuid4()),
        organisation=organisation,
        purpose=purpose,
        stage=AWARDED_STAGE,
        award_key=award_key(issuer, link),
        credential_id=link,
        issuer_id=issuer,
        item=_short(row, "code"),
        title=_short(row, "title", 300) or link[:300],
        awarded_on=awarded,
        person=None,
        person_key=_person(row.text("person")),
        cycle_from=first,
        cycle_until=last,
        decision="",
        group=0,
        bucket=bucket,
        shares={bucket: units} if bucket else {},
        units=units,
        unit=_unit(row),
        used_at=datetime.combine(counted, time(12), UTC),
        note=_short(row, "note", NOTE_CHARS),
    )


def _person(typed: str) -> str:
    try:
        return fields.email_key(fields.checked("email", typed))
    except AccountFieldError as error:
        raise RecognitionFieldError("Write the e-mail address of the person.", path="person") from error


def _link(typed: str) -> str:
    plain = typed.isascii() and typed.isprintable() and " " not in typed and len(typed) <= LINK_CHARS
    if not plain or not typed.startswith(("https://", "http://", "urn:")):
        raise RecognitionFieldError("Write the link of the award, which is its id.", path="link")
    return typed


def _unit(row: Row) -> str:
    unit = _short(row, "unit")
    if not unit:
        raise RecognitionFieldError("Write the unit with its place, like PDP-MA.", path="unit")
    return unit


def _units(typed: str) -> Decimal:
    try:
        units = Decimal(typed) if _UNITS.match(typed) else Decimal(-1)
    except InvalidOperation:  # pragma: no cover  the pattern lets nothing through that is no number
        units = Decimal(-1)
    if not 0 <= units <= UNITS_MAX:
        raise RecognitionFieldError(f"A number like 10 or 7.5, up to {UNITS_MAX:,}.", path="units")
    return units


def _short(row: Row, column: str, most: int = SHORT_CHARS) -> str:
    text = row.text(column)
    if len(text) > most:
        raise RecognitionFieldError(f"Up to {most:,} characters fit.", path=column)
    return text


def _day(row: Row, column: str, now: datetime) -> date:
    found = _read_day(row.text(column))
    if found is None or not EARLIEST <= found <= now.date():
        raise RecognitionFieldError("Write the day as 2026-05-04 or 5/4/2026; it is past.", path=column)
    return found


def _cycle(row: Row) -> tuple[date | None, date | None]:
    typed: Mapping[str, str] = {name: row.text(name) for name in ("cycle from", "cycle until")}
    days = {name: _read_day(text) for name, text in typed.items()}
    for name, text in typed.items():
        if text and days[name] is None:
            raise RecognitionFieldError("Write the day as 2026-05-04 or 5/4/2026.", path=name)
    first, last = days["cycle from"], days["cycle until"]
    if last is not None and (first is None or last < first):
        raise RecognitionFieldError("A cycle begins before it ends.", path="cycle until")
    return first, last


def _read_day(typed: str) -> date | None:
    american = _US_DAY.match(typed)
    if american:
        month, day, year = (int(each) for each in american.groups())
        typed = f"{year:04}-{month:02}-{day:02}"
    try:
        return date.fromisoformat(typed) if _DAY.match(typed) else None
    except ValueError:
        return None
