# SPDX-License-Identifier: Apache-2.0
"""Applications, what is written in them, and what was sent in; what is added to them stands in ``artefacts``.

Everything that belongs to an educator is found through the educator: ``person`` stands in the WHERE clause,
so that somebody else's is not there (threats W1). Functions named ``any_…`` are for jobs and reviewers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from earning.store.tables import (
    AnswerRow,
    ApplicationRow,
    ArtefactRow,
    DecisionRow,
    ExtensionRow,
    GoalRow,
    PortalRow,
    SeasonRow,
    SubmissionRow,
)
from earning.work.applications import EDITABLE, Application, State
from earning.work.feedback import emptied_decision
from earning.work.seasons import Season
from earning.work.submissions import (
    PRIVATE,
    Answer,
    Statements,
    Submission,
    SubmissionState,
    emptied_content,
    read_content,
    read_statements,
    write_statements,
)
from service.accounts.tables import OrganisationRow, PersonRow

# -- applications -----------------------------------------------------------------------------------------


def add(session: Session, application: Application) -> bool:
    """Add an application; False if the educator has a living one for this version."""
    row = ApplicationRow(**{name: getattr(application, name) for name in Application.__slots__})
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True


def find(session: Session, id: str, *, person: str) -> Application | None:
    """Return this educator's application, or None."""
    row = session.scalar(
        select(ApplicationRow).where(ApplicationRow.id == id, ApplicationRow.person == person)
    )
    return None if row is None else _application(row)


def any_application(session: Session, id: str) -> Application | None:
    """Return the application, whoever's it is."""
    row = session.get(ApplicationRow, id)
    return None if row is None else _application(row)


def alive(session: Session, person: str, version: str) -> Application | None:
    """Return the educator's application for ``version`` that has not ended without an award."""
    row = session.scalar(
        select(ApplicationRow).where(
            ApplicationRow.person == person,
            ApplicationRow.version == version,
            ApplicationRow.state.not_in((State.WITHDRAWN, State.EXPIRED, State.DENIED)),
        )
    )
    return None if row is None else _application(row)


def of_person(session: Session, person: str) -> tuple[Application, ...]:
    """Return all applications of an educator, the earliest due first."""
    rows = session.scalars(
        select(ApplicationRow)
        .where(ApplicationRow.person == person)
        .order_by(ApplicationRow.due_at, ApplicationRow.id)
    )
    return tuple(_application(row) for row in rows)


def waiting_for_educators(session: Session, *, after: str = "", most: int = 500) -> tuple[Application, ...]:
    """Return applications that wait for their educators, in the order of ids, those after ``after``."""
    rows = session.scalars(
        select(ApplicationRow)
        .where(ApplicationRow.state.in_(EDITABLE), ApplicationRow.id > after)
        .order_by(ApplicationRow.id)
        .limit(most)
    )
    return tuple(_application(row) for row in rows)


def change(session: Session, application: Application, **values: Any) -> bool:
    """Set ``values`` and count the change; False if it was changed since ``application`` was read."""
    done = session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application.id, ApplicationRow.revision == application.revision)
        .values(revision=application.revision + 1, **values)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def end_set_at(session: Session, application: Application) -> datetime:
    """Return when the end of an application became known: by the last extension, or by applying."""
    last = session.scalar(
        select(func.max(ExtensionRow.granted_at)).where(ExtensionRow.application == application.id)
    )
    return application.applied_at if last is None else last


def set_reminders(session: Session, id: str, *, person: str, wanted: bool) -> bool:
    """Switch reminders; False if there is no such application of this educator."""
    done = session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == id, ApplicationRow.person == person)
        .values(wants_reminders=wanted)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


# -- answers ----------------------------------------------------------------------------------------------


def answers(session: Session, application: str) -> Mapping[str, Answer]:
    """Return what is written, by place."""
    rows = session.scalars(select(AnswerRow).where(AnswerRow.application == application))
    return {
        row.place: Answer(place=row.place, text=row.text, revision=row.revision, saved_at=row.saved_at)
        for row in rows
    }


def put_answer(session: Session, application: str, place: str, text: str, *, now: datetime) -> Answer:
    """Write ``text`` at ``place`` as its next revision."""
    row = session.get(AnswerRow, (application, place))
    if row is None:
        row = AnswerRow(application=application, place=place, revision=0)
        session.add(row)
    row.text, row.revision, row.saved_at = text, row.revision + 1, now
    session.flush()
    return Answer(place=place, text=text, revision=row.revision, saved_at=now)


# -- submissions ------------------------------------------------------------------------------------------


def add_submission(session: Session, submission: Submission, content: bytes) -> None:
    """Write down what was sent; ``content`` is its snapshot."""
    author = session.scalars(
        select(PersonRow)
        .join(ApplicationRow, ApplicationRow.person == PersonRow.id)
        .where(ApplicationRow.id == submission.application)
    ).one()
    session.add(
        SubmissionRow(
            id=submission.id,
            application=submission.application,
            number=submission.number,
            attempt=submission.attempt,
            state=str(submission.state),
            content=content,
            statements=write_statements(submission.statements),
            school=author.school,
            local=author.local,
            submitted_at=submission.submitted_at,
            expected_by=submission.expected_by,
            decided_at=submission.decided_at,
        )
    )
    session.flush()


def submissions(session: Session, application: str) -> tuple[Submission, ...]:
    """Return everything that was sent, the first one first."""
    return _submissions(session, SubmissionRow.application == application)


