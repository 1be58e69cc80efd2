# SPDX-License-Identifier: Apache-2.0
"""The rows of recognitions and PD certificates: written down before they are signed, and never deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recognition.store.tables import ClaimRow, DecisionRow, LedgerRow, PolicyRow, StatementRow

ENDORSEMENT: Final = "endorsement"
KIND: Final = "kind"  # "we accept this kind"
CERTIFICATE: Final = "pd-certificate"
SIGNED_OUTCOMES: Final = ("granted", "supporting-document")
SHIFT: Final = 200  # rows that one run of the job looks at; the next run takes the others

_Rows = Select[StatementRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One recognition or PD certificate.

    Attributes:
        id: UUID as text; the last part of its address.
        kind: ``endorsement``, ``kind`` or ``pd-certificate``.
        organisation: Slug of whoever signs it.
        decision: Id of the decision behind it; "" for an affiliate's own certificate.
        participant: Name of whom a PD certificate is about; signed is its hash only.
        intended: The unsigned document as it was written down.
        signed: The exact bytes; None as long as nobody has signed.
        is_public: Whether it stands on the award's page, because its educator agrees; of a PD certificate,
            whether its own page and paper show the participant's name.
        revoked_at: When its withdrawal was carried into the status list.
    """

    id: str
    kind: str
    organisation: str
    decision: str
    award_key: str
    credential_id: str
    person: str | None
    person_key: str = field(repr=False)
    participant: str = field(default="", repr=False)
    intended: bytes = field(repr=False)
    signed: bytes | None = field(default=None, repr=False)
    is_public: bool = False
    made_at: datetime
    signed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_why: str = ""
    revoked_at: datetime | None = None

    @property
    def shown_name(self) -> str:
        """The name that everybody may see: of somebody who has an account here and agrees; "" otherwise."""
        return self.participant if self.person is not None and self.is_public else ""

    @property
    def is_unfinished(self) -> bool:
        """Whether something is still to be done: signing it, or carrying its withdrawal out."""
        if self.withdrawn_at is not None:
            return self.revoked_at is None
        return self.signed is None


def add(session: Session, statement: Statement) -> bool:
    """Write a statement down; False if there is one of the same kind, decision and award already."""
    try:
        with session.begin_nested():
            session.add(StatementRow(**{name: getattr(statement, name) for name in Statement.__slots__}))
            session.flush()
    except IntegrityError:
        return False
    return True


def get(session: Session, id: str) -> Statement | None:
    """Return the statement with this id, or None."""
    return _one(session, select(StatementRow).where(StatementRow.id == id))


def of_decision(session: Session, decision: str) -> tuple[Statement, ...]:
    """Return all that was ever stated of a decision, withdrawn ones too, oldest first."""
    return _all(session, select(StatementRow).where(StatementRow.decision == decision))


def of_award(session: Session, award_key: str, *, organisation: str | None = None) -> tuple[Statement, ...]:
    """Return what stands about an award and was not withdrawn; by one organisation, if it is named."""
    query = select(StatementRow).where(
        StatementRow.award_key == award_key, StatementRow.withdrawn_at.is_(None)
    )
    if organisation is not None:
        query = query.where(StatementRow.organisation == organisation)
    return _all(session, query)


def of_person(session: Session, *, person: str, person_key: str) -> tuple[Statement, ...]:
    """Return what stands about somebody's awards, by account or by address, oldest first."""
    query = select(StatementRow).where(
        or_(StatementRow.person == person, StatementRow.person_key == person_key),
        StatementRow.withdrawn_at.is_(None),
    )
    return _all(session, query)


def public_of(session: Session, credential_ids: Collection[str]) -> tuple[Statement, ...]:
    """Return what stands beside an award on its page: signed, agreed to, not withdrawn."""
    query = select(StatementRow).where(
        StatementRow.credential_id.in_(credential_ids),
        StatementRow.kind == ENDORSEMENT,
        StatementRow.is_public.is_(True),
        StatementRow.signed.is_not(None),
        StatementRow.withdrawn_at.is_(None),
    )
    return _all(session, query)


def certificate(session: Session, organisation: str, award_key: str) -> Statement | None:
    """Return the PD certificate of an organisation about an award that stands, or None."""
    query = select(StatementRow).where(
        StatementRow.kind == CERTIFICATE,
        StatementRow.organisation == organisation,
        StatementRow.award_key == award_key,
        StatementRow.withdrawn_at.is_(None),
    )
    return _one(session, query)


