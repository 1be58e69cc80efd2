# SPDX-License-Identifier: Apache-2.0
"""The yearly report of a recognizer: sums over decisions and lines of the ledger, never across units.

Rules kept here:

- One row for each purpose, policy, version and unit. Amounts are added once for each group of a decision,
  never for each award or recognition; two units are never added (``UnitsMixedError``).
- The year is a calendar year in the time zone of the row's own policy, the zone in which the policy compares
  all its dates; UTC where there is no policy.
- A claim is received in the year in which it was sent, and counts as approved or refused in the year of its
  latest decision: of a corrected one only the correction counts. Taking units back afterwards moves nothing
  into another year.
- What was counted in the year and taken back since, or needs a decision because its source has fallen, is
  told beside what was granted, as it is on the day of the report.
- Records of earlier years that were taken over from a file were not decided here, and are rows without a
  policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from recognition.claiming.decision import IMPORTED, REFUSED
from recognition.claiming.ledger_line import Line
from recognition.judging.facts import is_attendance
from recognition.rule.days import day_of
from recognition.rule.units import Amount, total

ZERO: Final = Decimal(0)
Zone = Callable[[str, str], str]  # of a policy and version


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A decision, as far as it is counted.

    Attributes:
        takes_back: Whether it only takes back a part of the decision that it replaces.
        is_adjusted: Whether a person changed what the rule proposed.
    """

    id: str
    claim: str | None
    purpose: str
    policy: str
    version: str
    unit: str
    outcome: str
    corrects: str | None
    decided_at: datetime
    takes_back: bool = False
    is_adjusted: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A claim that reached the recognizer."""

    id: str
    purpose: str
    policy: str
    at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a row is about; "" where there is none: imported records have no policy, open claims no unit."""

    purpose: str
    policy: str
    version: str
    unit: str


@dataclass(slots=True)
class Row:
    """One row. Amounts are in its unit; what was taken back or is in question is a part of ``granted``.

    Attributes:
        received: Claims that were sent in the year.
        approved: Claims whose latest decision was made in the year and granted or accepted something, also
            if it was taken back since.
        adjusted: Those among them whose proposal a person changed.
        awards: Awards that were counted; attendance is none.
        units_back: Units that were taken back since.
        units_open: Units of groups a source of which has fallen, and that nobody has decided about.
    """

    key: Key
    received: int = 0
    approved: int = 0
    refused: int = 0
    adjusted: int = 0
    awards: int = 0
    awards_back: int = 0
    awards_open: int = 0
    granted: Amount = field(default_factory=lambda: Amount(ZERO, ""))
    units_back: Amount = field(default_factory=lambda: Amount(ZERO, ""))
    units_open: Amount = field(default_factory=lambda: Amount(ZERO, ""))

    @property
    def standing(self) -> Amount:
        """Units that stand today, those in question included."""
        return self.granted + Amount(-self.units_back.value, self.units_back.unit)


def rows_of(
    year: int, *, decisions: Sequence[Made], lines: Sequence[Line], sent: Iterable[Sent], zone: Zone
) -> tuple[Row, ...]:
    """Return the rows of a year.

    Args:
        year: The calendar year.
        decisions: Of the year and all later ones, which may have replaced them.
        lines: Of the year, also those taken back; what lies outside in the zone of its policy is left out.
        sent: Claims that were sent in the year; the same holds.
        zone: Gives the time zone of a policy and version.

    Raises:
        UnitsMixedError: The lines of one row are in two units.
    """
    report = _Report(year, decisions, zone)
    report.claims(sent)
    report.decided()
    report.counted(lines)
    return tuple(sorted(report.rows.values(), key=lambda row: row.key))


def sums(rows: Iterable[Row]) -> tuple[Amount, ...]:
    """Return what was granted in all rows, apart by unit."""
    by_unit: dict[str, list[Amount]] = {}
    for row in rows:
        if row.granted.value:
            by_unit.setdefault(row.key.unit, []).append(row.granted)
    return tuple(total(amounts, unit) for unit, amounts in sorted(by_unit.items()))


