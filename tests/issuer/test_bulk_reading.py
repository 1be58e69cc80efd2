# SPDX-License-Identifier: Apache-2.0
"""A file of awards is read strictly: what we write is read back, and no file brings anything down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.digests import matches
from issuer import api
from issuer.bulk import csv_rows, faults, json_rows, members, reading
from issuer.bulk.bulk import ROWS
from issuer.bulk.reading import ONCE, Asked, Kind
from issuer.errors import BulkFileError
from service import spreadsheet

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AWARD = {"achievement": "SEL1", "recipient": {"email": "ada@school.example"}}


def read(text: str | bytes, kind: Kind = Kind.CSV) -> list[Asked]:
    data = text.encode() if isinstance(text, str) else text
    return list(reading.read(kind, data, now=NOW).rows)


def one(text: str | bytes, kind: Kind = Kind.CSV) -> Asked:
    (found,) = read(text, kind)
    return found


def refused(text: str | bytes, kind: Kind = Kind.CSV) -> str:
    with pytest.raises(BulkFileError) as caught:
        read(text, kind)
    return caught.value.message


def test_headings_may_stand_in_any_order_case_and_by_the_names_that_offices_use() -> None:
    found = one("E-Mail Address;Award date;Micro-credential;Full name\na@b.example;2026-05-04;SEL1;Ada\n")
    assert found.request is not None
    assert (found.number, found.request.achievement, found.request.email) == (2, "SEL1", "a@b.example")
    assert found.request.awarded_at == datetime(2026, 5, 4, tzinfo=UTC)
    assert found.request.name == "Ada"
    assert found.request.submission == ONCE


@pytest.mark.parametrize("start", ["", "\ufeff", "sep=,\n", "\ufeffsep=,\r\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_and_line_ends_of_spreadsheet_programs_are_taken(start: str, end: str) -> None:
    found = one(f"{start}achievement,email{end}SEL1,a@b.example{end}{end}")
    assert found.faults == ()
    assert found.number == (3 if "sep" in start else 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_commas_semicolons_and_tabs(delimiter: str) -> None:
    assert one(f"achievement{delimiter}email\nSEL1{delimiter}a@b.example").request is not None


def test_row_numbers_are_those_of_a_spreadsheet_also_behind_empty_rows_and_cells_with_line_breaks() -> None:
    text = 'achievement,email,narrative\nSEL1,a@b.example,"two\nlines"\n\n,,\nSEL1,c@d.example,\n'
    assert [each.number for each in read(text)] == [2, 5]


def test_levels_stand_in_columns_of_their_own_or_together() -> None:
    own = one("achievement,email,level:noticing,Level context\nSEL1,a@b.example,Proficient,Passing\n")
    together = one("achievement,email,results\nSEL1,a@b.example,noticing=Proficient; context = Passing\n")
    assert own.request is not None
    assert together.request is not None
    assert (
        own.request.levels
        == together.request.levels
        == (
            ("noticing", "Proficient"),
            ("context", "Passing"),
        )
    )


def test_pieces_of_evidence_are_numbered_and_never_without_a_digest() -> None:
    digest = sha256(b"plan").hexdigest()
    found = one(
        "achievement,email,evidence,evidence text,evidence 2 name,evidence url 2,evidence 2 sha256\n"
        f"SEL1,a@b.example,Journal,my words,Plan,https://x.example/plan,{digest}\n"
    )
    assert found.request is not None
    journal, plan = found.request.evidence
    assert matches(b"my words", journal.digest, salt=journal.salt)
    assert matches(b"plan", plan.digest)
    assert (journal.url, plan.url) == (None, "https://x.example/plan")
    bare = one("achievement,email,evidence\nSEL1,a@b.example,Journal\n")
    assert "digest" in bare.faults[0]


def test_a_misspelt_column_is_refused_by_name_with_what_may_be_meant() -> None:
    sentence = refused("achievment,email\nSEL1,a@b.example\n")
    assert "“achievment”" in sentence
    assert "“achievement”" in sentence


def test_a_column_of_the_office_s_own_is_named_and_left_alone() -> None:
    found = reading.read(Kind.CSV, b"School,achievement,email\nX,SEL1,a@b.example\n", now=NOW)
    assert "“School”" in found.notes[0]
    assert next(found.rows).faults == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("email\na@b.example\n", "“achievement” is missing"),
        ("achievement\nSEL1\n", "“email” is missing"),
        ("achievement,email,E-Mail\n", "one meaning"),
        ('achievement,email\n"SEL1,a@b.example\n', "quotation mark"),
        (b"achievement,email\nSEL1,a@b.example\x00\n", "no text"),
        ("achievement,email,name\nSEL1,a@b.example,Zoë\n".encode("cp1252"), "Line 2"),
        ("achievement,email\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04", "workbook"),
        ("achievement,email\nSEL1," + "a" * 1_000_000, "far too long"),
        (",".join(["x"] * 100_000) + "\n", "columns"),
        ("achievement,email\n" + "," * 100_000 + "x\n", "columns"),
    ],
)
def test_what_is_wrong_with_a_file_as_a_whole_is_told_in_a_sentence(text: str | bytes, word: str) -> None:
    assert word in refused(text)


def test_a_file_has_a_hundred_thousand_awards_and_not_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROWS == 100_000
    monkeypatch.setattr(reading, "ROWS", 3)
    rows = "SEL1,a@b.example\n"
    assert len(read("achievement,email\n" + rows * 3)) == 3
    assert "more than 3" in refused("achievement,email\n" + rows * 4)


def test_a_row_is_told_everything_that_is_wrong_with_it() -> None:
    found = one(
        f"achievement,email,name,awarded,start,end\n,nobody,{'x' * 300},4.5.2026,2026-05-04,2026-05-01\n"
    )
    assert len(found.faults) == 5
    for word in ("“achievement”: This is missing.", "Write 2026-05-04", "“email”", "“name”", "“start”"):
        assert any(word in each for each in found.faults), word


def test_a_row_with_more_cells_than_columns_is_bad_and_the_others_are_read() -> None:
    bad, good = read("achievement,email\nSEL1,a@b.example,x\nSEL1,c@d.example\n")
    assert "3 cells" in bad.faults[0]
    assert good.faults == ()


@pytest.mark.parametrize("heading", ["achievement", "email", "name", "submission"])
def test_a_line_break_in_a_short_cell_is_told(heading: str) -> None:
    text = spreadsheet.write(
        ["achievement", "email", "name", "submission"], [["SEL1", "a@b.example", "A", "s"]]
    )
    cells = {"achievement": "SEL1", "email": "a@b.example", "name": "A", "submission": "s"}
    cells[heading] += "\nx"
    text = spreadsheet.write(list(cells), [list(cells.values())])
    assert any("line break" in each for each in one(text).faults)


# -- JSON ---------------------------------------------------------------------------------------------------


def test_lines_and_arrays_are_awards_as_the_api_takes_them() -> None:
    award = {
        **AWARD,
        "recipient": {"email": "ada@school.example", "name": "Ada"},
        "results": {"noticing": "Proficient"},
        "evidence": [{"name": "Journal", "content": "YQ=="}],
        "narrative": "What was done.",
        "activity": {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01"},
        "awarded_date": "2026-05-04T10:00:00+02:00",
        "submission": "s1",
    }
    line = one(json.dumps(award), Kind.LINES)
    piece = one(json.dumps([award]), Kind.ARRAY)
    for found in (line, piece):
        assert found.faults == ()
        assert found.request is not None
        assert found.request.awarded_at == datetime(2026, 5, 4, 8, tzinfo=UTC)
        assert matches(b"a", found.request.evidence[0].digest, salt=found.request.evidence[0].salt)


def test_the_members_are_those_of_the_api() -> None:
    assert set(members.AWARD) == set(api.NewAward.model_fields)
    assert set(members.RECIPIENT) == set(api.NewRecipient.model_fields)
    assert set(members.ACTIVITY) == set(api.NewActivity.model_fields)
    ours = {*members.WORDS_OF_EVIDENCE, *members.BYTES_OF_EVIDENCE}
    assert ours == {*api.NewEvidence.model_fields, "sha256"}


def test_a_damaged_award_stands_in_nobody_s_way() -> None:
    good = json.dumps(AWARD)
    first, bad, twice, last = read(f'{good}\n{{"a": \n{{"a":1,"a":2}}\n\n{good}\n', Kind.LINES)
    assert (first.faults, last.faults, last.number) == ((), (), 5)
    assert "JSON" in bad.faults[0]
    assert "twice" in twice.faults[0]
    array = read(f"[{good}, 3, {{}}, {good}]", Kind.ARRAY)
    assert [bool(each.faults) for each in array] == [False, True, True, False]
    assert [each.number for each in array] == [1, 2, 3, 4]


@pytest.mark.parametrize("text", ["", "{}", "[", "[{}", "[{}] x", '["a"]', '[{"a', "]", "[}]", "[{}][{}]"])
def test_what_is_no_array_is_refused(text: str) -> None:
    assert "no JSON array" in refused(text, Kind.ARRAY)


@pytest.mark.parametrize("item", ["{}", "1"])
def test_an_array_of_too_many_things_is_given_up_at_the_bound(
    monkeypatch: pytest.MonkeyPatch, item: str
) -> None:
    """A request looks at an array before it is kept; millions of nothings kept one for 22 seconds."""
    monkeypatch.setattr(json_rows, "ROWS", 3)
    array = json_rows.array(f"[{','.join([item] * 5)}]".encode())
    assert [next(array)[0] for _ in range(3)] == [1, 2, 3]
    with pytest.raises(BulkFileError, match="Split it"):
        next(array)


def test_empty_rows_count_for_the_bound_of_a_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "SHEET_ROWS", 4)
    assert [number for number, _ in csv_rows.rows(b"a\n\n,,\nb\n")] == [1, 4]
    with pytest.raises(BulkFileError, match="more than 4 rows"):
        list(csv_rows.rows(b"\n\n,,\n\na\n"))


def test_empty_columns_behind_the_last_are_no_columns() -> None:
    assert list(csv_rows.rows(b"a,b" + b"," * 1_000 + b"\n")) == [(1, ["a", "b"])]


def test_a_text_with_a_sign_that_no_database_takes_is_told() -> None:
    for change in (
        {"recipient": {"email": "a\x00@b.example"}},
        {"submission": "a\x00"},
        {"achievement": "SEL1\x00"},
        {"results": {"noticing\x00": "Proficient\x00"}},
        {"awarded_date": "2026-05-04\x00"},
        {"\x00": 1},
    ):
        found = one(json.dumps({**AWARD, **change}), Kind.LINES)
        assert found.faults
        assert "\x00" not in faults.told(found.faults)


def test_an_unknown_member_is_told_with_what_may_be_meant() -> None:
    found = one(
        json.dumps({**AWARD, "recipent": 1, "recipient": {"email": "a@b.example", "nam": "x"}}), Kind.LINES
    )
    assert any("“recipient”" in each for each in found.faults)
    assert any("“name”" in each for each in found.faults)


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": []},
        {"recipient": {"email": 3}},
        {"results": ["a"]},
        {"results": {"noticing": 3}},
        {"evidence": {}},
        {"evidence": [3]},
        {"evidence": [{"name": "x", "text": "a", "content": "b"}]},
        {"evidence": [{"name": "x", "content": "!"}]},
        {"evidence": [{"name": "x", "sha256": "00"}]},
        {"evidence": [{"name": "x", "digest_multibase": "zz"}]},
        {"evidence": [{"name": "x", "text": "a", "url": "javascript:alert(1)"}]},
        {"evidence": [{"name": "x", "text": "a"}] * 21},
        {"narrative": 3},
        {"narrative": "x" * 20_000},
        {"narrative": "a\u0001b"},
        {"activity": {"start": "soon"}},
        {"awarded_date": "2026-02-30"},
        {"submission": "x" * 300},
    ],
)
def test_values_of_the_wrong_kind_are_told(change: dict[str, Any]) -> None:
    found = one(json.dumps({**AWARD, **change}), Kind.LINES)
    assert found.faults


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.csv", b"[x", Kind.CSV),
        ("a.jsonl", b"", Kind.LINES),
        ("a.ndjson", b"", Kind.LINES),
        ("a.json", b" [", Kind.ARRAY),
        ("a.json", b"{}", Kind.LINES),
        ("a.txt", b"achievement", Kind.CSV),
        ("", b"\xef\xbb\xbf[", Kind.ARRAY),
    ],
)
def test_how_a_file_is_written_shows_in_its_name_or_beginning(name: str, data: bytes, kind: Kind) -> None:
    assert reading.kind_of(name, data) is kind


# -- properties ---------------------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs", "Cf", "Cn", "Co")),
    min_size=1,
    max_size=60,
)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_a_file_that_we_write_is_read_back(rows: Sequence[tuple[str, str]]) -> None:
    data = spreadsheet.write(
        ("achievement", "email", "name", "narrative"),
        [("SEL1", "a@b.example", name, narrative) for name, narrative in rows],
    )
    found = read(data)
    assert [(each.request.name, each.request.narrative) for each in found if each.request] == [
        (name.strip(), narrative.strip()) for name, narrative in rows
    ]


@given(st.binary(max_size=400), st.sampled_from(list(Kind)))
def test_no_bytes_bring_the_reader_down(data: bytes, kind: Kind) -> None:
    for start in (b"", b"achievement,email,results,evidence 3 text\n", b'{"achievement":'):
        try:
            found = read(start + data, kind)
        except BulkFileError:
            continue
        assert all(each.request is not None or each.faults for each in found)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from([*members.AWARD, "email", "name", "text"]), inner)
        ),
        max_leaves=12,
    )
)
def test_no_json_brings_the_reader_down(value: Any) -> None:
    for kind, text in ((Kind.LINES, json.dumps(value)), (Kind.ARRAY, json.dumps([value]))):
        try:
            found = read(text, kind)
        except BulkFileError:
            continue
        assert all(each.request is not None or each.faults for each in found)
