# SPDX-License-Identifier: Apache-2.0
"""Reviews, ratings and decisions. What is somebody's own is found through that somebody (threats E3)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from earning.review.readings import Draft, Review, ReviewState, organisations
from earning.review.rubric import Outcome, Rating
from earning.store import cases
from earning.store.tables import (
    ApplicationRow,
    ArtefactRow,
    DecisionRow,
    RatingRow,
    ReviewerRow,
    ReviewerSkillRow,
    ReviewRow,
    SubmissionRow,
    VersionRow,
    VersionStackRow,
)
from earning.work.applications import State
from service.accounts.people import Person


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that waits for a reading."""

    submission: str
    application: str
    submitted_at: datetime


def waiting(session: Session, person: str, organisations: frozenset[str]) -> tuple[Waiting, ...]:
    """Return what waits in ``organisations`` for a reader with the skills of ``person``, the oldest first.

    Their own work and what they have read, hold or gave back is left out, and so is what is looked into and
    what they have flagged before; what else separates them from an author is not looked at here.
    """
    fits = exists().where(
        VersionStackRow.version == ApplicationRow.version,
        ReviewerSkillRow.stack == VersionStackRow.stack,
        ReviewerSkillRow.person == person,
        ReviewerSkillRow.organisation == VersionRow.issuer,
        ReviewerRow.person == person,
        ReviewerRow.organisation == VersionRow.issuer,
        ReviewerRow.is_active,
    )
    known = exists().where(
        ReviewRow.submission == SubmissionRow.id,
        ReviewRow.reviewer == person,
        ReviewRow.state != ReviewState.LAPSED,
    )
    taken = exists().where(ReviewRow.submission == SubmissionRow.id, ReviewRow.state == ReviewState.LEASED)
    theirs = (ApplicationRow.person, ApplicationRow.version)
    query = (
        select(SubmissionRow)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(
            SubmissionRow.state == "waiting",
            ApplicationRow.state == State.SUBMITTED,
            ApplicationRow.person != person,
            VersionRow.issuer.in_(organisations),
            fits,
            ~known,
            ~taken,
            ~cases.pauses(*theirs),
            ~cases.opened_by(person, *theirs),
        )
        .order_by(SubmissionRow.submitted_at, SubmissionRow.id)
    )
    return tuple(
        Waiting(
            submission=row.id,
            application=row.application,
            submitted_at=row.submitted_at,
        )
        for row in session.scalars(query)
    )


