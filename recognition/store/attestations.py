# SPDX-License-Identifier: Apache-2.0
"""Rows of attestations, by organisation and person. Nothing is deleted here; what was wrong is voided."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from recognition.store.tables import AttestationRow

WORDS: Final = 8  # of a search that are looked for
BATCH: Final = 500  # digests in one question


@dataclass(frozen=True, slots=True)
class Stored:
    """An attestation with everything about its making.

    Attributes:
        person_key: Whom it is about: the normalised e-mail address.
        how: ``hand`` or ``csv``.
        same: Digest of what makes two of them one.
    """

    id: str
    organisation: str
    person_key: str
    event: str
    item: str
    award: str
    on: date
    hours: Decimal | None
    note: str
    by: str
    entered_by: str
    entered_at: datetime
    how: str
    same: str
    voided_at: datetime | None = None
    voided_by: str | None = None
    voided_why: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attestations are looked for; "" asks for nothing."""

    words: str = ""
    event: str = ""
    item: str = ""
    with_voided: bool = True
    claim: str = ""  # a claim whose person's are looked for; that person's address is in ``person``
    person: str = ""


def add(session: Session, new: Iterable[Stored]) -> None:
    """Write attestations; the caller has looked that there are none that are the same."""
    session.add_all(
        AttestationRow(
            id=each.id,
            organisation=each.organisation,
            person_key=each.person_key,
            event=each.event,
            item=each.item,
            award=each.award,
            on=each.on,
            hours=None if each.hours is None else str(each.hours),
            note=each.note,
            by=each.by,
            entered_by=each.entered_by,
            entered_at=each.entered_at,
            how=each.how,
            same=each.same,
        )
        for each in new
    )
    session.flush()


def fresh_id() -> str:
    """Return an id for a new row."""
    return str(uuid.uuid4())


def find(session: Session, organisation: str, id: str) -> Stored | None:
    """Return one attestation of the organisation, or None."""
    row = session.scalar(
        select(AttestationRow).where(AttestationRow.organisation == organisation, AttestationRow.id == id)
    )
    return None if row is None else _stored(row)


def standing(session: Session, organisation: str, same: Collection[str]) -> dict[str, Stored]:
    """Return those of the organisation's attestations with these digests that stand, by digest."""
    digests, found = sorted(same), {}
    for start in range(0, len(digests), BATCH):
        rows = session.scalars(
            select(AttestationRow).where(
                AttestationRow.organisation == organisation,
                AttestationRow.same.in_(digests[start : start + BATCH]),
                AttestationRow.voided_at.is_(None),
            )
        )
        found.update({row.same: _stored(row) for row in rows})
    return found


def void(session: Session, organisation: str, id: str, *, actor: str, why: str, now: datetime) -> bool:
    """Void an attestation that stands; False if there is none, or it was voided before."""
    done = session.execute(
        update(AttestationRow)
        .where(
            AttestationRow.organisation == organisation,
            AttestationRow.id == id,
            AttestationRow.voided_at.is_(None),
        )
        .values(voided_at=now, voided_by=actor, voided_why=why)
        .returning(AttestationRow.id)
    )
    return done.first() is not None


def of_person(session: Session, organisations: Collection[str], keys: Collection[str]) -> tuple[Stored, ...]:
    """Return what these organisations attest of a person's addresses and have not voided, by date."""
    rows = session.scalars(
        select(AttestationRow)
        .where(
            AttestationRow.organisation.in_(organisations),
            AttestationRow.person_key.in_(keys),
            AttestationRow.voided_at.is_(None),
        )
        .order_by(AttestationRow.on, AttestationRow.event, AttestationRow.item, AttestationRow.id)
    )
    return tuple(_stored(row) for row in rows)


def listing(
    session: Session, organisation: str, wanted: Wanted, *, limit: int, skip: int = 0
) -> tuple[Stored, ...]:
    """Return attestations of the organisation, the latest event first."""
    query = (
        _matching(select(AttestationRow), organisation, wanted)
        .order_by(
            AttestationRow.on.desc(), AttestationRow.person_key, AttestationRow.event, AttestationRow.id
        )
        .limit(limit)
        .offset(skip)
    )
    return tuple(_stored(row) for row in session.scalars(query))


def count(session: Session, organisation: str, wanted: Wanted) -> int:
    """Return how many there are."""
    return session.scalar(_matching(select(func.count()), organisation, wanted)) or 0


def counts(session: Session, organisation: str) -> dict[str, int]:
    """Return how many stand of each event."""
    rows = session.execute(
        select(AttestationRow.event, func.count())
        .where(AttestationRow.organisation == organisation, AttestationRow.voided_at.is_(None))
        .group_by(AttestationRow.event)
    )
    return {row[0]: row[1] for row in rows}


def people(
    session: Session, organisation: str, wanted: Wanted, *, limit: int, skip: int = 0
) -> tuple[str, ...]:
    """Return the keys of people of whom something stands, in their order."""
    query = (
        _matching(select(AttestationRow.person_key), organisation, wanted)
        .distinct()
        .order_by(AttestationRow.person_key)
        .limit(limit)
        .offset(skip)
    )
    return tuple(session.scalars(query))


def of_people(session: Session, organisation: str, keys: Collection[str]) -> tuple[Stored, ...]:
    """Return everything that stands of these people, by person and date."""
    rows = session.scalars(
        select(AttestationRow)
        .where(
            AttestationRow.organisation == organisation,
            AttestationRow.person_key.in_(keys),
            AttestationRow.voided_at.is_(None),
        )
        .order_by(AttestationRow.person_key, AttestationRow.on, AttestationRow.id)
    )
    return tuple(_stored(row) for row in rows)


def _matching(query: Any, organisation: str, wanted: Wanted) -> Any:
    query = query.where(AttestationRow.organisation == organisation)
    if not wanted.with_voided:
        query = query.where(AttestationRow.voided_at.is_(None))
    if wanted.person:
        query = query.where(AttestationRow.person_key == wanted.person)
    if wanted.event:
        query = query.where(AttestationRow.event == wanted.event)
    if wanted.item:
        query = query.where(AttestationRow.item == wanted.item)
    columns = (
        AttestationRow.person_key,
        AttestationRow.item,
        AttestationRow.event,
        AttestationRow.note,
        AttestationRow.award,
    )
    for word in wanted.words.split()[:WORDS]:
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query


def _stored(row: AttestationRow) -> Stored:
    return Stored(
        id=row.id,
        organisation=row.organisation,
        person_key=row.person_key,
        event=row.event,
        item=row.item,
        award=row.award,
        on=row.on,
        hours=None if row.hours is None else Decimal(row.hours),
        note=row.note,
        by=row.by,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        how=row.how,
        same=row.same,
        voided_at=row.voided_at,
        voided_by=row.voided_by,
        voided_why=row.voided_why,
    )
