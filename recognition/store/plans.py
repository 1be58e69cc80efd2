# SPDX-License-Identifier: Apache-2.0
"""Plans that people have saved: one for each of them and each policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from recognition.store.tables import PlanRow


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as it was saved: the fields of its form, by name."""

    policy: str
    fields: Mapping[str, str]
    saved_at: datetime


def save(session: Session, person: str, policy: str, fields: Mapping[str, str], *, now: datetime) -> None:
    """Keep the plan in place of the one that there was."""
    session.merge(PlanRow(person=person, policy=policy, facts=dict(fields), saved_at=now))


def of_person(session: Session, person: str) -> tuple[SavedPlan, ...]:
    """Return what a person has saved, the newest first."""
    wanted = select(PlanRow).where(PlanRow.person == person)
    rows = session.scalars(wanted.order_by(PlanRow.saved_at.desc(), PlanRow.policy))
    return tuple(_plan(row) for row in rows)


def find(session: Session, person: str, policy: str) -> SavedPlan | None:
    """Return the plan that a person has saved for a policy."""
    row = session.get(PlanRow, (person, policy))
    return None if row is None else _plan(row)


def remove(session: Session, person: str, policy: str | None = None) -> int:
    """Forget a plan, or with no ``policy`` all of a person's; return how many there were."""
    wanted = select(PlanRow.policy).where(PlanRow.person == person)
    if policy is not None:
        wanted = wanted.where(PlanRow.policy == policy)
    found = tuple(session.scalars(wanted))
    session.execute(delete(PlanRow).where(PlanRow.person == person, PlanRow.policy.in_(found)))
    return len(found)


def _plan(row: PlanRow) -> SavedPlan:
    return SavedPlan(row.policy, {name: str(value) for name, value in row.facts.items()}, row.saved_at)
