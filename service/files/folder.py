# SPDX-License-Identifier: Apache-2.0
"""Files in a private folder of this machine, outside everything that is served.

- All or nothing: written aside, forced to the disk, then renamed. A full disk leaves nothing half-stored.
- The folder is 0700 and each file 0600, as are the database and the keys.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from service.errors import StorageFullError, StorageUnavailableError
from service.files.place import full, missing, unavailable

_PART: Final = ".part"  # what a file is called until it is whole
_OURS: Final = re.compile(r"[0-9a-f]{32}")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Folder:
    """A folder of files (``place.Place``). Shared between threads and processes; nothing is kept open.

    Args:
        folder: Where the files lie; made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, data: bytes, *, sha256: str, media_type: str) -> None:
        """Keep ``data``; digest and type stand in the rows."""
        target = self._path(name)
        part = target.with_name(name + _PART)
        try:
            _make_folder(self._folder)
            _make_folder(target.parent)
            try:
                _write(part, data)
                part.rename(target)
            finally:  # after the renaming there is nothing left to delete
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
            _sync(target.parent)
        except OSError as error:
            raise _trouble(error) from error

    def read(self, name: str) -> bytes:
        """Return the content; a disk that cannot give it back whole says so itself."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise missing(name) from error
        except OSError as error:
            raise _trouble(error) from error

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError as error:
            raise missing(name) from error
        except OSError as error:
            raise _trouble(error) from error

    def delete(self, name: str) -> None:
        """Delete a file, durably."""
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync(path.parent)
        except OSError as error:
            raise _trouble(error) from error

    def stored(self, *, before: datetime) -> Iterator[str]:
        """Yield the older files; what a crash left half-written is deleted here, it has no name."""
        limit = before.timestamp()
        try:
            for path in sorted(self._folder.glob("??/*")):
                with contextlib.suppress(FileNotFoundError):  # somebody else has deleted it just now
                    if path.stat().st_mtime >= limit:
                        continue
                    if path.name.endswith(_PART):
                        path.unlink()
                    elif _OURS.fullmatch(path.name):
                        yield path.name
        except OSError as error:
            raise _trouble(error) from error

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Force the folder's list of names to the disk, so that a renamed file survives a power failure."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _trouble(error: OSError) -> StorageFullError | StorageUnavailableError:
    return full() if error.errno in _FULL else unavailable()
