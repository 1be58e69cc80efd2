# SPDX-License-Identifier: Apache-2.0
"""Which elements and attributes of Office Open XML tell about people, and what becomes of them.

Word marks every change and every run with numbers of the session it was written in (``rsid``), which tie
documents of one person together; comments and changes carry names; pictures keep the name of the file that
they came from; workbooks remember the folder they were saved in. What a field for a name or a path showed
last goes. Deletions that were only marked are carried out: nobody who deletes a name expects to send it.

Not covered is what somebody typed: visible words, which ``earning.scrub.names`` looks through, hidden text,
names of bookmarks, titles and tags of content controls, smart tags, and names beside added XML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from earning.errors import UploadActiveError
from earning.scrub.markup import Attributes, Change, edit
from earning.scrub.people import People
from earning.scrub.scrubbed import (
    AUTHOR,
    CHANGES,
    COMMENTS,
    DELETED,
    FILE_NAME,
    PATHS,
    PROPERTIES,
    Report,
)
from earning.scrub.word_fields import SHOWN, Fields, is_telling, refuse_active

_DROPPED: Final = {
    "rsids": PROPERTIES,
    "docVars": PROPERTIES,
    "attachedTemplate": PATHS,
    "mailMerge": PATHS,
    "saveThroughXslt": PATHS,
    "absPath": PATHS,
    "fileSharing": AUTHOR,
    "dataBinding": PROPERTIES,
    "custDataLst": PROPERTIES,
    "customPr": PROPERTIES,
    "presenceInfo": AUTHOR,
    "queryTablePart": PROPERTIES,
    "documentManagement": PROPERTIES,
}
_NAMES: Final = frozenset(("author", "userName", "userId", "providerId", "initials"))
_WORDY: Final = frozenset(("name", "title", "descr", "alt", "instr", "macro", "displayName"))
_NAMED_ELEMENTS: Final = frozenset(("cmAuthor", "author", "person"))
_WORD: Final = "wordprocessingml"
_DELETED: Final = frozenset(("del", "delText", "delInstrText"))
_PICTURE_ELEMENTS: Final = frozenset(("cNvPr", "docPr"))
_LINKS: Final = "/relationships"
_FILE: Final = re.compile(
    r"[\\]|^/?(?:Users|home)/|^file:|\.(?:jpe?g|png|gif|bmp|tiff?|heic|webp|svg|emf|wmf|pdf|docx?|pptx?|xlsx?|mp[34]|mov|m4a|wav)\s*$",
    re.IGNORECASE,
)
_SVG_ACTIVE: Final = frozenset(
    ("script", "foreignObject", "iframe", "handler", "listener", "use", "image", "a")
)


@dataclass(slots=True)
class Rules:
    """The rules for one part.

    Attributes:
        dropped_ids: Links of this part that are gone; attributes that point to them go too.
        notes: Whether it is a part of comments, each of which may begin with the name of its author.
    """

    people: People
    report: Report
    dropped_ids: frozenset[str]
    notes: bool
    fields: Fields = field(default_factory=Fields)

    def visit(self, namespace: str, local: str, attributes: Attributes) -> Change | None:
        """Say what becomes of an element."""
        if local in _DROPPED:
            self.report.add(_DROPPED[local])
            return Change(drop=True)
        if local in SHOWN and self.fields.hides:
            self.report.add(AUTHOR)
            return Change(drop=True)
        if local == "fldChar":
            self.fields.mark(_value(attributes, "fldCharType"))
        text = self._text(namespace, local)
        changes: dict[int, str | None] = {}
        for index, (owner, name, value) in enumerate(attributes):
            if name.startswith("rsid"):
                changes[index] = None
            elif name in _NAMES or name in _WORDY:
                self._word(index, local, name, value, changes)
            elif local == "permStart" and name == "ed":
                changes[index] = None
                self.report.add(AUTHOR)
            elif self.dropped_ids and owner.endswith(_LINKS) and value in self.dropped_ids:
                changes[index] = None
        if local == "fldSimple" and is_telling(_value(attributes, "instr")):
            self.report.add(AUTHOR)
            return Change(drop=True)
        if local in _DELETED and _WORD in namespace:
            self.report.add(DELETED)
            return Change(drop=True, keep_empty=True, attributes=changes)
        return Change(attributes=changes, text=text) if changes or text is not None else None

    def _text(self, namespace: str, local: str) -> Callable[[str], str] | None:
        """Return how the text of an element changes."""
        if local == "instrText":
            return self._field
        if namespace.endswith("/spreadsheetml/2006/main") or namespace.endswith("/spreadsheetml/main"):
            if local == "author":
                return self._author
            if local == "t" and self.notes:
                return self._known
        return None

    def _author(self, name: str) -> str:
        self.report.add(COMMENTS)
        return self.people.alias(name)

    def _known(self, text: str) -> str:
        """A note in a workbook begins with the name of its author, and a colon."""
        return self.people.knows(text) or text

    def _field(self, instruction: str) -> str:
        kept = self.fields.ask(instruction)
        if kept != instruction:
            self.report.add(AUTHOR)
        return kept

    def _word(self, index: int, local: str, name: str, value: str, changes: dict[int, str | None]) -> None:
        """Decide about an attribute that carries words."""
        if name == "instr":
            refuse_active(value)
        elif name == "macro" and value and not value.startswith("["):
            raise UploadActiveError("This file runs a macro. Save it without macros and upload it again.")
        elif name in _NAMES or (name in ("name", "displayName") and local in _NAMED_ELEMENTS):
            changes[index] = "P" if name == "initials" else self.people.alias(value)
            self.report.add(COMMENTS if local in ("comment", *_NAMED_ELEMENTS) else CHANGES)
        elif local == "imagedata" and name == "title" and value:  # always the name of the picture's file
            changes[index] = ""
            self.report.add(FILE_NAME)
        elif (local in _PICTURE_ELEMENTS or name in ("title", "alt")) and _FILE.search(value):
            changes[index] = "Picture" if name == "name" else ""
            self.report.add(FILE_NAME)


def clean_svg(part: bytes) -> bytes:
    """Return a drawing inside a document without metadata.

    Raises:
        UploadActiveError: It holds a program, or takes in something else.
    """

    def visit(_namespace: str, local: str, attributes: Attributes) -> Change | None:
        if local in _SVG_ACTIVE or any(name.lower().startswith("on") for _, name, _ in attributes):
            raise UploadActiveError(
                "A drawing in this file holds a program or a link. Replace it by a PNG picture."
            )
        if local in ("metadata", "title", "desc", "namedview"):
            return Change(drop=True)
        return None

    return edit(part, visit)


def _value(attributes: Attributes, name: str) -> str:
    return next((value for _, attribute, value in attributes if attribute == name), "")
