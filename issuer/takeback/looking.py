# SPDX-License-Identifier: Apache-2.0
"""Takebacks as they are now: one with its counts, lists of them, and their lines."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.errors import NoSuchTakebackError
from issuer.mint import Mint
from issuer.retention import NOBODY
from issuer.store import takebacks as rows
from issuer.takeback.takeback import (
    SECOND_PERSON,
    UNDO,
    Line,
    LineState,
    Outlook,
    Takeback,
    TakebackState,
)


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
        """How many credentials the step that runs has dealt with."""
        left = (
            self.states[LineState.WAITING]
            if self.takeback.state is TakebackState.SUSPENDING
            else (self.states[LineState.WAITING] + self.states[LineState.SUSPENDED])
        )
        if self.takeback.state is TakebackState.SUSPENDING:
            left -= self.outlooks[Outlook.NO_SUSPENSION] + self.outlooks[Outlook.UNDER_REVIEW]
        return max(0, self.total - max(0, left))

    @property
    def total(self) -> int:
        """How many credentials it is about."""
        return sum(self.states.values()) - self.bad


def view(mint: Mint, id: str, *, organisations: Collection[str] | None, now: datetime) -> View:
    """Return a takeback of one of ``organisations`` (None: of any) as it is now.

    Raises:
        NoSuchTakebackError: There is none.
    """
    with mint.db.reading() as session:
        found = get(session, id, organisations)
        return View(
            takeback=found,
            states=dict(rows.count(session, id)),
            outlooks=dict(rows.outlooks(session, id)),
            earners=rows.earners(session, id, nobody=NOBODY),
            issues=rows.issues(session, id),
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


def every(
    mint: Mint,
    organisations: Collection[str] | None,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> tuple[Takeback, ...]:
    """Return the newest takebacks of some organisations (None: of all), older than ``after``."""
    with mint.db.reading() as session:
        return rows.every(session, organisations, limit=limit, after=after)


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
        raise NoSuchTakebackError("There is no such takeback here.", got=id[:40])
    return found


def needs_second(session: Any, found: Takeback, *, now: datetime) -> bool:
    """Tell whether it is more than somebody takes back alone, with what was taken back alone within UNDO."""
    alone = rows.alone(session, found.organisation, since=now - UNDO)
    return found.number + alone > SECOND_PERSON
