# SPDX-License-Identifier: Apache-2.0
"""The rows of claims and of their credentials."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from recognition.claiming.claim_states import HOLDING, SEEN, Claim, ClaimAward, ClaimState, Message
from recognition.known_as import Known
from recognition.store.tables import ClaimAwardRow, ClaimRow

WORDS: Final = 8  # of a search that are looked for
BATCH: Final = 500  # ids in one question; SQLite takes 32,766 values
_ASIDE: Final = frozenset({"awards", "messages", "state", "facts"})


def add(session: Session, claim: Claim) -> None:
    """Write a new claim with its credentials."""
    plain = {name: getattr(claim, name) for name in Claim.__slots__ if name not in _ASIDE}
    session.add(
        ClaimRow(
            **plain,
            state=str(claim.state),
            facts=dict(claim.facts),
            messages=[_said(each) for each in claim.messages],
        )
    )
    session.flush()
    add_awards(session, claim.id, claim.awards)


def get(session: Session, id: str, *, locked: bool = False) -> Claim | None:
    """Return a claim, or None; ``locked`` keeps others from changing it until the transaction ends."""
    row = session.get(ClaimRow, id, with_for_update=locked or None, populate_existing=locked)
    return None if row is None else _claims(session, [row])[0]


def of_person(session: Session, person: str, person_key: str = "") -> tuple[Claim, ...]:
    """Return all claims of an account, and those entered for its address; the newest first."""
    theirs = ClaimRow.person == person
    if person_key:
        theirs |= ClaimRow.person.is_(None) & (ClaimRow.person_key == person_key)
    query = select(ClaimRow).where(theirs)
    return _read(session, query.order_by(ClaimRow.created_at.desc(), ClaimRow.id))


def of_organisation(
    session: Session,
    organisation: str,
    *,
    states: Collection[ClaimState],
    words: str = "",
    policy: str = "",
    newest: bool = False,
    most: int = BATCH,
) -> tuple[Claim, ...]:
    """Return claims in these states, the longest waiting first; with ``newest`` the latest change."""
    query = _wanted(organisation, states, words, policy)
    order = (
        (ClaimRow.changed_at.desc(), ClaimRow.id) if newest else (ClaimRow.submitted_at, ClaimRow.created_at)
    )
    return _read(session, query.order_by(*order, ClaimRow.id).limit(most))


def numbers(session: Session, organisation: str) -> Mapping[ClaimState, int]:
    """Return how many claims of an organisation are in each state."""
    query = select(ClaimRow.state, func.count()).where(ClaimRow.organisation == organisation)
    return {ClaimState(state): number for state, number in session.execute(query.group_by(ClaimRow.state))}


def holding(
    session: Session, organisation: str, purpose: str, known: Known
) -> tuple[tuple[str, ClaimAward], ...]:
    """Return the credentials that open claims of a person keep for a purpose, with their claims."""
    query = (
        select(ClaimAwardRow)
        .join(ClaimRow, ClaimRow.id == ClaimAwardRow.claim)
        .where(
            ClaimRow.organisation == organisation,
            ClaimRow.purpose == purpose,
            or_(ClaimRow.person == known.person, ClaimRow.person_key.in_(known.keys))
            if known.person is not None
            else ClaimRow.person_key.in_(known.keys),
            ClaimRow.state.in_([str(each) for each in HOLDING]),
        )
        .order_by(ClaimAwardRow.claim, ClaimAwardRow.position)
    )
    return tuple((row.claim, _award(row)) for row in session.scalars(query))


def names(session: Session, organisation: str, keys: Collection[str]) -> dict[str, str]:
    """Return the names under which people are known to an organisation from their claims, by address."""
    found: dict[str, str] = {}
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), BATCH):
        query = select(ClaimRow.person_key, ClaimRow.person_name).where(
            ClaimRow.organisation == organisation,
            ClaimRow.person_key.in_(wanted[start : start + BATCH]),
            ClaimRow.state.in_([str(each) for each in SEEN]),
            ClaimRow.person_name != "",
        )
        for key, name in session.execute(query.order_by(ClaimRow.created_at)):
            found[key] = name
    return found


def count_open(session: Session, person: str) -> int:
    """Return how many claims of an account nobody has decided."""
    query = select(func.count()).where(
        ClaimRow.person == person, ClaimRow.state.in_([str(each) for each in HOLDING])
    )
    return session.scalar(query) or 0


def add_awards(session: Session, id: str, awards: Iterable[ClaimAward]) -> None:
    """Add further credentials to a claim."""
    session.add_all(
        ClaimAwardRow(claim=id, position=each.position, url=each.url, body=each.body, award_key=each.key)
        for each in awards
    )
    session.flush()


def change(session: Session, id: str, *, now: datetime, **values: Any) -> None:
    """Give a claim other values; ``state`` and ``messages`` as the claim has them."""
    if "state" in values:
        values["state"] = str(values["state"])
    if "messages" in values:
        values["messages"] = [_said(each) for each in values["messages"]]
    session.execute(update(ClaimRow).where(ClaimRow.id == id).values(changed_at=now, **values))
    session.expire_all()


def set_keys(session: Session, id: str, keys: Mapping[int, str]) -> None:
    """Write down the keys of a claim's credentials by their positions."""
    for position, key in keys.items():
        session.execute(
            update(ClaimAwardRow)
            .where(ClaimAwardRow.claim == id, ClaimAwardRow.position == position)
            .values(award_key=key)
        )


