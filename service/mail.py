# SPDX-License-Identifier: Apache-2.0
"""The outbox: what has to be told to somebody, written down in the transaction in which it became true.

``post`` writes one row, unique by its key, so that a thing done again is told once; ``service.post_office``
sends it later and ``service.stationery`` gives it its words. After the commit the caller rings the job
"mail"; a forgotten ring costs a minute, because the job also runs by itself.

::

    letter = Letter(kind="returned", to=person.email, subject="Feedback is ready for …",
                    template="earning/mail/returned", values={...}, thread=f"application:{id}")
    mail.post(session, letter, key=f"returned:{attempt}", now=now)
    ...
    jobs.ring("mail")  # after the commit

Rules kept here:

- Addresses and names are read strictly and nothing with a line break gets near a header (threats W5).
- Once a mail was sent its words are wiped, unless the site is a demo that shows them; what stays of it says
  that it was sent. ``forget`` and ``tidy`` take the address as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import stationery
from service.db import Base
from service.errors import MailContentError
from service.mailbox import read_address, read_name

KEY_CHARS: Final = 200
SUBJECT_CHARS: Final = 250  # characters; a longer one is cut, no reader shows more
ATTACHMENTS_BYTES: Final = 7_340_032  # bytes together (7 MiB); many servers refuse 10 MiB after base64
KEPT: Final = timedelta(days=90)  # how long after its end an address stays beside a mail

_KIND = re.compile(r"[a-z][a-z0-9.-]{0,59}\Z")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}\Z")
_FILE_NAME = re.compile(r"[^\x00-\x1f\x7f/\\\"]{1,120}\Z")


class MailRow(Base):
    """One mail. ``due_at`` is empty once it was sent or given up; while it is sent, the lease ends there."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_due_at", "due_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_CHARS), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[str | None] = mapped_column(String(36), index=True)
    address: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(SUBJECT_CHARS))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    thread: Mapped[str | None] = mapped_column(String(100), index=True)
    unsubscribe: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(32))
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(100))


class AttachmentRow(Base):
    """One file that goes with a mail."""

    __tablename__ = "mail_attachments"

    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(127))
    body: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be told, and to whom.

    Attributes:
        kind: What it is, in one word: ``returned``.
        to: The address.
        subject: One line; longer than SUBJECT_CHARS is cut.
        template: ``<room>/mail/<name>`` below templates/, of which .txt and .html exist.
        values: What the template uses.
        attachments: Files that go with it.
        thread: Mails of the same thread stand together at the reader's: ``application:<id>``.
        person: The id of the person it belongs to, for export and erasure.
        name: The reader's name, shown beside the address.
        unsubscribe: Path of the page where such mails are stopped; mails that must come have none.
    """

    kind: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    template: str
    values: Mapping[str, Any] = field(repr=False)
    attachments: tuple[Attachment, ...] = ()
    thread: str | None = None
    person: str | None = None
    name: str = field(default="", repr=False)
    unsubscribe: str | None = None


class MailState(StrEnum):
    """Where a mail is."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the outbox, without its words.

    Attributes:
        reason: Why the last try did not succeed, as a code; None if none failed.
    """

    id: int
    kind: str
    person: str | None
    address: str = field(repr=False)
    name: str = field(repr=False)
    subject: str = field(repr=False)
    thread: str | None
    unsubscribe: str | None
    created_at: datetime
    attempts: int
    due_at: datetime | None
    sent_at: datetime | None
    reason: str | None
    state: MailState


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a mail and its files. The site's own name and address are still marks in it."""

    text: str = field(repr=False)
    html: str = field(repr=False)
    attachments: tuple[Attachment, ...]


