# SPDX-License-Identifier: Apache-2.0
"""The yearly report of one organisation: what its rows rest on is read here, and summed in ``report``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from recognition.adopting import shelf
from recognition.claiming import report
from recognition.claiming.report import Key, Row
from recognition.office import Office
from recognition.rule.policy import Policy
from recognition.rule.units import Amount, plain
from recognition.store import ledger as ledger_rows
from recognition.store import report as rows
from service import spreadsheet

FIRST_YEAR: Final = (
    1990  # nothing is older: lines of the ledger carry the day on which they were recorded here
)
_AROUND: Final = timedelta(days=1)  # a year begins up to 14 hours earlier or later elsewhere


@dataclass(frozen=True, slots=True)
class Yearly:
    """The report of a year.

    Attributes:
        sums: What was granted, apart by unit.
        policies: The policy of each row that has one.
        years: Years of which there may be a report, the latest first.
    """

    year: int
    rows: tuple[Row, ...]
    sums: tuple[Amount, ...]
    policies: Mapping[Key, Policy] = field(repr=False)
    years: tuple[int, ...]

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"recognition-{self.year}.csv"

    def number(self, name: str) -> int:
        """Return the sum of a column that counts claims or awards; amounts are never added here."""
        return sum(int(getattr(row, name)) for row in self.rows)


def of_year(office: Office, organisation: str, year: int, *, now: datetime) -> Yearly:
    """Return the report of an organisation.

    Args:
        office: The opened room.
        organisation: Slug of the recognizer.
        year: Calendar year; one that lies outside what there can be is taken for the nearest that can.
        now: When.

    Raises:
        UnitsMixedError: Lines of one decision are in two units.
    """
    year = max(FIRST_YEAR, min(year, now.year + 1))
    since = datetime(year, 1, 1, tzinfo=UTC) - _AROUND
    before = datetime(year + 1, 1, 1, tzinfo=UTC) + _AROUND

    @cache
    def policy(id: str, version: str) -> Policy | None:
        known = shelf.published(office, id, version) if version else shelf.newest(office, id, on=now.date())
        return None if known is None else known.policy

    def zone(id: str, version: str) -> str:
        found = policy(id, version) if id else None
        return "UTC" if found is None else found.timezone

    with office.db.reading() as session:
        first = rows.first(session, organisation)
        decisions = rows.decisions(session, organisation, since=since)
        lines = ledger_rows.of_span(session, organisation, since=since, before=before)
        sent = rows.sent(session, organisation, since=since, before=before)
    found = report.rows_of(year, decisions=decisions, lines=lines, sent=sent, zone=zone)
    known = {row.key: policy(row.key.policy, row.key.version) for row in found if row.key.policy}
    return Yearly(
        year=year,
        rows=found,
        sums=report.sums(found),
        policies={key: each for key, each in known.items() if each is not None},
        years=tuple(range(max(now.year, year), min(now.year if first is None else first.year, year) - 1, -1)),
    )


def file(yearly: Yearly) -> bytes:
    """Return the report as CSV, safe against formulas; amounts are text with a point."""
    return spreadsheet.write(report.COLUMNS, report.cells(yearly.year, yearly.rows, plain))
