# SPDX-License-Identifier: Apache-2.0
"""The words of an outlook on a page: outcomes, needs, sums with unit and place. Nothing is decided here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from recognition.judging.answer import (
    ASK_LOCAL,
    GRANTED,
    LEARNING_ONLY,
    NEEDS_FACT,
    PENDING,
    PROPOSAL,
    REFUSED,
    REVERSAL_NEEDED,
    SUPPORTING_DOCUMENT,
    UNKNOWN,
    UNUSED,
    Filled,
)
from recognition.judging.facts import FACTS
from recognition.plan import questions
from recognition.plan.prospect import Outlook, Set, Tally
from recognition.ports import Item, Season
from recognition.rule import policy_phrases, policy_words
from recognition.rule.policy import Policy, Status
from recognition.rule.units import nouns, plain, say

_STACK: Final = re.compile(r" in ([A-Z][A-Z0-9]{0,15})\b")
_OUTCOMES: Final[Mapping[str, str]] = {
    GRANTED: "counts",
    PROPOSAL: "a person decides",
    UNUSED: "left over",
    UNKNOWN: "no rule is known",
    REVERSAL_NEEDED: "was taken back",
    LEARNING_ONLY: "for learning",
    ASK_LOCAL: "your agreement decides",
    SUPPORTING_DOCUMENT: "a supporting document",
    f"{PENDING}verification": "could not be checked yet",
    f"{PENDING}season-dates": "waits for the season’s dates",
    f"{REFUSED}never": "never counts for this",
    f"{REFUSED}who": "not for you, by this rule",
    f"{REFUSED}issuer": "genuine, but not from an accepted issuer",
    f"{REFUSED}already-used": "was counted before",
    f"{REFUSED}outside-cycle": "outside your cycle",
    f"{REFUSED}outside-window": "outside the season",
    f"{REFUSED}claimed-too-late": "too late to claim",
    f"{REFUSED}cap-reached": "above the upper limit",
    f"{REFUSED}not-in-force": "the rule is not in force",
    f"{REFUSED}unverified": "not genuine, or could not be read",
    f"{REFUSED}status:revoked": "withdrawn by its issuer",
    f"{REFUSED}status:suspended": "under review by its issuer",
    f"{REFUSED}status:expired": "has ended",
    f"{REFUSED}status:not-yet-valid": "has not begun",
}


@dataclass(frozen=True, slots=True)
class PlanView:
    """What the templates ask about one outlook.

    Attributes:
        seasons: The programme's own seasons where this rule is at home.
        chosen: Codes that are in the plan already.
        stacks: Titles of stacks by code, where the house knows them.
        in_samples: Whether sample organisations of a demonstration decide by the rule.
    """

    policy: Policy
    today: date
    seasons: Sequence[Season] = ()
    chosen: Collection[str] = ()
    stacks: Mapping[str, str] = field(default_factory=dict)
    in_samples: bool = False

    @property
    def label(self) -> str:
        """The rule's status in a word or two."""
        return policy_words.label(self.policy)

    @property
    def meaning(self) -> str:
        """What the status means; "" where the rule is in force."""
        if self.policy.status is Status.IN_FORCE:
            return ""
        return policy_words.status_sentence(self.policy, in_samples=self.in_samples)

    @property
    def unit_words(self) -> str:
        """The unit in the plural, with its place."""
        return nouns(self.policy.unit)

    def say(self, amount: Decimal) -> str:
        """Return an amount with unit and place."""
        return say(amount, self.policy.unit)

    def plain(self, amount: Decimal) -> str:
        """Return an amount as digits."""
        return plain(amount)

    def purpose_words(self, purpose: str) -> str:
        """Return a purpose in words."""
        return questions.purpose_words(purpose)

    def event_words(self, event: str) -> str:
        """Return an event in words."""
        return questions.event_words(event)

    def fact_words(self, fact: str) -> str:
        """Return the question about a fact."""
        return questions.fact_words(fact)

    def anchor(self, fact: str) -> str:
        """Return where on the page a fact is asked."""
        return f"fact-{fact}" if fact in FACTS else fact

    def present_words(self, what: str) -> str:
        """Return a thing to show in words."""
        words = policy_phrases.PRESENTS.get(what, what.replace("-", " ")).rstrip(",")
        return words[:1].lower() + words[1:]

    def outcome_words(self, outcome: str) -> str:
        """Return an outcome code in a few words; it never says a number."""
        if outcome in _OUTCOMES:
            return _OUTCOMES[outcome]
        if outcome.startswith(PENDING):
            return f"waits for: {questions.event_words(outcome.removeprefix(PENDING))}"
        if outcome.startswith(NEEDS_FACT):
            return "depends on a question that is open"
        return "does not count"

    def need_words(self, need: Filled) -> str:
        """Return what a need is called; the bucket "" is the sum."""
        if not need.bucket:
            return "In all"
        words = policy_phrases.bucket(need.bucket)
        words = words[:1].upper() + words[1:]
        return f"{words}: {need.of}" if need.of else words

    def buckets_words(self, buckets: Sequence[str]) -> str:
        """Return what a set fills; a bucket may name a value of a fact behind a colon."""
        return policy_phrases.every(self._bucket(each) for each in buckets)

    def covered(self, need: Filled) -> Decimal:
        """Return how much of a need is covered, at most all of it."""
        return max(Decimal(0), min(need.need, need.need - need.missing))

    def converted(self, tally: Tally) -> str:
        """Return the credits that the units make."""
        convert = self.policy.convert
        if convert is None or tally.converted is None:
            return ""
        if tally.remainder and not tally.converted and convert.remainder == "carry":
            verb = "waits" if tally.remainder == 1 else "wait"
            rest = f"{plain(tally.remainder)} {verb} for the rest"
            return f"{say(convert.per, self.policy.unit)} make 1 {convert.to}; {rest}."
        credits = f"{plain(tally.converted)} {convert.to}{'' if tally.converted == 1 else 's'}"
        rest = (
            f"; {say(tally.remainder, self.policy.unit)} are carried on"
            if tally.remainder and convert.remainder == "carry"
            else ""
        )
        return f"That makes {credits}, at {plain(convert.per)} for one{rest}."

    def two_looks(self, outlook: Outlook) -> str:
        """Return the sum as things stand beside the sum when everything is done."""
        if outlook.now.amount == outlook.best.amount:
            return "As things stand, and when everything below is done, the sum is the same."
        now = say(outlook.now.amount, self.policy.unit) if outlook.now.amount else "nothing yet"
        return f"As things stand: {now}. When everything below is done: {self.say(outlook.best.amount)}."

    def area(self, code: str) -> str:
        """Return what relates awards, by its title where it is a stack that the house knows."""
        return f"“{self.stacks[code]}”" if code in self.stacks else policy_phrases.bucket(code)

    def told(self, sentence: str) -> str:
        """Return a sentence of the rule with the titles of the stacks that it names by their codes."""
        return _STACK.sub(lambda found: self._stack(found[1]), sentence)

    def source(self, ref: str) -> str:
        """Return where something is stated."""
        return policy_phrases.source(ref)

    def elsewhere(self, group: Set) -> str:
        """Return the other buckets that a set may fill, as a choice."""
        return policy_phrases.either(policy_phrases.bucket(each) for each in group.elsewhere)

    def by_stack(self, items: Sequence[Item]) -> Sequence[tuple[str, Sequence[Item]]]:
        """Return micro-credentials under the titles of their stacks, in their order."""
        found: dict[str, list[Item]] = {}
        for each in items:
            found.setdefault(", ".join(self.stacks.get(code, code) for code in each.stacks), []).append(each)
        return tuple(found.items())

    def held_words(self, outlook: Outlook) -> str:
        """Return what is held gives by itself, where something else is planned beside it."""
        held, number = outlook.held, len({x.key for x in outlook.lines if x.key and not x.is_planned})
        if held is None or not outlook.best.amount or not number:
            return ""
        own = "The one that you hold gives" if number == 1 else f"The {number} that you hold give"
        if not held:
            return f"{own} nothing of it without those that are planned."
        if held == outlook.best.amount:
            return f"{own} all of it; what is planned adds no units."
        return f"{own} {self.say(held)} of it; the rest needs what is planned."

    def may_add(self, item: Item) -> bool:
        """Tell whether a micro-credential can still be put into the plan."""
        return item.code not in self.chosen

    def _stack(self, code: str) -> str:
        return f" in {self.area(code)}" if code in self.stacks else f" in {code}"

    def _bucket(self, name: str) -> str:
        bucket, colon, of = name.partition(":")
        return f"{policy_phrases.bucket(bucket)}{colon}{' ' if colon else ''}{of}"
