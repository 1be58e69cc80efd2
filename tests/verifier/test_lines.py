# SPDX-License-Identifier: Apache-2.0
"""What was pasted or brought becomes lines: whatever an office has, each with its own reason."""

from __future__ import annotations

import pytest

from service.errors import SpreadsheetError
from verifier.errors import EmptyError, TooManyItemsError
from verifier.lines import Brought, Line, read_lines, read_text

A, B = "https://a.example/1", "https://b.example/2"


def told(lines: tuple[Line, ...]) -> list[tuple[str, str | None, str | None, str]]:
    return [(line.place, line.url, line.recipient, line.reference) for line in lines]


def test_links_stand_on_lines_of_their_own_with_words_beside_them() -> None:
    text = f"{A}\n\n  {B}, ada@school.example\n7 {A}.\nhello\n"
    found = read_lines(text, (), recipient="all@school.example")
    assert told(found) == [
        ("line 1", A, "all@school.example", ""),
        ("line 3", B, "ada@school.example", ""),
        ("line 4", A, "all@school.example", "7"),
        ("line 5", None, "all@school.example", ""),
    ]
    assert found[3].raw == b"hello"


def test_objects_and_tokens_are_found_between_links() -> None:
    text = '{"a": "}\\" {",\n "b": {}}\neyJhbGciOiJFZERTQSJ9.e30.AAAA 8\n' + A + '\n{"open": '
    found = read_lines(text, ())
    assert [line.raw or line.url for line in found] == [
        b'{"a": "}\\" {",\n "b": {}}',
        b"eyJhbGciOiJFZERTQSJ9.e30.AAAA",
        A,
        b'{"open":',
    ]
    assert [line.place for line in found] == ["line 1", "line 3", "line 4", "line 5"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"sep=;\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "head", ["URL,E-Mail,ID", "Badge Link,recipient,Employee ID", "credential,Mail,reference"]
)
def test_a_table_names_its_columns_as_people_do(mark: bytes, delimiter: str, head: str) -> None:
    table = f"{head},Notes\r\n{A},ada@school.example,7,x\r\n,,8,\r\nhello,,9,\r\n"
    mark = mark.replace(b";", delimiter.encode())
    found = read_lines("", [Brought("C:\\x\\claims.csv", mark + table.replace(",", delimiter).encode())])
    assert told(found) == [
        ("row 2 of claims.csv", A, "ada@school.example", "7"),
        ("row 3 of claims.csv", None, None, "8"),
        ("row 4 of claims.csv", None, None, "9"),
    ]
    assert isinstance(found[1].trouble, EmptyError)
    assert found[2].raw == b"hello"


def test_every_link_of_a_row_is_a_line() -> None:
    table = (
        "Badge URL,credential link,Link,link,link 2,id,mail\n"
        f"{A},{B},,,,7,ada@school.example\n"
        f'"{A}, {B}",,,,,8,\n'
        f"{A},,,{B},{A},9,\n"
        f"my badge,{A};{B},,,,10,\n"
        f"{A} eyJh.e30.AAAA,,,,,11,\n"
        ",hello,there,,,12,\n"
        f",,,,{A},13,\n"
    )
    found = read_lines("", [Brought("c.csv", table.encode())])
    assert [(line.place[4:5], line.url or line.raw, line.reference) for line in found] == [
        ("2", A, "7"), ("2", B, "7"),
        ("3", A, "8"), ("3", B, "8"),
        ("4", A, "9"), ("4", B, "9"),
        ("5", A, "10"), ("5", B, "10"),
        ("6", b"eyJh.e30.AAAA", "11"), ("6", A, "11"),
        ("7", b"hello", "12"),
        ("8", A, "13"),
    ]  # fmt: skip
    assert {line.recipient for line in found[:2]} == {"ada@school.example"}


def test_nothing_beside_a_link_is_left_out() -> None:
    token = "eyJhbGciOiJFZERTQSJ9.e30.AAAA"
    found = read_lines(f'{A},{B}|{A} 7 {token} {{"a": {{}}}} {B}\n{A}?x=1,2\n', ())
    assert [line.url or line.raw for line in found] == [
        token.encode(), A, B, A, b'{"a": {}}', B, f"{A}?x=1,2",
    ]  # fmt: skip


def test_a_second_address_is_kept_nowhere() -> None:
    found = read_lines(f"{A} <ada@school.example>, max@home.example; 7 x@y\n", ())
    assert told(found) == [("line 1", A, "ada@school.example", "7")]


def test_a_table_may_be_pasted() -> None:
    assert told(read_lines(f"link\tid\n{A}\t7\n", ())) == [("row 2", A, None, "7")]


def test_files_of_text_are_read_and_others_wait_to_be_opened() -> None:
    files = [
        Brought("mail.txt", f"Dear colleague,\nhere: {A}\nand: {B}\nBest".encode()),
        Brought("one.json", b'{\n "a": 1\n}\n'),
        Brought("lines.jsonl", b'{"a": 1}\n{"a": 2}\n'),
        Brought("words.txt", b"hello\nworld\n"),
        Brought("resume.pdf", b"%PDF-1.7"),
        Brought("all.zip", b"PK\x03\x04"),
        Brought("sheet.xlsx", b"PK\x03\x04"),
        Brought("", b"\xff\xd8\xff\x00"),
    ]
    found = read_lines("", files)
    assert [line.place for line in found] == [
        "line 2 of mail.txt",
        "line 3 of mail.txt",
        "one.json",
        "line 1 of lines.jsonl",
        "line 2 of lines.jsonl",
        "words.txt",
        "resume.pdf",
        "all.zip",
        "sheet.xlsx",
        "a file",
    ]
    assert isinstance(found[8].trouble, SpreadsheetError)


def test_a_bad_table_among_others_is_one_line_and_alone_it_is_refused() -> None:
    bad = Brought("bad.csv", b"name;mail\nx;y\n")
    with pytest.raises(SpreadsheetError):
        read_lines("", [bad])
    with pytest.raises(SpreadsheetError):
        read_lines("", [Brought("large.csv", b"link\n" + b"x" * 9_000_000)])
    found = read_lines(A, [bad])
    assert [line.place for line in found] == ["line 1", "bad.csv"]
    assert isinstance(found[1].trouble, SpreadsheetError)


def test_five_hundred_fit_and_one_more_does_not() -> None:
    assert len(read_lines(f"{A}\n" * 500, ())) == 500
    table = Brought("t.csv", ("link\n" + f"{A}\n" * 501).encode())
    for text, files in ((f"{A}\n" * 501, ()), ("", (table,)), (f"{A} " * 501, ())):
        with pytest.raises(TooManyItemsError) as refused:
            read_lines(text, files)
        assert "500" in refused.value.message
    with pytest.raises(EmptyError):
        read_lines(" \n\t", ())


def test_a_link_that_was_copied_without_its_scheme_is_a_link() -> None:
    found = [line.url for line in read_text("union.example/credentials/1\nlocalhost:8000/x/1\nbadge.json")]
    assert found == ["https://union.example/credentials/1", "http://localhost:8000/x/1", None]
