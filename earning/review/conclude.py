# SPDX-License-Identifier: Apache-2.0
"""What follows from a decision: its row, the state of the work, the award, the mail. All in one transaction.

``prepare`` reads what takes time, before the transaction; ``conclude`` joins the caller's. That nothing is
decided or awarded twice is kept by the database as well: a submission has one decision, an application one
award, and the issuer knows one award for each application.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from earning.errors import ReviewUnknownError, TransitionError, WorkChangedError
from earning.programme import Programme
from earning.review.decision import (
    Decision,
    Incomplete,
    Passed,
    Returned,
    Step,
    agreed,
    decide,
    is_sampled,
)
from earning.review.readings import Review
from earning.review.rubric import Reading, Rubric, rubric, settled_by
from earning.store import cases
from earning.store import reviews as rows
from earning.store import work as work_rows
from earning.work import deadlines, feedback
from earning.work.applications import Act, Application, State, step
from earning.work.evidence import evidence
from earning.work.submissions import Submission, SubmissionState
from issuer import achievements, issuance
from issuer.achievement import Achievement
from issuer.award import AwardRequest, Evidence
from service import audit, mail, zones
from service.accounts import people
from service.mail import Letter

GRACE: Final = timedelta(days=14)  # from an incomplete submission to the due date at the least


@dataclass(frozen=True, slots=True)
class Work:
    """A submission with everything that a decision about it needs.

    Attributes:
        rubric: With what earlier rounds have settled.
    """

    application: Application
    submission: Submission
    achievement: Achievement
    rubric: Rubric

    @property
    def title(self) -> str:
        """Title of the micro-credential."""
        return self.achievement.micro_credential.title


def load(programme: Programme, session: Any, submission: str) -> Work:
    """Return the work behind a submission, as it stands in ``session``.

    Raises:
        ReviewUnknownError: There is none.
    """
    found = work_rows.any_submission(session, submission)
    if found is None:
        raise ReviewUnknownError("There is no such work.", got=submission[:40])
    application = work_rows.any_application(session, found.application)
    if application is None:
        raise ReviewUnknownError("There is no such work.", got=submission[:40])
    achievement = achievements.get(programme.mint, application.version)
    told = feedback.read(
        each for each in work_rows.decisions(session, application.id) if each[0] < found.number
    )
    settled = settled_by(
        [
            {
                name: each.level
                for name, each in one.criteria.items()
                if each.is_met and each.level is not None
            }
            for one in told
        ]
    )
    return Work(
        application=application,
        submission=found,
        achievement=achievement,
        rubric=rubric(achievement.micro_credential, settled=settled),
    )


def next_step(programme: Programme, work: Work, readings: Sequence[Reading]) -> Step:
    """Return what follows from these readings of ``work``."""
    sampled = is_sampled(work.submission.id, programme.settings.second_reading_percent)
    return decide(work.rubric, readings, sampled=sampled)


def prepare(programme: Programme, work: Work, decision: Step) -> tuple[Evidence, ...]:
    """Return the evidence of an award, whose files are read and digested; nothing for any other step."""
    return evidence(programme, work.submission) if isinstance(decision, Passed) else ()


def move(session: Any, application: Application, act: Act, **values: Any) -> State:
    """Take an application one step on, in the caller's transaction; return where it is then.

    Raises:
        TransitionError: That is not possible from where it is.
        WorkChangedError: It was changed at this very moment.
    """
    state = step(application.state, act)
    if not work_rows.change(session, application, state=state, **values):
        raise WorkChangedError("This work was changed at the same moment. Please look again.")
    return state


def conclude(
    programme: Programme,
    session: Any,
    work: Work,
    decision: Decision,
    readings: Sequence[Review],
    *,
    pieces: tuple[Evidence, ...] = (),
    tells: bool = True,
    now: datetime,
) -> None:
    """Write down ``decision`` with everything that follows from it; ``tells`` posts the mail about it too.

    Raises:
        TransitionError: The work is not in review, or it is being looked into.
        WorkChangedError: It was decided before.
    """
    require_unpaused(session, work)
    compared = agreed(work.rubric, [each.draft.reading for each in readings])
    outcome = _OUTCOMES[type(decision)]
    if not rows.decide(
        session,
        work.submission.id,
        outcome,
        json.dumps(content(decision), ensure_ascii=False),
        readings=len(readings),
        agreed=compared,
        now=now,
    ):
        raise WorkChangedError("This work was decided before.")
    if isinstance(decision, Passed):
        _pass(programme, session, work, decision, pieces, now=now)
    elif isinstance(decision, Incomplete):
        _hand_back(session, work, now=now)
    else:
        move(session, work.application, Act.RETURN)
    audit.record(
        session,
        actor="system",
        action=f"submission.{outcome}",
        subject=f"submission:{work.submission.id}",
        detail={"application": work.application.id, "readings": len(readings)},
        now=now,
    )
    if tells and not isinstance(decision, Passed):
        tell(session, work, now=now)


def require_unpaused(session: Any, work: Work) -> None:
    """Refuse to go on while suspected misconduct is being looked into; nobody learns of it from this.

    Raises:
        TransitionError: It is.
    """
    if cases.is_paused(session, work.application):
        raise TransitionError("This work is being looked at, so nothing is decided at the moment.")


def content(decision: Decision) -> dict[str, object]:
    """Return a decision as the JSON that the educator's page is made of."""
    told: dict[str, object] = {"outcome": _OUTCOMES[type(decision)], "words": decision.words, "criteria": {}}
    if isinstance(decision, Incomplete):
        return {**told, "missing": list(decision.missing)}
    criteria = {
        name: {"level": each.level, "met": each.met, "comment": each.comment}
        for name, each in decision.criteria.items()
    }
    return {**told, "criteria": criteria}


