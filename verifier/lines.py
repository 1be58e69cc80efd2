# SPDX-License-Identifier: Apache-2.0
"""Many at once: what was pasted or brought becomes lines, one for each thing to examine.

A line is a link, or bytes that are looked into later, or the reason why it is neither. Read here are text
(links, JWTs and JSON, with a recipient or a reference beside them), tables (``service.spreadsheet``) and
files of text with either in them. Archives, PDFs and photos are one line each: opening them takes time, and
is work of the job (``verifier.batch_work``). What is wrong with one line never stops the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Protocol

from credentials.errors import HallmarkError
from service import spreadsheet
from service.errors import SpreadsheetError
from verifier.desk import Claimed
from verifier.errors import EmptyError, TooManyItemsError
from verifier.intake import as_link

BATCH_ITEMS: Final = 500  # things in one batch; a district's round of a season
RECIPIENT_CHARS: Final = 1_024  # characters, as on the form for one
REFERENCE_CHARS: Final = 200
PLACE_CHARS: Final = 300
TABLE_BYTES: Final = 8_388_608  # bytes; 500 rows with a JWT in each
CELL_CHARS: Final = 65_536  # characters of a cell; Excel stops at 32,767
SNIFFED: Final = 4_096  # bytes from the start, in which a file shows whether it is text

LINK: Final = (
    "link",
    "url",
    "credential",
    "badge",
    "credential link",
    "credential url",
    "badge link",
    "badge url",
)
RECIPIENT: Final = ("recipient", "e-mail", "email", "mail", "e-mail address", "email address")
REFERENCE: Final = ("reference", "id", "ref", "number", "employee id", "personnel number", "name")
# "link 2" and "url3" beside them hold links too.
LINKS: Final = frozenset(
    (*LINK, *(f"{name}{gap}{number}" for name in LINK for gap in ("", " ") for number in range(1, 100)))
)
WANTED: Final = frozenset((*LINKS, *RECIPIENT, *REFERENCE))

_URL: Final = re.compile(r"https?://(?:(?![,;|]https?://)[^\s<>\"'])+", re.IGNORECASE)
_OBJECT: Final = re.compile(r"\s\{")
_JWT: Final = re.compile(r"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_BRACES: Final = re.compile(r'["{}\\]')
_CELLS: Final = re.compile(r"[,;\t]")
_TABLES: Final = (".csv", ".tsv", ".tab")
_WORKBOOK: Final = "This is a workbook. Save the sheet as “CSV UTF-8” and choose that file."
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")


class FoundClaim(Claimed, Protocol):
    """What ``verifier.unpack`` has found, with its place."""

    @property
    def place(self) -> str:
        """Where, in words; "" where it is all there was."""

    @property
    def among(self) -> bool:
        """Whether it is one of many links in a document, of which nobody said that it is a credential."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of many: exactly one of ``url``, ``raw`` and ``trouble``.

    Attributes:
        place: Where it was, in words: "line 3", "row 4 of claims.csv", "badge.png".
        url: Where the credential stands.
        raw: Bytes, not looked into yet.
        trouble: Why it is nothing to examine.
        reference: The reader's own word for it, as a personnel number.
        recipient: Whose it should be.
        found: Whether it was come across inside a document, and not brought as a credential.
    """

    place: str
    url: str | None = None
    raw: bytes | None = None
    trouble: HallmarkError | None = None
    reference: str = ""
    recipient: str | None = None
    found: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that somebody brought; its name is a label and never a path."""

    name: str
    body: bytes


