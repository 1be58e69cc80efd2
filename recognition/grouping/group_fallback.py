# SPDX-License-Identifier: Apache-2.0
"""The rough answer of allocation, for when the exact search has used up its budget.

For pairs of one grant: a greatest matching, so that the total is optimal and the oldest awards are used, and
then for each pair the bucket that lacks most. Otherwise: again and again the area with the fewest awards left
that can still form a group, of these the awards with the fewest other areas, oldest first, and of its buckets
the one that lacks most.
"""

from __future__ import annotations

from collections.abc import Sequence

from recognition.grouping.group_problem import Chosen, Problem
from recognition.grouping.matching import greatest_matching
from recognition.rule.policy import Overlap


def roughly(problem: Problem) -> tuple[Chosen, ...]:
    """Return good groups of ``problem``, quickly; the same ones every time."""
    if len(problem.rules) == 1 and problem.rules[0].take == 2:
        groups = _pairs(problem)
    else:
        groups = _rarest_first(problem)
    return _into_buckets(problem, groups)


def _pairs(problem: Problem) -> list[tuple[int, tuple[int, ...]]]:
    """Return pairs: as many as there can be, with the oldest awards."""
    kinds = problem.kinds
    near: list[list[int]] = [[] for _ in problem.candidates]
    alike = [
        [
            rank
            for two in kinds
            if one.areas[0] & two.areas[0] and one.buckets[0] & two.buckets[0]
            for rank in two.awards
        ]
        for one in kinds
    ]
    for kind, ranks in zip(kinds, alike, strict=True):
        ranks.sort()
        for rank in kind.awards:
            near[rank] = ranks
    mates = greatest_matching(near)
    return [(0, (rank, mate)) for rank, mate in enumerate(mates) if rank < mate]


def _rarest_first(problem: Problem) -> list[tuple[int, tuple[int, ...]]]:
    """Return groups, those of the rarest area first."""
    left = [list(kind.awards) for kind in problem.kinds]
    groups = []
    while found := _rarest(problem, left):
        rule, area, bucket = found
        able = [
            (kind.areas[rule].bit_count(), rank, place)
            for place, kind in enumerate(problem.kinds)
            if kind.areas[rule] >> area & 1 and kind.buckets[rule] >> bucket & 1
            for rank in left[place]
        ]
        taken = sorted(able)[: problem.rules[rule].take]
        for _, rank, place in taken:
            left[place].remove(rank)
        groups.append((rule, tuple(sorted(rank for _, rank, _ in taken))))
    return groups


def _rarest(problem: Problem, left: Sequence[Sequence[int]]) -> tuple[int, int, int] | None:
    """Return rule, area and bucket with the fewest awards left that still suffice for a group."""
    best: tuple[int, int, int, int] | None = None
    for number, rule in enumerate(problem.rules):
        there: dict[tuple[int, int], int] = {}
        for kind, ranks in zip(problem.kinds, left, strict=True):
            for area in _bits(kind.areas[number]) if ranks else ():
                for bucket in _bits(kind.buckets[number]):
                    there[area, bucket] = there.get((area, bucket), 0) + len(ranks)
        for (area, bucket), awards in there.items():
            if awards >= rule.take and (best is None or (awards, number, area, bucket) < best):
                best = (awards, number, area, bucket)
    return best and best[1:]


def _bits(number: int) -> list[int]:
    return [place for place in range(number.bit_length()) if number >> place & 1]


def _into_buckets(problem: Problem, groups: Sequence[tuple[int, tuple[int, ...]]]) -> tuple[Chosen, ...]:
    """Put each group into the open bucket that lacks most; the ones with the least choice first."""
    lacks = list(problem.lacks)
    opened = [(problem.shared(rule, awards), rule, awards) for rule, awards in groups]
    chosen = []
    for buckets, number, awards in sorted(opened, key=lambda each: (each[0].bit_count(), each[2])):
        rule = problem.rules[number]
        if rule.overlap in (Overlap.ALLOWED, Overlap.SPLIT):
            chosen.append(Chosen(number, awards, None))
            continue
        bucket = max((each for each in rule.into if buckets >> each & 1), key=lacks.__getitem__)
        lacks[bucket] = max(0, lacks[bucket] - rule.units)
        chosen.append(Chosen(number, awards, bucket))
    return tuple(chosen)
