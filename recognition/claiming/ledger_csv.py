# SPDX-License-Identifier: Apache-2.0
"""Records of earlier years into the ledger, from a CSV file, so that nothing is counted a second time.

The file is looked at first: what each row would do is said, with row number and reason, and nothing is kept.
Who confirms sends the same file once more, which is read again from the beginning. Rows that do not fit are
left out and the others recorded; the same row twice is one, in one file and in two. All rows of a file stand
Rows of one person with the same word in the column "group" were counted together, so their units count once.

Rows of one person with the same word in the column "group" were counted together: their units count once.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from recognition.claiming.decision import IMPORTED, Decision
from recognition.claiming.ledger_line import Line
from recognition.claiming.settling import PLACES, UNITS_MAX
from recognition.errors import RecognitionFieldError
from recognition.judging.award import award_key
from recognition.office import Office
from recognition.rule.policy import AWARDED_STAGE
from recognition.rule.policy_keys import PURPOSES
from recognition.store import decisions as decision_rows
from recognition.store import ledger as rows
from service import audit, spreadsheet
from service.accounts import fields, organisations
from service.errors import AccountFieldError, SpreadsheetError
from service.spreadsheet import Row

REQUIRED: Final = ("person", "link", "awarded", "purpose", "units", "unit")
COLUMNS: Final = (
    *REQUIRED,
    "issuer",
    "title",
    "code",
    "bucket",
    "group",
    "counted",
    "cycle from",
    "cycle until",
    "note",
)
MAX_BYTES: Final = 180_000  # bytes; it fits into a form when it is sent again
MAX_ROWS: Final = 1_000  # rows below the headings
EARLIEST: Final = date(1990, 1, 1)  # an older day is a slip of the hand
LINK_CHARS: Final = 2_048
SHORT_CHARS: Final = 80  # characters of a bucket, a unit, a code
NOTE_CHARS: Final = 500

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_US_DAY: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\Z", re.ASCII)
_UNITS: Final = re.compile(rf"[0-9]{{1,4}}(?:\.[0-9]{{1,{PLACES}}})?\Z", re.ASCII)


class Outcome(StrEnum):
    """What became, or would become, of a row."""

    NEW = "new"
    THERE = "in the ledger already"
    BAD = "not recorded"


@dataclass(frozen=True, slots=True)
class Look:
    """One row of the file and what becomes of it. ``group`` is as it stands in the file."""

    row: int
    person: str
    outcome: Outcome
    detail: str = ""
    line: Line | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file would do."""

    rows: tuple[Look, ...]

    def count(self, outcome: Outcome) -> int:
        """Return how many rows have this outcome."""
        return sum(each.outcome is outcome for each in self.rows)

    @property
    def new(self) -> int:
        """How many rows are new."""
        return self.count(Outcome.NEW)

    @property
    def bad(self) -> int:
        """How many rows do not fit."""
        return self.count(Outcome.BAD)


def look(office: Office, organisation: str, data: bytes, *, now: datetime) -> Looked:
    """Return what a file would do; nothing is kept.

    Raises:
        SpreadsheetError: The file as a whole cannot be read.
    """
    with office.db.reading() as session:
        return _look(session, organisation, data, now=now)


def bring_in(office: Office, organisation: str, data: bytes, *, actor: str, now: datetime) -> Looked:
    """Record every row that fits; return what became of each.

    Raises:
        SpreadsheetError: The file as a whole cannot be read.
    """
    with office.db.transaction() as session:
        rows.wait_for_turn(session, organisation)
        found = _look(session, organisation, data, now=now)
        fresh = [each for each in found.rows if each.outcome is Outcome.NEW]
        if not fresh:
            return found
        decision = _decision(session, organisation, data, len(fresh), actor=actor, now=now)
        decision_rows.add(session, decision, document=b"")
        if not rows.add(session, _grouped(fresh, decision.id)):  # pragma: no cover  one writer at a time
            raise SpreadsheetError("Somebody counted one of these awards a moment ago. Look at it again.")
        audit.record(
            session,
            actor=actor,
            action="ledger.imported",
            subject=f"decision:{decision.id}",
            detail={"organisation": organisation, "rows": len(fresh)},
            now=now,
        )
    return found


