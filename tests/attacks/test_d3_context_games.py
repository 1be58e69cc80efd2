# SPDX-License-Identifier: Apache-2.0
"""D3: context games: unknown, inline, remote, reordered, substituted version, redefined protected term.

Only pinned bytes, in an exact array; nothing is fetched.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.world import CONTEXTS, Issuer, World, members_of
from verifier.verdict import Verdict

V2, OB = CONTEXTS
V1 = "https://www.w3.org/2018/credentials/v1"
OB_302 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"
OB_301 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"
OB_OLD = "https://purl.imsglobal.org/spec/ob/v3p0/context.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
UNKNOWN = "https://evil.example/context.json"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
INLINE = {"evil": "https://evil.example/term"}
POOL: list[Any] = [
    V2,
    OB,
    V1,
    OB_302,
    OB_301,
    OB_OLD,
    EXTENSIONS,
    UNKNOWN,
    EXAMPLES,
    INLINE,
    {"@vocab": "https://e.example/"},
]
POOL += [
    {"@base": "https://e.example/"},
    {"@import": V2},
    {"@propagate": False},
    None,
    7,
    "",
    [V2],
    f"{V2}#",
    f"{V2}/",
    V2.upper(),
]


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_no_other_contexts_than_the_signed_ones(world: World, badge: bytes, size: int) -> None:
    signed = members_of(badge)
    world.requests.clear()
    choices = itertools.permutations(POOL, size) if size < 3 else ([V2, OB, third] for third in POOL)
    for contexts in map(list, choices):
        if contexts == CONTEXTS:
            continue
        report = world.look(json.dumps({**signed, "@context": contexts}).encode())
        assert report.verdict is not Verdict.VALID, contexts
    assert not [name for name in world.requests if "union.example" not in name]


@pytest.mark.parametrize("contexts", [V2, None, {}, INLINE, 7, {"@context": CONTEXTS}])
def test_contexts_are_an_array(world: World, badge: bytes, contexts: Any) -> None:
    report = world.look(json.dumps({**members_of(badge), "@context": contexts}).encode())
    assert report.verdict is not Verdict.VALID


def test_without_contexts_nothing_has_a_meaning(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    del signed["@context"]
    assert world.look(json.dumps(signed).encode()).verdict is Verdict.INVALID


def test_an_unknown_vocabulary_leaves_it_open(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    signed["@context"].append(UNKNOWN)
    assert world.look(json.dumps(signed).encode()).verdict is Verdict.UNDETERMINED


def test_more_contexts_than_the_limit_are_a_fault_of_form(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    signed["@context"] += [f"https://evil.example/{n}" for n in range(8)]
    assert world.look(json.dumps(signed).encode()).verdict is Verdict.INVALID


def test_a_jwt_names_its_contexts_as_strictly(world: World, union: Issuer) -> None:
    for contexts in ([V2], [OB, V2], [V2, OB, UNKNOWN], [V2, OB, INLINE]):
        draft = union.draft()
        token = union.sign({**draft, "@context": contexts}, jwt=True) if contexts[0] == V2 else None
        if token is not None:
            assert world.look(token).verdict is not Verdict.VALID, contexts
