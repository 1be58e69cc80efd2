# SPDX-License-Identifier: Apache-2.0
"""One issuer's keys over time (threats K4, K5)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.controller_document import METHODS
from credentials.verification_method import KeyAlgorithm, PublicKey
from keys import private_key
from keys.errors import KeyStateError, NoActiveKeyError, NoSuchKeyError
from keys.keyring import KeyRecord, KeyRing, KeyState, key_id
from tests.keys.samples import HOUR, NOW, record

ED, P256 = KeyAlgorithm.ED25519, KeyAlgorithm.P256
EMPTY = KeyRing(slug="union", did="did:web:union.example")
POOL: list[PublicKey] = [private_key.generate(ED).public_key for _ in range(12)]


def test_a_new_key_is_active_until_the_next_takes_its_place() -> None:
    first, second = record(), record(created=NOW + HOUR)
    ring = EMPTY.with_new(first).rotated(second)
    assert ring.active(ED) == second
    assert ring.key(first.id).state is KeyState.RETIRED
    assert ring.key(first.id).retired_at == NOW + HOUR


def test_a_second_active_key_of_one_algorithm_is_refused() -> None:
    with pytest.raises(KeyStateError, match="rotate"):
        EMPTY.with_new(record()).with_new(record())


def test_each_algorithm_has_its_own_active_key() -> None:
    other = record(private_key.generate(P256).public_key)
    ring = EMPTY.with_new(record()).with_new(other)
    assert ring.active(P256) == other


def test_without_an_active_key_there_is_nothing_to_sign_with_or_to_rotate() -> None:
    key = record()
    ring = EMPTY.with_new(key).retired(key.id, NOW)
    for empty in (EMPTY, ring):
        with pytest.raises(NoActiveKeyError):
            empty.active(ED)
        with pytest.raises(NoActiveKeyError):
            empty.rotated(record())


def test_retired_keys_stay_published_behind_the_active_ones() -> None:
    first, second = record(), record(created=NOW + HOUR)
    ring = EMPTY.with_new(first).rotated(second)
    methods = list(ring.methods())
    assert [method.id for method in methods] == [ring.method_id(second), ring.method_id(first)]
    assert [method.revoked for method in methods] == [None, None]


def test_a_compromised_key_is_published_as_revoked_since_then() -> None:
    key = record()
    since = NOW + timedelta(minutes=10, microseconds=900)
    ring = EMPTY.with_new(key).compromised(key.id, since=since, now=NOW + HOUR)
    (method,) = ring.methods()
    assert method.revoked == NOW + timedelta(minutes=10)
    with pytest.raises(NoActiveKeyError):
        ring.active(ED)


def test_the_moment_of_compromise_moves_to_an_earlier_one_only() -> None:
    key = record()
    ring = EMPTY.with_new(key).compromised(key.id, since=NOW + HOUR, now=NOW + 2 * HOUR)
    earlier = ring.compromised(key.id, since=NOW, now=NOW + 3 * HOUR)
    assert earlier.key(key.id).compromised_since == NOW
    assert earlier.key(key.id).retired_at == NOW + 2 * HOUR
    with pytest.raises(KeyStateError):
        earlier.compromised(key.id, since=NOW + HOUR, now=NOW + 3 * HOUR)


def test_no_key_is_compromised_in_the_future() -> None:
    key = record()
    with pytest.raises(KeyStateError):
        EMPTY.with_new(key).compromised(key.id, since=NOW + HOUR, now=NOW)


def test_nothing_goes_back() -> None:
    key = record()
    retired = EMPTY.with_new(key).retired(key.id, NOW)
    with pytest.raises(KeyStateError):
        retired.retired(key.id, NOW)
    compromised = retired.compromised(key.id, since=NOW, now=NOW)
    with pytest.raises(KeyStateError):
        compromised.retired(key.id, NOW)


def test_a_clock_that_went_back_retires_no_key_before_it_was_made() -> None:
    key = record(created=NOW)
    assert EMPTY.with_new(key).retired(key.id, NOW - HOUR).key(key.id).retired_at == NOW


def test_an_unknown_key_is_an_error() -> None:
    for step in (EMPTY.key, lambda name: EMPTY.retired(name, NOW)):
        with pytest.raises(NoSuchKeyError):
            step("ed25519-none")


def test_a_ring_holds_no_more_keys_than_a_document_may_list() -> None:
    ring = KeyRing(slug="union", did=EMPTY.did, keys=(record(),) * METHODS)
    ring = ring.retired(ring.keys[0].id, NOW)
    with pytest.raises(KeyStateError):
        ring.with_new(record())


def test_ids_name_the_algorithm_and_the_key() -> None:
    key = private_key.generate(P256).public_key
    assert key_id(key) == f"p256-{key.thumbprint()[:16]}"


STEPS = st.lists(
    st.tuples(st.sampled_from(["new", "rotate", "retire", "compromise"]), st.integers(0, 11)), max_size=20
)


@given(STEPS)
@settings(max_examples=100)
def test_whatever_happens_at_most_one_key_is_active_and_none_is_lost(steps: list[tuple[str, int]]) -> None:
    ring, now, entered = EMPTY, NOW, list[str]()
    for what, index in steps:
        now += HOUR
        try:
            ring = _step(ring, what, record(POOL[index], created=now), now)
        except (KeyStateError, NoActiveKeyError, NoSuchKeyError):
            continue
        if what in ("new", "rotate"):
            entered.append(key_id(POOL[index]))
    assert [key.id for key in ring.keys] == entered
    assert sum(key.active for key in ring.keys) <= 1
    assert len(list(ring.methods())) == len(entered)
    for key in ring.keys:
        assert (key.retired_at is None) == key.active


def _step(ring: KeyRing, what: str, key: KeyRecord, now: datetime) -> KeyRing:
    known = any(other.id == key.id for other in ring.keys)
    if what in ("new", "rotate"):
        if known:
            raise KeyStateError("The rows refuse it: a key enters once.")
        return ring.with_new(key) if what == "new" else ring.rotated(key)
    if what == "retire":
        return ring.retired(key.id, now)
    return ring.compromised(key.id, since=now - 2 * HOUR, now=now)