def tell(session: Any, work: Work, *, now: datetime) -> None:
    """Post the mail that says that an answer is there; what it says never travels."""
    author = people.get(session, work.application.person)
    letter = Letter(
        kind="returned",
        to=author.email,
        name=author.name,
        person=author.id,
        subject=f"Feedback is ready for {work.title}",
        template="earning/mail/returned",
        values={"title": work.title, "path": f"/work/{work.application.id}"},
        thread=f"application:{work.application.id}",
    )
    mail.post(session, letter, key=f"returned:{work.submission.id}", now=now)


def _hand_back(session: Any, work: Work, *, now: datetime) -> None:
    """Nothing was judged: the educator goes on with the draft, and has a fair time for it.

    Unless something was judged before, the due date binds again, as it does for who has sent nothing; it is
    moved to the end of the day GRACE from now where it would come earlier, so that no work expires by this.
    """
    application = work.application
    zone = application.zone
    fair = zones.last_second(deadlines.local_day(now + GRACE, zone), zone)
    is_first = not any(
        each.state is SubmissionState.DECIDED and each.id != work.submission.id
        for each in work_rows.submissions(session, application.id)
    )
    values: dict[str, Any] = {"due_at": max(application.due_at, fair)}
    if is_first:
        values["submitted_at"] = None
    if application.revise_by is not None:
        values["revise_by"] = max(application.revise_by, fair)
    move(session, application, Act.FIND_INCOMPLETE, **values)


def _pass(
    programme: Programme,
    session: Any,
    work: Work,
    decision: Passed,
    pieces: tuple[Evidence, ...],
    *,
    now: datetime,
) -> None:
    author = people.get(session, work.application.person)
    key = f"application:{work.application.id}"
    request = AwardRequest(
        achievement=work.application.version,
        email=author.email,
        name=author.name or None,
        hides_name=bool(author.name),
        submission=work.application.id,
        awarded_at=now,
        levels=tuple(decision.levels.items()),
        evidence=pieces,
        activity_start=min(work.application.applied_at, work.submission.submitted_at),
        activity_end=work.submission.submitted_at,
        idempotency_key=key,
        request_digest=hashlib.sha256(f"{key}:{work.submission.id}".encode()).hexdigest(),
    )
    written = issuance.award(programme.mint, request, now=now, actor="system")
    # The day of the decision is the day of the award, however long signing takes.
    move(session, work.application, Act.PASS, award=written.award.key, ended_at=now)


_OUTCOMES: Final[Mapping[type, str]] = {Passed: "passed", Returned: "returned", Incomplete: "incomplete"}
