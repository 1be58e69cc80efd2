# SPDX-License-Identifier: Apache-2.0
"""The slow truth about allocation: every way to group a few awards, judged by the words of the rule.

Shares nothing with the search but the shapes of question and answer. A judgement is a triple that Python
compares: units that fill needs, total units, and for each award, oldest first, whether it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, combinations

from recognition.grouping.allocation import Allocation, Candidate, Placed
from recognition.rule.policy import Grant, Overlap

ZERO = Decimal(0)
Judgement = tuple[Decimal, Decimal, tuple[bool, ...]]
Group = tuple[Grant, tuple[Candidate, ...], tuple[str, ...]]  # and the bucket, or all that it is open to


def oldest_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda each: (each.awarded, each.key))


def common(group: Sequence[Candidate], grant: Grant) -> tuple[set[str], set[str]]:
    """Return the areas and the buckets that all of ``group`` have in common; ``{""}`` if no area is asked."""
    if any(grant.id not in each.fits for each in group):
        return set(), set()
    fits = [each.fits[grant.id] for each in group]
    areas = set.intersection(*(set(fit.areas) for fit in fits)) if grant.related_by else {""}
    return areas, set(grant.into).intersection(*(fit.buckets for fit in fits))


def every_grouping(left: Sequence[Candidate], grants: Sequence[Grant]) -> Iterator[tuple[Group, ...]]:
    """Yield every set of disjoint groups of ``left``, in every bucket."""
    if not left:
        yield ()
        return
    first, others = left[0], left[1:]
    yield from every_grouping(others, grants)
    for grant in grants:
        for partners in combinations(others, grant.take - 1):
            group = (first, *partners)
            areas, buckets = common(group, grant)
            if not areas or not buckets:
                continue
            opened = tuple(each for each in grant.into if each in buckets)
            whole = grant.overlap in (Overlap.ALLOWED, Overlap.SPLIT)
            rest = [each for each in others if each not in partners]
            for places in [opened] if whole else [(each,) for each in opened]:
                for more in every_grouping(rest, grants):
                    yield ((grant, group, places), *more)


def filled(groups: Sequence[Group], shortfalls: Mapping[str, Decimal]) -> Decimal:
    """Return how much of ``shortfalls`` these groups can fill."""
    missing = {bucket: max(ZERO, amount) for bucket, amount in shortfalls.items()}
    before = sum(missing.values(), ZERO)
    divided = []
    for grant, _, places in groups:
        for place in places:
            missing.setdefault(place, ZERO)
        if grant.overlap is Overlap.SPLIT:
            divided.append((set(places), grant.amount or ZERO))
            continue
        for place in places:
            missing[place] = max(ZERO, missing[place] - (grant.amount or ZERO))
    after = sum(missing.values(), ZERO)
    subsets = chain.from_iterable(combinations(missing, number) for number in range(len(missing) + 1))
    cuts = [
        sum((missing[each] for each in cut), ZERO)
        + sum((units for places, units in divided if not places <= set(cut)), ZERO)
        for cut in subsets
    ]
    return before - after + min(cuts)  # no more flows than through the narrowest cut, and that much does


def best(
    candidates: Sequence[Candidate], grants: Sequence[Grant], shortfalls: Mapping[str, Decimal]
) -> Judgement:
    """Return the judgement of the best grouping of whole groups."""
    ordered = oldest_first(candidates)
    return max(
        (
            filled(groups, shortfalls),
            sum((grant.amount or ZERO for grant, _, _ in groups), ZERO),
            tuple(any(each in group for _, group, _ in groups) for each in ordered),
        )
        for groups in every_grouping(ordered, grants)
    )


def judgement(
    groups: Sequence[Placed], candidates: Sequence[Candidate], shortfalls: Mapping[str, Decimal]
) -> Judgement:
    """Return the judgement of an answer: what its buckets fill, its total, and the awards it uses."""
    given: dict[str, Decimal] = {}
    for group in groups:
        for bucket, units in group.buckets.items():
            given[bucket] = given.get(bucket, ZERO) + units
    used = {key for group in groups for key in group.awards}
    return (
        sum((min(max(ZERO, lack), given.get(each, ZERO)) for each, lack in shortfalls.items()), ZERO),
        sum((group.units for group in groups), ZERO),
        tuple(each.key in used for each in oldest_first(candidates)),
    )


def check(answer: Allocation, candidates: Sequence[Candidate], grants: Sequence[Grant]) -> None:
    """Assert that the answer keeps every rule about groups, however good it is."""
    by_key = {each.key: each for each in candidates}
    by_id = {each.id: each for each in grants}
    seen = [key for group in answer.groups for key in group.awards] + list(answer.unused)
    assert sorted(seen) == sorted(by_key), "each award is in one group, or unused"
    for placed in answer.groups:
        grant = by_id[placed.grant]
        awards = [by_key[key] for key in placed.awards]
        areas, buckets = common(awards, grant)
        assert len(awards) == (1 if placed.pro_rata else grant.take)
        assert awards == oldest_first(awards)
        assert placed.area in areas
        assert placed.buckets
        assert set(placed.buckets) <= buckets
        if not placed.pro_rata:
            assert placed.units == (grant.amount or ZERO)
        if grant.overlap is Overlap.ALLOWED:
            assert set(placed.buckets) == buckets
            assert set(placed.buckets.values()) == {placed.units}
        else:
            assert sum(placed.buckets.values(), ZERO) == placed.units
            assert len(placed.buckets) == 1 or grant.overlap is Overlap.SPLIT
