# SPDX-License-Identifier: Apache-2.0
"""Rows of what educators let affiliates see, and what an organisation knows of awards by its own ledger."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recognition.store.tables import ConsentRow, LedgerRow


@dataclass(frozen=True, slots=True)
class Consent:
    """An award that its educator lets an organisation see; ``withdrawn_at``: not any more."""

    id: str
    organisation: str
    person: str
    credential_id: str
    given_at: datetime
    withdrawn_at: datetime | None = None


def give(session: Session, *, organisation: str, person: str, credential_id: str, now: datetime) -> Consent:
    """Let the organisation see the award from now on; what was taken back begins anew."""
    row = _row(session, organisation, credential_id)
    if row is None:
        row = ConsentRow(id=str(uuid.uuid4()), organisation=organisation, credential_id=credential_id)
        row.person, row.given_at, row.withdrawn_at = person, now, None
        session.add(row)
    elif row.person != person or row.withdrawn_at is not None:
        row.person, row.given_at, row.withdrawn_at = person, now, None
    session.flush()
    return consent_of(row)


def withdraw(session: Session, organisation: str, credential_id: str, *, person: str, now: datetime) -> bool:
    """Take it back; False if there was nothing to take back."""
    row = _row(session, organisation, credential_id)
    if row is None or row.person != person or row.withdrawn_at is not None:
        return False
    row.withdrawn_at = now
    session.flush()
    return True


def find(session: Session, organisation: str, id: str) -> Consent | None:
    """Return a consent to the organisation that stands, or None."""
    row = session.scalar(
        select(ConsentRow).where(
            ConsentRow.organisation == organisation, ConsentRow.id == id, ConsentRow.withdrawn_at.is_(None)
        )
    )
    return None if row is None else consent_of(row)


def of_person(session: Session, person: str) -> tuple[Consent, ...]:
    """Return what a person lets organisations see now."""
    rows = session.scalars(
        select(ConsentRow)
        .where(ConsentRow.person == person, ConsentRow.withdrawn_at.is_(None))
        .order_by(ConsentRow.given_at, ConsentRow.id)
    )
    return tuple(consent_of(row) for row in rows)


def of_people(session: Session, organisation: str, people: Collection[str]) -> tuple[Consent, ...]:
    """Return what these people let the organisation see now."""
    rows = session.scalars(
        select(ConsentRow)
        .where(
            ConsentRow.organisation == organisation,
            ConsentRow.person.in_(people),
            ConsentRow.withdrawn_at.is_(None),
        )
        .order_by(ConsentRow.given_at, ConsentRow.id)
    )
    return tuple(consent_of(row) for row in rows)


def count(session: Session, organisation: str) -> int:
    """Return how many awards the organisation may see now."""
    query = select(func.count()).where(
        ConsentRow.organisation == organisation, ConsentRow.withdrawn_at.is_(None)
    )
    return session.scalar(query) or 0


def counted(session: Session, organisation: str, keys: Collection[str]) -> dict[str, dict[str, date]]:
    """Return by person the items that the organisation itself has counted, with the day of their award."""
    rows = session.execute(
        select(LedgerRow.person_key, LedgerRow.item, LedgerRow.awarded_on).where(
            LedgerRow.organisation == organisation,
            LedgerRow.person_key.in_(keys),
            LedgerRow.reversed_at.is_(None),
            LedgerRow.item != "",
        )
    )
    found: dict[str, dict[str, date]] = {}
    for key, item, awarded in rows:
        found.setdefault(key, {})[item] = awarded
    return found


def _row(session: Session, organisation: str, credential_id: str) -> ConsentRow | None:
    return session.scalar(
        select(ConsentRow).where(
            ConsentRow.organisation == organisation, ConsentRow.credential_id == credential_id
        )
    )


def consent_of(row: ConsentRow) -> Consent:
    """Return a row as a value."""
    return Consent(
        id=row.id,
        organisation=row.organisation,
        person=row.person,
        credential_id=row.credential_id,
        given_at=row.given_at,
        withdrawn_at=row.withdrawn_at,
    )
