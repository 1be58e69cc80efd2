# SPDX-License-Identifier: Apache-2.0
"""Cases: student data that was seen, and suspected misconduct. A flag opens a case and is never a verdict.

- *Student data*: what was flagged is set aside at once, so that nobody else sees it; the submission goes back
  as incomplete, in neutral words; educator and managers are told.
- *Misconduct*: the review pauses, and whoever flagged reads this submission no more. The educator hears of it
  from the manager (``notify``), with the reason and a fair time to answer, and not from the flag.
- An award is denied only by a case that is closed with notice given, ANSWER_TIME gone by, and more than half
  of all votes for it (promise E32). Otherwise the review goes on with another reviewer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from earning.errors import CaseError, ReviewFieldError, ReviewUnknownError
from earning.programme import Programme
from earning.review import case_letters, conclude, review
from earning.review.decision import Incomplete
from earning.review.readings import TEXT_CHARS, Review, ReviewState, require_running
from earning.review.rubric import Outcome
from earning.store import cases as rows
from earning.store import reviews as review_rows
from earning.store import work as work_rows
from earning.store.cases import Case
from earning.work.applications import Act
from earning.work.submissions import SubmissionState
from service import audit
from service.accounts.people import Person, Role

STUDENT_DATA: Final = "student-data"
MISCONDUCT: Final = "misconduct"
ANSWER_TIME: Final = timedelta(days=14)  # from the notice to the vote, so that the educator can answer
VOTES_MOST: Final = 1_000  # of one kind; no committee is larger

NEUTRAL: Final = (
    "Something in what you sent may let a student be recognised, so we have set it aside and nobody else "
    "sees it. Please replace it by a version in which nobody can be recognised, and send your work again. "
    "Nothing was judged, and this does not count as an attempt."
)


def flag_student_data(
    programme: Programme,
    person: Person,
    id: str,
    *,
    artefact: str | None,
    text: str,
    now: datetime,
) -> None:
    """Set aside what may let a student be recognised, at once, and send the work back as incomplete.

    Args:
        programme: The opened room.
        person: The reviewer.
        id: The review.
        artefact: The piece of evidence; None for the texts, and then the whole submission is set aside.
        text: What the managers should look at.
        now: When.

    Raises:
        ReviewUnknownError: The review is not theirs, or the submission has no such piece.
        LeaseError: The work is not with them any more.
    """
    with programme.db.transaction() as session:
        found = _running(session, id, person, text, now=now)
        work = conclude.load(programme, session, found.submission)
        pieces = [each.id for each in work.submission.artefacts]
        if artefact is not None and artefact not in pieces:
            raise ReviewUnknownError("There is no such piece of evidence.", got=artefact[:40])
        review_rows.set_artefacts(session, pieces if artefact is None else [artefact], "quarantined")
        case = _open(session, found, STUDENT_DATA, text, artefact=artefact, now=now)
        if not review_rows.change(
            session,
            found,
            state=str(ReviewState.FINISHED),
            outcome=str(Outcome.INCOMPLETE),
            words=NEUTRAL,
            finished_at=now,
        ):
            raise CaseError("This review was changed in another window. Please look again.")
        done = review_rows.finished(session, found.submission)
        conclude.conclude(programme, session, work, Incomplete((), NEUTRAL), done, tells=False, now=now)
        case_letters.set_aside(session, work, case, now=now)
        case_letters.to_managers(session, work, case, now=now)
    programme.ring("mail")


def flag_misconduct(programme: Programme, person: Person, id: str, *, text: str, now: datetime) -> None:
    """Open a case, give the work back, and let its review wait until the case is closed.

    Raises:
        ReviewUnknownError: The review is not theirs.
        LeaseError: The work is not with them any more.
        ReviewFieldError: There are no words about what was seen.
    """
    if not text.strip():
        raise ReviewFieldError("Say what you have seen, so that others can look at it.", path="text")
    with programme.db.transaction() as session:
        found = _running(session, id, person, text, now=now)
        work = conclude.load(programme, session, found.submission)
        case = _open(session, found, MISCONDUCT, text, artefact=None, now=now)
        review.give_back(session, found, ReviewState.RELEASED, now=now)
        case_letters.to_managers(session, work, case, now=now)
    programme.ring("mail")


def every(programme: Programme, manager: Person) -> tuple[Case, ...]:
    """Return the cases of the manager's programmes, open ones first; none about their own work."""
    with programme.db.reading() as session:
        return rows.every(session, manager.organisations(Role.MANAGER), not_about=manager.id)


def get(programme: Programme, manager: Person, id: str) -> Case:
    """Return a case of one of the manager's programmes.

    Raises:
        ReviewUnknownError: There is none.
    """
    with programme.db.reading() as session:
        return _case(session, id, manager)


def notify(programme: Programme, manager: Person, id: str, *, words: str, now: datetime) -> Case:
    """Tell the educator of a case of misconduct: what it is about, and that there is time to answer.

    Raises:
        ReviewUnknownError: There is no such case.
        ReviewFieldError: There are no words.
        CaseError: It is closed, not about misconduct, or the educator was told before.
    """
    if not words.strip() or len(words) > TEXT_CHARS:
        raise ReviewFieldError(f"Write what it is about, in up to {TEXT_CHARS:,} characters.", path="words")
    with programme.db.transaction() as session:
        case = _case(session, id, manager)
        if case.kind != MISCONDUCT or case.noticed_at is not None or not case.is_open:
            raise CaseError("There is nothing to tell: notice was given, or the case is closed.")
        rows.change(session, id, noticed_at=now)
        case_letters.about(
            session, case, "case-notice", {"words": words, "until": now + ANSWER_TIME}, now=now
        )
        _record(session, "case.noticed", case, manager, now=now)
        told = _case(session, id, manager)
    programme.ring("mail")
    return told


