# SPDX-License-Identifier: Apache-2.0
"""Takebacks as they are now: one with its counts, lists of them, and their lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer import actors
from issuer.errors import NoSuchTakebackError
from issuer.mint import Mint
from issuer.retention import NOBODY
from issuer.store import takeback_finds as finds
from issuer.store import takebacks as rows
from issuer.takeback import alone
from issuer.takeback.takeback import (
    SECOND_PERSON,
    Line,
    LineState,
    Outlook,
    Takeback,
    TakebackState,
)
from service.accounts import people


@dataclass(frozen=True, slots=True)
class View:
    """A takeback as it is now.

    Attributes:
        states: How many lines are in each state.
        outlooks: For how many lines would happen what.
        earners: To how many people the credentials belong.
        issues: How many older issues of the same awards are met too.
        needs_second: Whether a second person must agree, as things are now.
    """

    takeback: Takeback
    states: dict[LineState, int]
    outlooks: dict[Outlook, int]
    earners: int
    issues: int
    needs_second: bool

    @property
    def bad(self) -> int:
        """How many lines are not ours to take back, or not any more."""
        return self.states[LineState.REFUSED]

    @property
    def done(self) -> int:
        """How many credentials the step that runs, or ran last, has dealt with."""
        if self.takeback.state is TakebackState.TRYING:
            return sum(self.states.values())
        waiting, suspended = self.states[LineState.WAITING], self.states[LineState.SUSPENDED]
        if self.takeback.state.is_early or self.takeback.state is TakebackState.CANCELLED:
            return 0
        if self.takeback.state in (TakebackState.SUSPENDING, TakebackState.SUSPENDED):
            # What cannot be put under review waits for the end.
            late = self.outlooks[Outlook.NO_SUSPENSION] + self.outlooks[Outlook.UNDER_REVIEW]
            return self.total - max(0, waiting - late)
        return self.total - waiting - suspended

    @property
    def total(self) -> int:
        """How many credentials it is about; while it is tried out, how many lines."""
        if self.takeback.state is TakebackState.TRYING:
            return max(self.takeback.lines, sum(self.states.values()))
        return sum(self.states.values()) - self.bad


def view(
    mint: Mint, id: str, *, organisations: Collection[str] | None, now: datetime, made_by: str | None = None
) -> View:
    """Return a takeback of one of ``organisations`` (None: of any), tried by ``made_by``, as it is now.

    Raises:
        NoSuchTakebackError: There is none.
    """
    with mint.db.reading() as session:
        found = get(session, id, organisations)
        if made_by is not None and found.made_by != made_by:
            raise _unknown(id)
        tried = found.state is not TakebackState.TRYING  # a large one is asked for each second
        return View(
            takeback=found,
            states=dict(rows.count(session, id)),
            outlooks=dict(rows.outlooks(session, id)),
            earners=finds.earners(session, id, nobody=NOBODY) if tried else 0,
            issues=finds.issues(session, id) if tried else 0,
            needs_second=found.needs_second or needs_second(session, found, now=now),
        )


def lines(
    mint: Mint,
    id: str,
    *,
    states: Collection[LineState] | None = None,
    outlooks: Collection[Outlook] | None = None,
    after: int = 0,
    limit: int,
) -> tuple[Line, ...]:
    """Return lines of a takeback behind the number ``after``, in their order."""
    with mint.db.reading() as session:
        return rows.lines(session, id, states=states, outlooks=outlooks, after=after, limit=limit)


def awards(mint: Mint, takeback: Takeback, lines: Collection[Line]) -> Mapping[str, tuple[str, str]]:
    """Return version and address of what lines name, by key, as far as it is this organisation's."""
    keys = [each.key for each in lines if each.key is not None]
    with mint.db.reading() as session:
        found = finds.awards(session, keys, issuer=takeback.organisation)
    return {key: (version, "" if email == NOBODY else email) for key, (version, email) in found.items()}


def every(
    mint: Mint,
    organisations: Collection[str] | None,
    *,
    limit: int,
    after: str = "",
    made_by: str | None = None,
) -> tuple[Takeback, ...]:
    """Return the newest takebacks of some organisations (None: of all), behind that with the id ``after``."""
    with mint.db.reading() as session:
        last = rows.get(session, after) if after else None
        behind = None if last is None else (last.made_at, last.id)
        return rows.every(session, organisations, limit=limit, after=behind, made_by=made_by)


def number(mint: Mint, id: str, *, states: Collection[LineState], outlooks: Collection[Outlook]) -> int:
    """Return how many lines are in some of these states and would meet some of these outlooks."""
    with mint.db.reading() as session:
        return finds.number(session, id, states=states, outlooks=outlooks)


def names(mint: Mint, takebacks: Collection[Takeback]) -> dict[str, str]:
    """Return words for who acted: the name of a person, or what else it was."""
    return actors.names(
        mint,
        (
            actor
            for each in takebacks
            for actor in (each.made_by, each.proposed_by, each.approved_by, each.hasten_by, each.ended_by)
        ),
    )


def others(mint: Mint, found: Takeback, actor: str) -> tuple[people.Person, ...]:
    """Return who may be the second person of what was proposed, or would be of what ``actor`` proposes."""
    with mint.db.reading() as session:
        return actors.officers(session, found.organisation, but=(found.proposed_by or actor,))


def require(mint: Mint, id: str, *, organisations: Collection[str]) -> Takeback:
    """Return a takeback of one of these organisations.

    Raises:
        NoSuchTakebackError: There is none.
    """
    with mint.db.reading() as session:
        return get(session, id, organisations)


def get(session: Any, id: str, organisations: Collection[str] | None) -> Takeback:
    """Return a takeback of one of ``organisations`` (None: of any), in the caller's transaction.

    Raises:
        NoSuchTakebackError: There is none.
    """
    found = rows.get(session, id)
    if found is None or (organisations is not None and found.organisation not in organisations):
        raise _unknown(id)
    return found


def _unknown(id: str) -> NoSuchTakebackError:
    return NoSuchTakebackError("There is no such takeback here.", got=id[:40])


def needs_second(session: Any, found: Takeback, *, now: datetime) -> bool:
    """Tell whether it is more than somebody takes back alone, with what was decided alone within UNDO."""
    return found.number + alone.number(session, found.organisation, now=now) > SECOND_PERSON
