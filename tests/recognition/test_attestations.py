# SPDX-License-Identifier: Apache-2.0
"""Attestations: read strictly, recorded once, voided and never deleted, told to judgements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from recognition.attesting import attendance, attestation_csv, attestations
from recognition.attesting.attestations import Entry, Outcome
from recognition.errors import NoSuchAttestationError, RecognitionFieldError
from recognition.look import Look
from recognition.office import Office
from recognition.store.attestations import Wanted
from service import audit, spreadsheet
from service.accounts import organisations
from service.accounts.organisations import Organisation
from service.db import Database
from service.errors import SpreadsheetError
from service.files import FileStore
from service.settings import Settings
from tests.running import tables
from verifier.bureau import Bureau
from verifier.desk import Desk

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
WA, VT, LOCAL = "example-wa", "example-vt", "example-local"
ADA = "ada@teachers.example"
EVERYTHING = Wanted()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    db = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    tables(db)
    settings = Settings(data=tmp_path)
    bureau = Bureau(desk=Desk(), db=db, files=FileStore(tmp_path / "brought"), settings=settings)
    with db.transaction() as session:
        for slug, parent in ((WA, None), (VT, None), (LOCAL, WA)):
            made = Organisation(slug, slug.title(), "affiliate", parent)
            organisations.put(session, made, actor="test", now=NOW)
    yield Office(bureau=bureau, db=db, settings=settings)
    db.close()


def read(**fields: Any) -> Entry:
    values = {"email": ADA, "event": "orientation", "on": "2026-05-04", "today": TODAY, **fields}
    return attestations.read(**values)


def record(office: Office, *entries: Entry, organisation: str = WA) -> tuple[int, int]:
    return attestations.record(office, organisation, entries, how="hand", actor="person:w", now=NOW)


def test_reads_a_day_as_the_calendar_or_an_american_spreadsheet_writes_it() -> None:
    assert read(on="2026-05-04").on == read(on="5/4/2026").on == date(2026, 5, 4)
    for typed in (
        "",
        "4 May 2026",
        "2026-5-4",
        "20260504",
        "2026-02-30",
        "13/1/2026",
        "٢/٣/2026",
        "2026-W01-1",
    ):
        with pytest.raises(RecognitionFieldError) as caught:
            read(on=typed)
        assert caught.value.path == "on", typed


def test_refuses_a_day_that_is_still_to_come_and_one_long_before_anybody_taught() -> None:
    assert read(on=TODAY.isoformat()).on == TODAY
    for typed in ("2026-11-23", "2062-05-04", "1899-12-31", "0026-05-04"):
        with pytest.raises(RecognitionFieldError):
            read(on=typed)


def test_an_orientation_belongs_to_no_micro_credential_and_a_workshop_to_one() -> None:
    for event in attestations.ABOUT_SOMETHING:
        assert read(event=event, item="SEL1").item == "SEL1"
        assert read(event=event, award="https://badges.example/credentials/7f3c").item == ""
        with pytest.raises(RecognitionFieldError):
            read(event=event)
    for about in ({"item": "SEL1"}, {"award": "https://badges.example/credentials/7f3c"}):
        with pytest.raises(RecognitionFieldError):
            read(event="orientation", **about)
    assert read(event="graduate-course").item == ""
    with pytest.raises(RecognitionFieldError):
        read(event="party")


def test_hours_are_small_decimals_and_never_floats() -> None:
    assert read(hours="1.5").hours == read(hours="1.50").hours == Decimal("1.5")
    assert str(read(hours="10").hours) == "10"
    assert str(read(hours="100.0").hours) == "100"
    assert read(hours="").hours is None
    for typed in ("0", "-1", "1e3", "NaN", "Infinity", "1,5", "1000", "1.555", "１", "0x1"):
        with pytest.raises(RecognitionFieldError):
            read(hours=typed)


def test_a_code_is_taken_as_the_catalogue_writes_it_and_a_foreign_one_as_it_is() -> None:
    assert read(event="workshop", item="sel1", codes=("SEL1",)).item == "SEL1"
    assert read(event="workshop", item="Abc-9", codes=("SEL1",)).item == "Abc-9"
    for typed in ("SEL 1", "=SEL1", "é", "x" * 81):
        with pytest.raises(RecognitionFieldError):
            read(event="workshop", item=typed)
    for typed in ("javascript:alert(1)", "http", "https://a b", "https://" + "x" * 600):
        with pytest.raises(RecognitionFieldError):
            read(event="workshop", award=typed)


def test_a_person_is_the_same_however_the_address_is_written() -> None:
    assert read(email=" ADA@Teachers.Example ").person_key == ADA
    for typed in ("", "ada", "ada@teachers", "ada@x.example\r\nBcc: x@y.example"):
        with pytest.raises(RecognitionFieldError):
            read(email=typed)


def test_the_same_told_twice_is_one_attestation(office: Office) -> None:
    assert record(office, read(), read(email=ADA.upper(), note="again")) == (1, 1)
    assert record(office, read()) == (0, 1)
    assert attestations.listing(office, WA, EVERYTHING).number == 1
    assert record(office, read(on="2026-05-05")) == (1, 0)
    assert record(office, read(), organisation=VT) == (1, 0)


def test_other_hours_for_the_same_are_told_and_nothing_is_recorded(office: Office) -> None:
    record(office, read(event="workshop", item="SEL1", hours="1.5"))
    with pytest.raises(RecognitionFieldError, match="1\\.5 hours"):
        record(office, read(on="2026-05-06"), read(event="workshop", item="SEL1", hours="2"))
    assert attestations.listing(office, WA, EVERYTHING).number == 1


def test_what_is_void_stays_with_its_reason_and_counts_no_more(office: Office) -> None:
    record(office, read(note="Room 5"))
    (stored,) = attestations.listing(office, WA, EVERYTHING).rows
    with pytest.raises(RecognitionFieldError):
        attestations.void(office, WA, stored.id, why="  ", actor="person:w", now=NOW)
    for _ in range(2):
        attestations.void(office, WA, stored.id, why="Was absent.", actor="person:w", now=NOW)
    (kept,) = attestations.listing(office, WA, EVERYTHING).rows
    assert (kept.voided_why, kept.voided_by, kept.note) == ("Was absent.", "person:w", "Room 5")
    assert attestations.of_person(office, WA, ADA) == ()
    assert record(office, read()) == (1, 0)
    assert len(attestations.of_person(office, WA, ADA)) == 1
    with office.db.reading() as session:
        lines = audit.lines(session, subject=f"attestation:{stored.id}")
    assert [each.action for each in lines] == ["attestation.recorded", "attestation.voided"]


def test_an_attestation_of_another_organisation_is_not_there_to_be_voided(office: Office) -> None:
    record(office, read())
    (stored,) = attestations.listing(office, WA, EVERYTHING).rows
    with pytest.raises(NoSuchAttestationError):
        attestations.void(office, VT, stored.id, why="Mine now.", actor="person:v", now=NOW)
    assert len(attestations.of_person(office, WA, ADA)) == 1


def test_a_judgement_sees_its_own_attestations_and_those_of_what_belongs_to_it(office: Office) -> None:
    record(office, read())
    record(office, read(), read(event="workshop", item="SEL1", on="2026-06-01"), organisation=LOCAL)
    record(office, read(on="2026-01-01"), organisation=VT)
    mine = attestations.of_person(office, WA, " ADA@teachers.example")
    assert [(each.event, each.item, each.by) for each in mine] == [
        ("orientation", "", "Example-Wa"),
        ("workshop", "SEL1", "Example-Local"),
    ]
    assert [each.event for each in attestations.of_person(office, LOCAL, ADA)] == ["orientation", "workshop"]
    assert [each.on for each in attestations.of_person(office, VT, ADA)] == [date(2026, 1, 1)]


def test_audit_lines_name_nobody(office: Office) -> None:
    record(office, read(note="for Ada Example"))
    (stored,) = attestations.listing(office, WA, EVERYTHING).rows
    with office.db.reading() as session:
        (line,) = audit.lines(session, subject=f"attestation:{stored.id}")
    assert "ada example" not in f"{line.subject} {line.detail} {line.actor}".casefold()


def test_searches_by_person_code_and_note(office: Office) -> None:
    record(office, read(), read(email="ben@x.example", event="workshop", item="SEL1", note="Room 100%"))
    for words, number in (("ada", 1), ("SEL1", 1), ("100%", 1), ("%", 1), ("_", 0), ("example", 2), ("", 2)):
        assert attestations.listing(office, WA, Wanted(words=words)).number == number, words
    assert attestations.listing(office, WA, Wanted(event="workshop")).number == 1
    assert attestations.listing(office, WA, EVERYTHING).counts == {"orientation": 1, "workshop": 1}


def test_joins_orientation_registration_and_workshop_by_person_and_item(office: Office) -> None:
    record(
        office,
        read(),
        read(event="workshop", item="SEL1", on="2026-05-06"),
        read(event="workshop", item="SEL1", on="2026-05-05"),
        read(event="clock-hour-registration", item="SEL1"),
        read(event="workshop", item="SEL2"),
        read(email="ben@x.example"),
    )
    found = attendance.view(office, WA, "").rows
    assert [(each.person, each.item, bool(each.orientation), bool(each.registered)) for each in found] == [
        (ADA, "SEL1", True, True),
        (ADA, "SEL2", True, False),
        ("ben@x.example", "", True, False),
    ]
    assert found[0].workshops == (date(2026, 5, 5), date(2026, 5, 6))
    assert {each.awarded for each in found} == {None}
    assert attendance.view(office, VT, "").rows == ()


# -- files ------------------------------------------------------------------------------------------------

HEAD = "Person key;Event;Item code;Date;Hours;Note\n"


def look(office: Office, text: str) -> Look[attestation_csv.Line]:
    return attestation_csv.look(office, WA, text.encode(), today=TODAY)


def test_a_dry_run_tells_each_bad_row_with_its_number_and_keeps_nothing(office: Office) -> None:
    found = look(
        office,
        HEAD
        + "ada@teachers.example;orientation;;2026-05-04;1.5;\n"
        + "nobody;orientation;;2026-05-04;;\n"
        + "ben@x.example;Workshop;;2026-05-04;;\n"
        + "ben@x.example;workshop;SEL1;2027-05-04;;\n"
        + "ben@x.example;party;SEL1;2026-05-04;;\n"
        + "ben@x.example;workshop;SEL1;2026-05-04;many;\n"
        + "\n"
        + "ada@teachers.example;Orientation;;5/4/2026;1.5;again\n"
        + "ada@teachers.example;orientation;;2026-05-04;2;\n",
    )
    assert [(each.row, each.outcome) for each in found.lines] == [
        (2, Outcome.NEW),
        (3, Outcome.BAD),
        (4, Outcome.BAD),
        (5, Outcome.BAD),
        (6, Outcome.BAD),
        (7, Outcome.BAD),
        (9, Outcome.THERE),
        (10, Outcome.BAD),
    ]
    columns = [each.detail.partition(":")[0] for each in found.lines if each.outcome is Outcome.BAD]
    assert columns[:5] == [
        f"Column “{name}”" for name in ("person key", "item code", "date", "event", "hours")
    ]
    assert attestations.listing(office, WA, EVERYTHING).number == 0


def test_confirming_records_what_fits_and_twice_is_once(office: Office) -> None:
    data = (HEAD + "ada@x.example;orientation;;2026-05-04;1.5;=1+1\nbad;orientation;;2026-05-04;;\n").encode()
    for expected in ((1, 0, 1), (0, 1, 1)):
        assert attestation_csv.bring_in(office, WA, data, today=TODAY, actor="person:w", now=NOW) == expected
    (stored,) = attestations.listing(office, WA, EVERYTHING).rows
    assert (stored.how, stored.hours, stored.note) == ("csv", Decimal("1.5"), "=1+1")


def test_what_goes_out_is_no_formula_and_comes_back(office: Office) -> None:
    record(office, read(note="=HYPERLINK(1)", hours="1.5"), read(email="-x@y.example", on="2026-05-05"))
    raw = attestation_csv.export(office, WA, EVERYTHING)
    sheet = spreadsheet.read(raw, known=attestation_csv.EXPORT_HEAD)
    assert [row.text("note") for row in sheet.rows] == ["", "'=HYPERLINK(1)"]
    assert [row.text("person key") for row in sheet.rows] == ["'-x@y.example", ADA]
    assert not [
        cell for row in sheet.rows for cell in row.values.values() if cell.startswith(("=", "-", "@"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "person key,event\n",
        "person key,event,date,ammount\n",
        "person key,event,date,date\n",
        HEAD + "a" * (attestation_csv.MAX_BYTES + 1),
        HEAD + "ada@x.example;orientation;;2026-05-04;;\n" * (attestation_csv.MAX_ROWS + 1),
        HEAD + '"open;orientation\n',
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(office: Office, text: str) -> None:
    with pytest.raises(SpreadsheetError):
        look(office, text)


def test_an_item_that_the_catalogue_does_not_know_is_told_and_taken(office: Office) -> None:
    class Item:
        code, title, stacks, kind = "SEL1", "Title", (), "MicroCredential"
        issuer, hours, path = "did:web:x.example", (10, 15), "/catalogue/SEL1"

    known = Office(bureau=office.bureau, db=office.db, settings=office.settings, catalogue=lambda: (Item(),))
    text = HEAD + "ada@x.example;workshop;sel1;2026-05-04;;\nada@x.example;workshop;SEL9;2026-05-04;;\n"
    first, second = look(known, text).lines
    assert (first.entry and first.entry.item, first.detail) == ("SEL1", "")
    assert second.outcome is Outcome.NEW
    assert "catalogue" in second.detail
