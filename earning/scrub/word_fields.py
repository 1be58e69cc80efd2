# SPDX-License-Identifier: Apache-2.0
"""Follow the fields of a Word document through its runs (ECMA-376 part 1, 17.16.18).

A field is three marks with runs between them: ``begin``, what it asks for, ``separate``, what it showed last,
``end``. What it asks for may be cut into several runs, and fields lie in one another. A field that shows a
name or a path has shown it to whoever saved the file: its last showing goes, and so does that of every field
that asks for it in its turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from earning.errors import UploadActiveError

SHOWN: Final = frozenset(("t", "delText", "sym", "drawing", "pict", "object", "AlternateContent"))

_TELLING: Final = re.compile(
    r"^\s*(?:AUTHOR|LASTSAVEDBY|USERNAME|USERINITIALS|USERADDRESS|FILENAME|DOCPROPERTY|TEMPLATE|INFO)\b", re.I
)
_ACTIVE: Final = re.compile(r"^\s*(?:DDE|DDEAUTO|MACROBUTTON|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b", re.I)


def is_telling(instruction: str) -> bool:
    """Tell whether a field with this instruction shows a name or a path."""
    return _TELLING.match(instruction) is not None


def refuse_active(instruction: str) -> None:
    """Refuse a field that fetches or runs something.

    Raises:
        UploadActiveError: It does.
    """
    if _ACTIVE.match(instruction):
        raise UploadActiveError(
            "This file has a field that fetches or runs something. Turn fields into text (Ctrl+Shift+F9) "
            "and upload it again."
        )


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    is_telling: bool = False
    is_showing: bool = False


class Fields:
    """The fields of one part that are open where we read."""

    def __init__(self) -> None:
        self._open: list[_Field] = []

    def mark(self, kind: str) -> None:
        """Read one of the three marks."""
        if kind == "begin":
            self._open.append(_Field())
        elif self._open and kind == "separate":
            self._open[-1].is_showing = True
        elif self._open and kind == "end":
            ended = self._open.pop()
            if ended.is_telling and self._open and not self._open[-1].is_showing:
                self._open[-1].is_telling = True

    def ask(self, words: str) -> str:
        """Read a piece of an instruction, and return what is kept of it.

        Raises:
            UploadActiveError: The field fetches or runs something.
        """
        field = self._open[-1] if self._open else _Field()
        before, field.instruction = field.is_telling, field.instruction + words
        refuse_active(field.instruction)
        field.is_telling = before or is_telling(field.instruction)
        if not field.is_telling:
            return "" if self.hides else words
        return "" if before or field.instruction != words else ' QUOTE "" '

    @property
    def hides(self) -> bool:
        """Whether what stands here is the last showing of a field that tells."""
        return any(field.is_telling for field in self._open)
