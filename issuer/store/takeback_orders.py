# SPDX-License-Identifier: Apache-2.0
"""Rows of what is still to be tried out: whose run it is, and for how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from issuer.store.takeback_tables import TakebackLineRow, TakebackOrderRow, TakebackRow
from issuer.takeback.takeback import TakebackState


def add(session: Session, id: str, content: bytes) -> None:
    """Keep what is to be tried out until its last line is written."""
    session.add(TakebackOrderRow(takeback=id, content=content))
    session.flush()


def waiting(session: Session, *, now: datetime) -> tuple[str, ...]:
    """Return the takebacks that nobody is trying out, oldest first."""
    query = (
        select(TakebackRow.id)
        .join(TakebackOrderRow, TakebackOrderRow.takeback == TakebackRow.id)
        .where(TakebackRow.state == TakebackState.TRYING, _is_free(now))
        .order_by(TakebackRow.made_at, TakebackRow.id)
    )
    return tuple(session.scalars(query))


def untried(session: Session, actor: str) -> int:
    """Return how many dry runs of somebody are not at their end."""
    query = select(func.count()).where(
        TakebackRow.made_by == actor, TakebackRow.state == TakebackState.TRYING
    )
    return int(session.scalar(query) or 0)


def take(session: Session, id: str, *, by: str, now: datetime, until: datetime) -> bytes | None:
    """Take one to try it out from its beginning; None if another has it, or nothing is to be done."""
    row = session.scalar(
        select(TakebackOrderRow)
        .join(TakebackRow, TakebackRow.id == TakebackOrderRow.takeback)
        .where(
            TakebackOrderRow.takeback == id,
            TakebackRow.state == TakebackState.TRYING,
            _is_free(now),
        )
    )
    if row is None:
        return None
    session.execute(delete(TakebackLineRow).where(TakebackLineRow.takeback == id))
    row.taken_by, row.taken_until = by, until
    return row.content


def hold(session: Session, id: str, *, by: str, until: datetime) -> bool:
    """Go on with what this run has taken; tell whether it is still its own, and not cancelled."""
    is_trying = (
        select(TakebackRow.id).where(TakebackRow.id == id, TakebackRow.state == TakebackState.TRYING).exists()
    )
    done = session.execute(
        update(TakebackOrderRow)
        .where(TakebackOrderRow.takeback == id, TakebackOrderRow.taken_by == by, is_trying)
        .values(taken_until=until)
    )
    return bool(getattr(done, "rowcount", 0))


def drop(session: Session, id: str) -> None:
    """Forget what was to be tried out."""
    session.execute(delete(TakebackOrderRow).where(TakebackOrderRow.takeback == id))


def _is_free(now: datetime) -> Any:
    return or_(TakebackOrderRow.taken_until.is_(None), TakebackOrderRow.taken_until <= now)