def any_submission(session: Session, id: str) -> Submission | None:
    """Return the submission, whoever's it is."""
    return next(iter(_submissions(session, SubmissionRow.id == id)), None)


def set_submission(session: Session, id: str, *, was: SubmissionState, becomes: SubmissionState) -> bool:
    """Change the state of a submission; False if it was not in ``was``."""
    done = session.execute(
        update(SubmissionRow)
        .where(SubmissionRow.id == id, SubmissionRow.state == str(was))
        .values(state=str(becomes))
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def decisions(session: Session, application: str) -> tuple[tuple[int, str, str, datetime], ...]:
    """Return number of the submission, outcome, content and moment of each decision, the first one first."""
    rows = session.execute(
        select(SubmissionRow.number, DecisionRow.outcome, DecisionRow.content, DecisionRow.decided_at)
        .join(SubmissionRow, SubmissionRow.id == DecisionRow.submission)
        .where(SubmissionRow.application == application)
        .order_by(SubmissionRow.number)
    )
    return tuple((number, outcome, content, at) for number, outcome, content, at in rows)


# -- what is known of a person ----------------------------------------------------------------------------


def files(session: Session, application: str) -> tuple[tuple[str, str], ...]:
    """Return name and file of every piece that has one, also of those that were sent and then replaced."""
    found = session.execute(
        select(ArtefactRow.name, ArtefactRow.file)
        .where(ArtefactRow.application == application, ArtefactRow.file.is_not(None))
        .order_by(ArtefactRow.added_at, ArtefactRow.id)
    )
    return tuple((name, file) for name, file in found if file is not None)


def extensions(session: Session, application: str) -> tuple[dict[str, Any], ...]:
    """Return when more time was given, until when, and why."""
    found = session.scalars(
        select(ExtensionRow)
        .where(ExtensionRow.application == application)
        .order_by(ExtensionRow.granted_at, ExtensionRow.id)
    )
    return tuple(
        {"was": each.was, "until": each.until, "reason": each.reason, "granted_at": each.granted_at}
        for each in found
    )


def empty(session: Session, application: str, *, now: datetime) -> None:
    """Drop all words and files of an application: answers, evidence, what was sent, feedback, reasons."""
    session.execute(delete(AnswerRow).where(AnswerRow.application == application))
    session.execute(
        update(ArtefactRow)
        .where(ArtefactRow.application == application)
        .values(
            state="removed",
            removed_at=now,
            name="",
            description="",
            file=None,
            url=None,
            made_on=None,
            removed="[]",
            findings="[]",
            salt="",
            disclosure=PRIVATE,
        )
    )
    sent = session.scalars(select(SubmissionRow).where(SubmissionRow.application == application)).all()
    for row in sent:
        row.content, row.statements = emptied_content(row.content), write_statements(Statements())
        row.school = row.local = ""
        decision = session.get(DecisionRow, row.id)
        if decision is not None:
            decision.content = emptied_decision(decision.content)
    session.execute(update(ExtensionRow).where(ExtensionRow.application == application).values(reason=""))
    session.flush()


# -- goals, seasons ---------------------------------------------------------------------------------------


def goals(session: Session, person: str) -> str:
    """Return the note of an educator to themselves, "" without one."""
    row = session.get(GoalRow, person)
    return "" if row is None else row.text


def put_goals(session: Session, person: str, text: str, *, now: datetime) -> None:
    """Keep the note; an empty one is deleted."""
    row = session.get(GoalRow, person)
    if not text:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(GoalRow(person=person, text=text, saved_at=now))
    else:
        row.text, row.saved_at = text, now
    session.flush()


def season(session: Session, id: str) -> Season | None:
    """Return the season with this id, or None."""
    row = session.get(SeasonRow, id)
    return None if row is None else _season(row)


def seasons(session: Session, *, not_over_on: date) -> tuple[tuple[Season, str], ...]:
    """Return the seasons that still take first submissions on that day, each with its affiliate's name."""
    found = session.execute(
        select(SeasonRow, OrganisationRow.name)
        .join(PortalRow, PortalRow.slug == SeasonRow.portal)
        .join(OrganisationRow, OrganisationRow.slug == PortalRow.organisation)
        .where(SeasonRow.last_submission >= not_over_on)
        .order_by(OrganisationRow.name, SeasonRow.opens_on)
    )
    return tuple((_season(row), name) for row, name in found)


def _season(row: SeasonRow) -> Season:
    return Season(**{name: getattr(row, name) for name in Season.__slots__})


def _application(row: ApplicationRow) -> Application:
    values = {name: getattr(row, name) for name in Application.__slots__}
    return Application(**{**values, "state": State(row.state)})


def _submissions(session: Session, where: ColumnElement[bool]) -> tuple[Submission, ...]:
    rows = session.scalars(select(SubmissionRow).where(where).order_by(SubmissionRow.number))
    return tuple(_submission(row) for row in rows)


def _submission(row: SubmissionRow) -> Submission:
    version, written, replies, pieces = read_content(row.content)
    return Submission(
        id=row.id,
        application=row.application,
        number=row.number,
        attempt=row.attempt,
        state=SubmissionState(row.state),
        version=version,
        answers=written,
        replies=replies,
        artefacts=pieces,
        statements=read_statements(row.statements) if row.statements else Statements(),
        submitted_at=row.submitted_at,
        expected_by=row.expected_by,
        decided_at=row.decided_at,
    )
