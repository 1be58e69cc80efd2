# SPDX-License-Identifier: Apache-2.0
"""What an outlook says: its sums, its awards, what is still to be done. It is no ``answer.Answer``.

Made by ``outlook.outlook`` alone. Nothing that decides takes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from recognition.judging.answer import (
    ASK_LOCAL,
    LEARNING_ONLY,
    NEEDS_FACT,
    REFUSED,
    SUPPORTING_DOCUMENT,
    Change,
    Filled,
)
from recognition.plan.what_if import Suggestion
from recognition.rule.policy import Policy, Source

BY_NATURE: Final = (LEARNING_ONLY, ASK_LOCAL, SUPPORTING_DOCUMENT)  # no units: never shown as 0 of anything
NOT_AT_ALL: Final = (f"{REFUSED}never", f"{REFUSED}who", f"{REFUSED}not-in-force")  # whatever is brought


@dataclass(frozen=True, slots=True)
class Set:
    """Awards that count together.

    Attributes:
        titles: Of its awards, the oldest first.
        bucket: What it fills, as the policy names it; several where a rule lets it fill more than one.
        units: None: a person sets the number.
        pro_rata: Whether it is one leftover award that counts in part.
        elsewhere: What else it may fill instead, by the rule.
    """

    titles: tuple[str, ...]
    buckets: tuple[str, ...]
    units: Decimal | None
    area: str
    pro_rata: bool
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The sums of one look. ``proposals`` counts groups whose number a person sets."""

    units: Decimal
    proposed: Decimal | None
    proposals: int
    needs: tuple[Filled, ...]
    total: Filled | None
    surplus: Decimal
    converted: Decimal | None
    remainder: Decimal | None
    sets: tuple[Set, ...]
    attended: Decimal

    @property
    def amount(self) -> Decimal:
        """Units by rule, and those that a person must only confirm."""
        return self.units + (self.proposed or Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What would become of one award.

    Attributes:
        key: Of the award; "" where it could not be verified.
        place: Its link, or "planned:" and its code.
        when_done: Outcome when everything is done, where that is another one.
        number: Of the set it is in when done, from 1; 0: in none.
    """

    key: str
    place: str
    credential_id: str
    title: str
    item: str
    stage: str
    is_planned: bool
    outcome: str
    sentence: str
    rule: str
    sources: tuple[Source, ...]
    awarded: date | None
    when_done: str
    number: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that the rule wants to have happened; ``times`` how often it is still missing."""

    event: str
    words: str
    say: str
    times: int


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody who gets no units here may use a micro-credential for; ``path`` leads on."""

    title: str
    sentence: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a policy would say of one person's awards, held and planned. It is no decision.

    Attributes:
        outcome: The code of the whole, as things stand.
        sentence: The whole as one sentence.
        label: What must be said beside everything because of the policy's status, or "".
        units: The sum when done, in words with unit and place; "" where there are no units by nature.
        now: As things stand.
        done: When everything is done; None if that gives nothing else.
        asks: Names of facts on which the answer depends and that were not given.
        uses: For whom it is for learning: what it is good for all the same.
        checklist: For whom the local agreement decides: what to look up in it.
        never: What it never counts for, as the rule says it.
        held: What the awards that are held give without those that are planned, when everything is done;
            None where there are not both, or a person sets the number.
    """

    policy: Policy
    purpose: str
    as_of: date
    outcome: str
    sentence: str
    label: str
    units: str
    now: Tally
    done: Tally | None
    lines: tuple[Line, ...]
    todo: tuple[ToDo, ...]
    suggestions: tuple[Suggestion, ...]
    changes: tuple[Change, ...]
    asks: tuple[str, ...]
    uses: tuple[Use, ...]
    checklist: tuple[str, ...]
    never: tuple[str, ...]
    notes: tuple[str, ...]
    optimal: bool
    held: Decimal | None = None

    @property
    def best(self) -> Tally:
        """The look that a plan is made by: when everything is done."""
        return self.done or self.now

    @property
    def has_units(self) -> bool:
        """Whether units are what this rule gives this person, as far as that is known."""
        return self.outcome not in BY_NATURE and not self.outcome.startswith((*NOT_AT_ALL, NEEDS_FACT))
