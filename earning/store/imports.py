# SPDX-License-Identifier: Apache-2.0
"""Rows of imports of people: a file that was looked at, and what became of it. Each is one person's own."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from earning.store.tables import ImportRow

CHECKED = "checked"
DONE = "done"


@dataclass(frozen=True, slots=True)
class Stored:
    """An import as stored; ``source`` is empty once it was used."""

    id: str
    name: str
    state: str
    source: bytes
    result: str
    created_at: datetime
    done_at: datetime | None


def add(session: Session, *, person: str, name: str, source: bytes, now: datetime) -> str:
    """Write a file down, to be looked at; return its id."""
    row = ImportRow(
        id=str(uuid.uuid4()),
        person=person,
        name=name,
        state=CHECKED,
        source=source,
        result="[]",
        created_at=now,
        done_at=None,
    )
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, id: str, *, person: str) -> Stored | None:
    """Return an import of this person, or None."""
    row = session.scalar(select(ImportRow).where(ImportRow.id == id, ImportRow.person == person))
    return None if row is None else _stored(row)


def claim(session: Session, id: str, *, now: datetime) -> bool:
    """Take an import to do it; False if that was done before. The file is wiped."""
    done = session.execute(
        update(ImportRow)
        .where(ImportRow.id == id, ImportRow.state == CHECKED)
        .values(state=DONE, source=b"", done_at=now)
        .returning(ImportRow.id)
    )
    return done.first() is not None


def keep_result(session: Session, id: str, result: str) -> None:
    """Write what became of each row."""
    session.execute(update(ImportRow).where(ImportRow.id == id).values(result=result))


def tidy(session: Session, *, before: datetime) -> int:
    """Delete all imports that are older; return how many."""
    old = delete(ImportRow).where(ImportRow.created_at < before).returning(ImportRow.id)
    return len(session.execute(old).all())


def of_person(session: Session, person: str) -> tuple[Stored, ...]:
    """Return somebody's imports, the newest first."""
    rows = session.scalars(
        select(ImportRow).where(ImportRow.person == person).order_by(ImportRow.created_at.desc())
    )
    return tuple(_stored(row) for row in rows)


def forget(session: Session, person: str) -> None:
    """Delete somebody's imports; who was brought in stays."""
    session.execute(delete(ImportRow).where(ImportRow.person == person))


def forget_address(session: Session, address: str) -> None:
    """Empty the lines of an address in what was brought in; a file with it that only waits goes whole."""
    low = address.casefold()
    for row in session.scalars(select(ImportRow)):
        if low.encode() in row.source.lower():
            session.delete(row)
            continue
        lines = json.loads(row.result)
        kept = [
            {**each, "email": "", "detail": ""} if low in str(each).casefold() else each for each in lines
        ]
        if kept != lines:
            row.result = json.dumps(kept, ensure_ascii=False)
    session.flush()


def _stored(row: ImportRow) -> Stored:
    return Stored(
        id=row.id,
        name=row.name,
        state=row.state,
        source=row.source,
        result=row.result,
        created_at=row.created_at,
        done_at=row.done_at,
    )
