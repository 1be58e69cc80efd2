# SPDX-License-Identifier: Apache-2.0
"""The tables of takebacks: what is being taken back by whom, and its lines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class TakebackRow(Base):
    """One act of taking back. No row says that a person agreed to what the same person proposed."""

    __tablename__ = "issuer_takebacks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("issuer_profiles.slug"))
    label: Mapped[str] = mapped_column(String(200))
    chosen: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40))
    public_reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    tells: Mapped[bool]
    lines: Mapped[int]
    number: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime]
    needs_second: Mapped[bool] = mapped_column(default=False)
    proposed_by: Mapped[str | None] = mapped_column(String(255))
    proposed_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(255))
    approved_at: Mapped[datetime | None]
    hasten_by: Mapped[str | None] = mapped_column(String(255))
    hastened_by: Mapped[str | None] = mapped_column(String(255))
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(255))
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(400), unique=True)  # with whose it is
    request_digest: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        CheckConstraint(
            "approved_by IS NULL OR (proposed_by IS NOT NULL AND approved_by <> proposed_by)",
            name="second_is_another",
        ),
        CheckConstraint(
            "(number <= 25 AND NOT needs_second) OR approved_by IS NOT NULL"
            " OR state IN ('trial', 'proposed', 'cancelled')",
            name="second_agreed",
        ),
        CheckConstraint(
            "hastened_by IS NULL OR (hasten_by IS NOT NULL AND hastened_by <> hasten_by)",
            name="hastened_by_two",
        ),
        Index("ix_issuer_takebacks_organisation", "organisation", "made_at"),
        Index("ix_issuer_takebacks_state", "state"),
    )


class TakebackOrderRow(Base):
    """What is still to be tried out; it goes with the last line. ``taken_by`` is the run that does it."""

    __tablename__ = "issuer_takeback_orders"

    takeback: Mapped[str] = mapped_column(
        ForeignKey("issuer_takebacks.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)  # names or a selection: JSON, deflated
    taken_until: Mapped[datetime | None]
    taken_by: Mapped[str | None] = mapped_column(String(36))


class TakebackLineRow(Base):
    """One line of what was brought."""

    __tablename__ = "issuer_takeback_lines"

    takeback: Mapped[str] = mapped_column(
        ForeignKey("issuer_takebacks.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    brought: Mapped[str] = mapped_column(String(300))
    credential: Mapped[str | None] = mapped_column(String(36), index=True)
    state: Mapped[str] = mapped_column(String(12))
    outlook: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text, default="")
    issues: Mapped[int] = mapped_column(default=0)
    last_change: Mapped[int | None]
    told: Mapped[str] = mapped_column(String(12), default="")

    __table_args__ = (
        UniqueConstraint("takeback", "credential"),
        Index("ix_issuer_takeback_lines_open", "takeback", "state", "number"),
    )
