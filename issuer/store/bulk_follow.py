# SPDX-License-Identifier: Apache-2.0
"""What follows the last row of a bulk: the VC-JWT form of each award, and a mail to each earner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from issuer.award import AwardState
from issuer.bulk.bulk import BulkState, RowState
from issuer.store import outlines
from issuer.store.tables import AwardRow, BulkItemRow, BulkRow, CredentialRow
from service.db import Base

ENDED = (BulkState.DONE, BulkState.CANCELLED)

_bulks = Base.metadata.tables[BulkRow.__tablename__]
_items = Base.metadata.tables[BulkItemRow.__tablename__]
_credentials = Base.metadata.tables[CredentialRow.__tablename__]
_awards = Base.metadata.tables[AwardRow.__tablename__]


@dataclass(frozen=True, slots=True)
class Formless:
    """An issued award without its VC-JWT form."""

    number: int
    key: str
    issuer: str
    state: AwardState
    raw: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """An issued award whose earner is to be told.

    Attributes:
        email: As it was asked for.
        recipient: As it is hashed.
    """

    number: int
    key: str
    issuer: str
    achievement: str
    email: str
    recipient: str
    state: AwardState
    awarded_at: datetime


def formless_bulks(session: Session) -> tuple[str, ...]:
    """Return the ids of ended bulks whose forms are not all made, oldest first."""
    query = select(_bulks.c.id).where(
        _bulks.c.state.in_(ENDED), _bulks.c.started_at.is_not(None), _bulks.c.formed_at.is_(None)
    )
    return tuple(session.scalars(query.order_by(_bulks.c.ended_at, _bulks.c.id)))


def formless_rows(session: Session, *, only: str | None, now: datetime, limit: int) -> int:
    """Return how many forms are missing that nobody has in hand, counted up to ``limit``.

    A bulk whose last form was made and that does not know it yet counts as one.
    """
    found = 0
    for id in formless_bulks(session):
        if only in (None, id) and found < limit:
            query = (
                select(_items.c.number)
                .join(_credentials, _credentials.c.key == _items.c.award)
                .where(
                    _items.c.bulk == id,
                    _items.c.state == RowState.ISSUED,
                    or_(_items.c.taken_until.is_(None), _items.c.taken_until <= now),
                    _credentials.c.signed_jwt.is_(None),
                    _credentials.c.signed_json.is_not(None),
                )
                .limit(limit - found)
            )
            found += len(session.execute(query).all()) or all_formed(session, id)
    return found


def take_formless(
    session: Session, id: str, *, by: str, after: int, limit: int, now: datetime, until: datetime
) -> tuple[Formless, ...]:
    """Take the next issued rows behind ``after`` that have no VC-JWT form and that nobody has in hand."""
    query = (
        select(
            _items.c.number,
            _credentials.c.key,
            _credentials.c.issuer,
            _credentials.c.state,
            _credentials.c.signed_json,
        )
        .join(_credentials, _credentials.c.key == _items.c.award)
        .where(
            _items.c.bulk == id,
            _items.c.state == RowState.ISSUED,
            _items.c.number > after,
            or_(_items.c.taken_until.is_(None), _items.c.taken_until <= now),
            _credentials.c.signed_jwt.is_(None),
            _credentials.c.signed_json.is_not(None),
        )
        .order_by(_items.c.number)
        .limit(limit)
    )
    rows = session.execute(query).all()
    signed = outlines.documents(session, [row.signed_json for row in rows])
    found = tuple(
        Formless(row.number, row.key, row.issuer, AwardState(row.state), raw)
        for row, raw in zip(rows, signed, strict=True)
    )
    if found:
        session.connection().execute(
            update(_items)
            .where(_items.c.bulk == id, _items.c.number.in_([each.number for each in found]))
            .values(taken_until=until, taken_by=by)
        )
    return found


def all_formed(session: Session, id: str) -> bool:
    """Tell whether no row is left to do, and every issued one has its VC-JWT form."""
    undone = (
        select(_items.c.number)
        .where(_items.c.bulk == id, _items.c.state.in_((RowState.WAITING, RowState.BEGUN)))
        .limit(1)
    )
    formless = (
        select(_items.c.number)
        .join(_credentials, _credentials.c.key == _items.c.award)
        .where(
            _items.c.bulk == id,
            _items.c.state == RowState.ISSUED,
            _credentials.c.signed_jwt.is_(None),
            _credentials.c.signed_json.is_not(None),
        )
        .limit(1)
    )
    return session.scalar(undone) is None and session.scalar(formless) is None


def write_forms(session: Session, id: str, made: Sequence[tuple[int, str, bytes]]) -> int:
    """Write down row number, key and VC-JWT of a chunk, the first one wins; return how many were new."""
    done = session.connection().execute(
        update(_credentials)
        .where(_credentials.c.key == bindparam("its_key"), _credentials.c.signed_jwt.is_(None))
        .values(signed_jwt=bindparam("its_bytes")),
        [{"its_key": key, "its_bytes": raw} for _, key, raw in made],
    )
    session.connection().execute(
        update(_items)
        .where(_items.c.bulk == id, _items.c.number.in_([number for number, _, _ in made]))
        .values(taken_until=None)
    )
    return int(done.rowcount)


def step_formed(session: Session, id: str, *, now: datetime) -> bool:
    """Write down that all forms are made; tell whether this was new."""
    done = session.connection().execute(
        update(_bulks).where(_bulks.c.id == id, _bulks.c.formed_at.is_(None)).values(formed_at=now)
    )
    return bool(done.rowcount)


def untold_bulks(session: Session) -> tuple[str, ...]:
    """Return the ids of ended bulks with all forms whose earners are to be written to, oldest first."""
    query = select(_bulks.c.id).where(
        _bulks.c.state.in_(ENDED),
        _bulks.c.sends_mail,
        _bulks.c.formed_at.is_not(None),
        _bulks.c.mailed_at.is_(None),
    )
    return tuple(session.scalars(query.order_by(_bulks.c.ended_at, _bulks.c.id)))


def untold(session: Session, id: str, *, limit: int) -> tuple[Told, ...]:
    """Return issued rows of the next few earners who were not written to, each earner's together."""
    waiting = (
        select(_awards.c.recipient)
        .join(_items, _items.c.award == _awards.c.key)
        .where(_items.c.bulk == id, _items.c.state == RowState.ISSUED, _items.c.mailed_at.is_(None))
        .order_by(_items.c.number)
        .limit(limit)
    )
    recipients = set(session.scalars(waiting))
    query = (
        select(
            _items.c.number,
            _credentials.c.key,
            _credentials.c.issuer,
            _awards.c.achievement,
            _awards.c.email,
            _awards.c.recipient,
            _credentials.c.state,
            _awards.c.awarded_at,
        )
        .join(_awards, _awards.c.key == _items.c.award)
        .join(_credentials, _credentials.c.key == _items.c.award)
        .where(
            _items.c.bulk == id,
            _items.c.state == RowState.ISSUED,
            _items.c.mailed_at.is_(None),
            _awards.c.recipient.in_(recipients),
        )
        .order_by(_awards.c.recipient, _credentials.c.issuer, _items.c.number)
    )
    return tuple(
        Told(number, key, issuer, achievement, email, recipient, AwardState(state), awarded_at)
        for number, key, issuer, achievement, email, recipient, state, awarded_at in session.execute(query)
    )


def mark_told(session: Session, id: str, numbers: Sequence[int], *, now: datetime) -> None:
    """Write down that the earners of rows were written to."""
    session.connection().execute(
        update(_items).where(_items.c.bulk == id, _items.c.number.in_(numbers)).values(mailed_at=now)
    )


def step_told(session: Session, id: str, *, now: datetime) -> bool:
    """Write down that all mails are written; tell whether this was new."""
    done = session.connection().execute(
        update(_bulks).where(_bulks.c.id == id, _bulks.c.mailed_at.is_(None)).values(mailed_at=now)
    )
    return bool(done.rowcount)
