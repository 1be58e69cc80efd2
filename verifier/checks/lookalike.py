# SPDX-License-Identifier: Apache-2.0
"""Does the issuer's name or domain look like one that the reader knows, and is another?

Security rules, row V5; Unicode Technical Standard 39, "Confusable Detection". The table below is a small
part of that standard's: the letters of Cyrillic, Greek and Armenian that pass for Latin ones, and a few
digits. A statement apart: it never changes the verdict.
"""

from __future__ import annotations

import unicodedata

from verifier import explain
from verifier.outcome import Check
from verifier.party import NAME_CHARS, Party, host_of
from verifier.ports import Registry

# After case folding and decomposition; each letter with what passes for it.
_PASSES_FOR = {
    "a": "аɑα",
    "b": "ьβ",
    "c": "сϲ",
    "d": "ԁɗ",
    "e": "еє",
    "g": "ɡց",
    "h": "һհ",
    "j": "јϳ",
    "k": "кκ",
    "l": "iі1ӏⅼ|ι!ı",
    "n": "пոη",
    "o": "оοօ0",
    "p": "рρ",
    "q": "ԛզ",
    "s": "ѕ",
    "t": "тτ",
    "u": "υս",
    "v": "ѵν",
    "w": "ԝω",
    "x": "хχ",
    "y": "уγ",
    "z": "ᴢ",
}
_LOOKS_LIKE = {ord(char): letter for letter, chars in _PASSES_FOR.items() for char in chars}
_PUNYCODE = "xn--"
LABEL_CHARS = 63  # characters of a label (RFC 1035, section 2.3.4); decoding punycode takes their square


def check_lookalike(party: Party, *, registry: Registry) -> Check:
    """Compare name and domain with those of all issuers that the reader knows."""
    if party.name is None:
        return explain.say(explain.LOOKALIKE_NO_NAME)
    if any(explain.is_hidden(char) for char in party.name):
        return explain.say(explain.LOOKALIKE_HIDDEN, path="/issuer/name")
    host = host_of(party.id)
    name_skeleton, host_skeleton = skeleton(party.name), skeleton(host) if host is not None else None
    for known in registry.known():
        if known.did == party.id:
            continue
        known_host = host_of(known.did)
        same_name = skeleton(known.name) == name_skeleton
        same_host = known_host is not None and skeleton(known_host) == host_skeleton
        if same_name or (same_host and host != known_host):
            return explain.say(
                explain.LOOKALIKE_FOUND, path="/issuer/name", other=known.name, address=party.address
            )
    return explain.say(explain.LOOKALIKE_NONE)


def skeleton(text: str) -> str:
    """Return what ``text`` looks like: two texts with one skeleton are easily taken for each other.

    Of a long text its first ``NAME_CHARS`` are looked at; no host is as long.
    """
    shown = ".".join(_from_punycode(label) for label in text[:NAME_CHARS].split("."))
    plain = unicodedata.normalize("NFKD", shown).casefold()
    letters = "".join(c for c in plain.translate(_LOOKS_LIKE) if unicodedata.category(c)[0] not in "MZCP")
    return letters.replace("rn", "m").replace("vv", "w")


def _from_punycode(label: str) -> str:
    if not label.startswith(_PUNYCODE) or len(label) > LABEL_CHARS:
        return label
    try:
        return label[len(_PUNYCODE) :].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
