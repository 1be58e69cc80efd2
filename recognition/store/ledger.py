# SPDX-License-Identifier: Apache-2.0
"""The rows of the ledger, as those see them who count and search; ``reversals`` looks whether sources stand.

An award is counted once for each recognizer, purpose and stage unless it was taken back; the unique index
says so, whoever else writes at the same moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recognition.claiming.ledger_line import Asked, Line
from recognition.known_as import Known
from recognition.store.tables import AdoptionRow, DecisionRow, LedgerRow

WORDS: Final = 8  # of a search that are looked for
IDS: Final = 500  # keys in one question; SQLite takes 32,766 values


def add(session: Session, lines: Iterable[Line]) -> bool:
    """Write lines, all or none; False if one of their awards is counted already."""
    rows = [_row(each) for each in lines]
    try:
        with session.begin_nested():
            session.add_all(rows)
            session.flush()
    except IntegrityError:
        return False
    return True


def wait_for_turn(session: Session, organisation: str) -> None:
    """Let the approvals of one organisation follow one another, where a database has several writers."""
    query = select(AdoptionRow.policy).where(AdoptionRow.organisation == organisation)
    session.execute(query.order_by(AdoptionRow.policy).with_for_update())


def counted(
    session: Session,
    organisation: str,
    keys: Collection[str],
    *,
    purpose: str = "",
    credential_ids: Collection[str] = (),
) -> tuple[Line, ...]:
    """Return the lines that count one of these awards, by key or link, whoever's they are."""
    found: dict[str, Line] = {}
    for column, wanted in ((LedgerRow.award_key, keys), (LedgerRow.credential_id, credential_ids)):
        for some in _batches(wanted):
            query = _standing(organisation).where(column.in_(some))
            if purpose:
                query = query.where(LedgerRow.purpose == purpose)
            found |= {each.id: each for each in _read(session, query)}
    return tuple(found.values())


def standing(session: Session, keys: Collection[str]) -> tuple[Line, ...]:
    """Return the lines that count one of these awards by its key, at whatever recognizer, oldest first."""
    found: dict[str, Line] = {}
    for some in _batches(keys):
        query = select(LedgerRow).where(LedgerRow.award_key.in_(some), LedgerRow.reversed_at.is_(None))
        found |= {each.id: each for each in _read(session, query.order_by(LedgerRow.used_at, LedgerRow.id))}
    return tuple(found.values())


def of_person(session: Session, organisation: str, known: Known) -> tuple[Line, ...]:
    """Return the lines of a person that count, under whatever address, the oldest first."""
    return _read(session, _standing(organisation).where(_of(known)))


def of_decision(session: Session, decision: str) -> tuple[Line, ...]:
    """Return the lines of a decision, also those that were taken back, in the order of its groups."""
    query = select(LedgerRow).where(LedgerRow.decision == decision)
    return _read(session, query.order_by(LedgerRow.group, LedgerRow.awarded_on, LedgerRow.id))


def alike(
    session: Session,
    organisation: str,
    *,
    issuer_id: str,
    achievement_id: str,
    known: Known,
    awarded_on: date,
) -> tuple[Line, ...]:
    """Return the lines of awards that look like one of these, whatever their ids."""
    query = _standing(organisation).where(
        LedgerRow.issuer_id == issuer_id,
        LedgerRow.achievement_id == achievement_id,
        _of(known),
        LedgerRow.awarded_on == awarded_on,
    )
    return _read(session, query)


