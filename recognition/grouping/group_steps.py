# SPDX-License-Identifier: Apache-2.0
"""From one state of the search for groups to the next: every step that can matter, best guess first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from recognition.grouping.group_problem import Problem, divide
from recognition.rule.policy import Overlap

WIDTH: Final = 9  # bits of a count of awards
NAMES_PER_LOOK: Final = 16  # buckets that weigh as much as one group looked at
COUNT: Final = (1 << WIDTH) - 1


class State(NamedTuple):
    """What is left.

    Attributes:
        counts: Awards left of each kind, packed.
        lacks: What each bucket lacks.
        pools: Units that wait to be divided, by the bits of the buckets they may fill.
    """

    counts: int
    lacks: tuple[int, ...]
    pools: tuple[tuple[int, int], ...]


class Group(NamedTuple):
    """How many of which kinds, the bits of the buckets open to all of them, and the counts they take."""

    rule: int
    members: tuple[tuple[int, int], ...]
    buckets: int
    counts: int


class Step(NamedTuple):
    """From one state to the next; ``group`` None: a kind is left unused. ``left``: awards left after it."""

    worth: int
    state: State
    left: int
    group: Group | None = None
    bucket: int | None = None


class Steps:
    """The steps from a state, in the order in which equal ones are preferred.

    ``looked`` counts the groups looked at; steps are missing once it has reached ``most``.
    """

    def __init__(self, problem: Problem, most: int) -> None:
        self.problem = problem
        self.most = most
        self.looked = 0
        self.weight = 1 + len(problem.names) // NAMES_PER_LOOK  # of one step, in groups looked at
        kinds, rules = problem.kinds, problem.rules
        overlaps = {rule.overlap for rule in rules}
        self._splits = Overlap.SPLIT in overlaps
        self._wide = self._splits or Overlap.ALLOWED in overlaps
        self._lacking = sum(1 << bucket for bucket, lack in enumerate(problem.lacks) if lack)
        self._most = [self._most_of(left) for left in range(len(problem.candidates) + 1)]
        self._reach = [0] * (len(kinds) + 1)
        for place in reversed(range(len(kinds))):
            self._reach[place] = self._reach[place + 1]
            for buckets in kinds[place].buckets:
                self._reach[place] |= buckets
        self._related = [
            [
                [other for other in range(one, len(kinds)) if self._relates(rule, one, other)]
                for one in range(len(kinds))
            ]
            for rule in range(len(rules))
        ]
        self._alone = [
            all(related[one] in ([], [one]) for related in self._related) for one in range(len(kinds))
        ]
        self._islands: list[set[int]] = []  # of kinds; no group reaches from one to another
        self._after = self._most_after()
        self._ages = [0]
        asked = {other for related in self._related for near in related for other in near[1:]}
        for place, kind in reversed(list(enumerate(kinds))):
            oldest = kind.bits[-1] if place in asked else self._oldest(place, len(kind.awards))
            self._ages.append(self._ages[-1] + oldest)
        self._ages.reverse()

    def _most_of(self, left: int) -> int:
        """Return a number of units that so many awards cannot exceed."""
        rules = self.problem.rules
        if len(rules) == 1:
            return left // rules[0].take * rules[0].units
        return max((left * rule.units // rule.take for rule in rules), default=0)

    def _relates(self, rule: int, one: int, other: int) -> bool:
        first, second = self.problem.kinds[one], self.problem.kinds[other]
        return bool(first.areas[rule] & second.areas[rule] and first.buckets[rule] & second.buckets[rule])

    def _most_after(self) -> list[int]:
        """Return for each kind what it and those after it cannot exceed: no group reaches across islands."""
        kinds = self.problem.kinds
        after, islands = [0], list[set[int]]()
        for one in reversed(range(len(kinds))):
            near = {other for related in self._related for other in related[one]} | {one}
            joined = near.union(*(island for island in islands if island & near))
            islands = [island for island in islands if not island & near] + [joined]
            sizes = (sum(len(kinds[each].awards) for each in island) for island in islands)
            after.append(sum(self._most[size] for size in sizes))
        self._islands = islands
        return after[::-1]

    def _oldest(self, place: int, left: int) -> int:
        """Return the bits of the awards that a kind can use at most, of the ``left`` that it still has."""
        kind, rules = self.problem.kinds[place], self.problem.rules
        used = len(kind.awards) - left
        if self._alone[place] and len(rules) == 1:
            left -= left % rules[0].take
        return kind.bits[used + left] - kind.bits[used]

    def bound(self, step: Step) -> int:
        """Return what the state after ``step`` cannot exceed."""
        units, age = self._most[step.left], 0
        if counts := step.state.counts:
            first = ((counts & -counts).bit_length() - 1) // WIDTH
            left = counts >> WIDTH * first & COUNT
            after = self._after[first]
            if self._alone[first]:
                after = self._most[left] + self._after[first + 1]
            units = min(units, after)
            age = self._oldest(first, left) + self._ages[first + 1]
        needs = sum(step.state.lacks)
        if not self._wide and units < needs:
            needs = units
        return needs * self.problem.per_need + units * self.problem.per_unit + age

    def goal(self, state: State, left: int) -> int:
        """Return what no answer can exceed: a bound that knows of each island how many awards it can use."""
        bound, rules = self.bound(Step(0, state, left)), self.problem.rules
        if len(rules) != 1:
            return bound
        age = 0
        for island in self._islands:
            ranks = sorted(rank for each in island for rank in self.problem.kinds[each].awards)
            most = len(ranks) - len(ranks) % rules[0].take
            age += sum(self.problem.bit(rank) for rank in ranks[:most])
        return bound - max(0, bound % self.problem.per_unit - age)

    def divided(self, state: State) -> int:
        """Return what the pools of a state give where no award is left."""
        if not state.pools:
            return 0
        self.looked += len(state.pools) * self.weight
        parts = divide(state.pools, state.lacks)
        return sum(sum(part.values()) for part in parts.values()) * self.problem.per_need

    def state(self, counts: int, lacks: tuple[int, ...], pools: tuple[tuple[int, int], ...]) -> State:
        """Return the state, without what the buckets lack that no award left can fill."""
        if not self._splits:
            first = ((counts & -counts).bit_length() - 1) // WIDTH if counts else len(self.problem.kinds)
            reach = self._reach[first]
            if reach & self._lacking != self._lacking:
                lacks = tuple(lack if reach >> bucket & 1 else 0 for bucket, lack in enumerate(lacks))
        return State(counts, lacks, pools)

    def of(self, state: State, left: int) -> Iterator[Step]:
        """Yield the steps from ``state``: groups with the first kind left, then leaving it."""
        counts = state.counts
        first = ((counts & -counts).bit_length() - 1) // WIDTH
        kind = self.problem.kinds[first]
        stands_alone, grouped = True, False
        for number, rule in enumerate(self.problem.rules):
            if not kind.areas[number]:
                continue
            related = [each for each in self._related[number][first] if counts >> WIDTH * each & COUNT]
            self.looked += len(related)
            stands_alone = stands_alone and (rule.take == 1 or len(related) == 1)
            for group in self._groups(number, related, counts):
                grouped = True
                yield from self._placed(state, left, group)
        if not (stands_alone and grouped):
            own = counts >> WIDTH * first & COUNT
            after = counts - (own << WIDTH * first)
            yield Step(0, self.state(after, state.lacks, state.pools), left - own)

    def _groups(self, number: int, related: list[int], counts: int) -> Iterator[Group]:
        """Yield the groups with one of the first of ``related``, more of the first kinds before others."""
        kinds, take, first = self.problem.kinds, self.problem.rules[number].take, related[0]
        areas, buckets = kinds[first].areas[number], kinds[first].buckets[number]
        if take == 1:
            yield Group(number, ((first, 1),), buckets, 1 << WIDTH * first)
        elif take == 2:
            if counts >> WIDTH * first & COUNT > 1:
                yield Group(number, ((first, 2),), buckets, 2 << WIDTH * first)
            for other in related[1:]:
                shared = buckets & kinds[other].buckets[number]
                yield Group(
                    number, ((first, 1), (other, 1)), shared, (1 << WIDTH * first) + (1 << WIDTH * other)
                )
        else:
            yield from self._larger(number, related, counts, areas, buckets)

    def _larger(
        self, number: int, related: list[int], counts: int, areas: int, buckets: int
    ) -> Iterator[Group]:
        """Yield the groups of three and more: how many of each related kind, the most first."""
        kinds, take = self.problem.kinds, self.problem.rules[number].take
        there = [counts >> WIDTH * each & COUNT for each in related]
        after = [sum(there[place:]) for place in range(len(there) + 1)]
        empty: tuple[tuple[int, int], ...] = ()
        open_ = [(0, areas, buckets, take, empty)]
        while open_ and self.looked < self.most:
            self.looked += 1
            place, areas, buckets, missing, members = open_.pop()
            if not missing:
                packed = sum(many << WIDTH * kind for kind, many in members)
                yield Group(number, members, buckets, packed)
                continue
            if after[place] < missing:
                continue
            kind = kinds[related[place]]
            if place:
                open_.append((place + 1, areas, buckets, missing, members))
            areas, buckets = areas & kind.areas[number], buckets & kind.buckets[number]
            if areas and buckets:
                most = min(there[place], missing)
                self.looked += most
                open_.extend(
                    (place + 1, areas, buckets, missing - many, (*members, (related[place], many)))
                    for many in range(1, most + 1)
                )

    def _placed(self, state: State, left: int, group: Group) -> Iterator[Step]:
        """Yield the steps that form ``group``: one for each bucket that helps."""
        problem, rule = self.problem, self.problem.rules[group.rule]
        counts, lacks, pools = state.counts - group.counts, state.lacks, state.pools
        left -= rule.take
        self.looked += self.weight - 1
        worth = rule.units * problem.per_unit + self._age(state.counts, group)
        if rule.overlap is Overlap.SPLIT:
            pools = self._pooled(pools, group.buckets & self._lacking, rule.units)
            yield Step(worth, self.state(counts, lacks, pools), left, group)
            return
        if rule.overlap is Overlap.ALLOWED:
            after = tuple(
                max(0, lack - rule.units) if group.buckets >> bucket & 1 else lack
                for bucket, lack in enumerate(lacks)
            )
            worth += (sum(lacks) - sum(after)) * problem.per_need
            yield Step(worth, self.state(counts, after, pools), left, group)
            return
        helped = set()
        for bucket in rule.into if rule.units else ():
            lack = lacks[bucket]
            if lack and group.buckets >> bucket & 1 and (problem.twins[bucket], lack) not in helped:
                helped.add((problem.twins[bucket], lack))
                filled = min(lack, rule.units)
                after = (*lacks[:bucket], lack - filled, *lacks[bucket + 1 :])
                gain = worth + filled * problem.per_need
                yield Step(gain, self.state(counts, after, pools), left, group, bucket)
        if not helped:
            yield Step(worth, self.state(counts, lacks, pools), left, group, rule.first(group.buckets))

    def _age(self, counts: int, group: Group) -> int:
        """Return the bits of the awards that ``group`` uses: the oldest that are left of each kind."""
        bits = 0
        for each, many in group.members:
            kind = self.problem.kinds[each]
            used = len(kind.awards) - (counts >> WIDTH * each & COUNT)
            bits += kind.bits[used + many] - kind.bits[used]
        return bits

    def _pooled(
        self, pools: tuple[tuple[int, int], ...], buckets: int, units: int
    ) -> tuple[tuple[int, int], ...]:
        """Return the pools with ``units`` more for ``buckets``, never more than these can take."""
        if not buckets or not units:
            return pools
        room = sum(lack for bucket, lack in enumerate(self.problem.lacks) if buckets >> bucket & 1)
        self.looked += len(pools)
        there = dict(pools)
        there[buckets] = min(room, there.get(buckets, 0) + units)
        return tuple(sorted(there.items()))
