# SPDX-License-Identifier: Apache-2.0
"""Tables that no spreadsheet program takes for a program, and files of strangers read within limits."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import spreadsheet
from service.errors import SpreadsheetError

NAUGHTY = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("https://evil.example";"x")',
    "' OR 1=1 --",
    "'=1",
    'say "hi", then; go',
    "two\nlines",
    "a;=1+1",
    "<script>alert(1)</script>",
    "Ωmega 田中 🎓",
    "\u202eright to left",
    "",
    " =1",
    "NULL",
)


def parsed(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", NAUGHTY)
def test_what_looks_like_a_formula_gets_an_apostrophe_and_nothing_else_changes(text: str) -> None:
    cell = parsed(spreadsheet.write(["a"], [[text, 1]]))[1][0]
    assert cell == ("'" + text if text[:1] in ("\t", "\r") or text.lstrip()[:1] in tuple("=+-@") else text)


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_no_cell_ever_begins_like_a_formula_and_all_come_back(rows: list[list[str]]) -> None:
    back = parsed(spreadsheet.write(["a", "b"], rows))[1:]
    assert len(back) == len(rows)
    for row, again in zip(rows, back, strict=True):
        for cell, found in zip(row, again, strict=True):
            assert not found.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert found in (cell, "'" + cell)


def test_a_program_that_splits_at_semicolons_finds_no_cell_in_a_cell() -> None:
    data = spreadsheet.write(["a"], [["x;=1+1"]], mark=False).decode()
    assert list(csv.reader(io.StringIO(data), delimiter=";"))[1] == ["x;=1+1"]


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell() -> None:
    assert spreadsheet.write(["n", "m"], [[3, None], [2.5, "x"]], mark=False) == (
        b'"n","m"\r\n3,""\r\n2.5,"x"\r\n'
    )


def test_the_mark_for_excel_can_be_left_out() -> None:
    assert spreadsheet.write(["a"], []).startswith(b"\xef\xbb\xbf")
    assert not spreadsheet.write(["a"], [], mark=False).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_reads_either_delimiter_with_or_without_a_mark(delimiter: str, mark: bytes) -> None:
    lines = [["Email", " Name "], ["a@b.example", "Ann; B, C"], ["", ""], ["c@d.example"]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(lines)
    sheet = spreadsheet.read(mark + out.getvalue().encode(), known=("email", "name"), required=("email",))
    assert sheet.columns == ("email", "name")
    assert [(row.number, row.text("email"), row.text("name")) for row in sheet.rows] == [
        (2, "a@b.example", "Ann; B, C"),
        (4, "c@d.example", ""),
    ]


def test_reads_back_what_it_wrote() -> None:
    data = spreadsheet.write(["email", "name"], [["a@b.example", "=1"]])
    assert spreadsheet.read(data, known=("email", "name")).rows[0].text("name") == "'=1"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"email,wat\n", "“wat”"),
        (b"email,,name\n", "column 2 without a name"),
        (b"email,Email\n", "twice"),
        (b"name\nx\n", "“email” is missing"),
        (b'email\n"open\n', "Row 2"),
        (b'email\n"a"b\n', "Row 2"),
        ("email\nx\ncafé".encode("latin-1"), "Line 3"),
        ("email\n".encode("utf-16"), "UTF-8"),
        (b"PK\x03\x04xxxx", "workbook"),
        (b"email\n" + b"a\n" * (spreadsheet.MAX_ROWS + 1), "more than 5,000 rows"),
        (b"x" * (spreadsheet.MAX_BYTES + 1), "1,048,577 bytes"),
    ],
)
def test_says_what_is_wrong_with_a_file(data: bytes, words: str) -> None:
    with pytest.raises(SpreadsheetError) as caught:
        spreadsheet.read(data, known=("email", "name"), required=("email",))
    assert words in caught.value.message


def test_says_what_is_wrong_with_a_row_and_reads_the_others() -> None:
    data = b'email,name\na,b,c\n"x\ny",n\nok,fine\n' + b"z," + b"n" * 3_000 + b"\n"
    sheet = spreadsheet.read(data, known=("email", "name"))
    assert [row.number for row in sheet.rows] == [4]
    assert [(fault.row, fault.column) for fault in sheet.faults] == [(2, ""), (3, "email"), (5, "name")]
    assert str(sheet.faults[1]).startswith("Row 3, column “email”: ")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        spreadsheet.read(data, known=("email",))
    except SpreadsheetError as error:
        message = error.message
    else:
        message = "."
    assert message.endswith(".")


# -- tables of others -------------------------------------------------------------------------------------

TABLE = "Name;Link;E-Mail\r\nJürgen;https://a.example/1;j@a.example\r\n\r\nZoë;https://a.example/2;\r\n"
WANTED = ("link", "e-mail")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "sep={}\r\n"])
def test_reads_what_an_office_has(encoding: str, delimiter: str, mark: str) -> None:
    data = (mark.format(delimiter) + TABLE.replace(";", delimiter)).encode(encoding)
    sheet = spreadsheet.read_any(data, wanted=WANTED)
    assert [(row.number, row.text("link"), row.text("e-mail"), row.text("name")) for row in sheet.rows] == [
        (2, "https://a.example/1", "j@a.example", ""),
        (4, "https://a.example/2", "", ""),
    ]
    assert not sheet.faults


def test_what_stands_in_other_columns_is_no_fault() -> None:
    data = b'link,notes,link\r\nx,"two\nlines",y\r\n' + b"z," + b"n" * 5_000 + b",\r\nw,,,more\r\n"
    sheet = spreadsheet.read_any(data, wanted=WANTED)
    assert [row.text("link") for row in sheet.rows] == ["x", "z"]
    assert sheet.columns == ("link", "", "link 2")
    assert [row.text("link 2") for row in sheet.rows] == ["y", ""]
    assert [fault.row for fault in sheet.faults] == [4]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"link\r\na\x00b",
        b"link\r\n" + b"a" * 200_000,
        b"x," * 10_000 + b"link\r\na",
        b"x" * 1_000_001,
        b'link\r\n"a\r\nb',
        b"PK\x03\x04 workbook",
        b"\xff\xfel\x00\x00\x00",
        b"link\r\n" + b"a\r\n" * 11,
    ],
)
def test_a_hostile_table_of_others_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(SpreadsheetError) as refused:
        spreadsheet.read_any(data, wanted=WANTED, max_bytes=1_000_000, max_rows=10)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "cell", [" =1", "\n=1", "\u00a0+1", "\uff1d1", " \uff0b1", "\u22121", "\ufeff@a", "\t1"]
)
def test_a_formula_behind_white_space_or_in_full_width_signs_is_harmless_too(cell: str) -> None:
    text = spreadsheet.write(["a"], [[cell]], mark=False).decode()
    assert f'"\'{cell}"' in text


def test_white_space_and_signs_inside_a_text_stay_as_they_are() -> None:
    assert '" a = b"' in spreadsheet.write(["a"], [[" a = b"]], mark=False).decode()