class _Report:
    """One report in the making."""

    def __init__(self, year: int, decisions: Sequence[Made], zone: Zone) -> None:
        self.year = year
        self.zone = zone
        self.rows: dict[Key, Row] = {}
        self.made = {each.id: each for each in decisions}
        self.next = {each.corrects: each for each in decisions if each.corrects is not None}
        answers = (each for each in decisions if not each.takes_back and each.outcome != IMPORTED)
        self.latest = {each.claim or each.id: each for each in answers if not self._is_replaced(each.id)}

    def row(self, key: Key) -> Row:
        """Return the row of ``key``, a new one if there is none."""
        if key not in self.rows:
            nothing = Amount(ZERO, key.unit)
            self.rows[key] = Row(key, granted=nothing, units_back=nothing, units_open=nothing)
        return self.rows[key]

    def is_of_year(self, at: datetime, policy: str, version: str) -> bool:
        return day_of(at, self.zone(policy, version)).year == self.year

    def claims(self, sent: Iterable[Sent]) -> None:
        """Count what was received, in the row of the decision about it."""
        for each in sent:
            made = self.latest.get(each.id)
            key = _key(made) if made is not None else Key(each.purpose, each.policy, "", "")
            if self.is_of_year(each.at, key.policy, key.version):
                self.row(key).received += 1

    def decided(self) -> None:
        """Count the latest decision about each claim."""
        for made in self.latest.values():
            if not self.is_of_year(made.decided_at, made.policy, made.version):
                continue
            row = self.row(_key(made))
            if made.outcome == REFUSED:
                row.refused += 1
            else:
                row.approved += 1
                row.adjusted += made.is_adjusted

    def counted(self, lines: Sequence[Line]) -> None:
        """Count awards, and the units of each group once."""
        there = {(each.decision, each.award_key, each.stage) for each in lines}
        groups: dict[tuple[str, int], list[Line]] = {}
        for line in lines:
            if self._counts(line, there):
                groups.setdefault((line.decision, line.group), []).append(line)
        for (decision, _), members in groups.items():
            made = self.made.get(decision)
            policy, version = (made.policy, made.version) if made is not None else ("", "")
            first = members[0]
            if self.is_of_year(first.used_at, policy, version):
                _add(self.row(Key(first.purpose, policy, version, first.unit)), members)

    def _counts(self, line: Line, there: set[tuple[str, str, str]]) -> bool:
        """Tell whether a line is no copy, and of no decision that another one stands in the place of."""
        after = self.next.get(line.decision)
        if after is not None and (after.id, line.award_key, line.stage) in there and after.takes_back:
            return False  # What was not taken back is counted where it was carried to.
        return not self._is_replaced(line.decision)

    def _is_replaced(self, decision: str) -> bool:
        """Tell whether a person has decided anew what this decision was about."""
        after = self.next.get(decision)
        while after is not None and after.takes_back:
            after = self.next.get(after.id)
        return after is not None


def _key(made: Made) -> Key:
    return Key(made.purpose, made.policy, made.version, made.unit)


def _add(row: Row, group: Sequence[Line]) -> None:
    """Add one group."""
    awards = sum(not is_attendance(line.stage) for line in group)
    units = Amount(group[0].units, group[0].unit)
    row.awards += awards
    row.granted += units
    if not any(line.stands for line in group):
        row.awards_back += awards
        row.units_back += units
    elif any(line.needs_reversal for line in group):
        row.awards_open += awards
        row.units_open += units


COLUMNS: Final = (
    "year",
    "purpose",
    "policy",
    "version",
    "claims received",
    "claims approved",
    "approved with changes",
    "claims refused",
    "awards used",
    "unit",
    "units granted",
    "units taken back since",
    "units that need a decision",
    "units that stand",
)


def cells(year: int, rows: Iterable[Row], plain: Callable[[Decimal], str]) -> Iterable[tuple[str | int, ...]]:
    """Yield the rows as cells; amounts as text, so that no program rounds them."""
    for row in rows:
        yield (
            year,
            row.key.purpose,
            row.key.policy,
            row.key.version,
            row.received,
            row.approved,
            row.adjusted,
            row.refused,
            row.awards,
            row.key.unit,
            plain(row.granted.value),
            plain(row.units_back.value),
            plain(row.units_open.value),
            plain(row.standing.value),
        )
