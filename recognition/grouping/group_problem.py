# SPDX-License-Identifier: Apache-2.0
"""The question of allocation in whole numbers: awards by kind, grants, buckets and what they lack.

Awards that have the same areas and buckets are one *kind*; a kind's awards are used oldest first. Units are
whole multiples of the smallest place that any amount or shortfall has, so that nothing is ever rounded, and
sets (areas, buckets, awards) are bits of a number. The oldest award has the highest bit, so that of two sets
of awards the greater number is the one that holds the oldest award in which they differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from recognition.errors import RecognitionFieldError
from recognition.rule.policy import Grant, Overlap

DIGITS: Final = 40  # that an amount may have on either side of its point


@dataclass(frozen=True, slots=True)
class Fit:
    """What an award is for one grant: its areas, and the buckets that are open to it."""

    areas: frozenset[str]
    buckets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible award.

    Attributes:
        key: Who it is; decides between awards of one day.
        awarded: The day of the award, or of what stands in its place at an earlier stage.
        fits: By id of the grant; a grant that is not named is closed to it.
    """

    key: str
    awarded: date
    fits: Mapping[str, Fit]


@dataclass(frozen=True, slots=True)
class Rule:
    """One grant, in numbers.

    Attributes:
        units: Of a group.
        into: Its buckets, in its own order.
    """

    grant: Grant
    take: int
    units: int
    into: tuple[int, ...]
    overlap: Overlap

    def first(self, buckets: int) -> int:
        """Return the first of the buckets whose bits are set."""
        return next(each for each in self.into if buckets >> each & 1)


@dataclass(frozen=True, slots=True)
class Kind:
    """Awards that are alike.

    Attributes:
        awards: Their ranks, oldest first.
        areas: Bits for each rule; 0: closed.
        buckets: Bits for each rule.
        bits: ``bits[n]`` are the bits of its n oldest awards.
    """

    awards: tuple[int, ...]
    areas: tuple[int, ...]
    buckets: tuple[int, ...]
    bits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A group: which rule, which awards (ranks), and its bucket; None where it fills or splits among all."""

    rule: int
    awards: tuple[int, ...]
    bucket: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """The whole question.

    Attributes:
        candidates: Oldest first; the place is the award's rank.
        names: Of the buckets.
        lacks: What each bucket lacks.
        exponent: Units are multiples of ten to this power.
        twins: For each bucket, the bits of those buckets that are open to exactly the same awards.
    """

    candidates: tuple[Candidate, ...]
    rules: tuple[Rule, ...]
    kinds: tuple[Kind, ...]
    names: tuple[str, ...]
    lacks: tuple[int, ...]
    exponent: int
    twins: tuple[int, ...]
    per_unit: int = field(init=False)  # what one unit of the total weighs: more than every set of awards
    per_need: int = field(init=False)  # what one unit of a need weighs: more than every total

    def __post_init__(self) -> None:
        awards = len(self.candidates)
        greatest = awards * max((rule.units for rule in self.rules), default=0)
        object.__setattr__(self, "per_unit", 1 << awards)
        object.__setattr__(self, "per_need", 1 << awards + greatest.bit_length())

    @property
    def size(self) -> int:
        """How much there is to look at: awards and kinds, by each bucket of each grant."""
        width = sum(1 + len(rule.into) for rule in self.rules)
        return (len(self.candidates) + len(self.kinds)) * width

    def bit(self, rank: int) -> int:
        """Return the bit of the award with this rank."""
        return 1 << len(self.candidates) - 1 - rank

    def shared(self, rule: int, awards: Iterable[int]) -> int:
        """Return the bits of the buckets of ``rule`` that are open to all these awards (ranks)."""
        grant = self.rules[rule]
        names = [self.candidates[rank].fits[grant.grant.id].buckets for rank in awards]
        return sum(1 << each for each in grant.into if all(self.names[each] in name for name in names))

    def decimal(self, units: int) -> Decimal:
        """Return ``units`` in the policy's unit, exactly."""
        digits = Decimal(units).as_tuple().digits
        return Decimal((0, digits, self.exponent)) if units else Decimal(0)

    def worth(self, chosen: Sequence[Chosen]) -> int:
        """Return how good these groups are, as one number: needs before total before age."""
        given = [0] * len(self.names)
        pools: Counter[int] = Counter()
        value = 0
        for each in chosen:
            rule = self.rules[each.rule]
            value += rule.units * self.per_unit + sum(self.bit(rank) for rank in each.awards)
            if each.bucket is not None:
                given[each.bucket] += rule.units
                continue
            buckets = self.shared(each.rule, each.awards)
            if rule.overlap is Overlap.SPLIT:
                pools[buckets] += rule.units
                continue
            for bucket in rule.into:
                given[bucket] += rule.units * (buckets >> bucket & 1)
        lacks = tuple(max(0, lack - units) for lack, units in zip(self.lacks, given, strict=True))
        filled = sum(self.lacks) - sum(lacks)
        divided = divide(tuple(sorted(pools.items())), lacks)
        return value + (filled + sum(sum(part.values()) for part in divided.values())) * self.per_need


