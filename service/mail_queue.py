# SPDX-License-Identifier: Apache-2.0
"""Which mail is sent next, and what became of it: leases and pauses over the rows of ``service.mail``.

A worker takes a mail by moving its ``due_at`` to the end of a lease, with compare-and-set, so that of several
workers one gets it. Whoever dies with it loses the lease, and the mail is due again. Pauses grow; after TRIES
the mail is given up, with a line in the audit log that names no address.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from service import audit, mail
from service.mail import AttachmentRow, Content, Mail, MailRow

LEASE: Final = timedelta(minutes=15)  # longer than any worker holds one mail
PAUSES: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 180, 360, 720, 1440))
TRIES: Final = len(PAUSES) + 1  # within two days; whoever waits longer has asked by other means
INTERRUPTED: Final = "interrupted"  # nobody came back to say what became of it


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that one worker holds.

    Attributes:
        thread: The first mail of its thread and the one before it, as far as there are any.
    """

    mail: Mail
    content: Content
    lease: str
    thread: tuple[Mail, ...]


def claim(session: Session, *, now: datetime) -> Claimed | None:
    """Take the mail that has been due for longest; None if none is due."""
    while True:
        found = session.execute(
            select(MailRow.id, MailRow.due_at, MailRow.attempts)
            .where(MailRow.due_at <= now)
            .order_by(MailRow.due_at, MailRow.id)
            .limit(1)
        ).one_or_none()
        if found is None:
            return None
        if found.attempts >= TRIES:
            give_up(session, found.id, reason=INTERRUPTED, now=now)
            continue
        lease = secrets.token_hex(16)
        taken = session.execute(
            update(MailRow)
            .where(MailRow.id == found.id, MailRow.due_at == found.due_at)
            .values(due_at=now + LEASE, lease=lease, attempts=MailRow.attempts + 1)
            .returning(MailRow.id)
        ).scalar_one_or_none()
        if taken is not None:
            return _claimed(session, taken, lease)


def sent(session: Session, claimed: Claimed, *, now: datetime, keep: bool) -> None:
    """Note that a mail was handed over, and wipe its words unless ``keep``."""
    mail_id = claimed.mail.id
    wiped = {} if keep else {"text": "", "html": ""}
    session.execute(
        update(MailRow)
        .where(MailRow.id == mail_id, MailRow.lease == claimed.lease)
        .values(sent_at=now, due_at=None, lease=None, reason=None, **wiped)
    )
    if not keep:
        session.execute(delete(AttachmentRow).where(AttachmentRow.mail_id == mail_id))


def postpone(session: Session, claimed: Claimed, *, reason: str, now: datetime) -> bool:
    """Note that a try did not succeed; the next one comes after a longer pause.

    Returns:
        Whether there will be a next one; after TRIES the mail is given up.
    """
    attempts = claimed.mail.attempts
    if attempts >= TRIES:
        give_up(session, claimed.mail.id, reason=reason, now=now)
        return False
    session.execute(
        update(MailRow)
        .where(MailRow.id == claimed.mail.id, MailRow.lease == claimed.lease)
        .values(due_at=now + PAUSES[attempts - 1], lease=None, reason=reason)
    )
    return True


def give_up(session: Session, mail_id: int, *, reason: str, now: datetime) -> None:
    """Stop trying to send a mail, and write an audit line about it."""
    kind = session.scalar(
        update(MailRow)
        .where(MailRow.id == mail_id, MailRow.due_at.is_not(None))
        .values(given_up_at=now, due_at=None, lease=None, reason=reason)
        .returning(MailRow.kind)
    )
    if kind is not None:
        detail = {"kind": kind, "reason": reason}
        audit.record(
            session, actor="system", action="mail.given-up", subject=f"mail:{mail_id}", now=now, detail=detail
        )


def retry(session: Session, mail_id: int | None, *, actor: str, now: datetime) -> int:
    """Make a mail due at once that waits or was given up, or all that were; return how many.

    A mail that is being sent at the moment, or whose address was erased, stays as it is.
    """
    query = update(MailRow).where(MailRow.sent_at.is_(None), MailRow.lease.is_(None), MailRow.address != "")
    if mail_id is not None:
        query = query.where(MailRow.id == mail_id)
    values = {"due_at": now, "given_up_at": None, "attempts": 0}
    due = session.scalars(query.values(values).returning(MailRow.id)).all()
    for each in due:
        audit.record(session, actor=actor, action="mail.retried", subject=f"mail:{each}", now=now)
    return len(due)


def _claimed(session: Session, mail_id: int, lease: str) -> Claimed:
    # What was read before the update would be shown again otherwise.
    session.expire_all()
    found, content = mail.get(session, mail_id), mail.content(session, mail_id)
    if found is None or content is None:
        raise LookupError(f"mail {mail_id} has just been there")
    return Claimed(mail=found, content=content, lease=lease, thread=_thread(session, found))


def _thread(session: Session, found: Mail) -> tuple[Mail, ...]:
    if found.thread is None:
        return ()
    ends = select(func.min(MailRow.id), func.max(MailRow.id)).where(
        MailRow.thread == found.thread, MailRow.address == found.address, MailRow.id < found.id
    )
    ids = dict.fromkeys(each for each in session.execute(ends).one() if each is not None)
    return tuple(before for each in ids if (before := mail.get(session, each)) is not None)
