# SPDX-License-Identifier: Apache-2.0
"""Receipts of checks: the record, and what was signed over it, as bytes that are never written again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base


class ReceiptRow(Base):
    """One receipt. ``signed`` is None where nobody could sign, ``examined`` where no credential was found."""

    __tablename__ = "verifier_receipts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # "check", or "batch" for a report about many
    record: Mapped[bytes] = mapped_column(LargeBinary)
    signed: Mapped[bytes | None] = mapped_column(LargeBinary)
    examined: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """One receipt as it is kept.

    Attributes:
        id: Random, and the last part of its address.
        kind: ``check`` or ``batch``.
        record: The exact bytes of the record.
        signed: The exact bytes of the signed statement over it; None: nobody could sign.
        examined: The credential that was examined, as JSON or JWT.
        made_at: When the check was made.
        ends_at: From when on it is not shown any more.
    """

    id: str
    kind: str
    record: bytes
    signed: bytes | None
    examined: bytes | None
    made_at: datetime
    ends_at: datetime


def add(session: Session, receipt: StoredReceipt) -> None:
    """Keep a new receipt."""
    session.add(
        ReceiptRow(
            id=receipt.id,
            kind=receipt.kind,
            record=receipt.record,
            signed=receipt.signed,
            examined=receipt.examined,
            made_at=receipt.made_at,
            ends_at=receipt.ends_at,
        )
    )


def find(session: Session, key: str, *, now: datetime) -> StoredReceipt | None:
    """Return the receipt with this id, or None if there is none or it has ended."""
    row = session.get(ReceiptRow, key)
    if row is None or row.ends_at <= now:
        return None
    return StoredReceipt(
        id=row.id,
        kind=row.kind,
        record=row.record,
        signed=row.signed,
        examined=row.examined,
        made_at=row.made_at,
        ends_at=row.ends_at,
    )


def count(session: Session, *, kind: str, after: datetime) -> int:
    """Return how many of a kind end after then; by the end, which has an index."""
    query = select(func.count()).select_from(ReceiptRow)
    return session.scalar(query.where(ReceiptRow.ends_at > after, ReceiptRow.kind == kind)) or 0


def drop_ended(session: Session, *, now: datetime) -> int:
    """Delete what has ended; return how many that were."""
    done = session.execute(delete(ReceiptRow).where(ReceiptRow.ends_at <= now))
    return int(getattr(done, "rowcount", 0))
