# SPDX-License-Identifier: Apache-2.0
"""Rows of status lists and of the places in them. The rows are the truth; a list is built from them.

A place without a credential is a decoy: nobody's, for ever (``issuer.decoys``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, String, and_, bindparam, case, cast, func, insert, or_, select, update
from sqlalchemy.orm import Session

from issuer.store.many import among
from issuer.store.tables import PublishedListRow, StatusEntryRow, StatusListRow


@dataclass(frozen=True, slots=True)
class Place:
    """A credential's place in a list."""

    list: str
    position: int
    purpose: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A list as it was published last, and the verification methods that prove its two forms.

    Attributes:
        digest: SHA-256 of ``body``, hexadecimal; ``jwt_digest`` that of ``jwt``. They serve as ETags.
        version: Grows by one with each publication of the list.
        change: The change of its rows that it shows.
    """

    body: bytes
    jwt: bytes
    valid_from: datetime
    valid_until: datetime
    methods: tuple[str, ...]
    digest: str = ""
    jwt_digest: str = ""
    version: int = 0
    change: int = -1


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list: whose, what for, how full, how often changed, and what is served.

    Attributes:
        entries: Places that were given to credentials; ``decoys`` those of nobody.
        changed: Bits of credentials that were written since it was begun.
        waiting_since: The moment of the first change that is not served, or None.
        stirs_at: The moment at which decoys change although nothing else has.
    """

    id: str
    issuer: str
    purpose: str
    entries: int
    decoys: int
    changed: int
    waiting_since: datetime | None
    stirs_at: datetime | None
    served: Served | None


@dataclass(frozen=True, slots=True)
class Turned:
    """Decoys that change with a publication: new ones that are set, and set ones that are cleared."""

    on: tuple[int, ...] = ()
    off: tuple[int, ...] = ()


def add_list(session: Session, *, id: str, issuer: str, purpose: str, now: datetime) -> None:
    """Begin a new list."""
    session.add(
        StatusListRow(id=id, issuer=issuer, purpose=purpose, entries=0, changed=0, decoys=0, created_at=now)
    )
    session.flush()


def open_list(session: Session, *, issuer: str, purpose: str, below: int) -> str | None:
    """Return the oldest list that holds fewer than ``below`` entries: each is filled before the next."""
    return session.scalar(
        select(StatusListRow.id)
        .where(
            StatusListRow.issuer == issuer, StatusListRow.purpose == purpose, StatusListRow.entries < below
        )
        .order_by(StatusListRow.created_at, StatusListRow.id)
        .limit(1)
    )


def filling(session: Session, *, at_least: int) -> tuple[tuple[str, str], ...]:
    """Return issuers and purposes all of whose lists hold ``at_least`` so many entries."""
    query = (
        select(StatusListRow.issuer, StatusListRow.purpose)
        .group_by(StatusListRow.issuer, StatusListRow.purpose)
        .having(func.min(StatusListRow.entries) >= at_least)
    )
    return tuple((issuer, purpose) for issuer, purpose in session.execute(query))


def get(session: Session, list_id: str) -> StatusList | None:
    """Return the list with this id."""
    row = session.execute(_LIST, {"list_id": list_id}).one_or_none()
    if row is None:
        return None
    served = None
    if row.version is not None:
        served = Served(
            body=row.body,
            jwt=row.jwt,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            methods=tuple(row.methods.split()),
            digest=row.digest,
            jwt_digest=row.jwt_digest,
            version=row.version,
            change=row.change,
        )
    return StatusList(
        id=row.id,
        issuer=row.issuer,
        purpose=row.purpose,
        entries=row.entries,
        decoys=row.decoys,
        changed=row.changed,
        waiting_since=row.waiting_since,
        stirs_at=row.stirs_at,
        served=served,
    )


