# SPDX-License-Identifier: Apache-2.0
"""Reviewing, step by step: take the next one, rate, finish, give back, prolong.

Rules kept here:

- A reviewer gets the oldest work that fits their skills and from which nothing separates them; nobody chooses
  whose work it is, and two never have the same (``lease``).
- The work stays with its reviewer for ``lease_hours``, prolongable twice. Then the job "leases" gives it to
  the others; what was written is kept, and found again by the same reviewer.
- One transaction holds the reading, the decision, the state of the work, the award and the mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from earning.errors import (
    LeaseError,
    NothingWaitingError,
    ReadingUnfinishedError,
    ReviewChangedError,
    ReviewUnknownError,
)
from earning.programme import Programme
from earning.review import conclude, readings
from earning.review.decision import NeedsReading, Passed, Step
from earning.review.queue import fitting, is_separate
from earning.review.readings import Draft, Review, ReviewState
from earning.review.rubric import Gap, Reading
from earning.store import pool as pool_rows
from earning.store import reviews as rows
from earning.store import work as work_rows
from earning.work.applications import Act, State
from earning.work.submissions import artefact_place, prompt_place
from issuer.micro_credential import MicroCredential
from service import audit
from service.accounts.people import Person

HELD_MOST: Final = 5  # pieces of work that one reviewer holds at a time, so that others' work does not wait


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a finished reading: a decision, or one more reading."""

    step: Step

    @property
    def is_decided(self) -> bool:
        """Whether the educator gets an answer now."""
        return not isinstance(self.step, NeedsReading)


def lease(programme: Programme, person: Person, *, now: datetime, submission: str | None = None) -> Review:
    """Give the oldest fitting work to this reviewer; or ``submission``, if it is among what fits.

    Raises:
        NothingWaitingError: Nothing fits, or others were faster.
        LeaseError: They hold as much as one may.
    """
    hours = programme.settings.lease_hours
    with programme.db.transaction() as session:
        pool_rows.remember(session, person.id)
    with programme.db.transaction() as session:
        if len(rows.of_person(session, person.id, ReviewState.LEASED)) >= HELD_MOST:
            raise LeaseError(f"You hold {HELD_MOST} pieces of work. Finish one, or give one back, first.")
        for each in fitting(session, person):
            if submission not in (None, each.submission):
                continue
            review = rows.lease(
                session, each.submission, person.id, until=now + timedelta(hours=hours), now=now
            )
            application = work_rows.any_application(session, each.application)
            if review is None or application is None:
                continue
            conclude.move(session, application, Act.LEASE)
            _record(session, "review.leased", review, now=now)
            return review
        raise NothingWaitingError("Nothing that fits your skills waits at the moment.")


def rate(
    programme: Programme, person: Person, id: str, draft: Draft, *, revision: int | None = None, now: datetime
) -> Review:
    """Keep what the reviewer has chosen and written so far; return the review as it is then.

    After its time it is kept too, in case that the same reviewer takes the work again.

    Args:
        programme: The opened room.
        person: The reviewer.
        id: The review.
        draft: Everything that stands on the page.
        revision: What the page was made of; None to write whatever is there.
        now: When.

    Raises:
        ReviewUnknownError: It is not theirs.
        ReviewFieldError: Something in it does not fit.
        ReviewChangedError: It was changed in another window.
        LeaseError: It is finished or was given back; or its time is over, and then it was kept.
    """
    with programme.db.transaction() as session:
        review = _mine(session, id, person)
        if review.state not in (ReviewState.LEASED, ReviewState.LAPSED):
            raise LeaseError("This review is closed, so nothing more is written into it.", got=review.state)
        work = conclude.load(programme, session, review.submission)
        readings.check(work.rubric, draft, places(work.achievement.micro_credential))
        if revision not in (None, review.revision) or not rows.save(session, review, draft):
            raise ReviewChangedError("This review was changed in another window since this page was opened.")
        saved = _mine(session, id, person)
    if not saved.is_running(now):
        readings.require_running(saved, now=now)
    return saved


def gaps(programme: Programme, person: Person, id: str) -> tuple[Gap, ...]:
    """Return what keeps the review from being finished.

    Raises:
        ReviewUnknownError: It is not theirs.
    """
    with programme.db.reading() as session:
        review = _mine(session, id, person)
        return conclude.load(programme, session, review.submission).rubric.gaps(review.draft.reading)


