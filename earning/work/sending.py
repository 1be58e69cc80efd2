# SPDX-License-Identifier: Apache-2.0
"""Sending work in: all parts together, once complete, as often as needed.

What is sent is written down as a snapshot with its statements, in one transaction with the change of state,
the audit line and the mail. Sending twice sends once.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from earning.errors import IncompleteError, TransitionError, WorkFieldError
from earning.programme import Programme
from earning.store import cases
from earning.store import work as rows
from earning.store.publishing import choose
from earning.work import deadlines, drafting, letters
from earning.work.applications import WITH_REVIEWERS, Act, Application, State, step
from earning.work.applying import changed
from earning.work.submissions import (
    AI_WORDS_CHARS,
    PRIVATE,
    PUBLIC,
    Draft,
    Gap,
    Statements,
    Submission,
    SubmissionState,
    content,
    read_content,
    statement_gaps,
)
from earning.work.work import Workplace, workplace
from service import audit
from service.accounts.people import Person


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is still missing before the work can be sent."""

    gaps: tuple[Gap, ...]
    statement_gaps: tuple[Gap, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.gaps and not self.statement_gaps


def readiness(work: Workplace, statements: Statements, *, publishes: bool = False) -> Readiness:
    """Return what is missing in ``work`` and among ``statements``; ``publishes`` if a piece is public."""
    return Readiness(work.gaps, statement_gaps(statements, publishes=publishes))


def disclosed(draft: Draft, public: Collection[str]) -> Draft:
    """Return ``draft`` with the pieces in ``public`` public, and all others private."""
    pieces = (
        replace(piece, disclosure=PUBLIC if piece.id in public else PRIVATE) for piece in draft.artefacts
    )
    return replace(draft, artefacts=tuple(pieces))


def last_statements(work: Workplace) -> Statements:
    """Return what was stated the last time, so that nothing is asked twice; nothing before the first time.

    The statements themselves are made anew each time; what was written beside them is kept.
    """
    if not work.submissions:
        return Statements()
    return replace(
        work.submissions[-1].statements, students=False, own_work=False, judged=False, publish=False
    )


def submit(
    programme: Programme,
    id: str,
    statements: Statements,
    *,
    person: Person,
    revision: int,
    shows_name: bool,
    public: Collection[str] = (),
    now: datetime,
) -> Submission:
    """Send the work to the reviewers, and return what was sent.

    Work that is with the reviewers already is not sent again: the submission that waits is returned.

    Args:
        programme: The opened room.
        id: The application.
        statements: What the educator states.
        person: The educator.
        revision: Of the application, as the page had shown it.
        shows_name: Whether the award may show the name.
        public: Ids of the pieces that are to be public with the award; all others are private.
        now: When.

    Raises:
        IncompleteError: Something is missing.
        WorkUnknownError: It is not this educator's.
        WorkChangedError: It was changed since the page was opened.
        TransitionError: It is over.
        TimeOverError: The last second has passed.
        WorkFieldError: A statement is too long.
    """
    with programme.db.transaction() as session:
        work = workplace(programme, id, person=person.id)
        application = work.application
        if application.state in WITH_REVIEWERS:
            waiting = [each for each in work.submissions if each.state is SubmissionState.WAITING]
            if waiting:
                return waiting[-1]
        drafting.require_open(work, now)
        state = step(application.state, Act.SUBMIT)
        if application.revision != revision:
            raise changed()
        draft = disclosed(work.draft, public)
        publishes = any(piece.is_public for piece in draft.artefacts)
        statements = replace(statements, publish=statements.publish and publishes)
        _require_complete(work, statements, publishes=publishes)
        sent = _written(programme, work, statements, now=now)
        snapshot = content(application.version, draft)
        version, answers, replies, artefacts = read_content(snapshot)
        sent = replace(sent, version=version, answers=answers, replies=replies, artefacts=artefacts)
        rows.add_submission(session, sent, snapshot)
        choose(session, application.id, [piece.id for piece in artefacts if piece.is_public])
        if not rows.change(
            session,
            application,
            state=state,
            submitted_at=application.submitted_at or now,
            shows_name=shows_name,
        ):
            raise changed()
        _record(programme, "application.submitted", application, number=sent.number, now=now)
        letters.received(
            programme,
            person,
            application,
            title=work.assignment.title,
            number=sent.number,
            days=programme.settings.review_days,
            expected=deadlines.local_day(sent.expected_by, application.zone),
            now=now,
        )
    for job in ("mail", "review-waiting"):
        programme.ring(job)
    return sent


def take_back(programme: Programme, id: str, *, person: str, now: datetime) -> None:
    """Take the submission back that waits, as long as no reviewer has begun; it counts as never sent.

    Raises:
        WorkUnknownError: It is not this educator's.
        TransitionError: A reviewer has begun, or nothing waits; it is being looked at; or the time for
            sending it again is over.
    """
    with programme.db.transaction() as session:
        work = workplace(programme, id, person=person)
        application = work.application
        if application.state is State.IN_REVIEW:
            raise TransitionError(
                "A reviewer has begun to read it, so it cannot be taken back. You will hear of them soon."
            )
        state = step(application.state, Act.TAKE_BACK)
        if cases.is_paused(session, application):
            raise TransitionError("It is being looked at, so it cannot be taken back at the moment.")
        waiting = next(each for each in work.submissions if each.state is SubmissionState.WAITING)
        earlier = any(each.state is SubmissionState.DECIDED for each in work.submissions)
        back = replace(application, state=state, submitted_at=application.submitted_at if earlier else None)
        if deadlines.is_over(back, now):
            raise TransitionError(
                "Your last day has passed, so you could not send it again. It stays with the reviewers."
            )
        if not rows.change(session, application, state=state, submitted_at=back.submitted_at):
            raise changed()
        rows.set_submission(
            session, waiting.id, was=SubmissionState.WAITING, becomes=SubmissionState.WITHDRAWN
        )
        _record(programme, "application.taken-back", application, number=waiting.number, now=now)


def _require_complete(work: Workplace, statements: Statements, *, publishes: bool) -> None:
    if len(statements.ai_words) > AI_WORDS_CHARS or len(statements.shared_with) > AI_WORDS_CHARS:
        raise WorkFieldError(f"Up to {AI_WORDS_CHARS:,} characters fit here.", path="ai_words")
    missing = readiness(work, statements, publishes=publishes)
    if not missing.is_ready:
        total = len(missing.gaps) + len(missing.statement_gaps)
        what = "Something" if missing.gaps else "Your work is complete, but a statement"
        sentence = f"{what} is still missing, so it was not sent. Everything is saved."
        raise IncompleteError(sentence, got=total, expected=0)


def _written(programme: Programme, work: Workplace, statements: Statements, *, now: datetime) -> Submission:
    counted = (SubmissionState.WAITING, SubmissionState.DECIDED)
    return Submission(
        id=str(uuid.uuid4()),
        application=work.application.id,
        number=max((each.number for each in work.submissions), default=0) + 1,
        attempt=sum(each.state in counted for each in work.submissions) + 1,
        state=SubmissionState.WAITING,
        version=work.application.version,
        answers={},
        replies={},
        artefacts=(),
        statements=statements,
        submitted_at=now,
        expected_by=now + timedelta(days=programme.settings.review_days),
        decided_at=None,
    )


def _record(
    programme: Programme, action: str, application: Application, *, number: int, now: datetime
) -> None:
    with programme.db.transaction() as session:
        audit.record(
            session,
            actor=f"person:{application.person}",
            action=action,
            subject=f"application:{application.id}",
            detail={"number": number},
            now=now,
        )
