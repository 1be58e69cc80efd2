# SPDX-License-Identifier: Apache-2.0
"""Places in lists are random and never given twice (threat I4)."""

from __future__ import annotations

import random

import pytest

from issuer.errors import StatusListError
from issuer.status import LIST_ENTRIES, choose_index


def test_a_taken_place_is_not_given_again() -> None:
    draws = iter([5, 5, 7])
    assert choose_index(is_taken=lambda at: at == 5, draw=lambda _end: next(draws)) == 7


def test_places_are_spread_over_the_whole_list() -> None:
    rng = random.Random(20260227)  # noqa: S311  a fixed seed, so that a failing run fails again
    taken: set[int] = set()
    for _ in range(8_000):
        taken.add(choose_index(is_taken=taken.__contains__, draw=rng.randrange))
    assert len(taken) == 8_000
    buckets = [0] * 16
    for index in taken:
        buckets[index * 16 // LIST_ENTRIES] += 1
    chi_square = sum((count - 500) ** 2 / 500 for count in buckets)
    assert chi_square < 37.7  # 15 degrees of freedom, one run of 1,000 beyond


def test_broken_randomness_is_noticed() -> None:
    with pytest.raises(StatusListError):
        choose_index(is_taken=lambda _at: True, draw=lambda _end: 0)
