# SPDX-License-Identifier: Apache-2.0
"""What workers write about a bulk: whose rows are, and the many rows of credentials of one chunk at once.

Each statement takes a whole chunk. A row that is not (or no longer) in the hands of who writes is left as it
is, and the writer is told: two can never award the same row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from issuer.award import AwardState
from issuer.bulk.bulk import BulkState, Row, RowState
from issuer.errors import ConflictingRowsError
from issuer.store import outlines
from issuer.store.credentials import Intended
from issuer.store.many import Many, among
from issuer.store.tables import (
    BulkItemRow,
    BulkRow,
    CredentialRow,
)
from service.db import Base

OPEN = (RowState.WAITING, RowState.BEGUN)
FORGOTTEN = "The person was forgotten, at their own request."  # reason of a row; it is looked for

REASON_CHARS = 1_000  # of why a row was refused

_CACHE_KIB = 32_768  # of pages in memory: random keys touch pages all over the indexes
_CHECKPOINT_PAGES = 8_000  # pages (32 MB) in the write-ahead log before they are moved; 1,000 is one chunk

_bulks = Base.metadata.tables[BulkRow.__tablename__]
_items = Base.metadata.tables[BulkItemRow.__tablename__]
_credentials = Base.metadata.tables[CredentialRow.__tablename__]

_REFUSE = Many(
    update(_items)
    .where(
        _items.c.bulk == bindparam("its_bulk"),
        _items.c.number == bindparam("its_number"),
        _items.c.state.in_([bindparam(f"open_{state}", state) for state in OPEN]),
    )
    .values(state=RowState.REFUSED, reason=bindparam("its_reason"), taken_until=None),
    ("its_number", "its_reason"),
    ("its_bulk",),
)
_SIGN = Many(
    update(_credentials)
    .where(_credentials.c.key == bindparam("its_key"), _credentials.c.state == AwardState.INTENDED)
    .values(
        signed_json=bindparam("its_bytes"),
        state=AwardState.ISSUED,
        issued_at=bindparam("its_moment"),
        intended=None,
    ),
    ("its_key", "its_bytes"),
    ("its_moment",),
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A row whose award was signed.

    Attributes:
        number: The row.
        key: Its credential.
        raw: The exact bytes.
        kept: The same as they are stored (``store.outlines``).
        outline: What ``kept`` names; empty where it is the bytes themselves.
    """

    number: int
    key: str
    raw: bytes
    kept: bytes
    outline: bytes = b""


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A row whose award is written down and perhaps not signed."""

    number: int
    key: str
    issuer: str
    state: AwardState
    intended: Intended | None


def prepare(session: Session) -> None:
    """Set up this connection for many rows; what is acknowledged is on the disk as before."""
    if session.get_bind().dialect.name == "sqlite":
        connection = session.connection()
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")


def open_bulks(session: Session) -> tuple[str, ...]:
    """Return the ids of all bulks with rows to do: those that run, and cancelled ones with begun rows."""
    begun = (
        select(_items.c.number).where(_items.c.bulk == _bulks.c.id, _items.c.state == RowState.BEGUN).exists()
    )
    query = select(_bulks.c.id).where(
        or_(_bulks.c.state == BulkState.RUNNING, and_(_bulks.c.state == BulkState.CANCELLED, begun))
    )
    return tuple(session.scalars(query.order_by(_bulks.c.started_at, _bulks.c.id)))


def free_rows(session: Session, *, only: str | None, now: datetime, limit: int) -> int:
    """Return how many rows there are to do that nobody has in hand, counted up to ``limit``.

    A bulk whose last row was done and that does not know it yet counts as one.
    """
    found = 0
    for id in open_bulks(session):
        if only in (None, id) and found < limit:
            query = (
                select(_items.c.number)
                .join(_bulks, _bulks.c.id == _items.c.bulk)
                .where(
                    _items.c.bulk == id,
                    or_(
                        _items.c.state == RowState.BEGUN,
                        and_(_items.c.state == RowState.WAITING, _bulks.c.state == BulkState.RUNNING),
                    ),
                    or_(_items.c.taken_until.is_(None), _items.c.taken_until <= now),
                )
                .limit(limit - found)
            )
            found += len(session.execute(query).all()) or is_finished(session, id)
    return found


def take(
    session: Session,
    id: str,
    *,
    by: str,
    states: Sequence[RowState],
    limit: int,
    now: datetime,
    until: datetime,
) -> tuple[Row, ...]:
    """Take the next rows that nobody has in hand, all in the first of some states of which there are any."""
    for state in states:
        query = (
            select(_items.c.number, _items.c.content, _items.c.award)
            .where(
                _items.c.bulk == id,
                _items.c.state == state,
                or_(_items.c.taken_until.is_(None), _items.c.taken_until <= now),
            )
            .order_by(_items.c.number)
            .limit(limit)
        )
        found = [Row(id, number, state, content, award) for number, content, award in session.execute(query)]
        if found:
            session.connection().execute(
                update(_items)
                .where(_items.c.bulk == id, among(session, _items.c.number, [each.number for each in found]))
                .values(taken_until=until, taken_by=by)
            )
            return tuple(found)
    return ()


def is_finished(session: Session, id: str) -> bool:
    """Tell whether no row is left to do."""
    query = select(_items.c.number).where(_items.c.bulk == id, _items.c.state.in_(OPEN)).limit(1)
    return session.scalar(query) is None


def still_waiting(session: Session, id: str, numbers: Collection[int], *, by: str) -> frozenset[int]:
    """Return which of some rows are still in this worker's hands and not begun."""
    query = select(_items.c.number).where(
        _items.c.bulk == id,
        among(session, _items.c.number, numbers),
        _items.c.state == RowState.WAITING,
        _items.c.taken_by == by,
    )
    return frozenset(session.scalars(query))


