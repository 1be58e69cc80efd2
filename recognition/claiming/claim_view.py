# SPDX-License-Identifier: Apache-2.0
"""What the page of a claim shows of a proposal: each award with its 13 rows and outcome, groups with titles.

Words only; nothing is decided here. Amounts stand with their unit and place, and where the answer has no
units by nature, no number is shown at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from recognition.claiming import roster, settling
from recognition.claiming.claim_states import ClaimState
from recognition.claiming.ledger_line import Line
from recognition.claiming.proposal import Proposal
from recognition.judging.answer import (
    ASK_LOCAL,
    GRANTED,
    LEARNING_ONLY,
    NEEDS_FACT,
    PENDING,
    PROPOSAL,
    REFUSED,
    SUPPORTING_DOCUMENT,
    UNKNOWN,
    UNUSED,
    Answer,
    Filled,
    Group,
    Judged,
)
from recognition.judging.award import Brought
from recognition.plan.questions import event_words
from recognition.rule.policy import AWARDED_STAGE, Policy
from recognition.rule.policy_phrases import bucket as bucket_words
from recognition.rule.units import plain, say
from verifier.outcome import Row
from verifier.report import Report

BY_NATURE: Final = (LEARNING_ONLY, ASK_LOCAL, SUPPORTING_DOCUMENT)
_TAGS: Final = {
    GRANTED: ("counts", "ok"),
    PROPOSAL: ("for you to say", "warn"),
    UNUSED: ("left over", "neutral"),
    UNKNOWN: ("no rule", "neutral"),
    LEARNING_ONLY: ("for learning", "neutral"),
    ASK_LOCAL: ("local agreement", "neutral"),
    SUPPORTING_DOCUMENT: ("supporting document", "ok"),
}
_STATES: Final = {
    ClaimState.RESERVED: "neutral",
    ClaimState.ENTERED: "warn",
    ClaimState.SUBMITTED: "warn",
    ClaimState.NEEDS_MORE: "warn",
    ClaimState.APPROVED: "ok",
    ClaimState.USED: "ok",
    ClaimState.REFUSED: "neutral",
    ClaimState.REVERSAL_NEEDED: "hold",
    ClaimState.REVERSED: "neutral",
    ClaimState.WITHDRAWN: "neutral",
}


@dataclass(frozen=True, slots=True)
class AwardView:
    """One thing that was judged.

    Attributes:
        index: Its place in the answer.
        position: Its place in the claim; None at a stage before the award.
        report: The verifier's; None where nothing could be read.
        rows: The 13 rows; empty without a report.
        may_add: Whether a person may count it although the rule does not.
    """

    index: int
    position: int | None
    judged: Judged
    brought: Brought | None
    report: Report | None
    rows: tuple[Row, ...]
    may_add: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return self.judged.title or self.judged.item or self.judged.credential_id or self.judged.place

    @property
    def is_award(self) -> bool:
        """Whether it is an award, and not a submission before one."""
        return self.judged.stage == AWARDED_STAGE


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with the titles of its awards, oldest first."""

    group: Group
    titles: tuple[str, ...]

    @property
    def number(self) -> int:
        """Its number."""
        return self.group.number

    @property
    def is_open(self) -> bool:
        """Whether a person must write a number."""
        return self.group.units is None


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A proposal for a template."""

    proposal: Proposal
    awards: tuple[AwardView, ...]
    groups: tuple[GroupView, ...]

    @property
    def answer(self) -> Answer:
        """What the policy says."""
        return self.proposal.answer

    @property
    def policy(self) -> Policy:
        """The version that was applied."""
        return self.proposal.policy

    @property
    def has_units(self) -> bool:
        """Whether the answer is one in units at all; otherwise no number is shown."""
        return self.answer.outcome not in BY_NATURE

    @property
    def may_grant(self) -> bool:
        """Whether anything could be granted as it stands."""
        is_document = self.answer.outcome == SUPPORTING_DOCUMENT
        return bool(self.groups or self.answer.attended) or is_document

    @property
    def additions(self) -> tuple[AwardView, ...]:
        """What a person may count with a reason."""
        return tuple(each for each in self.awards if each.may_add)

    @property
    def buckets(self) -> tuple[tuple[str, str], ...]:
        """What a group may count for, as pairs of id and words."""
        return tuple((each, words_of(each)) for each in settling.buckets(self.answer))

    @property
    def promised(self) -> str:
        """What approving as proposed gives, in words; "" where there are no units."""
        if not self.has_units:
            return ""
        sums = [each.group.units for each in self.groups if each.group.units is not None]
        units = sum(sums, Decimal(0)) + sum((each.units for each in self.answer.attended), Decimal(0))
        return say(units, self.policy.unit) if units else ""

    def say(self, amount: Decimal) -> str:
        """Return an amount with unit and place."""
        return say(amount, self.policy.unit)

    def plain(self, amount: Decimal) -> str:
        """Return an amount as digits."""
        return plain(amount)

    def need(self, filled: Filled) -> str:
        """Return what a need is called; the bucket "" is the sum."""
        if not filled.bucket:
            return "In all"
        return f"{words_of(filled.bucket)}: {filled.of}" if filled.of else words_of(filled.bucket)

    def event(self, event: str) -> str:
        """Return an event in words."""
        return event_words(event)

    def bucket(self, bucket: str) -> str:
        """Return a bucket in words."""
        return words_of(bucket)


def view(proposal: Proposal) -> ClaimView:
    """Return what the page of a claim shows."""
    answer = proposal.answer
    titles = {each.key: each.title or each.item or each.credential_id for each in answer.judged}
    return ClaimView(
        proposal,
        tuple(_award(proposal, index, each) for index, each in enumerate(answer.judged)),
        tuple(GroupView(each, tuple(titles.get(key, "") for key in each.awards)) for each in answer.groups),
    )


def tag(outcome: str) -> tuple[str, str]:
    """Return an outcome in two or three words, and its tone; the sentence stands beside it."""
    if outcome in _TAGS:
        return _TAGS[outcome]
    if outcome.startswith(PENDING):
        what = outcome.removeprefix(PENDING)
        return ("could not be checked" if what == "verification" else f"waits: {event_words(what)}", "warn")
    if outcome.startswith(NEEDS_FACT):
        return "a fact is missing", "warn"
    if outcome.startswith(REFUSED):
        return "does not count", "bad"
    return outcome, "neutral"


def tone(state: ClaimState) -> str:
    """Return the tone of a claim's state."""
    return _STATES.get(state, "neutral")


def words_of(bucket: str) -> str:
    """Return a bucket in words; one for each value of a fact names the value behind a colon."""
    name, colon, of = bucket.partition(":")
    words = bucket_words(name)
    return f"{words[:1].upper()}{words[1:]}{colon}{' ' if colon else ''}{of}"


def grouped(lines: Iterable[Line]) -> tuple[tuple[Line, ...], ...]:
    """Return lines of the ledger by decision and group, in their order."""
    found: dict[tuple[str, int], list[Line]] = {}
    for each in lines:
        found.setdefault((each.decision, each.group), []).append(each)
    return tuple(tuple(each) for each in found.values())


def _award(proposal: Proposal, index: int, judged: Judged) -> AwardView:
    brought = settling.brought_for(judged, proposal.brought)
    position = _position(brought, proposal.brought)
    report = brought.report if brought is not None else None
    owned = position in proposal.owned
    rows = roster.rows(report, judged, proposal.answer, owned=owned) if report is not None else ()
    may_add = settling.may_add(judged, brought)
    return AwardView(index, position, judged, brought, report, rows, may_add)


def _position(brought: Brought | None, all_brought: Sequence[Brought]) -> int | None:
    return next((at for at, each in enumerate(all_brought) if each is brought), None)