def search(
    session: Session, organisation: str, asked: Asked, *, most: int, after: tuple[datetime, str] | None = None
) -> tuple[Line, ...]:
    """Return the lines that are asked for, the latest first; ``after`` names the last one seen."""
    query = select(LedgerRow).where(LedgerRow.organisation == organisation)
    if not asked.reversed:
        query = query.where(LedgerRow.reversed_at.is_(None))
    if asked.person:
        query = query.where(LedgerRow.person_key == asked.person)
    if asked.purpose:
        query = query.where(LedgerRow.purpose == asked.purpose)
    if asked.cycle is not None:
        query = query.where(
            LedgerRow.cycle_from <= asked.cycle,
            or_(LedgerRow.cycle_until.is_(None), LedgerRow.cycle_until >= asked.cycle),
        )
    for word in asked.words.split()[:WORDS]:
        columns = (LedgerRow.person_key, LedgerRow.title, LedgerRow.item, LedgerRow.credential_id)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if after is not None:
        used_at, id = after
        query = query.where(
            or_(LedgerRow.used_at < used_at, (LedgerRow.used_at == used_at) & (LedgerRow.id > id))
        )
    return _read(session, query.order_by(LedgerRow.used_at.desc(), LedgerRow.id).limit(most))


def of_span(session: Session, organisation: str, *, since: datetime, before: datetime) -> tuple[Line, ...]:
    """Return all lines that were counted in a span of time, also those taken back, the oldest first."""
    query = select(LedgerRow).where(
        LedgerRow.organisation == organisation, LedgerRow.used_at >= since, LedgerRow.used_at < before
    )
    return _read(session, query.order_by(LedgerRow.used_at, LedgerRow.id))


def purposes(session: Session, organisation: str) -> tuple[str, ...]:
    """Return the purposes for which anything was counted."""
    query = select(LedgerRow.purpose).where(LedgerRow.organisation == organisation).distinct()
    return tuple(sorted(session.scalars(query)))


def replace_lines(session: Session, decision: str, *, note: str, now: datetime) -> int:
    """Take the lines of a decision back, because another one stands in its place; return how many."""
    query = update(LedgerRow).where(LedgerRow.decision == decision, LedgerRow.reversed_at.is_(None))
    # A cursor's row count is what SQLAlchemy gives for a bulk update.
    done = session.execute(query.values(reversed_at=now, note=note))
    return int(done.rowcount)  # type: ignore[attr-defined]


def policies_of(session: Session, decisions: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return policy and version of these decisions, by their ids."""
    found: dict[str, tuple[str, str]] = {}
    for some in _batches(decisions):
        query = select(DecisionRow.id, DecisionRow.policy, DecisionRow.policy_version)
        for id, policy, version in session.execute(query.where(DecisionRow.id.in_(some))):
            found[id] = (policy, version)
    return found


def _of(known: Known) -> ColumnElement[bool]:
    """Return the condition that a line is somebody's: by account, or by address where no account stands."""
    if known.person is None:
        return LedgerRow.person_key.in_(known.keys)
    by_address = LedgerRow.person.is_(None) & LedgerRow.person_key.in_(known.keys)
    return or_(LedgerRow.person == known.person, by_address)


def _standing(organisation: str) -> Select[LedgerRow]:
    return (
        select(LedgerRow)
        .where(LedgerRow.organisation == organisation, LedgerRow.reversed_at.is_(None))
        .order_by(LedgerRow.used_at, LedgerRow.id)
    )


def _batches(keys: Collection[str]) -> Iterator[list[str]]:
    all_keys = sorted(set(keys))
    for start in range(0, len(all_keys), IDS):
        yield all_keys[start : start + IDS]


def _read(session: Session, query: Select[LedgerRow]) -> tuple[Line, ...]:
    return tuple(_line(row) for row in session.scalars(query))


def _line(row: LedgerRow) -> Line:
    values = {name: getattr(row, name) for name in Line.__slots__}
    values["units"] = Decimal(row.units)
    values["shares"] = {bucket: Decimal(units) for bucket, units in row.shares.items()}
    return Line(**values)


def _row(line: Line) -> LedgerRow:
    line = replace(line, title=line.title[:300])
    values = {name: getattr(line, name) for name in Line.__slots__}
    values["units"] = format(line.units, "f")
    values["shares"] = {bucket: format(units, "f") for bucket, units in line.shares.items()}
    return LedgerRow(**values)
