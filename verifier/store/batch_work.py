# SPDX-License-Identifier: Apache-2.0
"""Many at once, what the job does with rows: taking them, and writing what came of each.

A row is taken by compare-and-set until a moment; if whoever took it dies, anybody takes it after that. Its
answer is written once: only while nobody has written one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from verifier.batch import DONE, OPEN, Batch, Item
from verifier.store.batches import (
    BatchRow,
    ItemRow,
    add_items,
    batch_of,
    is_changed,
    items_of,
)


def due(session: Session, *, now: datetime, together: int, least: int) -> dict[Batch, tuple[Item, ...]]:
    """Return all open batches, with rows of each that nobody works on.

    Args:
        session: The database.
        now: The moment.
        together: How many rows are wanted of all batches.
        least: How many of each, if there are so many.
    """
    opened = session.scalars(
        select(BatchRow).where(BatchRow.state == OPEN).order_by(BatchRow.made_at, BatchRow.id)
    ).all()
    each = max(least, together // max(1, len(opened)))
    found = {}
    for row in opened:
        wanted = select(ItemRow).where(
            ItemRow.batch == row.id,
            ItemRow.verdict.is_(None),
            or_(ItemRow.taken_until.is_(None), ItemRow.taken_until <= now),
        )
        found[batch_of(row)] = tuple(items_of(session, wanted.order_by(ItemRow.position).limit(each)))
    return found


def take(session: Session, batch: str, item: Item, *, now: datetime, until: datetime) -> bool:
    """Take a row until a moment; False if somebody else was quicker, or it is not to be checked any more."""
    taken = session.execute(
        update(ItemRow)
        .where(
            ItemRow.batch == batch,
            ItemRow.position == item.position,
            ItemRow.verdict.is_(None),
            ItemRow.taken_until.is_(None)
            if item.taken_until is None
            else ItemRow.taken_until == item.taken_until,
            ItemRow.batch.in_(select(BatchRow.id).where(BatchRow.id == batch, BatchRow.state == OPEN)),
        )
        .values(taken_until=until, tries=ItemRow.tries + 1)
    )
    if is_changed(taken):
        session.execute(
            update(BatchRow).where(BatchRow.id == batch, BatchRow.begun_at.is_(None)).values(begun_at=now)
        )
        return True
    return False


def give_back(session: Session, batch: str, position: int) -> None:
    """Let a row be taken again at once."""
    session.execute(
        update(ItemRow)
        .where(ItemRow.batch == batch, ItemRow.position == position, ItemRow.verdict.is_(None))
        .values(taken_until=None)
    )


def answer(session: Session, batch: str, answered: Item) -> bool:
    """Write the answer of a row, if it has none; the file and whom it asked for are forgotten with that."""
    written = session.execute(
        update(ItemRow)
        .where(ItemRow.batch == batch, ItemRow.position == answered.position, ItemRow.verdict.is_(None))
        .values(
            place=answered.place,
            url=answered.url,
            found=answered.found,
            verdict=answered.verdict,
            needs_you=answered.needs_you,
            answer=answered.answer,
            done_at=answered.done_at,
            file=None,
            recipient=None,
            taken_until=None,
        )
    )
    return is_changed(written)


def replace(session: Session, batch: str, position: int, found: Sequence[Item]) -> bool:
    """Put what was found inside a row in its place, if it has no answer and its batch is still open."""
    gone = session.execute(
        delete(ItemRow)
        .where(
            ItemRow.batch == batch,
            ItemRow.position == position,
            ItemRow.verdict.is_(None),
            ItemRow.batch.in_(select(BatchRow.id).where(BatchRow.id == batch, BatchRow.state == OPEN)),
        )
        .execution_options(synchronize_session=False)
    )
    if not is_changed(gone):
        return False
    session.expire_all()
    add_items(session, batch, found)
    return True


def finish(session: Session, *, now: datetime) -> None:
    """Close the batches in which nothing is left to check."""
    left = exists().where(ItemRow.batch == BatchRow.id, ItemRow.verdict.is_(None))
    session.execute(
        update(BatchRow)
        .where(BatchRow.state == OPEN, ~left)
        .values(state=DONE, done_at=now)
        .execution_options(synchronize_session=False)
    )