def read_lines(
    text: str, files: Sequence[Brought], *, recipient: str | None = None, more: Iterable[Line] = ()
) -> tuple[Line, ...]:
    """Return everything in ``text`` and ``files`` as lines.

    Args:
        text: What was pasted.
        files: What was chosen.
        recipient: Whose everything should be that does not say so itself.
        more: What was read as lines already.

    Raises:
        EmptyError: There is nothing.
        TooManyItemsError: More than BATCH_ITEMS.
        SpreadsheetError: All that was brought is a table that cannot be read.
    """
    lines: list[Line] = []
    for line in chain(_all(text, files), more):
        is_open = line.recipient is None and line.trouble is None
        lines.append(replace(line, recipient=recipient) if is_open else line)
        if len(lines) > BATCH_ITEMS:
            raise TooManyItemsError(
                f"These are more than {BATCH_ITEMS} things. Bring {BATCH_ITEMS} at once, then the others.",
                expected=BATCH_ITEMS,
            )
    if not lines:
        raise EmptyError("Nothing was sent: paste links, or choose files.")
    if len(lines) == 1 and isinstance(lines[0].trouble, SpreadsheetError):
        raise lines[0].trouble
    return tuple(lines)


def of_claim(claim: FoundClaim, *, inside: str = "") -> Line:
    """Return a claim as a line; ``inside`` says in what it was found."""
    place = f"{inside}: {claim.place}" if inside and claim.place else inside or claim.place
    raw = claim.presented.raw if claim.presented is not None else None
    return Line(place=place[:PLACE_CHARS], url=claim.url, raw=raw, trouble=claim.trouble, found=claim.among)


def is_table(text: str) -> bool:
    """Tell whether the first line of ``text`` names a column of links."""
    first = text.lstrip("\ufeff\r\n\t ").partition("\n")[0][:SNIFFED]
    if first.lower().startswith("sep="):
        return True
    return any(" ".join(cell.strip(' "').casefold().split()) in LINKS for cell in _CELLS.split(first))


def read_table(data: bytes, name: str) -> Iterator[Line]:
    """Yield the rows of a table; a column ``link`` (or ``url``, ``credential``) must be there.

    A row with several links, in one cell or in several columns, is several lines.

    Raises:
        SpreadsheetError: The table as a whole cannot be read.
    """
    sheet = spreadsheet.read_any(
        data, wanted=WANTED, max_bytes=TABLE_BYTES, max_rows=BATCH_ITEMS + 1, max_cell_chars=CELL_CHARS
    )
    links = [column for column in sheet.columns if column.rstrip(" 0123456789") in LINK]
    if not links:
        raise SpreadsheetError(
            "No column of this table is called “link”, “url” or “credential”. Name the column with the links "
            "so, and choose the file again."
        )
    recipient, reference = _column(sheet.columns, RECIPIENT), _column(sheet.columns, REFERENCE)
    lines = [
        (
            row.number,
            replace(
                line,
                recipient=row.text(recipient or "")[:RECIPIENT_CHARS] or line.recipient,
                reference=row.text(reference or "")[:REFERENCE_CHARS] or line.reference,
            ),
        )
        for row in sheet.rows
        for line in _of_cells(list(filter(None, map(row.text, links))))
    ]
    lines += [(fault.row, Line("", trouble=SpreadsheetError(str(fault)))) for fault in sheet.faults]
    suffix = f" of {name}" if name else ""
    for number, line in sorted(lines, key=lambda pair: pair[0]):
        yield replace(line, place=f"row {number}{suffix}"[:PLACE_CHARS])


def read_text(text: str, *, name: str = "") -> Iterator[Line]:
    """Yield the links, JWTs and JSON objects of a text; an object may go over several lines."""
    suffix = f" of {name}" if name else ""
    at, number = 0, 1
    while at < len(text):
        if text[at].isspace():
            number += text[at] == "\n"
            at += 1
            continue
        end = _object_end(text, at) if text[at] == "{" else None
        end = end or _line_end(text, at)
        piece = text[at:end]
        for line in _of_words(piece):
            yield replace(line, place=f"line {number}{suffix}"[:PLACE_CHARS])
        number += piece.count("\n")
        at = end


def _all(text: str, files: Sequence[Brought]) -> Iterator[Line]:
    if text.strip():
        yield from _pasted(text)
    for file in files:
        yield from of_file(file)


def _pasted(text: str) -> Iterator[Line]:
    if not is_table(text):
        yield from read_text(text)
        return
    try:
        yield from read_table(text.encode("utf-8", errors="replace"), "")
    except SpreadsheetError as error:
        yield Line("what was pasted", trouble=error)


