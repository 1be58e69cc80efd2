# SPDX-License-Identifier: Apache-2.0
"""Whether the bucket of files answers: asked now and then beside the requests, told at ``/healthz``.

A bucket that is away stops no awards, checks or pages, only files that people bring. So the service starts
without it and stays healthy, and operators are told: a line in the log (``files.unavailable``), and the same
code under ``attention``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Final

from service.errors import StorageFullError, StorageUnavailableError
from service.files import ID_BYTES, FileStore, open_files
from service.settings import Settings

EVERY: Final = timedelta(seconds=30)  # between two questions to the bucket

_NOBODYS: Final = "0" * (2 * ID_BYTES)  # a name that no file will have


class FilesWatch:
    """Asks for a file that is not there, in a thread of its own. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked yet, and never where files lie in a folder."""
        self._files: FileStore | None = open_files(settings, "files") if settings.files_url else None
        self._lock = Lock()
        self._asked: datetime | None = None
        self._asking: Thread | None = None
        self._away = False

    def attention(self, now: datetime) -> Sequence[str]:
        """Return ``files.unavailable`` if the bucket did not answer when it was last asked; never waits."""
        if self._files is not None:
            with self._lock:
                busy = self._asking is not None and self._asking.is_alive()
                if not busy and (self._asked is None or now - self._asked >= EVERY):
                    self._asked = now
                    self._asking = Thread(target=self._ask, args=(self._files,), daemon=True)
                    self._asking.start()
        return (StorageUnavailableError.code,) if self._away else ()

    def wait(self, seconds: float) -> None:
        """Wait until what was asked is answered, at most so long."""
        asking = self._asking
        if asking is not None:
            asking.join(seconds)

    def _ask(self, files: FileStore) -> None:
        try:
            files.exists(_NOBODYS)
        except (StorageUnavailableError, StorageFullError):
            self._away = True
        else:
            self._away = False
