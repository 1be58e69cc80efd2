# SPDX-License-Identifier: Apache-2.0
"""Many at once: a batch, and a row for each thing in it. What was brought goes as soon as it is checked."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class BatchRow(Base):
    """One batch, with what was asked about everything in it."""

    __tablename__ = "verifier_batches"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))  # name of the file, or "12 links"
    state: Mapped[str] = mapped_column(String(12))  # waiting, running, done, cancelled
    total: Mapped[int]
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
    """One thing of a batch. ``file``, ``url`` and ``recipient`` are emptied when it is checked, as needed."""

    __tablename__ = "verifier_batch_items"

    batch: Mapped[str] = mapped_column(
        ForeignKey("verifier_batches.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(300))  # where it was: "row 4", "a/badge.png", "link on page 2"
    reference: Mapped[str] = mapped_column(String(200))  # the recognizer's own, from the CSV
    url: Mapped[str | None] = mapped_column(String(2048))
    file: Mapped[str | None] = mapped_column(String(36))
    recipient: Mapped[str | None] = mapped_column(String(1024))
    trouble: Mapped[str | None] = mapped_column(Text)  # why nothing could be examined
    verdict: Mapped[str | None] = mapped_column(String(20))
    needs_you: Mapped[bool] = mapped_column(Boolean, default=False)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)  # JSON, as the API answers
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
