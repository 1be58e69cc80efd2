# SPDX-License-Identifier: Apache-2.0
"""V7: rollback and freeze: an old, properly signed list is replayed after a newer one has been seen."""

from __future__ import annotations

from tests.world import Issuer, World, outcome_of
from verifier.status_source import NoMemory
from verifier.verdict import Verdict


def test_a_list_older_than_one_seen_before_is_no_answer(world: World, union: Issuer, badge: bytes) -> None:
    union.serve_old_status_list()
    old = union.frozen.pop(union.list_url())
    world.clock.advance(minutes=10)
    union.revoke(badge)
    assert world.look(badge).verdict is Verdict.REVOKED
    union.frozen[union.list_url()] = old
    report = world.look(badge)
    assert (report.verdict, outcome_of(report, "status")) == (Verdict.UNDETERMINED, "indeterminate")


def test_somebody_without_memory_cannot_tell(world: World, union: Issuer, badge: bytes) -> None:
    union.serve_old_status_list()
    world.clock.advance(minutes=10)
    union.revoke(badge)
    assert world.look(badge, memory=NoMemory()).verdict is Verdict.VALID


def test_a_list_that_stays_the_same_is_no_rollback(world: World, union: Issuer, badge: bytes) -> None:
    union.serve_old_status_list()
    for _ in range(3):
        world.clock.advance(minutes=10)
        assert world.look(badge).verdict is Verdict.VALID


def test_a_list_without_a_date_is_no_answer_after_one_with(world: World, union: Issuer, badge: bytes) -> None:
    import json

    from credentials.document import write

    assert world.look(badge).verdict is Verdict.VALID
    world.clock.advance(minutes=1)
    undated = json.loads(union.sign({n: v for n, v in union.status_list().items() if n != "validFrom"}))
    del undated["proof"][0]["created"]
    world.served[union.list_url()] = write(undated)
    assert world.look(badge).verdict is Verdict.UNDETERMINED


def test_what_is_not_believed_is_not_remembered(world: World, union: Issuer, badge: bytes) -> None:
    """A list from the future, or by somebody else, must not make the true one look old."""
    far = world.clock.now().replace(year=2036)
    future = union.status_list(validFrom="2036-03-01T12:00:00Z", validUntil="2037-03-01T12:00:00Z")
    world.served[union.list_url()] = union.sign(future)
    assert world.look(badge).verdict is Verdict.UNDETERMINED
    world.served[union.list_url()] = world.impostor_of("union").sign(union.status_list())
    assert world.look(badge).verdict is Verdict.UNDETERMINED
    del world.served[union.list_url()]
    assert world.look(badge).verdict is Verdict.VALID
    assert world.memory.newest(union.id, union.list_url()) < far  # type: ignore[operator]


def test_what_our_own_clock_believed_while_it_ran_ahead_locks_nothing_out(
    world: World, union: Issuer, badge: bytes
) -> None:
    """Afterwards an older list is refused as ever, by the newest one of the present."""
    union.serve_old_status_list()
    old = union.frozen.pop(union.list_url())
    url, true = union.list_url(), world.clock.now()
    ahead = true.replace(year=true.year + 1)
    world.memory.remember(union.id, url, ahead, now=ahead)
    world.clock.advance(minutes=10)
    assert world.look(badge).verdict is Verdict.VALID
    assert world.memory.newest(union.id, url) == world.clock.now()
    union.frozen[url] = old
    assert world.look(badge).verdict is Verdict.UNDETERMINED


def test_each_issuer_has_its_own_memory(world: World, union: Issuer, badge: bytes) -> None:
    """Nobody can age another issuer's list by naming its address in a badge of their own."""
    evil = world.issuer("evil")
    world.look(badge)
    entry = union.entry(5, "revocation").to_members()
    world.look(evil.mint(credentialStatus=entry))
    assert (evil.id, union.list_url()) not in world.memory.seen
