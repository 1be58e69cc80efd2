# SPDX-License-Identifier: Apache-2.0
"""Awards as JSON, one by one: a line each (JSON lines), or the objects of one array.

Each award goes through the strict reader by itself (``credentials.document``), so one that is damaged stands
in nobody's way, and no file is larger in memory than its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from credentials.document import Json, parse
from credentials.errors import HallmarkError
from issuer.bulk.bulk import ROWS
from issuer.errors import BulkFileError

_SPACE: Final = b" \t\r\n"
_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_BAD_ARRAY: Final = (
    "This is no JSON array: it begins with [, holds objects with commas between, and ends with ]."
)

TOO_MANY: Final = f"The file has more than {ROWS:,} awards. Split it into several files."

Item = Mapping[str, Json] | HallmarkError


def lines(data: bytes) -> Iterator[tuple[int, Item]]:
    """Yield the number of each line that is not empty, and its members or why it has none."""
    start, number = (3 if data.startswith(b"\xef\xbb\xbf") else 0), 0
    while start < len(data):
        number += 1
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].strip(_SPACE)
        start = end + 1
        if line:
            yield number, _members(line)


def array(data: bytes) -> Iterator[tuple[int, Item]]:
    """Yield the number of each object of an array, from 1, and its members or why it has none.

    Raises:
        BulkFileError: It is no array; at once if it does not begin like one. Or it has more than ``ROWS``.
    """
    if not data.lstrip(_SPACE).startswith(b"["):
        raise BulkFileError(_BAD_ARRAY)
    return _array(data)


def _array(data: bytes) -> Iterator[tuple[int, Item]]:
    depth, start, number = 0, 0, 0
    for found in _TOKEN.finditer(data):
        sign = found[0]
        if sign == b'"':
            break
        if not depth:
            if sign != b"[" or number or data[start : found.start()].strip(_SPACE):
                break
            depth, start = 1, found.end()
        elif sign in (b"[", b"{"):
            depth += 1
        elif depth > 1 and sign in (b"]", b"}"):
            depth -= 1
        elif depth == 1 and sign in (b",", b"]"):
            text = data[start : found.start()].strip(_SPACE)
            start = found.end()
            if text or sign == b"," or number:
                number += 1
                if number > ROWS:
                    raise BulkFileError(TOO_MANY, expected=ROWS)
                yield number, _members(text)
            if sign == b"]":
                if data[start:].strip(_SPACE):
                    break
                return
        elif depth == 1:
            break
    raise BulkFileError(_BAD_ARRAY)


def _members(text: bytes) -> Item:
    try:
        return parse(text).members
    except HallmarkError as error:
        return error
