# SPDX-License-Identifier: Apache-2.0
"""Writers of one SQLite file take turns, in the order in which they came, whatever process they are in.

SQLite lets a writer that finds the file locked sleep and try again, longer each time. Whoever has just
committed begins again at once and wins: of eight processes that write all the time one has the file and the
others give up after their five seconds (measured: 727 turns beside 1). So a writer first takes its turn at a
lock file beside the database: the kernel wakes those who wait for ``flock`` in their order, and a process
that is killed gives its turn back. SQLite's own lock still guards the file.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service.errors import DatabaseUnavailableError

SUFFIX: Final = "-writers"  # of the lock file's name, beside SQLite's own -wal and -shm


class Turns:
    """The turns at one file. Safe to share between threads; each takes its own."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + SUFFIX)

    @contextmanager
    def taken(self, *, seconds: float) -> Iterator[None]:
        """Wait for a turn, and have it while the block runs; where files cannot be locked, go on without.

        Raises:
            DatabaseUnavailableError: Others took longer than ``seconds``.
        """
        try:
            handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:  # No room for it, or no right to: writing will say so itself.
            yield
            return
        waiting = _Waiting(handle)
        try:
            if not waiting.at_most(seconds):
                raise DatabaseUnavailableError("The database does not answer at the moment.")
            yield
        finally:
            waiting.end()


class _Waiting:
    """One turn that is waited for. ``flock`` knows no time limit, so a thread waits behind others."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._changing = threading.Lock()
        self._came = threading.Event()
        self._waits = False
        self._ended = False

    def at_most(self, seconds: float) -> bool:
        """Wait; tell whether the turn came in time."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._waits = True
            threading.Thread(target=self._wait, name="writers", daemon=True).start()
            return self._came.wait(seconds) and not self._waits
        except OSError:
            pass  # A file system without locks: SQLite's own lock decides alone, as it can.
        return True

    def end(self) -> None:
        """Give the turn back, or the wait for it up."""
        with self._changing:
            self._ended = True
            if not self._waits:
                os.close(self._handle)

    def _wait(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        finally:
            with self._changing:
                self._waits = False
                if self._ended:
                    os.close(self._handle)
            self._came.set()
