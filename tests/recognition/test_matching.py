# SPDX-License-Identifier: Apache-2.0
"""A greatest matching of the earliest vertices, against every matching of small graphs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.grouping.matching import FREE, greatest_matching

Edge = tuple[int, int]


def neighbours(size: int, edges: Sequence[Edge]) -> list[list[int]]:
    near: list[list[int]] = [[] for _ in range(size)]
    for one, two in edges:
        near[one].append(two)
        near[two].append(one)
    return near


def best(size: int, edges: Sequence[Edge]) -> tuple[int, tuple[bool, ...]]:
    """Return the greatest number of matched vertices, and with it the earliest vertices; tries everything."""
    if not edges:
        return 0, (False,) * size
    (one, two), rest = edges[0], edges[1:]
    apart = [edge for edge in rest if one not in edge and two not in edge]
    number, matched = best(size, apart)
    with_it = number + 2, tuple(hit or place in (one, two) for place, hit in enumerate(matched))
    return max(with_it, best(size, rest))


def check(size: int, edges: Sequence[Edge]) -> None:
    mates = greatest_matching(neighbours(size, edges))
    known = {frozenset(edge) for edge in edges}
    for vertex, mate in enumerate(mates):
        if mate != FREE:
            assert mates[mate] == vertex
            assert frozenset((vertex, mate)) in known
    assert (sum(mate != FREE for mate in mates), tuple(mate != FREE for mate in mates)) == best(size, edges)


def test_every_graph_of_five_vertices_is_matched_as_well_as_it_can_be() -> None:
    every = list(combinations(range(5), 2))
    for bits in range(1 << len(every)):
        check(5, [edge for place, edge in enumerate(every) if bits >> place & 1])


def test_random_graphs_are_matched_as_well_as_they_can_be() -> None:
    chosen = random.Random(1965)  # noqa: S311 (examples, no secret)
    for _ in range(600):
        size = chosen.randint(6, 9)
        every = list(combinations(range(size), 2))
        chosen.shuffle(every)
        check(size, every[: chosen.randint(size - 2, min(len(every), size + 4))])


@settings(max_examples=100, deadline=None)
@given(
    st.sets(
        st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda edge: edge[0] < edge[1]), max_size=13
    )
)
def test_no_graph_that_can_be_thought_of_is_matched_worse(edges: set[Edge]) -> None:
    check(9, sorted(edges))


def test_a_blossom_is_matched_through() -> None:
    check(6, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (3, 5)])


def test_a_vertex_beside_itself_is_no_pair() -> None:
    assert greatest_matching([[0], [1, 2], [1, 2]]) == [FREE, 2, 1]