def let_go(session: Session, by: str) -> int:
    """Let others take at once what a worker had in hand that is no more; return how many rows."""
    done = session.connection().execute(
        update(_items)
        .where(
            _items.c.bulk.in_(open_bulks(session)),
            _items.c.state.in_(OPEN),
            _items.c.taken_by == by,
            _items.c.taken_until.is_not(None),
        )
        .values(taken_until=None)
    )
    return int(done.rowcount)


def refuse(session: Session, id: str, reasons: Mapping[int, str]) -> None:
    """Write down why rows are not awarded."""
    _REFUSE.run(session, [(number, reason[:REASON_CHARS]) for number, reason in reasons.items()], id)


def unsigned(session: Session, keys: Mapping[int, str]) -> tuple[Unsigned, ...]:
    """Return how far the credentials of begun rows came."""
    numbers = {key: number for number, key in keys.items()}
    query = select(
        _credentials.c.key,
        _credentials.c.issuer,
        _credentials.c.state,
        _credentials.c.intended,
        _credentials.c.proof_created,
        _credentials.c.proof_method,
        _credentials.c.halted,
    ).where(among(session, _credentials.c.key, numbers))
    return tuple(
        Unsigned(
            numbers[key],
            key,
            issuer,
            AwardState(state),
            None
            if document is None or halted is not None
            else Intended(outlines.document(session, document), created, method),
        )
        for key, issuer, state, document, created, method, halted in session.execute(query)
    )


def write_signed(session: Session, id: str, signed: Sequence[Signed], *, now: datetime) -> tuple[str, ...]:
    """Write down what was signed of a chunk.

    The signed bytes without their proof are the intended ones, which are therefore dropped. Return what
    ``finish`` returns.

    Raises:
        ConflictingRowsError: One of them is not intended any more; nothing of all this may stay.
    """
    outlines.keep(session, {each.outline for each in signed if each.outline})
    if _SIGN.run(session, [(each.key, each.kept) for each in signed], now) != len(signed):
        raise ConflictingRowsError("Some of the credentials are not to be signed any more.")
    return finish(session, id, [each.number for each in signed])


def finish(session: Session, id: str, numbers: Collection[int]) -> tuple[str, ...]:
    """Write down that awards are issued, whatever the rows said until now: what is signed is in force.

    Return the keys of those whose people were forgotten since the award was written down; whoever calls
    forgets them in the award too.
    """
    mine = and_(_items.c.bulk == id, among(session, _items.c.number, numbers), _items.c.award.is_not(None))
    forgotten = tuple(session.scalars(select(_items.c.award).where(mine, _items.c.reason == FORGOTTEN)))
    warned = case((_items.c.state == RowState.REFUSED, ""), else_=_items.c.reason)  # no refusal any more
    session.connection().execute(
        update(_items).where(mine).values(state=RowState.ISSUED, reason=warned, taken_until=None)
    )
    return forgotten


def signed_states(session: Session, keys: Collection[str]) -> Mapping[str, bool | None]:
    """Tell of credentials whether they are signed; None: they are still to be."""
    query = select(_credentials.c.key, _credentials.c.state, _credentials.c.signed_json.is_not(None)).where(
        among(session, _credentials.c.key, keys)
    )
    return {
        key: None if AwardState(state) is AwardState.INTENDED else is_signed
        for key, state, is_signed in session.execute(query)
    }


def mark_begun(session: Session, id: str, number: int, *, award: str, by: str) -> bool:
    """Write down that the award of one row is written down; tell whether it is still to be, and is ours.

    False: it was cancelled or refused, or is in other hands; then nothing of its award may stay.
    """
    done = session.connection().execute(
        update(_items)
        .where(
            _items.c.bulk == id,
            _items.c.number == number,
            _items.c.state == RowState.WAITING,
            _items.c.taken_by == by,
            select(_bulks.c.id).where(_bulks.c.id == id, _bulks.c.state == BulkState.RUNNING).exists(),
        )
        .values(award=award, state=RowState.BEGUN)
    )
    return done.rowcount == 1
