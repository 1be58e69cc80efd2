# SPDX-License-Identifier: Apache-2.0
"""Rows of bulks, and the many rows of credentials that a chunk of one writes at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.award import Award, AwardState, to_json
from issuer.bulk.bulk import Bulk, BulkState, Row, RowState
from issuer.errors import ConflictingRowsError
from issuer.store.status import Place
from issuer.store.tables import (
    AwardRow,
    BulkItemRow,
    BulkRow,
    CredentialRow,
    StatusEntryRow,
    StatusListRow,
)

OPEN = (RowState.WAITING, RowState.BEGUN)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a row writes down first: its award, under a key of its own."""

    number: int
    award: Award
    recipient: str
    credential_id: str


@contextmanager
def conflicts() -> Iterator[None]:
    """Tell it in our words when others write down the same at the same time.

    Raises:
        ConflictingRowsError: The database refuses what is there already.
    """
    try:
        yield
    except IntegrityError as error:
        raise ConflictingRowsError("Another worker wrote down the same at the same time.") from error


def add(session: Session, bulk: Bulk, contents: Iterable[tuple[int, str]]) -> None:
    """Keep a bulk with the content of each row."""
    session.execute(
        insert(BulkRow).values(
            id=bulk.id,
            label=bulk.label,
            state=bulk.state,
            rows=bulk.rows,
            sends_mail=bulk.sends_mail,
            made_by=bulk.made_by,
            made_at=bulk.made_at,
        )
    )
    rows = [
        {"bulk": bulk.id, "number": number, "state": RowState.WAITING, "content": content, "reason": ""}
        for number, content in contents
    ]
    if rows:
        session.execute(insert(BulkItemRow), rows)


def get(session: Session, id: str) -> Bulk | None:
    """Return the bulk with this id, or None."""
    row = session.get(BulkRow, id)
    return None if row is None else _bulk(row)


def every(session: Session, *, limit: int) -> tuple[Bulk, ...]:
    """Return the newest bulks."""
    query = select(BulkRow).order_by(BulkRow.made_at.desc(), BulkRow.id).limit(limit)
    return tuple(_bulk(row) for row in session.scalars(query))


def running(session: Session) -> tuple[str, ...]:
    """Return the ids of all bulks that run, oldest first."""
    query = select(BulkRow.id).where(BulkRow.state == BulkState.RUNNING)
    return tuple(session.scalars(query.order_by(BulkRow.started_at, BulkRow.id)))


def step(session: Session, id: str, *, before: BulkState, after: BulkState, now: datetime) -> bool:
    """Let a bulk go on from ``before`` to ``after``; tell whether it did."""
    values: dict[str, object] = {"state": after}
    values["started_at" if after is BulkState.RUNNING else "ended_at"] = now
    done = session.execute(update(BulkRow).where(BulkRow.id == id, BulkRow.state == before).values(values))
    return bool(getattr(done, "rowcount", 0))


def count(session: Session, id: str) -> Mapping[RowState, int]:
    """Return how many rows are in each state."""
    query = select(BulkItemRow.state, func.count()).where(BulkItemRow.bulk == id).group_by(BulkItemRow.state)
    found = {RowState(state): number for state, number in session.execute(query)}
    return {state: found.get(state, 0) for state in RowState}


def rows(
    session: Session, id: str, *, states: Collection[RowState] = tuple(RowState), after: int = 0, limit: int
) -> tuple[Row, ...]:
    """Return rows in some states, behind the row ``after``, in their order."""
    query = (
        select(BulkItemRow)
        .where(BulkItemRow.bulk == id, BulkItemRow.state.in_(states), BulkItemRow.number > after)
        .order_by(BulkItemRow.number)
        .limit(limit)
    )
    return tuple(_row(row) for row in session.scalars(query))