def lease(session: Session, submission: str, person: str, *, until: datetime, now: datetime) -> Review | None:
    """Give ``submission`` to ``person``; None if somebody else was faster, or it may not be theirs.

    What the same person wrote before their time ran out comes along.
    """
    number = session.scalar(
        select(func.count()).where(
            ReviewRow.submission == submission, ReviewRow.state == ReviewState.FINISHED
        )
    )
    before = session.scalar(
        select(ReviewRow)
        .where(
            ReviewRow.submission == submission,
            ReviewRow.reviewer == person,
            ReviewRow.state == ReviewState.LAPSED,
        )
        .order_by(ReviewRow.leased_at.desc())
        .limit(1)
    )
    row = ReviewRow(
        id=str(uuid.uuid4()),
        submission=submission,
        reviewer=person,
        reading=(number or 0) + 1,
        state=str(ReviewState.LEASED),
        outcome=before.outcome if before else None,
        words=before.words if before else "",
        note=before.note if before else "",
        missing=before.missing if before else "[]",
        revision=0,
        prolonged=0,
        leased_at=now,
        leased_until=until,
        finished_at=None,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return None
    if before is not None:
        _put_ratings(session, row.id, _ratings(session, [before.id]).get(before.id, {}))
    return _review(row, _ratings(session, [row.id]))


def mine(session: Session, id: str, person: Person) -> Review | None:
    """Return this person's review for an organisation that they review for now, or None."""
    theirs = (
        select(SubmissionRow.id)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(VersionRow.issuer.in_(organisations(person)))
    )
    where = (ReviewRow.id == id, ReviewRow.reviewer == person.id, ReviewRow.submission.in_(theirs))
    return next(iter(_reviews(session, *where)), None)


def of_person(session: Session, person: str, state: ReviewState) -> tuple[Review, ...]:
    """Return the reviews of a person in one state, the first one to end first."""
    return _reviews(session, ReviewRow.reviewer == person, ReviewRow.state == state)


def of_submission(session: Session, submission: str) -> tuple[Review, ...]:
    """Return all reviews of a submission, whoever's, in the order of their time."""
    return _reviews(session, ReviewRow.submission == submission)


def finished(session: Session, submission: str) -> tuple[Review, ...]:
    """Return the finished readings of a submission, the first one first."""
    found = _reviews(session, ReviewRow.submission == submission, ReviewRow.state == ReviewState.FINISHED)
    return tuple(sorted(found, key=lambda each: each.reading))


def overdue(session: Session, now: datetime) -> tuple[Review, ...]:
    """Return what is with a reviewer although its time is over, or its work is not in review any more."""
    gone = exists().where(
        SubmissionRow.id == ReviewRow.submission,
        ApplicationRow.id == SubmissionRow.application,
        ApplicationRow.state != State.IN_REVIEW,
    )
    return _reviews(session, ReviewRow.state == ReviewState.LEASED, (ReviewRow.leased_until <= now) | gone)


def save(session: Session, review: Review, draft: Draft) -> bool:
    """Write a draft and count the change; False if it was changed since ``review`` was read."""
    done = change(
        session,
        review,
        outcome=str(Outcome.INCOMPLETE) if draft.is_incomplete else None,
        words=draft.words,
        note=draft.note,
        missing=json.dumps(draft.missing),
    )
    if done:
        session.execute(delete(RatingRow).where(RatingRow.review == review.id))
        _put_ratings(session, review.id, draft.ratings)
    return done


def change(session: Session, review: Review, **values: Any) -> bool:
    """Set ``values`` of a review and count the change; False if it was changed since it was read."""
    done = session.execute(
        update(ReviewRow)
        .where(
            ReviewRow.id == review.id,
            ReviewRow.revision == review.revision,
            ReviewRow.state == str(review.state),
        )
        .values(revision=review.revision + 1, **values)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def decide(
    session: Session,
    submission: str,
    outcome: str,
    content: str,
    *,
    readings: int,
    agreed: bool | None,
    now: datetime,
) -> bool:
    """Write down what became of a submission; False if that was decided before or it does not wait."""
    is_incomplete = outcome == "incomplete"
    values: dict[str, Any] = {"state": "incomplete" if is_incomplete else "decided", "decided_at": now}
    if is_incomplete:
        values["attempt"] = None
    done = session.execute(
        update(SubmissionRow)
        .where(SubmissionRow.id == submission, SubmissionRow.state == "waiting")
        .values(**values)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    session.add(
        DecisionRow(
            submission=submission,
            outcome=outcome,
            content=content,
            readings=readings,
            agreed=agreed,
            decided_at=now,
        )
    )
    session.flush()
    return True


def decision_agreed(session: Session, submissions: Iterable[str]) -> Mapping[str, bool]:
    """Return whether the readings agreed, for those of ``submissions`` that were read more than once."""
    query = select(DecisionRow.submission, DecisionRow.agreed).where(
        DecisionRow.submission.in_(list(submissions)), DecisionRow.agreed.is_not(None)
    )
    return {submission: bool(agreed) for submission, agreed in session.execute(query)}


def passed(session: Session) -> tuple[str, ...]:
    """Return the applications that have passed and wait for their award, the first one first."""
    query = (
        select(ApplicationRow.id)
        .join(SubmissionRow, SubmissionRow.application == ApplicationRow.id)
        .where(ApplicationRow.state == State.PASSED)
        .group_by(ApplicationRow.id)
        .order_by(func.max(SubmissionRow.decided_at), ApplicationRow.id)
    )
    return tuple(session.scalars(query))


def artefact_states(session: Session, ids: Iterable[str]) -> Mapping[str, str]:
    """Return the state of each artefact."""
    rows = session.execute(select(ArtefactRow.id, ArtefactRow.state).where(ArtefactRow.id.in_(list(ids))))
    return {row[0]: row[1] for row in rows}


def set_artefacts(session: Session, ids: Iterable[str], state: str) -> None:
    """Set the state of artefacts."""
    session.execute(update(ArtefactRow).where(ArtefactRow.id.in_(list(ids))).values(state=state))


def restore_artefacts(session: Session, ids: Iterable[str]) -> None:
    """Make artefacts that were set aside usable again; one that was removed meanwhile stays removed."""
    session.execute(
        update(ArtefactRow)
        .where(
            ArtefactRow.id.in_(list(ids)),
            ArtefactRow.state == "quarantined",
            ArtefactRow.removed_at.is_(None),
        )
        .values(state="ready")
    )


def _reviews(session: Session, *where: Any) -> tuple[Review, ...]:
    rows = session.scalars(
        select(ReviewRow)
        .where(*where)
        .order_by(ReviewRow.leased_until, ReviewRow.id)
        .execution_options(populate_existing=True)
    ).all()
    ratings = _ratings(session, [row.id for row in rows])
    return tuple(_review(row, ratings) for row in rows)


def _ratings(session: Session, reviews: list[str]) -> dict[str, dict[str, Rating]]:
    found: dict[str, dict[str, Rating]] = {}
    for row in session.scalars(
        select(RatingRow).where(RatingRow.review.in_(reviews)).execution_options(populate_existing=True)
    ):
        found.setdefault(row.review, {})[row.criterion] = Rating(level=row.level, comment=row.comment)
    return found


def _put_ratings(session: Session, review: str, ratings: Mapping[str, Rating]) -> None:
    session.add_all(
        RatingRow(review=review, criterion=criterion, level=each.level, comment=each.comment)
        for criterion, each in ratings.items()
    )
    session.flush()


def _review(row: ReviewRow, ratings: Mapping[str, Mapping[str, Rating]]) -> Review:
    outcome = Outcome(row.outcome) if row.outcome else None
    return Review(
        id=row.id,
        submission=row.submission,
        reviewer=row.reviewer,
        reading=row.reading,
        state=ReviewState(row.state),
        outcome=outcome,
        draft=Draft(
            ratings=ratings.get(row.id, {}),
            words=row.words,
            note=row.note,
            missing=tuple(json.loads(row.missing)),
            is_incomplete=outcome is Outcome.INCOMPLETE,
        ),
        revision=row.revision,
        prolonged=row.prolonged,
        leased_at=row.leased_at,
        leased_until=row.leased_until,
        finished_at=row.finished_at,
    )
