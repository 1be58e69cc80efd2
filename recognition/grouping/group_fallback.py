# SPDX-License-Identifier: Apache-2.0
"""The rough answer of allocation, for when the exact search has used up its budget.

For pairs of one grant: a greatest matching, so that the total is optimal and the oldest awards are used, and
then for each pair the bucket that lacks most. Otherwise: again and again the area with the fewest awards left
that can still form a group, of these the awards with the fewest other areas, oldest first, and of its buckets
the one that lacks most.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush, nsmallest
from typing import Final

from recognition.grouping.group_problem import Chosen, Problem
from recognition.grouping.matching import greatest_matching
from recognition.rule.policy import Overlap

Place = tuple[int, int, int]  # of a rule, an area and a bucket
MATCHING_LOOKS: Final = 1_000_000  # neighbours that the matching looks at; about a tenth of a second
PLACES_MOST: Final = 60_000  # pairs of area and bucket of all kinds together
_WIDTHS: Final = (64, 16, 8, 4, 2, 1)  # how many areas and buckets of a kind are kept, if there are too many


def roughly(problem: Problem) -> tuple[tuple[Chosen, ...], int]:
    """Return good groups of ``problem``, quickly and the same ones every time; and what was looked at."""
    if len(problem.rules) == 1 and problem.rules[0].take == 2:
        groups = _pairs(problem)
        looked = 2 * len(problem.candidates) ** 2
    else:
        rarest = _Rarest(problem)
        groups = rarest.groups()
        looked = rarest.looked
    return _into_buckets(problem, groups), looked


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
    mates = greatest_matching(near, most=MATCHING_LOOKS)
    return [(0, (rank, mate)) for rank, mate in enumerate(mates) if rank < mate]


class _Rarest:
    """Groups of the rarest area first; what is left of each area and bucket is kept along the way.

    Of kinds with very many areas and buckets only the first few are looked at.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.left = [list(kind.awards) for kind in problem.kinds]
        self.places = self._places()
        self.there: dict[Place, int] = {}
        self.kinds: dict[Place, list[int]] = {}
        for kind, places in enumerate(self.places):
            for place in places:
                self.there[place] = self.there.get(place, 0) + len(self.left[kind])
                self.kinds.setdefault(place, []).append(kind)
        self.looked = sum(map(len, self.places))

    def groups(self) -> list[tuple[int, tuple[int, ...]]]:
        """Return them all."""
        rules = self.problem.rules
        found = []
        rarest = [(awards, place) for place, awards in self.there.items() if awards >= rules[place[0]].take]
        heapify(rarest)
        while rarest:
            awards, place = heappop(rarest)
            if self.there[place] != awards:
                continue
            taken = self._take(place)
            found.append((place[0], tuple(sorted(rank for rank, _ in taken))))
            changed = dict.fromkeys(each for _, kind in taken for each in self.places[kind])
            self.looked += len(changed) + len(self.kinds[place])
            for each in changed:
                if self.there[each] >= rules[each[0]].take:
                    heappush(rarest, (self.there[each], each))
        return found

    def _take(self, place: Place) -> list[tuple[int, int]]:
        """Take the awards of one group: rank and kind of those with the fewest other areas, oldest first."""
        rule = self.problem.rules[place[0]]
        able = (
            (self.problem.kinds[kind].areas[place[0]].bit_count(), rank, kind)
            for kind in self.kinds[place]
            for rank in self.left[kind][: rule.take]
        )
        taken = [(rank, kind) for _, rank, kind in nsmallest(rule.take, able)]
        for rank, kind in taken:
            self.left[kind].remove(rank)
            for each in self.places[kind]:
                self.there[each] -= 1
            self.looked += len(self.places[kind])
        return taken

    def _places(self) -> list[list[Place]]:
        """Return rule, area and bucket by kind, as many as can be looked at."""
        kinds = self.problem.kinds
        for width in _WIDTHS:
            size = sum(
                len(kind.awards) * min(areas.bit_count(), width) * min(buckets.bit_count(), width)
                for kind in kinds
                for areas, buckets in zip(kind.areas, kind.buckets, strict=True)
            )
            if size <= PLACES_MOST:
                break
        return [
            [
                (rule, area, bucket)
                for rule, (areas, buckets) in enumerate(zip(kind.areas, kind.buckets, strict=True))
                for area in _bits(areas)[:width]
                for bucket in _bits(buckets)[:width]
            ]
            for kind in kinds
        ]


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
