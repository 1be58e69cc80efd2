# SPDX-License-Identifier: Apache-2.0
"""What is to be reached: needs by bucket and the total, with waivers and with what further licences add.

Needs are shortfalls: units gained elsewhere and in earlier decisions of this cycle are there already. A need
that is asked ``each`` value of a fact has one bucket for each of them (``bucket:value``). A condition whose
fact is missing is not "no": the need is left out of the grouping, and the fact is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from recognition.judging.answer import Attended, Filled, Group
from recognition.judging.case import Case
from recognition.judging.facts import holds
from recognition.judging.sums import NOTHING, by_bucket, in_this_cycle
from recognition.rule.policy import Grant, Need, Total

OF: Final = ":"  # between a bucket and the value of a fact that it is for; no name of a bucket has one


@dataclass(frozen=True, slots=True)
class Target:
    """One need.

    Attributes:
        bucket: As in the policy; ``name`` is the one that groups go into.
        of: The value of the fact that it is asked for each of, or "".
        earned: What was there before.
        needs_fact: As in ``answer.Filled``.
        counts: Whether it is known to be asked for, and so steers the grouping.
    """

    bucket: str
    amount: Decimal
    of: str
    earned: Decimal
    needs_fact: str = ""
    counts: bool = True

    @property
    def name(self) -> str:
        """The bucket that groups go into."""
        return f"{self.bucket}{OF}{self.of}" if self.of else self.bucket


@dataclass(frozen=True, slots=True)
class Goal:
    """The sum to reach; ``amount`` is None where the policy asks for none, or the fact for it is missing."""

    amount: Decimal | None
    earned: Decimal
    waived: bool
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """Everything that is to be reached."""

    needs: tuple[Target, ...]
    goal: Goal

    @property
    def asks(self) -> tuple[str, ...]:
        """Names of the missing facts that it depends on."""
        names = (*(each.needs_fact for each in self.needs if each.needs_fact), *self.goal.asks)
        return tuple(dict.fromkeys(names))

    def shortfalls(self, given: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Return what each bucket still needs beside ``given``, which is by bucket."""
        missing: dict[str, Decimal] = {}
        shares = _shared(self.needs, given)
        for target, share in zip(self.needs, shares, strict=True):
            left = target.amount - target.earned - share
            if target.counts and left > 0:
                missing[target.name] = max(left, missing.get(target.name, NOTHING))
        return missing

    def filled(self, given: Mapping[str, Decimal]) -> tuple[Filled, ...]:
        """Return how far each need is covered when ``given`` is added."""
        return tuple(
            Filled(
                bucket=target.bucket,
                need=target.amount,
                earned=target.earned,
                granted=share,
                missing=max(NOTHING, target.amount - target.earned - share),
                of=target.of,
                needs_fact=target.needs_fact,
            )
            for target, share in zip(self.needs, _shared(self.needs, given), strict=True)
        )

    def total(self, granted: Decimal) -> Filled | None:
        """Return how far the total is reached when ``granted`` units are added; None: there is none."""
        goal = self.goal
        if goal.amount is None:
            return None
        missing = NOTHING if goal.waived else max(NOTHING, goal.amount - goal.earned - granted)
        asked = goal.asks[0] if goal.asks else ""
        return Filled("", goal.amount, goal.earned, granted, missing, waived=goal.waived, needs_fact=asked)

    def surplus(self, granted: Decimal) -> Decimal:
        """Return how many of the ``granted`` units lie beyond the total: they are counted all the same."""
        goal = self.goal
        if goal.amount is None or goal.waived:
            return NOTHING
        return min(granted, max(NOTHING, goal.earned + granted - goal.amount))


def targets(case: Case) -> Targets:
    """Return what is to be reached in this case."""
    there = dict(by_bucket(in_this_cycle(case)))
    for bucket, amount in case.facts.earned.items():
        there[bucket] = there.get(bucket, NOTHING) + amount
    row, goal = _goal(case, sum(there.values(), NOTHING))
    wanted = list(_wanted(case, row))
    shares = _shared(wanted, there)
    needs = tuple(
        Target(each.bucket, each.amount, each.of, share, each.needs_fact, each.counts)
        for each, share in zip(wanted, shares, strict=True)
    )
    return Targets(needs, goal)