def _decision(
    session: Any, organisation: str, data: bytes, number: int, *, actor: str, now: datetime
) -> Decision:
    return Decision(
        id=str(uuid.uuid4()),
        organisation=organisation,
        recognizer=organisations.get(session, organisation).name,
        claim=None,
        person=None,
        person_key="",
        policy="",
        policy_version="",
        policy_sha256="",
        policy_title="",
        policy_status="",
        purpose="",
        jurisdiction="",
        outcome=IMPORTED,
        sentence="Records of earlier years, taken over from a file. Nobody decided them here.",
        units=Decimal(0),
        unit="",
        unit_name="",
        facts={"file_sha256": hashlib.sha256(data).hexdigest(), "rows": number},
        decided_by=actor,
        decided_at=now,
        decided_on=now.date(),
    )


def _grouped(fresh: Iterable[Look], decision: str) -> Iterable[Line]:
    """Yield the lines with the numbers of their groups; a row without one is a group of its own."""
    numbers: dict[tuple[str, str], int] = {}
    for each in fresh:
        if each.line is None:
            continue
        key = (each.line.person_key, each.group) if each.group else ("", str(each.row))
        number = numbers.setdefault(key, len(numbers) + 1)
        yield replace(each.line, decision=decision, group=number)


def _look(session: Any, organisation: str, data: bytes, *, now: datetime) -> Looked:
    if len(data) > MAX_BYTES:
        raise SpreadsheetError(
            f"This file has {len(data):,} bytes; up to {MAX_BYTES:,} fit. Split it into several files.",
            got=len(data),
            expected=MAX_BYTES,
        )
    sheet = spreadsheet.read(data, known=COLUMNS, required=REQUIRED)
    if len(sheet.rows) + len(sheet.faults) > MAX_ROWS:
        raise SpreadsheetError(
            f"The file has more than {MAX_ROWS:,} rows. Split it into several files.", expected=MAX_ROWS
        )
    found = [Look(each.row, "", Outcome.BAD, str(each)) for each in sheet.faults]
    seen: dict[tuple[str, str], int] = {}
    units: dict[tuple[str, str], Line] = {}
    for row in sheet.rows:
        found.append(_row(session, organisation, row, seen, units, now=now))
    return Looked(tuple(sorted(found, key=lambda each: each.row)))


def _row(
    session: Any,
    organisation: str,
    row: Row,
    seen: dict[tuple[str, str], int],
    units: dict[tuple[str, str], Line],
    *,
    now: datetime,
) -> Look:
    person, group = row.text("person")[:SHORT_CHARS], row.text("group")[:SHORT_CHARS]
    try:
        line = _line(organisation, row, now=now)
        _require_one_sum(line, group, units)
    except RecognitionFieldError as error:
        return Look(row.number, person, Outcome.BAD, f"Column “{error.path}”: {error.message}")
    same = (line.award_key, line.purpose)
    if same in seen:
        return Look(row.number, person, Outcome.THERE, f"It is the award of row {seen[same]}.", line, group)
    seen[same] = row.number
    counted = rows.counted(
        session, organisation, [line.award_key], purpose=line.purpose, credential_ids=[line.credential_id]
    )
    if counted:
        whose = "" if counted[0].person_key == line.person_key else " It stands for another person there."
        return Look(row.number, person, Outcome.THERE, whose.strip(), line, group)
    return Look(row.number, person, Outcome.NEW, "", line, group)


def _require_one_sum(line: Line, group: str, units: dict[tuple[str, str], Line]) -> None:
    """Refuse a row that gives its group another sum, unit or bucket than an earlier row did."""
    if not group:
        return
    first = units.setdefault((line.person_key, group), line)
    if (first.units, first.unit, first.bucket) != (line.units, line.unit, line.bucket):
        raise RecognitionFieldError(
            "The rows of one group have the same units, unit and bucket.", path="group"
        )


def _line(organisation: str, row: Row, *, now: datetime) -> Line:
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
