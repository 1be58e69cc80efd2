# SPDX-License-Identifier: Apache-2.0
"""Attestations of many people at once, from a CSV file, and all of them back as one.

The file is looked at first: what each row would do is said, with line number and reason, and nothing is kept.
Who confirms sends the same file once more, which is read again from the beginning. So a list of people lies
nowhere unless somebody has said that it is right. Rows that do not fit are left out and the others recorded;
confirming twice records nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from recognition.attesting import attestations
from recognition.attesting.attestations import Entry, Outcome
from recognition.errors import RecognitionFieldError
from recognition.look import Look
from recognition.office import Office
from recognition.store import attestations as rows
from recognition.store.attestations import Stored, Wanted
from service import spreadsheet
from service.spreadsheet import Row

COLUMNS: Final = ("person key", "event", "item code", "date", "hours", "note")
REQUIRED: Final = ("person key", "event", "date")
MAX_BYTES: Final = 180_000  # bytes; about 2,500 rows, and it fits into a form when it is sent again
MAX_ROWS: Final = 2_000  # rows below the headings
EXPORT_ROWS: Final = 50_000  # attestations in one file; further ones are had by searching
EXPORT_HEAD: Final = (
    *COLUMNS,
    "award",
    "attested by",
    "entered on",
    "entered",
    "voided on",
    "reason",
)
_COLUMN_OF: Final = {"email": "person key", "event": "event", "item": "item code", "on": "date"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file and what becomes of it.

    Attributes:
        row: Its number, as a spreadsheet program shows it.
        detail: Why it is not recorded, or what is odd about it.
    """

    row: int
    person: str
    outcome: Outcome
    detail: str = ""
    entry: Entry | None = None


def look(office: Office, organisation: str, data: bytes, *, today: date) -> Look[Line]:
    """Return what a file would do; nothing is kept.

    Raises:
        SpreadsheetError: The file as a whole cannot be read.
    """
    with office.db.reading() as session:
        return _look(session, organisation, data, codes=_codes(office), today=today)


def bring_in(
    office: Office, organisation: str, data: bytes, *, today: date, actor: str, now: datetime
) -> tuple[int, int, int]:
    """Record every row that fits; return how many were new, recorded before, and left out.

    Raises:
        SpreadsheetError: The file as a whole cannot be read.
    """
    with office.db.transaction() as session:
        found = _look(session, organisation, data, codes=_codes(office), today=today)
        entries = [
            each.entry for each in found.lines if each.entry is not None and each.outcome is not Outcome.BAD
        ]
        new, known = attestations.record(
            office, organisation, entries, how=attestations.BY_FILE, actor=actor, now=now
        )
    return new, known, found.bad


def export(office: Office, organisation: str, wanted: Wanted) -> bytes:
    """Return the organisation's attestations as CSV, harmless in a spreadsheet, the latest event first."""
    with office.db.reading() as session:
        found = rows.listing(session, organisation, wanted, limit=EXPORT_ROWS)
    return spreadsheet.write(EXPORT_HEAD, [_cells(each) for each in found])


def _cells(each: Stored) -> tuple[str, ...]:
    return (
        each.person_key,
        each.event,
        each.item,
        each.on.isoformat(),
        "" if each.hours is None else str(each.hours),
        each.note,
        each.award,
        each.by,
        each.entered_at.date().isoformat(),
        "by hand" if each.how == "hand" else "from a file",
        each.voided_at.date().isoformat() if each.voided_at is not None else "",
        each.voided_why,
    )


def _codes(office: Office) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.code for each in office.catalogue()))


def _look(session: Any, organisation: str, data: bytes, *, codes: Sequence[str], today: date) -> Look[Line]:
    sheet = spreadsheet.read(data, known=COLUMNS, required=REQUIRED, max_bytes=MAX_BYTES, max_rows=MAX_ROWS)
    lines = [Line(each.row, "", Outcome.BAD, _fault(each)) for each in sheet.faults]
    told = [_read(row, codes=codes, today=today) for row in sheet.rows]
    known = rows.standing(session, organisation, {each.entry.same for each in told if each.entry})
    seen: dict[str, Line] = {}
    for line in told:
        lines.append(line if line.entry is None else _judged(line, line.entry, seen, known, codes))
    return Look(tuple(sorted(lines, key=lambda each: each.row)))


def _read(row: Row, *, codes: Sequence[str], today: date) -> Line:
    """Return a row as it was read, by itself."""
    person = row.text("person key")[: attestations.NOTE_CHARS]
    try:
        entry = attestations.read(
            email=row.text("person key"),
            event=row.text("event").casefold(),
            on=row.text("date"),
            today=today,
            item=row.text("item code"),
            hours=row.text("hours"),
            note=row.text("note"),
            codes=codes,
        )
    except RecognitionFieldError as error:
        column = _COLUMN_OF.get(error.path or "", error.path)
        return Line(row.number, person, Outcome.BAD, f"Column “{column}”: {error.message}")
    return Line(row.number, person, Outcome.NEW, "", entry)


def _judged(
    line: Line, entry: Entry, seen: dict[str, Line], known: Mapping[str, Stored], codes: Sequence[str]
) -> Line:
    """Return what becomes of a row that was read, beside the rows before it and what is recorded."""
    before = seen.setdefault(entry.same, line)
    if before is not line and before.entry is not None:
        words = f"It says the same as row {before.row}"
        if before.entry.hours != entry.hours:
            return replace(line, outcome=Outcome.BAD, detail=f"{words}, with other hours.", entry=None)
        return replace(line, outcome=Outcome.THERE, detail=f"{words}.")
    became, detail = attestations.outcome(known.get(entry.same), entry)
    if became is Outcome.NEW and codes and entry.item and entry.item not in codes:
        detail = "This code is not in the catalogue here. Look once more whether it is right."
    return replace(line, outcome=became, detail=detail)


def _fault(each: spreadsheet.Fault) -> str:
    return f"Column “{each.column}”: {each.detail}" if each.column else each.detail
