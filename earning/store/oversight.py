# SPDX-License-Identifier: Apache-2.0
"""What a manager sees of applications, seasons and questions, found through the manager's programmes.

``issuers`` are the organisations that the caller manages; they stand in every WHERE clause (threats W1).
Drafts are not read here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from earning.store import work
from earning.store.tables import (
    ApplicationRow,
    ExtensionRow,
    PortalRow,
    QuestionRow,
    SeasonRow,
    SubmissionRow,
    VersionRow,
    VersionStackRow,
)
from earning.work.applications import OVER, Application, State
from earning.work.seasons import Season
from service.accounts.tables import OrganisationRow, PersonRow


@dataclass(frozen=True, slots=True)
class Listed:
    """An application in a list: who, what, where it is. Nothing of its content."""

    id: str
    name: str
    code: str
    title: str
    state: State
    applied_at: datetime
    due_at: datetime
    zone: str
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Extension:
    """More time that was given."""

    was: datetime
    until: datetime
    reason: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that somebody has sent."""

    id: str
    portal: str
    topic: str
    email: str
    text: str
    sent_to: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of applications is narrowed to; empty values narrow nothing."""

    words: str = ""
    state: str = ""
    stack: str = ""
    portal: str = ""


def search(
    session: Session, issuers: Collection[str], asked: Filter, *, after: str = "", limit: int
) -> tuple[Listed, ...]:
    """Return applications, the newest first; ``after`` is the id with which the page before ended."""
    waiting_since = (
        select(func.max(SubmissionRow.submitted_at))
        .where(SubmissionRow.application == ApplicationRow.id, SubmissionRow.state == "waiting")
        .scalar_subquery()
    )
    query = (
        select(ApplicationRow, PersonRow.name, VersionRow.code, VersionRow.title, waiting_since)
        .join(PersonRow, PersonRow.id == ApplicationRow.person)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(VersionRow.issuer.in_(issuers))
        .order_by(ApplicationRow.applied_at.desc(), ApplicationRow.id)
        .limit(limit)
    )
    for word in asked.words.split()[:6]:
        query = query.where(
            or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (PersonRow.name, PersonRow.email, VersionRow.code, VersionRow.title)
                ),
                ApplicationRow.id == word,
            )
        )
    if asked.state:
        query = query.where(ApplicationRow.state == asked.state)
    if asked.portal:
        query = query.where(ApplicationRow.portal == asked.portal)
    if asked.stack:
        query = query.where(
            VersionRow.key.in_(select(VersionStackRow.version).where(VersionStackRow.stack == asked.stack))
        )
    last = session.scalar(
        select(ApplicationRow)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(ApplicationRow.id == after, VersionRow.issuer.in_(issuers))
    )
    if last is not None:
        query = query.where(
            or_(
                ApplicationRow.applied_at < last.applied_at,
                (ApplicationRow.applied_at == last.applied_at) & (ApplicationRow.id > last.id),
            )
        )
    return tuple(
        _listed(row, name, code, title, waiting_since=since)
        for row, name, code, title, since in session.execute(query)
    )


def find(session: Session, id: str, issuers: Collection[str]) -> tuple[Application, str, str] | None:
    """Return an application of these programmes with title and issuer of its version, or None."""
    found = session.execute(
        select(VersionRow.title, VersionRow.issuer)
        .join(ApplicationRow, ApplicationRow.version == VersionRow.key)
        .where(ApplicationRow.id == id, VersionRow.issuer.in_(issuers))
    ).one_or_none()
    application = None if found is None else work.any_application(session, id)
    return None if found is None or application is None else (application, found.title, found.issuer)


def extensions(session: Session, application: str) -> tuple[Extension, ...]:
    """Return all extensions of an application, the first one first."""
    rows = session.scalars(
        select(ExtensionRow).where(ExtensionRow.application == application).order_by(ExtensionRow.granted_at)
    )
    return tuple(
        Extension(
            was=row.was,
            until=row.until,
            reason=row.reason,
            granted_by=row.granted_by,
            granted_at=row.granted_at,
        )
        for row in rows
    )


def add_extension(
    session: Session, application: str, *, was: datetime, until: datetime, reason: str, by: str, now: datetime
) -> str:
    """Write an extension and return its id."""
    row = ExtensionRow(
        id=str(uuid.uuid4()),
        application=application,
        was=was,
        until=until,
        reason=reason,
        granted_by=by,
        granted_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


# -- seasons ----------------------------------------------------------------------------------------------


def portal(session: Session, slug: str, organisations: Collection[str]) -> str | None:
    """Return the portal's slug if it belongs to one of the organisations, or to one that belongs to them."""
    return session.scalar(
        select(PortalRow.slug)
        .join(OrganisationRow, OrganisationRow.slug == PortalRow.organisation)
        .where(
            PortalRow.slug == slug,
            or_(OrganisationRow.slug.in_(organisations), OrganisationRow.parent.in_(organisations)),
        )
    )


