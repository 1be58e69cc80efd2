# SPDX-License-Identifier: Apache-2.0
"""A CSV file, row by row: as offices save them, bounded, and never guessed at.

Commas, semicolons or tabs; a byte order mark, and Excel's own first line ``sep=;``, are taken. Letters must
be UTF-8: what is read becomes part of what is signed for ever, so another encoding is refused and not guessed
(``service.spreadsheet`` guesses where a wrong letter does no harm). The file is read as a stream, so that a
large one takes little more memory than its bytes.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from issuer.errors import BulkFileError
from service.spreadsheet import unharmed

COLUMNS_MAX: Final = 200  # columns; 20 pieces of evidence with 6 columns each, and 40 criteria
SHEET_ROWS: Final = 1_048_576  # rows of a sheet, empty ones too; no spreadsheet program has more
STEP: Final = 1_048_576  # bytes looked at together when the encoding is checked
SAVE_AS: Final = "Save the sheet as “CSV UTF-8” and choose that file."
_DELIMITERS: Final = (",", ";", "\t")
_EXCEL: Final = re.compile(r"sep=([,;\t])\r?\n?", re.IGNORECASE)
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS: Final = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}

Rows = Iterator[tuple[int, list[str]]]


def rows(data: bytes) -> Rows:
    """Yield the number and the cells of each row that is not empty, the row of headings first.

    Numbers are those that a spreadsheet program shows. Cells come without white space around them.

    Raises:
        BulkFileError: The file as a whole cannot be read, as far as it was read; its sentence names the row.
    """
    _require_text(data)
    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    first = stream.readline()
    marked = _EXCEL.fullmatch(first)
    delimiter = marked[1] if marked else max(_DELIMITERS, key=first.count)
    if not marked:
        stream.seek(0)
    return _rows(csv.reader(stream, delimiter=delimiter, strict=True), 1 if marked else 0)


def _rows(reader: Iterator[list[str]], number: int) -> Rows:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unreadable(number + 1, error) from error
        number += 1
        if number > SHEET_ROWS:
            raise BulkFileError(f"The file has more than {SHEET_ROWS:,} rows.", expected=SHEET_ROWS)
        if len(cells) > COLUMNS_MAX:
            while cells and not cells[-1].strip():
                cells.pop()
        if any(map(str.strip, cells)):
            if len(cells) > COLUMNS_MAX:
                raise BulkFileError(
                    f"Row {number} has more than {COLUMNS_MAX} columns.", expected=COLUMNS_MAX
                )
            yield number, [unharmed(cell.strip()) for cell in cells]


def _unreadable(number: int, error: csv.Error) -> BulkFileError:
    if "field limit" in str(error):
        return BulkFileError(f"Row {number} holds a cell that is far too long.", got=number)
    return BulkFileError(
        f"Row {number} cannot be read: a quotation mark is opened and not closed, or stands where none may "
        "stand.",
        got=number,
    )


def _require_text(data: bytes) -> None:
    if data.startswith(_WORKBOOKS):
        raise BulkFileError(f"This is a workbook. {SAVE_AS}")
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            raise BulkFileError(f"This file is written in {name}. {SAVE_AS}", got=name)
    if b"\x00" in data:
        raise BulkFileError(f"This is no text. {SAVE_AS}")
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), STEP):
        try:
            decoder.decode(data[start : start + STEP], final=start + STEP >= len(data))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, min(start + error.start, len(data))) + 1
            raise BulkFileError(
                f"Line {line} holds a letter that is not written in UTF-8, and names are signed as they "
                f"stand. {SAVE_AS}",
                got=line,
            ) from error
