# SPDX-License-Identifier: Apache-2.0
"""The yearly report: each group once, each claim once, never two units in one sum."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from recognition.claiming.decision import IMPORTED, REFUSED
from recognition.claiming.ledger_line import Line
from recognition.claiming.report import Made, Row, Sent, cells, rows_of, sums
from recognition.errors import UnitsMixedError
from recognition.judging.facts import attendance_stage
from recognition.rule.units import Amount, plain

MAY = datetime(2026, 5, 4, 12, tzinfo=UTC)
PDP = "PDP-MA"


def made(id: str = "d1", *, claim: str | None = "c1", **fields: Any) -> Made:
    known: dict[str, Any] = {
        "purpose": "licence-renewal",
        "policy": "us-ma-renewal",
        "version": "2018",
        "unit": PDP,
        "outcome": "granted",
        "corrects": None,
        "decided_at": MAY,
    }
    return Made(id=id, claim=claim, **(known | fields))


def line(key: str, *, decision: str = "d1", group: int = 1, units: str = "10", **fields: Any) -> Line:
    known: dict[str, Any] = {
        "stage": "awarded",
        "purpose": "licence-renewal",
        "unit": PDP,
        "used_at": MAY,
    }
    return Line(
        id=str(uuid.uuid4()),
        organisation="example-district",
        award_key=key,
        credential_id=key,
        title=key,
        awarded_on=date(2026, 1, 1),
        person=None,
        person_key="zoe@school.example",
        decision=decision,
        group=group,
        bucket="content",
        units=Decimal(units),
        **(known | fields),
    )


def of(*figures: object) -> tuple[object, ...]:
    """Counts and amounts side by side."""
    return figures


def report(
    decisions: Iterable[Made], lines: Iterable[Line] = (), sent: Iterable[Sent] = (), *, year: int = 2026
) -> tuple[Row, ...]:
    return rows_of(
        year, decisions=tuple(decisions), lines=tuple(lines), sent=sent, zone=lambda _id, _version: "UTC"
    )


def test_units_are_added_once_for_each_group_and_awards_one_by_one() -> None:
    (row,) = report([made()], [line("a"), line("b"), line("c", group=2), line("d", group=2)])
    assert row.awards == 4
    assert row.granted == Amount(Decimal(20), PDP)
    assert (row.approved, row.refused, row.adjusted) == (1, 0, 0)


def test_decimals_are_added_exactly() -> None:
    lines = [line(str(n), group=n, units="0.1") for n in range(30)]
    (row,) = report([made()], lines)
    assert row.granted.value == 3


def test_two_units_in_one_group_row_are_an_error() -> None:
    row = Row(report([made()])[0].key, granted=Amount(Decimal(1), PDP))
    with pytest.raises(UnitsMixedError):
        row.granted + Amount(Decimal(1), "PDP-TN")


def test_rows_of_two_units_stay_apart_and_have_no_common_sum() -> None:
    rows = report(
        [made(), made("d2", claim="c2", policy="us-tn-pdp", unit="PDP-TN")],
        [line("a"), line("b", decision="d2", unit="PDP-TN", units="6")],
    )
    assert [row.key.unit for row in rows] == [PDP, "PDP-TN"]
    assert sums(rows) == (Amount(Decimal(10), PDP), Amount(Decimal(6), "PDP-TN"))


def test_two_versions_of_a_policy_are_two_rows() -> None:
    rows = report([made(), made("d2", claim="c2", version="2025")], [line("a"), line("b", decision="d2")])
    assert [(row.key.version, row.awards) for row in rows] == [("2018", 1), ("2025", 1)]


def test_attendance_gives_units_and_is_no_award() -> None:
    attended = line("x", group=2, units="1.5", stage=attendance_stage("orientation"))
    (row,) = report([made()], [line("a", units="15"), attended])
    assert of(row.awards, row.granted.value) == (1, Decimal("16.5"))


def test_a_claim_is_received_in_the_row_of_its_decision_and_an_open_one_in_a_row_of_its_own() -> None:
    sent = [
        Sent("c1", "licence-renewal", "us-ma-renewal", MAY),
        Sent("c2", "licence-renewal", "us-ma-renewal", MAY),
    ]
    still_open, decided = report([made()], sent=sent)
    assert (decided.key.version, decided.received, decided.approved) == ("2018", 1, 1)
    assert (still_open.key.version, still_open.received, still_open.approved) == ("", 1, 0)


def test_of_a_corrected_claim_only_the_correction_counts() -> None:
    refused = made(outcome=REFUSED)
    correction = made("d2", corrects="d1", is_adjusted=True)
    (row,) = report([refused, correction], [line("a", decision="d2", units="15")])
    assert (row.approved, row.adjusted, row.refused) == (1, 1, 0)
    replaced = [line("a", reversed_at=MAY), line("b", reversed_at=MAY)]
    (row,) = report([made(), correction], [*replaced, line("a", decision="d2", units="15")])
    assert of(row.awards, row.granted.value, row.units_back.value) == (1, 15, 0)


def test_a_group_that_was_taken_back_was_granted_and_is_told_as_taken_back() -> None:
    back = made("d2", corrects="d1", takes_back=True, decided_at=MAY.replace(month=8))
    gone = [line("a", reversed_at=MAY), line("b", reversed_at=MAY)]
    carried = [line("c", group=2, reversed_at=MAY), line("c", decision="d2", group=2)]
    (row,) = report([made(), back], [*gone, *carried])
    assert (row.awards, row.awards_back) == (3, 2)
    assert of(row.granted.value, row.units_back.value, row.standing.value) == (20, 10, 10)
    assert (row.approved, row.refused) == (1, 0)


def test_taking_back_in_a_later_year_moves_no_unit_into_it() -> None:
    later = MAY.replace(year=2027)
    decisions = [made(), made("d2", corrects="d1", takes_back=True, decided_at=later)]
    lines = [
        line("a", reversed_at=later),
        line("b", group=2, reversed_at=later),
        line("b", decision="d2", group=2),
    ]
    (row,) = report(decisions, lines)
    assert of(row.granted.value, row.units_back.value) == (20, 10)
    assert report(decisions, lines, year=2027) == ()


def test_a_correction_after_a_part_was_taken_back_stands_alone() -> None:
    decisions = [
        made(),
        made("d2", corrects="d1", takes_back=True),
        made("d3", corrects="d2", decided_at=MAY.replace(month=9)),
    ]
    lines = [line("a", reversed_at=MAY), line("b", group=2, reversed_at=MAY)]
    lines += [line("b", decision="d2", group=2, reversed_at=MAY), line("b", decision="d3", units="12")]
    (row,) = report(decisions, lines)
    assert of(row.awards, row.granted.value, row.units_back.value) == (1, 12, 0)


def test_a_group_with_a_fallen_source_needs_a_decision_and_still_stands() -> None:
    (row,) = report([made()], [line("a", flagged_at=MAY, flag="revoked"), line("b")])
    assert of(row.awards_open, row.units_open.value, row.standing.value) == (2, 10, 10)
    (row,) = report([made()], [line("a", flagged_at=MAY, flag="revoked", kept_at=MAY), line("b")])
    assert row.units_open.value == 0


def test_records_of_a_file_are_a_row_without_a_policy_and_no_decision() -> None:
    brought = made("d1", claim=None, policy="", version="", purpose="", unit="", outcome=IMPORTED)
    (row,) = report([brought], [line("a")])
    assert of(row.key.policy, row.approved, row.granted.value) == ("", 0, 10)


def test_the_year_is_that_of_the_policys_own_time_zone() -> None:
    new_year = datetime(2027, 1, 1, 3, tzinfo=UTC)  # still 31 December in Massachusetts
    decisions = (made(decided_at=new_year),)
    lines = (line("a", used_at=new_year),)
    for year, found in ((2026, 1), (2027, 0)):
        rows = rows_of(
            year,
            decisions=decisions,
            lines=lines,
            sent=[Sent("c1", "", "us-ma-renewal", new_year)],
            zone=lambda _id, _version: "America/New_York",
        )
        assert len(rows) == found
        assert sum(row.approved + row.awards + row.received for row in rows) == 3 * found


def test_cells_hold_amounts_as_text() -> None:
    rows = report([made()], [line("a", units="100.50")])
    assert next(iter(cells(2026, rows, plain)))[-4:] == ("100.5", "0", "0", "100.5")
