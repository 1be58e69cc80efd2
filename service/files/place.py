# SPDX-License-Identifier: Apache-2.0
"""What a place for files promises, whether it is a folder or a store in the net.

A place keeps bytes under names of 32 hexadecimal digits, which ``service.files`` gives and checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Protocol

from service.errors import FileMissingError, StorageFullError, StorageUnavailableError

_NOTHING_LOST: Final = "Nothing of yours was lost."


class Place(Protocol):
    """Keeps files: whole or not at all, and never changed. Safe to share between threads."""

    def write(self, name: str, data: bytes, *, sha256: str, media_type: str) -> None:
        """Keep ``data`` as ``name``; when this returns, it survives a power failure.

        Raises:
            StorageFullError: There is no room; nothing was stored.
            StorageUnavailableError: It cannot be written for another reason. Nothing was stored, unless the
                place could not be asked any more: then it may hold a file that ``stored`` finds later.
        """

    def read(self, name: str) -> bytes:
        """Return the content of ``name``.

        Raises:
            FileMissingError: There is no such file.
            FileDamagedError: What is there is not what was stored, as far as the place can tell.
            StorageUnavailableError: It cannot be read.
        """

    def size(self, name: str) -> int:
        """Return how many bytes ``name`` has.

        Raises:
            FileMissingError: There is no such file.
            StorageUnavailableError: The place cannot be read.
        """

    def delete(self, name: str) -> None:
        """Delete ``name``; one that is gone already is no fault.

        Raises:
            StorageUnavailableError: It cannot be deleted.
        """

    def stored(self, *, before: datetime) -> Iterator[str]:
        """Yield every name that was stored before ``before``, in order, without what is no file of ours.

        Raises:
            StorageUnavailableError: The place cannot be read.
        """


def missing(name: str) -> FileMissingError:
    """Return the error for a name without a file."""
    return FileMissingError("This file is not here any more.", got=name[:64])


def full() -> StorageFullError:
    """Return the error for a place without room."""
    return StorageFullError(f"There is no room for more files at the moment. {_NOTHING_LOST}")


def unavailable() -> StorageUnavailableError:
    """Return the error for a place that does not answer, or refuses us."""
    return StorageUnavailableError(f"Files cannot be kept or read at the moment. {_NOTHING_LOST}")
