# SPDX-License-Identifier: Apache-2.0
"""The exact search of allocation: every grouping that can matter, each state once, within a budget.

A state is how many awards of each kind are left and what each bucket still lacks. From a state one takes
the first kind that is left and tries each group that holds one of its awards, in each bucket that helps, and
lastly leaves all its awards unused in one step. Used awards of a kind are always its oldest, so that the
worth of the used awards adds up along the way, and the worth of a state does not depend on the way to it.

Left out, because none of it can be better than what is tried: a bucket that lacks nothing while another one
still lacks something; the second of two buckets that are open to the same awards and lack the same; leaving
awards that could still form a group and have nothing in common with any other kind left; a step that even at
its best gives no more than what another step from that state has given. The search ends early when what was
found is as good as anything could be: every need filled that so many groups can fill, and every award used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from recognition.grouping.group_problem import Chosen, Problem
from recognition.grouping.group_steps import COUNT, WIDTH, State, Step, Steps

STEPS_PER_STATE: Final = 8  # groups and steps looked at weigh as much as one state
PAIRS_PER_STATE: Final = 250  # kinds compared with each other weigh as much as one state


@dataclass(frozen=True, slots=True)
class Found:
    """The best that was found.

    Attributes:
        complete: Whether everything was tried.
        states: What it took of the budget: states, or what was looked at from them if that weighs more.
    """

    chosen: tuple[Chosen, ...]
    complete: bool
    states: int


class _Frame:
    """A state whose steps are being tried."""

    __slots__ = ("before", "best", "choice", "state", "steps", "trying")

    def __init__(self, state: State, steps: Iterator[Step], before: int) -> None:
        self.state = state
        self.steps = steps
        self.before = before  # what the steps that led here have given
        self.best = -1
        self.choice: Step | None = None
        self.trying: Step | None = None

    def offer(self, step: Step, rest: int) -> None:
        if step.worth + rest > self.best:
            self.best = step.worth + rest
            self.choice = step


def search(problem: Problem, budget: int) -> Found:
    """Return the best groups of ``problem``, or the best found within ``budget`` states."""
    before = building(problem)
    if before >= budget:
        return Found((), not problem.kinds, budget if problem.kinds else 0)
    found = _Search(problem, budget - before).run()
    return replace(found, states=found.states + before)


def building(problem: Problem) -> int:
    """Return what it takes to look at each two kinds before the search begins, in states."""
    return len(problem.kinds) ** 2 * len(problem.rules) // PAIRS_PER_STATE


class _Search:
    """One search; what it knows of states grows as it goes."""

    def __init__(self, problem: Problem, budget: int) -> None:
        self.problem = problem
        self.budget = budget
        self.states = 0
        self.most_worth = 0
        self.is_best = False
        self.known: dict[State, tuple[int, Step | None]] = {}
        self.stack: list[_Frame] = []
        self.most = budget * STEPS_PER_STATE
        self.steps = Steps(problem, self.most)

    def run(self) -> Found:
        kinds = self.problem.kinds
        counts = sum(len(kind.awards) << WIDTH * place for place, kind in enumerate(kinds))
        left = sum(len(kind.awards) for kind in kinds)
        start = self.steps.state(counts, self.problem.lacks, ())
        self.most_worth = self.steps.goal(start, left)
        goes_on = bool(counts) and self._enter(start, left, 0)
        while goes_on and self.stack:
            goes_on = self._advance(self.stack[-1])
        complete = not counts or self.is_best or (goes_on and not self.stack)
        self._unwind()
        weighed = max(self.states, min(self.budget, self.steps.looked // STEPS_PER_STATE))
        return Found(self._retrace(start), complete, weighed)

    def _enter(self, state: State, left: int, before: int) -> bool:
        """Begin with a state; False if the budget is used up."""
        if self.states >= self.budget:
            return False
        self.states += 1
        self.stack.append(_Frame(state, self.steps.of(state, left), before))
        return True

    def _advance(self, frame: _Frame) -> bool:
        """Try steps of ``frame`` until one leads to a state not known yet; False to end the search."""
        for step in frame.steps:
            if self.steps.looked >= self.most:
                return False
            self.steps.looked += self.steps.weight
            if step.worth + self.steps.bound(step) <= frame.best:
                continue
            rest = self._rest(step.state)
            if rest is None:
                frame.trying = step
                return self._enter(step.state, step.left, frame.before + step.worth)
            frame.offer(step, rest)
            if frame.before + frame.best >= self.most_worth:
                self.is_best = True
                return False
        if self.steps.looked >= self.most:
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
