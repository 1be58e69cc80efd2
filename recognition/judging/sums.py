# SPDX-License-Identifier: Apache-2.0
"""What was granted before by the ledger: each group once, in the policy's own unit, in this cycle or ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from recognition.judging.case import Case
from recognition.judging.facts import Used
from recognition.rule.policy import Period

NOTHING = Decimal(0)


def lines(case: Case) -> tuple[Used, ...]:
    """Return the ledger's lines that count in sums: of this purpose and unit, each group once."""
    found: dict[object, Used] = {}
    for number, line in enumerate(case.facts.used):
        if line.suspected or line.purpose not in ("", case.purpose):
            continue
        if is_of_other_unit(line, case):
            continue  # Units of two places are never added.
        found.setdefault((line.decision, line.group) if line.decision else number, line)
    return tuple(found.values())


def is_of_other_unit(line: Used, case: Case) -> bool:
    """Tell whether a line is of a unit that is not the policy's."""
    return line.unit not in ("", case.policy.unit.id)


def in_this_cycle(case: Case) -> tuple[Used, ...]:
    """Return those of this cycle; a line that does not say when counts."""
    return tuple(line for line in lines(case) if _is_of(line, case.facts.cycle))


def carried_over(case: Case) -> Decimal:
    """Return the units of earlier cycles that were carried when these were converted."""
    how, cycle = case.policy.convert, case.facts.cycle
    if how is None or how.rounding == "none" or how.remainder != "carry" or cycle is None:
        return NOTHING
    here = {id(line) for line in in_this_cycle(case)}
    before = [line for line in lines(case) if id(line) not in here]
    days = [(line.cycle.first if line.cycle is not None else line.on, line.units) for line in before]
    return sum((units for day, units in days if day is not None and day < cycle.first), NOTHING) % how.per


def by_bucket(used: Iterable[Used]) -> Mapping[str, Decimal]:
    """Return the units of ``used`` by bucket."""
    sums: dict[str, Decimal] = {}
    for line in used:
        for bucket, units in (line.shares or {line.bucket: line.units}).items():
            sums[bucket] = sums.get(bucket, NOTHING) + units
    return sums


def in_cycle(day: date, case: Case) -> bool:
    """Tell whether ``day`` lies in the person's cycle; without one nothing lies outside."""
    return case.facts.cycle is None or day in case.facts.cycle


def _is_of(line: Used, cycle: Period | None) -> bool:
    if cycle is None:
        return True
    if line.cycle is not None:
        return line.cycle.first in cycle or cycle.first in line.cycle
    return line.on is None or line.on in cycle
