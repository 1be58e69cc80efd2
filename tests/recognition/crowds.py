# SPDX-License-Identifier: Apache-2.0
"""Many awards at once: ordinary ones, and ones whose groups are hard to choose. The same ones every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from recognition.grouping.allocation import Candidate, Fit
from recognition.rule.policy import Grant, Overlap

BUCKETS = ("content", "pedagogy", "english-learners", "special-education", "elective")
START = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Crowd:
    """A question of allocation with its name."""

    name: str
    candidates: tuple[Candidate, ...]
    grant: Grant
    shortfalls: dict[str, Decimal]


def ordinary() -> Iterator[Crowd]:
    """Yield what people bring: awards of one stack each, up to the limit of one request."""
    for number in (3, 16, 30, 100, 500):
        yield _ordinary(f"{number}, every bucket open", number, every=True)
        yield _ordinary(f"{number}, one bucket open", number, every=False)
        yield _ordinary(f"{number}, large needs", number, every=True, lack=125)


def hostile() -> Iterator[Crowd]:
    """Yield what an attacker brings: every award with another mixture of areas and buckets."""
    for number in (20, 30, 100, 500):
        yield _mixed(f"{number}, 2 areas × 2 buckets", number, areas=2, buckets=2)
        yield _mixed(f"{number}, 2 areas × 2 buckets, large needs", number, areas=2, buckets=2, lack=125)
        yield _mixed(f"{number}, 10 areas × 5 buckets", number, areas=10, buckets=5)
        yield _mixed(f"{number}, 40 areas × 5 buckets", number, areas=40, buckets=5, of=3)
        yield _mixed(f"{number}, groups of 3", number, areas=6, buckets=5, take=3)
        yield _mixed(f"{number}, groups of 10", number, areas=6, buckets=5, take=10)
        yield _mixed(f"{number}, one by one", number, areas=6, buckets=5, take=1, lack=45)
        yield _mixed(f"{number}, split", number, areas=6, buckets=5, overlap=Overlap.SPLIT)
        yield _mixed(f"{number}, overlap allowed", number, areas=6, buckets=5, overlap=Overlap.ALLOWED)
    for number in (21, 31, 101, 499):
        yield _mixed(f"{number}, 2 areas × 2 buckets", number, areas=2, buckets=2, lack=35)
        yield _mixed(f"{number}, 12 areas × 3 buckets", number, areas=12, buckets=3, lack=35, of=2)
    yield _chain("500 in a chain of pairs", 500)
    yield _mixed("500, groups of 250", 500, areas=6, buckets=5, take=250)


def _ordinary(name: str, number: int, *, every: bool, lack: int = 15) -> Crowd:
    chance = random.Random(name)  # noqa: S311 (examples, no secret)
    grant = Grant("pairs", 2, BUCKETS, Decimal(10), related_by="stack")
    candidates = [
        _award(
            grant,
            place,
            chance.randrange(900),
            [f"stack-{chance.randrange(10)}"],
            BUCKETS if every else [chance.choice(BUCKETS)],
        )
        for place in range(number)
    ]
    return Crowd(name, tuple(candidates), grant, {each: Decimal(lack) for each in BUCKETS[:4]})


def _mixed(
    name: str,
    number: int,
    *,
    areas: int,
    buckets: int,
    take: int = 2,
    lack: int = 15,
    of: int | None = None,
    overlap: Overlap = Overlap.FORBIDDEN,
) -> Crowd:
    chance = random.Random(name)  # noqa: S311 (examples, no secret)
    grant = Grant("groups", take, BUCKETS[:buckets], Decimal(10), related_by="area", overlap=overlap)
    named = [f"area-{place:02}" for place in range(areas)]
    candidates = [
        _award(
            grant,
            place,
            chance.randrange(900),
            chance.sample(named, chance.randint(1, of or areas)),
            chance.sample(grant.into, chance.randint(1, buckets)),
        )
        for place in range(number)
    ]
    return Crowd(name, tuple(candidates), grant, {each: Decimal(lack) for each in grant.into})


def _chain(name: str, number: int) -> Crowd:
    """Each award is related to the one before and the one after, and to no other."""
    grant = Grant("groups", 2, BUCKETS, Decimal(10), related_by="area")
    candidates = [
        _award(grant, place, place * 37 % number, [f"{place}", f"{place + 1}"], BUCKETS)
        for place in range(number)
    ]
    return Crowd(name, tuple(candidates), grant, {each: Decimal(25) for each in BUCKETS})


def _award(grant: Grant, place: int, day: int, areas: Sequence[str], buckets: Sequence[str]) -> Candidate:
    fit = Fit(frozenset(areas), frozenset(buckets))
    return Candidate(f"award-{place:03}", START + timedelta(days=day), {grant.id: fit})
