# SPDX-License-Identifier: Apache-2.0
"""A greatest matching in any graph (Edmonds' blossoms): as many pairs as there can be, of the oldest awards.

Vertices are numbers, and a smaller one goes first: of all greatest matchings one is found whose set of
matched vertices holds the smallest vertex in which it differs from any other's. Each vertex in turn is
matched along an alternating path to a free vertex, or else takes the place of a later one. The sets of
vertices that can be matched together form a matroid, so taking each in turn is the best in the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

FREE = -1


def greatest_matching(near: Sequence[Sequence[int]], *, most: int | None = None) -> list[int]:
    """Return the mate of each vertex, or -1.

    Args:
        near: The neighbours of each vertex; a vertex among its own neighbours is passed over.
        most: Neighbours that are looked at; beyond it there may be a greater matching. None: all of them.
    """
    mates = [FREE] * len(near)
    looked = 0
    for vertex in range(len(near)):
        if mates[vertex] == FREE and near[vertex] and (most is None or looked < most):
            tree = _Tree(near, mates, vertex)
            tree.grow()
            looked += tree.looked
    return mates


class _Tree:
    """Alternating paths from one free vertex."""

    def __init__(self, near: Sequence[Sequence[int]], mates: list[int], root: int) -> None:
        self.near = near
        self.mates = mates
        self.root = root
        self.base = list(range(len(near)))  # of the blossom that a vertex is in
        self.blossoms: dict[int, list[int]] = {}  # vertices by base, once there is more than one
        self.before = [FREE] * len(near)  # of a vertex that is reached by an edge outside the matching
        self.outer = [False] * len(near)
        self.looked = 0

    def grow(self) -> None:
        """Match the root, if it can be matched without giving up an earlier vertex."""
        self.outer[self.root] = True
        queue = deque([self.root])
        while queue:
            vertex = queue.popleft()
            self.looked += len(self.near[vertex])
            for other in self.near[vertex]:
                if self.base[vertex] == self.base[other] or self.mates[vertex] == other:
                    continue
                if self.outer[other]:
                    queue.extend(self._contract(vertex, other))
                elif self.before[other] == FREE:
                    self.before[other] = vertex
                    mate = self.mates[other]
                    if mate == FREE:
                        self._flip(other)
                        return
                    self.outer[mate] = True
                    queue.append(mate)
        self._replace_a_later_one()

    def _replace_a_later_one(self) -> None:
        """Match the root in place of the last vertex that can be given up, if that one comes later."""
        last = max(vertex for vertex, outer in enumerate(self.outer) if outer)
        if last > self.root:
            mate = self.mates[last]
            self.mates[last] = FREE
            self._flip(mate)

    def _flip(self, vertex: int) -> None:
        """Change the edges along the path from the root to ``vertex``."""
        while vertex != FREE:
            before = self.before[vertex]
            following = self.mates[before]
            self.mates[vertex], self.mates[before] = before, vertex
            vertex = following

    def _contract(self, one: int, two: int) -> list[int]:
        """Make the odd cycle through two outer vertices one blossom; return what becomes outer by it."""
        common = self._common(one, two)
        inside: set[int] = set()
        self._mark(one, common, two, inside)
        self._mark(two, common, one, inside)
        fresh = []
        joined = self.blossoms.setdefault(common, [common])
        for base in sorted(inside - {common}):
            for vertex in self.blossoms.pop(base, [base]):
                joined.append(vertex)
                self.base[vertex] = common
                if not self.outer[vertex]:
                    self.outer[vertex] = True
                    fresh.append(vertex)
        return fresh

    def _common(self, one: int, two: int) -> int:
        """Return the base at which the paths of two outer vertices to the root meet."""
        passed = set()
        while True:
            one = self.base[one]
            passed.add(one)
            if one == self.root or self.mates[one] == FREE:
                break
            one = self.before[self.mates[one]]
        while True:
            two = self.base[two]
            if two in passed:
                return two
            two = self.before[self.mates[two]]

    def _mark(self, vertex: int, common: int, child: int, inside: set[int]) -> None:
        """Mark what lies between ``vertex`` and the blossom's base, and how it is reached from beyond."""
        while self.base[vertex] != common:
            mate = self.mates[vertex]
            inside.add(self.base[vertex])
            inside.add(self.base[mate])
            self.before[vertex] = child
            child = mate
            vertex = self.before[mate]
