# SPDX-License-Identifier: Apache-2.0
"""One step's finding about one entry, and the order of judgement as titles (domain rules, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from recognition.judging.answer import Mark, Step


class At(IntEnum):
    """The fifteen steps. The first reason wins; all of them are listed."""

    NEVER = 1
    ALSO = 2
    KNOWN = 3
    WHO = 4
    VERDICT = 5
    ACCEPTED = 6
    CYCLE = 7
    LEDGER = 8
    WINDOW = 9
    DEADLINE = 10
    REQUIRED = 11
    PRESENT = 12
    GROUPING = 13
    CAPS = 14
    CONVERSION = 15


TITLES: Final = {
    At.NEVER: "Not a purpose that is always refused",
    At.ALSO: "A purpose that has units",
    At.KNOWN: "The rule is known and in force",
    At.WHO: "The rule is for this person",
    At.VERDICT: "Verified",
    At.ACCEPTED: "Issuer, kind, stack, item and list",
    At.CYCLE: "In the cycle",
    At.LEDGER: "Not used before",
    At.WINDOW: "In the season",
    At.DEADLINE: "Claimed in time",
    At.REQUIRED: "What must have happened",
    At.PRESENT: "What must be shown",
    At.GROUPING: "Grouping",
    At.CAPS: "Upper limits",
    At.CONVERSION: "Conversion",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one step.

    Attributes:
        outcome: The code, if this step keeps the entry from counting; "" otherwise.
        rule: Place of the rule in the policy (``grant[0]``), or "".
        asks: Why a person must look although the entry may count, or "".
    """

    mark: Mark
    sentence: str
    outcome: str = ""
    rule: str = ""
    asks: str = ""

    def step(self, number: At) -> Step:
        """Return it as the step of an answer."""
        return Step(int(number), TITLES[number], self.mark, self.sentence)


def yes(sentence: str, rule: str = "") -> Finding:
    """Return a finding that lets the entry pass."""
    return Finding(Mark.YES, sentence, "", rule)


def no(sentence: str, outcome: str, rule: str = "") -> Finding:
    """Return a finding that says no, for this reason."""
    return Finding(Mark.NO, sentence, outcome, rule)


def open_(sentence: str, outcome: str, rule: str = "") -> Finding:
    """Return a finding that waits for something, which ``outcome`` names."""
    return Finding(Mark.OPEN, sentence, outcome, rule)


def not_asked(sentence: str) -> Finding:
    """Return the finding of a step that has nothing to look at."""
    return Finding(Mark.NOT_ASKED, sentence)
