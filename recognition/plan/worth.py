# SPDX-License-Identifier: Apache-2.0
"""What a rule gives for a micro-credential, in a sentence, for somebody of whom nothing is known.

For catalogue, portals and the form of a plan. It says the terms, with unit and place, and makes no promise:
what it gives *one person* is the matter of ``outlook``. Where there is no policy there is no sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from recognition.plan.questions import purpose_words
from recognition.ports import Item
from recognition.rule import policy_words
from recognition.rule.policy import Eligible, Grant, Overlap, Policy
from recognition.rule.policy_phrases import bucket
from recognition.rule.units import say

_NUMBERS: Final = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@dataclass(frozen=True, slots=True)
class Worth:
    """What one policy says of one micro-credential.

    Attributes:
        sentence: The terms, or why it is not among what the policy accepts.
        accepted: Whether the policy accepts it at all.
        on: Titles of the policy's lists on which it stands on that day.
        source: Where the rule is stated.
    """

    policy: Policy
    item: str
    sentence: str
    accepted: bool
    on: tuple[str, ...]

    @property
    def label(self) -> str:
        """How far the text of the policy is agreed, in words."""
        return policy_words.label(self.policy)

    @property
    def source(self) -> str:
        """Where the rule is stated."""
        return self.policy.sources[0].ref if self.policy.sources else ""


def worth(policy: Policy, item: Item, *, on: date | None = None) -> Worth:
    """Return what ``policy`` says of ``item``, whoever earns it.

    Args:
        policy: The rule.
        item: A micro-credential that one can earn.
        on: The day for which lists are read; None: whatever the day.
    """
    lists = tuple(
        each.title
        for each in policy.lists
        if any(row.code == item.code and (on is None or on in row.on) for row in each.items)
    )
    reason = not_accepted(policy, item)
    return Worth(policy, item.code, reason or terms(policy, item), accepted=not reason, on=lists)


def not_accepted(policy: Policy, item: Item) -> str:
    """Return why ``policy`` does not take ``item`` at all, or "". Its issuer is a matter of trust lists."""
    accept = policy.accept
    if item.kind not in accept.kinds:
        return "This rule does not take awards of this kind."
    excluded = [each for each in item.stacks if each in accept.not_stacks]
    if excluded:
        return f"This rule leaves out the stack {excluded[0]}, which this micro-credential is in."
    if accept.stacks and not set(item.stacks) & set(accept.stacks):
        return f"This rule takes only the stacks {', '.join(accept.stacks)}."
    if accept.items and item.code not in accept.items:
        return "This micro-credential is not among those that this rule names."
    return ""


def terms(policy: Policy, item: Item | None = None) -> str:
    """Return what the grants of ``policy`` give, in sentences; for ``item`` with the buckets open to it."""
    found = []
    for grant in policy.grants:
        given = _given(policy, grant)
        if item is not None and grant.eligible:
            open_to = tuple(each for each in grant.into if fits(policy, grant.eligible.get(each), item))
            if not open_to:
                continue
            filled = [bucket(each) for each in open_to if each in grant.eligible]
            joined = " or ".join(filled)
            given += f" It can count as {joined}." if filled else ""
            if len(filled) > 1 and grant.overlap is Overlap.UNKNOWN:
                given += " Whether one award may fill both is not decided, so only one is counted."
        found.append(given)
    return " ".join(found) or "This rule gives no units for this micro-credential."


class Coded(Protocol):
    """A micro-credential, or an award of one."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def stacks(self) -> tuple[str, ...]:
        """Codes of its stacks."""


def fits(policy: Policy, eligible: Eligible | None, item: Coded, *, on: date | None = None) -> bool:
    """Tell whether a bucket with this condition is open to ``item`` on a day; None: on whatever day."""
    if eligible is None:
        return True
    listed = (row for each in policy.lists if each.id in eligible.lists for row in each.items)
    named = {row.code for row in listed if on is None or on in row.on}
    return item.code in named or item.code in eligible.items or bool(set(item.stacks) & set(eligible.stacks))


def several(number: int, *, related: bool) -> str:
    """Return a number of micro-credentials: ``Two related micro-credentials``, ``Each micro-credential``."""
    if number == 1:
        return "Each micro-credential"
    words = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{words} {'related ' if related else ''}micro-credentials"


def _given(policy: Policy, grant: Grant) -> str:
    who = several(grant.take, related=grant.related_by is not None)
    verb = "gives" if grant.take == 1 else "give"
    stage = "" if grant.stage == "awarded" else ", when everything is submitted"
    if grant.amount is None:
        units = say(Decimal(2), policy.unit).removeprefix("2 ")
        return f"{who} can be proposed for {units}{stage}; a person sets the number."
    amount = say(grant.amount, policy.unit)
    asked = " if a person agrees" if grant.outcome == "proposal" else ""
    paper = ", as a PD certificate" if grant.then is not None else ""
    return f"{who} {verb} {amount}{paper}{stage}{asked}, for {purpose_words(policy.purpose)}."
