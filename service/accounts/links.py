# SPDX-License-Identifier: Apache-2.0
"""Links that were mailed and work once: random, kept as a digest, good for a short while.

Opening one changes nothing, because mail scanners open links; the page behind it has a button, and the button
uses it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from service.accounts.tables import LinkRow
from service.errors import LinkRefusedError

KEPT: Final = timedelta(days=2)  # how long after its end a link's row stays
_SECRET_BYTES: Final = 32  # 256 bits
_PRESENTED: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")


class Kind(StrEnum):
    """What a link is good for."""

    CONFIRM = "confirm"
    SIGN_IN = "sign-in"
    EMAIL = "email"
    EXPORT = "export"
    NOWHERE = "nowhere"  # written where no mail is sent, so that time does not tell


LIFETIMES: Final[Mapping[Kind, timedelta]] = {
    Kind.CONFIRM: timedelta(hours=24),
    Kind.SIGN_IN: timedelta(minutes=15),
    Kind.EMAIL: timedelta(minutes=15),
    Kind.EXPORT: timedelta(minutes=15),
    Kind.NOWHERE: timedelta(0),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that can still be used.

    Attributes:
        person: Whose account it is for; None where there is none yet.
        email: The address that it was sent to.
        detail: What was typed when it was asked for.
    """

    kind: Kind
    person: str | None
    email: str
    detail: Mapping[str, Any]
    expires_at: datetime


def make(
    session: Session,
    kind: Kind,
    *,
    email: str,
    now: datetime,
    person: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str:
    """Make a link and return its secret part, which is kept nowhere."""
    presented = secrets.token_urlsafe(_SECRET_BYTES)
    session.execute(delete(LinkRow).where(LinkRow.expires_at < now - KEPT))
    session.add(
        LinkRow(
            digest=_digest(presented),
            kind=str(kind),
            person=person,
            email=email,
            detail=json.dumps(dict(detail or {}), ensure_ascii=False),
            created_at=now,
            expires_at=now + LIFETIMES[kind],
        )
    )
    session.flush()
    return presented


def look(session: Session, kind: Kind, presented: str, *, person: str | None = None, now: datetime) -> Link:
    """Return the link without using it; with ``person`` only if it was made for this account.

    Raises:
        LinkRefusedError: Unknown, used, expired, of another kind or account; these look the same.
    """
    row = session.get(LinkRow, _digest(presented)) if _PRESENTED.match(presented) else None
    is_other = row is not None and person not in (None, row.person)
    if row is None or is_other or row.kind != kind or row.used_at is not None or now >= row.expires_at:
        raise LinkRefusedError(
            "It was used already, or it is too old. Ask for a new one; that takes a moment."
        )
    return Link(
        kind=kind,
        person=row.person,
        email=row.email,
        detail=json.loads(row.detail),
        expires_at=row.expires_at,
    )


def use(session: Session, kind: Kind, presented: str, *, person: str | None = None, now: datetime) -> Link:
    """Use the link up and return it; of two who use it at the same time, one is refused.

    Raises:
        LinkRefusedError: As for ``look``.
    """
    link = look(session, kind, presented, person=person, now=now)
    unused = (LinkRow.digest == _digest(presented)) & LinkRow.used_at.is_(None)
    done = session.execute(update(LinkRow).where(unused).values(used_at=now, detail="{}"))
    if getattr(done, "rowcount", 0) != 1:
        raise LinkRefusedError("It was used already. Ask for a new one; that takes a moment.")
    return link


def void(session: Session, *, person: str, email: str) -> None:
    """Take back all links of a person and to an address."""
    session.execute(delete(LinkRow).where(or_(LinkRow.person == person, LinkRow.email == email)))


def _digest(presented: str) -> str:
    return hashlib.sha256(presented.encode()).hexdigest()
