# SPDX-License-Identifier: Apache-2.0
"""Rows about the dry run of a file of awards; ``bulk_decisions`` has what people decide then."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from issuer.bulk.bulk import Bulk, BulkState, RowState
from issuer.store.bulks import _bulk
from issuer.store.tables import AwardRow, BulkItemRow, BulkRow, BulkTrialRow

UNSTARTED = (BulkState.TRIAL, BulkState.PROPOSED)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a file was found to be.

    Attributes:
        bulk: Id of its bulk.
        issuer: Whose awards they are; None until it is known.
        kind: How the file is written.
        total: Its rows; more or less, until it is tried.
        tried: How many were looked at.
        bad: How many cannot become awards.
        warned: How many of the others need a look.
        leaves_out: Whether somebody said that the bad ones are left out.
        summary: Counts and notes (``trial``).
        trouble: Why the file as a whole cannot be used, or "".
        tried_at: When all of it had been looked at.
    """

    bulk: str
    issuer: str | None
    kind: str
    sha256: str
    total: int
    tried: int = 0
    bad: int = 0
    warned: int = 0
    leaves_out: bool = False
    summary: Mapping[str, Any] = field(default_factory=dict)
    trouble: str = ""
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A row that was looked at, as it is kept."""

    number: int
    state: RowState
    content: str
    reason: str


def add(
    session: Session, bulk: Bulk, trial: Trial, *, file: bytes, key: str | None, request_digest: str | None
) -> None:
    """Keep a bulk that is going to be tried, with its file."""
    session.add(
        BulkRow(
            id=bulk.id,
            label=bulk.label,
            state=bulk.state,
            rows=0,
            sends_mail=bulk.sends_mail,
            made_by=bulk.made_by,
            made_at=bulk.made_at,
        )
    )
    session.flush()
    session.add(
        BulkTrialRow(
            bulk=bulk.id,
            issuer=trial.issuer,
            kind=trial.kind,
            file=file,
            sha256=trial.sha256,
            idempotency_key=key,
            request_digest=request_digest,
            total=trial.total,
            tried=0,
            bad=0,
            warned=0,
            leaves_out=False,
            summary="{}",
            trouble="",
        )
    )
    session.flush()


def get(session: Session, id: str) -> tuple[Bulk, Trial] | None:
    """Return a bulk with its trial, or None."""
    found = session.execute(_both().where(BulkRow.id == id)).one_or_none()
    return None if found is None else (_bulk(found[0]), _trial(found[1]))


def listed(
    session: Session,
    *,
    issuers: Collection[str] | None = None,
    made_by: str | None = None,
    after: str | None = None,
    limit: int,
) -> tuple[tuple[Bulk, Trial], ...]:
    """Return bulks, newest first, behind ``after``: of these organisations, of one maker, or all."""
    query = _both()
    if issuers is not None:
        query = query.where(BulkTrialRow.issuer.in_(issuers))
    if made_by is not None:
        query = query.where(BulkRow.made_by == made_by)
    place = None if after is None else session.get(BulkRow, after)
    if place is not None:
        query = query.where(tuple_(BulkRow.made_at, BulkRow.id) < (place.made_at, place.id))
    query = query.order_by(BulkRow.made_at.desc(), BulkRow.id.desc()).limit(limit)
    return tuple((_bulk(bulk), _trial(trial)) for bulk, trial in session.execute(query))


def by_key(session: Session, key: str) -> tuple[str, str | None] | None:
    """Return the bulk that was brought under an idempotency key, and the digest of that request."""
    query = select(BulkTrialRow.bulk, BulkTrialRow.request_digest).where(BulkTrialRow.idempotency_key == key)
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def waiting(session: Session, *, now: datetime) -> tuple[str, ...]:
    """Return the bulks whose file nobody is looking at, oldest first."""
    query = (
        select(BulkTrialRow.bulk)
        .join(BulkRow, BulkRow.id == BulkTrialRow.bulk)
        .where(BulkRow.state == BulkState.TRIAL, BulkTrialRow.tried_at.is_(None), _is_free(now))
        .order_by(BulkRow.made_at, BulkRow.id)
    )
    return tuple(session.scalars(query))


def take(session: Session, id: str, *, by: str, now: datetime, until: datetime) -> bytes | None:
    """Take a file to look at it from its beginning; None if another has it, or nothing is to be done.

    Whoever had it before, and comes back after the lease, writes nothing any more (``keep``, ``finish``).
    """
    row = session.scalar(
        select(BulkTrialRow)
        .join(BulkRow, BulkRow.id == BulkTrialRow.bulk)
        .where(
            BulkTrialRow.bulk == id,
            BulkRow.state == BulkState.TRIAL,
            BulkTrialRow.tried_at.is_(None),
            _is_free(now),
        )
    )
    if row is None:
        return None
    session.execute(delete(BulkItemRow).where(BulkItemRow.bulk == id))
    row.taken_until, row.taken_by, row.tried, row.bad, row.warned = until, by, 0, 0, 0
    return row.file


def keep(session: Session, trial: Trial, rows: Sequence[Tried], *, by: str, until: datetime) -> bool:
    """Keep rows that were looked at; tell whether the trial goes on, and is still this run's."""
    done = session.execute(
        update(BulkTrialRow)
        .where(*_is_mine(trial.bulk, by))
        .values(tried=trial.tried, bad=trial.bad, warned=trial.warned, taken_until=until)
    )
    if not getattr(done, "rowcount", 0):
        return False
    if rows:
        session.execute(
            insert(BulkItemRow),
            [
                {
                    "bulk": trial.bulk,
                    "number": each.number,
                    "state": each.state,
                    "content": each.content,
                    "reason": each.reason,
                }
                for each in rows
            ],
        )
    return True


