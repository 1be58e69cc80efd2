# SPDX-License-Identifier: Apache-2.0
"""What a programme manager sees of applications: where they are, what was decided, and what was sent.

Drafts are the educator's own and are not read here. What was submitted may be read, because reviewers read it
too and cases need it; each such reading leaves an audit line (threats P1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earning.errors import OversightUnknownError
from earning.programme import Programme
from earning.store import figures as counted
from earning.store import oversight as rows
from earning.store import work
from earning.store.oversight import Asked, Extension, Filter, Listed
from earning.work import deadlines, feedback
from earning.work.applications import Application
from earning.work.feedback import Feedback
from earning.work.submissions import Submission
from issuer import achievements, profiles
from issuer.micro_credential import MicroCredential
from service import audit
from service.accounts import people
from service.accounts.people import Person, Role
from service.errors import NoSuchPersonError

PAGE: Final = 50  # applications on one page
QUESTIONS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """One page of applications; ``after`` leads to the next one, "" on the last."""

    found: tuple[Listed, ...]
    after: str


@dataclass(frozen=True, slots=True)
class History:
    """An application's way so far, without anything that the educator has not sent.

    Attributes:
        name: Of the educator; "" after erasure.
        ends_at: The last second for the next submission, if there is one.
        submissions: What was sent, with moments and states.
        answers: What reviewers decided on which submission.
    """

    application: Application
    title: str
    name: str
    email: str
    ends_at: datetime | None
    submissions: tuple[Submission, ...]
    answers: tuple[Feedback, ...]
    extensions: tuple[Extension, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission as it was sent, with the assignment that it answers and the feedback on it."""

    application: Application
    title: str
    assignment: MicroCredential
    submission: Submission
    answer: Feedback | None


def search(programme: Programme, manager: Person, asked: Filter, *, after: str) -> Page:
    """Return a page of the applications of the manager's programmes."""
    with programme.db.reading() as session:
        found = rows.search(session, manager.organisations(Role.MANAGER), asked, after=after, limit=PAGE + 1)
    return Page(found=found[:PAGE], after=found[PAGE - 1].id if len(found) > PAGE else "")


def history(programme: Programme, manager: Person, id: str) -> History:
    """Return the history of an application.

    Raises:
        OversightUnknownError: None of the manager's programmes has it.
    """
    application, title = _find(programme, manager, id)
    with programme.db.reading() as session:
        try:
            person = people.get(session, application.person)
            name, email = person.name, person.email
        except NoSuchPersonError:
            name, email = "", ""
        return History(
            application=application,
            title=title,
            name=name,
            email=email,
            ends_at=deadlines.ends_at(application),
            submissions=work.submissions(session, id),
            answers=feedback.read(work.decisions(session, id)),
            extensions=rows.extensions(session, id),
        )


def read(programme: Programme, manager: Person, id: str, number: int, *, now: datetime) -> Sent:
    """Return what was sent; that the manager has read it is written down.

    Raises:
        OversightUnknownError: None of the manager's programmes has it.
    """
    application, title = _find(programme, manager, id)
    with programme.db.transaction() as session:
        found = next((each for each in work.submissions(session, id) if each.number == number), None)
        if found is None:
            raise OversightUnknownError("There is nothing here.")
        answers = feedback.read(work.decisions(session, id))
        audit.record(
            session,
            actor=f"person:{manager.id}",
            action="submission.read-by-manager",
            subject=f"application:{id}",
            detail={"submission": found.id},
            now=now,
        )
    return Sent(
        application=application,
        title=title,
        assignment=achievements.get(programme.mint, application.version).micro_credential,
        submission=found,
        answer=next((each for each in answers if each.number == number), None),
    )


def names(programme: Programme, ids: tuple[str, ...]) -> Mapping[str, str]:
    """Return the names of people who granted something, as far as they are still known."""
    found = {}
    with programme.db.reading() as session:
        for id in set(ids):
            try:
                found[id] = people.get(session, id).name
            except NoSuchPersonError:
                found[id] = "somebody whose account was erased"
    return found


def questions(programme: Programme, person: Person) -> tuple[Asked, ...]:
    """Return what was asked at the portals of a manager or affiliate officer, the newest first."""
    managed, affiliates = person.organisations(Role.MANAGER), person.organisations(Role.AFFILIATE)
    with programme.db.reading() as session:
        portals = {
            *counted.portals_of(session, managed, with_children=True),
            *counted.portals_of(session, affiliates),
        }
        # What was asked at no portal is the matter of those who manage a programme that issues.
        issuers = {each.slug for each in profiles.every(programme.mint)}
        return rows.questions(session, portals, general=bool(managed & issuers), limit=QUESTIONS_MAX)


def _find(programme: Programme, manager: Person, id: str) -> tuple[Application, str]:
    with programme.db.reading() as session:
        found = rows.find(session, id, manager.organisations(Role.MANAGER))
    if found is None:
        raise OversightUnknownError("There is nothing here.")
    return found[0], found[1]
