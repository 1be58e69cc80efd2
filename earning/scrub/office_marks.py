# SPDX-License-Identifier: Apache-2.0
"""Which elements and attributes of Office Open XML tell about people, and what becomes of them.

Word marks every change and every run with numbers of the session it was written in (``rsid``), which tie
documents of one person together; comments and changes carry names; pictures keep the name of the file that
they came from; workbooks remember the folder they were saved in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from earning.errors import UploadActiveError
from earning.scrub.markup import Attributes, Change, edit
from earning.scrub.people import People
from earning.scrub.scrubbed import AUTHOR, CHANGES, COMMENTS, FILE_NAME, PATHS, PROPERTIES, Report

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
_NAMED_ELEMENTS: Final = frozenset(("cmAuthor", "author", "person"))
_PICTURE_ELEMENTS: Final = frozenset(("cNvPr", "docPr"))
_LINKS: Final = "/relationships"
_FILE: Final = re.compile(
    r"[\\]|^/?(?:Users|home)/|^file:|\.(?:jpe?g|png|gif|bmp|tiff?|heic|webp|svg|emf|wmf|pdf|docx?|pptx?|xlsx?|mp[34]|mov|m4a|wav)\s*$",
    re.IGNORECASE,
)
_TELLING_FIELD: Final = re.compile(
    r"^\s*(?:AUTHOR|LASTSAVEDBY|USERNAME|USERINITIALS|USERADDRESS|FILENAME|DOCPROPERTY|TEMPLATE|INFO)\b", re.I
)
_ACTIVE_FIELD: Final = re.compile(
    r"^\s*(?:DDE|DDEAUTO|MACROBUTTON|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b", re.I
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

    def visit(self, namespace: str, local: str, attributes: Attributes) -> Change | None:
        """Say what becomes of an element."""
        if local in _DROPPED:
            self.report.add(_DROPPED[local])
            return Change(drop=True)
        text = self._text(namespace, local)
        changes: dict[int, str | None] = {}
        for index, (owner, name, value) in enumerate(attributes):
            if name.startswith("rsid"):
                changes[index] = None
            elif name in _NAMES or name in ("name", "title", "descr", "instr", "macro", "displayName"):
                self._word(index, local, name, value, changes)
            elif self.dropped_ids and owner.endswith(_LINKS) and value in self.dropped_ids:
                changes[index] = None
        if local == "fldSimple" and _TELLING_FIELD.match(_value(attributes, "instr")):
            self.report.add(AUTHOR)
            return Change(drop=True)
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
        _refuse_active_field(instruction)
        if _TELLING_FIELD.match(instruction):
            self.report.add(AUTHOR)
            return ' QUOTE "" '
        return instruction

    def _word(self, index: int, local: str, name: str, value: str, changes: dict[int, str | None]) -> None:
        """Decide about an attribute that carries words."""
        if name == "instr":
            _refuse_active_field(value)
        elif name == "macro" and value and not value.startswith("["):
            raise UploadActiveError("This file runs a macro. Save it without macros and upload it again.")
        elif name in _NAMES or (name in ("name", "displayName") and local in _NAMED_ELEMENTS):
            changes[index] = "P" if name == "initials" else self.people.alias(value)
            self.report.add(COMMENTS if local in ("comment", *_NAMED_ELEMENTS) else CHANGES)
        elif (local in _PICTURE_ELEMENTS or name == "title") and _FILE.search(value):
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


def _refuse_active_field(instruction: str) -> None:
    if _ACTIVE_FIELD.match(instruction):
        raise UploadActiveError(
            "This file has a field that fetches or runs something. Turn fields into text (Ctrl+Shift+F9) "
            "and upload it again."
        )


def _value(attributes: Attributes, name: str) -> str:
    return next((value for _, attribute, value in attributes if attribute == name), "")
