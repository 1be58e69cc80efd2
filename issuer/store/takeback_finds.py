# SPDX-License-Identifier: Apache-2.0
"""What a takeback has to know of credentials: found by many names at once, without the signed bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from issuer.award import AwardState
from issuer.store.tables import (
    AwardRow,
    BulkItemRow,
    CredentialRow,
    StatusChangeRow,
    StatusEntryRow,
)
from issuer.store.takeback_tables import TakebackLineRow
from issuer.takeback.takeback import LineState, Outlook, Selection

_BATCH: Final = 500  # names in one question
_MEANT: Final = (LineState.WAITING, LineState.SUSPENDED, LineState.REVOKED)  # neither undone nor kept
_TAKEN: Final = (AwardState.SUSPENDED, AwardState.REVOKED)
_Item = TypeVar("_Item")
Wanted = Collection[tuple[LineState, Collection[str]]]  # a state, and what was told last


@dataclass(frozen=True, slots=True)
class Facts:
    """How one credential stands.

    Attributes:
        superseded_by: Key of the newer issue that took its place, or None.
        purposes: For what it has places in status lists.
        last_change: Id of the last decision about it, or None.
    """

    key: str
    credential_id: str
    issuer: str
    state: AwardState
    is_signed: bool
    superseded_by: str | None
    purposes: frozenset[str]
    last_change: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """A line's credential as its earner is told of it."""

    number: int
    credential_id: str
    achievement: str
    email: str
    state: LineState


def batches(items: Iterable[_Item]) -> Iterator[tuple[_Item, ...]]:
    """Yield items in tuples that fit into one question."""
    source = iter(items)
    while some := tuple(islice(source, _BATCH)):
        yield some


def by_names(session: Session, ids: Collection[str], keys: Collection[str]) -> dict[str, str]:
    """Return keys of credentials by their ``id`` or their key, whichever was asked for."""
    found: dict[str, str] = {}
    for some in batches(ids):
        query = select(CredentialRow.credential_id, CredentialRow.key)
        for id, key in session.execute(query.where(CredentialRow.credential_id.in_(some))):
            found[id] = key
    for some in batches(keys):
        for key in session.scalars(select(CredentialRow.key).where(CredentialRow.key.in_(some))):
            found[key] = key
    return found


def by_submissions(
    session: Session, submissions: Collection[str], *, issuer: str
) -> dict[str, tuple[str, ...]]:
    """Return the keys of all awards of ``issuer`` for each submission that no other took the place of."""
    found: dict[str, list[str]] = {}
    for some in batches(submissions):
        query = (
            select(AwardRow.submission, AwardRow.key)
            .where(AwardRow.issuer == issuer, AwardRow.submission.in_(some), AwardRow.replaced_by.is_(None))
            .order_by(AwardRow.awarded_at, AwardRow.key)
        )
        for submission, key in session.execute(query):
            found.setdefault(submission, []).append(key)
    return {name: tuple(keys) for name, keys in found.items()}


def selected(session: Session, selection: Selection, *, issuer: str, after: str, limit: int) -> Sequence[str]:
    """Return keys of what is selected, behind the key ``after``: signed, and not superseded."""
    query = _selected(selection, issuer=issuer).where(CredentialRow.key > after)
    return session.scalars(query.order_by(CredentialRow.key).limit(limit)).all()


def selected_number(session: Session, selection: Selection, *, issuer: str, most: int) -> int:
    """Return how many are selected, counted no further than ``most``."""
    some = _selected(selection, issuer=issuer).limit(most).subquery()
    return int(session.scalar(select(func.count()).select_from(some)) or 0)


def _selected(selection: Selection, *, issuer: str) -> Select[Any]:
    query: Select[Any] = select(CredentialRow.key).where(
        CredentialRow.issuer == issuer,
        CredentialRow.issued_at.is_not(None),
        CredentialRow.superseded_by.is_(None),
    )
    if selection.achievement is not None:
        query = query.join(AwardRow, AwardRow.key == CredentialRow.key)
        query = query.where(AwardRow.achievement == selection.achievement)
    if selection.bulk is not None:
        of_bulk = select(BulkItemRow.award).where(BulkItemRow.bulk == selection.bulk)
        query = query.where(CredentialRow.key.in_(of_bulk))
    if selection.since is not None:
        query = query.where(CredentialRow.issued_at >= selection.since)
    if selection.until is not None:
        query = query.where(CredentialRow.issued_at < selection.until)
    if selection.bulk is None and selection.achievement is None:
        query = query.where(CredentialRow.kind == "award")
    return query


def facts(session: Session, keys: Collection[str]) -> Mapping[str, Facts]:
    """Return how credentials stand, as far as there are any."""
    found: dict[str, Facts] = {}
    table = CredentialRow
    is_signed = or_(table.signed_json.is_not(None), table.signed_jwt.is_not(None))
    for some in batches(keys):
        purposes: dict[str, set[str]] = {}
        entries = select(StatusEntryRow.credential, StatusEntryRow.purpose)
        for key, purpose in session.execute(entries.where(StatusEntryRow.credential.in_(some))):
            purposes.setdefault(str(key), set()).add(purpose)
        changes = last_changes(session, some)
        query = select(
            table.key, table.credential_id, table.issuer, table.state, is_signed, table.superseded_by
        )
        for key, id, issuer, state, signed, by in session.execute(query.where(table.key.in_(some))):
            found[key] = Facts(
                key=key,
                credential_id=id,
                issuer=issuer,
                state=AwardState(state),
                is_signed=bool(signed),
                superseded_by=by,
                purposes=frozenset(purposes.get(key, ())),
                last_change=changes.get(key),
            )
    return found


