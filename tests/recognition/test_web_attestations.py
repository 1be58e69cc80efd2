# SPDX-License-Identifier: Apache-2.0
"""The pages of attestations: of a recognizer and of an affiliate, each their own and nobody else's."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

import app
from recognition.attesting import attestation_csv, attestations
from recognition.store.attestations import Wanted
from service import spreadsheet
from service.accounts.people import Role
from service.settings import Settings
from tests.earning.house import make_house, somebody
from tests.earning.visits import Visitor, sign_in

WA, DISTRICT = "example-wa", "example-district"
ATTENDANCE, ATTESTATIONS = f"/affiliate/{WA}/attendance", f"/recognizer/{DISTRICT}/attestations"
HEAD = "person key,event,item code,date,hours,note\n"


class Pages:
    """A house with an affiliate officer and a recognizer."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.house: app.House = client.application.extensions["hallmark"]
        self.wes = self.browser("Wes", (Role.AFFILIATE, WA))
        self.ren = self.browser("Ren", (Role.RECOGNIZER, DISTRICT))

    def browser(self, name: str, *roles: tuple[Role, str]) -> Visitor:
        return sign_in(self.house.programme, self.client, somebody(self.house.programme, name, *roles))

    def number(self, organisation: str, words: str = "") -> int:
        return attestations.listing(self.house.office, organisation, Wanted(words=words)).number


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = make_house(tmp_path_factory.mktemp("attestations") / "house")
    made = Pages(app.create_app(Settings(data=folder)).test_client())
    yield made
    made.house.jobs.close()
    made.house.db.close()


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def form(**fields: str) -> dict[str, str]:
    known = {"event": "orientation", "emails": "ada@teachers.example", "on": "2026-05-04", "item": ""}
    return {**known, **fields}


