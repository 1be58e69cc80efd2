# SPDX-License-Identifier: Apache-2.0
"""Badge images of what was awarded, read and checked once in a process, and copied for each credential.

Nothing has to be looked up again: a version that was awarded to somebody never changes, and neither do its
documents (``achievements.register`` refuses it in the transaction that would write them).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final
from weakref import WeakKeyDictionary

from credentials.baking import png
from credentials.baking.png import Blank
from issuer import achievements
from issuer.mint import Mint
from service.db import Database

KEPT: Final = 128  # images; ours have some 40 KB
KEPT_BYTES: Final = 262_144  # a larger one is read each time, so that they take 32 MiB together at most

_kept: WeakKeyDictionary[Database, OrderedDict[str, Blank]] = WeakKeyDictionary()
_lock = threading.Lock()


def of_awarded(mint: Mint, key: str) -> Blank | None:
    """Return the image of the version ``key``, ready for a credential that was awarded for it, or None.

    Raises:
        BakingError: What is stored is no sound PNG.
    """
    with _lock:
        ours = _kept.setdefault(mint.db, OrderedDict())
        found = ours.get(key)
        if found is not None:
            ours.move_to_end(key)
            return found
    stored = achievements.document(mint, f"/achievements/{key}/image.png")
    if stored is None:
        return None
    made = png.prepare(stored.body)
    if made.size <= KEPT_BYTES:
        with _lock:
            ours[key] = made
            while len(ours) > KEPT:
                ours.popitem(last=False)
    return made
