# SPDX-License-Identifier: Apache-2.0
"""The lines of the ledger as those see them who look whether sources stand: due, fallen, kept, reversed.

A line is never deleted. ``flag`` says what was found, ``flagged_at`` since when; ``kept_at`` that a person
decided to let it stand all the same, ``reversed_at`` that a person took it back, which frees its award.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from recognition.rule.policy import AWARDED_STAGE
from recognition.store.tables import ClaimAwardRow, ClaimRow, DecisionRow, LedgerRow, StatementRow

IDS: Final = 500  # ids in one question; SQLite takes 32,766 values

_Lines = Select[LedgerRow, str | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger.

    Attributes:
        claim: Of its decision; None where a decision was made without one.
        group: Number of its group within the decision; ``units`` are the group's.
        flag: What was found, or "".
        looked_at: When its source was last looked up; None: it is due.
        checked_at: When that last gave an answer.
    """

    id: str
    organisation: str
    purpose: str
    stage: str
    award_key: str
    credential_id: str
    issuer_id: str
    item: str
    title: str
    awarded_on: date
    person: str | None
    person_key: str
    decision: str
    claim: str | None
    group: int
    bucket: str
    units: str
    unit: str
    used_at: datetime
    flagged_at: datetime | None
    flag: str
    kept_at: datetime | None
    reversed_at: datetime | None
    note: str
    looked_at: datetime | None
    checked_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether somebody must decide about it."""
        return self.flagged_at is not None and self.kept_at is None and self.reversed_at is None


def due(session: Session, *, before: datetime, most: int) -> tuple[Line, ...]:
    """Return lines of awards that were not looked up since ``before``, those that wait longest first."""
    query = (
        _lines()
        .where(LedgerRow.reversed_at.is_(None), LedgerRow.stage == AWARDED_STAGE)
        .where(or_(LedgerRow.looked_at.is_(None), LedgerRow.looked_at <= before))
        .order_by(LedgerRow.looked_at.is_not(None), LedgerRow.looked_at, LedgerRow.used_at, LedgerRow.id)
        .limit(most)
    )
    return _read(session, query)


def of_award(session: Session, award_key: str) -> tuple[Line, ...]:
    """Return the lines of an award that stand, at every organisation."""
    query = _lines().where(
        LedgerRow.award_key == award_key,
        LedgerRow.stage == AWARDED_STAGE,
        LedgerRow.reversed_at.is_(None),
    )
    return _read(session, query.order_by(LedgerRow.organisation, LedgerRow.used_at, LedgerRow.id))


def of_decision(session: Session, decision: str) -> tuple[Line, ...]:
    """Return the lines of a decision, reversed ones too, in the order of their groups."""
    query = _lines().where(LedgerRow.decision == decision)
    return _read(session, query.order_by(LedgerRow.group, LedgerRow.awarded_on, LedgerRow.id))


def earlier_stages(session: Session, line: Line) -> tuple[Line, ...]:
    """Return what the same work gave the same person before the award, and stands (a complete submission)."""
    if not line.item or not line.person_key:
        return ()
    query = _lines().where(
        LedgerRow.organisation == line.organisation,
        LedgerRow.purpose == line.purpose,
        LedgerRow.person_key == line.person_key,
        LedgerRow.item == line.item,
        LedgerRow.stage != AWARDED_STAGE,
        LedgerRow.reversed_at.is_(None),
    )
    return _read(session, query.order_by(LedgerRow.used_at, LedgerRow.id))


def waiting(session: Session, organisation: str) -> tuple[Line, ...]:
    """Return the lines about which somebody must decide, the longest waiting first."""
    query = _lines().where(
        LedgerRow.organisation == organisation,
        LedgerRow.flagged_at.is_not(None),
        LedgerRow.kept_at.is_(None),
        LedgerRow.reversed_at.is_(None),
    )
    return _read(session, query.order_by(LedgerRow.flagged_at, LedgerRow.decision, LedgerRow.id))


def unchecked(session: Session, organisation: str, *, since: datetime) -> tuple[Line, ...]:
    """Return the lines whose source gave no answer since a moment, the longest unchecked first."""
    query = _lines().where(
        LedgerRow.organisation == organisation,
        LedgerRow.stage == AWARDED_STAGE,
        LedgerRow.reversed_at.is_(None),
        LedgerRow.used_at < since,
        or_(LedgerRow.checked_at.is_(None), LedgerRow.checked_at < since),
    )
    oldest = (LedgerRow.checked_at.is_not(None), LedgerRow.checked_at, LedgerRow.used_at, LedgerRow.id)
    return _read(session, query.order_by(*oldest))


def settled(session: Session, organisation: str, *, most: int) -> tuple[Line, ...]:
    """Return the lines that were kept or reversed after their source fell, the latest first."""
    query = _lines().where(
        LedgerRow.organisation == organisation,
        LedgerRow.flagged_at.is_not(None),
        or_(LedgerRow.kept_at.is_not(None), LedgerRow.reversed_at.is_not(None)),
    )
    return _read(session, query.order_by(LedgerRow.flagged_at.desc(), LedgerRow.id).limit(most))


def one(session: Session, organisation: str, id: str) -> Line | None:
    """Return a line of an organisation, or None."""
    found = _read(session, _lines().where(LedgerRow.organisation == organisation, LedgerRow.id == id))
    return found[0] if found else None


def successor(session: Session, line: Line) -> str | None:
    """Return the line that counts the award of ``line`` now, for the same purpose and stage, or None."""
    query = select(LedgerRow.id).where(
        LedgerRow.organisation == line.organisation,
        LedgerRow.purpose == line.purpose,
        LedgerRow.stage == line.stage,
        LedgerRow.award_key == line.award_key,
        LedgerRow.reversed_at.is_(None),
    )
    return session.scalar(query)


def source(session: Session, line: Line) -> tuple[str, bytes | None] | None:
    """Return how the award of a line was brought to its own decision: its link, and its bytes, if any."""
    if line.claim is None:
        return None
    query = (
        select(ClaimAwardRow.url, ClaimAwardRow.body)
        .where(ClaimAwardRow.claim == line.claim, ClaimAwardRow.award_key == line.award_key)
        .order_by(ClaimAwardRow.position)
    )
    found = session.execute(query).first()
    return None if found is None else (found.url, found.body)


def make_due(session: Session, credential_ids: Collection[str]) -> int:
    """Let the lines of these credentials be looked up next; return how many there are."""
    query = update(LedgerRow).where(
        LedgerRow.credential_id.in_(list(credential_ids)[:IDS]), LedgerRow.reversed_at.is_(None)
    )
    # A cursor's row count is what SQLAlchemy gives for a bulk update.
    return int(session.execute(query.values(looked_at=None)).rowcount)  # type: ignore[attr-defined]


def looked(session: Session, ids: Iterable[str], *, answered: bool, now: datetime) -> None:
    """Write down that the sources of these lines were looked up, and whether that gave an answer."""
    values = {"looked_at": now, "checked_at": now} if answered else {"looked_at": now}
    session.execute(update(LedgerRow).where(LedgerRow.id.in_(list(ids))).values(values))


def flag(session: Session, id: str, flag: str, *, now: datetime) -> None:
    """Write down what was found; what somebody had decided about an earlier finding is open again."""
    _change(session, id, flag=flag, flagged_at=now, kept_at=None)


def clear(session: Session, id: str) -> None:
    """Take a flag away again, because its cause is gone."""
    _change(session, id, flag="", flagged_at=None, kept_at=None)


def keep(session: Session, id: str, *, note: str, now: datetime) -> None:
    """Write down that somebody lets it stand, and why."""
    _change(session, id, kept_at=now, note=note)


def reverse(session: Session, id: str, *, note: str, now: datetime) -> None:
    """Write down that it was taken back, and why. Its award is free from here on."""
    _change(session, id, reversed_at=now, note=note)


def restate_claim(
    session: Session, claim: str, state: str, *, expected: Collection[str], now: datetime
) -> bool:
    """Give a claim another state if it is in one of ``expected``; tell whether it was."""
    query = update(ClaimRow).where(ClaimRow.id == claim, ClaimRow.state.in_(list(expected)))
    return bool(session.execute(query.values(state=state, changed_at=now)).rowcount)  # type: ignore[attr-defined]


def carry_over(session: Session, old: str, new: str) -> None:
    """Let a line that takes the place of another one know when its source was looked up."""
    before = session.get_one(LedgerRow, old)
    _change(session, new, looked_at=before.looked_at, checked_at=before.checked_at)


def redecide_claim(session: Session, claim: str, decision: str, *, now: datetime) -> None:
    """Let another decision be the newest one about a claim."""
    values = {"decision": decision, "changed_at": now}
    session.execute(update(ClaimRow).where(ClaimRow.id == claim).values(values))


def claim_name(session: Session, claim: str | None) -> str:
    """Return whose claim it is, as it was given; "" without one."""
    if claim is None:
        return ""
    return session.scalar(select(ClaimRow.person_name).where(ClaimRow.id == claim)) or ""


def stated(session: Session, decision: str) -> int:
    """Return how many signed statements of a decision stand."""
    query = select(func.count()).where(
        StatementRow.decision == decision,
        StatementRow.signed.is_not(None),
        StatementRow.withdrawn_at.is_(None),
    )
    return session.scalar(query) or 0


def _change(session: Session, id: str, **values: object) -> None:
    session.execute(update(LedgerRow).where(LedgerRow.id == id).values(**values))


def _lines() -> _Lines:
    return select(LedgerRow, DecisionRow.claim).join(DecisionRow, DecisionRow.id == LedgerRow.decision)


def _read(session: Session, query: _Lines) -> tuple[Line, ...]:
    names = [name for name in Line.__slots__ if name != "claim"]
    return tuple(
        Line(claim=claim, **{name: getattr(row, name) for name in names})
        for row, claim in session.execute(query)
    )
