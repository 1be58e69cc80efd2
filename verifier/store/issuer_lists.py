# SPDX-License-Identifier: Apache-2.0
"""Lists of recognised issuers: one for each recognizer, by DID, with where each entry came from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class IssuerListRow(Base):
    """The list of one organisation; ``version`` counts its changes."""

    __tablename__ = "verifier_issuer_lists"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)  # of the organisation
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


class ListedIssuerRow(Base):
    """An issuer on a list. ``name`` is for people; only ``did`` is ever compared."""

    __tablename__ = "verifier_listed_issuers"

    list: Mapped[str] = mapped_column(
        ForeignKey("verifier_issuer_lists.slug", ondelete="CASCADE"), primary_key=True
    )
    did: Mapped[str] = mapped_column(String(512), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    url: Mapped[str] = mapped_column(String(2048))
    note: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(2048))  # address of the list it was imported from, or ""
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(64))


class ListSourceRow(Base):
    """A published list that was imported, with the digest of what was accepted and of what waits."""

    __tablename__ = "verifier_list_sources"

    list: Mapped[str] = mapped_column(
        ForeignKey("verifier_issuer_lists.slug", ondelete="CASCADE"), primary_key=True
    )
    url: Mapped[str] = mapped_column(String(512), primary_key=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime | None]
    waiting: Mapped[bytes | None] = mapped_column(LargeBinary)  # read, shown, not accepted yet
    read_at: Mapped[datetime]