def finish(session: Session, trial: Trial, *, by: str, rows: int, now: datetime) -> bool:
    """Write down what the whole file was found to be, and forget the file.

    False if it was stopped, is another run's, or not every good row is there: then it is looked at again.
    """
    if not trial.trouble and good(session, trial.bulk) != rows:
        return False
    values = {"issuer": trial.issuer, "summary": json.dumps(trial.summary), "trouble": trial.trouble}
    done = session.execute(
        update(BulkTrialRow)
        .where(*_is_mine(trial.bulk, by))
        .values(**values, total=trial.total, tried=trial.tried, tried_at=now, taken_until=None, file=None)
    )
    if not getattr(done, "rowcount", 0):
        return False
    session.execute(update(BulkRow).where(BulkRow.id == trial.bulk).values(rows=rows))
    return True


def good(session: Session, id: str) -> int:
    """Return how many rows of a bulk are good and wait."""
    query = select(func.count()).where(BulkItemRow.bulk == id, BulkItemRow.state == RowState.WAITING)
    return int(session.scalar(query) or 0)


def known(
    session: Session, issuer: str, achievements: Collection[str], recipients: Collection[str]
) -> tuple[tuple[str, str, str, str], ...]:
    """Return (achievement, recipient, submission, key) of what is awarded already to these people."""
    if not achievements or not recipients:
        return ()
    query = select(AwardRow.achievement, AwardRow.recipient, AwardRow.submission, AwardRow.key).where(
        AwardRow.issuer == issuer,
        AwardRow.achievement.in_(achievements),
        AwardRow.recipient.in_(recipients),
        AwardRow.replaced_by.is_(None),
    )
    return tuple((one, two, three, key) for one, two, three, key in session.execute(query))


def _both() -> Any:
    return select(BulkRow, BulkTrialRow).join(BulkTrialRow, BulkTrialRow.bulk == BulkRow.id)


def _is_free(now: datetime) -> Any:
    return or_(BulkTrialRow.taken_until.is_(None), BulkTrialRow.taken_until <= now)


def _is_mine(id: str, by: str) -> tuple[Any, ...]:
    """Return what is asked of a trial before one of its runs writes anything."""
    is_trial = select(BulkRow.id).where(BulkRow.id == id, BulkRow.state == BulkState.TRIAL).exists()
    return BulkTrialRow.bulk == id, BulkTrialRow.taken_by == by, BulkTrialRow.tried_at.is_(None), is_trial


def _trial(row: BulkTrialRow) -> Trial:
    return Trial(
        bulk=row.bulk,
        issuer=row.issuer,
        kind=row.kind,
        sha256=row.sha256,
        total=row.total,
        tried=row.tried,
        bad=row.bad,
        warned=row.warned,
        leaves_out=row.leaves_out,
        summary=json.loads(row.summary),
        trouble=row.trouble,
        tried_at=row.tried_at,
    )
