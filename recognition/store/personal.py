# SPDX-License-Identifier: Apache-2.0
"""The rows in which a person stands, by account or by address: found, and left without the person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from recognition.rule.policy import AWARDED_STAGE
from recognition.store.tables import (
    AttestationRow,
    ClaimAwardRow,
    ClaimRow,
    ConsentRow,
    DecisionRow,
    LedgerRow,
    PlanRow,
    StatementRow,
)
from service.accounts import people

ERASED: Final = "erased:"  # begins what stands where an address stood; the rest is random
KEY_BYTES: Final = 16
_KEYED: Final = (ClaimRow, LedgerRow, StatementRow)


def keys_of(session: Session, person: str, email_key: str) -> tuple[str, ...]:
    """Return the address of a person and those that rows of theirs know from earlier."""
    found = dict.fromkeys((email_key, *people.earlier_addresses(session, person)))
    for table in _KEYED:
        query = select(table.person_key).where(table.person == person).distinct()
        found |= dict.fromkeys(session.scalars(query))
    return tuple(key for key in found if key and not key.startswith(ERASED))


def plans(session: Session, person: str) -> list[PlanRow]:
    """Return the plans that the person has saved."""
    return list(session.scalars(select(PlanRow).where(PlanRow.person == person).order_by(PlanRow.policy)))


def consents(session: Session, person: str) -> list[ConsentRow]:
    """Return what the person lets affiliates see, or did."""
    query = select(ConsentRow).where(ConsentRow.person == person)
    return list(session.scalars(query.order_by(ConsentRow.given_at, ConsentRow.id)))


def claims(session: Session, person: str, keys: Collection[str]) -> list[ClaimRow]:
    """Return the person's claims, also those that a recognizer entered for their address."""
    query = select(ClaimRow).where(or_(ClaimRow.person == person, ClaimRow.person_key.in_(keys)))
    return list(session.scalars(query.order_by(ClaimRow.created_at, ClaimRow.id)))


def claim_awards(session: Session, claim: str) -> list[ClaimAwardRow]:
    """Return the credentials of a claim."""
    query = select(ClaimAwardRow).where(ClaimAwardRow.claim == claim)
    return list(session.scalars(query.order_by(ClaimAwardRow.position)))


def ledger(session: Session, person: str, keys: Collection[str]) -> list[LedgerRow]:
    """Return the lines of the ledgers about the person, the oldest first."""
    query = select(LedgerRow).where(or_(LedgerRow.person == person, LedgerRow.person_key.in_(keys)))
    return list(session.scalars(query.order_by(LedgerRow.used_at, LedgerRow.id)))


def decisions(session: Session, person: str, keys: Collection[str]) -> list[DecisionRow]:
    """Return the decisions about the person: of their claims, and those behind their lines."""
    of_claims = [each.id for each in claims(session, person, keys)]
    of_lines = [each.decision for each in ledger(session, person, keys)]
    query = select(DecisionRow).where(or_(DecisionRow.claim.in_(of_claims), DecisionRow.id.in_(of_lines)))
    return list(session.scalars(query.order_by(DecisionRow.decided_at, DecisionRow.id)))


def statements(session: Session, person: str, keys: Collection[str]) -> list[StatementRow]:
    """Return what was stated about the person's awards."""
    query = select(StatementRow).where(or_(StatementRow.person == person, StatementRow.person_key.in_(keys)))
    return list(session.scalars(query.order_by(StatementRow.made_at, StatementRow.id)))


def attestations(session: Session, keys: Collection[str]) -> list[AttestationRow]:
    """Return what organisations attest of these addresses."""
    query = select(AttestationRow).where(AttestationRow.person_key.in_(keys))
    return list(session.scalars(query.order_by(AttestationRow.on, AttestationRow.id)))


# -- forgetting -------------------------------------------------------------------------------------------


def forget_open(session: Session, person: str, keys: Collection[str]) -> None:
    """Delete plans, consents, and claims that nobody has decided."""
    session.execute(delete(PlanRow).where(PlanRow.person == person))
    session.execute(delete(ConsentRow).where(ConsentRow.person == person))
    for claim in claims(session, person, keys):
        if claim.decision is None:
            session.execute(delete(ClaimAwardRow).where(ClaimAwardRow.claim == claim.id))
            session.delete(claim)
    session.flush()


def forget_decided(
    session: Session,
    person: str,
    keys: Collection[str],
    *,
    facts: Callable[[dict[str, object]], dict[str, object]],
    record: Callable[[bytes, str, dict[str, str]], bytes],
    now: datetime,
) -> None:
    """Leave what a recognizer must keep, under random names instead of the person.

    Each organisation gets a name of its own for the person, so that its lines still belong together and those
    of two organisations cannot be joined. Keys that were made of an address are drawn anew, too.

    Args:
        session: The caller's writing transaction.
        person: Id of the account.
        keys: Addresses, from ``keys_of``.
        facts: What stays of the facts of a claim.
        record: What stays of a decision's record, from its bytes, the new name, and the keys that changed.
        now: When.
    """
    # Before anything is renamed: what is the person's is found by the old names.
    found = decisions(session, person, keys), claims(session, person, keys), ledger(session, person, keys)
    names: dict[str, str] = {}
    changed: dict[str, str] = {}
    for line in found[2]:
        if line.stage != AWARDED_STAGE or not line.credential_id:
            line.award_key = changed.setdefault(line.award_key, secrets.token_hex(32))
        line.person, line.person_key = None, _name(names, line.organisation)
    for claim in found[1]:
        claim.person, claim.person_key, claim.person_name = None, _name(names, claim.organisation), ""
        claim.address = ""
        claim.facts, claim.messages, claim.show_publicly = facts(claim.facts), [], False
        claim.entered_by = "erased" if claim.entered_by == f"person:{person}" else claim.entered_by
        for award in claim_awards(session, claim.id):
            award.body = None
            award.url = award.url if award.url.startswith(("http://", "https://")) else ""
            award.award_key = changed.get(award.award_key, award.award_key)
    for decision in found[0]:
        decision.record = record(decision.record, _name(names, decision.organisation), changed)
    for statement in statements(session, person, keys):
        statement.person, statement.person_key = None, _name(names, statement.organisation)
        statement.is_public, statement.participant = False, ""
    for each in attestations(session, keys):
        each.person_key, each.same = _name(names, each.organisation), secrets.token_hex(32)
        each.note = each.voided_why = ""
    session.flush()


def _name(names: dict[str, str], organisation: str) -> str:
    return names.setdefault(organisation, ERASED + secrets.token_hex(KEY_BYTES))
