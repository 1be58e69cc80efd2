# SPDX-License-Identifier: Apache-2.0
"""Decoys: places of nobody in a status list, set and cleared at random beside those that mean something.

A list is public, and whoever keeps two of them sees which bits were turned between. Random places tell
neither who nor when somebody was given one; but the number of bits tells how many were taken back, and of a
single new one everybody knows that it was one person. So with each publication that shows changes a random
number of decoys changes too, and at random moments decoys change alone (ADR 0041).

What would tell a decoy from a credential is kept from happening: a bit of a revocation list that was set is
never cleared, a place is drawn as evenly as any other, and none was ever the place of a credential.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from issuer.status import LIST_ENTRIES

FIRST: Final = 512  # a list begins with fewer than so many set decoys: an even random number of them
MEAN: Final = 7  # decoys that change with a publication, in the mean, if few credentials do
SHARE: Final = 2  # of many credentials: one decoy for so many of them, in the mean
MOST: Final = LIST_ENTRIES // 8  # decoys in a list; each takes a place that no credential gets
STIRS: Final = timedelta(days=1)  # between two changes of decoys alone, in the mean
PARTS: Final = 2**53  # of the unit interval, for a random fraction

Draw = Callable[[int], int]  # ``draw(n)`` gives an even random number below n


def first_number(*, draw: Draw) -> int:
    """Return how many set decoys a list begins with: how many bits it holds says nothing then."""
    return draw(FIRST)


def number(changed: int, *, draw: Draw) -> int:
    """Return how many decoys are turned beside ``changed`` bits of credentials.

    Geometric: each further one is as likely to come as the last one was, so that seeing n bits turn makes
    "k credentials" hardly more likely than "k + 1".
    """
    mean = max(MEAN, changed // SHARE)
    return int(math.log(_fraction(draw)) / math.log(mean / (mean + 1)))


def next_stir(now: datetime, *, draw: Draw) -> datetime:
    """Return when decoys change next although nothing else has; no moment is likelier than another."""
    return now - STIRS * math.log(_fraction(draw))


def _fraction(draw: Draw) -> float:
    """Return a random number above 0 and up to 1."""
    return (draw(PARTS) + 1) / PARTS