def put_season(session: Session, season: Season) -> None:
    """Write a season, new or changed."""
    row = session.get(SeasonRow, season.id)
    if row is None:
        row = SeasonRow(id=season.id, portal=season.portal)
        session.add(row)
    row.name, row.opens_on = season.name, season.opens_on
    row.last_submission, row.last_revision = season.last_submission, season.last_revision
    session.flush()


def remove_season(session: Session, id: str) -> None:
    """Take a season away."""
    session.execute(delete(SeasonRow).where(SeasonRow.id == id))


def counted_in(session: Session, season: str) -> int:
    """Return how many applications name a season."""
    return session.scalar(select(func.count()).where(ApplicationRow.season == season)) or 0


def affected(session: Session, season: str, issuers: Collection[str], *, limit: int) -> tuple[Listed, ...]:
    """Return applications of these programmes that name a season and go on, those due soonest first."""
    rows = session.execute(
        select(ApplicationRow, PersonRow.name, VersionRow.code, VersionRow.title)
        .join(PersonRow, PersonRow.id == ApplicationRow.person)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(
            ApplicationRow.season == season,
            ApplicationRow.state.not_in(OVER),
            VersionRow.issuer.in_(issuers),
        )
        .order_by(ApplicationRow.due_at, ApplicationRow.id)
        .limit(limit)
    )
    return tuple(_listed(row, name, code, title) for row, name, code, title in rows)


def _listed(
    row: ApplicationRow, name: str | None, code: str, title: str, *, waiting_since: datetime | None = None
) -> Listed:
    return Listed(
        id=row.id,
        name=name or "",
        code=code,
        title=title,
        state=State(row.state),
        applied_at=row.applied_at,
        due_at=row.due_at,
        zone=row.zone,
        waiting_since=waiting_since,
    )


# -- questions --------------------------------------------------------------------------------------------


def questions(session: Session, portals: Collection[str], *, general: bool, limit: int) -> tuple[Asked, ...]:
    """Return the questions asked at these portals, and with ``general`` those asked at none; newest first."""
    mine = QuestionRow.portal.in_(portals)
    rows = session.scalars(
        select(QuestionRow)
        .where(or_(mine, QuestionRow.portal.is_(None)) if general else mine)
        .order_by(QuestionRow.asked_at.desc(), QuestionRow.id)
        .limit(limit)
    )
    return tuple(
        Asked(
            id=row.id,
            portal=row.portal or "",
            topic=row.topic,
            email=row.email,
            text=row.text,
            sent_to=row.sent_to,
            asked_at=row.asked_at,
        )
        for row in rows
    )


def wake(session: Session, application: Application, **values: object) -> bool:
    """Set ``values`` where the application is as it was read; False if it was changed since."""
    done = session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application.id, ApplicationRow.revision == application.revision)
        .values(revision=application.revision + 1, **values)
        .returning(ApplicationRow.id)
    )
    return done.first() is not None
