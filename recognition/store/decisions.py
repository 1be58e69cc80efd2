# SPDX-License-Identifier: Apache-2.0
"""The rows of decisions. They are written once; there is no function that changes one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from recognition.claiming.decision import Decision, from_record, to_record
from recognition.store.tables import DecisionRow


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it stands in its row; ``record`` and ``document`` are the exact bytes.

    Attributes:
        document: What is published of it; empty: nothing is.
    """

    id: str
    organisation: str
    claim: str | None
    policy: str
    policy_version: str
    policy_sha256: str
    purpose: str
    outcome: str
    units: Decimal
    unit: str
    record: bytes = field(repr=False)
    document: bytes = field(repr=False)
    corrects: str | None
    decided_by: str
    decided_at: datetime
    reason: str

    @property
    def decision(self) -> Decision:
        """The whole decision, read from its record."""
        return from_record(self.record)


def add(session: Session, decision: Decision, *, document: bytes) -> None:
    """Write a decision with what is published of it."""
    session.add(
        DecisionRow(
            id=decision.id,
            organisation=decision.organisation,
            claim=decision.claim,
            policy=decision.policy,
            policy_version=decision.policy_version,
            policy_sha256=decision.policy_sha256,
            purpose=decision.purpose,
            outcome=decision.outcome,
            units=format(decision.units, "f"),
            unit=decision.unit,
            record=to_record(decision),
            document=document,
            corrects=decision.corrects,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
            reason=decision.reason,
        )
    )
    session.flush()


def get(session: Session, id: str) -> StoredDecision | None:
    """Return a decision, whoever made it, or None."""
    row = session.get(DecisionRow, id)
    return None if row is None else _stored(row)


def of_claim(session: Session, claim: str) -> tuple[StoredDecision, ...]:
    """Return all decisions about a claim, the newest first."""
    return of_claims(session, (claim,))[::-1]


def of_claims(session: Session, claims: Collection[str]) -> tuple[StoredDecision, ...]:
    """Return all decisions about these claims, the oldest first."""
    query = select(DecisionRow).where(DecisionRow.claim.in_(list(claims)))
    return _in_turn(_read(session, query.order_by(DecisionRow.decided_at, DecisionRow.id)))


def of_year(
    session: Session, organisation: str, *, since: datetime, before: datetime
) -> tuple[StoredDecision, ...]:
    """Return the decisions of an organisation in a span of time, ``before`` excluded, the oldest first."""
    query = select(DecisionRow).where(
        DecisionRow.organisation == organisation,
        DecisionRow.decided_at >= since,
        DecisionRow.decided_at < before,
    )
    return _read(session, query.order_by(DecisionRow.decided_at, DecisionRow.id))


def _read(session: Session, query: Select[DecisionRow]) -> tuple[StoredDecision, ...]:
    return tuple(_stored(row) for row in session.scalars(query))


def _in_turn(found: tuple[StoredDecision, ...]) -> tuple[StoredDecision, ...]:
    """Put a decision behind the one that it corrects, also where both were made in one moment."""
    named = {each.id: each.corrects for each in found}

    def corrections(each: StoredDecision) -> int:
        count, old = 0, each.corrects
        while old in named and count < len(named):
            count, old = count + 1, named[old]
        return count

    return tuple(sorted(found, key=lambda each: (each.decided_at, corrections(each))))


def _stored(row: DecisionRow) -> StoredDecision:
    return StoredDecision(
        id=row.id,
        organisation=row.organisation,
        claim=row.claim,
        policy=row.policy,
        policy_version=row.policy_version,
        policy_sha256=row.policy_sha256,
        purpose=row.purpose,
        outcome=row.outcome,
        units=Decimal(row.units),
        unit=row.unit,
        record=row.record,
        document=row.document,
        corrects=row.corrects,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
