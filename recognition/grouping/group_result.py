# SPDX-License-Identifier: Apache-2.0
"""The groups of an allocation, written down in the policy's own words and unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from recognition.grouping.group_problem import Chosen, Problem, areas_of, divide
from recognition.rule.policy import Overlap


@dataclass(frozen=True, slots=True)
class Placed:
    """Awards that count together, or one leftover award that counts in part.

    Attributes:
        grant: Id of the grant.
        awards: Keys, oldest award first.
        buckets: Units by bucket, in the order of ``into``; with ``allowed`` each has the whole amount.
        units: What the group gives, counted once; 0 while nobody has said how many.
        area: What its awards have in common: the first of it in sorted order; "" where nothing is asked for.
        pro_rata: Whether it is one leftover award that counts in part.
    """

    grant: str
    awards: tuple[str, ...]
    buckets: Mapping[str, Decimal]
    units: Decimal
    area: str
    pro_rata: bool = False


def placed(problem: Problem, chosen: Sequence[Chosen]) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    """Return the groups, the one with the oldest award first, and the keys of the awards in none."""
    ordered = sorted(chosen, key=lambda each: each.awards)
    divided = _divided(problem, ordered)
    groups = tuple(
        Placed(
            grant=problem.rules[each.rule].grant.id,
            awards=tuple(problem.candidates[rank].key for rank in each.awards),
            buckets=buckets,
            units=problem.decimal(problem.rules[each.rule].units),
            area=_area(problem, each),
        )
        for each, buckets in zip(ordered, divided, strict=True)
    )
    used = {rank for each in chosen for rank in each.awards}
    return groups, tuple(each.key for rank, each in enumerate(problem.candidates) if rank not in used)


def _area(problem: Problem, chosen: Chosen) -> str:
    grant = problem.rules[chosen.rule].grant
    shared = frozenset.intersection(*(areas_of(problem.candidates[rank], grant) for rank in chosen.awards))
    return min(shared)


def _divided(problem: Problem, chosen: Sequence[Chosen]) -> list[dict[str, Decimal]]:
    """Return the units by bucket of each group."""
    lacks = list(problem.lacks)
    pools: dict[int, int] = {}
    opened = [problem.shared(each.rule, each.awards) if each.bucket is None else 0 for each in chosen]
    for each, buckets in zip(chosen, opened, strict=True):
        rule = problem.rules[each.rule]
        if each.bucket is None and rule.overlap is Overlap.SPLIT:
            pools[buckets] = pools.get(buckets, 0) + rule.units
        else:
            for bucket in rule.into if each.bucket is None else (each.bucket,):
                if each.bucket is not None or buckets >> bucket & 1:
                    lacks[bucket] = max(0, lacks[bucket] - rule.units)
    parts = divide(tuple(sorted(pools.items())), lacks)
    return [_units(problem, each, buckets, parts) for each, buckets in zip(chosen, opened, strict=True)]


def _units(
    problem: Problem, chosen: Chosen, buckets: int, parts: dict[int, dict[int, int]]
) -> dict[str, Decimal]:
    """Return the units by bucket of one group; what it takes of ``parts`` is taken out of them."""
    rule = problem.rules[chosen.rule]
    whole = problem.decimal(rule.units)
    if chosen.bucket is not None:
        return {problem.names[chosen.bucket]: whole}
    if rule.overlap is not Overlap.SPLIT:
        return {problem.names[bucket]: whole for bucket in rule.into if buckets >> bucket & 1}
    mine: dict[int, int] = {}
    left, pool = rule.units, parts[buckets]
    for bucket in rule.into:
        taken = min(left, pool.get(bucket, 0))
        if taken:
            mine[bucket] = taken
            pool[bucket] -= taken
            left -= taken
    if left or not mine:
        first = rule.first(buckets)
        mine[first] = mine.get(first, 0) + left
    return {problem.names[bucket]: problem.decimal(mine[bucket]) for bucket in rule.into if bucket in mine}
