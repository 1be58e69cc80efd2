# SPDX-License-Identifier: Apache-2.0
"""D5: poison graph, long-id multiplication, thousands of nodes: budgets, and a limit that is named.

Counts are asserted here; time and memory are measured in ``benchmarks/hostile.py``.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from benchmarks.hostile import inputs
from credentials.errors import MalformedError
from tests.world import Issuer, World, explanation_of, members_of, outcome_of
from verifier.verdict import Verdict


def clique(size: int) -> list[dict[str, Any]]:
    """So many nodes without names, each pointing to all others, told apart by nothing."""
    names = [f"_:n{n}" for n in range(size)]
    return [
        {"id": name, "type": ["Profile"], "endorsement": [{"id": o} for o in names if o != name]}
        for name in names
    ]


def twins(count: int) -> list[dict[str, Any]]:
    """Nodes that are all alike."""
    return [{"type": ["Evidence"], "name": "same"} for _ in range(count)]


@pytest.mark.parametrize("size", [3, 5, 7, 8, 10])
def test_a_clique_is_no_badge(world: World, badge: bytes, size: int) -> None:
    signed = {**members_of(badge), "evidence": clique(size)}
    assert world.look(json.dumps(signed).encode()).verdict is not Verdict.VALID


@pytest.mark.parametrize("count", [2, 50, 999, 1_001, 3_000])
def test_many_twins_are_answered(world: World, badge: bytes, count: int) -> None:
    signed = {**members_of(badge), "evidence": twins(count)}
    assert world.look(json.dumps(signed).encode()).verdict is not Verdict.VALID


def test_a_limit_after_recognition_is_a_fault_of_form_that_names_it(world: World, badge: bytes) -> None:
    many = [{"type": ["Evidence"], "name": str(n)} for n in range(1_100)]
    report = world.look(json.dumps({**members_of(badge), "evidence": many}).encode())
    assert (report.verdict, outcome_of(report, "structure")) == (Verdict.INVALID, "fail")
    assert any(digit.isdigit() for digit in explanation_of(report, "structure"))


def test_an_id_that_is_repeated_in_every_line_has_a_limit(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    signed["evidence"] = [
        {"id": "https://e.example/" + "a" * 40_000, "type": ["Evidence"], "tag": list("abcdefgh")}
    ]
    assert world.look(json.dumps(signed).encode()).verdict is not Verdict.VALID
    signed["evidence"] = [
        {"id": "data:text/plain," + "a" * 200_000, "type": ["Evidence"], "name": "n", "narrative": "m"}
    ]
    assert world.look(json.dumps(signed).encode()).verdict is not Verdict.VALID


def test_each_hostile_input_is_answered_by_an_error_of_ours_or_a_no(world: World, union: Issuer) -> None:
    del union
    for name, raw in inputs():
        assert len(raw) <= 262_144, name
        try:
            report = world.look(raw)
        except MalformedError:
            continue
        assert report.verdict is not Verdict.VALID, name


def test_hostile_inputs_differ(world: World) -> None:
    del world
    names = [name for name, _ in inputs()]
    assert len(names) == len(set(names))
    assert all(a != b for (_, a), (_, b) in itertools.pairwise(inputs()))