def unfinished(session: Session) -> tuple[Statement, ...]:
    """Return what is still to be signed, or to be withdrawn for everybody to see; at most ``SHIFT``."""
    query = select(StatementRow).where(
        or_(
            StatementRow.withdrawn_at.is_(None) & StatementRow.signed.is_(None),
            StatementRow.withdrawn_at.is_not(None) & StatementRow.revoked_at.is_(None),
        )
    )
    return _all(session, query.limit(SHIFT))


def unstated(session: Session, organisation: str) -> tuple[str, ...]:
    """Return the decisions that count in an organisation and of which nothing was ever written down."""
    query = _unstated().where(DecisionRow.organisation == organisation)
    return tuple(session.scalars(query.order_by(DecisionRow.decided_at, DecisionRow.id).limit(SHIFT)))


def organisations_unstated(session: Session) -> tuple[str, ...]:
    """Return the organisations that have such decisions."""
    query = _unstated().with_only_columns(DecisionRow.organisation).distinct()
    return tuple(sorted(session.scalars(query)))


def _unstated() -> Select[str]:
    """Select ids of decisions that stand in the ledger, or count as documents, without a statement."""
    stated = select(StatementRow.decision).where(StatementRow.kind == ENDORSEMENT)
    newer = select(DecisionRow.corrects).where(DecisionRow.corrects.is_not(None))
    counted = select(LedgerRow.decision).where(LedgerRow.reversed_at.is_(None), LedgerRow.credential_id != "")
    return select(DecisionRow.id).where(
        DecisionRow.outcome.in_(SIGNED_OUTCOMES),
        DecisionRow.document != b"",
        DecisionRow.id.not_in(stated),
        DecisionRow.id.not_in(newer),
        or_(DecisionRow.id.in_(counted), DecisionRow.outcome == SIGNED_OUTCOMES[1]),
    )


def sign(session: Session, id: str, signed: bytes, *, now: datetime) -> None:
    """Keep the signed bytes; the first stay."""
    session.execute(
        update(StatementRow)
        .where(StatementRow.id == id, StatementRow.signed.is_(None))
        .values(signed=signed, signed_at=now)
    )


def withdraw(session: Session, ids: Collection[str], why: str, *, now: datetime) -> tuple[str, ...]:
    """Write down that these are withdrawn; return which of them were not before."""
    query = select(StatementRow).where(StatementRow.id.in_(ids), StatementRow.withdrawn_at.is_(None))
    rows = list(session.scalars(query.order_by(StatementRow.id).with_for_update()))
    for row in rows:
        row.withdrawn_at, row.withdrawn_why = now, why
    session.flush()
    return tuple(row.id for row in rows)


def revoked(session: Session, id: str, *, now: datetime) -> None:
    """Write down that a withdrawal was carried out."""
    session.execute(
        update(StatementRow)
        .where(StatementRow.id == id, StatementRow.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def show(session: Session, id: str, *, is_public: bool) -> None:
    """Write down whether it stands on the award's page."""
    session.execute(update(StatementRow).where(StatementRow.id == id).values(is_public=is_public))


def show_names(
    session: Session, organisation: str, credential_ids: Collection[str], *, person: str, shows: bool
) -> None:
    """Write down whether an organisation's PD certificates about an award of this person show the name."""
    session.execute(
        update(StatementRow)
        .where(
            StatementRow.kind == CERTIFICATE,
            StatementRow.organisation == organisation,
            StatementRow.credential_id.in_(credential_ids),
            StatementRow.person == person,
        )
        .values(is_public=shows)
    )


def document(session: Session, decision: str) -> bytes | None:
    """Return the exact public document of a decision; None where nothing of it is published."""
    found = session.scalar(select(DecisionRow.document).where(DecisionRow.id == decision))
    return found or None


def policy_source(session: Session, id: str, version: str) -> bytes | None:
    """Return the exact text of a version of a policy, or None."""
    return session.scalar(select(PolicyRow.source).where(PolicyRow.id == id, PolicyRow.version == version))


def claimed(session: Session, claim: str) -> tuple[str, bool] | None:
    """Return the name that a claim gives, if its educator sent it, and whether it may be shown; or None."""
    row = session.get(ClaimRow, claim)
    if row is None:
        return None
    return (row.person_name if row.person is not None else ""), row.show_publicly


def _one(session: Session, query: _Rows) -> Statement | None:
    return next(iter(_all(session, query)), None)


def _all(session: Session, query: _Rows) -> tuple[Statement, ...]:
    rows = session.scalars(query.order_by(StatementRow.made_at, StatementRow.id))
    return tuple(Statement(**{name: getattr(row, name) for name in Statement.__slots__}) for row in rows)