def by_name(needs: Sequence[Target]) -> dict[str, tuple[str, ...]]:
    """Return what stands for each bucket that is asked for each value of a fact."""
    names: dict[str, dict[str, None]] = {}
    for each in needs:
        if each.of:
            names.setdefault(each.bucket, {})[each.name] = None
    return {bucket: tuple(found) for bucket, found in names.items()}


def given_by(groups: Sequence[Group], attended: Sequence[Attended]) -> dict[str, Decimal]:
    """Return what groups and attendance give, by bucket; proposals give nothing yet."""
    given: dict[str, Decimal] = {}
    for each in attended:
        given[each.bucket] = given.get(each.bucket, NOTHING) + each.units
    for group in groups:
        for bucket, units in group.buckets.items() if group.outcome == "granted" else ():
            given[bucket] = given.get(bucket, NOTHING) + units
    return given


def opens_all(grant: Grant, needs: Sequence[Target]) -> tuple[str, ...]:
    """Return every bucket of ``grant``, those for values of a fact each by its own name."""
    names = by_name(needs)
    return tuple(name for bucket in grant.into for name in names.get(bucket, (bucket,)))


def _wanted(case: Case, row: Total | None) -> Iterator[Target]:
    more, unknown = _additional(case, row)
    for need in case.policy.needs:
        holding, missing = holds(need.when, case.facts) if need.when is not None else (True, "")
        if holding is False:
            continue
        extra = more.pop(need.bucket, NOTHING)
        asks = missing or (unknown if row and _adds_to(row, need.bucket) else "")
        for value, each_asks in _values(case, need):
            yield Target(
                need.bucket, need.amount + extra, value, NOTHING, asks or each_asks, counts=holding is True
            )
            extra = NOTHING
    for bucket, amount in more.items():
        if amount > 0:
            yield Target(bucket, amount, "", NOTHING)


def _values(case: Case, need: Need) -> list[tuple[str, str]]:
    """Return the values that a need is asked for, each with the fact that is missing for it."""
    if need.each is None:
        return [("", "")]
    given = case.facts.values.get(need.each)
    if given is None:
        return [("", need.each)]
    return [(value, "") for value in dict.fromkeys(given)]


def _goal(case: Case, earned: Decimal) -> tuple[Total | None, Goal]:
    """Return the first row of the total that holds, and the sum to reach."""
    for row in case.policy.totals:
        holding, missing = holds(row.when, case.facts) if row.when is not None else (True, "")
        if holding is None:
            return None, Goal(None, earned, False, (missing,))
        if holding:
            waived, waiver = (
                holds(row.waived_when, case.facts) if row.waived_when is not None else (False, "")
            )
            _, unknown = _additional(case, row)
            extra = _count(case, row) * row.per_additional.amount if row.per_additional else NOTHING
            asks = tuple(name for name in (waiver, unknown) if name)
            return row, Goal(row.amount + extra, earned, waived is True, asks)
    return None, Goal(None, earned, False, ())


def _additional(case: Case, row: Total | None) -> tuple[dict[str, Decimal], str]:
    """Return what further values of a fact add to needs, and the name of that fact if it is missing."""
    if row is None or row.per_additional is None:
        return {}, ""
    more = row.per_additional
    if case.facts.values.get(more.of) is None:
        return {}, more.of
    return {bucket: _count(case, row) * amount for bucket, amount in more.needs.items()}, ""


def _adds_to(row: Total, bucket: str) -> bool:
    return row.per_additional is not None and bucket in row.per_additional.needs


def _count(case: Case, row: Total) -> Decimal:
    """Return how many values the fact has beyond the first."""
    given = case.facts.values.get(row.per_additional.of) if row.per_additional else None
    return Decimal(max(0, len(set(given or ())) - 1))


def _shared(needs: Sequence[Target], given: Mapping[str, Decimal]) -> list[Decimal]:
    """Share ``given`` out among needs: to its own name, and what names the bucket alone to each in turn."""
    shares = [given.get(each.name, NOTHING) if each.of else NOTHING for each in needs]
    places_of: dict[str, list[int]] = {}
    for number, each in enumerate(needs):
        places_of.setdefault(each.bucket, []).append(number)
    for bucket, places in places_of.items():
        rest = given.get(bucket, NOTHING)
        own = [number for number in places if not needs[number].of]
        for number in own:
            shares[number] = rest
        for number in () if own else places:
            is_last = number == places[-1]
            room = needs[number].amount - needs[number].earned - shares[number]
            share = rest if is_last else min(rest, max(NOTHING, room))
            shares[number] += share
            rest -= share
    return shares
