# SPDX-License-Identifier: Apache-2.0
"""What one or more further micro-credentials would give: tried out, kind by kind, from the catalogue.

Two micro-credentials are of one *kind* for a policy if it cannot tell them apart: the same stacks, areas and
places on lists. One of each kind is tried; where no single one helps, a whole group of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from recognition.judging.answer import Answer
from recognition.judging.award import Brought
from recognition.judging.facts import Facts
from recognition.judging.judge import judge
from recognition.judging.trust import Trust
from recognition.plan import foreseen
from recognition.plan.imagined import imagine
from recognition.plan.worth import not_accepted, several
from recognition.ports import Item
from recognition.rule.policy import Policy
from recognition.rule.units import plain, say

KINDS: Final = 40  # kinds that are tried for one answer; a catalogue of 250 has about 30 stacks
EXAMPLES: Final = 6  # micro-credentials that are named for one suggestion
SHOWN: Final = 3  # suggestions of one answer
BUDGET: Final = 2_000  # states of one trial; a tenth of what an answer may use
WORK: Final = 12_000  # of all trials together, in states
ENTRY: Final = 4  # states that judging one entry weighs as much as
_TOGETHER: Final = 3  # awards of the largest group that is tried as a whole


@dataclass(frozen=True, slots=True)
class World:
    """Everything but the micro-credential that is tried."""

    policy: Policy
    brought: tuple[Brought, ...]
    facts: Facts
    trust: Trust
    now: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What further micro-credentials would give.

    Attributes:
        take: How many of them it needs.
        items: Such as would do; with ``take`` above 1 they are related to each other.
        units: What the whole would give more; 0 where it fills a need without more units.
        related: Whether it depends on which ones they are.
    """

    take: int
    items: tuple[Item, ...]
    units: Decimal
    filled: Decimal
    related: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class _Gain:
    units: Decimal
    filled: Decimal


def suggestions(world: World, base: Answer, catalogue: Sequence[Item]) -> tuple[Suggestion, ...]:
    """Return the best that one more would give, the most useful first; else what a group would.

    Args:
        world: The policy, what is there already, and the person.
        base: The answer without any more.
        catalogue: What can be earned.
    """
    there = {each.award.code for each in world.brought if each.award is not None}
    kinds = tuple(_kinds(world.policy, [each for each in catalogue if each.code not in there]))[:KINDS]
    work = WORK
    steps = sorted({each.take for each in world.policy.grants if 1 < each.take <= _TOGETHER})
    for take in (1, *steps):
        found: dict[_Gain, list[tuple[Item, ...]]] = {}
        for kind in kinds:
            if len(kind) < take or work <= 0:
                continue
            gain, used = _try(world, base, kind[:take])
            work -= used
            if gain is not None:
                found.setdefault(gain, []).append(kind)
        if found:
            best = sorted(found, key=lambda each: (-each.filled, -each.units))[:SHOWN]
            return tuple(_suggestion(world.policy, take, each, found[each], kinds) for each in best)
    return ()


def _kinds(policy: Policy, items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """Yield what the policy cannot tell apart, in the order of the catalogue."""
    found: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        if not not_accepted(policy, item):
            found.setdefault(_kind(policy, item), []).append(item)
    yield from (tuple(each) for each in found.values())


def _kind(policy: Policy, item: Item) -> tuple[object, ...]:
    areas = tuple(
        each.id for each in policy.areas if item.code in each.items or set(item.stacks) & set(each.stacks)
    )
    lists = tuple(each.id for each in policy.lists if any(row.code == item.code for row in each.items))
    named = tuple(
        (grant.id, bucket)
        for grant in policy.grants
        for bucket, each in grant.eligible.items()
        if item.code in each.items or set(item.stacks) & set(each.stacks)
    )
    by_stack = any(grant.related_by == "stack" for grant in policy.grants)
    by_area = any(grant.related_by == "area" for grant in policy.grants) and not policy.areas
    stacks = tuple(sorted(item.stacks)) if by_stack or by_area else ()
    return areas, lists, named, stacks, item.issuer


def _try(world: World, base: Answer, items: Sequence[Item]) -> tuple[_Gain | None, int]:
    """Return what ``items`` would add, or None for nothing; and what it took, in states."""
    more = tuple(imagine(each, world.facts.as_of, now=world.now) for each in items)
    told = foreseen.everything(world.policy, world.facts, more)
    answer = judge(
        world.policy,
        (*world.brought, *more),
        told,
        trust=world.trust,
        now=world.now,
        budget=BUDGET,
        changes=False,
    )
    units = _sum(answer) - _sum(base)
    filled = _missing(base) - _missing(answer)
    gain = _Gain(units, filled) if units > 0 or filled > 0 else None
    return gain, answer.work + len(answer.judged) * ENTRY


def _sum(answer: Answer) -> Decimal:
    return answer.granted + (answer.proposed or Decimal(0))


def _missing(answer: Answer) -> Decimal:
    """Return what all needs together still miss."""
    return sum((each.missing for each in answer.needs if not each.waived), Decimal(0))


def _suggestion(
    policy: Policy, take: int, gain: _Gain, kinds: Sequence[tuple[Item, ...]], all_kinds: Sequence[object]
) -> Suggestion:
    """Return what one gain is good for: examples from every kind in turn, or all of one kind for a group."""
    related = take > 1 or len(kinds) < len(all_kinds)
    items = tuple(_in_turn(kinds)) if take == 1 else tuple(item for kind in kinds for item in kind[:take])
    most = EXAMPLES if take == 1 else EXAMPLES // take * take
    return Suggestion(
        take, items[:most], gain.units, gain.filled, related, _words(policy, take, gain, related)
    )


def _in_turn(kinds: Sequence[tuple[Item, ...]]) -> Iterator[Item]:
    for place in range(max(len(each) for each in kinds)):
        yield from (each[place] for each in kinds if place < len(each))


def _words(policy: Policy, take: int, gain: _Gain, related: bool) -> str:
    verb, fill = ("gives", "fills") if take == 1 else ("give", "fill")
    who = "One more micro-credential"
    if take > 1:
        who = f"{several(take, related=False).replace(' ', ' further ', 1)} that are related"
    elif related:
        by = any(each.related_by for each in policy.grants)
        who = "One more related micro-credential" if by else "One more micro-credential of these"
    if gain.units <= 0:
        return f"{who} {fill} {say(gain.filled, policy.unit)} that you still need."
    need = f", {plain(gain.filled)} of them where you still need some" if gain.filled > 0 else ""
    if gain.filled >= gain.units:
        need = ", all where you still need them" if policy.needs else ""
    return f"{who} {verb} {say(gain.units, policy.unit)}{need}."
