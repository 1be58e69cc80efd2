# SPDX-License-Identifier: Apache-2.0
"""The pool of reviewers: who judges what, and what separates authors from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from earning.store.tables import (
    ApplicationRow,
    CommunityMemberRow,
    ReviewerRow,
    ReviewerSkillRow,
    ReviewRow,
    StackRow,
    SubmissionRow,
    VersionRow,
)
from service.accounts.tables import PersonRow


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the pool with its stacks and counts."""

    person: str
    organisation: str
    is_active: bool
    since: datetime
    stacks: tuple[str, ...]
    finished: int
    holding: int


@dataclass(frozen=True, slots=True)
class Places:
    """Schools and local associations, as typed."""

    schools: frozenset[str] = frozenset()
    locals: frozenset[str] = frozenset()

    def __or__(self, other: Places) -> Places:
        """Return the places of both."""
        return Places(self.schools | other.schools, self.locals | other.locals)


@dataclass(frozen=True, slots=True)
class Author:
    """Whose a submission is, and where they were when they sent it and are now."""

    person: str
    places: Places


def members(session: Session, organisations: frozenset[str]) -> tuple[Member, ...]:
    """Return the pool of these organisations."""
    query = select(ReviewerRow).join(PersonRow, PersonRow.id == ReviewerRow.person)
    query = query.where(ReviewerRow.organisation.in_(organisations), PersonRow.erased_at.is_(None))
    found = session.scalars(query).all()
    skills: dict[tuple[str, str], list[str]] = {}
    for skill in session.scalars(
        select(ReviewerSkillRow)
        .where(ReviewerSkillRow.organisation.in_(organisations))
        .order_by(ReviewerSkillRow.stack)
    ):
        skills.setdefault((skill.person, skill.organisation), []).append(skill.stack)
    counts = {
        (person, organisation, state): number
        for person, organisation, state, number in session.execute(
            select(ReviewRow.reviewer, VersionRow.issuer, ReviewRow.state, func.count())
            .join(SubmissionRow, SubmissionRow.id == ReviewRow.submission)
            .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
            .join(VersionRow, VersionRow.key == ApplicationRow.version)
            .where(VersionRow.issuer.in_(organisations))
            .group_by(ReviewRow.reviewer, VersionRow.issuer, ReviewRow.state)
        )
    }
    return tuple(
        Member(
            person=row.person,
            organisation=row.organisation,
            is_active=row.is_active,
            since=row.since,
            stacks=tuple(skills.get((row.person, row.organisation), ())),
            finished=counts.get((row.person, row.organisation, "finished"), 0),
            holding=counts.get((row.person, row.organisation, "leased"), 0),
        )
        for row in found
    )


def put(
    session: Session,
    person: str,
    organisation: str,
    stacks: Iterable[str],
    *,
    is_active: bool,
    now: datetime,
) -> None:
    """Write a row of the pool with exactly these stacks."""
    row = session.get(ReviewerRow, (person, organisation))
    if row is None:
        row = ReviewerRow(person=person, organisation=organisation, since=now)
        session.add(row)
    row.is_active = is_active
    remember(session, person)
    session.execute(
        delete(ReviewerSkillRow).where(
            ReviewerSkillRow.person == person, ReviewerSkillRow.organisation == organisation
        )
    )
    session.add_all(
        ReviewerSkillRow(person=person, organisation=organisation, stack=stack) for stack in stacks
    )
    session.flush()


def remember(session: Session, person: str) -> None:
    """Keep where a reviewer is now beside where they were; nobody gets out of a conflict by a new profile."""
    known = _of_reviewer(session, person) | _now(session, person)
    text = json.dumps({"schools": sorted(known.schools), "locals": sorted(known.locals)}, ensure_ascii=False)
    for row in session.scalars(select(ReviewerRow).where(ReviewerRow.person == person)):
        row.places = text
    session.flush()


def reviewer_places(session: Session, person: str) -> Places:
    """Return where a reviewer is and was."""
    return _of_reviewer(session, person) | _now(session, person)


def authors(session: Session, submissions: Iterable[str]) -> Mapping[str, Author]:
    """Return the author of each submission."""
    query = (
        select(SubmissionRow, PersonRow)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(PersonRow, PersonRow.id == ApplicationRow.person)
        .where(SubmissionRow.id.in_(list(submissions)))
    )
    return {
        sent.id: Author(person.id, _places(sent.school, sent.local) | _places(person.school, person.local))
        for sent, person in session.execute(query)
    }


def kept_places(session: Session, person: str) -> Places:
    """Return all schools and locals that are kept of somebody beside their profile."""
    query = (
        select(SubmissionRow.school, SubmissionRow.local)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .where(ApplicationRow.person == person)
    )
    kept = _of_reviewer(session, person)
    for school, local in session.execute(query):
        kept |= _places(school, local)
    return kept


def forget_places(session: Session, person: str) -> None:
    """Forget where a reviewer was."""
    session.execute(update(ReviewerRow).where(ReviewerRow.person == person).values(places="{}"))


def _of_reviewer(session: Session, person: str) -> Places:
    kept = Places()
    for text in session.scalars(select(ReviewerRow.places).where(ReviewerRow.person == person)):
        read = json.loads(text)
        kept |= Places(frozenset(read.get("schools", ())), frozenset(read.get("locals", ())))
    return kept


def _now(session: Session, person: str) -> Places:
    row = session.get(PersonRow, person)
    return Places() if row is None else _places(row.school, row.local)


def _places(school: str, local: str) -> Places:
    return Places(frozenset({school} - {""}), frozenset({local} - {""}))


def stacks(session: Session) -> frozenset[str]:
    """Return the codes of all stacks."""
    return frozenset(session.scalars(select(StackRow.code)))


def skills(session: Session, person: str) -> Mapping[str, tuple[str, ...]]:
    """Return the stacks that somebody can judge, by organisation, where they are active."""
    rows = session.execute(
        select(ReviewerSkillRow.organisation, ReviewerSkillRow.stack)
        .join(
            ReviewerRow,
            (ReviewerRow.person == ReviewerSkillRow.person)
            & (ReviewerRow.organisation == ReviewerSkillRow.organisation),
        )
        .where(ReviewerSkillRow.person == person, ReviewerRow.is_active)
        .order_by(ReviewerSkillRow.organisation, ReviewerSkillRow.stack)
    )
    found: dict[str, list[str]] = {}
    for organisation, stack in rows:
        found.setdefault(organisation, []).append(stack)
    return {organisation: tuple(each) for organisation, each in found.items()}


def active(session: Session) -> tuple[str, ...]:
    """Return the ids of all who get work."""
    query = (
        select(ReviewerRow.person)
        .join(PersonRow, PersonRow.id == ReviewerRow.person)
        .where(ReviewerRow.is_active, PersonRow.erased_at.is_(None))
        .distinct()
    )
    return tuple(session.scalars(query.order_by(ReviewerRow.person)))


def communities(session: Session, people: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return the learning communities of each of ``people``."""
    found: dict[str, set[str]] = {person: set() for person in people}
    for row in session.scalars(select(CommunityMemberRow).where(CommunityMemberRow.person.in_(found))):
        found[row.person].add(row.community)
    return {person: frozenset(each) for person, each in found.items()}
