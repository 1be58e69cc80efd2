# SPDX-License-Identifier: Apache-2.0
"""Places in status lists: random, never used twice, never in the order of awarding.

Bitstring Status List v1.0 and its privacy considerations: a list of at least 131,072 entries, an index that
says nothing about who or when. All credentials of an issuer share one list per purpose until it is
half full, and an eighth may be decoys (``decoys``); then the next one is used, which was begun before. So a
free index is found in about two draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from issuer.errors import StatusListError

LIST_ENTRIES: Final = 131_072  # entries, the least that the specification allows: 16 KiB of bits
HALF: Final = LIST_ENTRIES // 2  # entries of credentials after which the next list is used
AHEAD: Final = LIST_ENTRIES * 45 // 100  # entries after which the next list is begun and published
DRAWS: Final = 128  # tries; at five eighths full the chance to need more is 1e-26
PURPOSES: Final = ("revocation", "suspension")


def choose_index(*, is_taken: Callable[[int], bool], draw: Callable[[int], int]) -> int:
    """Return a random index that is not taken; ``draw(n)`` gives an even random number below n.

    Raises:
        StatusListError: Only taken ones were drawn, so the list is far too full or the randomness is broken.
    """
    for _ in range(DRAWS):
        index = draw(LIST_ENTRIES)
        if not is_taken(index):
            return index
    raise StatusListError("No free place was found in the status list.")


def list_path(list_id: str) -> str:
    """Return the path under which the list is published."""
    return f"/status/{list_id}"
