# SPDX-License-Identifier: Apache-2.0
"""Receipts of checks: the record, and what was signed over it, as bytes that are never written again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class ReceiptRow(Base):
    """One receipt. ``signed`` is None where nobody could sign."""

    __tablename__ = "verifier_receipts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # "check", or "batch" for a report about many
    record: Mapped[bytes] = mapped_column(LargeBinary)
    signed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
