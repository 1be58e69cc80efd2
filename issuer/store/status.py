# SPDX-License-Identifier: Apache-2.0
"""Rows of status lists and of the places in them. The rows are the truth; a list is built from them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from issuer.store.tables import StatusEntryRow, StatusListRow


@dataclass(frozen=True, slots=True)
class Place:
    """A credential's place in a list."""

    list: str
    position: int
    purpose: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A list as it was published last, and the verification methods that prove its two forms."""

    body: bytes
    jwt: bytes
    valid_from: datetime
    valid_until: datetime
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list: whose, what for, how full, how often changed, and which change is served."""

    id: str
    issuer: str
    purpose: str
    entries: int
    changed: int
    served_change: int
    served: Served | None


def add_list(session: Session, *, id: str, issuer: str, purpose: str, now: datetime) -> None:
    """Begin a new list."""
    session.add(
        StatusListRow(id=id, issuer=issuer, purpose=purpose, entries=0, changed=0, served=-1, created_at=now)
    )
    session.flush()


def open_list(session: Session, *, issuer: str, purpose: str, below: int) -> StatusList | None:
    """Return the newest list that holds fewer than ``below`` entries."""
    row = session.scalar(
        select(StatusListRow)
        .where(
            StatusListRow.issuer == issuer, StatusListRow.purpose == purpose, StatusListRow.entries < below
        )
        .order_by(StatusListRow.created_at.desc())
        .limit(1)
    )
    return None if row is None else _value(row)


def get(session: Session, list_id: str) -> StatusList | None:
    """Return the list with this id."""
    row = session.get(StatusListRow, list_id)
    return None if row is None else _value(row)


def every(session: Session) -> tuple[str, ...]:
    """Return the ids of all lists."""
    return tuple(
        session.scalars(select(StatusListRow.id).order_by(StatusListRow.created_at, StatusListRow.id))
    )


def waiting(session: Session) -> tuple[str, ...]:
    """Return the ids of lists that were published before and whose rows have changed since."""
    query = select(StatusListRow.id).where(StatusListRow.changed > StatusListRow.served)
    return tuple(session.scalars(query.where(StatusListRow.body.is_not(None)).order_by(StatusListRow.id)))


def is_taken(session: Session, list_id: str, position: int) -> bool:
    """Tell whether the place was ever given away."""
    return session.get(StatusEntryRow, (list_id, position)) is not None


def take(session: Session, *, list_id: str, position: int, credential: str, purpose: str) -> None:
    """Give the place to ``credential``, for ever. The database refuses a place that is taken."""
    session.add(
        StatusEntryRow(list=list_id, position=position, credential=credential, purpose=purpose, is_set=False)
    )
    session.execute(
        update(StatusListRow).where(StatusListRow.id == list_id).values(entries=StatusListRow.entries + 1)
    )
    session.flush()


def places(session: Session, credential: str) -> tuple[Place, ...]:
    """Return the places of ``credential``: revocation first."""
    rows = session.scalars(
        select(StatusEntryRow).where(StatusEntryRow.credential == credential).order_by(StatusEntryRow.purpose)
    )
    return tuple(Place(row.list, row.position, row.purpose, row.is_set) for row in rows)


def owner(session: Session, list_id: str, position: int) -> str | None:
    """Return the key of the credential that the place was given to."""
    row = session.get(StatusEntryRow, (list_id, position))
    return None if row is None else row.credential


def write(session: Session, place: Place, *, is_set: bool) -> None:
    """Set or clear the bit, and count the change of the list."""
    row = session.get_one(StatusEntryRow, (place.list, place.position))
    row.is_set = is_set
    session.flush()
    count_change(session, [place.list])


def count_change(session: Session, lists: Collection[str]) -> None:
    """Count one change of each of ``lists``, however many of their bits it met."""
    session.execute(
        update(StatusListRow)
        .where(StatusListRow.id.in_(lists))
        .values(changed=StatusListRow.changed + 1)
        .execution_options(synchronize_session=False)
    )


def set_positions(session: Session, list_id: str) -> tuple[int, ...]:
    """Return the places whose bit is set."""
    return tuple(
        session.scalars(
            select(StatusEntryRow.position)
            .where(StatusEntryRow.list == list_id, StatusEntryRow.is_set)
            .order_by(StatusEntryRow.position)
        )
    )


def swap(session: Session, *, before: StatusList, served: Served) -> bool:
    """Publish ``served``, built from the rows as ``before``, and tell whether it was done.

    It is not when it is older than what is served, or when somebody else published since ``before`` was read.
    """
    row = session.get_one(StatusListRow, before.id)
    now_served = _value(row)
    if (now_served.served_change, now_served.served) != (before.served_change, before.served):
        return False
    if before.served is not None and served.valid_from < before.served.valid_from:
        return False
    row.served, row.body, row.jwt = before.changed, served.body, served.jwt
    row.valid_from, row.valid_until = served.valid_from, served.valid_until
    row.methods = " ".join(served.methods)
    session.flush()
    return True


def _value(row: StatusListRow) -> StatusList:
    served = None
    if row.body is not None and row.jwt is not None and row.valid_from and row.valid_until:
        methods = tuple((row.methods or "").split())
        served = Served(row.body, row.jwt, row.valid_from, row.valid_until, methods)
    return StatusList(row.id, row.issuer, row.purpose, row.entries, row.changed, row.served, served)
