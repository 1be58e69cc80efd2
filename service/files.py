# SPDX-License-Identifier: Apache-2.0
"""Files that people gave us, kept in a private folder outside everything that is served.

Rules kept here:

- A file is named by 128 random bits, and its path follows from that name alone: nothing that a person typed
  ever becomes part of a path. What it is called, whose it is and of which kind stands in the rows of a room.
- All or nothing: written aside, forced to the disk, then renamed. A full disk leaves nothing half-stored.
- The folder is 0700 and each file 0600, as are the database and the keys.
- A file is never changed. A new version is a new file, and the old one is deleted.

Rows are the truth. A room stores the file first and then commits its row; what a crash left without a row is
found by ``orphans`` and deleted later. A row is deleted before its file, for the same reason.

No method speaks of paths, so a store elsewhere (S3) can take this one's place with the same six methods.

Example::

    stored = files.put(data, media_type="application/pdf")
    files.get(stored.id)
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from service.errors import FileMissingError, StorageFullError, StorageUnavailableError

ID_BYTES: Final = 16  # 128 bits, which nobody guesses or counts

_ID: Final = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")
_PART: Final = ".part"  # what a file is called until it is whole
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file: its name here, and what a row should remember about it.

    Attributes:
        id: 32 hexadecimal digits.
        size: Bytes.
        sha256: Digest of the content in hexadecimal, to notice damage; never published, small files can be
            guessed from it.
        media_type: As given to ``put``.
    """

    id: str
    size: int
    sha256: str
    media_type: str


class FileStore:
    """A folder of files. Safe to share between threads and processes; nothing is kept open.

    Args:
        folder: Where the files lie; made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, *, media_type: str) -> StoredFile:
        """Keep ``data``, and return its name when it is on the disk.

        Raises:
            StorageFullError: The disk, or our share of it, is full; nothing was stored.
            StorageUnavailableError: It cannot be written for another reason; nothing was stored.
        """
        name = secrets.token_hex(ID_BYTES)
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
            raise _unavailable(error) from error
        return StoredFile(
            id=name, size=len(data), sha256=hashlib.sha256(data).hexdigest(), media_type=media_type
        )

    def get(self, name: str) -> bytes:
        """Return the content of the file ``name``.

        Raises:
            FileMissingError: There is no such file.
            StorageUnavailableError: It cannot be read.
        """
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise _missing(name) from error
        except OSError as error:
            raise _unavailable(error) from error

    def size(self, name: str) -> int:
        """Return how many bytes the file ``name`` has.

        Raises:
            FileMissingError: There is no such file.
            StorageUnavailableError: The folder cannot be read.
        """
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError as error:
            raise _missing(name) from error
        except OSError as error:
            raise _unavailable(error) from error

    def exists(self, name: str) -> bool:
        """Tell whether there is a file ``name``."""
        return _ID.fullmatch(name) is not None and self._path(name).is_file()

    def delete(self, name: str) -> None:
        """Delete the file ``name``; one that is gone already is no fault.

        Raises:
            FileMissingError: ``name`` is no name of a file.
            StorageUnavailableError: It cannot be deleted.
        """
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync(path.parent)
        except OSError as error:
            raise _unavailable(error) from error

    def orphans(self, known: Collection[str], *, before: datetime) -> Iterator[str]:
        """Yield the files that are not ``known`` to any row, and were stored before ``before``.

        A file is stored a moment before its row is committed, so ``before`` lies hours in the past. What a
        crash left half-written is deleted here at once; it has no name that could be yielded.

        Raises:
            StorageUnavailableError: The folder cannot be read.
        """
        known = frozenset(known)
        limit = before.timestamp()
        try:
            for path in sorted(self._folder.glob("??/*")):
                with contextlib.suppress(FileNotFoundError):  # somebody else has deleted it just now
                    if path.stat().st_mtime >= limit:
                        continue
                    if path.name.endswith(_PART):
                        path.unlink()
                    elif _ID.fullmatch(path.name) and path.name not in known:
                        yield path.name
        except OSError as error:
            raise _unavailable(error) from error

    def _path(self, name: str) -> Path:
        if _ID.fullmatch(name) is None:
            raise _missing(name)
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


def _missing(name: str) -> FileMissingError:
    return FileMissingError("This file is not here any more.", got=name[:64])


def _unavailable(error: OSError) -> StorageFullError | StorageUnavailableError:
    if error.errno in _FULL:
        return StorageFullError("There is no room for more files at the moment. Nothing of yours was lost.")
    return StorageUnavailableError("Files cannot be kept or read at the moment. Nothing of yours was lost.")
