# SPDX-License-Identifier: Apache-2.0
"""Rows of portals, their seasons and the questions that were asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from earning.store.tables import PortalRow, QuestionRow, SeasonRow
from earning.work.seasons import Season


@dataclass(frozen=True, slots=True)
class StoredPortal:
    """A portal as stored: its TOML, who runs it, and how often it was changed."""

    slug: str
    organisation: str
    source: bytes
    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A question that somebody asked, and the address that it was sent to."""

    portal: str | None
    topic: str
    person: str | None
    email: str
    text: str
    sent_to: str


def add(session: Session, portal: StoredPortal) -> bool:
    """Write a portal that was not there; return whether it was."""
    if session.get(PortalRow, portal.slug) is not None:
        return False
    session.add(
        PortalRow(
            slug=portal.slug,
            organisation=portal.organisation,
            source=portal.source,
            revision=portal.revision,
            updated_at=portal.updated_at,
        )
    )
    session.flush()
    return True


def change(session: Session, slug: str, source: bytes, *, revision: int, now: datetime) -> bool:
    """Write the text of a portal if it still has ``revision``; return whether it had."""
    done = session.execute(
        update(PortalRow)
        .where(PortalRow.slug == slug, PortalRow.revision == revision)
        .values(source=source, revision=revision + 1, updated_at=now)
        .returning(PortalRow.slug)
    )
    return done.first() is not None


def find(session: Session, slug: str, *, organisations: Iterable[str] | None = None) -> StoredPortal | None:
    """Return the portal ``slug``, if it is one of ``organisations`` (None: whoever runs it)."""
    query = select(PortalRow).where(PortalRow.slug == slug[:20])
    if organisations is not None:
        query = query.where(PortalRow.organisation.in_(list(organisations)))
    row = session.scalar(query)
    return None if row is None else _portal(row)


def every(session: Session, *, organisations: Iterable[str] | None = None) -> tuple[StoredPortal, ...]:
    """Return all portals, or those of ``organisations``."""
    query = select(PortalRow).order_by(PortalRow.slug)
    if organisations is not None:
        query = query.where(PortalRow.organisation.in_(list(organisations)))
    return tuple(_portal(row) for row in session.scalars(query))


def put_season(session: Session, season: Season) -> bool:
    """Write a season that was not there; return whether it was."""
    if session.get(SeasonRow, season.id) is not None:
        return False
    session.add(
        SeasonRow(
            id=season.id,
            portal=season.portal,
            name=season.name,
            opens_on=season.opens_on,
            last_submission=season.last_submission,
            last_revision=season.last_revision,
        )
    )
    session.flush()
    return True


def seasons(session: Session, portal: str) -> tuple[Season, ...]:
    """Return the seasons of a portal, the first one first."""
    rows = session.scalars(select(SeasonRow).where(SeasonRow.portal == portal).order_by(SeasonRow.opens_on))
    return tuple(
        Season(
            id=row.id,
            portal=row.portal,
            name=row.name,
            opens_on=row.opens_on,
            last_submission=row.last_submission,
            last_revision=row.last_revision,
        )
        for row in rows
    )


def ask(session: Session, question: Question, *, now: datetime) -> str:
    """Write a question down and return its id."""
    row = QuestionRow(
        id=str(uuid.uuid4()),
        portal=question.portal,
        topic=question.topic,
        person=question.person,
        email=question.email,
        text=question.text,
        sent_to=question.sent_to,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def asked_since(session: Session, email: str, since: datetime) -> int:
    """Return how many questions an address has asked since then, however it is written."""
    query = select(func.count()).select_from(QuestionRow)
    query = query.where(func.lower(QuestionRow.email) == email.lower(), QuestionRow.asked_at >= since)
    return session.scalar(query) or 0


def _portal(row: PortalRow) -> StoredPortal:
    return StoredPortal(row.slug, row.organisation, row.source, row.revision, row.updated_at)
