# SPDX-License-Identifier: Apache-2.0
"""What an educator has under way, as frozen values: applications, drafts, submissions and the word on them.

Whoever is no jobs' runner and no reviewer names the educator; somebody else's work is then unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from earning.errors import WorkUnknownError
from earning.programme import Programme
from earning.store import artefacts as artefact_rows
from earning.store import work as rows
from earning.work import feedback
from earning.work.applications import Application, State
from earning.work.feedback import Feedback
from earning.work.submissions import (
    Answer,
    Artefact,
    Draft,
    Gap,
    Statements,
    Submission,
    SubmissionState,
    gaps,
    text_places,
)
from issuer import achievements
from issuer.micro_credential import MicroCredential

__all__ = [
    "Answer",
    "Application",
    "Artefact",
    "Draft",
    "Gap",
    "State",
    "Statements",
    "Submission",
    "SubmissionState",
    "Workplace",
    "application",
    "applications",
    "assignment",
    "submission",
    "submissions",
    "workplace",
]


@dataclass(frozen=True, slots=True)
class Workplace:
    """One application with all that its educator sees of it.

    Attributes:
        assignment: The version that was applied for.
        answers: What is written, by place.
        artefacts: What was added.
        submissions: What was sent, the first one first.
        feedback: What reviewers said, the latest last.
    """

    application: Application
    assignment: MicroCredential
    answers: Mapping[str, Answer]
    artefacts: tuple[Artefact, ...]
    submissions: tuple[Submission, ...]
    feedback: tuple[Feedback, ...]

    @property
    def draft(self) -> Draft:
        """What would be sent now."""
        return Draft({place: answer.text for place, answer in self.answers.items()}, self.artefacts)

    @property
    def latest(self) -> Feedback | None:
        """The latest word of the reviewers."""
        return self.feedback[-1] if self.feedback else None

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Criteria whose comment asks for an answer before the work is sent again."""
        return self.latest.open_criteria if self.latest is not None else ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing."""
        return gaps(self.assignment, self.draft, unanswered=self.unanswered)

    @property
    def places(self) -> tuple[str, ...]:
        """Where one may write."""
        return text_places(self.assignment, self.unanswered)


def application(programme: Programme, id: str, *, person: str) -> Application:
    """Return this educator's application.

    Raises:
        WorkUnknownError: There is none of this id, or it is somebody else's.
    """
    with programme.db.reading() as session:
        found = rows.find(session, id, person=person)
    if found is None:
        raise unknown()
    return found


def applications(programme: Programme, person: str) -> tuple[Application, ...]:
    """Return all applications of an educator, the earliest due first."""
    with programme.db.reading() as session:
        return rows.of_person(session, person)


def assignment(programme: Programme, version: str) -> MicroCredential:
    """Return the assignment behind a pinned version; it stays readable when the version is closed."""
    return achievements.get(programme.mint, version).micro_credential


def workplace(programme: Programme, id: str, *, person: str) -> Workplace:
    """Return one application with everything in it.

    Raises:
        WorkUnknownError: There is none of this id, or it is somebody else's.
    """
    with programme.db.reading() as session:
        found = application(programme, id, person=person)
        return Workplace(
            application=found,
            assignment=assignment(programme, found.version),
            answers=rows.answers(session, id),
            artefacts=artefact_rows.artefacts(session, id),
            submissions=rows.submissions(session, id),
            feedback=feedback.read(rows.decisions(session, id)),
        )


def submission(programme: Programme, id: str) -> Submission:
    """Return a submission, whoever's it is: for reviewers, after their own check that it is theirs to read.

    Raises:
        WorkUnknownError: There is none.
    """
    with programme.db.reading() as session:
        found = rows.any_submission(session, id)
    if found is None:
        raise unknown()
    return found


def submissions(programme: Programme, application: str) -> tuple[Submission, ...]:
    """Return everything that was sent for an application, whoever's it is, the first one first."""
    with programme.db.reading() as session:
        return rows.submissions(session, application)


def unknown() -> WorkUnknownError:
    """Return the answer for what is not there, or is somebody else's."""
    return WorkUnknownError("There is no page here, or it is not yours.")
