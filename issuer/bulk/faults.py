# SPDX-License-Identifier: Apache-2.0
"""How much is told of one row: what is wrong with it shall be read, and not fill a database.

Sentences repeat what strangers wrote. Signs that nobody can see, or that turn the line round, stand there as
U+FFFD; one of them, U+0000, no database of texts takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

FAULTS: Final = 20  # that are told of one row
LEVELS: Final = 60  # criteria that one row may name; a rubric has a few
FAULT_CHARS: Final = 300  # of one of them
REASON_BYTES: Final = 4_000  # of all of them, in UTF-8
UNSEEN: Final = "\ufffd"
TOO_MANY_LEVELS: Final = f"It names more than {LEVELS} criteria."


def shown(text: str) -> str:
    """Return ``text`` with a mark for each sign that cannot be seen."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else UNSEEN for sign in text)


def told(found: Iterable[str]) -> str:
    """Return faults or warnings of a row as they are kept, a line each: the first, and how many more."""
    every = tuple(found)
    lines: list[str] = []
    room = REASON_BYTES - 60  # for the last line
    for each in islice(every, FAULTS):
        line = shown(each if len(each) <= FAULT_CHARS else f"{each[: FAULT_CHARS - 1]}…")
        room -= len(line.encode("utf-8", "surrogatepass")) + 1
        if room < 0:
            break
        lines.append(line)
    if len(lines) < len(every):
        lines.append(f"And {len(every) - len(lines):,} more.")
    return "\n".join(lines)