def take(session: Session, id: str, *, limit: int, now: datetime, until: datetime) -> tuple[Row, ...]:
    """Take the next rows that nobody has in hand; what was intended and left comes first."""
    free = or_(BulkItemRow.taken_until.is_(None), BulkItemRow.taken_until <= now)
    table = BulkItemRow.__table__.c
    query = (
        select(table.number, table.state, table.content, table.award)
        .where(BulkItemRow.bulk == id, BulkItemRow.state.in_(OPEN), free)
        .order_by(BulkItemRow.state, BulkItemRow.number)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = tuple(
        Row(id, number, RowState(state), content, award)
        for number, state, content, award in session.execute(query)
    )
    if found:
        session.execute(
            update(BulkItemRow)
            .where(BulkItemRow.bulk == id, BulkItemRow.number.in_([each.number for each in found]))
            .values(taken_until=until)
        )
    return found


def give_back(session: Session, id: str, numbers: Collection[int]) -> None:
    """Let others take rows at once."""
    session.execute(
        update(BulkItemRow)
        .where(BulkItemRow.bulk == id, BulkItemRow.number.in_(numbers))
        .values(taken_until=None)
    )


def refuse(session: Session, id: str, reasons: Mapping[int, str]) -> None:
    """Write down why rows are not awarded."""
    for number, reason in reasons.items():
        session.execute(
            update(BulkItemRow)
            .where(BulkItemRow.bulk == id, BulkItemRow.number == number)
            .values(state=RowState.REFUSED, reason=reason, taken_until=None)
        )


def cancel_waiting(session: Session, id: str) -> int:
    """Cancel every row of which nothing was written down; return how many."""
    done = session.execute(
        update(BulkItemRow)
        .where(BulkItemRow.bulk == id, BulkItemRow.state == RowState.WAITING)
        .values(state=RowState.CANCELLED, taken_until=None)
    )
    return int(getattr(done, "rowcount", 0))


def is_finished(session: Session, id: str) -> bool:
    """Tell whether no row is left to do."""
    query = select(BulkItemRow.number).where(BulkItemRow.bulk == id, BulkItemRow.state.in_(OPEN)).limit(1)
    return session.scalar(query) is None


def taken_positions(session: Session, list_id: str, positions: Collection[int]) -> frozenset[int]:
    """Return which of some places in a list were ever given away."""
    query = select(StatusEntryRow.position).where(
        StatusEntryRow.list == list_id, StatusEntryRow.position.in_(positions)
    )
    return frozenset(session.scalars(query))


def known_awards(session: Session, awards: Sequence[Award], recipients: Sequence[str]) -> frozenset[int]:
    """Return the places in ``awards`` of those whose submission or idempotency key is known already."""
    keys = [each.request.idempotency_key for each in awards]
    query = select(AwardRow.idempotency_key).where(
        AwardRow.replaced_by.is_(None), AwardRow.idempotency_key.in_(keys)
    )
    known_keys = set(session.scalars(query))
    query_pairs = select(
        AwardRow.issuer, AwardRow.achievement, AwardRow.recipient, AwardRow.submission
    ).where(
        AwardRow.replaced_by.is_(None),
        AwardRow.recipient.in_(set(recipients)),
        AwardRow.submission.in_({each.request.submission for each in awards}),
    )
    known = {tuple(row) for row in session.execute(query_pairs)}
    return frozenset(
        place
        for place, (each, recipient) in enumerate(zip(awards, recipients, strict=True))
        if each.request.idempotency_key in known_keys
        or (each.issuer, each.request.achievement, recipient, each.request.submission) in known
    )


def begin(session: Session, id: str, begun: Sequence[Begun], *, now: datetime) -> None:
    """Write down the awards of a chunk, and that there are going to be credentials."""
    session.execute(
        insert(CredentialRow),
        [
            {
                "key": each.award.key,
                "issuer": each.award.issuer,
                "credential_id": each.credential_id,
                "kind": "award",
                "state": AwardState.AWARDED,
                "attempts": 0,
                "created_at": now,
            }
            for each in begun
        ],
    )
    session.execute(
        insert(AwardRow),
        [
            {
                "key": each.award.key,
                "issuer": each.award.issuer,
                "achievement": each.award.request.achievement,
                "recipient": each.recipient,
                "submission": each.award.request.submission,
                "idempotency_key": each.award.request.idempotency_key,
                "request_digest": each.award.request.request_digest,
                "email": each.award.request.email,
                "salt": each.award.salt,
                "content": json.dumps(to_json(each.award.request), ensure_ascii=False, separators=(",", ":")),
                "awarded_at": each.award.request.awarded_at,
                "is_indexed": False,
            }
            for each in begun
        ],
    )
    _mark(session, id, [(each.number, each.award.key) for each in begun], RowState.BEGUN)


def place(session: Session, places: Sequence[tuple[str, Place]]) -> None:
    """Give places to credentials, for ever. The database refuses a place that is taken."""
    session.execute(
        insert(StatusEntryRow),
        [
            {
                "list": place.list,
                "position": place.position,
                "credential": key,
                "purpose": place.purpose,
                "is_set": False,
            }
            for key, place in places
        ],
    )
    for list_id in {place.list for _, place in places}:
        session.execute(
            update(StatusListRow)
            .where(StatusListRow.id == list_id)
            .values(entries=StatusListRow.entries + sum(place.list == list_id for _, place in places))
        )


def intend(session: Session, intended: Sequence[tuple[str, bytes]], *, created: datetime, method: str) -> int:
    """Write down what is going to be signed for each key; return how many still wait for that."""
    table = CredentialRow.__table__
    done = session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(table.c.key == bindparam("its_key"), table.c.state == AwardState.AWARDED)
        .values(
            intended=bindparam("its_bytes"),
            state=AwardState.INTENDED,
            proof_created=created,
            proof_method=method,
        ),
        [{"its_key": key, "its_bytes": document} for key, document in intended],
    )
    return int(done.rowcount)


