# SPDX-License-Identifier: Apache-2.0
"""The answer: for each award its outcome with rule, source and what would change it; sums, needs, groups.

Outcome codes are those of the domain document, section 4; a code with a part after the colon names what is
missing or why (``pending:workshop``, ``needs-fact:role``, ``refused:already-used``). Amounts are ``Decimal``
in the policy's unit; nothing here is ever a float. ``answer_json.to_json`` is the object of API and terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from recognition.rule.policy import Policy, Source

GRANTED: Final = "granted"
PROPOSAL: Final = "proposal"
UNUSED: Final = "unused"
UNKNOWN: Final = "unknown"
REVERSAL_NEEDED: Final = "reversal-needed"
LEARNING_ONLY: Final = "learning-only"
ASK_LOCAL: Final = "ask-local"
SUPPORTING_DOCUMENT: Final = "supporting-document"
PENDING: Final = "pending:"
NEEDS_FACT: Final = "needs-fact:"
REFUSED: Final = "refused:"


class Mark(StrEnum):
    """What became of one step of the judgement."""

    YES = "yes"
    NO = "no"
    OPEN = "open"  # a fact, an attestation or a person's word is missing
    NOT_ASKED = "not-asked"  # the policy has no such rule


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the order of judgement (section 3), 1 to 15; all are listed, the first reason wins."""

    number: int
    title: str
    mark: Mark
    sentence: str


@dataclass(frozen=True, slots=True)
class Change:
    """What would change an answer, and into what.

    Attributes:
        kind: ``attestation``, ``fact``, ``award``, ``identifier``, ``time`` or ``check``.
        what: Its name: the event, the fact, the area or stack of a further award.
        sentence: "One more micro-credential in … gives 10 PDPs."
        outcome: The code that it would become.
        units: What the whole answer would give then; None if that is not known.
    """

    kind: str
    what: str
    sentence: str
    outcome: str
    units: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of one thing that was brought, at one stage.

    Attributes:
        key: Key of the award, or of (person, item) at a stage before the award; "" if it was not verified.
        place: From where it was brought.
        item: Code of the micro-credential, or "".
        sentence: The outcome as one sentence a clerk understands.
        rule: The text of the rule that decided, in plain words.
        sources: Where that rule is stated.
        group: Which of the answer's groups it is in; None: in none.
        units: What it brings: its group's units are those of the group, not of each award.
    """

    key: str
    place: str
    credential_id: str
    title: str
    item: str
    stage: str
    outcome: str
    sentence: str
    rule: str
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    awarded: date | None = None
    group: int | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Awards that count together.

    Attributes:
        awards: Keys, oldest award first.
        buckets: Units by bucket; one bucket unless the grant splits; with ``allowed`` each has the whole
            amount and ``units`` counts it once. A bucket of a need for each value of a fact is named
            ``bucket:value``. Where ``units`` is None the amounts are 0 and only the names count.
        units: What the group gives; None for a proposal whose number a person sets.
        outcome: ``granted`` or ``proposal``; ``unused`` groups are not listed.
        pro_rata: Whether it is one leftover award that counts in part.
        asks: Why a person must look, such as a suspected copy; "" if nobody has to. Its outcome is then
            ``proposal``.
    """

    number: int
    grant: str
    stage: str
    awards: tuple[str, ...]
    buckets: Mapping[str, Decimal]
    units: Decimal | None
    outcome: str
    area: str = ""
    pro_rata: bool = False
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """How far a need is covered: what it asks, what was there, what this answer adds, what is still missing.

    Attributes:
        of: The value of the fact that the need is asked for each of, or "".
        needs_fact: Name of the fact without which nobody can tell whether (or how much of) it is asked; the
            amounts are then those without it.
    """

    bucket: str
    need: Decimal
    earned: Decimal
    granted: Decimal
    missing: Decimal
    of: str = ""
    waived: bool = False
    needs_fact: str = ""


@dataclass(frozen=True, slots=True)
class Attended:
    """Units that attendance itself grants."""

    event: str
    item: str
    on: date
    units: Decimal
    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that one policy says about one person's awards.

    Attributes:
        outcome: The code of the whole: the best of its parts, or what keeps every part from an answer.
        sentence: The whole as one sentence.
        label: What must be said beside everything because of the policy's status, or "".
        granted: Units by rule, attendance included. ``proposed`` holds the sum that a person must confirm, if
            it is known.
        needs: How far each need is covered; ``total`` the sum to reach, as a ``Filled`` of the bucket "".
        surplus: Units beyond the total: counted and shown.
        converted: Credits by the policy's conversion, and the units that remain.
        optimal: Whether no better grouping exists; False: "there may be a better grouping".
        changes: The smallest changes that help the whole.
        asks: Names of the facts that the answer depends on and that were not given.
        notes: Further sentences (an overlap that nobody decided, a shortened list …).
    """

    policy: Policy
    purpose: str
    as_of: date
    outcome: str
    sentence: str
    label: str
    judged: tuple[Judged, ...]
    groups: tuple[Group, ...]
    attended: tuple[Attended, ...]
    granted: Decimal
    proposed: Decimal | None
    needs: tuple[Filled, ...]
    total: Filled | None
    surplus: Decimal
    converted: Decimal | None
    remainder: Decimal | None
    optimal: bool
    changes: tuple[Change, ...] = ()
    asks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    work: int = 0  # what grouping took, in states; says nothing of the answer
