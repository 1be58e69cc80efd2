# SPDX-License-Identifier: Apache-2.0
"""Lists of recognised issuers: one for each recognizer, by DID, with where each entry came from.

An entry that is taken off stays as a row with ``removed_at``, so that it can be put back, and so that an
imported list does not bring it back by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

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
    source: Mapped[str] = mapped_column(String(512))  # address or file it was imported from, or ""
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(100))
    left_at: Mapped[datetime | None]  # since when its source does not name it any more
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(100))


class ListSourceRow(Base):
    """A published list that was imported, with the digest of what was accepted and of what waits."""

    __tablename__ = "verifier_list_sources"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    list: Mapped[str] = mapped_column(ForeignKey("verifier_issuer_lists.slug", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(512))  # an address, or "file:" and the name of a file
    title: Mapped[str] = mapped_column(String(200))  # as it calls itself
    sha256: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime | None]
    refused: Mapped[str | None] = mapped_column(String(64))  # digest of what was looked at and not wanted
    waiting: Mapped[bytes | None] = mapped_column(LargeBinary)  # read, shown, not accepted yet
    read_at: Mapped[datetime]
    trouble: Mapped[str] = mapped_column(Text)  # why it could not be read the last time, or ""

    __table_args__ = (UniqueConstraint("list", "url"),)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list without its entries."""

    slug: str
    title: str
    about: str
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One issuer on a list, or one that was taken off (``removed_at``)."""

    did: str
    name: str
    url: str
    note: str
    source: str
    added_at: datetime
    added_by: str
    left_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def went_with_source(self) -> bool:
        """Whether it was taken off because its source did not name it any more: both in one moment."""
        return self.removed_at is not None and self.removed_at == self.left_at


@dataclass(frozen=True, slots=True)
class Source:
    """A published list that is followed; ``waiting`` holds what was read and not accepted yet."""

    id: str
    list: str
    url: str
    title: str
    sha256: str | None
    accepted_at: datetime | None
    refused: str | None
    waiting: bytes | None
    read_at: datetime
    trouble: str

    @property
    def is_file(self) -> bool:
        """Whether it was brought as a file, so that nobody can look again."""
        return self.url.startswith("file:")


# -- lists ------------------------------------------------------------------------------------------------


def get(session: Session, slug: str) -> Listing | None:
    """Return the list of an organisation, or None."""
    row = session.get(IssuerListRow, slug)
    return None if row is None else _listing(row)


def every(session: Session) -> tuple[Listing, ...]:
    """Return all lists by title."""
    query = select(IssuerListRow).order_by(IssuerListRow.title, IssuerListRow.slug)
    return tuple(_listing(row) for row in session.scalars(query))


def put(session: Session, slug: str, *, title: str, about: str, now: datetime) -> None:
    """Make a list, or give it this title and description; either counts as a change."""
    row = session.get(IssuerListRow, slug)
    if row is None:
        row = IssuerListRow(slug=slug, version=0)
        session.add(row)
    row.title, row.about, row.version, row.changed_at = title, about, row.version + 1, now
    session.flush()


def touch(session: Session, slug: str, *, now: datetime) -> int:
    """Count a change of a list; return its new version."""
    row = session.get_one(IssuerListRow, slug, with_for_update=True)
    row.version, row.changed_at = row.version + 1, now
    session.flush()
    return row.version


# -- entries ----------------------------------------------------------------------------------------------


def entries(session: Session, slug: str, *, removed: bool = False) -> tuple[Entry, ...]:
    """Return who stands on a list, by name; with ``removed`` who was taken off, newest first."""
    query = select(ListedIssuerRow).where(ListedIssuerRow.list == slug)
    if removed:
        query = query.where(ListedIssuerRow.removed_at.is_not(None)).order_by(
            ListedIssuerRow.removed_at.desc(), ListedIssuerRow.did
        )
    else:
        query = query.where(ListedIssuerRow.removed_at.is_(None)).order_by(
            func.lower(ListedIssuerRow.name), ListedIssuerRow.did
        )
    return tuple(_entry(row) for row in session.scalars(query))


def entry(session: Session, slug: str, did: str) -> Entry | None:
    """Return one entry, also one that was taken off, or None."""
    row = session.get(ListedIssuerRow, (slug, did))
    return None if row is None else _entry(row)


def count(session: Session, slug: str) -> int:
    """Return how many issuers stand on a list."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ListedIssuerRow)
            .where(ListedIssuerRow.list == slug, ListedIssuerRow.removed_at.is_(None))
        )
        or 0
    )


