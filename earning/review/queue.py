# SPDX-License-Identifier: Apache-2.0
"""What waits for a reviewer, what is with them, and their own figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from earning.programme import Programme
from earning.review import conclude
from earning.review.readings import Review, ReviewState, organisations
from earning.review.reviewers import Party, are_separate
from earning.store import pool as pool_rows
from earning.store import reviews as rows
from earning.store.reviews import Waiting
from service import mail
from service.accounts import people
from service.accounts.people import Person
from service.mail import Letter

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """A reviewer's own figures, for that reviewer alone; they are never compared with those of others.

    Attributes:
        compared: Readings beside which a second one stands, and ``agreed`` those that came to the same.
        median_days: From taking to finishing; None without any.
    """

    finished: int
    compared: int
    agreed: int
    median_days: float | None


@dataclass(frozen=True, slots=True)
class Held:
    """Work that is with the reviewer, and what it is about."""

    review: Review
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Queue:
    """What a reviewer sees first. ``oldest`` is since when the oldest fitting work waits."""

    held: tuple[Held, ...]
    waiting: int
    oldest: datetime | None
    figures: Figures
    is_in_pool: bool


def queue(programme: Programme, person: Person) -> Queue:
    """Return what is with this reviewer, and how much waits."""
    with programme.db.reading() as session:
        waiting = fitting(session, person)
        held = []
        for each in rows.of_person(session, person.id, ReviewState.LEASED):
            achievement = conclude.load(programme, session, each.submission).achievement
            if achievement.issuer in organisations(person):
                assignment = achievement.micro_credential
                held.append(Held(review=each, code=assignment.code, title=assignment.title))
        return Queue(
            held=tuple(held),
            waiting=len(waiting),
            oldest=waiting[0].submitted_at if waiting else None,
            figures=_figures(session, person),
            is_in_pool=bool(pool_rows.skills(session, person.id)),
        )


def fitting(session: Any, person: Person) -> tuple[Waiting, ...]:
    """Return what waits, fits, and is by nobody from whom this reviewer must keep apart."""
    found = rows.waiting(session, person.id, organisations(person))
    apart = _apart(session, person, [each.submission for each in found])
    return tuple(each for each in found if each.submission in apart)


def is_separate(session: Any, person: Person, submission: str) -> bool:
    """Tell whether this reviewer may judge this submission, as things stand now."""
    return submission in _apart(session, person, [submission])


def _apart(session: Any, person: Person, submissions: list[str]) -> frozenset[str]:
    """Return those of ``submissions`` from whose authors nothing keeps this reviewer."""
    authors = pool_rows.authors(session, submissions)
    together = pool_rows.communities(session, {person.id, *(each.person for each in authors.values())})
    reviewer = Party(person.id, pool_rows.reviewer_places(session, person.id), together[person.id])
    return frozenset(
        submission
        for submission, author in authors.items()
        if are_separate(Party(author.person, author.places, together[author.person]), reviewer)
    )


def call(programme: Programme, *, now: datetime) -> int:
    """Tell each reviewer for whom work waits, at most once in a day; the job "review-waiting"."""
    with programme.db.reading() as session:
        active = pool_rows.active(session)
    told = 0
    for id in active:
        with programme.db.transaction() as session:
            person = people.get(session, id)
            waiting = len(fitting(session, person))
            ending = sum(
                each.leased_until - now < DAY for each in rows.of_person(session, id, ReviewState.LEASED)
            )
            if waiting + ending and not mail.posted_since(
                session, person.email, since=now - DAY, kinds=("review-waiting",)
            ):
                letter = Letter(
                    kind="review-waiting",
                    to=person.email,
                    name=person.name,
                    person=person.id,
                    subject="Work is waiting for a review" if waiting else "A review of yours is ending",
                    template="earning/mail/review-waiting",
                    values={"waiting": waiting, "ending": ending, "path": "/reviews"},
                )
                told += mail.post(session, letter, key=f"review-waiting:{id}:{now:%Y-%m-%d}", now=now)
    if told:
        programme.ring("mail")
    return told


def _figures(session: Any, person: Person) -> Figures:
    done = rows.of_person(session, person.id, ReviewState.FINISHED)
    compared = rows.decision_agreed(session, [each.submission for each in done])
    days = [(each.finished_at - each.leased_at) / DAY for each in done if each.finished_at is not None]
    return Figures(
        finished=len(done),
        compared=len(compared),
        agreed=sum(compared.values()),
        median_days=round(median(days), 1) if days else None,
    )