def divide(pools: Sequence[tuple[int, int]], lacks: Sequence[int]) -> dict[int, dict[int, int]]:
    """Divide ``pools`` (bits of the buckets that each may fill, units) so that most of ``lacks`` is filled.

    Returns:
        By pool, then by bucket: the units that fill a lack. A greatest flow, found along shortest paths, so
        that the same pools are always divided in the same way.
    """
    flow: dict[int, dict[int, int]] = {pool: {} for pool, _ in pools}
    left = dict(pools)
    open_ = list(lacks)
    while path := _path(flow, left, open_):
        pushed = min(left[path[0][0]], open_[path[-1][1]])
        for (_, bucket), (pool, _) in pairwise(path):
            pushed = min(pushed, flow[pool][bucket])
        for place, (pool, bucket) in enumerate(path):
            flow[pool][bucket] = flow[pool].get(bucket, 0) + pushed
            if place:
                flow[pool][path[place - 1][1]] -= pushed
        left[path[0][0]] -= pushed
        open_[path[-1][1]] -= pushed
    return {pool: {each: units for each, units in part.items() if units} for pool, part in flow.items()}


def _path(
    flow: Mapping[int, Mapping[int, int]], left: Mapping[int, int], open_: Sequence[int]
) -> list[tuple[int, int]]:
    """Return pairs of pool and bucket along which more can flow: each bucket's units move on to the next."""
    paths: list[list[tuple[int, int]]] = [[(pool, -1)] for pool in flow if left[pool] > 0]
    seen_pools = {path[0][0] for path in paths}
    seen: set[int] = set()
    for path in paths:
        pool = path[-1][0]
        for bucket in range(len(open_)):
            if not pool >> bucket & 1 or bucket in seen:
                continue
            seen.add(bucket)
            here = [*path[:-1], (pool, bucket)]
            if open_[bucket] > 0:
                return here
            for other, part in flow.items():
                if part.get(bucket, 0) > 0 and other not in seen_pools:
                    seen_pools.add(other)
                    paths.append([*here, (other, -1)])
    return []


def problem_of(
    candidates: Sequence[Candidate], grants: Sequence[Grant], shortfalls: Mapping[str, Decimal]
) -> Problem:
    """Return the question in numbers.

    Raises:
        RecognitionFieldError: An amount has more digits than any amount has.
        ValueError: Two candidates have the same key, or two grants the same id.
    """
    ordered = tuple(sorted(candidates, key=lambda each: (each.awarded, each.key)))
    if len({each.key for each in ordered}) < len(ordered) or len({each.id for each in grants}) < len(grants):
        raise ValueError("an award or a grant is given twice")
    names = tuple(dict.fromkeys(bucket for grant in grants for bucket in grant.into))
    amounts = [grant.amount or Decimal(0) for grant in grants]
    missing = [shortfalls.get(name, Decimal(0)) for name in names]
    exponent = _exponent([*amounts, *missing])
    missing = [max(Decimal(0), each) for each in missing]
    rules = tuple(
        Rule(grant, grant.take, _whole(amount, exponent), tuple(map(names.index, grant.into)), grant.overlap)
        for grant, amount in zip(grants, amounts, strict=True)
    )
    kinds = _kinds(ordered, rules, names)
    return Problem(
        candidates=ordered,
        rules=rules,
        kinds=kinds,
        names=names,
        lacks=tuple(_whole(each, exponent) for each in missing),
        exponent=exponent,
        twins=_twins(kinds, rules, len(names)),
    )