def write_signed(
    session: Session, id: str, signed: Sequence[tuple[int, str, bytes]], *, now: datetime
) -> int:
    """Write down row number, key and signed bytes of a chunk; return how many were still to be signed.

    The signed bytes without their proof are the intended ones, which are therefore dropped.
    """
    table = CredentialRow.__table__
    done = session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(
            table.c.key == bindparam("its_key"),
            table.c.state == AwardState.INTENDED,
        )
        .values(signed_json=bindparam("its_bytes"), state=AwardState.ISSUED, issued_at=now, intended=None),
        [{"its_key": key, "its_bytes": raw} for _, key, raw in signed],
    )
    _mark(session, id, [(number, key) for number, key, _ in signed], RowState.ISSUED)
    return int(done.rowcount)


def states_of(session: Session, keys: Collection[str]) -> Mapping[str, AwardState]:
    """Return the state of each of some credentials."""
    query = select(CredentialRow.key, CredentialRow.state).where(CredentialRow.key.in_(keys))
    return {key: AwardState(state) for key, state in session.execute(query)}


def mark(session: Session, id: str, number: int, *, award: str, state: RowState) -> None:
    """Write down how far one row came."""
    _mark(session, id, [(number, award)], state)


def _mark(session: Session, id: str, pairs: Sequence[tuple[int, str]], state: RowState) -> None:
    table = BulkItemRow.__table__
    taken = {} if state is RowState.BEGUN else {"taken_until": None}
    session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(and_(table.c.bulk == bindparam("its_bulk"), table.c.number == bindparam("its_number")))
        .values(award=bindparam("its_award"), state=state, **taken),
        [{"its_bulk": id, "its_number": number, "its_award": key} for number, key in pairs],
    )


def _bulk(row: BulkRow) -> Bulk:
    return Bulk(
        id=row.id,
        label=row.label,
        state=BulkState(row.state),
        rows=row.rows,
        sends_mail=row.sends_mail,
        made_by=row.made_by,
        made_at=row.made_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        approved_by=row.approved_by,
    )


def _row(row: BulkItemRow) -> Row:
    return Row(row.bulk, row.number, RowState(row.state), row.content, row.award, row.reason)
