# SPDX-License-Identifier: Apache-2.0
"""The sample files of the import pages: they have every column, and each of their rows fits."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import app
from recognition.attesting import attestation_csv
from recognition.claiming import ledger_csv
from tests.earning.house import NOW
from tests.recognition.policy_scene import DISTRICT, make

STATIC = Path(__file__).resolve().parents[2] / "static"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> app.House:
    return make(tmp_path_factory.mktemp("samples"))


@pytest.mark.parametrize(
    ("name", "columns"),
    [("sample-ledger.csv", ledger_csv.COLUMNS), ("sample-attendance.csv", attestation_csv.COLUMNS)],
)
def test_a_sample_file_has_every_column(name: str, columns: tuple[str, ...]) -> None:
    with (STATIC / name).open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert tuple(head) == columns
    assert {len(row) for row in rows} == {len(columns)}


def test_each_row_of_the_sample_of_earlier_years_fits(house: app.House) -> None:
    found = ledger_csv.look(house.office, DISTRICT, (STATIC / "sample-ledger.csv").read_bytes(), now=NOW)
    assert (found.new, found.bad) == (3, 0)


def test_each_row_of_the_sample_of_attendance_fits(house: app.House) -> None:
    data = (STATIC / "sample-attendance.csv").read_bytes()
    found = attestation_csv.look(house.office, DISTRICT, data, today=NOW.date().replace(year=2027))
    assert (found.new, found.bad) == (4, 0)
    assert not any(each.detail for each in found.lines)
