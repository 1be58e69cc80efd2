# SPDX-License-Identifier: Apache-2.0
"""Upper limits (``[[cap]]``): whole groups are cut, the newest first, until what is left fits.

A part of a group is never granted. What the ledger holds counts: of this cycle, of all years, or of the same
value of the fact that the cap goes by (a lane group). Attendance that is granted beside the groups counts
first; what of it alone is beyond a limit is not granted, the newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from recognition.judging.answer import NEEDS_FACT, REFUSED, Attended, Group
from recognition.judging.case import Case
from recognition.judging.facts import Used
from recognition.judging.sums import NOTHING, by_bucket, in_this_cycle, lines
from recognition.rule.policy import Cap
from recognition.rule.units import say

CAP_REACHED: Final = f"{REFUSED}cap-reached"
_CALENDAR: Final = ("cycle", "ever")


@dataclass(frozen=True, slots=True)
class Cut:
    """Groups that do not count because of a cap: why, and by which row."""

    groups: frozenset[int]
    outcome: str
    sentence: str
    rule: str = ""


def cuts(
    case: Case, groups: Sequence[Group], attended: Sequence[Attended], days: Mapping[int, date]
) -> tuple[Cut, ...]:
    """Return what is cut, cap by cap; ``days`` has the newest award's day of each group, by its number."""
    found: list[Cut] = []
    left = sorted(groups, key=lambda each: (days[each.number], each.awards[::-1]), reverse=True)
    for number, cap in enumerate(case.policy.caps):
        cut = _cut(case, cap, left, attended)
        if cut is not None:
            found.append(replace(cut, rule=f"cap[{number}]"))
            left = [group for group in left if group.number not in cut.groups]
    return tuple(found)


def within(case: Case, attended: Sequence[Attended]) -> tuple[Attended, ...]:
    """Return the attendance that no upper limit keeps from counting, in its order."""
    kept = list(attended)
    for cap in case.policy.caps:
        counted = [each for each in kept if cap.bucket in (None, each.bucket)]
        before = _before(case, cap) if counted else ()
        if before is not None and not _applies(case, cap):
            continue
        total = _sum(before or (), cap.bucket) + sum((each.units for each in counted), NOTHING)
        for each in sorted(counted, key=lambda one: (one.on, one.event, one.item), reverse=True):
            if before is not None and total <= cap.amount:
                break
            kept.remove(each)
            total -= each.units
    return tuple(kept)


def _cut(case: Case, cap: Cap, groups: Sequence[Group], attended: Sequence[Attended]) -> Cut | None:
    """Return what one cap cuts of ``groups``, which stand newest first."""
    counted = [group for group in groups if _units(group, cap) > 0]
    before = _before(case, cap)
    if not counted:
        return None
    if before is None:
        every = frozenset(group.number for group in counted)
        sentence = "Which upper limit counts depends on a fact that is missing."
        return Cut(every, f"{NEEDS_FACT}{cap.per}", sentence)
    if not _applies(case, cap):
        return None
    beside = sum((each.units for each in attended if cap.bucket in (None, each.bucket)), NOTHING)
    there = _sum(before, cap.bucket)
    total = there + beside + sum((_units(group, cap) for group in counted), NOTHING)
    cut: set[int] = set()
    for group in counted:
        if total <= cap.amount:
            break
        cut.add(group.number)
        total -= _units(group, cap)
    if not cut:
        return None
    most, used = say(cap.amount, case.policy.unit), say(there, case.policy.unit)
    sentence = f"The upper limit of {most} {_per(cap)} is reached: {used} were counted before."
    if there == 0:
        sentence = f"The upper limit of {most} {_per(cap)} is reached by older ones."
    return Cut(frozenset(cut), CAP_REACHED, f"{sentence} A group counts whole or not at all.")


def _applies(case: Case, cap: Cap) -> bool:
    if cap.per in _CALENDAR or not cap.values:
        return True
    return not set(case.facts.values.get(cap.per) or ()).isdisjoint(cap.values)


def _before(case: Case, cap: Cap) -> Iterable[Used] | None:
    """Return the ledger's lines that this cap counts; None: the fact that it goes by is missing."""
    if cap.per == "cycle":
        return in_this_cycle(case)
    if cap.per == "ever":
        return lines(case)
    given = case.facts.values.get(cap.per)
    if given is None:
        return None
    return [line for line in lines(case) if not line.value or line.value in given]


def _sum(used: Iterable[Used], bucket: str | None) -> Decimal:
    if bucket is None:
        return sum((line.units for line in used), NOTHING)
    return sum((units for name, units in by_bucket(used).items() if _is_of(name, bucket)), NOTHING)


def _units(group: Group, cap: Cap) -> Decimal:
    """Return what a group takes of the cap; a proposal without a number takes nothing yet."""
    if cap.bucket is None:
        return group.units or NOTHING
    return sum((units for name, units in group.buckets.items() if _is_of(name, cap.bucket)), NOTHING)


def _is_of(name: str, bucket: str) -> bool:
    return name == bucket or name.startswith(f"{bucket}:")


def _per(cap: Cap) -> str:
    if cap.per == "cycle":
        return "in one cycle"
    return "ever" if cap.per == "ever" else f"for each {cap.per.replace('_', ' ')}"