def lists_with(session: Session, did: str) -> tuple[Listing, ...]:
    """Return the lists on which an issuer stands, by title."""
    query = (
        select(IssuerListRow)
        .join(ListedIssuerRow, ListedIssuerRow.list == IssuerListRow.slug)
        .where(ListedIssuerRow.did == did, ListedIssuerRow.removed_at.is_(None))
        .order_by(IssuerListRow.title, IssuerListRow.slug)
    )
    return tuple(_listing(row) for row in session.scalars(query))


def put_entry(session: Session, slug: str, given: Entry) -> None:
    """Write an entry as given; it stands on the list then."""
    row = session.get(ListedIssuerRow, (slug, given.did))
    if row is None:
        row = ListedIssuerRow(list=slug, did=given.did)
        session.add(row)
    row.name, row.url, row.note, row.source = given.name, given.url, given.note, given.source
    row.added_at, row.added_by, row.left_at = given.added_at, given.added_by, given.left_at
    row.removed_at = row.removed_by = None
    session.flush()


def add_entries(session: Session, slug: str, given: Iterable[Entry]) -> None:
    """Write many entries of whom the list knows nothing yet."""
    session.add_all(
        ListedIssuerRow(
            list=slug,
            did=each.did,
            name=each.name,
            url=each.url,
            note=each.note,
            source=each.source,
            added_at=each.added_at,
            added_by=each.added_by,
        )
        for each in given
    )
    session.flush()


def take_off(session: Session, slug: str, did: str, *, by: str, now: datetime) -> bool:
    """Take an issuer off a list; return whether it stood there."""
    row = session.get(ListedIssuerRow, (slug, did))
    if row is None or row.removed_at is not None:
        return False
    row.removed_at, row.removed_by = now, by
    session.flush()
    return True


def put_back(session: Session, slug: str, did: str) -> bool:
    """Put an issuer back that was taken off, as it was; return whether it had been."""
    row = session.get(ListedIssuerRow, (slug, did))
    if row is None or row.removed_at is None:
        return False
    row.removed_at = row.removed_by = None
    session.flush()
    return True


def mark_left(session: Session, slug: str, did: str, at: datetime | None) -> None:
    """Write since when the source of an entry does not name it any more; None: it does."""
    row = session.get_one(ListedIssuerRow, (slug, did))
    row.left_at = at
    session.flush()


# -- sources ----------------------------------------------------------------------------------------------


def sources(session: Session, slug: str | None = None) -> tuple[Source, ...]:
    """Return the published lists that a list follows, or all that any list follows."""
    query = select(ListSourceRow).order_by(ListSourceRow.list, ListSourceRow.title, ListSourceRow.url)
    if slug is not None:
        query = query.where(ListSourceRow.list == slug)
    return tuple(_source(row) for row in session.scalars(query))


def source(session: Session, slug: str, id: str) -> Source | None:
    """Return one source of a list, or None."""
    row = session.get(ListSourceRow, id)
    return None if row is None or row.list != slug else _source(row)


def put_source(session: Session, given: Source) -> None:
    """Write a source as given."""
    row = session.get(ListSourceRow, given.id)
    if row is None:
        row = ListSourceRow(id=given.id, list=given.list, url=given.url)
        session.add(row)
    row.title, row.sha256, row.accepted_at = given.title, given.sha256, given.accepted_at
    row.refused, row.waiting = given.refused, given.waiting
    row.read_at, row.trouble = given.read_at, given.trouble
    session.flush()


def drop_source(session: Session, slug: str, id: str) -> bool:
    """Follow a source no more; return whether there was one."""
    row = session.get(ListSourceRow, id)
    if row is None or row.list != slug:
        return False
    session.delete(row)
    session.flush()
    return True


def _listing(row: IssuerListRow) -> Listing:
    return Listing(row.slug, row.title, row.about, row.version, row.changed_at)


def _entry(row: ListedIssuerRow) -> Entry:
    return Entry(
        did=row.did,
        name=row.name,
        url=row.url,
        note=row.note,
        source=row.source,
        added_at=row.added_at,
        added_by=row.added_by,
        left_at=row.left_at,
        removed_at=row.removed_at,
    )


def _source(row: ListSourceRow) -> Source:
    return Source(
        id=row.id,
        list=row.list,
        url=row.url,
        title=row.title,
        sha256=row.sha256,
        accepted_at=row.accepted_at,
        refused=row.refused,
        waiting=row.waiting,
        read_at=row.read_at,
        trouble=row.trouble,
    )