def close(
    programme: Programme,
    manager: Person,
    id: str,
    *,
    outcome: str,
    restore: bool = False,
    now: datetime,
) -> Case:
    """Close a case without a denial; a paused review goes on with another reviewer.

    Args:
        programme: The opened room.
        manager: Who closes it.
        id: The case.
        outcome: What came of it, for the record.
        restore: Of student data: that it was none, so the evidence can be used again.
        now: When.

    Raises:
        ReviewUnknownError: There is no such case.
        ReviewFieldError: There are no words about what came of it.
        CaseError: It is closed.
    """
    with programme.db.transaction() as session:
        case = _close(session, id, manager, outcome, now=now)
        if restore and case.kind == STUDENT_DATA:
            submission = work_rows.any_submission(session, case.submission)
            pieces = [each.id for each in submission.artefacts] if submission else []
            review_rows.restore_artefacts(session, pieces if case.artefact is None else [case.artefact])
        if case.kind == MISCONDUCT and case.noticed_at is not None:
            case_letters.about(session, case, "case-closed", {"words": outcome}, now=now)
        closed = _case(session, id, manager)
    programme.ring("mail")
    return closed


def deny(
    programme: Programme,
    manager: Person,
    id: str,
    *,
    votes: tuple[int, int, int],
    outcome: str,
    now: datetime,
) -> Case:
    """Close a case of misconduct with the committee's vote that there is no award.

    Args:
        programme: The opened room.
        manager: Who enters it.
        id: The case.
        votes: For denying, against, abstained.
        outcome: The reason, which the educator is told.
        now: When.

    Raises:
        ReviewUnknownError: There is no such case.
        ReviewFieldError: There is no reason.
        CaseError: Notice, time to answer or majority is missing, or it is closed.
        TransitionError: The work has gone on; an award is taken back by its issuer.
    """
    with programme.db.transaction() as session:
        case = _case(session, id, manager)
        require_vote(case.kind, case.noticed_at, votes, now=now)
        _close(
            session,
            id,
            manager,
            outcome,
            now=now,
            votes_for=votes[0],
            votes_against=votes[1],
            votes_abstained=votes[2],
        )
        for each in review_rows.of_submission(session, case.submission):
            if each.state is ReviewState.LEASED:
                review.give_back(session, each, ReviewState.RELEASED, now=now)
        application = work_rows.any_application(session, case.application)
        if application is None:
            raise ReviewUnknownError("There is no such work.", got=case.application)
        conclude.move(session, application, Act.DENY, ended_at=now)
        work_rows.set_submission(
            session, case.submission, was=SubmissionState.WAITING, becomes=SubmissionState.DECIDED
        )
        case_letters.about(session, case, "case-denied", {"words": outcome}, now=now)
        closed = _case(session, id, manager)
    programme.ring("mail")
    return closed


def require_vote(
    kind: str, noticed_at: datetime | None, votes: tuple[int, int, int], *, now: datetime
) -> None:
    """Refuse a denial that the rules do not carry.

    Raises:
        CaseError: It is not about misconduct, or notice, time to answer or majority is missing.
    """
    for_it, against, abstained = votes
    if kind != MISCONDUCT:
        raise CaseError("Only a case of misconduct can end with a denial.", got=kind)
    if noticed_at is None:
        raise CaseError("The educator has to be told first, and to have time to answer.")
    if now < noticed_at + ANSWER_TIME:
        raise CaseError(f"The educator has {ANSWER_TIME.days} days to answer before there is a vote.")
    if not all(0 <= each <= VOTES_MOST for each in votes) or for_it <= against + abstained:
        raise CaseError("Without a majority of all votes for it, nothing is denied.", got=str(votes))


def _running(session: Any, id: str, person: Person, text: str, *, now: datetime) -> Review:
    found = review_rows.mine(session, id, person)
    if found is None:
        raise ReviewUnknownError("There is no such review here.", got=id[:40])
    require_running(found, now=now)
    if len(text) > TEXT_CHARS:
        raise ReviewFieldError(f"Up to {TEXT_CHARS:,} characters fit.", path="text", got=len(text))
    return found


def _open(session: Any, found: Review, kind: str, text: str, *, artefact: str | None, now: datetime) -> str:
    case = rows.add(
        session,
        submission=found.submission,
        artefact=artefact,
        kind=kind,
        text=text.strip(),
        opened_by=found.reviewer,
        now=now,
    )
    audit.record(
        session,
        actor=f"person:{found.reviewer}",
        action="case.opened",
        subject=f"case:{case}",
        detail={"kind": kind, "submission": found.submission, "artefact": artefact},
        now=now,
    )
    return case


def _close(session: Any, id: str, manager: Person, outcome: str, *, now: datetime, **votes: int) -> Case:
    if not outcome.strip() or len(outcome) > TEXT_CHARS:
        raise ReviewFieldError(f"Write what came of it, in up to {TEXT_CHARS:,} characters.", path="outcome")
    case = _case(session, id, manager)
    values = {"state": "closed", "closed_by": manager.id, "closed_at": now, "outcome": outcome.strip()}
    if not rows.change(session, id, **values, **votes):
        raise CaseError("This case is closed already.")
    _record(session, "case.denied" if votes else "case.closed", case, manager, now=now)
    return case


def _case(session: Any, id: str, manager: Person) -> Case:
    found = rows.find(session, id, manager.organisations(Role.MANAGER), not_about=manager.id)
    if found is None:
        raise ReviewUnknownError("There is no such case here.", got=id[:40])
    return found


def _record(session: Any, action: str, case: Case, manager: Person, *, now: datetime) -> None:
    audit.record(session, actor=f"person:{manager.id}", action=action, subject=f"case:{case.id}", now=now)
