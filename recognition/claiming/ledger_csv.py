# SPDX-License-Identifier: Apache-2.0
"""Records of earlier years into the ledger, from a CSV file, so that nothing is counted a second time.

The file is looked at first: what each row would do is said, with row number and reason, and nothing is kept.
Who confirms sends the same file once more, which is read again from the beginning. Rows that do not fit are
left out and the others recorded. An award is its link, with or without an issuer beside it: twice for one
purpose it is one, in one file and in two.

Rows of one person and purpose with the same word in the column "group" were counted together: their units
count once. What belongs to a group that an earlier file brought in joins that group, if units, unit and
bucket are the same; any other group of which a part is counted already is told as a fault.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from recognition.claiming.decision import IMPORTED, Decision
from recognition.claiming.ledger_line import Line
from recognition.claiming.ledger_row import SHORT_CHARS, line_of
from recognition.errors import RecognitionFieldError
from recognition.look import Look
from recognition.office import Office
from recognition.store import decisions as decision_rows
from recognition.store import ledger as rows
from service import audit, spreadsheet
from service.accounts import organisations
from service.errors import SpreadsheetError
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


_Group = tuple[str, str, str]  # person, purpose, and the word in the file


class Outcome(StrEnum):
    """What became, or would become, of a row."""

    NEW = "new"
    THERE = "in the ledger already"
    BAD = "not recorded"


@dataclass(frozen=True, slots=True)
class Told:
    """One row of the file and what becomes of it.

    Attributes:
        line: What it describes; with decision and group once it joins one that is there.
        group: As it stands in the file.
        counted: What counts its award already: the line in the ledger, or the first row of this file.
    """

    row: int
    person: str
    outcome: Outcome
    detail: str = ""
    line: Line | None = None
    group: str = ""
    counted: Line | Told | None = None

    @property
    def key(self) -> _Group | None:
        """Its group, told apart from those of other people and purposes; None: it has none."""
        if self.line is None or not self.group:
            return None
        return self.line.person_key, self.line.purpose, self.group


def look(office: Office, organisation: str, data: bytes, *, now: datetime) -> Look[Told]:
    """Return what a file would do; nothing is kept.

    Raises:
        SpreadsheetError: The file as a whole cannot be read.
    """
    with office.db.reading() as session:
        return _look(session, organisation, data, now=now)


def bring_in(office: Office, organisation: str, data: bytes, *, actor: str, now: datetime) -> Look[Told]:
    """Record every row that fits; return what became of each.

    Raises:
        SpreadsheetError: The file as a whole cannot be read.
    """
    with office.db.transaction() as session:
        rows.wait_for_turn(session, organisation)
        found = _look(session, organisation, data, now=now)
        fresh = [each for each in found.lines if each.outcome is Outcome.NEW]
        if not fresh:
            return found
        decision = _decision(session, organisation, data, len(fresh), actor=actor, now=now)
        decision_rows.add(session, decision, document=b"")
        if not rows.add(session, _placed(fresh, decision.id)):  # pragma: no cover  one writer at a time
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


def _placed(fresh: Iterable[Told], decision: str) -> Iterable[Line]:
    """Yield the lines with the numbers of their groups; a row without one is a group of its own."""
    numbers: dict[object, int] = {}
    for each in fresh:
        if each.line is None:
            continue
        number = numbers.setdefault(each.key or each.row, len(numbers) + 1)
        joins = bool(each.line.decision)
        yield each.line if joins else replace(each.line, decision=decision, group=number)


def _look(session: Any, organisation: str, data: bytes, *, now: datetime) -> Look[Told]:
    sheet = spreadsheet.read(data, known=COLUMNS, required=REQUIRED, max_bytes=MAX_BYTES, max_rows=MAX_ROWS)
    found = [Told(each.row, "", Outcome.BAD, str(each)) for each in sheet.faults]
    seen: dict[tuple[str, str], Told] = {}
    units: dict[_Group, Line] = {}
    for row in sheet.rows:
        found.append(_row(session, organisation, row, seen, units, now=now))
    found = _joined(session, found)
    return Look(tuple(sorted(found, key=lambda each: each.row)))


def _row(
    session: Any,
    organisation: str,
    row: Row,
    seen: dict[tuple[str, str], Told],
    units: dict[_Group, Line],
    *,
    now: datetime,
) -> Told:
    look = Told(
        row.number, row.text("person")[:SHORT_CHARS], Outcome.BAD, group=row.text("group")[:SHORT_CHARS]
    )
    try:
        line = line_of(organisation, row, now=now)
        look = replace(look, line=line)
        _require_one_sum(look, units)
    except RecognitionFieldError as error:
        return replace(look, line=None, detail=f"Column “{error.path}”: {error.message}")
    first = seen.setdefault((line.credential_id, line.purpose), look)
    if first is not look:
        return replace(
            look, outcome=Outcome.THERE, detail=f"It is the award of row {first.row}.", counted=first
        )
    counted = rows.counted(
        session, organisation, [line.award_key], purpose=line.purpose, credential_ids=[line.credential_id]
    )
    if not counted:
        return replace(look, outcome=Outcome.NEW)
    whose = "" if counted[0].person_key == line.person_key else "It stands for another person there."
    return replace(look, outcome=Outcome.THERE, detail=whose, counted=counted[0])


def _require_one_sum(look: Told, units: dict[_Group, Line]) -> None:
    """Refuse a row that gives its group another sum, unit or bucket than an earlier row did."""
    if look.key is None or look.line is None:
        return
    if _sum(units.setdefault(look.key, look.line)) != _sum(look.line):
        raise RecognitionFieldError(
            "The rows of one group have the same units, unit and bucket.", path="group"
        )


def _sum(line: Line) -> tuple[Decimal, str, str]:
    return line.units, line.unit, line.bucket


def _joined(session: Any, found: Iterable[Told]) -> list[Told]:
    """Return the rows; those whose group is counted in part already join it, or are told as faults."""
    all_rows = list(found)
    partners: dict[_Group, list[Told]] = {}
    for each in all_rows:
        if each.key is not None and each.counted is not None:
            partners.setdefault(each.key, []).append(each)
    return [
        _with_partners(session, each, partners[each.key])
        if each.outcome is Outcome.NEW and each.key in partners
        else each
        for each in all_rows
    ]


def _with_partners(session: Any, look: Told, partners: Iterable[Told]) -> Told:
    """Return a new row with the group in which its partners are counted; a fault if that cannot be told."""
    places: set[tuple[str, int]] = set()
    for each in partners:
        if isinstance(each.counted, Told) and each.counted.key == look.key:
            continue  # The same row twice.
        there = each.counted
        if look.line is None or not isinstance(there, Line) or not _fits(session, look.line, there):
            return replace(
                look,
                outcome=Outcome.BAD,
                detail=f"The award of row {each.row}, which is of this group, is counted in another way "
                "already. The units of the group would count twice.",
            )
        places.add((there.decision, there.group))
    if len(places) > 1:
        return replace(
            look,
            outcome=Outcome.BAD,
            detail="The other rows of this group are counted in several groups. Its units would count again.",
        )
    for decision, group in places:
        return replace(
            look,
            line=None if look.line is None else replace(look.line, decision=decision, group=group),
            detail="It joins the group that is in the ledger already; no units are added.",
        )
    return look


def _fits(session: Any, line: Line, there: Line) -> bool:
    """Tell whether a line may join the group of another one: an earlier file's, with the same sum."""
    stored = decision_rows.get(session, there.decision)
    return (
        stored is not None
        and stored.outcome == IMPORTED
        and there.person_key == line.person_key
        and _sum(there) == _sum(line)
    )
