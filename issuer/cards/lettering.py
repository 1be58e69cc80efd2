# SPDX-License-Identifier: Apache-2.0
"""Letters on a card: our own Inter, in lines that fit, and never the empty box of a letter that it lacks."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

FILE: Final = Path(__file__).resolve().parent.parent.parent / "static" / "inter.woff2"
_MISSING: Final = "\U0010ffff"  # no font has a letter for it
_LETTERLESS: Final = ("S", "C", "M", "Z")  # symbols, controls, marks and separators may be left out


@cache
def font(size: int, weight: str = "Regular") -> ImageFont.FreeTypeFont:
    """Return Inter in this size, in pixels, and weight."""
    made = ImageFont.truetype(FILE, size)
    made.set_variation_by_name(weight)
    return made


def drawable(words: str, *, exact: bool = False) -> str | None:
    """Return ``words`` as our letters can write them, or None: better nothing than boxes.

    Accents that the font lacks are left away, and so are emoji; of another script nothing is left. ``exact``
    leaves nothing away: somebody's name is written right or not at all.
    """
    made = ""
    for character in unicodedata.normalize("NFC", words):
        if _has(character):
            made += character
        elif exact:
            return None
        elif _has(bare := unicodedata.normalize("NFKD", character)[0]):
            made += bare
        elif unicodedata.category(character)[0] not in _LETTERLESS:
            return None
    return " ".join(made.split()) or None


def lines(words: str, *, letters: ImageFont.FreeTypeFont, width: int, most: int) -> tuple[str, ...] | None:
    """Break ``words`` into at most ``most`` lines of ``width`` pixels; None if they do not fit."""
    found: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if letters.getlength(longer) <= width:
            line = longer
            continue
        if letters.getlength(word) > width or len(found) + 1 == most:
            return None
        found.append(line)
        line = word
    return (*found, line)


def cut(words: str, *, letters: ImageFont.FreeTypeFont, width: int, most: int = 1) -> tuple[str, ...]:
    """Break ``words`` into lines that fit, with an ellipsis where something is missing."""
    whole = lines(words, letters=letters, width=width, most=most)
    if whole is not None:
        return whole
    low, high = 0, len(words)
    while low < high:  # how many characters fit
        middle = (low + high + 1) // 2
        tried = _soft(words[:middle].rstrip() + "…", letters, width)
        if lines(tried, letters=letters, width=width, most=most) is None:
            high = middle - 1
        else:
            low = middle
    short = _soft(words[:low].rstrip() + "…", letters, width)
    return lines(short, letters=letters, width=width, most=most) or ("…",)


def _soft(words: str, letters: ImageFont.FreeTypeFont, width: int) -> str:
    """Break words that are longer than a line."""
    made = []
    for word in words.split():
        part = ""
        for character in word:
            if letters.getlength(part + character) > width:
                made.append(part)
                part = ""
            part += character
        made.append(part)
    return " ".join(made)


@cache
def _has(character: str) -> bool:
    if character == " ":
        return True
    if unicodedata.category(character)[0] in ("C", "Z"):
        return False
    letters = font(32)
    glyph = letters.getmask(character)
    return glyph.size != (0, 0) and bytes(glyph) != bytes(letters.getmask(_MISSING))
