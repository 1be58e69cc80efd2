# SPDX-License-Identifier: Apache-2.0
"""Tables to and from spreadsheet programs: CSV (RFC 4180), bounded, and harmless in a spreadsheet.

Out: UTF-8, with a byte order mark where Excel is to read it. A text that a spreadsheet would take for a
formula gets a leading ``'`` (threats W5); nothing else is changed. Every text stands in quotes, so that no
program finds another boundary between cells than we meant.

In: a small file with a row of headings. What is wrong with the file as a whole ends the reading; what is
wrong with one row is told beside it, and the other rows are read. ``read`` takes our own columns and nothing
else; ``read_any`` takes what an office happens to have: further columns, tabs, the encodings of Excel.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.errors import SpreadsheetError

MEDIA_TYPE: Final = "text/csv; charset=utf-8; header=present"
MAX_BYTES: Final = 1_048_576  # bytes; 5,000 people with all their columns fit
MAX_ROWS: Final = 5_000  # rows below the headings
MAX_COLUMNS: Final = 50
MAX_CELL_CHARS: Final = 2_000  # characters of one cell
SHOWN_CHARS: Final = 60  # characters of a stranger's heading that a sentence repeats
_MARK: Final = "\ufeff"
# Beside = + - @: their full-width forms, the minus sign, and what programs pass over before them.
_FORMULA: Final = re.compile(
    r"[\t\r]|[\s\ufeff\u200b-\u200f\u2060]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
)
_DELIMITERS: Final = (",", ";", "\t")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # "Unicode text" of Excel
_EXCEL: Final = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)  # its own first line, of no row

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a file. ``column`` is "" where the row as a whole is meant."""

    row: int
    column: str
    detail: str

    def __str__(self) -> str:
        place = f"Row {self.row}, column “{self.column}”" if self.column else f"Row {self.row}"
        return f"{place}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``number`` is the one that a spreadsheet program shows: the headings are row 1."""

    number: int
    values: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return the cell below ``column``, "" if there is none."""
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read: the rows that fit, and the faults of those that do not."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def write(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, mark: bool = True) -> bytes:
    """Return a table as CSV.

    Args:
        head: The headings.
        rows: The cells; None is an empty one. Numbers stay numbers.
        mark: Whether to begin with a byte order mark, without which Excel takes UTF-8 for something else.
    """
    return (_MARK if mark else "").encode() + more((head, *rows))


def more(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return further rows of a table that ``write`` began, for one that is written part by part."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8", errors="replace")


def read(
    data: bytes,
    *,
    known: Collection[str],
    required: Collection[str] = (),
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> Sheet:
    """Read a CSV file with a row of headings, delimited by commas or semicolons.

    Headings and cells are read without white space around them, headings in any case. Empty rows are left
    out.

    Args:
        data: The file.
        known: The headings that may appear, in lower case.
        required: Those that must.
        max_bytes: Of the file.
        max_rows: Below the headings.

    Raises:
        SpreadsheetError: The file as a whole cannot be used.
    """
    text = _text(data, max_bytes)
    lines = _parse(text, _delimiter(text))
    first, cells = _head(lines)
    return _rows(lines, _columns(cells, first, known, required), max_rows=max_rows)


def read_any(
    data: bytes,
    *,
    wanted: Collection[str],
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
    max_cell_chars: int = MAX_CELL_CHARS,
) -> Sheet:
    """Read a CSV file whose columns somebody else has chosen, delimited by commas, semicolons or tabs.

    Beside UTF-8 it takes what Excel writes: UTF-16 with its mark, and Windows-1252. The second column of
    one name is called "name 2", and so on.

    Args:
        data: The file.
        wanted: The headings to look at, in lower case; the other columns are left out, whatever they hold.
        max_bytes: Of the file.
        max_rows: Below the headings.
        max_cell_chars: Characters of one cell.

    Raises:
        SpreadsheetError: The file as a whole cannot be used.
    """
    text = _any_text(data, max_bytes)
    marked = _EXCEL.match(text)
    text = text[marked.end() :] if marked else text
    lines = _parse(text, marked[1] if marked else _delimiter(text))
    _, cells = _head(lines)
    columns = _plain_columns(cells)
    for at, column in enumerate(columns):
        name, number = column, 1
        while column and name in columns[:at]:
            number += 1
            name = f"{column} {number}"
        columns[at] = name if column in wanted else ""
    return _rows(lines, columns, max_rows=max_rows, max_cell_chars=max_cell_chars)


def unharmed(cell: str) -> str:
    """Return a text as it was before ``write`` made it harmless."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell, 1) else cell


