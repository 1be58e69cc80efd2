# SPDX-License-Identifier: Apache-2.0
"""The pieces of evidence of an application: files, links and texts, in their order at each place.

A file of somebody else is not there: the educator stands in the WHERE clause, as in ``work``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from earning.store.tables import ApplicationRow, ArtefactRow
from earning.work.submissions import Artefact


def artefacts(session: Session, application: str) -> tuple[Artefact, ...]:
    """Return the artefacts that the educator sees, place by place in their order."""
    rows = session.scalars(
        select(ArtefactRow)
        .where(ArtefactRow.application == application, ArtefactRow.state != "removed")
        .order_by(ArtefactRow.place, ArtefactRow.position, ArtefactRow.added_at, ArtefactRow.id)
    )
    return tuple(_artefact(row) for row in rows)


def find_file(session: Session, id: str, *, application: str, person: str) -> Artefact | None:
    """Return a file of this educator, also one that left the draft after it was sent; or None."""
    row = session.scalar(
        select(ArtefactRow)
        .join(ApplicationRow, ApplicationRow.id == ArtefactRow.application)
        .where(
            ArtefactRow.id == id,
            ArtefactRow.application == application,
            ArtefactRow.file.is_not(None),
            ApplicationRow.person == person,
        )
    )
    return None if row is None else _artefact(row)


def add_artefact(session: Session, application: str, piece: Artefact, *, now: datetime) -> None:
    """Add ``piece`` as the last one at its place."""
    last = session.scalar(
        select(func.max(ArtefactRow.position)).where(
            ArtefactRow.application == application, ArtefactRow.place == piece.place
        )
    )
    session.add(
        ArtefactRow(
            id=piece.id,
            application=application,
            place=piece.place,
            position=0 if last is None else last + 1,
            kind=piece.kind,
            name=piece.name,
            description=piece.description,
            file=piece.file,
            media_type=piece.media_type,
            size=piece.size,
            url=piece.url,
            made_on=piece.made_on,
            is_existing=piece.is_existing,
            removed=json.dumps(piece.removed, ensure_ascii=False),
            findings=json.dumps(piece.findings, ensure_ascii=False),
            salt=piece.salt,
            disclosure=piece.disclosure,
            state=piece.state,
            added_at=now,
            removed_at=None,
        )
    )
    session.flush()


def describe_artefact(session: Session, id: str, **values: Any) -> None:
    """Set name, description, made_on, is_existing or url of an artefact."""
    session.execute(update(ArtefactRow).where(ArtefactRow.id == id).values(**values))


def remove_artefact(session: Session, id: str, *, keep_file: bool, now: datetime) -> None:
    """Take an artefact out of the draft; its file's name is forgotten unless a submission holds it."""
    values: dict[str, Any] = {"state": "removed", "removed_at": now}
    if not keep_file:
        values |= {"file": None, "description": "", "url": None, "findings": "[]", "removed": "[]"}
    session.execute(update(ArtefactRow).where(ArtefactRow.id == id).values(**values))


def order_artefacts(session: Session, ids: Iterable[str]) -> None:
    """Put the artefacts of one place into this order."""
    for position, id in enumerate(ids):
        session.execute(update(ArtefactRow).where(ArtefactRow.id == id).values(position=position))


def count_artefacts(session: Session, application: str) -> int:
    """Return how many pieces an application ever had."""
    query = select(func.count()).select_from(ArtefactRow).where(ArtefactRow.application == application)
    return int(session.scalar(query) or 0)


def known_files(session: Session) -> frozenset[str]:
    """Return the names of all files that a piece of evidence has."""
    return frozenset(
        name
        for name in session.scalars(select(ArtefactRow.file).where(ArtefactRow.file.is_not(None)))
        if name
    )


def after_commit(session: Session, act: Callable[[], object]) -> None:
    """Do ``act`` once, after the transaction of ``session`` is on the disk; not at all if it is given up."""
    is_done = False

    @event.listens_for(session, "after_commit")
    def _act(committed: Session) -> None:
        nonlocal is_done
        # A savepoint that is released says the same, and may still be given up with everything around it.
        if not is_done and not committed.in_nested_transaction():
            is_done = True
            act()


def _artefact(row: ArtefactRow) -> Artefact:
    values = {name: getattr(row, name) for name in Artefact.__slots__}
    removed, findings = json.loads(row.removed or "[]"), json.loads(row.findings or "[]")
    return Artefact(**{**values, "removed": tuple(removed), "findings": tuple(findings)})
