# SPDX-License-Identifier: Apache-2.0
"""PD certificates that no decision stands behind, as those see them who look whether their awards stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from recognition.store.statements import CERTIFICATE
from recognition.store.tables import StatementRow


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate. ``flag`` is what was found of its award, since ``flagged_at``; "" if it stands."""

    id: str
    organisation: str
    award_key: str
    credential_id: str
    made_at: datetime
    flag: str
    flagged_at: datetime | None


def due(session: Session, *, before: datetime, most: int) -> tuple[Certificate, ...]:
    """Return certificates whose award was not looked up since ``before``, the longest unlooked first."""
    query = (
        _standing()
        .where(or_(StatementRow.looked_at.is_(None), StatementRow.looked_at <= before))
        .order_by(StatementRow.looked_at.is_not(None), StatementRow.looked_at, StatementRow.id)
    )
    return _read(session, query.limit(most))


def of_award(session: Session, award_key: str) -> tuple[Certificate, ...]:
    """Return the certificates that stand about an award, whoever issued them."""
    return _read(session, _standing().where(StatementRow.award_key == award_key).order_by(StatementRow.id))


def fallen(session: Session, organisation: str) -> tuple[Certificate, ...]:
    """Return an organisation's certificates whose award has fallen, the longest waiting first."""
    query = _standing().where(StatementRow.organisation == organisation, StatementRow.flag != "")
    return _read(session, query.order_by(StatementRow.flagged_at, StatementRow.id))


def make_due(session: Session, credential_ids: Collection[str]) -> int:
    """Let certificates about these credentials be looked at next; return how many there are."""
    done = session.execute(
        update(StatementRow)
        .where(
            StatementRow.kind == CERTIFICATE,
            StatementRow.decision == "",
            StatementRow.credential_id.in_(list(credential_ids)),
            StatementRow.withdrawn_at.is_(None),
        )
        .values(looked_at=None)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # a cursor's, for a bulk update


def looked(session: Session, award_key: str, *, now: datetime) -> None:
    """Write down that the award of these certificates was looked up."""
    session.execute(
        update(StatementRow)
        .where(StatementRow.kind == CERTIFICATE, StatementRow.award_key == award_key)
        .values(looked_at=now)
    )


def set_flag(session: Session, id: str, flag: str, *, at: datetime | None) -> None:
    """Write down what was found of a certificate's award; "" takes it away again."""
    session.execute(update(StatementRow).where(StatementRow.id == id).values(flag=flag, flagged_at=at))


def _standing() -> Any:
    return select(StatementRow).where(
        StatementRow.kind == CERTIFICATE, StatementRow.decision == "", StatementRow.withdrawn_at.is_(None)
    )


def _read(session: Session, query: Any) -> tuple[Certificate, ...]:
    return tuple(
        Certificate(**{name: getattr(row, name) for name in Certificate.__slots__})
        for row in session.scalars(query)
    )
