# SPDX-License-Identifier: Apache-2.0
"""A year that never was: a few hundred applications with their answers, for figures, pictures and benchmarks.

``fill`` writes rows as the steps would have left them, without mails, files and signed credentials; the same
``seed`` gives the same year. Nothing in it is about anybody.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from earning.programme import Programme
from earning.store.tables import (
    ApplicationRow,
    CommunityDateRow,
    CommunityMemberRow,
    CommunityRow,
    DecisionRow,
    PortalRow,
    ReviewerRow,
    ReviewerSkillRow,
    ReviewRow,
    SubmissionRow,
    VersionRow,
    VersionStackRow,
)
from earning.work import deadlines
from earning.work.applications import State
from service.accounts import organisations
from service.accounts.organisations import Organisation
from service.accounts.tables import MembershipRow, PersonRow

STATES: Final = ("WA", "WA", "VT", "MA", "NH", "OH", "")
PORTALS: Final = {"WA": "wa", "VT": "vt", "MA": "ma", "NH": "nh"}
FIRST_NAMES: Final = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gia", "Hal", "Ida", "Jo", "Kai", "Lea")
LAST_NAMES: Final = ("Ames", "Bell", "Cruz", "Diaz", "Egan", "Ford", "Gray", "Hale", "Ito", "Jung", "Kerr")
LOCALS: Final = ("Rivertown EA", "Lakeside EA", "Hill County EA", "Old Harbor EA")


@dataclass(frozen=True, slots=True)
class Year:
    """Who is in it."""

    educators: tuple[str, ...]
    reviewers: tuple[str, ...]
    applications: tuple[str, ...]


class _Chronicle:
    """Writes one year; everything by chance comes from one generator."""

    def __init__(self, session: Session, *, now: datetime, issuer: str, seed: int) -> None:
        self.session = session
        self.now = now
        self.issuer = issuer
        self.chance = random.Random(seed)  # noqa: S311  a made-up year, no secret
        self.portals = set(session.scalars(select(PortalRow.slug)))

    def id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def person(self, number: int, kind: str) -> str:
        name = f"{self.chance.choice(FIRST_NAMES)} {self.chance.choice(LAST_NAMES)}"
        row = PersonRow(
            id=self.id(),
            email=f"{kind}{number}@history.example",
            email_key=f"{kind}{number}@history.example",
            name=name,
            zone="America/New_York",
            language="en",
            job="teachers",
            school=f"School {self.chance.randrange(40)}",
            local=self.chance.choice(LOCALS),
            state=self.chance.choice(STATES),
            is_member=self.chance.random() < 0.85,
            password=None,
            password_at=None,
            created_at=self.now - timedelta(days=400),
            confirmed_at=self.now - timedelta(days=400),
            erased_at=None,
        )
        self.session.add(row)
        return row.id

    def reviewer(self, number: int, stacks: Sequence[str]) -> str:
        id = self.person(number, "reviewer")
        since = self.now - timedelta(days=380)
        self.session.flush()
        self.session.add(
            ReviewerRow(person=id, organisation=self.issuer, is_active=number % 7 != 6, since=since)
        )
        self.session.add(
            MembershipRow(person=id, organisation=self.issuer, role="reviewer", granted_at=since)
        )
        for stack in self.chance.sample(list(stacks), k=min(3, len(stacks))):
            self.session.add(ReviewerSkillRow(person=id, organisation=self.issuer, stack=stack))
        return id

    def application(self, person: PersonRow, version: VersionRow, reviewers: Sequence[str]) -> str:
        applied = self.now - timedelta(hours=self.chance.randrange(24 * 370))
        portal = PORTALS.get(person.state)
        row = ApplicationRow(
            id=self.id(),
            person=person.id,
            version=version.key,
            portal=portal if portal in self.portals else None,
            season=None,
            state=State.DRAFT,
            revision=0,
            zone=person.zone,
            applied_at=applied,
            due_at=deadlines.due(applied, person.zone),
            revise_by=None,
            submitted_at=None,
            ended_at=None,
            shows_name=False,
            wants_reminders=True,
            award=None,
        )
        self.session.add(row)
        self.session.flush()
        if self.chance.random() < 0.12:  # never handed in
            if row.due_at < self.now:
                row.state, row.ended_at = State.EXPIRED, row.due_at
            return row.id
        at = applied + timedelta(hours=24 * 7 + self.chance.randrange(24 * 90))
        number = 0
        while at < self.now:
            number += 1
            at = self._round(row, number, at, reviewers)
            if row.state in (State.AWARDED, State.SUBMITTED, State.IN_REVIEW):
                break
        return row.id

    def _round(self, row: ApplicationRow, number: int, at: datetime, reviewers: Sequence[str]) -> datetime:
        """Send in, wait, be answered; return when the next round begins."""
        row.submitted_at = row.submitted_at or at
        patience = self.chance.lognormvariate(1.7, 0.6)
        decided = at + timedelta(days=patience)
        submission = SubmissionRow(
            id=self.id(),
            application=row.id,
            number=number,
            attempt=number,
            state="waiting",
            content=json.dumps(
                {"version": row.version, "answers": {}, "replies": {}, "artefacts": []}
            ).encode(),
            statements="{}",
            submitted_at=at,
            expected_by=at + timedelta(days=14),
            decided_at=None,
        )
        self.session.add(submission)
        self.session.flush()
        row.state = State.SUBMITTED
        if decided >= self.now:
            if self.chance.random() < 0.3:
                row.state = State.IN_REVIEW
                self._reading(submission.id, self.chance.choice(reviewers), 1, at, None)
            return decided
        passes = self.chance.random() < (0.42 if number == 1 else 0.75)
        outcome = "passed" if passes else "returned"
        first, second = self.chance.sample(list(reviewers), 2)
        self._reading(submission.id, first, 1, decided, "pass" if passes else "return")
        agreed = None
        if self.chance.random() < 0.15:
            agreed = self.chance.random() < 0.85
            other = passes if agreed else not passes
            self._reading(submission.id, second, 2, decided, "pass" if other else "return")
        self.session.add(
            DecisionRow(
                submission=submission.id,
                outcome=outcome,
                content=json.dumps({"outcome": outcome, "words": "", "criteria": {}}),
                readings=1 if agreed is None else 2,
                agreed=agreed,
                decided_at=decided,
            )
        )
        submission.state, submission.decided_at = "decided", decided
        row.state = State.AWARDED if passes else State.RETURNED
        row.ended_at = decided if passes else None
        return decided + timedelta(days=3 + self.chance.randrange(40))

    def _reading(
        self, submission: str, reviewer: str, reading: int, at: datetime, outcome: str | None
    ) -> None:
        self.session.add(
            ReviewRow(
                id=self.id(),
                submission=submission,
                reviewer=reviewer,
                reading=reading,
                state="finished" if outcome else "leased",
                outcome=outcome,
                words="",
                note="",
                missing="[]",
                revision=0,
                prolonged=0,
                leased_at=at - timedelta(hours=2),
                leased_until=at + timedelta(days=3),
                finished_at=at if outcome else None,
            )
        )

    def community(self, number: int, members: Sequence[str], codes: Sequence[str]) -> str:
        local = LOCALS[number % len(LOCALS)]
        row = CommunityRow(
            id=self.id(),
            name=f"{local} learners {number + 1}",
            about="We meet on Thursdays after school and read each other's rubrics.",
            portal=None,
            local=local,
            contact=f"community{number}@history.example",
            is_listed=number % 3 != 2,
            invite=hashlib.sha256(f"history {number}".encode()).hexdigest(),
            started_by=members[0],
            started_at=self.now - timedelta(days=300 - number),
            ended_at=None,
        )
        self.session.add(row)
        self.session.flush()
        for at, person in enumerate(members):
            role = "lead" if at == 0 else "mentor" if at == len(members) - 1 and at > 3 else "member"
            self.session.add(
                CommunityMemberRow(
                    community=row.id,
                    person=person,
                    role=role,
                    shows_name=at % 3 != 1,
                    wants_mail=True,
                    joined_at=row.started_at + timedelta(days=at),
                )
            )
        for at, code in enumerate(codes):
            day = (self.now + timedelta(days=20 * (at + 1))).date()
            self.session.add(
                CommunityDateRow(id=self.id(), community=row.id, code=code, title="First full draft", day=day)
            )
        return row.id


def fill(
    programme: Programme,
    *,
    now: datetime,
    educators: int = 160,
    reviewers: int = 12,
    communities: int = 8,
    issuer: str = "example-education",
    seed: int = 7,
) -> Year:
    """Write the year before ``now``: about two applications for each educator.

    The catalogue must be there. Twice in one house is once too often: addresses would stand there twice.
    """
    with programme.db.transaction() as session:
        organisations.put(
            session, Organisation(issuer, "Example Education", "programme"), actor="history", now=now
        )
        chronicle = _Chronicle(session, now=now, issuer=issuer, seed=seed)
        versions = session.scalars(
            select(VersionRow).where(VersionRow.issuer == issuer).order_by(VersionRow.position)
        ).all()
        stacks = sorted(set(session.scalars(select(VersionStackRow.stack))))
        readers = [chronicle.reviewer(number, stacks) for number in range(reviewers)]
        learners = [chronicle.person(number, "educator") for number in range(educators)]
        session.flush()
        applications = []
        for id in learners:
            person = session.get_one(PersonRow, id)
            chosen = chronicle.chance.sample(
                list(versions), k=min(len(versions), chronicle.chance.choice((1, 2, 2, 3)))
            )
            applications += [chronicle.application(person, version, readers) for version in chosen]
        for number in range(communities):
            size = chronicle.chance.randrange(4, 9)
            members = learners[number * 9 : number * 9 + size]
            if members:
                chronicle.community(number, members, [version.code for version in versions[:2]])
    return Year(educators=tuple(learners), reviewers=tuple(readers), applications=tuple(applications))