def _exponent(amounts: Iterable[Decimal]) -> int:
    """Return the power of ten that all these amounts are multiples of."""
    exponent = 0
    for amount in amounts:
        if not amount.is_finite() or not -DIGITS <= amount.adjusted() <= DIGITS:
            raise RecognitionFieldError("This amount is out of reach.", got=str(amount)[:DIGITS])
        exponent = min(exponent, int(amount.as_tuple().exponent))
    if exponent < -DIGITS:
        raise RecognitionFieldError(f"An amount has at most {DIGITS} places after its point.")
    return exponent


def _whole(amount: Decimal, exponent: int) -> int:
    _, digits, own = amount.as_tuple()
    scale: int = 10 ** (int(own) - exponent)
    return int("".join(map(str, digits))) * scale


def _kinds(candidates: Sequence[Candidate], rules: Sequence[Rule], names: Sequence[str]) -> tuple[Kind, ...]:
    """Return the kinds in sorted order, without awards that can be in no group."""
    useful = [_useful_areas(candidates, rule) for rule in rules]
    alike: dict[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], list[int]] = {}
    for rank, candidate in enumerate(candidates):
        fits = tuple(_fit(candidate, rule, areas, names) for rule, areas in zip(rules, useful, strict=True))
        if any(areas for areas, _ in fits):
            alike.setdefault(fits, []).append(rank)
    places = [{area: place for place, area in enumerate(sorted(areas))} for areas in useful]
    kinds = []
    for fits, ranks in sorted(alike.items()):
        bits = [0]
        for rank in ranks:
            bits.append(bits[-1] + (1 << len(candidates) - 1 - rank))
        areas = tuple(
            sum(1 << place[area] for area in own) for place, (own, _) in zip(places, fits, strict=True)
        )
        buckets = tuple(sum(1 << names.index(bucket) for bucket in own) for _, own in fits)
        kinds.append(Kind(tuple(ranks), areas, buckets, tuple(bits)))
    return tuple(kinds)


def areas_of(candidate: Candidate, grant: Grant) -> frozenset[str]:
    """Return what relates the award to others under ``grant``; "" stands if none is asked for."""
    fit = candidate.fits.get(grant.id)
    if fit is None:
        return frozenset()
    return fit.areas if grant.related_by is not None else frozenset([""])


def _useful_areas(candidates: Sequence[Candidate], rule: Rule) -> set[str]:
    """Return the areas in which there are enough awards for a group; of groups of one, no area matters."""
    count = Counter(area for each in candidates for area in areas_of(each, rule.grant))
    return {""} if rule.take == 1 else {area for area, awards in count.items() if awards >= rule.take}


def _fit(
    candidate: Candidate, rule: Rule, useful: set[str], names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return areas and buckets of the award under ``rule``, as far as they can matter; both or none."""
    areas = areas_of(candidate, rule.grant)
    if rule.take == 1:
        areas = frozenset([""]) if areas else areas
    areas &= useful
    fit = candidate.fits.get(rule.grant.id)
    if fit is None or not areas:
        return (), ()
    buckets = tuple(sorted(names[each] for each in rule.into if names[each] in fit.buckets))
    return (tuple(sorted(areas)), buckets) if buckets else ((), ())


def _twins(kinds: Sequence[Kind], rules: Sequence[Rule], buckets: int) -> tuple[int, ...]:
    """Return for each bucket the bits of those that are open to exactly the same awards, itself included."""
    same: dict[tuple[int, ...], int] = {}
    marks = [
        tuple(kind.buckets[rule] >> bucket & 1 for kind in kinds for rule in range(len(rules)))
        for bucket in range(buckets)
    ]
    for bucket, mark in enumerate(marks):
        same[mark] = same.get(mark, 0) | 1 << bucket
    return tuple(same[mark] for mark in marks)
