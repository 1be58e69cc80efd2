# SPDX-License-Identifier: Apache-2.0
"""Writers of one SQLite file take turns, so that none of them starves, whatever process they are in.

SQLite lets a writer that finds the file locked sleep and try again, longer each time. Whoever has just
committed begins again at once and wins: of eight processes that write all the time one has the file and the
others give up after their five seconds (measured: 727 turns beside 1). So a writer first takes a lock on a
file beside the database. For a while whoever comes first gets it: to write again while the others are being
woken is quickest. Who has waited for PATIENCE locks a second file, and then nobody else begins to write
before. A process that is killed gives both back. SQLite's own lock still guards the database.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from service.errors import DatabaseUnavailableError

SUFFIX: Final = "-writers"  # of the lock file, beside SQLite's own -wal and -shm
IMPATIENT: Final = "-waiting"  # of the other one
PATIENCE: Final = 0.5  # seconds that a writer waits before all others have to let it go first
NAP: Final = (0.0005, 0.003)  # seconds between two tries, at random, so that none is always the second


class Turns:
    """The turns at one file. Safe to share between threads; each takes its own."""

    def __init__(self, database: Path) -> None:
        self._paths = [database.with_name(database.name + suffix) for suffix in (SUFFIX, IMPATIENT)]

    @contextmanager
    def taken(self, *, seconds: float) -> Iterator[None]:
        """Wait for a turn, and have it while the block runs; where files cannot be locked, go on without.

        Raises:
            DatabaseUnavailableError: Others took longer than ``seconds``.
        """
        handles: list[int] = []
        try:
            with suppress(OSError):  # No room for them, or no right to: writing will say so itself.
                for path in self._paths:
                    handles.append(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            if len(handles) == len(self._paths):
                _wait(*handles, seconds=seconds)
            yield
        finally:
            for handle in handles:
                os.close(handle)


def _wait(turn: int, queue: int, *, seconds: float) -> None:
    begun = time.monotonic()
    is_next = False
    while not (_may_try(queue, is_next=is_next) and _locked(turn)):
        waited = time.monotonic() - begun
        if waited > seconds:
            raise DatabaseUnavailableError("The database does not answer at the moment.")
        if waited > PATIENCE and not is_next:
            is_next = _locked(queue)
        else:
            time.sleep(random.uniform(*NAP))  # noqa: S311  no secret
    if is_next:
        fcntl.flock(queue, fcntl.LOCK_UN)


def _may_try(queue: int, *, is_next: bool) -> bool:
    """Tell whether nobody waits who has to go first."""
    if is_next:
        return True
    if not _locked(queue, fcntl.LOCK_SH):
        return False
    fcntl.flock(queue, fcntl.LOCK_UN)
    return True


def _locked(handle: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # A file system without locks: SQLite's own lock decides alone, as it can.
    return True
