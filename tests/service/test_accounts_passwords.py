# SPDX-License-Identifier: Apache-2.0
"""Passwords: how they are kept, compared and refused."""

from __future__ import annotations

import threading

import pytest

from service.accounts import passwords
from service.accounts.passwords import AT_ONCE, CHARS_MAX, Passwords, refuse
from service.errors import HashingBusyError, PasswordRefusedError

GOOD = "four words in a row"


@pytest.fixture
def cheap() -> Passwords:
    return Passwords(memory_kib=64, passes=1, wait_seconds=0.01)


def test_a_password_is_kept_as_argon2id_at_the_stated_cost() -> None:
    kept = Passwords().hash(GOOD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert GOOD not in kept


def test_the_right_password_fits_and_no_other(cheap: Passwords) -> None:
    kept = cheap.hash(GOOD)
    assert cheap.check(kept, GOOD).fits
    for other in ("", GOOD + " ", GOOD.upper(), GOOD * 100, "\x00"):
        assert not cheap.check(kept, other).fits
    assert cheap.hash(GOOD) != kept


def test_nothing_fits_where_there_is_no_password_or_a_damaged_one(cheap: Passwords) -> None:
    for kept in (None, "", "plain", "$argon2id$v=19$m=64,t=1,p=1$x$y"):
        assert not cheap.check(kept, GOOD).fits
        assert not cheap.check(kept, "").fits


def test_a_hash_of_lower_cost_is_made_anew_for_its_owner_only(cheap: Passwords) -> None:
    dearer = Passwords(memory_kib=128, passes=1)
    kept = cheap.hash(GOOD)
    assert dearer.check(kept, "another").renewed is None
    renewed = dearer.check(kept, GOOD).renewed
    assert renewed is not None
    assert "m=128" in renewed
    assert dearer.check(renewed, GOOD).renewed is None


def test_a_sign_typed_in_two_ways_is_one_password(cheap: Passwords) -> None:
    assert cheap.check(cheap.hash("caf\u00e9 caf\u00e9 caf\u00e9"), "cafe\u0301 cafe\u0301 cafe\u0301").fits


def test_only_a_few_are_worked_on_at_once(cheap: Passwords) -> None:
    taken = [cheap._turns.acquire(blocking=False) for _ in range(AT_ONCE)]
    assert all(taken)
    with pytest.raises(HashingBusyError):
        cheap.check(None, GOOD)
    cheap._turns.release()
    assert not cheap.check(None, GOOD).fits


def test_many_threads_take_turns() -> None:
    shared = Passwords(memory_kib=64, passes=1)
    kept = shared.hash(GOOD)
    fits: list[bool] = []
    threads = [threading.Thread(target=lambda: fits.append(shared.check(kept, GOOD).fits)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fits == [True] * 12


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "short",
        "eleven char",
        "x" * (CHARS_MAX + 1),
        "aaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "qwertyuiopas",
        "poiuytrewqpo",
        "Password1234",
        "correct horse battery staple",
        "CORRECTHORSEBATTERYSTAPLE",
        "ada@teachers.example",
        "Ada Example 12",
        "adaadaadaada",
        "teachers.example",
    ],
)
def test_what_is_short_or_tried_first_is_refused(bad: str) -> None:
    with pytest.raises(PasswordRefusedError) as caught:
        refuse(bad, email="ada@teachers.example", name="Ada Example")
    assert caught.value.path == "password"
    assert len(bad) < 5 or bad not in caught.value.message


@pytest.mark.parametrize(
    "good",
    [
        GOOD,
        "alllowercase words",
        "ünïcödé wörds",
        "日本語日本語日本語日本語",
        "x" * 7 + "12345",
    ],
)
def test_length_counts_and_nothing_else(good: str) -> None:
    refuse(good, email="ada@teachers.example", name="Ada Example")


def test_the_list_of_common_ones_holds_none_that_is_too_short_anyway() -> None:
    assert all(len(each) >= passwords.CHARS_MIN for each in passwords._COMMON)
