# SPDX-License-Identifier: Apache-2.0
"""Rows about what people decide of files of awards: proposed, started, cancelled, left undecided."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from issuer.bulk.bulk import Bulk, BulkState, RowState
from issuer.store.bulk_trials import UNSTARTED, Trial
from issuer.store.bulks import _bulk
from issuer.store.tables import BulkItemRow, BulkRow, BulkTrialRow

ENDED = (BulkState.DONE, BulkState.CANCELLED)


def same_file(session: Session, trial: Trial) -> tuple[Bulk, ...]:
    """Return the other bulks of the same file in the same organisation, newest first; a few."""
    query = (
        select(BulkRow)
        .join(BulkTrialRow, BulkTrialRow.bulk == BulkRow.id)
        .where(
            BulkTrialRow.sha256 == trial.sha256,
            BulkTrialRow.bulk != trial.bulk,
            BulkTrialRow.issuer == trial.issuer,
            or_(BulkRow.state != BulkState.CANCELLED, BulkRow.started_at.is_not(None)),
        )
        .order_by(BulkRow.made_at.desc())
        .limit(5)
    )
    return tuple(_bulk(row) for row in session.scalars(query))


def alone(session: Session, issuer: str | None, *, since: datetime) -> int:
    """Return how many awards of an organisation were started without a second person since then.

    By whomever: one person may hold several tokens beside the account.
    """
    query = (
        select(func.coalesce(func.sum(BulkRow.rows), 0))
        .select_from(BulkRow)
        .join(BulkTrialRow, BulkTrialRow.bulk == BulkRow.id)
        .where(
            BulkTrialRow.issuer == issuer,
            BulkRow.made_by == BulkRow.approved_by,
            BulkRow.started_at > since,
        )
    )
    return int(session.scalar(query) or 0)


def undecided(session: Session, actor: str) -> tuple[int, int]:
    """Return how many files of somebody nobody decided about, and how many of them are not tried yet."""
    query = (
        select(func.count(), func.count(BulkTrialRow.tried_at))
        .select_from(BulkRow)
        .join(BulkTrialRow, BulkTrialRow.bulk == BulkRow.id)
        .where(BulkRow.made_by == actor, BulkRow.state.in_(UNSTARTED))
    )
    number, tried = session.execute(query).one()
    return int(number), int(number) - int(tried)


def waiting_for(session: Session, issuers: Collection[str], actor: str) -> int:
    """Return how many files of some organisations wait for a second person, who may be ``actor``."""
    query = (
        select(func.count())
        .select_from(BulkRow)
        .join(BulkTrialRow, BulkTrialRow.bulk == BulkRow.id)
        .where(
            BulkRow.state == BulkState.PROPOSED,
            BulkRow.made_by != actor,
            BulkTrialRow.issuer.in_(issuers),
        )
    )
    return int(session.scalar(query) or 0)


def tried_before(session: Session, sha256: str, actor: str, *, sends_mail: bool) -> str | None:
    """Return the newest file of somebody with these bytes that was tried, and nobody decided about."""
    query = (
        select(BulkRow.id)
        .join(BulkTrialRow, BulkTrialRow.bulk == BulkRow.id)
        .where(
            BulkTrialRow.sha256 == sha256,
            BulkTrialRow.tried_at.is_not(None),
            BulkRow.made_by == actor,
            BulkRow.state == BulkState.TRIAL,
            BulkRow.sends_mail == sends_mail,
        )
        .order_by(BulkRow.made_at.desc())
        .limit(1)
    )
    return session.scalar(query)


def propose(session: Session, id: str, *, leaves_out: bool) -> bool:
    """Let a trial wait for a second person; tell whether it did."""
    done = session.execute(
        update(BulkRow)
        .where(BulkRow.id == id, BulkRow.state == BulkState.TRIAL)
        .values(state=BulkState.PROPOSED)
    )
    return _said(session, id, done, leaves_out)


def start(session: Session, id: str, *, before: BulkState, by: str, leaves_out: bool, now: datetime) -> bool:
    """Let a bulk run; tell whether it did."""
    done = session.execute(
        update(BulkRow)
        .where(BulkRow.id == id, BulkRow.state == before)
        .values(state=BulkState.RUNNING, approved_by=by, started_at=now)
    )
    return _said(session, id, done, leaves_out)


def cancel(session: Session, id: str, *, now: datetime) -> bool:
    """End a bulk that was not started; tell whether it did."""
    done = session.execute(
        update(BulkRow)
        .where(BulkRow.id == id, BulkRow.state.in_(UNSTARTED))
        .values(state=BulkState.CANCELLED, ended_at=now)
    )
    if not getattr(done, "rowcount", 0):
        return False
    session.execute(update(BulkTrialRow).where(BulkTrialRow.bulk == id).values(file=None, taken_until=None))
    session.execute(
        update(BulkItemRow)
        .where(BulkItemRow.bulk == id, BulkItemRow.state == RowState.WAITING)
        .values(state=RowState.CANCELLED)
    )
    return True


def tidy(session: Session, *, unstarted_before: datetime, ended_before: datetime) -> int:
    """Forget what nobody decided about, and what files said of people whose awards are done.

    Of an issued row at once, since the award says it; of others after some days. Return how many rows and
    bulks that were.
    """
    old = select(BulkRow.id).where(BulkRow.state.in_(UNSTARTED), BulkRow.made_at < unstarted_before)
    forgotten = session.execute(delete(BulkRow).where(BulkRow.id.in_(old)))
    ended = select(BulkRow.id).where(BulkRow.state.in_(ENDED), BulkRow.ended_at < ended_before)
    cleared = session.execute(
        update(BulkItemRow)
        .where(
            BulkItemRow.content != "",
            or_(BulkItemRow.state == RowState.ISSUED, BulkItemRow.bulk.in_(ended)),
        )
        .values(content="")
    )
    return sum(int(getattr(done, "rowcount", 0)) for done in (forgotten, cleared))


def _said(session: Session, id: str, done: object, leaves_out: bool) -> bool:
    if not getattr(done, "rowcount", 0):
        return False
    session.execute(update(BulkTrialRow).where(BulkTrialRow.bulk == id).values(leaves_out=leaves_out))
    return True
