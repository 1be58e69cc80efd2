# SPDX-License-Identifier: Apache-2.0
"""RDFC-1.0 beyond its published suite: bounds, and one answer however the input is numbered and ordered."""

from __future__ import annotations

import random

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import WorkLimitError
from credentials.rdf import canonical as module
from credentials.rdf.canonical import BLANK_NODES, canonical
from credentials.rdf.nquads import Quad, literal, write

P = "<urn:p>"


def clique(size: int) -> list[Quad]:
    return [(a, P, b, "") for a in range(size) for b in range(size) if a != b]


def ring(size: int) -> list[Quad]:
    return [(a, P, (a + 1) % size, "") for a in range(size)]


def chain(size: int) -> list[Quad]:
    return [(a, P, a + 1, "") for a in range(size)]


def star(size: int) -> list[Quad]:
    return [(0, P, a, "") for a in range(1, size)]


def two_stars(size: int) -> list[Quad]:
    return [(a % 2, P, a, "") for a in range(2, size)]


def twins(size: int) -> list[Quad]:
    return [(a, P, a + 1, "") for a in range(0, size, 2)]


def two_lists(size: int) -> list[Quad]:
    half = size // 2
    return [
        quad
        for begin in (0, half)
        for a in range(begin, begin + half)
        for quad in (
            (a, "<urn:first>", '"x"', ""),
            (a, "<urn:rest>", a + 1 if a + 1 < begin + half else "<urn:nil>", ""),
        )
    ]


def in_graph(size: int) -> list[Quad]:
    return [(graph, P, f'"{a}"', graph + 1) for graph in (0, 2) for a in range(size)]


@pytest.mark.parametrize("shape", [clique, ring, chain, star, two_stars, twins, two_lists, in_graph])
@pytest.mark.parametrize("size", [4, 8, 10, 30, 100, 998])
def test_every_shape_is_answered_always_alike_or_ended_by_the_budget(shape: object, size: int) -> None:
    assert callable(shape)
    quads = shape(min(size, 32) if shape is clique else size)
    try:
        text = canonical(quads).text
    except WorkLimitError:
        return
    assert canonical(renumbered(quads, seed=size)).text == text


def test_the_budget_counts_and_does_not_time() -> None:
    quads = ring(10)
    assert canonical(quads, work_budget=400).text
    with pytest.raises(WorkLimitError, match="WORK_BUDGET"):
        canonical(quads, work_budget=50)


def test_only_so_many_blank_nodes() -> None:
    quads: list[Quad] = [(a, P, f'"{a}"', "") for a in range(BLANK_NODES)]
    assert canonical(quads).text.count(b"\n") == BLANK_NODES
    with pytest.raises(WorkLimitError, match="BLANK_NODES"):
        canonical([*quads, (BLANK_NODES, P, '"one more"', "")])


def test_only_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    quads: list[Quad] = [("<urn:s>", P, '"é"', "")]
    size = len(canonical(quads).text)
    monkeypatch.setattr(module, "CANONICAL_BYTES", size)
    assert canonical(quads).text
    monkeypatch.setattr(module, "CANONICAL_BYTES", size - 1)
    with pytest.raises(WorkLimitError, match="CANONICAL_BYTES"):
        canonical(quads)


def test_sorts_by_code_point_and_not_by_utf_16() -> None:
    quads: list[Quad] = [("<urn:s>", P, literal(text), "") for text in ("😀", "！", "a", "\ue000")]
    texts = [line.split('"')[1] for line in canonical(quads).text.decode().splitlines()]
    assert texts == ["a", "\ue000", "！", "😀"]


def test_equal_siblings_are_told_apart_by_what_is_below_them() -> None:
    quads: list[Quad] = []
    for sibling in range(3):
        quads += [
            ("<urn:s>", P, 10 + sibling, ""),
            (10 + sibling, P, 20 + sibling, ""),
            (20 + sibling, P, f'"{sibling}"', ""),
        ]
    labels = canonical(quads).labels
    assert sorted(labels.values()) == [f"c14n{number}" for number in range(6)]
    assert canonical(renumbered(quads, seed=1)).text == canonical(quads).text


def renumbered(quads: list[Quad], *, seed: int) -> list[Quad]:
    """Return the same dataset with other numbers for its blank nodes, in another order."""
    chance = random.Random(seed)  # noqa: S311 (an order, no secret)
    numbers = list(range(2_000))
    chance.shuffle(numbers)

    def other(part: str | int) -> str | int:
        return numbers[part] if isinstance(part, int) else part

    quads = [(other(s), p, other(o), other(g)) for s, p, o, g in quads]
    chance.shuffle(quads)
    return quads


def by_pyoxigraph(quads: list[Quad]) -> bytes:
    labels = {part: f"_:n{part}" for quad in quads for part in quad if isinstance(part, int)}
    text = "".join(write(quad, labels) for quad in quads)
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    lines = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS)
    assert lines is not None
    return b"".join(sorted(lines.split(b"\n")[i] + b"\n" for i in range(lines.count(b"\n"))))


nodes = st.one_of(st.integers(0, 5), st.sampled_from(["<urn:a>", "<urn:b>"]))
objects = st.one_of(nodes, st.text(st.characters(exclude_categories=["Cs"]), max_size=3).map(literal))


@given(
    st.lists(st.tuples(nodes, st.sampled_from(["<urn:p>", "<urn:q>"]), objects, st.just("")), unique=True),
    st.integers(),
)
def test_agrees_with_an_independent_implementation(quads: list[Quad], seed: int) -> None:
    try:
        text = canonical(quads).text
    except WorkLimitError:
        return
    assert text == by_pyoxigraph(quads)
    assert text == canonical(renumbered(quads, seed=seed)).text
