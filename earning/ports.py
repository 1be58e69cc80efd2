# SPDX-License-Identifier: Apache-2.0
"""What this room asks of those who say what an award is worth, as shapes; ``app.py`` hands the functions in.

No word about worth is made up here: where no rule is known, nothing is said (promise R1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol


class Earnable(Protocol):
    """A micro-credential, as far as rules ask about it."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def stacks(self) -> tuple[str, ...]:
        """Codes of its stacks."""

    @property
    def kind(self) -> str:
        """``achievementType``."""

    @property
    def issuer(self) -> str:
        """DID of whoever would award it."""

    @property
    def hours(self) -> tuple[int, int]:
        """The estimated effort."""

    @property
    def path(self) -> str:
        """Its page."""


class Told(Protocol):
    """What one rule gives, for one micro-credential or at one place."""

    @property
    def title(self) -> str:
        """Of the rule; it names the place."""

    @property
    def sentence(self) -> str:
        """The terms, or why it is not among what the rule takes."""

    @property
    def label(self) -> str:
        """How far the rule is agreed, in a word or two."""

    @property
    def source(self) -> str:
        """Where the rule is stated."""

    @property
    def accepted(self) -> bool:
        """Whether the rule takes it at all."""

    @property
    def on(self) -> tuple[str, ...]:
        """Titles of the rule's lists on which it stands."""

    @property
    def path(self) -> str:
        """The rule in plain words."""

    @property
    def plan(self) -> str:
        """Where one finds out what it gives oneself."""


class NextStep(Protocol):
    """What comes next with an award where its educator is, by one rule. It names no other award."""

    @property
    def sentence(self) -> str:
        """What to do, or what is on its way."""

    @property
    def title(self) -> str:
        """Of the rule."""

    @property
    def label(self) -> str:
        """How far the rule is agreed."""

    @property
    def plan(self) -> str:
        """Where it is worked out for oneself, after signing in."""


class Counted(Protocol):
    """What became of an award at one recognizer."""

    @property
    def sentence(self) -> str:
        """Who counted it and when, or in whose claim it waits."""

    @property
    def path(self) -> str:
        """The claim's page, for its educator; "" where there is none."""


class Recognised(Protocol):
    """What rules of recognizers say."""

    def of(self, item: Earnable, *, on: date) -> Sequence[Told]:
        """Return what each rule that is in force says of a micro-credential."""

    def at(self, state: str, *, on: date) -> Sequence[Told]:
        """Return the rules of a state (two letters) that are in force."""

    def after(self, person: str, url: str, state: str, *, now: datetime) -> Sequence[NextStep]:
        """Return what comes next with the award at ``url`` of this person in this state."""

    def counted(self, person: str, url: str) -> Sequence[Counted]:
        """Return by whom the award at ``url`` of this person was counted, or in which claims it waits."""


class Nothing:
    """Nobody says what anything is worth."""

    def of(self, item: Earnable, *, on: date) -> Sequence[Told]:  # noqa: D102
        return ()

    def at(self, state: str, *, on: date) -> Sequence[Told]:  # noqa: D102
        return ()

    def after(self, person: str, url: str, state: str, *, now: datetime) -> Sequence[NextStep]:  # noqa: D102
        return ()

    def counted(self, person: str, url: str) -> Sequence[Counted]:  # noqa: D102
        return ()
