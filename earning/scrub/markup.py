# SPDX-License-Identifier: Apache-2.0
"""Change some elements and attributes of an XML part, and keep every other byte.

Office programs look at prefixes, order and spelling, so a part is never written anew from a tree: a parser
that knows namespaces says what stands where, and pieces are cut out of the bytes there. A document type is
refused before anything could be expanded. Comments and processing instructions go: no document needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, unescape

from earning.errors import UploadActiveError, UploadDamagedError, UploadTooMuchError
from earning.scrub.scrubbed import XML_TAGS

XML_DEPTH: Final = 256  # levels; nested tables of real documents reach about 60

_ATTRIBUTE: Final = re.compile(rb"\s+([^\s=/>]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_TAG_END: Final = re.compile(rb"(?:[^>\"']|\"[^\"]*\"|'[^']*')*+>")
_ENCODING: Final = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)[\"']")
_TAG: Final = re.compile(r"<[^>]*>")
_BREAK: Final = re.compile(r"</(?:\w+:)?(?:p|h|si|row|tr|table-row)>")


@dataclass(frozen=True, slots=True)
class Change:
    """What to do with one element.

    Attributes:
        drop: Take the element out, with all that is in it.
        keep_empty: Do not drop it if it is a tag without content, which is a mark on what it stands in.
        attributes: Index of an attribute → its new value, or None to take it out.
        text: Turns the text of the element, and of what is in it, into the new content.
    """

    drop: bool = False
    keep_empty: bool = False
    attributes: Mapping[int, str | None] = field(default_factory=dict)
    text: Callable[[str], str] | None = None


Attributes = list[tuple[str, str, str]]
"""Namespace, local name and value of each attribute, in order, without namespace declarations."""

Visit = Callable[[str, str, Attributes], Change | None]
"""Called for each element with namespace, local name and attributes."""


@dataclass(slots=True)
class _Open:
    """An element whose end is waited for."""

    level: int
    start: int  # where the cut begins
    change: Change
    text: list[str] = field(default_factory=list)


class _Editor:
    """Walks through one part and collects the cuts."""

    def __init__(self, data: bytes, visit: Visit) -> None:
        self.data = data
        self.visit = visit
        self.cuts: list[tuple[int, int, bytes]] = []
        self.level = 0
        self.waiting: _Open | None = None
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse_document_type
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CommentHandler = self.comment
        self.parser.ProcessingInstructionHandler = self.instruction
        self.parser.CharacterDataHandler = None

    def start(self, name: str, flat: list[str]) -> None:
        self.level += 1
        if self.level > XML_DEPTH:
            raise UploadTooMuchError("This file is nested too deeply.", expected=XML_DEPTH)
        if self.waiting is not None:
            return
        namespace, _, local = name.rpartition(" ")
        attributes = [(*_split(flat[index]), flat[index + 1]) for index in range(0, len(flat), 2)]
        change = self.visit(namespace, local, attributes)
        if change is None:
            return
        begin = self.parser.CurrentByteIndex
        end = self._tag_end(begin)
        empty = self.data[end - 2 : end] == b"/>"
        if change.keep_empty and empty:
            change = replace(change, drop=False)
        if change.drop or change.text is not None:
            if change.drop and empty:
                self.cuts.append((begin, end, b""))
            elif not empty:
                self.waiting = _Open(self.level, begin if change.drop else end, change)
                self.parser.CharacterDataHandler = self.waiting.text.append
        if not change.drop and change.attributes:
            self._change_attributes(begin, end, change.attributes)

    def end(self, _name: str) -> None:
        waiting = self.waiting
        if waiting is not None and waiting.level == self.level:
            begin = self.parser.CurrentByteIndex
            if waiting.change.drop:
                self.cuts.append((waiting.start, self.data.index(b">", begin) + 1, b""))
            elif waiting.change.text is not None:
                text = waiting.change.text("".join(waiting.text))
                self.cuts.append((waiting.start, begin, escape(text).encode()))
            self.waiting = None
            self.parser.CharacterDataHandler = None
        self.level -= 1

    def comment(self, _text: str) -> None:
        self._cut_until(b"-->")

    def instruction(self, _target: str, _text: str) -> None:
        self._cut_until(b"?>")

    def _cut_until(self, mark: bytes) -> None:
        if self.waiting is None:
            begin = self.parser.CurrentByteIndex
            self.cuts.append((begin, self.data.index(mark, begin) + len(mark), b""))

    def _tag_end(self, begin: int) -> int:
        found = _TAG_END.match(self.data, begin)
        if found is None:
            raise _damaged()
        return found.end()

    def _change_attributes(self, begin: int, end: int, changes: Mapping[int, str | None]) -> None:
        index = 0
        for found in _ATTRIBUTE.finditer(self.data, begin, end):
            if found[1] == b"xmlns" or found[1].startswith(b"xmlns:"):
                continue
            if index in changes:
                value = changes[index]
                new = b"" if value is None else b" %b=%b" % (found[1], _quoted(value))
                self.cuts.append((found.start(), found.end(), new))
            index += 1


def edit(data: bytes, visit: Visit) -> bytes:
    """Return the XML part ``data`` with the changes that ``visit`` asks for.

    Raises:
        UploadDamagedError: It is not XML in UTF-8 or UTF-16.
        UploadActiveError: It has a document type.
        UploadTooMuchError: It is nested too deeply, or has too many tags.
    """
    data = _as_utf8(data)
    if data.count(b"<") > XML_TAGS:
        raise UploadTooMuchError(
            "There is too much in this file to clean it. Make it smaller, or split it.", expected=XML_TAGS
        )
    editor = _Editor(data, visit)
    try:
        editor.parser.Parse(data, True)
    except (expat.ExpatError, UnicodeError) as error:
        raise _damaged() from error
    if not editor.cuts:
        return data
    pieces = []
    position = 0
    for begin, end, new in sorted(editor.cuts):
        pieces += [data[position:begin], new]
        position = end
    pieces.append(data[position:])
    return b"".join(pieces)


def words_of(data: bytes) -> str:
    """Return the text of a part roughly as a person reads it, one paragraph or cell row a line."""
    text = data.decode("utf-8", errors="replace")
    return unescape(_TAG.sub("", _BREAK.sub("\n", text)))


def _split(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


def _as_utf8(data: bytes) -> bytes:
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = data.decode("utf-16")
            return re.sub(r"^<\?xml[^>]*\?>", "", text).encode()
        data = data.removeprefix(b"\xef\xbb\xbf")
        data.decode("utf-8")
    except UnicodeError as error:
        raise _damaged() from error
    declared = _ENCODING.match(data)
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise _damaged()
    return data


def _quoted(value: str) -> bytes:
    return b'"%b"' % escape(value, {'"': "&quot;", "\n": "&#10;"}).encode()


def _refuse_document_type(*_declaration: object) -> None:
    raise UploadActiveError("A part of this file has a document type, which no proper document needs.")


def _damaged() -> UploadDamagedError:
    return UploadDamagedError("A part of this file is damaged. Save it again and upload that.")
