# SPDX-License-Identifier: Apache-2.0
"""The rows of verifier/: how new the newest status list was that we have seen, per issuer and address.

Security rules, row V7: an older list than one seen before is no answer. Addresses are kept as digests only,
and as many as ``LISTS``; the longest unseen goes first.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, bindparam, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import log
from service.db import Base, Database
from service.errors import DatabaseUnavailableError
from verifier.checks.validity import CLOCK_SKEW

LISTS = 100_000  # rows; at 60 checks a minute a stranger needs a day to push one out
DIGEST_CHARS = 64  # characters of a SHA-256 in hexadecimal digits


class StatusListRow(Base):
    """One status list, by the digest of its issuer and address."""

    __tablename__ = "seen_status_lists"

    digest: Mapped[str] = mapped_column(String(DIGEST_CHARS), primary_key=True)
    valid_from: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


# Every verification asks, so the statement is made once.
_NEWEST = select(StatusListRow.valid_from).where(StatusListRow.digest == bindparam("digest"))


@dataclass(frozen=True, slots=True)
class ListMemory:
    """Implements ``ports.StatusMemory`` in the database."""

    db: Database

    def newest(self, issuer: str, url: str) -> datetime | None:
        """Return the newest ``validFrom`` seen there, or None."""
        found = self.db.ask(_NEWEST, {"digest": _digest(issuer, url)})
        return found[0].valid_from if found else None

    def remember(self, issuer: str, url: str, valid_from: datetime, *, now: datetime) -> None:
        """Keep ``valid_from`` if it is newer than what is known, or that is from the future.

        Checking goes on when writing does not work: a list that was not remembered is seen again next time.
        """
        try:
            with self.db.transaction() as session:
                _remember(session, _digest(issuer, url), valid_from, now=now)
        except DatabaseUnavailableError as error:
            log.event("status-list-not-remembered", level=logging.WARNING, error=error)


def _remember(session: Session, digest: str, valid_from: datetime, *, now: datetime) -> None:
    row = session.get(StatusListRow, digest)
    if row is None:
        _make_room(session)
        session.add(StatusListRow(digest=digest, valid_from=valid_from, seen_at=now))
    else:
        is_ahead = now + CLOCK_SKEW < row.valid_from  # remembered while our clock ran ahead
        row.valid_from = valid_from if is_ahead else max(row.valid_from, valid_from)
        row.seen_at = now


def _make_room(session: Session) -> None:
    if (session.scalar(select(func.count()).select_from(StatusListRow)) or 0) >= LISTS:
        oldest = select(StatusListRow.digest).order_by(StatusListRow.seen_at).limit(1)
        session.execute(delete(StatusListRow).where(StatusListRow.digest.in_(oldest)))


def _digest(issuer: str, url: str) -> str:
    return hashlib.sha256(f"{issuer}\n{url}".encode()).hexdigest()
