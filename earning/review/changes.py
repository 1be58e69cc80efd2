# SPDX-License-Identifier: Apache-2.0
"""What changed between two texts, word by word, for a reader who knows the first one.

Rules only. Longer texts than DIFF_WORDS are shown one after the other, since comparing them would take long
and a page of single words tells nobody anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

DIFF_WORDS: Final = 3_000  # words and gaps of one text; comparing takes their product in the worst case
SAME_SHARE: Final = 0.3  # below this likeness the texts are told one after the other

_TOKEN = re.compile(r"\s+|[^\s]+")


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, and what became of it."""

    change: Change
    text: str


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """Return ``after`` in pieces, with those of ``before`` that it lost. Equal texts are one piece."""
    if before == after:
        return (Piece(Change.SAME, after),) if after else ()
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > DIFF_WORDS:
        return _one_after_the_other(before, after)
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    if matcher.quick_ratio() < SAME_SHARE:
        return _one_after_the_other(before, after)
    return tuple(_joined(_pieces(matcher, old, new)))


def _pieces(matcher: SequenceMatcher[str], old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(Change.SAME, "".join(new[from_new:to_new]))
            continue
        if to_old > from_old:
            yield Piece(Change.REMOVED, "".join(old[from_old:to_old]))
        if to_new > from_new:
            yield Piece(Change.ADDED, "".join(new[from_new:to_new]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join changes that only white space keeps apart, so that a sentence reads as one change."""
    removed = added = ""
    for piece in pieces:
        if piece.change is Change.REMOVED:
            removed += piece.text
        elif piece.change is Change.ADDED:
            added += piece.text
        elif piece.text.isspace() and (removed or added):
            removed, added = removed + piece.text, added + piece.text
        else:
            yield from _flushed(removed, added)
            removed = added = ""
            yield piece
    yield from _flushed(removed, added)


def _flushed(removed: str, added: str) -> Iterator[Piece]:
    if removed.strip():
        yield Piece(Change.REMOVED, removed)
    if added:
        yield Piece(Change.ADDED if added.strip() else Change.SAME, added)


def _one_after_the_other(before: str, after: str) -> tuple[Piece, ...]:
    pieces = (Piece(Change.REMOVED, before), Piece(Change.ADDED, after))
    return tuple(piece for piece in pieces if piece.text)
