# SPDX-License-Identifier: Apache-2.0
"""PD certificates as their organisation lists them; ``store.statements`` writes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recognition.store.consents import Consent, consent_of
from recognition.store.statements import CERTIFICATE, Statement
from recognition.store.tables import ConsentRow, StatementRow


def find(session: Session, organisation: str, id: str) -> Statement | None:
    """Return a PD certificate of the organisation, withdrawn or not, or None."""
    row = session.scalar(_of(organisation).where(StatementRow.id == id))
    return None if row is None else _statement(row)


def listing(
    session: Session, organisation: str, words: str, *, limit: int, skip: int = 0
) -> tuple[Statement, ...]:
    """Return PD certificates of the organisation, the newest first; ``words`` are part of an address."""
    query = _of(organisation).order_by(StatementRow.made_at.desc(), StatementRow.id).limit(limit).offset(skip)
    for word in words.split()[:8]:
        query = query.where(StatementRow.person_key.icontains(word, autoescape=True))
    return tuple(_statement(row) for row in session.scalars(query))


def standing(session: Session, organisation: str, award_keys: Collection[str]) -> dict[str, Statement]:
    """Return the PD certificates that stand about these awards, by award key."""
    rows = session.scalars(
        _of(organisation).where(StatementRow.award_key.in_(award_keys), StatementRow.withdrawn_at.is_(None))
    )
    return {row.award_key: _statement(row) for row in rows}


def count(session: Session, organisation: str, *, since: datetime | None = None) -> int:
    """Return how many stand, made since a moment."""
    query = select(func.count()).where(
        StatementRow.kind == CERTIFICATE,
        StatementRow.organisation == organisation,
        StatementRow.withdrawn_at.is_(None),
    )
    return session.scalar(query if since is None else query.where(StatementRow.made_at >= since)) or 0


def signed_since(session: Session, since: datetime) -> tuple[Statement, ...]:
    """Return the PD certificates of everybody that were signed since then and stand."""
    rows = session.scalars(
        select(StatementRow)
        .where(
            StatementRow.kind == CERTIFICATE,
            StatementRow.signed_at >= since,
            StatementRow.withdrawn_at.is_(None),
        )
        .order_by(StatementRow.signed_at, StatementRow.id)
    )
    return tuple(_statement(row) for row in rows)


def inbox(session: Session, organisation: str, *, limit: int, skip: int = 0) -> tuple[Consent, ...]:
    """Return what is shown to the organisation: first what no PD certificate followed, the oldest first."""
    has_one = _has_certificate()
    rows = session.scalars(
        select(ConsentRow)
        .where(ConsentRow.organisation == organisation, ConsentRow.withdrawn_at.is_(None))
        .order_by(has_one, ConsentRow.given_at, ConsentRow.id)
        .limit(limit)
        .offset(skip)
    )
    return tuple(consent_of(row) for row in rows)


def without(session: Session, organisation: str) -> int:
    """Return of how many awards that are shown to the organisation no PD certificate followed."""
    query = select(func.count()).where(
        ConsentRow.organisation == organisation, ConsentRow.withdrawn_at.is_(None), ~_has_certificate()
    )
    return session.scalar(query) or 0


def _has_certificate() -> Any:
    return (
        select(StatementRow.id)
        .where(
            StatementRow.kind == CERTIFICATE,
            StatementRow.organisation == ConsentRow.organisation,
            StatementRow.credential_id == ConsentRow.credential_id,
            StatementRow.withdrawn_at.is_(None),
        )
        .exists()
    )


def _of(organisation: str) -> Any:
    return select(StatementRow).where(
        StatementRow.kind == CERTIFICATE, StatementRow.organisation == organisation
    )


def _statement(row: StatementRow) -> Statement:
    return Statement(**{name: getattr(row, name) for name in Statement.__slots__})
