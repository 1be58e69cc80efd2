# SPDX-License-Identifier: Apache-2.0
"""Equal faults told once: what stands against how many rows, in which of them, and how to mend it.

A file of 540 rows with one wrong format of its dates has one fault, not 54. Two sentences are of one kind if
they differ in numbers, links and quoted values only. A kind is told by its first sentence, without links and
without a cell that holds letters: that may be a name in the wrong column, and what is about one person
belongs beside their own row, where it is forgotten with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

KINDS: Final = 20  # that are told, those of most rows first
KNOWN: Final = 500  # that are told apart
SPANS: Final = 12  # rows, or runs of rows, that are named of one kind

_LINK: Final = re.compile(r":? https?://[^\s<>]*[^\s<>.,;:]")
_HEADING: Final = re.compile(r"(?:“[^”]*”|/\S*): ")
_CELL: Final = re.compile(r"\A“[^”]*[^\W\d_][^”]*”")  # a cell with a letter, where a sentence begins
_VALUE: Final = re.compile(r"“[^”]*”|\d+")
_OTHERS: Final = "Something else stands against them; look at the rows."

# What a sentence holds, and how its rows are mended in a spreadsheet program.
_MENDING: Final[Mapping[str, str]] = {
    "is no date that we can read": "Mark the column in the spreadsheet, open Format cells (Excel: Ctrl+1), "
    "choose Custom and type yyyy-mm-dd; then save as “CSV UTF-8” again. If nothing changes, the cells are "
    "text: write them anew as 2026-05-04.",
    "The date lies ahead": "If day and month were swapped: mark the column, open Format cells, choose "
    "Custom, type yyyy-mm-dd, and look at each date.",
    "is awarded already": "Remove these rows, or filter the spreadsheet by the e-mail address to see why "
    "they are there again.",
    "is the same award as in row": "Let the spreadsheet remove duplicates (Excel: Data, Remove duplicates) "
    "by the columns of the micro-credential and of the address.",
    "has no level": "Find and replace in that column, by the levels that the sentence names.",
    "This is not an e-mail address": "Look for spaces, commas and missing @ in that column.",
    "holds an e-mail address": "Take the address out of that column: what is signed stays public.",
    "cells, but there are": "Put text that holds commas or semicolons into quotation marks, as a spreadsheet "
    "program does when it saves.",
}


@dataclass(slots=True)
class Kind:
    """One kind of sentence: its first one, whether others differ, and where it is told."""

    sentence: str
    varies: bool = False
    rows: int = 0
    spans: list[list[int]] = field(default_factory=list)
    named: int = 0


@dataclass(slots=True)
class Tally:
    """Counts what is told of rows, in the order of the rows."""

    kinds: dict[str, Kind] = field(default_factory=dict)

    def add(self, number: int, sentences: Iterable[str]) -> None:
        """Count what is told of one row; of each kind once."""
        done: set[str] = set()
        for each in sentences:
            shown = _shown(each)
            key = _key(shown)
            if key not in self.kinds and len(self.kinds) >= KNOWN:
                key = shown = _OTHERS
            kind = self.kinds.setdefault(key, Kind(shown))
            kind.varies = kind.varies or kind.sentence != shown
            if key not in done:
                done.add(key)
                _count(kind, number)

    def told(self) -> list[dict[str, Any]]:
        """Return the kinds of most rows as they are kept with the trial."""
        first = sorted(self.kinds.values(), key=lambda each: -each.rows)[:KINDS]
        return [
            {"rows": each.rows, "sentence": each.sentence, "varies": each.varies, "spans": each.spans}
            for each in first
        ]


@dataclass(frozen=True, slots=True)
class Group:
    """One kind as it is shown.

    Attributes:
        rows: How many rows it is told of.
        sentence: The first sentence of this kind.
        varies: Whether others differ from it in a value.
        where: The rows in words: ``2, 12–14 and 30 more``.
        mend: How to mend it in a spreadsheet, or "".
    """

    rows: int
    sentence: str
    varies: bool
    where: str
    mend: str


def groups(kept: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    """Return kinds as they are shown, of what ``Tally.told`` has kept."""
    return tuple(
        Group(
            rows=each["rows"],
            sentence=each["sentence"],
            varies=each["varies"],
            where=_where(each["spans"], each["rows"]),
            mend=next((words for mark, words in _MENDING.items() if mark in each["sentence"]), ""),
        )
        for each in kept
    )


def _shown(sentence: str) -> str:
    """Return a sentence as it is told of all rows of its kind."""
    plain = _LINK.sub("", sentence)
    head = _HEADING.match(plain)
    start = head.end() if head else 0
    return plain[:start] + _CELL.sub("“…”", plain[start:], count=1)


def _key(sentence: str) -> str:
    """Return what sentences of one kind have in common; the heading in front is part of it."""
    head = _HEADING.match(sentence)
    start = head.end() if head else 0
    return re.sub(r"/\d+", "/0", sentence[:start]) + _VALUE.sub("…", sentence[start:])


def _count(kind: Kind, number: int) -> None:
    kind.rows += 1
    if kind.spans and kind.spans[-1][1] == number - 1 and kind.named == kind.rows - 1:
        kind.spans[-1][1] = number
    elif len(kind.spans) < SPANS:
        kind.spans.append([number, number])
    else:
        return
    kind.named += 1


def _where(spans: Sequence[Sequence[int]], rows: int) -> str:
    named = sum(last - first + 1 for first, last in spans)
    words = []
    for first, last in spans:
        words += [f"{first}–{last}"] if last > first + 1 else [str(each) for each in range(first, last + 1)]
    if named < rows:
        return f"{', '.join(words)} and {rows - named:,} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
