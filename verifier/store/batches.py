# SPDX-License-Identifier: Apache-2.0
"""Many at once: a batch, and a row for each thing in it. What was brought goes as soon as it is checked.

What the job does with rows (taking, answering) stands in ``batch_work``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CursorResult,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    Text,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base
from verifier.batch import CANCELLED, OPEN, Batch, Count, Item


class BatchRow(Base):
    """One batch, with what was asked about everything in it."""

    __tablename__ = "verifier_batches"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))  # name of the file, or "12 links"
    state: Mapped[str] = mapped_column(String(12))  # open, done, cancelled
    issuers: Mapped[str | None] = mapped_column(String(40))
    cycle_from: Mapped[date | None]
    cycle_until: Mapped[date | None]
    made_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    receipt: Mapped[str | None] = mapped_column(String(36))

    __table_args__ = (Index("ix_verifier_batches_state", "state"),)


class ItemRow(Base):
    """One thing of a batch. ``file`` and ``recipient`` are emptied when it is checked."""

    __tablename__ = "verifier_batch_items"

    batch: Mapped[str] = mapped_column(
        ForeignKey("verifier_batches.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(300))  # where it was: "row 4", "a/badge.png", "link on page 2"
    reference: Mapped[str] = mapped_column(String(200))  # the recognizer's own, from the CSV
    found: Mapped[bool] = mapped_column(Boolean)  # come across in a document, not brought as a credential
    url: Mapped[str | None] = mapped_column(Text)
    file: Mapped[str | None] = mapped_column(String(36))
    size: Mapped[int]  # bytes of the file
    recipient: Mapped[str | None] = mapped_column(String(1024))
    asks_recipient: Mapped[bool] = mapped_column(
        Boolean
    )  # that somebody was named stays, who it was does not
    verdict: Mapped[str | None] = mapped_column(String(20))
    needs_you: Mapped[bool] = mapped_column(Boolean)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)  # JSON, as the API answers
    taken_until: Mapped[datetime | None]
    tries: Mapped[int]  # how often it was taken; what brings workers down is not tried for ever
    done_at: Mapped[datetime | None]


_BATCH = tuple(Batch.__dataclass_fields__)
_ITEM = tuple(Item.__dataclass_fields__)


def add(session: Session, batch: Batch) -> None:
    """Write a new batch."""
    session.add(BatchRow(**asdict(batch)))
    session.flush()


def add_items(session: Session, batch: str, items: Iterable[Item]) -> None:
    """Write rows of a batch."""
    session.add_all(ItemRow(batch=batch, **asdict(item)) for item in items)
    session.flush()


def get(session: Session, id: str) -> Batch | None:
    """Return a batch."""
    row = session.get(BatchRow, id)
    return None if row is None else batch_of(row)


def count(session: Session, id: str) -> Count:
    """Count the rows of a batch."""
    rows = session.execute(
        select(ItemRow.verdict, ItemRow.needs_you, func.count())
        .where(ItemRow.batch == id)
        .group_by(ItemRow.verdict, ItemRow.needs_you)
    ).all()
    words: dict[str, int] = {}
    for verdict, _, number in rows:
        if verdict is not None:
            words[verdict] = words.get(verdict, 0) + number
    return Count(
        total=sum(number for _, _, number in rows),
        done=sum(words.values()),
        needs_you=sum(number for verdict, needs_you, number in rows if needs_you and verdict is not None),
        words=words,
    )


def items(
    session: Session,
    id: str,
    *,
    words: Sequence[str] | None = None,
    needs_you: bool = False,
    after: int = -1,
    skip: int = 0,
    limit: int | None = None,
) -> tuple[Item, ...]:
    """Return rows of a batch in their order, those with one of ``words``, or those that need somebody."""
    wanted = select(ItemRow).where(ItemRow.batch == id, ItemRow.position > after)
    if words is not None:
        wanted = wanted.where(ItemRow.verdict.in_(words))
    if needs_you:
        wanted = wanted.where(ItemRow.needs_you, ItemRow.verdict.is_not(None))
    return tuple(items_of(session, wanted.order_by(ItemRow.position).offset(skip).limit(limit)))


def item(session: Session, id: str, position: int) -> Item | None:
    """Return one row."""
    row = session.get(ItemRow, (id, position))
    return None if row is None else _item(row)


def waiting(session: Session, *, among: Sequence[str] | None = None) -> int:
    """Count what is still to be checked in this house, or in some batches."""
    wanted = (
        select(func.count())
        .select_from(ItemRow)
        .join(BatchRow, BatchRow.id == ItemRow.batch)
        .where(BatchRow.state == OPEN, ItemRow.verdict.is_(None))
    )
    if among is not None:
        wanted = wanted.where(BatchRow.id.in_(among))
    return session.scalar(wanted) or 0


def stored(session: Session, id: str) -> tuple[int, int]:
    """Return how many bytes of files wait in one batch, and in all together."""
    mine = func.sum(case((ItemRow.batch == id, ItemRow.size), else_=0))
    row = session.execute(select(mine, func.sum(ItemRow.size)).where(ItemRow.file.is_not(None))).one()
    return int(row[0] or 0), int(row[1] or 0)


def cancel(session: Session, id: str, *, now: datetime) -> tuple[str, ...]:
    """Check nothing more of a batch; return the files that nobody needs any more."""
    changed = session.execute(
        update(BatchRow).where(BatchRow.id == id, BatchRow.state == OPEN).values(state=CANCELLED, done_at=now)
    )
    if not is_changed(changed):
        return ()
    files = _files(session, id)
    session.execute(update(ItemRow).where(ItemRow.batch == id).values(file=None, recipient=None))
    return files


def remove(session: Session, id: str) -> tuple[str, ...]:
    """Delete a batch with all its rows; return its files."""
    files = _files(session, id)
    session.execute(delete(ItemRow).where(ItemRow.batch == id))
    session.execute(delete(BatchRow).where(BatchRow.id == id))
    return files


def ended(session: Session, *, now: datetime) -> tuple[str, ...]:
    """Return the batches that are kept no longer."""
    return tuple(session.scalars(select(BatchRow.id).where(BatchRow.ends_at <= now)))


def files(session: Session) -> frozenset[str]:
    """Return all files that a row names."""
    return frozenset(session.scalars(select(ItemRow.file).where(ItemRow.file.is_not(None))))


def forget_closed(session: Session) -> tuple[str, ...]:
    """Forget what was brought, and for whom, in batches that are not open; return the files."""
    closed = ItemRow.batch.in_(select(BatchRow.id).where(BatchRow.state != OPEN))
    left = ItemRow.file.is_not(None) | ItemRow.recipient.is_not(None)
    files = tuple(session.scalars(select(ItemRow.file).where(closed, ItemRow.file.is_not(None))))
    session.execute(
        update(ItemRow)
        .where(closed, left)
        .values(file=None, recipient=None)
        .execution_options(synchronize_session=False)
    )
    return tuple(name for name in files if name is not None)


def set_receipt(session: Session, id: str, receipt: str) -> None:
    """Remember the signed report of a batch."""
    session.execute(update(BatchRow).where(BatchRow.id == id).values(receipt=receipt))


def _files(session: Session, id: str) -> tuple[str, ...]:
    return tuple(
        name for name in session.scalars(select(ItemRow.file).where(ItemRow.batch == id)) if name is not None
    )


def is_changed(result: Any) -> bool:
    """Tell whether a statement has changed exactly one row."""
    return isinstance(result, CursorResult) and result.rowcount == 1


def items_of(session: Session, wanted: Select[ItemRow]) -> Iterator[Item]:
    """Read rows as values."""
    return (_item(row) for row in session.scalars(wanted))


def batch_of(row: BatchRow) -> Batch:
    """Return a row as a value."""
    return Batch(**{name: getattr(row, name) for name in _BATCH})


def _item(row: ItemRow) -> Item:
    return Item(**{name: getattr(row, name) for name in _ITEM})
