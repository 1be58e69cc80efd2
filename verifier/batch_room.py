# SPDX-License-Identifier: Apache-2.0
"""Many at once, how much may wait: things and bytes, in one batch, from one address, and in this house.

A small archive unpacks to a thousand times its size, so what comes out is counted before it is written. What
is kept stands in the rows; what several threads are writing at this moment is counted beside them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from verifier.batch import Item
from verifier.bureau import Bureau
from verifier.errors import BatchesFullError, TooMuchInsideError
from verifier.lines import Line
from verifier.store import batches as rows

WAITING_ITEMS: Final = 5_000  # things that wait in this house; at 20 a second some four minutes
SHARE_ITEMS: Final = 1_000  # of them from one address
BATCH_BYTES: Final = 104_857_600  # bytes (100 MiB) that wait in one batch; 500 badge images have about 20
HOUSE_BYTES: Final = 1_073_741_824  # bytes (1 GiB) that wait in all batches
MIB: Final = 1_048_576


class Room:
    """What threads are writing, beside what stands in the rows already."""

    def __init__(self, bureau: Bureau) -> None:
        self._bureau = bureau
        self._lock = threading.Lock()
        self._coming: Counter[str] = Counter()

    def admit(self, batch: str, line: Line) -> Line:
        """Return a line whose bytes may be written; or, where there is no room, one that says so."""
        size = len(line.raw or b"")
        if not size:
            return line
        with self._lock:
            of_batch, of_house = _stored(self._bureau, batch)
            if of_batch + self._coming[batch] + size > BATCH_BYTES:
                words = (
                    f"More than {BATCH_BYTES // MIB} MB of this batch would wait to be looked at, so this "
                    "file was left out. Bring it by itself."
                )
            elif of_house + self._coming.total() + size > HOUSE_BYTES:
                words = (
                    "So much waits to be looked at in this house that this file was left out. Bring it again "
                    "in some minutes."
                )
            else:
                self._coming[batch] += size
                return line
        return replace(line, raw=None, trouble=TooMuchInsideError(words))

    def settled(self, batch: str, written: Iterable[Item]) -> None:
        """Forget what was being written: it stands in the rows now, or is deleted again."""
        with self._lock:
            self._coming[batch] -= sum(item.size for item in written)


def require(bureau: Bureau, lines: Sequence[Line], *, opener: str | None) -> None:
    """Refuse to open a batch for which there is no room.

    Raises:
        BatchesFullError: Too many things or bytes wait already, or these are too many bytes.
    """
    _require_turns(bureau, len(lines), opener)
    size = sum(len(line.raw or b"") for line in lines)
    _, waiting = _stored(bureau, "")
    if size > BATCH_BYTES or waiting + size > HOUSE_BYTES:
        raise BatchesFullError(
            f"These files have {size // MIB:,} MB, and {waiting // MIB:,} MB wait to be checked already, so "
            "nothing was taken. Bring less at once, or try again in some minutes.",
            got=waiting + size,
            expected=HOUSE_BYTES,
        )


def _require_turns(bureau: Bureau, more: int, opener: str | None) -> None:
    with bureau.db.reading() as session:
        waiting = rows.waiting(session)
        own = rows.waiting(session, among=bureau.shares.of(opener)) if opener is not None else 0
    if own and own + more > SHARE_ITEMS:
        raise BatchesFullError(
            f"{own:,} things that were brought from your address wait to be checked, and {SHARE_ITEMS:,} "
            "may, so nothing was taken. Bring more when those are done.",
            got=own,
            expected=SHARE_ITEMS,
        )
    if waiting + more > WAITING_ITEMS:
        raise BatchesFullError(
            f"{waiting:,} things wait to be checked already, so nothing was taken. Try again soon.",
            got=waiting,
            expected=WAITING_ITEMS,
        )


def _stored(bureau: Bureau, batch: str) -> tuple[int, int]:
    with bureau.db.reading() as session:
        return rows.stored(session, batch)
