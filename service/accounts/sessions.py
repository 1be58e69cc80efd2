# SPDX-License-Identifier: Apache-2.0
"""Who is signed in, from which browser: a random id in a cookie, its digest in a row (threats W3).

- A new id at every sign-in, and at the next request after a role was given or taken. The old one is good for
  a minute more, so that requests already on their way are answered; it never gives another new id.
- A session ends when nothing happened for a while, and in any case after a longer while; sooner for people
  with a role (threats, SESSION_IDLE). Ended ones are deleted.
- What a session row says of a browser is its kind ("Firefox on Linux"), never an address.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from service.accounts import people
from service.accounts.people import Person
from service.accounts.tables import SessionRow
from service.errors import NoSuchPersonError

IDLE = timedelta(hours=12)  # writing evidence is slow
ABSOLUTE = timedelta(days=30)
ROLE_IDLE = timedelta(hours=1)  # for people with any role
ROLE_ABSOLUTE = timedelta(hours=12)
FRESH = timedelta(minutes=15)  # how long after signing in dangerous acts need no further proof
GRACE = timedelta(seconds=60)  # how long the id before a renewal is still good
TOUCH = timedelta(minutes=1)  # how precisely "last seen" is kept; each request less is one write less
_SECRET_BYTES = 32  # 256 bits
_ID_BYTES = 8  # 64 bits; a name, not a secret
_PRESENTED: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser that is signed in (a session).

    Attributes:
        id: Public name, for the list on the account page.
        person: Whose it is.
        csrf: What every form of this session carries.
        device: The kind of browser and system.
        signed_in_at: When a password or link was last given here.
        seen_at: About when it was last used.
    """

    id: str
    person: str
    csrf: str
    device: str
    signed_in_at: datetime
    seen_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the person proved who they are a short while ago."""
        return now - self.signed_in_at < FRESH


@dataclass(frozen=True, slots=True)
class Found:
    """A good session: who, where, and whether it wants something written.

    Attributes:
        must_renew: Whether it is to get a new id now.
        is_stale: Whether "last seen" is to be brought up to date.
    """

    person: Person
    sign_in: SignIn
    must_renew: bool
    is_stale: bool


def begin(
    session: Session, person: str, *, user_agent: str, now: datetime, instead_of: str | None = None
) -> tuple[SignIn, str]:
    """Sign a browser in; return the session and the id for the cookie, which is kept nowhere else.

    The session that the browser had before (``instead_of``) ends. If it was the same person's, its forms may
    still be sent: what was written while a session ran out is not lost.
    """
    presented = secrets.token_urlsafe(_SECRET_BYTES)
    old = _row(session, instead_of) if instead_of else None
    csrf = old.csrf if old is not None and old.person == person else secrets.token_urlsafe(_SECRET_BYTES)
    if old is not None:
        session.delete(old)
    row = SessionRow(
        id=secrets.token_hex(_ID_BYTES),
        person=person,
        digest=_digest(presented),
        csrf=csrf,
        device=device(user_agent),
        signed_in_at=now,
        seen_at=now,
        must_renew=False,
    )
    session.execute(delete(SessionRow).where(SessionRow.seen_at < now - ABSOLUTE))
    session.add(row)
    session.flush()
    return _sign_in(row), presented


def find(session: Session, presented: str, *, now: datetime) -> Found | None:
    """Return the session behind the id in a cookie, or None if it is unknown or has ended."""
    row = _row(session, presented)
    if row is None:
        return None
    digest = _digest(presented)
    is_current = row.digest == digest
    if not is_current and (row.previous_until is None or row.previous_until <= now):
        return None
    try:
        person = people.get(session, row.person)
    except NoSuchPersonError:
        return None
    if not _is_good(person, row.signed_in_at, row.seen_at, now):
        return None
    return Found(
        person=person,
        sign_in=_sign_in(row),
        must_renew=row.must_renew and is_current,
        is_stale=now - row.seen_at >= TOUCH,
    )


def touch(session: Session, id: str, *, now: datetime) -> None:
    """Note that the session was used."""
    row = session.get(SessionRow, id)
    if row is not None:
        row.seen_at = max(row.seen_at, now)


def renew(session: Session, presented: str, *, now: datetime) -> str | None:
    """Give the session a new id and return it; None if another request has just done that."""
    row = _row(session, presented)
    if row is None or not row.must_renew or row.digest != _digest(presented):
        return None
    fresh = secrets.token_urlsafe(_SECRET_BYTES)
    row.previous_digest, row.previous_until = row.digest, now + GRACE
    row.digest, row.must_renew = _digest(fresh), False
    return fresh


def every(session: Session, person: str) -> tuple[SignIn, ...]:
    """Return all sessions of a person, also ended ones, the last used first."""
    query = select(SessionRow).where(SessionRow.person == person)
    rows = session.scalars(query.order_by(SessionRow.seen_at.desc(), SessionRow.id))
    return tuple(_sign_in(row) for row in rows)


def listing(session: Session, person: Person, *, now: datetime) -> tuple[SignIn, ...]:
    """Return where a person is signed in now, the last used first."""
    return tuple(
        each for each in every(session, person.id) if _is_good(person, each.signed_in_at, each.seen_at, now)
    )


def end(session: Session, person: str, id: str) -> bool:
    """End one session of a person at once; tell whether there was one."""
    row = session.scalar(select(SessionRow).where(SessionRow.id == id, SessionRow.person == person))
    if row is None:
        return False
    session.delete(row)
    return True


def end_all(session: Session, person: str, *, but: str | None = None) -> None:
    """End all sessions of a person at once, but the one with the id ``but``."""
    session.execute(delete(SessionRow).where(SessionRow.person == person, SessionRow.id != (but or "")))


def device(user_agent: str) -> str:
    """Return the kind of browser and system that a user agent names, in a few words."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown browser"


def _is_good(person: Person, signed_in_at: datetime, seen_at: datetime, now: datetime) -> bool:
    idle, absolute = (ROLE_IDLE, ROLE_ABSOLUTE) if person.memberships else (IDLE, ABSOLUTE)
    return now - seen_at < idle and now - signed_in_at < absolute


def _row(session: Session, presented: str) -> SessionRow | None:
    if not _PRESENTED.match(presented):
        return None
    digest = _digest(presented)
    return session.scalar(
        select(SessionRow).where(or_(SessionRow.digest == digest, SessionRow.previous_digest == digest))
    )


def _sign_in(row: SessionRow) -> SignIn:
    return SignIn(
        id=row.id,
        person=row.person,
        csrf=row.csrf,
        device=row.device,
        signed_in_at=row.signed_in_at,
        seen_at=row.seen_at,
    )


def _digest(presented: str) -> str:
    return hashlib.sha256(presented.encode()).hexdigest()