# Whoever reads a list or looks at a credential asks, so the statement is made once.
_LISTS, _LAST = StatusListRow.__table__.c, PublishedListRow.__table__.c
_LIST: Final = (
    select(*_LISTS, *(column for column in _LAST if column.name != "list"))
    .outerjoin_from(StatusListRow.__table__, PublishedListRow.__table__, _LAST.list == _LISTS.id)
    .where(_LISTS.id == bindparam("list_id"))
)


def stir(session: Session, list_id: str, *, at: datetime) -> None:
    """Let the decoys of a list change at this moment although nothing else does."""
    session.execute(
        update(StatusListRow)
        .where(StatusListRow.id == list_id)
        .values(stirs_at=at)
        .execution_options(synchronize_session=False)
    )


def every(session: Session) -> tuple[str, ...]:
    """Return the ids of all lists."""
    return tuple(
        session.scalars(select(StatusListRow.id).order_by(StatusListRow.created_at, StatusListRow.id))
    )


def due(
    session: Session, *, renew: datetime, ahead: datetime, now: datetime
) -> tuple[tuple[str, datetime | None], ...]:
    """Return the lists that are to be published, with the moment of their last publication.

    Their rows have changed, they were never published, they are from ``renew`` or before or from after
    ``ahead``, or their decoys stir. Those whose changes wait longest come first.
    """
    query = (
        select(StatusListRow.id, PublishedListRow.published_at)
        .outerjoin(PublishedListRow, PublishedListRow.list == StatusListRow.id)
        .where(
            or_(
                StatusListRow.waiting_since.is_not(None),
                PublishedListRow.version.is_(None),
                PublishedListRow.valid_from <= renew,
                PublishedListRow.valid_from > ahead,
                StatusListRow.stirs_at <= now,
            )
        )
        .order_by(StatusListRow.waiting_since.is_(None), StatusListRow.waiting_since, StatusListRow.id)
    )
    return tuple((id, moment) for id, moment in session.execute(query))


def late(session: Session, *, waits: datetime, renew: datetime, ahead: datetime) -> tuple[bool, bool]:
    """Tell whether any change waits since ``waits`` or list is of ``renew``, and any is from ``ahead``."""
    lists, last = StatusListRow, PublishedListRow
    joined = select(lists.id).join(last, last.list == lists.id).limit(1)
    is_late = or_(lists.waiting_since <= waits, lists.waiting_since > ahead, last.valid_from <= renew)
    is_ahead = last.valid_from > ahead
    return session.scalar(joined.where(is_late)) is not None, session.scalar(
        joined.where(is_ahead)
    ) is not None


def is_taken(session: Session, list_id: str, position: int) -> bool:
    """Tell whether the place was ever given away, or is a decoy."""
    return bool(taken_positions(session, list_id, [position]))


def taken_positions(session: Session, list_id: str, positions: Sequence[int]) -> frozenset[int]:
    """Return which of some places were ever given away, or are decoys."""
    query = select(StatusEntryRow.position).where(
        StatusEntryRow.list == list_id, among(session, StatusEntryRow.__table__.c.position, positions)
    )
    return frozenset(session.scalars(query))


def take(session: Session, *, list_id: str, position: int, credential: str, purpose: str) -> None:
    """Give the place to ``credential``, for ever. The database refuses a place that is taken."""
    session.add(
        StatusEntryRow(list=list_id, position=position, credential=credential, purpose=purpose, is_set=False)
    )
    session.execute(
        update(StatusListRow)
        .where(StatusListRow.id == list_id)
        .values(entries=StatusListRow.entries + 1)
        .execution_options(synchronize_session=False)
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


def write(session: Session, place: Place, *, is_set: bool, now: datetime) -> None:
    """Set or clear the bit, and count the change of the list."""
    session.flush()
    write_bits(session, {(place.list, place.position): is_set})
    session.expire_all()
    count_changes(session, {place.list: 1}, now=now)


def write_bits(session: Session, bits: Mapping[tuple[str, int], bool]) -> None:
    """Set or clear the bits of places, given as list and position."""
    table = StatusEntryRow.__table__
    session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(and_(table.c.list == bindparam("its_list"), table.c.position == bindparam("its_position")))
        .values(is_set=bindparam("its_bit")),
        [
            {"its_list": list_id, "its_position": position, "its_bit": is_set}
            for (list_id, position), is_set in bits.items()
        ],
    )


