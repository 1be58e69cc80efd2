# SPDX-License-Identifier: Apache-2.0
"""V14: the verifier as oracle or weapon: few hosts are asked, each once, and a report holds our own words."""

from __future__ import annotations

import json

from tests.world import Issuer, World, members_of
from verifier.documents import Documents
from verifier.intake import read
from verifier.ports import Fetched
from verifier.verify import examine


def test_own_badges_are_answered_without_the_network(world: World, union: Issuer) -> None:
    def published(name: str, *, now: object) -> tuple[str, bytes] | None:
        del now
        found = world(name, max_bytes=1_000_000)
        return (found.media_type, found.body) if found.status == 200 else None

    documents = Documents(
        now=world.clock.now(), published=published, own=("https://union.example/",), network=None
    )
    report = examine(read(union.mint()), now=world.clock.now(), fetch=documents)
    assert report.verdict == "valid"


def test_a_report_says_what_we_say(world: World, badge: bytes) -> None:
    """Foreign text stands in a report only as a marked fact, cut, on one line."""
    signed = members_of(badge)
    signed["<script>alert(1)</script>\n\x1b[2J" + "A" * 500] = "x"
    report = world.look(json.dumps(signed).encode())
    for check in report.checks:
        assert "\n" not in check.explanation
        assert "\x1b" not in check.explanation
        assert len(check.explanation) < 1_000


def test_a_host_is_asked_once_also_when_it_fails(world: World, union: Issuer) -> None:
    asked: list[str] = []

    def network(url: str, *, max_bytes: int, accept: str) -> Fetched:
        del max_bytes, accept
        asked.append(url)
        from verifier.errors import UnresolvableError

        raise UnresolvableError("The host did not answer.")

    badge = members_of(union.mint(suspension=True))
    badge["proof"] = [{**badge["proof"][0], "id": f"urn:x:{n}"} for n in range(8)]
    documents = Documents(now=world.clock.now(), network=network)
    report = examine(read(json.dumps(badge).encode()), now=world.clock.now(), fetch=documents)
    assert report.verdict == "undetermined"
    assert len(asked) == len(set(asked)) == 3