def drop(session: Session, id: str) -> None:
    """Delete a claim that nobody but its educator has seen."""
    session.execute(delete(ClaimAwardRow).where(ClaimAwardRow.claim == id))
    session.execute(delete(ClaimRow).where(ClaimRow.id == id))


def _wanted(organisation: str, states: Collection[ClaimState], words: str, policy: str) -> Select[ClaimRow]:
    query = select(ClaimRow).where(
        ClaimRow.organisation == organisation, ClaimRow.state.in_([str(each) for each in states])
    )
    if policy:
        query = query.where(ClaimRow.policy == policy)
    for word in words.split()[:WORDS]:
        query = query.where(
            ClaimRow.person_name.icontains(word, autoescape=True)
            | ClaimRow.person_key.icontains(word, autoescape=True)
        )
    return query


def _read(session: Session, query: Select[ClaimRow]) -> tuple[Claim, ...]:
    return _claims(session, session.scalars(query))


def _claims(session: Session, rows: Iterable[ClaimRow]) -> tuple[Claim, ...]:
    """Return rows as claims, with all their credentials by few questions."""
    found = list(rows)
    awards: dict[str, list[ClaimAward]] = {row.id: [] for row in found}
    ids = list(awards)
    for start in range(0, len(ids), BATCH):
        query = select(ClaimAwardRow).where(ClaimAwardRow.claim.in_(ids[start : start + BATCH]))
        for row in session.scalars(query.order_by(ClaimAwardRow.claim, ClaimAwardRow.position)):
            awards[row.claim].append(_award(row))
    return tuple(_claim(row, tuple(awards[row.id])) for row in found)


def _claim(row: ClaimRow, awards: tuple[ClaimAward, ...]) -> Claim:
    plain = {name: getattr(row, name) for name in Claim.__slots__ if name not in _ASIDE}
    return Claim(
        **plain,
        awards=awards,
        state=ClaimState(row.state),
        facts=dict(row.facts),  # type: ignore[arg-type]  # what was JSON when it was written
        messages=tuple(
            Message(each["by"], datetime.fromisoformat(each["at"]), each["text"]) for each in row.messages
        ),
    )


def _award(row: ClaimAwardRow) -> ClaimAward:
    return ClaimAward(row.position, row.url, row.body, row.award_key)


def _said(message: Message) -> dict[str, str]:
    return {"by": message.by, "at": message.at.isoformat(), "text": message.text}
