# SPDX-License-Identifier: Apache-2.0
"""What a text looks like: letters of other alphabets, digits for letters, accents and spaces do not count.

Unicode Technical Standard 39, "Confusable Detection"
(https://www.unicode.org/reports/tr39/#Confusable_Detection), in a small table of our own: the letters of
Cyrillic, Greek, Armenian and a few others that pass for Latin ones in common typefaces. Capitals and small
letters have a table each, since a capital ``Н`` passes for ``H`` and a small ``η`` for ``n``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from verifier import explain
from verifier.party import NAME_CHARS

LABEL_CHARS: Final = 63  # characters of a label (RFC 1035, section 2.3.4); decoding takes their square
LEET_LETTERS: Final = 3  # letters that a word must have before its digits are read as letters: "4A" is a room
ABBREVIATION: Final = 4  # letters of a word in which i and l are two letters: "IA" and "LA" are two states

_PUNYCODE: Final = "xn--"
_CAPITALS: Final = {
    "A": "АΑᎪꓮ",
    "B": "ВΒᏴꓐ",
    "C": "СϹᏟꓚ",
    "D": "ᎠꓓƊ",
    "E": "ЕΕᎬꓰЁ",
    "F": "Ϝꓝ",
    "G": "ԌᏀꓖ",
    "H": "НΗᎻꓧҢ",
    "I": "ІΙӀЇ",
    "J": "ЈᎫꓙ",
    "K": "КΚᏦꓗҚ",
    "L": "Ꮮꓡ",
    "M": "МΜᎷꓟ",
    "N": "Νꓠ",
    "O": "ОΟՕꓳØ",
    "P": "РΡᏢꓑ",
    "Q": "Ԛ",
    "R": "Ꭱꓣ",
    "S": "ЅՏᏚꓢ",
    "T": "ТΤᎢꓔ",
    "U": "Սꓴ",
    "V": "ѴᏙꓦ",
    "W": "ԜᎳꓪ",
    "X": "ХΧꓫ",
    "Y": "УΥҮꓬ",
    "Z": "ΖᏃꓜ",
}
_SMALL: Final = {
    "a": "аɑα",
    "b": "ьβвƀ",
    "c": "сϲᴄ",
    "d": "ԁɗđ",
    "e": "еєεҽ",
    "f": "ƒ",
    "g": "ɡցɢ",
    "h": "һհнħ",
    "i": "іιıɩ",
    "j": "јϳ",
    "k": "кκ",
    "l": "ӏⅼłɫǀ",
    "m": "мᴍ",
    "n": "пոηɴ",
    "o": "оοօσøᴏ",
    "p": "рρ",
    "q": "ԛզ",
    "r": "гᴦʀ",
    "s": "ѕꜱ",
    "t": "тτŧ",
    "u": "υսʋᴜ",
    "v": "ѵνᴠ",
    "w": "ԝωᴡ",
    "x": "хχ",
    "y": "уγүʏ",
    "z": "ᴢƶ",
}
_LOOKS_LIKE: Final = {
    ord(c): letter for table in (_CAPITALS, _SMALL) for letter, cs in table.items() for c in cs
}
_LEET: Final = str.maketrans("01345789", "oleastbg")
_AS_DIGITS: Final = str.maketrans("oil", "011")
_AS_LETTERS: Final = str.maketrans("i", "l")
_SIGN: Final = re.compile(r"(?<=\w)[@$!|](?=\w)")
_SIGNS: Final = {"@": "a", "$": "s", "!": "i", "|": "l"}
# Letters and signs that take room or none, and show nothing.
_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")
_ALPHABETS: Final = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC"))


def skeleton(text: str) -> str:
    """Return what ``text`` looks like: two texts with one skeleton are easily taken for each other.

    Of a long text its first ``NAME_CHARS`` are looked at; no host is as long.
    """
    return joined(words(text))


def joined(parts: tuple[str, ...]) -> str:
    """Return words as one skeleton; letters that together pass for another are that other."""
    return "".join(parts).replace("rn", "m").replace("vv", "w")


def words(text: str, *, keep: bool = False) -> tuple[str, ...]:
    """Return the words of ``text``, each as what it looks like; with ``keep`` i and l stay two letters.

    Digits inside a word are read as the letters that they pass for, and letters beside more digits as
    digits; a number stays a number, so that "Region 11" is not "Region II".
    """
    return _words(text[:NAME_CHARS], keep)


@lru_cache(maxsize=1024)  # of names and hosts of issuers, which come again and again
def _words(text: str, keep: bool) -> tuple[str, ...]:
    plain = ".".join(_from_punycode(label) for label in text.split("."))
    plain = unicodedata.normalize("NFKD", plain).translate(_LOOKS_LIKE).casefold().translate(_LOOKS_LIKE)
    plain = _SIGN.sub(lambda match: _SIGNS[match[0]], plain)
    return tuple(_word(each, keep=keep) for each in "".join(_letters(plain)).split())


def are_abbreviations(first: str, second: str) -> bool:
    """Tell whether two texts with one skeleton differ by i and l in short words only: "IA" and "LA"."""
    pairs = list(zip(words(first, keep=True), words(second, keep=True), strict=False))
    other = [pair for pair in pairs if pair[0] != pair[1]]
    return bool(other) and all(
        len(one) <= ABBREVIATION and one.translate(_AS_LETTERS) == two.translate(_AS_LETTERS)
        for one, two in other
    )


def mixed_word(text: str) -> str | None:
    """Return a word that mixes Latin letters with those of an alphabet that looks like it, or None."""
    return _mixed_word(text[:NAME_CHARS])


@lru_cache(maxsize=1024)  # of names of issuers, as above
def _mixed_word(text: str) -> str | None:
    for word in re.split(r"[\W\d_]+", text):
        alphabets = {unicodedata.name(char, "").partition(" ")[0] for char in word} & _ALPHABETS
        if len(alphabets) > 1 and "LATIN" in alphabets:
            return word
    return None


def has_hidden(text: str) -> bool:
    """Tell whether ``text`` holds characters that show nothing, or that turn its direction."""
    if text.isprintable():  # then only signs that take room can show nothing
        return not _BLANK.isdisjoint(text)
    return any(char in _BLANK or explain.is_hidden(char) for char in text)


def _letters(plain: str) -> Iterator[str]:
    """Yield letters and digits; a space for every other sign, nothing for accents."""
    for char in plain:
        kind = unicodedata.category(char)[0]
        if kind == "N":
            digit = unicodedata.digit(char, None)
            yield char if digit is None else str(digit)
        elif kind == "L":
            yield char
        elif kind in "ZPS" and char not in "'’":
            yield " "


def _word(word: str, *, keep: bool) -> str:
    digits = sum(char.isdigit() for char in word)
    if not digits:
        return word if keep else word.translate(_AS_LETTERS)
    if len(word) - digits >= LEET_LETTERS and len(word) >= 2 * digits:
        return word.translate(_LEET).translate(_AS_LETTERS)
    return word.translate(_AS_DIGITS)


def _from_punycode(label: str) -> str:
    if not label.startswith(_PUNYCODE) or len(label) > LABEL_CHARS:
        return label
    try:
        return label[len(_PUNYCODE) :].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
