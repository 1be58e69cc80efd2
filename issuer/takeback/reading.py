# SPDX-License-Identifier: Apache-2.0
"""Lists of credentials as offices have them: one name in a line, or a CSV file with a column of names.

A name is a link or ``id``, a key, or a submission. Nothing is looked up here.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import Final

from issuer.errors import TakebackRequestError
from service import spreadsheet

LISTED: Final = 25_000  # names in one list
FILE_BYTES: Final = 4_194_304  # bytes (4 MiB): so many links fit, with other columns beside
NAME_CHARS: Final = 300  # characters of a name; a longer one is none of ours
COLUMNS: Final = ("credential", "link", "credential link", "id", "key", "submission", "url")

_KEY: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_ENDING: Final = re.compile(r"(?:\.(?:json|jwt|png|svg|pdf))?/?\Z")


@dataclass(frozen=True, slots=True)
class Name:
    """What one line names. ``trouble`` says why it cannot be read, or is ""."""

    number: int
    text: str
    trouble: str = ""

    @property
    def key(self) -> str | None:
        """The key that it is or ends with, or None."""
        tail = _ENDING.sub("", self.text.partition("?")[0].partition("#")[0], count=1).rpartition("/")[2]
        found = tail.removeprefix("urn:uuid:").lower()
        return found if _KEY.match(found) else None


def read(data: bytes) -> tuple[Name, ...]:
    """Return the names in a file or a pasted text, with the number of their line.

    Raises:
        TakebackRequestError: There is none, or there are too many.
        SpreadsheetError: It is a CSV file that cannot be used as a whole.
    """
    if len(data) > FILE_BYTES:
        raise TakebackRequestError(f"A list has up to {FILE_BYTES:,} bytes.", path="list")
    text = _text(data)
    names = _table(data) if _has_headings(text) else _plain(text)
    return checked(names)


def of(texts: list[str]) -> tuple[Name, ...]:
    """Return the names of a list that was given one by one, numbered from 1.

    Raises:
        TakebackRequestError: There is none, or there are too many.
    """
    return checked([_name(number, text) for number, text in enumerate(texts, start=1)])


def checked(names: list[Name]) -> tuple[Name, ...]:
    """Return ``names``, unless there are none or too many.

    Raises:
        TakebackRequestError: There are.
    """
    if not names:
        raise TakebackRequestError(
            "The list is empty. Bring one link, key or submission a line.", path="list"
        )
    if len(names) > LISTED:
        raise TakebackRequestError(
            f"These are {len(names):,} lines; up to {LISTED:,} fit. Bring them in parts.", path="list"
        )
    return tuple(names)


def _name(number: int, text: str) -> Name:
    found = text.strip().strip("<>").strip()
    if "\x00" in found or not found.isprintable():
        return Name(number, _shown(found), "It holds characters that no name has.")
    if len(found) > NAME_CHARS:
        return Name(number, _shown(found), "It is too long for a link, key or submission.")
    return Name(number, found)


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text[:NAME_CHARS])


def _plain(text: str) -> list[Name]:
    lines = enumerate(re.split(r"\r\n|\r|\n", text), start=1)
    found = ((number, line.strip().rstrip(",;").strip().strip('"')) for number, line in lines)
    return [_name(number, line) for number, line in found if line]


def _table(data: bytes) -> list[Name]:
    sheet = spreadsheet.read_any(
        data, wanted=COLUMNS, max_bytes=FILE_BYTES, max_rows=LISTED, max_cell_chars=2_048
    )
    names = [
        _name(row.number, next((row.text(each) for each in COLUMNS if row.text(each)), ""))
        for row in sheet.rows
    ]
    bad = [Name(fault.row, "", fault.detail) for fault in sheet.faults]
    found = [
        each if each.text else Name(each.number, "", "No link, key or submission stands here.")
        for each in names
    ]
    return sorted((*found, *bad), key=lambda each: each.number)


def _has_headings(text: str) -> bool:
    lines = [line for line in text.splitlines()[:3] if line.strip()]
    if lines and re.match(r"sep=[,;\t]", lines[0], re.IGNORECASE):
        return True
    if not lines:
        return False
    cells = (cell for mark in ",;\t" for row in csv.reader([lines[0]], delimiter=mark) for cell in row)
    return any(cell.strip().casefold() in COLUMNS for cell in cells)


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
