# SPDX-License-Identifier: Apache-2.0
"""A file of awards as what it asks for, row by row: CSV, JSON lines, or an array of JSON objects.

All three come down to awards as the API takes them (``issuer.api.NewAward``), read by one strict reader that
tells everything that is wrong with a row at once. What is wrong with the file as a whole ends the reading.
Whether there is such a micro-credential, whether it was earned, and what it would become: ``trial``.

Where no submission is named, everybody gets a version of a micro-credential once (``ONCE``): a file that is
brought a second time by mistake then awards nothing a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from credentials.document import Json
from credentials.errors import HallmarkError
from issuer.award import AwardRequest
from issuer.bulk import columns, csv_rows, json_rows
from issuer.bulk.bulk import ROWS
from issuer.bulk.columns import ACHIEVEMENT, EMAIL, FIRST_NAME, LAST_NAME, NAME, RESULTS, Column
from issuer.bulk.faults import LEVELS, TOO_MANY_LEVELS
from issuer.bulk.members import Members, Reader
from issuer.errors import AwardRequestError, BulkFileError

ONCE: Final = "bulk"  # the submission of rows that name none
NOBODY: Final = "nobody@unreadable.invalid"  # stands where an address cannot be read (RFC 2606, section 2)
SHOWN_CHARS: Final = 120  # characters of a cell that a list of rows repeats
_ONE_LINE: Final = (ACHIEVEMENT, EMAIL, NAME, "/submission")  # cells in which a line break is a mistake


class Kind(StrEnum):
    """How a file is written."""

    CSV = "csv"
    LINES = "jsonl"
    ARRAY = "json"


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a file.

    Attributes:
        number: As a spreadsheet shows it: the headings are row 1. Of JSON, the line or the place.
        achievement: What it names, as typed and cut short; so are ``email`` and ``name``.
        request: What it asks for, ``achievement`` as typed; of a row with faults, what is good of it or None.
        faults: Everything that is wrong with it, a sentence each.
    """

    number: int
    achievement: str
    email: str
    name: str
    request: AwardRequest | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read: what was noticed about it as a whole, and its rows, to be read once."""

    notes: tuple[str, ...]
    rows: Iterator[Asked]
    headings: Mapping[str, str]


def kind_of(name: str, data: bytes) -> Kind:
    """Return how a file is written, by the end of its name, else by how it begins."""
    ending = name.rpartition(".")[2].casefold()
    if ending in ("jsonl", "ndjson"):
        return Kind.LINES
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"[" and ending != "csv":
        return Kind.ARRAY
    return Kind.LINES if start == b"{" and ending != "csv" else Kind.CSV


def read(kind: Kind, data: bytes, *, now: datetime) -> Reading:
    """Begin to read a file; its rows are read as they are asked for.

    Args:
        kind: How it is written.
        data: The file.
        now: When somebody is awarded for whom the file names no date.

    Raises:
        BulkFileError: The file as a whole cannot be used; also while its rows are read.
    """
    if kind is not Kind.CSV:
        items = json_rows.lines(data) if kind is Kind.LINES else json_rows.array(data)
        return Reading((), _bounded(_json(items, now=now)), {})
    rows = csv_rows.rows(data)
    first, headings = next(rows, (0, []))
    if not first:
        raise BulkFileError("The file is empty. Its first row must hold the names of the columns.")
    found = columns.columns(headings, row=first)
    notes: tuple[str, ...] = ()
    if found.unread:
        named = ", ".join(f"“{each}”" for each in found.unread[:20])
        more = f" and {len(found.unread) - 20} more" if len(found.unread) > 20 else ""
        notes = (f"Not read, because we do not know them: {named}{more}.",)
    known = {each.place: each.heading for each in found.columns if each is not None}
    return Reading(notes, _bounded(_cells(rows, found.columns, known, now=now)), known)


def count(kind: Kind, data: bytes) -> int:
    """Return about how many rows a file has; a cell with line breaks counts more than once."""
    if kind is Kind.ARRAY:
        return data.count(b'"recipient"')
    return max(data.count(b"\n") + (not data.endswith(b"\n")) - (kind is Kind.CSV), 0)


def _bounded(rows: Iterator[Asked]) -> Iterator[Asked]:
    for number, row in enumerate(rows, start=1):
        if number > ROWS:
            raise BulkFileError(
                f"The file has more than {ROWS:,} awards. Split it into several files.", expected=ROWS
            )
        yield row


def _json(items: Iterator[tuple[int, json_rows.Item]], *, now: datetime) -> Iterator[Asked]:
    for number, item in items:
        if isinstance(item, HallmarkError):
            place = f" (at {item.path})" if item.path else ""
            yield Asked(number, "", "", "", None, (f"{item.message}{place}",))
        else:
            yield _asked(number, Reader(item), now=now)


def _cells(
    rows: csv_rows.Rows, found: tuple[Column | None, ...], known: Mapping[str, str], *, now: datetime
) -> Iterator[Asked]:
    for number, cells in rows:
        values: dict[str, str] = {}
        faults: list[str] = []
        if any(cells[len(found) :]):
            faults.append(f"It has {len(cells)} cells, but there are {len(found)} columns.")
        for column, cell in zip(found, cells, strict=False):
            if column is not None and cell:
                values[column.place] = cell
                if column.place in _ONE_LINE and not cell.isprintable():
                    faults.append(
                        f"“{column.heading}”: It holds a line break or a sign that cannot be shown."
                    )
        reader = Reader(_members(values, faults), known, spoken=True)
        reader.faults += faults
        yield _asked(number, reader, now=now)


def _members(values: dict[str, str], faults: list[str]) -> dict[str, Json]:
    """Return the cells of a row as an award of the API; ``values`` is used up."""
    first, last = values.pop(FIRST_NAME, ""), values.pop(LAST_NAME, "")
    if (first or last) and NAME not in values:
        values[NAME] = f"{first} {last}".strip()
    levels = _levels(values.pop(RESULTS, ""), faults)
    made: dict[str, Any] = {}
    pieces: dict[int, dict[str, Json]] = {}
    for place, cell in values.items():
        _, one, *rest = place.split("/", 3)
        if one == "results":
            if rest[0] in levels:
                faults.append(f"The criterion “{rest[0]}” is named twice.")
            levels[rest[0]] = cell
        elif one == "evidence":
            pieces.setdefault(int(rest[0]), {})[rest[1]] = cell
        elif rest:
            made.setdefault(one, {})[rest[0]] = cell
        else:
            made[one] = cell
    if levels:
        made["results"] = levels
    if pieces:
        made["evidence"] = [pieces[number] for number in sorted(pieces)]
    return made


def _levels(cell: str, faults: list[str]) -> dict[str, Any]:
    """Return the levels in a cell like ``noticing=Proficient; naming=Advanced``."""
    levels: dict[str, Any] = {}
    parts = [each for part in cell.replace("\n", ";").split(";") if (each := part.strip())]
    if len(parts) > LEVELS:
        faults.append(TOO_MANY_LEVELS)
        return levels
    for part in parts:
        criterion, equals, level = (word.strip() for word in part.partition("="))
        if not equals:
            faults.append(f"“{part[:SHOWN_CHARS]}” is not criterion=level; several have ; between them.")
        elif criterion in levels:
            faults.append(f"The criterion “{criterion[:SHOWN_CHARS]}” is named twice.")
        else:
            levels[criterion] = level
    return levels


def _asked(number: int, reader: Reader, *, now: datetime) -> Asked:
    """Return what a row asks for, with everything that is wrong with it."""
    shown = (_short(reader.said(ACHIEVEMENT)), _short(reader.said(EMAIL)), _short(reader.said(NAME)))
    found = reader.read()
    request = None
    try:
        if not reader.faults:
            request = _request(found, now=now)
    except AwardRequestError:
        pass  # told below, with everything else
    if request is None:
        request = _tell_all(found, reader, now=now)
    return Asked(number, *shown, request, tuple(dict.fromkeys(reader.faults)))


def _request(found: Members, *, now: datetime) -> AwardRequest:
    return AwardRequest(
        achievement=found.achievement,
        email=found.email,
        submission=found.submission or ONCE,
        awarded_at=found.awarded_at or now,
        name=found.name,
        levels=found.levels,
        evidence=found.evidence,
        narrative=found.narrative,
        activity_start=found.activity_start,
        activity_end=found.activity_end,
    )


def _tell_all(found: Members, reader: Reader, *, now: datetime) -> AwardRequest:
    """Try each part of a request by itself, so that a row is told everything and not the first thing only.

    Return what can be looked at further: the parts that are good.
    """
    kept = Members(
        achievement=found.achievement, email=NOBODY, awarded_at=found.awarded_at, levels=found.levels
    )
    parts: tuple[dict[str, Any], ...] = (
        {"email": found.email} if found.email else {},
        {"submission": found.submission},
        {"name": found.name},
        {"narrative": found.narrative},
        {"activity_start": found.activity_start, "activity_end": found.activity_end},
        {"evidence": found.evidence},
    )
    for part in parts:
        try:
            _request(replace(kept, **part), now=now)
        except AwardRequestError as error:
            reader.tell(error)
        else:
            kept = replace(kept, **part)
    return _request(kept, now=now)


def _short(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:SHOWN_CHARS]).strip()