def _head(lines: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    try:
        return next(lines)
    except StopIteration:
        raise SpreadsheetError(
            "The file is empty. Its first row must hold the names of the columns."
        ) from None


def _rows(
    lines: Iterator[tuple[int, list[str]]],
    columns: list[str],
    *,
    max_rows: int = MAX_ROWS,
    max_cell_chars: int = MAX_CELL_CHARS,
) -> Sheet:
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, row in lines:
        if len(rows) + len(faults) >= max_rows:
            raise SpreadsheetError(
                f"The file has more than {max_rows:,} rows. Split it into several files.", expected=max_rows
            )
        fault = _fault(number, row, columns, max_cell_chars)
        if fault is None:
            values = {column: cell for column, cell in zip(columns, row, strict=False) if column}
            rows.append(Row(number=number, values=values))
        else:
            faults.append(fault)
    return Sheet(columns=tuple(columns), rows=tuple(rows), faults=tuple(faults))


def _harmless(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet program takes for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, str) and _FORMULA.match(cell):
        return "'" + cell
    return cell


def _require_table(data: bytes, max_bytes: int) -> None:
    if len(data) > max_bytes:
        raise SpreadsheetError(
            f"This file has {len(data):,} bytes; up to {max_bytes:,} fit. Split it into several files.",
            got=len(data),
            expected=max_bytes,
        )
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise SpreadsheetError("This is a workbook. Save the sheet as “CSV UTF-8” and choose that file.")


def _any_text(data: bytes, max_bytes: int) -> str:
    """Return the text in the encoding that it has by all appearance; a letter may be wrong, a link is not."""
    _require_table(data, max_bytes)
    encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise SpreadsheetError("This is no text. Save the sheet as “CSV UTF-8” and choose that file.")
    return text


def _text(data: bytes, max_bytes: int) -> str:
    _require_table(data, max_bytes)
    if b"\x00" in data:
        raise SpreadsheetError(
            "This is no text in UTF-8. Save the sheet as “CSV UTF-8” and choose that file."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise SpreadsheetError(
            f"Line {row} holds a letter that is not written in UTF-8. Save the sheet as “CSV UTF-8” and "
            "choose that file.",
            got=row,
        ) from error


def _delimiter(text: str) -> str:
    """Return the delimiter: the one that stands more often in the first line."""
    line = text.lstrip("\r\n").split("\n", 1)[0]
    return max(_DELIMITERS, key=line.count)


def _parse(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty with their numbers, cells without white space around them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise SpreadsheetError(
                    f"Row {number + 1} holds a cell that is far too long.", got=number + 1
                ) from error
            raise SpreadsheetError(
                f"Row {number + 1} cannot be read: a quotation mark is opened and not closed, or stands "
                "where none may stand.",
                got=number + 1,
            ) from error
        number += 1
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield number, cells


def _plain_columns(cells: list[str]) -> list[str]:
    columns = [" ".join(cell.casefold().split()) for cell in cells[: MAX_COLUMNS + 1]]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > MAX_COLUMNS:
        raise SpreadsheetError(f"The file has more than {MAX_COLUMNS} columns.", expected=MAX_COLUMNS)
    return columns


def _columns(cells: list[str], number: int, known: Collection[str], required: Collection[str]) -> list[str]:
    columns = _plain_columns(cells)
    for at, column in enumerate(columns, start=1):
        if column not in known:
            named = (
                f"column {at} (“{cells[at - 1][:SHOWN_CHARS]}”)" if column else f"column {at} without a name"
            )
            raise SpreadsheetError(
                f"Row {number} has a {named}, which we do not know. Known are: {', '.join(known)}.",
                got=column[:SHOWN_CHARS],
            )
        if column in columns[: at - 1]:
            raise SpreadsheetError(f"Row {number} names the column “{column}” twice.", got=column)
    missing = [column for column in required if column not in columns]
    if missing:
        raise SpreadsheetError(
            f"Row {number} must name the columns; “{missing[0]}” is missing.", expected=missing[0]
        )
    return columns


def _fault(number: int, cells: list[str], columns: list[str], max_cell_chars: int) -> Fault | None:
    if any(cells[len(columns) :]):
        return Fault(number, "", f"It has {len(cells)} cells, but there are {len(columns)} columns.")
    for column, cell in zip(columns, cells, strict=False):
        if not column:
            continue
        if len(cell) > max_cell_chars:
            return Fault(number, column, f"It has {len(cell):,} characters; up to {max_cell_chars:,} fit.")
        if not cell.isprintable():
            return Fault(number, column, "It holds a line break or another sign that cannot be shown.")
    return None
