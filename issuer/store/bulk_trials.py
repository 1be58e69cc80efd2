# SPDX-License-Identifier: Apache-2.0
"""Rows about the dry run of a file of awards, who started it, and what became of each row."""

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
from issuer.store.tables import AwardRow, BulkItemRow, BulkRow, BulkTrialRow, CredentialRow

ENDED = (BulkState.DONE, BulkState.CANCELLED)
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row; with an award, address and name are the award's, else the file's.

    Attributes:
        content: The award as it was asked for, JSON; of a bad row what its file shows; "" once tidied.
        key: Of the credential, or None.
        standing: The state of the credential, or None.
    """

    number: int
    state: RowState
    reason: str
    content: str
    key: str | None = None
    credential_id: str | None = None
    standing: str | None = None
    achievement: str | None = None
    email: str | None = None
    award: str | None = None


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


def by_key(session: Session, key: str) -> tuple[str, str | None] | None:
    """Return the bulk that was brought under an idempotency key, and the digest of that request."""
    query = select(BulkTrialRow.bulk, BulkTrialRow.request_digest).where(BulkTrialRow.idempotency_key == key)
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


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


# -- the trial itself --------------------------------------------------------------------------------------


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


# -- decisions ---------------------------------------------------------------------------------------------


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


# -- results -----------------------------------------------------------------------------------------------


def outcomes(
    session: Session,
    id: str,
    *,
    states: Collection[RowState] | None = None,
    warned: bool = False,
    after: int = 0,
    limit: int,
) -> tuple[Outcome, ...]:
    """Return what became of rows, behind the row ``after``, in their order."""
    query = (
        select(
            BulkItemRow.number,
            BulkItemRow.state,
            BulkItemRow.reason,
            BulkItemRow.content,
            BulkItemRow.award,
            CredentialRow.credential_id,
            CredentialRow.state,
            AwardRow.achievement,
            AwardRow.email,
            AwardRow.content,
        )
        .outerjoin(AwardRow, AwardRow.key == BulkItemRow.award)
        .outerjoin(CredentialRow, CredentialRow.key == BulkItemRow.award)
        .where(BulkItemRow.bulk == id, BulkItemRow.number > after)
    )
    if states is not None:
        query = query.where(BulkItemRow.state.in_(states))
    if warned:
        query = query.where(BulkItemRow.reason != "", BulkItemRow.state != RowState.BAD)
    found = session.execute(query.order_by(BulkItemRow.number).limit(limit))
    return tuple(
        Outcome(
            number, RowState(state), reason, content, key, credential_id, standing, achievement, email, award
        )
        for number, state, reason, content, key, credential_id, standing, achievement, email, award in found
    )


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