def test_an_orientation_of_several_people_is_recorded_at_once(pages: Pages) -> None:
    emails = (
        "one@teachers.example\r\nTwo@Teachers.example, three@teachers.example;one@teachers.example\r\n\r\n"
    )
    answer = pages.wes.post(f"{ATTENDANCE}/new", form(emails=emails, hours="1.5", note="Room 5"))
    assert answer.status_code == 303
    page = words(pages.wes.get(answer.location).text)
    assert "3 events recorded" in page
    assert "two@teachers.example Orientation for every micro-credential May 4, 2026 1.5 Room 5" in page
    again = pages.wes.post(f"{ATTENDANCE}/new", form(emails=emails, hours="1.5"))
    assert "3 were recorded before" in words(pages.wes.get(again.location).text)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"emails": ""}, "emails"),
        ({"emails": "a@b.example\nnobody"}, "emails"),
        ({"emails": "\n".join(f"p{n}@x.example" for n in range(201))}, "emails"),
        ({"event": ""}, "event"),
        ({"event": "workshop"}, "item"),
        ({"item": "SEL1"}, "item"),
        ({"on": "2999-01-01"}, "on"),
        ({"hours": "lots"}, "hours"),
        ({"note": "x" * 501}, "note"),
        ({"event": "workshop", "award": "javascript:alert(1)"}, "award"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field_and_nothing_is_lost(
    pages: Pages, fields: dict[str, str], field: str
) -> None:
    before = pages.number(WA)
    answer = pages.wes.post(f"{ATTENDANCE}/new", form(**{"note": "Kept for me", **fields}))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert fields.get("note", "Kept for me") in answer.text
    assert pages.number(WA) == before


def test_a_code_is_taken_as_the_catalogue_writes_it(pages: Pages) -> None:
    pages.wes.post(f"{ATTENDANCE}/new", form(event="workshop", item="sel1", emails="code@x.example"))
    assert "SEL1" in words(pages.wes.get(f"{ATTENDANCE}?q=code@x.example").text)


def test_a_file_is_looked_at_confirmed_and_recorded_once(pages: Pages) -> None:
    rows = HEAD + "file@x.example,orientation,,5/4/2026,1.5,<b>note</b>\nnobody,orientation,,2026-05-04,,\n"
    look = pages.ren.post(f"{ATTESTATIONS}/import", {"file": (io.BytesIO(rows.encode()), "list.csv")})
    assert look.status_code == 200
    page = words(look.text)
    assert "1 event would be recorded" in page
    assert "3 nobody Column “person key”" in page
    before = pages.number(DISTRICT)
    (file,) = re.findall(r'name="file" value="([^"]+)"', look.text)
    for expected in ("1 event recorded, 1 row left out", "0 events recorded, 1 was recorded before"):
        done = pages.ren.post(f"{ATTESTATIONS}/import/confirm", {"file": html.unescape(file)})
        assert done.status_code == 303
        assert expected in words(pages.ren.get(done.location).text)
    assert pages.number(DISTRICT) == before + 1
    assert "<b>note" not in pages.ren.get(ATTESTATIONS).text


def test_the_largest_file_can_be_confirmed(pages: Pages) -> None:
    row = "big{}@teachers.example,orientation,,2026-05-04,1.5,{}\n"
    rows = HEAD + "".join(row.format(n, "n" * 35) for n in range(attestation_csv.MAX_ROWS - 1))
    assert 165_000 < len(rows) < attestation_csv.MAX_BYTES
    look = pages.ren.post(f"{ATTESTATIONS}/import", {"file": (io.BytesIO(rows.encode()), "list.csv")})
    (file,) = re.findall(r'name="file" value="([^"]+)"', look.text)
    data = {"csrf": pages.ren.csrf, "file": html.unescape(file), "none": (io.BytesIO(b""), "")}
    done = pages.ren.client.post(f"{ATTESTATIONS}/import/confirm", data=data)
    assert done.status_code == 303, words(done.text)
    assert pages.number(DISTRICT, "big") == attestation_csv.MAX_ROWS - 1


@pytest.mark.parametrize("file", ["", "%%%", "AAAA", "bm9wZQ=="])
def test_a_file_that_did_not_arrive_whole_is_asked_for_again(pages: Pages, file: str) -> None:
    answer = pages.ren.post(f"{ATTESTATIONS}/import/confirm", {"file": file})
    assert answer.status_code == 422
    assert "Look at it" in answer.text


def test_a_file_that_is_none_is_told(pages: Pages) -> None:
    assert pages.ren.post(f"{ATTESTATIONS}/import", {}).status_code == 422
    for raw in (b"", b"PK\x03\x04zip", b"a,b\n1,2\n", b"\xff\xfe"):
        answer = pages.ren.post(f"{ATTESTATIONS}/import", {"file": (io.BytesIO(raw), "x.csv")})
        assert answer.status_code == 422


def test_voiding_needs_a_reason_which_stays(pages: Pages) -> None:
    pages.wes.post(f"{ATTENDANCE}/new", form(emails="void@x.example"))
    (stored,) = attestations.listing(pages.house.office, WA, Wanted(words="void@x.example")).rows
    path = f"{ATTENDANCE}/{stored.id}/void"
    assert pages.wes.post(path, {"why": ""}).status_code == 422
    assert pages.wes.post(path, {"why": "Never came."}).status_code == 303
    page = words(pages.wes.get(f"{ATTENDANCE}?q=void@x.example").text)
    assert "Never came." in page
    assert "void@x.example" not in pages.wes.get(f"{ATTENDANCE}/people").text
    assert attestations.of_person(pages.house.office, WA, "void@x.example") == ()


def test_the_file_that_goes_out_holds_no_formula(pages: Pages) -> None:
    pages.wes.post(f"{ATTENDANCE}/new", form(emails="out@x.example", note="=cmd|' /C calc'!A0"))
    answer = pages.wes.get(f"{ATTENDANCE}.csv?q=out@x.example")
    assert answer.content_type == spreadsheet.MEDIA_TYPE
    assert "'=cmd" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_desk_of_another_organisation_is_not_there(pages: Pages) -> None:
    pages.ren.post(f"{ATTESTATIONS}/new", form(emails="secret@x.example"))
    (stored,) = attestations.listing(pages.house.office, DISTRICT, Wanted(words="secret@x.example")).rows
    for path in ("", "/people", "/new", "/import", ".csv"):
        assert pages.wes.get(f"/affiliate/{DISTRICT}/attendance{path}").status_code == 404
        assert pages.wes.get(f"/affiliate/example-vt/attendance{path}").status_code == 404
        assert pages.wes.get(f"{ATTESTATIONS}{path}").status_code == 403
        assert pages.ren.get(f"{ATTENDANCE}{path}").status_code == 403
        assert pages.ren.get(f"/recognizer/{WA}/attestations{path}").status_code == 404
    for path in (f"/affiliate/{DISTRICT}/attendance", ATTENDANCE):
        assert pages.wes.post(f"{path}/{stored.id}/void", {"why": "Mine."}).status_code == 404
    assert "secret@x.example" not in pages.wes.get(ATTENDANCE).text
    assert len(attestations.of_person(pages.house.office, DISTRICT, "secret@x.example")) == 1


def test_an_officer_records_what_a_recognizer_of_the_same_affiliate_then_finds(pages: Pages) -> None:
    both = pages.browser("Bo", (Role.RECOGNIZER, WA), (Role.AFFILIATE, WA))
    both.post(f"{ATTENDANCE}/new", form(emails="joint@x.example"))
    assert "joint@x.example" in both.get(f"/recognizer/{WA}/attestations").text
    assert [each.by for each in attestations.of_person(pages.house.office, WA, "joint@x.example")] == [
        "Example Education Association, Washington"
    ]
