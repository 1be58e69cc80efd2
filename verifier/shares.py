# SPDX-License-Identifier: Apache-2.0
"""Which batches an address has opened, so that one alone cannot take all room of the house.

Kept in memory of this process and never written down: no row says who has brought what.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

KEPT: Final = 4_096  # addresses; whoever has opened nothing for longest is forgotten first
EACH: Final = 50  # batches of one address; the limit of batches in an hour is lower


class Shares:
    """Batches by the address that has opened them; safe to share between threads."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, list[str]] = OrderedDict()

    def of(self, opener: str) -> tuple[str, ...]:
        """Return the batches that were opened from there, some of which may be over."""
        with self._lock:
            return tuple(self._opened.get(opener, ()))

    def add(self, opener: str, batch: str) -> None:
        """Remember one more."""
        with self._lock:
            known = self._opened.pop(opener, [])
            self._opened[opener] = [*known, batch][-EACH:]
            while len(self._opened) > KEPT:
                self._opened.popitem(last=False)
