# SPDX-License-Identifier: Apache-2.0
"""Many people at once, from a CSV file: first looked at, then brought in when the manager confirms.

Rules kept here:

- Nothing but the file is written before the manager confirms; a file and its result are kept for a week.
- Every row that does not fit is listed with its reason, and the others can be brought in without it.
- An account that is there keeps all its data; it may only gain a role. New ones are not confirmed: their
  owners get a mail and confirm the address by signing in with a link.
- Roles come from a list for each kind of organisation, and only for organisations that the manager manages or
  that belong to those. Nobody becomes a manager, officer or administrator by a file.
- Confirming twice brings in nobody twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from earning.errors import ImportEmptyError, ImportUnknownError
from earning.programme import Programme
from earning.store import imports as rows
from service import audit, mail, spreadsheet
from service.accounts import fields, organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Person, Role
from service.errors import AccountFieldError
from service.mail import Letter
from service.spreadsheet import Row, Sheet

COLUMNS: Final = (
    "email",
    "name",
    "job",
    "school",
    "local",
    "state",
    "zone",
    "member",
    "role",
    "organisation",
)
REQUIRED: Final = ("email", "name")
KEPT: Final = timedelta(days=7)
RESULT_HEAD: Final = ("row", "email", "outcome", "detail")
ALLOWED: Final[Mapping[str, frozenset[Role]]] = {
    "programme": frozenset({Role.REVIEWER}),
    "affiliate": frozenset({Role.AFFILIATE}),
    "district": frozenset({Role.RECOGNIZER}),
    "state": frozenset({Role.RECOGNIZER}),
}
_YES: Final = frozenset(("yes", "y", "true", "1", "x"))
_NO: Final = frozenset(("", "no", "n", "false", "0"))
_TEXTS: Final = ("name", "job", "school", "local", "state", "zone")


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new account"
    ROLE = "role added"
    THERE = "already there"
    BAD = "not brought in"


@dataclass(frozen=True, slots=True)
class Line:
    """One row and what becomes of it; ``detail`` is the reason, or what is added."""

    row: int
    email: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was looked at, or brought in.

    Attributes:
        lines: Every row, in the order of the file.
    """

    id: str
    name: str
    is_done: bool
    lines: tuple[Line, ...]
    created_at: datetime

    def count(self, outcome: Outcome) -> int:
        """Return how many rows have this outcome."""
        return sum(each.outcome is outcome for each in self.lines)

    @property
    def wanted(self) -> int:
        """How many rows change something."""
        return self.count(Outcome.NEW) + self.count(Outcome.ROLE)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A row that can be brought in."""

    row: int
    email: str
    values: Mapping[str, Any]
    role: Role | None
    organisation: str


class _BadRow(Exception):  # noqa: N818  it never leaves this module
    """A row does not fit; the argument is the reason."""


def look(programme: Programme, manager: Person, data: bytes, *, name: str, now: datetime) -> str:
    """Keep a file to be looked at, and return the import's id.

    Raises:
        SpreadsheetError: The file as a whole cannot be read.
    """
    spreadsheet.read(data, known=COLUMNS, required=REQUIRED)
    label = "".join(sign for sign in name if sign.isprintable())[-100:] or "people.csv"
    with programme.db.transaction() as session:
        rows.tidy(session, before=now - KEPT)
        return rows.add(session, person=manager.id, name=label, source=data, now=now)


def tidy(programme: Programme, *, now: datetime) -> int:
    """Delete imports that are too old, with all addresses; the job "imports-tidy". Return how many."""
    with programme.db.transaction() as session:
        return rows.tidy(session, before=now - KEPT)


def get(programme: Programme, manager: Person, id: str, *, now: datetime) -> Import:
    """Return an import of the manager's: what it would do, or what it did.

    Raises:
        ImportUnknownError: There is none, or it is too old.
    """
    with programme.db.reading() as session:
        stored = _stored(session, manager, id, now=now)
        if stored.state == rows.DONE:
            lines = tuple(
                Line(each["row"], each["email"], Outcome(each["outcome"]), each["detail"])
                for each in json.loads(stored.result)
            )
        else:
            sheet = spreadsheet.read(stored.source, known=COLUMNS, required=REQUIRED)
            lines = tuple(line for line, _ in _plan(session, manager, sheet))
    return Import(id, stored.name, stored.state == rows.DONE, lines, stored.created_at)


def bring_in(programme: Programme, manager: Person, id: str, *, now: datetime) -> Import:
    """Bring in every row that fits, once; a second time changes nothing.

    Raises:
        ImportUnknownError: There is no such import, or it is too old.
        ImportEmptyError: No row changes anything.
    """
    with programme.db.transaction() as session:
        stored = _stored(session, manager, id, now=now)
        if rows.claim(session, id, now=now):
            sheet = spreadsheet.read(stored.source, known=COLUMNS, required=REQUIRED)
            lines = []
            for line, plan in _plan(session, manager, sheet):
                if plan is not None:
                    _bring_in(session, manager, plan, now=now)
                lines.append(line)
            changed = sum(each.outcome in (Outcome.NEW, Outcome.ROLE) for each in lines)
            if not changed:
                raise ImportEmptyError("Nothing in this file would change anything, so nothing was done.")
            rows.keep_result(session, id, json.dumps([asdict(each) for each in lines]))
            audit.record(
                session,
                actor=f"person:{manager.id}",
                action="people.imported",
                subject=f"import:{id}",
                detail={"rows": len(lines), "changed": changed},
                now=now,
            )
    programme.ring("mail")
    return get(programme, manager, id, now=now)


def result(found: Import) -> bytes:
    """Return what became of each row as CSV."""
    return spreadsheet.write(
        RESULT_HEAD, [(each.row, each.email, str(each.outcome), each.detail) for each in found.lines]
    )


def _stored(session: Any, manager: Person, id: str, *, now: datetime) -> rows.Stored:
    stored = rows.find(session, id, person=manager.id)
    if stored is None or stored.created_at < now - KEPT:
        raise ImportUnknownError("There is no such import of yours, or it is older than a week.")
    return stored


def _plan(session: Any, manager: Person, sheet: Sheet) -> list[tuple[Line, _Plan | None]]:
    """Return what becomes of each row, in the order of the file."""
    mine = _reach(session, manager)
    seen: dict[tuple[str, str, str], int] = {}
    new: dict[str, int] = {}
    found: list[tuple[Line, _Plan | None]] = [
        (Line(fault.row, "", Outcome.BAD, fault.detail), None) for fault in sheet.faults
    ]
    for row in sheet.rows:
        try:
            plan = _read(row, mine)
        except _BadRow as bad:
            found.append((Line(row.number, row.text("email")[:100], Outcome.BAD, str(bad)), None))
            continue
        key = (fields.email_key(plan.email), str(plan.role or ""), plan.organisation)
        if key in seen:
            detail = f"It says the same as row {seen[key]}."
            found.append((Line(row.number, plan.email, Outcome.BAD, detail), None))
            continue
        seen[key] = row.number
        outcome, detail = _outcome(session, plan, new)
        line = Line(row.number, plan.email, outcome, detail)
        found.append((line, plan if outcome in (Outcome.NEW, Outcome.ROLE) else None))
    return sorted(found, key=lambda each: each[0].row)


def _outcome(session: Any, plan: _Plan, new: dict[str, int]) -> tuple[Outcome, str]:
    words = f"{plan.role} at {plan.organisation}" if plan.role else ""
    key = fields.email_key(plan.email)
    person = people.find_by_email(session, plan.email)
    if person is None and key not in new:
        new[key] = plan.row
        return Outcome.NEW, words
    if plan.role is None or (person is not None and person.has(plan.role, plan.organisation)):
        return Outcome.THERE, "The account keeps its data."
    return Outcome.ROLE, words


def _reach(session: Any, manager: Person) -> dict[str, Organisation]:
    """Return the organisations that the manager may bring people into."""
    managed = manager.organisations(Role.MANAGER)
    return {
        each.slug: each
        for each in organisations.every(session)
        if each.slug in managed or each.parent in managed
    }


def _read(row: Row, mine: Mapping[str, Organisation]) -> _Plan:
    """Return a row as what it asks for.

    Raises:
        _BadRow: It does not fit.
    """
    try:
        email = fields.checked("email", row.text("email"))
        values = {
            name: fields.checked(name, row.text(name).upper() if name == "state" else row.text(name))
            for name in _TEXTS
            if row.text(name) or name == "name"
        }
    except AccountFieldError as error:
        raise _BadRow(f"Column “{error.path}”: {error.message}") from error
    member = row.text("member").casefold()
    if member not in _YES | _NO:
        raise _BadRow("Column “member”: Write yes or no.")
    values["is_member"] = member in _YES
    role, organisation = row.text("role").casefold(), row.text("organisation")
    if not role and not organisation:
        return _Plan(row.number, email, values, None, "")
    if organisation not in mine:
        known = ", ".join(sorted(mine)) or "none"
        raise _BadRow(f"Column “organisation”: This is none that you manage. Possible are: {known}.")
    allowed = ALLOWED.get(mine[organisation].kind, frozenset())
    if role not in allowed:
        known = ", ".join(sorted(allowed)) or "none"
        raise _BadRow(f"Column “role”: Possible at {organisation} are: {known}.")
    return _Plan(row.number, email, values, Role(role), organisation)


def _bring_in(session: Any, manager: Person, plan: _Plan, *, now: datetime) -> None:
    actor = f"person:{manager.id}"
    person = people.find_by_email(session, plan.email)
    if person is None:
        person = people.create(session, email=plan.email, now=now, **plan.values)
        letter = Letter(
            kind="account-invited",
            to=person.email,
            subject="An account was made for you",
            template="earning/mail/account_invited",
            values={"path": "/sign-in"},
            person=person.id,
            name=person.name,
        )
        mail.post(session, letter, key=f"account-invited:{person.id}", now=now)
    if plan.role is not None:
        people.grant(session, person.id, plan.role, plan.organisation, actor=actor, now=now)