def count_changes(session: Session, bits: Mapping[str, int], *, now: datetime) -> None:
    """Count how many bits of each list were written, and from when on the first of them waits."""
    table = StatusListRow.__table__
    session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("its_id"))
        .values(
            changed=table.c.changed + bindparam("its_bits", type_=Integer),
            waiting_since=func.coalesce(
                table.c.waiting_since, bindparam("its_moment", type_=table.c.waiting_since.type)
            ),
        ),
        [{"its_id": id, "its_bits": number, "its_moment": now} for id, number in sorted(bits.items())],
    )


def set_positions(session: Session, list_id: str) -> tuple[int, ...]:
    """Return the places whose bit is set, decoys among them, in no order."""
    # As one text: a row for each costs three times as much.
    found = session.scalar(
        select(func.aggregate_strings(cast(StatusEntryRow.position, String), ",")).where(
            StatusEntryRow.list == list_id, StatusEntryRow.is_set
        )
    )
    return tuple(json.loads(f"[{found}]")) if found else ()


def set_decoys(session: Session, list_id: str) -> tuple[int, ...]:
    """Return the places of nobody whose bit is set, in order."""
    return tuple(
        session.scalars(
            select(StatusEntryRow.position)
            .where(StatusEntryRow.list == list_id, StatusEntryRow.is_set, StatusEntryRow.credential.is_(None))
            .order_by(StatusEntryRow.position)
        )
    )


def swap(
    session: Session,
    *,
    before: StatusList,
    served: Served,
    turned: Turned,
    stirs_at: datetime,
    now: datetime,
    ahead: datetime | None = None,
) -> bool:
    """Publish ``served``, built from the rows as ``before`` and from ``turned``; tell whether it was done.

    It is not when it is older than what is served, unless that is from after ``ahead``, when somebody else
    published since ``before`` was read, or when a place of ``turned.on`` was given away since. ``now`` is
    when ``before`` was read: what has changed after it is taken to wait from then on.
    """
    last = before.served
    version = session.scalar(select(PublishedListRow.version).where(PublishedListRow.list == before.id))
    if version != (None if last is None else last.version):
        return False
    if last is not None:
        is_older = served.valid_from < last.valid_from and (ahead is None or last.valid_from <= ahead)
        if is_older or before.changed < last.change:
            return False
    if taken_positions(session, before.id, turned.on):
        return False
    values = {
        "version": 1 if last is None else last.version + 1,
        "change": before.changed,
        "body": served.body,
        "jwt": served.jwt,
        "digest": served.digest,
        "jwt_digest": served.jwt_digest,
        "methods": " ".join(served.methods),
        "valid_from": served.valid_from,
        "valid_until": served.valid_until,
        "published_at": now,
    }
    table = PublishedListRow.__table__
    if last is None:
        session.connection().execute(insert(PublishedListRow).values(list=before.id, **values))
    else:
        session.connection().execute(update(table).where(table.c.list == before.id).values(values))  # type: ignore[arg-type]
    _turn(session, before, turned)
    session.execute(
        update(StatusListRow)
        .where(StatusListRow.id == before.id)
        .values(
            decoys=StatusListRow.decoys + len(turned.on),
            stirs_at=stirs_at,
            waiting_since=case((StatusListRow.changed > before.changed, now), else_=None),
        )
        .execution_options(synchronize_session=False)
    )
    return True


def _turn(session: Session, before: StatusList, turned: Turned) -> None:
    if turned.on:
        session.connection().execute(
            insert(StatusEntryRow),
            [
                {
                    "list": before.id,
                    "position": each,
                    "credential": None,
                    "purpose": before.purpose,
                    "is_set": True,
                }
                for each in turned.on
            ],
        )
    if turned.off:
        write_bits(session, {(before.id, each): False for each in turned.off})
