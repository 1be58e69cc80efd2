# SPDX-License-Identifier: Apache-2.0
"""Cases: what reviewers flagged, found through the organisations of whoever asks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session, aliased

from earning.store.tables import ApplicationRow, CaseRow, SubmissionRow, VersionRow
from earning.work.applications import Application


@dataclass(frozen=True, slots=True)
class Case:
    """Something to be looked into; never a verdict.

    Attributes:
        organisation: Whose programme it concerns.
        kind: ``student-data`` or ``misconduct``.
        text: What the reviewer wrote.
        noticed_at: When the educator was told.
        votes: For, against and abstained, once the committee voted.
    """

    id: str
    organisation: str
    application: str
    submission: str
    artefact: str | None
    version: str
    title: str
    author: str
    kind: str
    is_open: bool
    text: str
    opened_by: str
    opened_at: datetime
    noticed_at: datetime | None
    votes: tuple[int, int, int] | None
    closed_by: str | None
    closed_at: datetime | None
    outcome: str


def add(
    session: Session,
    *,
    submission: str,
    artefact: str | None,
    kind: str,
    text: str,
    opened_by: str,
    now: datetime,
) -> str:
    """Open a case, and return its id."""
    row = CaseRow(
        id=str(uuid.uuid4()),
        submission=submission,
        artefact=artefact,
        kind=kind,
        state="open",
        text=text,
        opened_by=opened_by,
        opened_at=now,
        outcome="",
    )
    session.add(row)
    session.flush()
    return row.id


def every(session: Session, organisations: frozenset[str], *, not_about: str) -> tuple[Case, ...]:
    """Return the cases of these organisations but those about one person: open ones first, oldest first."""
    found = _cases(session, VersionRow.issuer.in_(organisations), ApplicationRow.person != not_about)
    return tuple(sorted(found, key=lambda each: (not each.is_open, each.opened_at)))


def find(session: Session, id: str, organisations: frozenset[str], *, not_about: str) -> Case | None:
    """Return a case of these organisations that is not about this person, or None."""
    theirs = (VersionRow.issuer.in_(organisations), ApplicationRow.person != not_about)
    return next(iter(_cases(session, CaseRow.id == id, *theirs)), None)


def of_application(session: Session, application: str) -> tuple[Case, ...]:
    """Return the cases about one application, the first one first."""
    return _cases(session, SubmissionRow.application == application)


def locked(session: Session, application: str) -> frozenset[str]:
    """Return the submissions of an application whose texts were set aside because of student data."""
    query = (
        select(CaseRow.submission)
        .join(SubmissionRow, SubmissionRow.id == CaseRow.submission)
        .where(
            SubmissionRow.application == application,
            CaseRow.kind == "student-data",
            CaseRow.artefact.is_(None),
        )
    )
    return frozenset(session.scalars(query))


def pauses(person: Any, version: Any) -> ColumnElement[bool]:
    """Return the condition that suspected misconduct is being looked into: this person's, for this version.

    It holds for everything that they send for it meanwhile; whoever takes work back, or withdraws and applies
    anew, leaves no case behind.
    """
    submission, application = aliased(SubmissionRow), aliased(ApplicationRow)
    return exists().where(
        CaseRow.submission == submission.id,
        application.id == submission.application,
        application.person == person,
        application.version == version,
        CaseRow.state == "open",
        CaseRow.kind == "misconduct",
    )


def opened_by(reader: str, person: Any, version: Any) -> ColumnElement[bool]:
    """Return the condition that ``reader`` has flagged misconduct of this person's for this version."""
    submission, application = aliased(SubmissionRow), aliased(ApplicationRow)
    return exists().where(
        CaseRow.submission == submission.id,
        application.id == submission.application,
        application.person == person,
        application.version == version,
        CaseRow.opened_by == reader,
        CaseRow.kind == "misconduct",
    )


def is_paused(session: Session, application: Application) -> bool:
    """Tell whether suspected misconduct is being looked into, so that nothing is decided meanwhile."""
    return bool(session.scalar(select(pauses(application.person, application.version))))


def change(session: Session, id: str, **values: Any) -> bool:
    """Set ``values`` of an open case; False if it is closed."""
    done = session.execute(update(CaseRow).where(CaseRow.id == id, CaseRow.state == "open").values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _cases(session: Session, *where: Any) -> tuple[Case, ...]:
    query = (
        select(CaseRow, ApplicationRow, VersionRow)
        .join(SubmissionRow, SubmissionRow.id == CaseRow.submission)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(*where)
        .order_by(CaseRow.opened_at, CaseRow.id)
        .execution_options(populate_existing=True)
    )
    return tuple(
        Case(
            id=row.id,
            organisation=version.issuer,
            application=application.id,
            submission=row.submission,
            artefact=row.artefact,
            version=version.key,
            title=version.title,
            author=application.person,
            kind=row.kind,
            is_open=row.state == "open",
            text=row.text,
            opened_by=row.opened_by,
            opened_at=row.opened_at,
            noticed_at=row.noticed_at,
            votes=None
            if row.votes_for is None
            else (row.votes_for, row.votes_against or 0, row.votes_abstained or 0),
            closed_by=row.closed_by,
            closed_at=row.closed_at,
            outcome=row.outcome,
        )
        for row, application, version in session.execute(query)
    )