def of_file(file: Brought) -> Iterator[Line]:
    """Yield what is in a file of text; any other file is one line."""
    name = (file.name.replace("\\", "/").rpartition("/")[2] or "a file")[:REFERENCE_CHARS]
    lowered = name.lower()
    if lowered.endswith(_WORKBOOKS):
        yield Line(name, trouble=SpreadsheetError(_WORKBOOK))
        return
    text = _text_of(file.body)
    try:
        if lowered.endswith(_TABLES) or (text is not None and is_table(text)):
            yield from read_table(file.body, name)
            return
    except SpreadsheetError as error:
        yield Line(name, trouble=error)
        return
    if text is not None and not text.lstrip().startswith("<"):
        # A letter with links in it has other lines too; in a file nobody meant each of them.
        lines = tuple(_at_most(filter(_says_something, read_text(text, name=name)), BATCH_ITEMS + 1))
        if len(lines) > 1 or any(line.url for line in lines):
            yield from lines
            return
    yield Line(name, raw=file.body)


def _text_of(body: bytes) -> str | None:
    """Return a file's text, if it is one; the encodings of Excel are looked at for tables only."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    if b"\x00" in body[:SNIFFED] or body.startswith((b"%PDF-", b"\x89PNG", b"PK\x03\x04")):
        return None
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _of_cells(cells: Sequence[str]) -> list[Line]:
    """Return everything in the cells of a row that is to be examined, each once; at least one line."""
    lines = [line for cell in cells for line in _of_words(cell)]
    said = list({(line.url, line.raw): line for line in lines if _says_something(line)}.values())
    return said or lines[:1] or [Line("", trouble=EmptyError("There is no link in this row."))]


def _of_words(piece: str) -> Iterator[Line]:
    """Yield what stands in one piece of text: an object, or links and JWTs with words beside them."""
    piece = piece.strip()
    if piece.startswith("{"):
        yield Line("", raw=piece.encode("utf-8", errors="replace"))
        return
    urls = [found[0].rstrip(",;.)") for found in _URL.finditer(piece)]
    words = _URL.sub(" ", piece)
    tokens = _JWT.findall(words)
    if not urls and not tokens:
        link = as_link(piece)  # Copied without its https://.
        yield Line("", url=link) if link else Line("", raw=piece.encode("utf-8", errors="replace"))
        return
    beside = [word.strip(",;|<>()") for word in _JWT.sub(" ", words).split()]
    recipient = next((word for word in beside if "@" in word), None)
    reference = " ".join(word for word in beside if word and "@" not in word)[:REFERENCE_CHARS]
    line = Line("", recipient=recipient and recipient[:RECIPIENT_CHARS], reference=reference)
    for token in tokens:
        yield replace(line, raw=token.encode())
    for url in urls:
        yield replace(line, url=url)


def _says_something(line: Line) -> bool:
    return line.url is not None or (line.raw or b"").startswith((b"{", b"ey"))


def _line_end(text: str, begin: int) -> int:
    """Return where the line ends that begins at ``begin``, or the object begins that follows a link on it."""
    end = text.find("\n", begin) + 1 or len(text)
    found = _OBJECT.search(text, begin, end)
    if (
        found is not None
        and text[begin] != "{"
        and any(_says_something(line) for line in _of_words(text[begin : found.end() - 1]))
    ):
        return found.end() - 1
    return end


def _object_end(text: str, begin: int) -> int | None:
    """Return where the JSON object ends that begins at ``begin``; None if it does not."""
    depth, in_string, at = 0, False, begin
    while (mark := _BRACES.search(text, at)) is not None:
        char, at = mark[0], mark.end()
        if in_string:
            if char == "\\":
                at += 1
            in_string = char != '"'
        elif char == '"':
            in_string = True
        elif char != "\\":
            depth += 1 if char == "{" else -1
            if depth == 0:
                return at
    return None


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the heading that is looked at: of several the one that stands first in ``names``."""
    return next((name for name in names if name in columns), None)


def _at_most(lines: Iterator[Line], count: int) -> Iterator[Line]:
    for _, line in zip(range(count), lines, strict=False):
        yield line
