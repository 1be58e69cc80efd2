# SPDX-License-Identifier: Apache-2.0
"""The text of a policy before it is read as TOML: its size, its signs, and how deep it goes.

A reader of TOML may need time with the square of a key's dots, and a stack with the depth of brackets; so
both are measured here first, in one pass (threats N3). Nothing is understood here: what is no TOML is found
by the reader after this.
"""

from __future__ import annotations

import re
from typing import Final

from recognition.errors import Fault
from recognition.rule.policy_keys import DOTS, NESTING, SOURCE_BYTES
from verifier.explain import is_hidden

# A piece of TOML that matters here: comments and texts are passed over, and a text in a key counts as a part.
# A text of several lines ends at its first three quotes, of which up to five may stand in a row. Possessive
# and atomic parts: what does not match is never tried in another way, so the pass is linear.
_PIECE: Final = re.compile(
    r"""
    \#[^\n]*+
    | \"\"\"(?>(?:[^"\\]|\\.|"(?!""))*+)(?:\"{3,5}+|\\?\Z)
    | '''(?>(?:[^']|'(?!''))*+)(?:'{3,5}+|\Z)
    | "(?:[^"\\\n]|\\[^\n])*+(?:"|\\?(?=\n|\Z))
    | '[^'\n]*+(?:'|(?=\n)|\Z)
    | (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<dot>\.) | (?P<end>[=,\n])
    """,
    re.VERBOSE | re.DOTALL,
)


def decode(source: bytes, *, what: str = "A policy") -> tuple[str, Fault | None]:
    """Return the text, or "" with the one fault for which it is not even tried as TOML.

    ``what`` it is stands in the sentence about a text that is too long.
    """
    if len(source) > SOURCE_BYTES:
        return "", Fault("", f"{what} has at most {SOURCE_BYTES:,} bytes; this one has {len(source):,}.")
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        return "", Fault("", f"This is not UTF-8 (at byte {error.start:,}).")
    fault = _hidden(text) or _too_deep(text)
    return ("", fault) if fault else (text, None)


def _hidden(text: str) -> Fault | None:
    """Find a sign that nobody sees: a policy must read the same to a person and to us."""
    for number, line in enumerate(text.split("\n"), start=1):
        for char in line.removesuffix("\r"):
            if char != "\t" and is_hidden(char):
                name = f"U+{ord(char):04X}"
                return Fault("", f"Line {number:,} holds a character that cannot be seen ({name}).")
    return None


def _too_deep(text: str) -> Fault | None:
    depth = dots = 0
    for piece in _PIECE.finditer(text):
        if piece["open"]:
            depth, dots = depth + 1, 0
        elif piece["close"]:
            depth, dots = max(depth - 1, 0), 0
        elif piece["end"]:
            dots = 0
        elif piece["dot"]:
            dots += 1
        if depth > NESTING or dots > DOTS:
            line = text.count("\n", 0, piece.start()) + 1
            return Fault("", f"Line {line:,} goes deeper than any policy does.")
    return None
