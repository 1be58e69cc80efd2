# SPDX-License-Identifier: Apache-2.0
"""The exact search of allocation: every grouping that can matter, each state once, within a budget.

A state is how many awards of each kind are left and what each bucket still lacks. From a state one takes
the first kind that is left and tries each group that holds one of its awards, in each bucket that helps, and
lastly leaves all its awards unused in one step. Used awards of a kind are always its oldest, so that the
worth of the used awards adds up along the way, and the worth of a state does not depend on the way to it.

Left out, because none of it can be better than what is tried: a bucket that lacks nothing while another one
still lacks something; the second of two buckets that are open to the same awards and lack the same; leaving
awards that could still form a group and have nothing in common with any other kind left; a step that even at
its best gives no more than what another step from that state has given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from recognition.group_problem import Chosen, Problem, divide
from recognition.policy import Overlap

STEPS_PER_STATE: Final = 16  # looked at, on average; keeps states with thousands of groups within bounds
WIDTH: Final = 9  # bits of a count of awards
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


class _Group(NamedTuple):
    """How many of which kinds, the bits of the buckets open to all of them, and the counts they take."""

    rule: int
    members: tuple[tuple[int, int], ...]
    buckets: int
    counts: int


class _Step(NamedTuple):
    """From one state to the next; ``group`` None: a kind is left unused. ``left``: awards left after it."""

    worth: int
    state: State
    left: int
    group: _Group | None = None
    bucket: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The best that was found; ``complete``: whether everything was tried."""

    chosen: tuple[Chosen, ...]
    complete: bool
    states: int


class _Frame:
    """A state whose steps are being tried."""

    __slots__ = ("best", "choice", "state", "steps", "trying")

    def __init__(self, state: State, steps: Iterator[_Step]) -> None:
        self.state = state
        self.steps = steps
        self.best = -1
        self.choice: _Step | None = None
        self.trying: _Step | None = None

    def offer(self, step: _Step, rest: int) -> None:
        if step.worth + rest > self.best:
            self.best = step.worth + rest
            self.choice = step


def search(problem: Problem, budget: int) -> Found:
    """Return the best groups of ``problem``, or the best found within ``budget`` states."""
    return _Search(problem, budget).run()


class _Search:
    """One search; what it knows of states grows as it goes."""

    def __init__(self, problem: Problem, budget: int) -> None:
        self.problem = problem
        self.budget = budget
        self.states = 0
        self.looked = 0
        self.known: dict[State, tuple[int, _Step | None]] = {}
        self.stack: list[_Frame] = []
        self.steps = _Steps(problem)

    def run(self) -> Found:
        kinds = self.problem.kinds
        counts = sum(len(kind.awards) << WIDTH * place for place, kind in enumerate(kinds))
        start = self.steps.state(counts, self.problem.lacks, ())
        complete = not counts or self._enter(start, sum(len(kind.awards) for kind in kinds))
        while complete and self.stack:
            complete = self._advance(self.stack[-1])
        self._unwind()
        return Found(self._retrace(start), complete, self.states)

    def _enter(self, state: State, left: int) -> bool:
        """Begin with a state; False if the budget is used up."""
        if self.states >= self.budget:
            return False
        self.states += 1
        self.stack.append(_Frame(state, self.steps.of(state, left)))
        return True

    def _advance(self, frame: _Frame) -> bool:
        """Try steps of ``frame`` until one leads to a state not known yet; False if the budget is used up."""
        for step in frame.steps:
            if self.looked + self.steps.looked >= self.budget * STEPS_PER_STATE:
                return False
            self.looked += 1
            if step.worth + self.steps.bound(step) <= frame.best:
                continue
            rest = self._rest(step.state)
            if rest is None:
                frame.trying = step
                return self._enter(step.state, step.left)
            frame.offer(step, rest)
        if self.looked + self.steps.looked >= self.budget * STEPS_PER_STATE:
            return False
        self._leave()
        return True

    def _rest(self, state: State) -> int | None:
        """Return what a state gives, if that is known."""
        if not state.counts:
            return self.steps.divided(state)
        known = self.known.get(state)
        return None if known is None else known[0]

    def _leave(self) -> None:
        """Keep what the last state gives, and offer it to the one before."""
        done = self.stack.pop()
        self.known[done.state] = (done.best, done.choice)
        if self.stack and (step := self.stack[-1].trying):
            self.stack[-1].offer(step, done.best)

    def _unwind(self) -> None:
        """When the budget is used up: let every state that was begun give the best it has found."""
        while self.stack:
            last = self.stack[-1]
            if last.trying is not None and self._rest(last.trying.state) is None:
                last.offer(last.trying, 0)
            last.best = max(0, last.best)
            self._leave()

    def _retrace(self, state: State) -> tuple[Chosen, ...]:
        """Return the groups of the best steps from ``state`` on."""
        kinds = self.problem.kinds
        chosen = []
        while step := self.known.get(state, (0, None))[1]:
            if step.group is not None:
                ranks: list[int] = []
                for kind, number in step.group.members:
                    used = len(kinds[kind].awards) - (state.counts >> WIDTH * kind & COUNT)
                    ranks.extend(kinds[kind].awards[used : used + number])
                chosen.append(Chosen(step.group.rule, tuple(sorted(ranks)), step.bucket))
            state = step.state
        return tuple(chosen)


