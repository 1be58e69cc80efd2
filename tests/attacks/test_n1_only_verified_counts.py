# SPDX-License-Identifier: Apache-2.0
"""N1: counting what was not verified, or only "was valid once".

What is counted is an ``Award``, and an award is made of a ``VerifiedCredential`` alone: the source is read
for that. And what counted yesterday is examined again today.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from recognition.judging.bringing import Thing, bring
from recognition.judging.facts import Facts
from recognition.judging.judge import judge
from recognition.judging.trust import Trust
from recognition.rule.policy import Period
from recognition.rule.policy_reader import sample
from tests.recognition.test_bringing import coded
from tests.world import World
from verifier.desk import Desk

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("recognition", "verifier")


def calls(name: str) -> Iterator[str]:
    """Yield the modules that make something of this class, or change one."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                    yield str(path.relative_to(ROOT))


def test_only_the_verifier_makes_a_verified_credential_and_only_that_becomes_an_award() -> None:
    assert set(calls("VerifiedCredential")) == {"verifier/verify.py"}
    assert set(calls("Award")) == {"recognition/judging/award.py"}
    assert set(calls("award_of")) == {"recognition/judging/bringing.py"}


@pytest.mark.parametrize("trick", ["revoke", "suspend", "offline", "impostor", "changed"])
def test_what_counted_yesterday_is_examined_again_today(trick: str) -> None:
    world = World()
    union = world.issuer("union")
    desk = Desk(network=lambda: world.network)
    raw = union.sign(coded(union, suspension=True))
    first = _ask(desk, world, raw)
    assert first == ("granted", "6")
    expected = {
        "revoke": "refused:status:revoked",
        "suspend": "refused:status:suspended",
        "offline": "pending:verification",
        "impostor": "refused:unverified",
        "changed": "refused:unverified",
    }[trick]
    if trick == "revoke":
        union.revoke(raw)
    elif trick == "suspend":
        union.suspend(raw)
    elif trick == "offline":
        world.go_offline("union")
    elif trick == "impostor":
        raw = world.impostor_of("union").sign(coded(union))
    else:
        raw = raw.replace(b"SEL1", b"SEL9")
    assert _ask(desk, world, raw) == (expected, "0")


def _ask(desk: Desk, world: World, raw: bytes) -> tuple[str, str]:
    now = world.clock.now()
    brought = bring(desk, [Thing("badge.json", raw)], now=now)
    first = now.date().replace(month=1, day=1)
    facts = Facts(as_of=now.date(), cycle=Period(first))
    trust = Trust(frozenset({"did:web:union.example"}))
    answer = judge(sample("us-tn-pdp"), brought, facts, trust=trust, now=now)
    return answer.outcome, str(answer.granted)