def awards(session: Session, keys: Collection[str], *, issuer: str) -> Mapping[str, tuple[str, str]]:
    """Return version and address of those of ``keys`` that are awards of ``issuer``."""
    found: dict[str, tuple[str, str]] = {}
    for some in batches(keys):
        query = select(AwardRow.key, AwardRow.achievement, AwardRow.email)
        query = query.where(AwardRow.key.in_(some), AwardRow.issuer == issuer)
        found |= {key: (achievement, email) for key, achievement, email in session.execute(query)}
    return found


def last_changes(session: Session, keys: Collection[str]) -> Mapping[str, int]:
    """Return the id of the last decision about each of some credentials."""
    query = select(StatusChangeRow.credential, func.max(StatusChangeRow.id)).where(
        StatusChangeRow.credential.in_(keys)
    )
    return {key: int(id) for key, id in session.execute(query.group_by(StatusChangeRow.credential))}


def suspended_by(session: Session, keys: Collection[str], *, actor: str) -> Mapping[str, int]:
    """Return the last decision about those of some credentials that ``actor`` has put under review last."""
    changes = last_changes(session, keys)
    query = (
        select(StatusChangeRow.credential, StatusChangeRow.id)
        .join(CredentialRow, CredentialRow.key == StatusChangeRow.credential)
        .where(
            StatusChangeRow.id.in_(changes.values()),
            StatusChangeRow.actor == actor,
            CredentialRow.state == AwardState.SUSPENDED,
        )
    )
    return {key: int(id) for key, id in session.execute(query)}


def decided_alone(session: Session, organisation: str, *, since: datetime, but: str) -> int:
    """Return how many credentials of ``organisation`` are under review or withdrawn by single decisions.

    Those of tokens, people and the terminal since a moment count, of the credential ``but`` none.
    """
    alone = or_(
        StatusChangeRow.actor.startswith("token:"),
        StatusChangeRow.actor.startswith("person:"),
        StatusChangeRow.actor == "cli",
    )
    query = (
        select(func.count(StatusChangeRow.credential.distinct()))
        .join(CredentialRow, CredentialRow.key == StatusChangeRow.credential)
        .where(
            CredentialRow.issuer == organisation,
            CredentialRow.state.in_(_TAKEN),
            CredentialRow.superseded_by.is_(None),
            StatusChangeRow.state.in_(_TAKEN),
            StatusChangeRow.at > since,
            StatusChangeRow.credential != but,
            alone,
        )
    )
    return int(session.scalar(query) or 0)


def to_tell(
    session: Session, takeback: str, wanted: Wanted, *, nobody: str, limit: int
) -> Mapping[str, tuple[Held, ...]]:
    """Return, by address, lines of which there is something to tell: all of each of the next earners."""
    table = TakebackLineRow
    untold = or_(*((table.state == state) & table.told.in_(told) for state, told in wanted))
    first = (
        select(AwardRow.recipient)
        .join(table, table.credential == AwardRow.key)
        .where(table.takeback == takeback, AwardRow.recipient != nobody, untold)
        .order_by(table.number)
        .limit(limit)
    )
    readers = tuple(dict.fromkeys(session.scalars(first)))
    query = (
        select(
            AwardRow.recipient,
            table.number,
            CredentialRow.credential_id,
            AwardRow.achievement,
            AwardRow.email,
            table.state,
        )
        .join(table, table.credential == AwardRow.key)
        .join(CredentialRow, CredentialRow.key == AwardRow.key)
        .where(table.takeback == takeback, AwardRow.recipient.in_(readers), untold)
        .order_by(table.number)
    )
    found: dict[str, list[Held]] = {}
    for reader, number, id, achievement, email, state in session.execute(query) if readers else ():
        found.setdefault(reader, []).append(Held(number, id, achievement, email, LineState(state)))
    return {reader: tuple(held) for reader, held in found.items()}


def told(session: Session, id: str, numbers: Collection[int], kind: str) -> None:
    """Write down beside lines what their earner was told."""
    for some in batches(numbers):
        session.execute(
            update(TakebackLineRow)
            .where(TakebackLineRow.takeback == id, TakebackLineRow.number.in_(some))
            .values(told=kind)
        )


def number(session: Session, id: str, *, states: Collection[LineState], outlooks: Collection[Outlook]) -> int:
    """Return how many lines are in some of these states and would meet some of these outlooks."""
    query = select(func.count()).where(
        TakebackLineRow.takeback == id,
        TakebackLineRow.state.in_(states),
        TakebackLineRow.outlook.in_(outlooks),
    )
    return int(session.scalar(query) or 0)


def issues(session: Session, id: str) -> int:
    """Return how many older issues of the same awards are met too, of lines that are still taken back."""
    query = select(func.coalesce(func.sum(TakebackLineRow.issues), 0)).where(
        TakebackLineRow.takeback == id, TakebackLineRow.state.in_(_MEANT)
    )
    return int(session.scalar(query) or 0)


def earners(session: Session, id: str, *, nobody: str) -> int:
    """Return to how many people the credentials belong that are still taken back, without forgotten ones."""
    query = (
        select(func.count(AwardRow.recipient.distinct()))
        .join(TakebackLineRow, TakebackLineRow.credential == AwardRow.key)
        .where(
            TakebackLineRow.takeback == id,
            TakebackLineRow.state.in_(_MEANT),
            AwardRow.recipient != nobody,
        )
    )
    return int(session.scalar(query) or 0)
