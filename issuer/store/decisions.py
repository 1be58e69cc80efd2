# SPDX-License-Identifier: Apache-2.0
"""Rows that decisions about many credentials meet, read and written together, without the signed bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from issuer.award import AwardState
from issuer.store.credentials import UNFINISHED, StatusChange
from issuer.store.status import Place
from issuer.store.tables import AwardRow, CredentialRow, StatusChangeRow, StatusEntryRow

_IS_SIGNED = or_(CredentialRow.signed_json.is_not(None), CredentialRow.signed_jwt.is_not(None))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision has to know about a credential."""

    key: str
    credential_id: str
    state: AwardState
    is_signed: bool


def standings(session: Session, keys: Collection[str]) -> dict[str, Standing]:
    """Return how those of ``keys`` stand that there are."""
    query = select(CredentialRow.key, CredentialRow.credential_id, CredentialRow.state, _IS_SIGNED)
    return {
        key: Standing(key, credential_id, AwardState(state), bool(is_signed))
        for key, credential_id, state, is_signed in session.execute(query.where(CredentialRow.key.in_(keys)))
    }


def older(session: Session, keys: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the issues whose place each of ``keys`` has taken, one after the other, the last one first."""
    newest = {key: key for key in keys}
    found: dict[str, list[str]] = defaultdict(list)
    while newest:
        query = select(CredentialRow.key, CredentialRow.superseded_by).where(
            CredentialRow.superseded_by.in_(list(newest))
        )
        before: dict[str, str] = {}
        for key, by in session.execute(query):
            before[key] = newest[by or ""]
            found[newest[by or ""]].append(key)
        newest = before
    return {key: tuple(each) for key, each in found.items()}


def begun(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Return what is going to take the place of the signed ones of ``keys`` and is not signed itself."""
    query = (
        select(AwardRow.key, AwardRow.replaced_by)
        .join(CredentialRow, CredentialRow.key == AwardRow.key)
        .where(AwardRow.key.in_(keys), AwardRow.replaced_by.is_not(None), _IS_SIGNED)
    )
    by = {new: old for old, new in session.execute(query)}
    if not by:
        return {}
    waiting = select(CredentialRow.key).where(CredentialRow.key.in_(by), CredentialRow.state.in_(UNFINISHED))
    return {by[new]: new for new in session.scalars(waiting)}


def places(session: Session, keys: Collection[str]) -> dict[str, tuple[Place, ...]]:
    """Return the places of each of ``keys``: revocation first."""
    table = StatusEntryRow
    query = select(table.credential, table.list, table.position, table.purpose, table.is_set)
    found: dict[str, list[Place]] = defaultdict(list)
    for key, list_id, position, purpose, is_set in session.execute(
        query.where(table.credential.in_(keys)).order_by(table.purpose)
    ):
        found[key or ""].append(Place(list_id, position, purpose, is_set))
    return {key: tuple(each) for key, each in found.items()}


def write_states(session: Session, states: Mapping[str, AwardState]) -> None:
    """Write down how credentials stand from now on."""
    table = CredentialRow.__table__
    session.connection().execute(
        update(table).where(table.c.key == bindparam("its_key")).values(state=bindparam("its_state")),  # type: ignore[arg-type]
        [{"its_key": key, "its_state": state} for key, state in states.items()],
    )


def add_changes(session: Session, changes: Sequence[tuple[str, StatusChange]]) -> None:
    """Write down decisions, each beside its credential, in this order."""
    session.connection().execute(
        insert(StatusChangeRow),
        [
            {
                "credential": key,
                "state": each.state,
                "reason": each.reason,
                "public_reason": each.public_reason,
                "note": each.note,
                "actor": each.actor,
                "at": each.at,
            }
            for key, each in changes
        ],
    )


def newest(session: Session) -> int:
    """Return the number of the last decision."""
    return session.scalar(select(func.max(StatusChangeRow.id))) or 0


def untold(session: Session, *, until: int, limit: int) -> tuple[tuple[int, str], ...]:
    """Return decisions of which nobody was told, with the id of their credential, oldest first."""
    query = (
        select(StatusChangeRow.id, CredentialRow.credential_id)
        .join(CredentialRow, CredentialRow.key == StatusChangeRow.credential)
        .where(StatusChangeRow.told_at.is_(None), StatusChangeRow.id <= until)
        .order_by(StatusChangeRow.id)
        .limit(limit)
    )
    return tuple((number, credential_id) for number, credential_id in session.execute(query))


def tell(session: Session, numbers: Collection[int], *, now: datetime) -> None:
    """Write down that these decisions were told."""
    session.execute(
        update(StatusChangeRow)
        .where(StatusChangeRow.id.in_(numbers))
        .values(told_at=now)
        .execution_options(synchronize_session=False)
    )