class _Steps:
    """The steps from a state, in the order in which equal ones are preferred."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.looked = 0
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

    def _most_of(self, left: int) -> int:
        """Return a number of units that so many awards cannot exceed."""
        rules = self.problem.rules
        if len(rules) == 1:
            return left // rules[0].take * rules[0].units
        return max((left * rule.units // rule.take for rule in rules), default=0)

    def _relates(self, rule: int, one: int, other: int) -> bool:
        first, second = self.problem.kinds[one], self.problem.kinds[other]
        return bool(first.areas[rule] & second.areas[rule] and first.buckets[rule] & second.buckets[rule])

    def bound(self, step: _Step) -> int:
        """Return what the state after ``step`` cannot exceed."""
        units = self._most[step.left]
        needs = sum(step.state.lacks)
        if not self._wide and units < needs:
            needs = units
        return needs * self.problem.per_need + (units + 1) * self.problem.per_unit - 1

    def divided(self, state: State) -> int:
        """Return what the pools of a state give where no award is left."""
        if not state.pools:
            return 0
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

    def of(self, state: State, left: int) -> Iterator[_Step]:
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
            yield _Step(0, self.state(after, state.lacks, state.pools), left - own)

    def _groups(self, number: int, related: list[int], counts: int) -> Iterator[_Group]:
        """Yield the groups with one of the first of ``related``, more of the first kinds before others."""
        kinds, take, first = self.problem.kinds, self.problem.rules[number].take, related[0]
        areas, buckets = kinds[first].areas[number], kinds[first].buckets[number]
        if take == 1:
            yield _Group(number, ((first, 1),), buckets, 1 << WIDTH * first)
        elif take == 2:
            if counts >> WIDTH * first & COUNT > 1:
                yield _Group(number, ((first, 2),), buckets, 2 << WIDTH * first)
            for other in related[1:]:
                shared = buckets & kinds[other].buckets[number]
                yield _Group(
                    number, ((first, 1), (other, 1)), shared, (1 << WIDTH * first) + (1 << WIDTH * other)
                )
        else:
            yield from self._larger(number, related, counts, areas, buckets)

    def _larger(
        self, number: int, related: list[int], counts: int, areas: int, buckets: int
    ) -> Iterator[_Group]:
        """Yield the groups of three and more: how many of each related kind, the most first."""
        kinds, take = self.problem.kinds, self.problem.rules[number].take
        there = [counts >> WIDTH * each & COUNT for each in related]
        after = [sum(there[place:]) for place in range(len(there) + 1)]
        empty: tuple[tuple[int, int], ...] = ()
        open_ = [(0, areas, buckets, take, empty)]
        while open_:
            self.looked += 1
            place, areas, buckets, missing, members = open_.pop()
            if not missing:
                packed = sum(many << WIDTH * kind for kind, many in members)
                yield _Group(number, members, buckets, packed)
                continue
            if after[place] < missing:
                continue
            kind = kinds[related[place]]
            if place:
                open_.append((place + 1, areas, buckets, missing, members))
            areas, buckets = areas & kind.areas[number], buckets & kind.buckets[number]
            if areas and buckets:
                open_.extend(
                    (place + 1, areas, buckets, missing - many, (*members, (related[place], many)))
                    for many in range(1, min(there[place], missing) + 1)
                )

    def _placed(self, state: State, left: int, group: _Group) -> Iterator[_Step]:
        """Yield the steps that form ``group``: one for each bucket that helps."""
        problem, rule = self.problem, self.problem.rules[group.rule]
        counts, lacks, pools = state.counts - group.counts, state.lacks, state.pools
        left -= rule.take
        worth = rule.units * problem.per_unit + self._age(state.counts, group)
        if rule.overlap is Overlap.SPLIT:
            pools = self._pooled(pools, group.buckets & self._lacking, rule.units)
            yield _Step(worth, self.state(counts, lacks, pools), left, group)
            return
        if rule.overlap is Overlap.ALLOWED:
            after = tuple(
                max(0, lack - rule.units) if group.buckets >> bucket & 1 else lack
                for bucket, lack in enumerate(lacks)
            )
            worth += (sum(lacks) - sum(after)) * problem.per_need
            yield _Step(worth, self.state(counts, after, pools), left, group)
            return
        helped = set()
        for bucket in rule.into if rule.units else ():
            lack = lacks[bucket]
            if lack and group.buckets >> bucket & 1 and (problem.twins[bucket], lack) not in helped:
                helped.add((problem.twins[bucket], lack))
                filled = min(lack, rule.units)
                after = (*lacks[:bucket], lack - filled, *lacks[bucket + 1 :])
                gain = worth + filled * problem.per_need
                yield _Step(gain, self.state(counts, after, pools), left, group, bucket)
        if not helped:
            yield _Step(worth, self.state(counts, lacks, pools), left, group, rule.first(group.buckets))

    def _age(self, counts: int, group: _Group) -> int:
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
        there = dict(pools)
        there[buckets] = min(room, there.get(buckets, 0) + units)
        return tuple(sorted(there.items()))
