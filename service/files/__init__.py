# SPDX-License-Identifier: Apache-2.0
"""Files that people gave us, kept apart from everything that is served.

Where they lie is decided by the settings: in a private folder of this machine (``folder``), or in a bucket of
an S3-compatible store that several machines share (``objects``). Rules kept for both:

- A file is named by 128 random bits, and its place follows from that name alone: nothing that a person typed
  ever becomes part of a path. What it is called, whose it is and of which kind stands in the rows of a room.
- All or nothing: nothing is ever half-stored.
- A file is never changed. A new version is a new file, and the old one is deleted.

Rows are the truth. A room stores the file first and then commits its row; what a crash left without a row is
found by ``orphans`` and deleted later. A row is deleted before its file, for the same reason.

Example::

    files = open_files(settings, "files")
    stored = files.put(data, media_type="application/pdf")
    files.get(stored.id)
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from service.errors import ExtraMissingError, FileMissingError
from service.files.folder import Folder
from service.files.place import Place, missing
from service.settings import Settings

ID_BYTES: Final = 16  # 128 bits, which nobody guesses or counts

_ID: Final = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")


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
    """The files of one room. Safe to share between threads; open one in each process.

    Args:
        place: Where they lie; a path stands for a folder of this machine.
    """

    def __init__(self, place: Path | Place) -> None:
        self._place: Place = Folder(place) if isinstance(place, Path) else place

    def put(self, data: bytes, *, media_type: str) -> StoredFile:
        """Keep ``data``, and return its name when it is safe there.

        Raises:
            StorageFullError: The place, or our share of it, is full; nothing was stored.
            StorageUnavailableError: It cannot be written for another reason; no file of that name will ever
                be given to anybody.
        """
        name, digest = secrets.token_hex(ID_BYTES), hashlib.sha256(data).hexdigest()
        self._place.write(name, data, sha256=digest, media_type=media_type)
        return StoredFile(id=name, size=len(data), sha256=digest, media_type=media_type)

    def get(self, name: str) -> bytes:
        """Return the content of the file ``name``.

        Raises:
            FileMissingError: There is no such file.
            FileDamagedError: What is there is not what was stored.
            StorageUnavailableError: It cannot be read.
        """
        return self._place.read(_checked(name))

    def size(self, name: str) -> int:
        """Return how many bytes the file ``name`` has.

        Raises:
            FileMissingError: There is no such file.
            StorageUnavailableError: The place cannot be read.
        """
        return self._place.size(_checked(name))

    def exists(self, name: str) -> bool:
        """Tell whether there is a file ``name``.

        Raises:
            StorageUnavailableError: The place cannot be read.
        """
        try:
            self.size(name)
        except FileMissingError:
            return False
        return True

    def delete(self, name: str) -> None:
        """Delete the file ``name``; one that is gone already is no fault.

        Raises:
            FileMissingError: ``name`` is no name of a file.
            StorageUnavailableError: It cannot be deleted.
        """
        self._place.delete(_checked(name))

    def orphans(self, known: Collection[str], *, before: datetime) -> Iterator[str]:
        """Yield the files that are not ``known`` to any row, and were stored before ``before``.

        A file is stored a moment before its row is committed, so ``before`` lies hours in the past.

        Raises:
            StorageUnavailableError: The place cannot be read.
        """
        known = frozenset(known)
        return (name for name in self._place.stored(before=before) if name not in known)


def open_files(settings: Settings, room: str) -> FileStore:
    """Open the files of a room where the settings want them: ``files_url``, else the data folder.

    Args:
        settings: The settings.
        room: ``files`` or ``brought``: the name of the folder, and the last part of the prefix.

    Raises:
        ExtraMissingError: They are in a bucket, and the library for that is not installed.
        SettingsError: A file that the settings name cannot be read.
    """
    if not settings.files_url:
        return FileStore(settings.data / room)
    if importlib.util.find_spec("obstore") is None:
        raise ExtraMissingError(
            "Files in a bucket need the extra “s3”: pip install 'hallmark[s3]'.", expected="hallmark[s3]"
        )
    from service.files.objects import Objects  # noqa: PLC0415  # its library is an extra

    return FileStore(Objects(settings, room))


def _checked(name: str) -> str:
    if _ID.fullmatch(name) is None:
        raise missing(name)
    return name
