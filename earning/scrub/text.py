# SPDX-License-Identifier: Apache-2.0
"""Clean plain text, tables in text, and Markdown: they become UTF-8, and the head of a Markdown file goes.

A text has no place for metadata but the block between two lines ``---`` at the beginning of Markdown files,
where editors put author and date. Tables that would start another program when a spreadsheet opens them are
refused.
"""

from __future__ import annotations

import re
from typing import Final

from earning.errors import UploadActiveError, UploadDamagedError
from earning.scrub.scrubbed import PROPERTIES, Report
from service.file_types import CSV, MARKDOWN, Kind

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n){0,200}?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_STARTS_A_PROGRAM: Final = re.compile(
    r"(?:^|[,;\t\"])[ \t]*[=+\-@][^,;\t\n]{0,200}\|[^\n]{0,200}!", re.MULTILINE
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f]")


def clean(data: bytes, kind: Kind, report: Report) -> bytes:
    """Return the text as UTF-8 without metadata.

    Raises:
        UploadDamagedError: It is no text.
        UploadActiveError: It is a table that would start a program.
    """
    text = _decode(data)
    if _CONTROLS.search(text):
        raise UploadDamagedError("This is no text: it has characters that texts do not have. Save it again.")
    if kind is CSV and _STARTS_A_PROGRAM.search(text):
        raise UploadActiveError(
            "A cell of this table would start a program. Remove the formula and upload it again."
        )
    if kind is MARKDOWN:
        found = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
        if found is not None:
            report.add(PROPERTIES)
            text = text.replace("\r\n", "\n")[found.end() :]
    report.read("", text)
    return text.encode("utf-8")


def _decode(data: bytes) -> str:
    """Return the text of ``data``: Unicode with a mark, UTF-8, or what Windows programs write."""
    marks = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    for mark, encoding in (*marks, (b"", "utf-8"), (b"", "cp1252")):
        if data.startswith(mark):
            try:
                return data.decode(encoding).removeprefix("\ufeff")
            except UnicodeError:
                continue
    raise UploadDamagedError("This is no text that we can read. Save it as UTF-8 and upload it again.")