def finish(
    programme: Programme, person: Person, id: str, *, revision: int | None = None, now: datetime
) -> Finished:
    """Finish the reading, and do what follows from it.

    Raises:
        ReviewUnknownError: It is not theirs.
        ReviewChangedError: It was changed since ``revision``.
        LeaseError: Its time is over, or it is closed; or it is not theirs to judge any more, and then it was
            given back.
        ReadingUnfinishedError: A level or comment is missing.
        TransitionError: The work is not in review any more; its author took it back, or it is being
            looked into.
    """
    _keep_apart(programme, person, id, now=now)
    with programme.db.reading() as session:
        review = _mine(session, id, person)
        work = conclude.load(programme, session, review.submission)
        step = conclude.next_step(programme, work, _readings(session, review))
    pieces = conclude.prepare(programme, work, step)
    with programme.db.transaction() as session:
        review = _mine(session, id, person)
        if revision not in (None, review.revision):
            raise ReviewChangedError("This review was changed in another window since this page was opened.")
        readings.require_running(review, now=now)
        work = conclude.load(programme, session, review.submission)
        conclude.require_unpaused(session, work)
        found = work.rubric.gaps(review.draft.reading)
        if found:
            raise ReadingUnfinishedError(found[0].sentence, got=len(found))
        outcome = work.rubric.outcome(review.draft.reading)
        _close(session, review, ReviewState.FINISHED, outcome=str(outcome), finished_at=now)
        done = rows.finished(session, review.submission)
        step = conclude.next_step(programme, work, [each.draft.reading for each in done])
        _record(session, "review.finished", review, now=now)
        if isinstance(step, NeedsReading):
            conclude.move(session, work.application, Act.RELEASE)
        else:
            conclude.conclude(programme, session, work, step, done, pieces=pieces, now=now)
    programme.ring("awards" if isinstance(step, Passed) else "mail")
    return Finished(step)


def _keep_apart(programme: Programme, person: Person, id: str, *, now: datetime) -> None:
    """Give the work back if something has come between its author and the reviewer since it was taken."""
    with programme.db.transaction() as session:
        pool_rows.remember(session, person.id)
        review = _mine(session, id, person)
        if review.state is not ReviewState.LEASED or is_separate(session, person, review.submission):
            return
        give_back(session, review, ReviewState.RELEASED, now=now)
    raise LeaseError("This work is not one for you to judge any more, so it went back to the others.")


def release(programme: Programme, person: Person, id: str, *, now: datetime) -> None:
    """Give the work back; somebody else gets it.

    Raises:
        ReviewUnknownError: It is not theirs.
        LeaseError: It is not with them any more.
    """
    with programme.db.transaction() as session:
        review = _mine(session, id, person)
        if review.state is not ReviewState.LEASED:
            raise LeaseError("This work is not with you any more.", got=review.state)
        give_back(session, review, ReviewState.RELEASED, now=now)


def prolong(programme: Programme, person: Person, id: str, *, now: datetime) -> Review:
    """Keep the work for longer, counted from now.

    Raises:
        ReviewUnknownError: It is not theirs.
        LeaseError: It is not with them any more, or was prolonged twice.
    """
    with programme.db.transaction() as session:
        review = _mine(session, id, person)
        until = readings.prolonged_until(review, hours=programme.settings.lease_hours, now=now)
        if not rows.change(
            session,
            review,
            leased_until=max(until, review.leased_until),
            prolonged=review.prolonged + 1,
        ):
            raise ReviewChangedError("This review was changed in another window. Please look again.")
        _record(session, "review.prolonged", review, now=now)
        return _mine(session, id, person)


def lapse(programme: Programme, *, now: datetime) -> int:
    """Give back to the queue what is with nobody any more; the job "leases". Return how many there were."""
    with programme.db.reading() as session:
        found = rows.overdue(session, now)
    done = 0
    for each in found:
        with programme.db.transaction() as session:
            review = next((one for one in rows.overdue(session, now) if one.id == each.id), None)
            if review is not None:
                give_back(session, review, ReviewState.LAPSED, now=now)
                done += 1
    return done


def give_back(session: Any, review: Review, state: ReviewState, *, now: datetime) -> None:
    """End a review without a reading, in the caller's transaction; work that was in review waits again."""
    _close(session, review, state)
    submission = work_rows.any_submission(session, review.submission)
    application = submission and work_rows.any_application(session, submission.application)
    if application and application.state is State.IN_REVIEW:
        conclude.move(session, application, Act.RELEASE)
    _record(session, f"review.{state}", review, now=now)


def places(assignment: MicroCredential) -> tuple[str, ...]:
    """Return every place of the assignment that may be found empty."""
    found = []
    for part in assignment.parts:
        found += [prompt_place(part.id, each) for each in part.prompts]
        found += [artefact_place(part.id, each) for each in part.artefacts]
    return tuple(dict.fromkeys(found))


def _readings(session: Any, review: Review) -> list[Reading]:
    """Return the finished readings of the submission, and this one after them."""
    before: Iterable[Review] = rows.finished(session, review.submission)
    return [*(each.draft.reading for each in before if each.id != review.id), review.draft.reading]


def _mine(session: Any, id: str, person: Person) -> Review:
    review = rows.mine(session, id, person)
    if review is None:
        raise ReviewUnknownError("There is no such review here.", got=id[:40])
    return review


def _close(session: Any, review: Review, state: ReviewState, **values: Any) -> None:
    if not rows.change(session, review, state=str(state), **values):
        raise ReviewChangedError("This review was changed in another window. Please look again.")


def _record(session: Any, action: str, review: Review, *, now: datetime) -> None:
    audit.record(
        session,
        actor=f"person:{review.reviewer}" if action != "review.lapsed" else "system",
        action=action,
        subject=f"submission:{review.submission}",
        detail={"review": review.id},
        now=now,
    )
