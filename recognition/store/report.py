# SPDX-License-Identifier: Apache-2.0
"""What the yearly report reads: decisions and claims, without what it does not count. It writes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recognition.claiming.claim_states import SEEN
from recognition.claiming.decision import IMPORTED, REFUSED, from_record
from recognition.claiming.report import Made, Sent
from recognition.store.tables import ClaimRow, DecisionRow, LedgerRow


def decisions(session: Session, organisation: str, *, since: datetime) -> tuple[Made, ...]:
    """Return the decisions of an organisation from ``since`` on, the oldest first.

    Only the records of those are opened that a person has changed, or that take the place of another one.
    """
    query = select(
        DecisionRow.id,
        DecisionRow.claim,
        DecisionRow.purpose,
        DecisionRow.policy,
        DecisionRow.policy_version,
        DecisionRow.unit,
        DecisionRow.outcome,
        DecisionRow.corrects,
        DecisionRow.decided_at,
        DecisionRow.reason,
    ).where(DecisionRow.organisation == organisation, DecisionRow.decided_at >= since)
    found = session.execute(query.order_by(DecisionRow.decided_at, DecisionRow.id)).all()
    made = []
    for row in found:
        opened = None
        if (row.reason or row.corrects) and row.outcome not in (REFUSED, IMPORTED):
            opened = session.scalar(select(DecisionRow.record).where(DecisionRow.id == row.id))
        decision = None if opened is None else from_record(opened)
        made.append(
            Made(
                id=row.id,
                claim=row.claim,
                purpose=row.purpose,
                policy=row.policy,
                version=row.policy_version,
                unit=row.unit,
                outcome=row.outcome,
                corrects=row.corrects,
                decided_at=row.decided_at,
                # Nobody had a proposal before them when a part was taken back (``correction``).
                takes_back=decision is not None and decision.corrects is not None and not decision.shown,
                is_adjusted=decision is not None and bool(decision.adjustments),
            )
        )
    return tuple(made)


def sent(session: Session, organisation: str, *, since: datetime, before: datetime) -> tuple[Sent, ...]:
    """Return the claims that reached the organisation in a span of time and were not withdrawn."""
    query = select(ClaimRow.id, ClaimRow.purpose, ClaimRow.policy, ClaimRow.submitted_at).where(
        ClaimRow.organisation == organisation,
        ClaimRow.submitted_at >= since,
        ClaimRow.submitted_at < before,
        ClaimRow.state.in_([str(each) for each in SEEN]),
    )
    found = session.execute(query.order_by(ClaimRow.submitted_at, ClaimRow.id))
    return tuple(Sent(id, purpose, policy, at) for id, purpose, policy, at in found if at is not None)


def first(session: Session, organisation: str) -> datetime | None:
    """Return the moment of the first thing that a report could tell, or None."""
    moments = (
        session.scalar(select(func.min(column)).where(owner == organisation))
        for column, owner in (
            (DecisionRow.decided_at, DecisionRow.organisation),
            (LedgerRow.used_at, LedgerRow.organisation),
            (ClaimRow.submitted_at, ClaimRow.organisation),
        )
    )
    return min((each for each in moments if each is not None), default=None)
