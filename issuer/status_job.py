# SPDX-License-Identifier: Apache-2.0
"""The job that publishes status lists: what decisions changed, what grew old, what is going to be needed.

A bell that rings again while lists are made is heard once more. A list is published at most once a second
(``SETTLE``), however many decisions come in it; the first one of a quiet time is published at once. After a
list is published, those who count awards are told whose status has changed: not before, so that they find
what they were told (``Mint.status_changed``). What a crash has left untold is told by the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from credentials.errors import HallmarkError
from issuer import status_publisher
from issuer.mint import Mint
from issuer.status_age import SKEW
from issuer.store import decisions as decision_rows
from issuer.store import status as rows
from service import clock

JOB: Final = status_publisher.JOB
EVERY: Final = timedelta(minutes=1)  # how often it looks without a bell
SETTLE: Final = timedelta(seconds=1)  # from one publication of a list to its next one, at least
SHIFT: Final = 20.0  # seconds after which a run ends and rings for the next one
TOLD: Final = 250  # credentials whose change is told at once


def work(mint: Mint, *, now: datetime, pause: Callable[[float], None] = time.sleep) -> int:
    """Publish what is due, wait for what was published a moment ago, and tell; return how many lists.

    Raises:
        HallmarkError: What kept the first of the lists that could not be published.
    """
    begun = clock.monotonic()
    status_publisher.open_ahead(mint, now=now)
    done, waited, published = 0, 0.0, 0
    failed: HallmarkError | None = None
    while True:
        elapsed = max(clock.monotonic() - begun, waited)
        moment = now + timedelta(seconds=elapsed)
        newest = _newest(mint)
        ready, wait = _ready(mint, now=moment)
        try:
            done += status_publisher.publish(mint, ready, now=moment)
        except HallmarkError as error:
            failed = failed or error
        # What had to wait before has been published now.
        tell(mint, until=newest if wait is None else published, now=moment)
        if wait is None or elapsed > SHIFT:
            break
        pause(wait)
        waited, published = elapsed + wait, newest
    if wait is not None:
        mint.ring(JOB)
    if failed is not None:
        raise failed
    return done


def at_once(mint: Mint, *, now: datetime) -> int:
    """Publish what is due without waiting for anything, and tell; return how many lists. For the terminal.

    Raises:
        HallmarkError: What kept the first of the lists that could not be published.
    """
    newest = _newest(mint)
    done = status_publisher.publish_due(mint, now=now)
    tell(mint, until=newest, now=now)
    return done


def tell(mint: Mint, *, until: int, now: datetime) -> int:
    """Tell of each decision up to the number ``until`` that was not told; return how many there were."""
    number = 0
    while True:
        with mint.db.reading() as session:
            untold = decision_rows.untold(session, until=until, limit=TOLD)
        if not untold:
            return number
        mint.status_changed(tuple(dict.fromkeys(id for _, id in untold)), now=now)
        with mint.db.transaction() as session:
            decision_rows.tell(session, [each for each, _ in untold], now=now)
        number += len(untold)


def _ready(mint: Mint, *, now: datetime) -> tuple[list[str], float | None]:
    """Return the lists that may be published now, and in how many seconds all others may be."""
    with mint.db.reading() as session:
        due = rows.due(session, renew=now - status_publisher.REFRESH, ahead=now + SKEW, now=now)
    ready: list[str] = []
    wait: float | None = None
    for list_id, last in due:
        left = 0.0 if last is None else (last + SETTLE - now).total_seconds()
        if 0 < left <= SETTLE.total_seconds():  # a clock that was put back makes nobody wait
            wait = left if wait is None else max(wait, left)
        else:
            ready.append(list_id)
    return ready, wait


def _newest(mint: Mint) -> int:
    with mint.db.reading() as session:
        return decision_rows.newest(session)
