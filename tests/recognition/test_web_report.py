# SPDX-License-Identifier: Apache-2.0
"""The yearly report on its page and as CSV, of one's own organisation and of no other."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import app
from recognition.claiming import deciding
from recognition.claiming.settling import Adjustments, GroupChange
from service.accounts import people
from service.settings import Settings
from tests.issuer.house import NOW
from tests.recognition import desk_scene as scene
from tests.recognition.desk_scene import DISTRICT, OTHER, TN
from tests.service.people import sign_in

HOME = f"/recognizer/{DISTRICT}/report"
YEAR = NOW.year


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district that has granted a pair and five points, refused one claim, and has one to decide."""
    made = scene.make(tmp_path_factory.mktemp("house"))
    with scene.opened(made) as desk:
        links = [desk.award(code) for code in ("SEL1", "SEL2", "CM1", "PGC1", "TPS1")]
        desk.approve(desk.submit(links[0], links[1]))
        five = Adjustments(groups=(GroupChange(number=1, units=Decimal(5)),))
        desk.approve(desk.submit(links[2], policy=TN), adjustments=five, reason="Half of it.")
        refused = desk.submit(links[3], policy=TN)
        deciding.refuse(desk.office, DISTRICT, refused.id, reason="=No.", actor="person:ren", now=NOW)
        desk.submit(links[4], policy=TN)
    return made


@pytest.fixture(scope="module")
def ren(folder: Path) -> Iterator[FlaskClient]:
    """The district's recognizer at a browser."""
    service = app.create_app(Settings(data=folder, demo=True))
    house: app.House = service.extensions["hallmark"]
    with house.db.reading() as session:
        person = people.find_by_email(session, "ren@district.example")
    assert person is not None
    client = service.test_client()
    sign_in(client, house.db, person)
    yield client
    house.jobs.close()
    house.db.close()


def plain(page: str) -> str:
    """The words of a page."""
    inline = re.sub("</?(bdi|strong)[^>]*>", "", page)
    return " ".join(unescape(re.sub("<[^>]*>", " ", inline)).split())


def see(ren: FlaskClient, path: str = f"{HOME}?year={YEAR}") -> str:
    answer = ren.get(path)
    assert answer.status_code == 200
    return plain(answer.text)


def test_the_report_says_in_one_sentence_what_the_year_has_brought(ren: FlaskClient) -> None:
    words = see(ren)
    assert f"In {YEAR} Exampleton School District received 4 claims, approved 2 and refused 1." in words
    assert "Units of two places are never added or converted" in words


def test_each_rule_version_and_unit_is_a_row(ren: FlaskClient) -> None:
    words = see(ren)
    assert "10 professional development points (Massachusetts)" in words
    assert "PDP-MA" not in words
    assert "5 professional development points (Tennessee)" in words
    assert "1 with changes" in words
    assert "an example rule" in words
    assert "not decided yet" in words
    assert "renewing a licence" in words


def test_a_year_without_anything_says_so_and_has_no_table(ren: FlaskClient) -> None:
    page = ren.get(f"{HOME}?year={YEAR + 1}").text
    assert "Nothing was received, decided or counted" in page
    assert "<table" not in page


@pytest.mark.parametrize("year", ["", "year", "0000", "9999", "-001", "٢٠٢٦", "20266"])
def test_whatever_is_asked_for_as_a_year_gets_a_page(ren: FlaskClient, year: str) -> None:
    assert ren.get(HOME, query_string={"year": year}).status_code == 200


def test_the_table_comes_as_csv_with_amounts_as_they_are(ren: FlaskClient) -> None:
    answer = ren.get(f"{HOME}.csv?year={YEAR}")
    assert answer.content_type.startswith("text/csv")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=recognition-{YEAR}.csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    granted = {row["unit"]: row["units granted"] for row in rows if row["units granted"] != "0"}
    assert granted == {"PDP-MA": "10", "PDP-TN": "5"}
    assert sum(int(row["claims received"]) for row in rows) == 4


@pytest.mark.parametrize("end", ["", ".csv"])
def test_the_report_of_another_organisation_is_not_there(ren: FlaskClient, end: str) -> None:
    assert ren.get(f"/recognizer/{OTHER}/report{end}").status_code == 404
    assert ren.get(f"/recognizer/nobody/report{end}").status_code == 404