def post(session: Session, letter: Letter, *, key: str, now: datetime) -> bool:
    """Write ``letter`` into the outbox, in the caller's transaction.

    Args:
        session: The caller's writing transaction.
        letter: What is to be told.
        key: Names the occasion: ``awarded:<award>``. A second letter with the same key is not written.
        now: When.

    Returns:
        Whether it was written; False if there was one with this key.

    Raises:
        MailAddressError: The address or name cannot be used.
        MailContentError: A line break in the subject, or the attachments are too large.
    """
    if not 0 < len(key) <= KEY_CHARS:
        raise MailContentError(f"The key of a mail has 1 to {KEY_CHARS} characters.", got=len(key))
    _check(letter)
    if session.scalar(select(MailRow.id).where(MailRow.key == key)) is not None:
        return False
    subject, unsubscribe = letter.subject.strip()[:SUBJECT_CHARS], letter.unsubscribe
    frame = {"subject": subject, "unsubscribe": unsubscribe}
    words = stationery.render(letter.template, {**frame, **letter.values})
    row = MailRow(
        key=key,
        kind=letter.kind,
        person_id=letter.person,
        address=read_address(letter.to),
        name=read_name(letter.name),
        subject=subject,
        text=words.text,
        html=words.html,
        thread=letter.thread,
        unsubscribe=unsubscribe,
        created_at=now,
        attempts=0,
        due_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False  # Another transaction has posted it in this moment.
    session.add_all(
        AttachmentRow(mail_id=row.id, position=at, name=each.name, media_type=each.media_type, body=each.body)
        for at, each in enumerate(letter.attachments)
    )
    session.flush()
    return True


def posted_since(session: Session, address: str, *, since: datetime, kinds: Collection[str] = ()) -> int:
    """Return how many mails were posted to ``address`` since then, to keep anybody from being flooded.

    However it is written: nearly all mailboxes take capital letters for small ones.
    """
    same = func.lower(MailRow.address) == read_address(address).lower()
    query = select(func.count()).where(same, MailRow.created_at > since)
    return session.scalar(query.where(MailRow.kind.in_(kinds)) if kinds else query) or 0


def get(session: Session, mail_id: int) -> Mail | None:
    """Return one mail."""
    row = session.get(MailRow, mail_id)
    return None if row is None else _mail(row)


def find(session: Session, key: str) -> Mail | None:
    """Return the mail that was posted with this key."""
    row = session.scalar(select(MailRow).where(MailRow.key == key))
    return None if row is None else _mail(row)


def content(session: Session, mail_id: int) -> Content | None:
    """Return the words and files of one mail."""
    row = session.get(MailRow, mail_id)
    if row is None:
        return None
    files = session.scalars(
        select(AttachmentRow).where(AttachmentRow.mail_id == mail_id).order_by(AttachmentRow.position)
    )
    attachments = tuple(
        Attachment(name=file.name, media_type=file.media_type, body=file.body) for file in files
    )
    return Content(text=row.text, html=row.html, attachments=attachments)


def listing(
    session: Session,
    *,
    limit: int,
    before: int | None = None,
    address: str = "",
    state: MailState | None = None,
    person: str | None = None,
) -> tuple[Mail, ...]:
    """Return mails, newest first.

    Args:
        session: Any session.
        limit: How many at most.
        before: Only those with a smaller id: where the page before ended.
        address: Only those whose address contains this, in any case.
        state: Only those in this state.
        person: Only those that belong to this person.
    """
    query = select(MailRow).order_by(MailRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(MailRow.id < before)
    if address:
        query = query.where(MailRow.address.icontains(address, autoescape=True))
    if person is not None:
        query = query.where(MailRow.person_id == person)
    if state is MailState.SENT:
        query = query.where(MailRow.sent_at.is_not(None))
    elif state is MailState.GIVEN_UP:
        query = query.where(MailRow.given_up_at.is_not(None))
    elif state is MailState.WAITING:
        query = query.where(MailRow.due_at.is_not(None))
    return tuple(_mail(row) for row in session.scalars(query))


def forget(session: Session, person: str, *, address: str | None = None) -> int:
    """Take words, address and name from all mails of a person; those not sent yet are not sent any more.

    A mail belongs to them by their id or their address, or because it tells somebody of that address.
    """
    if not address:
        return _wipe(session, MailRow.person_id == person)
    low = address.lower()
    theirs = (MailRow.person_id == person) | (func.lower(MailRow.address) == low)
    telling = MailRow.text.icontains(address, autoescape=True) | MailRow.html.icontains(
        address, autoescape=True
    )
    return _wipe(session, theirs | telling)


def forget_thread(session: Session, thread: str) -> None:
    """Take words, address and name from the mails of a thread, whoever reads them."""
    _wipe(session, MailRow.thread == thread)


def forget_one(session: Session, mail_id: int) -> None:
    """Take words, address and name from one mail: a last word is kept of nobody."""
    _wipe(session, MailRow.id == mail_id)


def wiped(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Return those of ``ids`` whose address is gone, or that are no mails at all."""
    kept = session.scalars(select(MailRow.id).where(MailRow.id.in_(ids), MailRow.address != ""))
    return frozenset(ids) - frozenset(kept)


def tidy(session: Session, *, now: datetime) -> int:
    """Take words, address and name from mails that ended KEPT ago; return how many."""
    ended = func.coalesce(MailRow.sent_at, MailRow.given_up_at)
    return _wipe(session, (ended <= now - KEPT) & (MailRow.address != ""))


def _wipe(session: Session, which: Any) -> int:
    found = session.scalars(select(MailRow.id).where(which)).all()
    session.execute(delete(AttachmentRow).where(AttachmentRow.mail_id.in_(found)))
    empty = {
        "text": "",
        "html": "",
        "subject": "",
        "address": "",
        "name": "",
        "unsubscribe": None,
        "lease": None,
    }
    session.execute(update(MailRow).where(MailRow.id.in_(found)).values(**empty, due_at=None, person_id=None))
    return len(found)


def _check(letter: Letter) -> None:
    if not _KIND.match(letter.kind):
        raise MailContentError("The kind of a mail is a word in lower case.", got=letter.kind[:60])
    for value in (letter.subject, letter.thread or "", letter.unsubscribe or ""):
        if not all(char.isprintable() for char in value):
            raise MailContentError("What stands in the head of a mail may hold no line break.")
    if not letter.subject.strip():
        raise MailContentError("A mail has a subject.")
    for file in letter.attachments:
        if not _FILE_NAME.match(file.name) or not _MEDIA_TYPE.match(file.media_type):
            raise MailContentError("An attachment has a plain file name and a media type.")
    size = sum(len(file.body) for file in letter.attachments)
    if size > ATTACHMENTS_BYTES:
        raise MailContentError(
            "The attachments of a mail are too large.", got=size, expected=ATTACHMENTS_BYTES
        )


def _mail(row: MailRow) -> Mail:
    ended = MailState.GIVEN_UP if row.given_up_at or not row.sent_at else MailState.SENT
    return Mail(
        id=row.id,
        kind=row.kind,
        person=row.person_id,
        address=row.address,
        name=row.name,
        subject=row.subject,
        thread=row.thread,
        unsubscribe=row.unsubscribe,
        created_at=row.created_at,
        attempts=row.attempts,
        due_at=row.due_at,
        sent_at=row.sent_at,
        reason=row.reason,
        state=MailState.WAITING if row.due_at is not None else ended,
    )
