# SPDX-License-Identifier: Apache-2.0
"""The audit log: append-only, hash-chained, written in the caller's transaction.

No line, no act: if the line cannot be written, the caller's transaction fails with it (threats L1). Each line
holds the SHA-256 of its own canonical form, which contains the digest of the line before; ``check`` finds any
line changed, deleted, inserted or moved. Lines cut off at the end are only found by somebody who kept an
older ``Head`` elsewhere (threats L2).

Lines hold ids and codes; never names, addresses, evidence or documents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import String, Text, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base
from service.errors import AuditUnavailableError

GENESIS = "0" * 64  # stands where the first line names the one before it


class AuditRow(Base):
    """One line of the log. Nobody updates or deletes one; triggers refuse it."""

    __tablename__ = "audit_log"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(500), index=True)
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at some time: to be kept elsewhere, and compared later."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Act:
    """What a line is going to say; its members are the arguments of ``record``."""

    actor: str
    action: str
    subject: str
    detail: Mapping[str, str | int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was written."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the chain is broken, and how."""

    number: int
    reason: str


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, str | int | None] | None = None,
) -> Head:
    """Append a line in the caller's transaction and return the new head.

    Args:
        session: The caller's writing transaction.
        actor: Who: ``token:<id>``, ``cli``, ``system``.
        action: What, dotted: ``thing.created``.
        subject: To what: an id.
        now: When.
        detail: Further ids and codes.

    Raises:
        AuditUnavailableError: The line could not be written; the caller's transaction must end with it.
    """
    return record_all(session, [Act(actor, action, subject, detail or {})], now=now)


def record_all(session: Session, acts: Sequence[Act], *, now: datetime) -> Head:
    """Append a line for each act, in this order, and return the new head.

    Raises:
        AuditUnavailableError: They could not be written; the caller's transaction must end with it.
    """
    try:
        last = head(session, lock=True)
        lines: list[dict[str, object]] = []
        for act in acts:
            row = AuditRow(
                number=last.number + 1,
                at=now.astimezone(UTC),
                actor=act.actor,
                action=act.action,
                subject=act.subject,
                detail=_json(act.detail),
                previous=last.digest,
            )
            last = Head(number=row.number, digest=_digest(row))
            names = ("number", "at", "actor", "action", "subject", "detail", "previous")
            lines.append({name: getattr(row, name) for name in names} | {"digest": last.digest})
        if lines:
            session.connection().execute(insert(AuditRow), lines)
    except SQLAlchemyError as error:
        raise AuditUnavailableError("The audit line could not be written, so nothing was done.") from error
    return last


def _json(detail: Mapping[str, str | int | None]) -> str:
    return json.dumps(dict(detail), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def head(session: Session, *, lock: bool = False) -> Head:
    """Return the end of the chain; ``lock`` keeps others from appending until the transaction ends."""
    query = select(AuditRow.number, AuditRow.digest).order_by(AuditRow.number.desc()).limit(1)
    last = session.execute(query.with_for_update() if lock else query).one_or_none()
    return Head(number=0, digest=GENESIS) if last is None else Head(number=last.number, digest=last.digest)


def check(session: Session, *, known: Head | None = None) -> Fault | None:
    """Recompute the whole chain; return the first fault, or None if every line stands as it was written.

    Args:
        session: Any session.
        known: A head that was kept elsewhere; it must still be part of the chain.
    """
    asked = select(AuditRow).order_by(AuditRow.number)
    with session.scalars(asked.execution_options(yield_per=1_000, populate_existing=True)) as rows:
        return _fault(rows, known)


def _fault(rows: Iterable[AuditRow], known: Head | None) -> Fault | None:
    number, previous = 0, GENESIS
    for row in rows:
        number += 1
        if row.number != number:
            return Fault(number, "the line is missing")
        if row.previous != previous:
            return Fault(number, "the line does not follow the one before it")
        if row.digest != _digest(row):
            return Fault(number, "the line was changed")
        if known is not None and known.number == number and known.digest != row.digest:
            return Fault(number, "the line is not the one that was here before")
        previous = row.digest
    if known is not None and known.number > number:
        return Fault(number + 1, "the line is missing")
    return None


def lines(session: Session, *, subject: str) -> tuple[Line, ...]:
    """Return what was done to ``subject``, oldest first."""
    rows = session.scalars(select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.number))
    return tuple(
        Line(
            number=row.number,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            detail=json.loads(row.detail),
        )
        for row in rows
    )


def _digest(row: AuditRow) -> str:
    canonical = json.dumps(
        [
            row.number,
            row.at.isoformat(timespec="microseconds"),
            row.actor,
            row.action,
            row.subject,
            row.detail,
            row.previous,
        ],
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
