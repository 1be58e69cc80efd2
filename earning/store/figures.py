# SPDX-License-Identifier: Apache-2.0
"""What the programme's figures are made of: courses, answers, waiting work, readings. No contents.

``Scope`` says what a caller may count; an empty one counts nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from earning.management.figures import Answer, Course, Reading, Waiting
from earning.store.tables import (
    ApplicationRow,
    CommunityMemberRow,
    CommunityRow,
    DecisionRow,
    PortalRow,
    ReviewRow,
    SubmissionRow,
    VersionRow,
    VersionStackRow,
)
from earning.work.applications import State
from service.accounts.tables import OrganisationRow, PersonRow


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which programmes and which portals somebody may see figures."""

    issuers: frozenset[str] = frozenset()
    portals: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return not self.issuers and not self.portals


def portals_of(
    session: Session, organisations: Collection[str], *, with_children: bool = False
) -> tuple[str, ...]:
    """Return the portals of organisations, and of those that belong to them."""
    query = select(PortalRow.slug).join(OrganisationRow, OrganisationRow.slug == PortalRow.organisation)
    mine: ColumnElement[bool] = OrganisationRow.slug.in_(organisations)
    if with_children:
        mine = or_(mine, OrganisationRow.parent.in_(organisations))
    return tuple(session.scalars(query.where(mine).order_by(PortalRow.slug)))


def courses(session: Session, scope: Scope, *, since: datetime) -> tuple[Course, ...]:
    """Return every application of the scope that was begun since then."""
    decided = _first_decisions(session, scope)
    grouped = set(
        session.scalars(
            select(CommunityMemberRow.person)
            .join(CommunityRow, CommunityRow.id == CommunityMemberRow.community)
            .where(CommunityMemberRow.role != "mentor")
            .distinct()
        )
    )
    query = (
        select(ApplicationRow, VersionRow.code, VersionRow.title, VersionStackRow.stack, PersonRow)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .join(PersonRow, PersonRow.id == ApplicationRow.person)
        .outerjoin(
            VersionStackRow,
            (VersionStackRow.version == VersionRow.key) & (VersionStackRow.position == 0),
        )
        .where(within(scope), ApplicationRow.applied_at >= since)
        .order_by(ApplicationRow.applied_at, ApplicationRow.id)
    )
    found = []
    for application, code, title, stack, person in session.execute(query):
        outcome, at = decided.get(application.id, (None, None))
        state = State(application.state)
        found.append(
            Course(
                application=application.id,
                person=person.id,
                code=code,
                title=title,
                stack=stack or "",
                state=person.state,
                portal=application.portal or "",
                is_member=person.is_member,
                in_community=person.id in grouped,
                status=state,
                applied_at=application.applied_at,
                passed_first=None if outcome is None else outcome == "passed",
                decided_at=at,
                awarded_at=application.ended_at if state is State.AWARDED else None,
            )
        )
    return tuple(found)


def answers(session: Session, scope: Scope, *, since: datetime) -> tuple[Answer, ...]:
    """Return the decisions since then, also that something was incomplete."""
    query = (
        select(ApplicationRow.person, SubmissionRow.submitted_at, DecisionRow.decided_at)
        .join(SubmissionRow, SubmissionRow.id == DecisionRow.submission)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(within(scope), DecisionRow.decided_at >= since)
    )
    return tuple(
        Answer(person=person, submitted_at=submitted_at, decided_at=decided_at)
        for person, submitted_at, decided_at in session.execute(query)
    )


def waiting(session: Session, scope: Scope, *, limit: int | None = None) -> tuple[Waiting, ...]:
    """Return what nobody has answered yet, the oldest first."""
    query = (
        select(SubmissionRow, ApplicationRow.state, VersionRow.title, ApplicationRow.person)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(within(scope), SubmissionRow.state == "waiting")
        .order_by(SubmissionRow.submitted_at, SubmissionRow.id)
        .limit(limit)
    )
    return tuple(
        Waiting(
            application=row.application,
            title=title,
            attempt=row.number,
            submitted_at=row.submitted_at,
            expected_by=row.expected_by,
            is_being_read=state == State.IN_REVIEW,
            person=person,
        )
        for row, state, title, person in session.execute(query)
    )


def waiting_stacks(session: Session, scope: Scope) -> tuple[str, ...]:
    """Return the first-named stack of each submission that waits, once for each."""
    query = (
        select(VersionStackRow.stack)
        .join(VersionRow, VersionRow.key == VersionStackRow.version)
        .join(ApplicationRow, ApplicationRow.version == VersionRow.key)
        .join(SubmissionRow, SubmissionRow.application == ApplicationRow.id)
        .where(within(scope), SubmissionRow.state == "waiting", VersionStackRow.position == 0)
    )
    return tuple(session.scalars(query))


def readings(session: Session, scope: Scope, *, since: datetime) -> tuple[Reading, ...]:
    """Return the readings finished since then."""
    query = (
        select(ReviewRow.submission, ReviewRow.reviewer, ReviewRow.outcome)
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.submission)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(within(scope), ReviewRow.state == "finished", ReviewRow.finished_at >= since)
    )
    return tuple(
        Reading(submission=submission, reviewer=reviewer, outcome=outcome or "")
        for submission, reviewer, outcome in session.execute(query)
    )


def communities(session: Session, scope: Scope) -> tuple[int, int]:
    """Return how many communities with applicants of the scope go on, and how many people are in them."""
    applicants = (
        select(CommunityMemberRow.community)
        .join(ApplicationRow, ApplicationRow.person == CommunityMemberRow.person)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(within(scope))
    )
    going_on = (CommunityRow.ended_at.is_(None), CommunityRow.id.in_(applicants))
    people = (
        select(func.count(CommunityMemberRow.person.distinct()))
        .join(CommunityRow, CommunityRow.id == CommunityMemberRow.community)
        .where(*going_on)
    )
    number = select(func.count()).select_from(CommunityRow).where(*going_on)
    return session.scalar(number) or 0, session.scalar(people) or 0


def within(scope: Scope) -> Any:
    """Return the condition on applications and versions that a scope is."""
    if scope.is_empty:
        return false()
    return or_(VersionRow.issuer.in_(scope.issuers), ApplicationRow.portal.in_(scope.portals))


def _first_decisions(session: Session, scope: Scope) -> dict[str, tuple[str, datetime]]:
    """Return outcome and moment of the first decision on each application; incomplete work is none."""
    query = (
        select(SubmissionRow.application, DecisionRow.outcome, DecisionRow.decided_at)
        .join(SubmissionRow, SubmissionRow.id == DecisionRow.submission)
        .join(ApplicationRow, ApplicationRow.id == SubmissionRow.application)
        .join(VersionRow, VersionRow.key == ApplicationRow.version)
        .where(within(scope), DecisionRow.outcome != "incomplete")
        .order_by(SubmissionRow.number.desc())
    )
    return {application: (outcome, at) for application, outcome, at in session.execute(query)}
