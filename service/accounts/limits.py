# SPDX-License-Identifier: Apache-2.0
"""How often signing in and mails may be tried (threats W4): counted in rows, so for all processes together.

What is counted stands there as a digest: nobody is written down by it whose address somebody typed into a
form. An address without an account is counted like any other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.accounts.tables import AttemptRow
from service.errors import TooManyAttemptsError


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` times ``within`` any stretch of this length."""

    kind: str
    most: int
    within: timedelta


PASSWORD_PER_ACCOUNT: Final = Limit("password-account", 5, timedelta(minutes=15))
PASSWORD_PER_ADDRESS: Final = Limit("password-address", 30, timedelta(hours=1))  # of the network
NEW_ADDRESS_PER_ACCOUNT: Final = Limit("new-address-account", 10, timedelta(hours=24))
MAIL_PER_MAILBOX: Final = Limit("mail-mailbox", 5, timedelta(hours=1))
MAIL_PER_ADDRESS: Final = Limit("mail-address", 30, timedelta(hours=1))  # of the network


def take(session: Session, limit: Limit, subject: str, *, now: datetime) -> None:
    """Count one try of ``subject``.

    Raises:
        TooManyAttemptsError: There were too many; it says when the next one is taken.
    """
    counted = (AttemptRow.kind == limit.kind) & (AttemptRow.subject == _digest(subject))
    session.execute(
        delete(AttemptRow).where(AttemptRow.kind == limit.kind, AttemptRow.at <= now - limit.within)
    )
    number, first = session.execute(select(func.count(), func.min(AttemptRow.at)).where(counted)).one()
    if number >= limit.most:
        seconds = max(1, round((first + limit.within - now).total_seconds()))
        raise TooManyAttemptsError(
            f"This was tried often within a short time. Please wait {_words(seconds)}.", retry_after=seconds
        )
    session.add(AttemptRow(kind=limit.kind, subject=_digest(subject), at=now))
    session.flush()


def clear(session: Session, limit: Limit, subject: str) -> None:
    """Forget the tries of ``subject``."""
    session.execute(
        delete(AttemptRow).where(AttemptRow.kind == limit.kind, AttemptRow.subject == _digest(subject))
    )


def forget(session: Session, *subjects: str) -> None:
    """Drop all that was counted of ``subjects``: a digest of an address can be found out by trying."""
    digests = [_digest(each) for each in subjects]
    session.execute(delete(AttemptRow).where(AttemptRow.subject.in_(digests)))


def _words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"


def _digest(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()
