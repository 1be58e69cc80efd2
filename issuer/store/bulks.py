# SPDX-License-Identifier: Apache-2.0
"""Rows of bulks, as those see them who bring, start and watch one; workers have ``bulk_work``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from issuer.bulk.bulk import Bulk, BulkState, Row, RowState
from issuer.store.tables import (
    BulkItemRow,
    BulkRow,
)


def add(session: Session, bulk: Bulk, contents: Iterable[tuple[int, str]]) -> None:
    """Keep a bulk with the content of each row."""
    session.execute(
        insert(BulkRow).values(
            id=bulk.id,
            label=bulk.label,
            state=bulk.state,
            rows=bulk.rows,
            sends_mail=bulk.sends_mail,
            made_by=bulk.made_by,
            made_at=bulk.made_at,
        )
    )
    rows = [
        {"bulk": bulk.id, "number": number, "state": RowState.WAITING, "content": content, "reason": ""}
        for number, content in contents
    ]
    if rows:
        session.execute(insert(BulkItemRow), rows)


def get(session: Session, id: str) -> Bulk | None:
    """Return the bulk with this id, or None."""
    row = session.get(BulkRow, id)
    return None if row is None else _bulk(row)


def every(session: Session, *, limit: int) -> tuple[Bulk, ...]:
    """Return the newest bulks."""
    query = select(BulkRow).order_by(BulkRow.made_at.desc(), BulkRow.id).limit(limit)
    return tuple(_bulk(row) for row in session.scalars(query))


def step(session: Session, id: str, *, before: BulkState, after: BulkState, now: datetime) -> bool:
    """Let a bulk go on from ``before`` to ``after``; tell whether it did."""
    values: dict[str, object] = {"state": after}
    values["started_at" if after is BulkState.RUNNING else "ended_at"] = now
    done = session.execute(update(BulkRow).where(BulkRow.id == id, BulkRow.state == before).values(values))
    return bool(getattr(done, "rowcount", 0))


def count(session: Session, id: str) -> Mapping[RowState, int]:
    """Return how many rows are in each state."""
    query = select(BulkItemRow.state, func.count()).where(BulkItemRow.bulk == id).group_by(BulkItemRow.state)
    found = {RowState(state): number for state, number in session.execute(query)}
    return {state: found.get(state, 0) for state in RowState}


def rows(
    session: Session, id: str, *, states: Collection[RowState] = tuple(RowState), after: int = 0, limit: int
) -> tuple[Row, ...]:
    """Return rows in some states, behind the row ``after``, in their order."""
    query = (
        select(BulkItemRow)
        .where(BulkItemRow.bulk == id, BulkItemRow.state.in_(states), BulkItemRow.number > after)
        .order_by(BulkItemRow.number)
        .limit(limit)
    )
    return tuple(_row(row) for row in session.scalars(query))


def cancel_waiting(session: Session, id: str) -> int:
    """Cancel every row of which nothing was written down; return how many."""
    done = session.execute(
        update(BulkItemRow)
        .where(BulkItemRow.bulk == id, BulkItemRow.state == RowState.WAITING)
        .values(state=RowState.CANCELLED, taken_until=None)
    )
    return int(getattr(done, "rowcount", 0))


def _bulk(row: BulkRow) -> Bulk:
    return Bulk(
        id=row.id,
        label=row.label,
        state=BulkState(row.state),
        rows=row.rows,
        sends_mail=row.sends_mail,
        made_by=row.made_by,
        made_at=row.made_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        approved_by=row.approved_by,
    )


def _row(row: BulkItemRow) -> Row:
    return Row(row.bulk, row.number, RowState(row.state), row.content, row.award, row.reason)
