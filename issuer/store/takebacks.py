# SPDX-License-Identifier: Apache-2.0
"""Rows of takebacks and of their lines. What finds credentials for them is in ``takeback_finds``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from issuer.revocation import Reason
from issuer.store.takeback_tables import TakebackLineRow, TakebackOrderRow, TakebackRow
from issuer.takeback.takeback import Line, LineState, Outlook, Takeback, TakebackState
from service.db import INTEGER_MAX

_STRINGS: Final = 500  # lines in one statement
OPEN: Final = (LineState.WAITING, LineState.SUSPENDED)
GOING_ON: Final = tuple(each for each in TakebackState if not each.has_ended and not each.is_early)


def add(
    session: Session, takeback: Takeback, *, idempotency_key: str | None, request_digest: str | None
) -> None:
    """Keep a takeback; its lines follow."""
    session.add(
        TakebackRow(**asdict(takeback), idempotency_key=idempotency_key, request_digest=request_digest)
    )
    session.flush()


def add_lines(session: Session, lines: Iterable[Line]) -> None:
    """Keep lines."""
    found = [_members(line) for line in lines]
    for start in range(0, len(found), _STRINGS):
        session.execute(insert(TakebackLineRow), found[start : start + _STRINGS])


def set_number(session: Session, id: str, number: int) -> None:
    """Write down how many credentials would be withdrawn."""
    session.execute(update(TakebackRow).where(TakebackRow.id == id).values(number=number))


def drop(session: Session, id: str) -> None:
    """Delete a takeback that nobody could start, with what it was to be and its lines."""
    session.execute(delete(TakebackOrderRow).where(TakebackOrderRow.takeback == id))
    session.execute(delete(TakebackLineRow).where(TakebackLineRow.takeback == id))
    session.execute(delete(TakebackRow).where(TakebackRow.id == id))


def get(session: Session, id: str) -> Takeback | None:
    """Return the takeback with this id, or None."""
    row = session.get(TakebackRow, id, populate_existing=True)
    return None if row is None else _takeback(row)


def by_key(session: Session, idempotency_key: str) -> tuple[str, str] | None:
    """Return id and digest of the request that was made with this key, or None."""
    query = select(TakebackRow.id, TakebackRow.request_digest).where(
        TakebackRow.idempotency_key == idempotency_key
    )
    found = session.execute(query).first()
    return None if found is None else (found[0], found[1] or "")


def every(
    session: Session,
    organisations: Collection[str] | None,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
    made_by: str | None = None,
) -> tuple[Takeback, ...]:
    """Return the newest takebacks of some organisations (None: of all), older than ``after``."""
    query = select(TakebackRow).order_by(TakebackRow.made_at.desc(), TakebackRow.id).limit(limit)
    if organisations is not None:
        query = query.where(TakebackRow.organisation.in_(organisations))
    if made_by is not None:
        query = query.where(TakebackRow.made_by == made_by)
    if after is not None:
        at, id = after
        query = query.where(
            or_(TakebackRow.made_at < at, (TakebackRow.made_at == at) & (TakebackRow.id > id))
        )
    return tuple(_takeback(row) for row in session.scalars(query))


def due(session: Session, *, now: datetime) -> tuple[str, ...]:
    """Return the ids of takebacks for which there is something to do, oldest first."""
    working = [each for each in TakebackState if each.is_working]
    over = (TakebackRow.state == TakebackState.SUSPENDED) & (TakebackRow.ends_at <= now)
    query = select(TakebackRow.id).where(or_(TakebackRow.state.in_(working), over))
    return tuple(session.scalars(query.order_by(TakebackRow.proposed_at, TakebackRow.id)))


def step(
    session: Session,
    id: str,
    *,
    before: Collection[TakebackState],
    after: TakebackState,
    **changes: Any,
) -> bool:
    """Let a takeback go on to ``after`` from one of the states ``before``; tell whether it did."""
    done = session.execute(
        update(TakebackRow)
        .where(TakebackRow.id == id, TakebackRow.state.in_(before))
        .values(state=after, **changes)
    )
    return bool(getattr(done, "rowcount", 0))


def alone(session: Session, organisation: str, *, since: datetime) -> int:
    """Return how many credentials of ``organisation`` somebody has taken back alone since a moment."""
    query = select(func.coalesce(func.sum(TakebackRow.number), 0)).where(
        TakebackRow.organisation == organisation,
        TakebackRow.approved_by.is_(None),
        TakebackRow.proposed_at > since,
        TakebackRow.state.in_(
            (
                TakebackState.SUSPENDING,
                TakebackState.SUSPENDED,
                TakebackState.REVOKING,
                TakebackState.DONE,
            )
        ),
    )
    return int(session.scalar(query) or 0)


def waiting_for(session: Session, organisations: Collection[str], actor: str, *, now: datetime) -> int:
    """Return how many takebacks of some organisations wait for a second person, who may be ``actor``."""
    is_proposed = (TakebackRow.state == TakebackState.PROPOSED) & (TakebackRow.proposed_by != actor)
    is_hurried = (
        TakebackRow.state.in_((TakebackState.SUSPENDING, TakebackState.SUSPENDED))
        & TakebackRow.hastened_by.is_(None)
        & (TakebackRow.hasten_by != actor)
        & or_(TakebackRow.ends_at.is_(None), TakebackRow.ends_at > now)
    )
    query = select(func.count()).where(
        TakebackRow.organisation.in_(organisations), or_(is_proposed, is_hurried)
    )
    return int(session.scalar(query) or 0)


def count(session: Session, id: str) -> Mapping[LineState, int]:
    """Return how many lines are in each state."""
    query = select(TakebackLineRow.state, func.count()).where(TakebackLineRow.takeback == id)
    found = {LineState(state): number for state, number in session.execute(query.group_by("state"))}
    return {state: found.get(state, 0) for state in LineState}


def outlooks(session: Session, id: str) -> Mapping[Outlook, int]:
    """Return for how many lines would happen what."""
    query = select(TakebackLineRow.outlook, func.count()).where(TakebackLineRow.takeback == id)
    found = {Outlook(word): number for word, number in session.execute(query.group_by("outlook"))}
    return {word: found.get(word, 0) for word in Outlook}


def lines(
    session: Session,
    id: str,
    *,
    states: Collection[LineState] | None = None,
    outlooks: Collection[Outlook] | None = None,
    after: int = 0,
    skip: int = 0,
    limit: int,
) -> tuple[Line, ...]:
    """Return lines behind the number ``after``, in their order."""
    query = select(TakebackLineRow).where(TakebackLineRow.takeback == id, TakebackLineRow.number > after)
    if states is not None:
        query = query.where(TakebackLineRow.state.in_(states))
    if outlooks is not None:
        query = query.where(TakebackLineRow.outlook.in_(outlooks))
    query = query.order_by(TakebackLineRow.number).offset(skip).limit(limit)
    table = TakebackLineRow
    columns = query.with_only_columns(
        table.takeback,
        table.number,
        table.brought,
        table.state,
        table.outlook,
        table.credential,
        table.detail,
        table.issues,
        table.last_change,
        table.told,
    )
    return tuple(
        Line(takeback, number, brought, LineState(state), Outlook(word), *rest)
        for takeback, number, brought, state, word, *rest in session.execute(columns)
    )


def line(session: Session, id: str, number: int) -> Line | None:
    """Return the line with this number, or None."""
    if not 0 <= number <= INTEGER_MAX:
        return None
    row = session.get(TakebackLineRow, (id, number), populate_existing=True)
    return None if row is None else _line(row)


def write(session: Session, changed: Sequence[Line]) -> None:
    """Write down what lines have become: state, outlook, details."""
    if not changed:
        return
    table = TakebackLineRow.__table__
    session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(table.c.takeback == bindparam("its_takeback"), table.c.number == bindparam("its_number"))
        .values(
            state=bindparam("its_state"),
            outlook=bindparam("its_outlook"),
            detail=bindparam("its_detail"),
            issues=bindparam("its_issues"),
            last_change=bindparam("its_last_change"),
            told=bindparam("its_told"),
        ),
        [
            {
                "its_takeback": each.takeback,
                "its_number": each.number,
                "its_state": each.state,
                "its_outlook": each.outlook,
                "its_detail": each.detail,
                "its_issues": each.issues,
                "its_last_change": each.last_change,
                "its_told": each.told,
            }
            for each in changed
        ],
    )


def telling(session: Session, *, ended_after: datetime) -> tuple[Takeback, ...]:
    """Return the takebacks of which earners may have to be told something."""
    query = select(TakebackRow).where(
        TakebackRow.tells,
        TakebackRow.state.in_([*GOING_ON, TakebackState.DONE, TakebackState.UNDONE]),
        or_(TakebackRow.ended_at.is_(None), TakebackRow.ended_at > ended_after),
    )
    return tuple(_takeback(row) for row in session.scalars(query.order_by(TakebackRow.made_at)))


def in_others(session: Session, id: str, keys: Collection[str]) -> frozenset[str]:
    """Return which of some credentials another takeback has in hand."""
    query = (
        select(TakebackLineRow.credential)
        .join(TakebackRow, TakebackRow.id == TakebackLineRow.takeback)
        .where(
            TakebackLineRow.credential.in_(keys),
            TakebackLineRow.takeback != id,
            TakebackLineRow.state.in_(OPEN),
            TakebackRow.state.in_(GOING_ON),
        )
    )
    return frozenset(key for key in session.scalars(query) if key is not None)


def forget_trials(session: Session, *, made_before: datetime, begun_before: datetime) -> int:
    """Delete dry runs that nobody followed, or that nobody wrote to the end; return how many."""
    forgotten = or_(
        (TakebackRow.state == TakebackState.TRIAL) & (TakebackRow.made_at < made_before),
        (TakebackRow.state == TakebackState.TRYING) & (TakebackRow.made_at < begun_before),
    )
    trials = select(TakebackRow.id).where(forgotten)
    session.execute(delete(TakebackOrderRow).where(TakebackOrderRow.takeback.in_(trials)))
    session.execute(delete(TakebackLineRow).where(TakebackLineRow.takeback.in_(trials)))
    done = session.execute(delete(TakebackRow).where(forgotten))
    return int(getattr(done, "rowcount", 0))


def stale(session: Session, *, proposed_before: datetime) -> tuple[str, ...]:
    """Return the ids of proposals to which nobody has agreed for long."""
    query = select(TakebackRow.id).where(
        TakebackRow.state == TakebackState.PROPOSED, TakebackRow.proposed_at < proposed_before
    )
    return tuple(session.scalars(query))


def forget_brought(session: Session, *, ended_before: datetime) -> int:
    """Delete what was brought and was not ours to take back, long after the end; return how many lines."""
    ended = select(TakebackRow.id).where(TakebackRow.ended_at < ended_before)
    done = session.execute(
        update(TakebackLineRow)
        .where(TakebackLineRow.takeback.in_(ended), TakebackLineRow.brought != "")
        .values(brought="")
    )
    return int(getattr(done, "rowcount", 0))


def _takeback(row: TakebackRow) -> Takeback:
    return Takeback(
        id=row.id,
        organisation=row.organisation,
        label=row.label,
        chosen=row.chosen,
        state=TakebackState(row.state),
        reason=Reason(row.reason),
        public_reason=row.public_reason,
        note=row.note,
        tells=row.tells,
        lines=row.lines,
        number=row.number,
        made_by=row.made_by,
        made_at=row.made_at,
        needs_second=row.needs_second,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        hasten_by=row.hasten_by,
        hastened_by=row.hastened_by,
        ends_at=row.ends_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )


def _members(line: Line) -> dict[str, Any]:
    members = asdict(line)
    members["credential"] = members.pop("key")
    return members


def _line(row: TakebackLineRow) -> Line:
    return Line(
        takeback=row.takeback,
        number=row.number,
        brought=row.brought,
        state=LineState(row.state),
        outlook=Outlook(row.outlook),
        key=row.credential,
        detail=row.detail,
        issues=row.issues,
        last_change=row.last_change,
        told=row.told,
    )
