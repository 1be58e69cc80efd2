# SPDX-License-Identifier: Apache-2.0
"""Take a file that somebody uploaded, and return it without what tells who made it, where and with what.

``scrub`` is the one way in. What it returns may be stored and shown to a reviewer who must not know who the
educator is; what it refuses, it refuses with a sentence, and nothing of it is kept. The work is done in a
process of its own (``service.cell``, ``earning.scrub.__main__``), so that a hostile file can harm nothing but
itself. Few of them run at once, and one for a person: whoever finds no place is told to come again.

Where the rest is: ``cleaning`` looks and decides; ``pictures``, ``pdf``, ``office``, ``open_document``,
``sound_and_film`` and ``text`` each clean a family; ``names`` looks for people in the text; ``scrubbed``
has the result and all limits. Those that load large libraries are not imported here.

Example::

    found = scrub(data, claimed_name="IMG_2041.jpg")
    found.name(1), found.removed   # "evidence-1.jpg", ("location", "camera", "file name")
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from credentials.errors import HallmarkError
from earning.errors import (
    ScrubbingBrokenError,
    ScrubbingBusyError,
    UploadDamagedError,
    UploadQuotaError,
    UploadRefusedError,
    UploadTooLargeError,
    UploadTooMuchError,
)
from earning.scrub.scrubbed import UPLOAD_BYTES, UPLOAD_QUOTA, Finding, Scrubbed, Trace
from service.cell import PLACE_SECONDS, Cell, RefusedInside
from service.errors import CellBrokenError, CellBusyError, CellLimitError

__all__ = ["UPLOAD_BYTES", "UPLOAD_QUOTA", "Finding", "Scrubbed", "check_quota", "one_at_a_time", "scrub"]

_TOO_MUCH: Final = "There is too much in this file to clean it. Make it smaller, or split it."
_BUSY: Final = (
    "Many files are being cleaned at the moment. Your text is saved; try the file again in a minute."
)
_cell: Final = Cell("earning.scrub")
_busy: set[str] = set()
_busy_lock = threading.Lock()


def scrub(data: bytes, *, claimed_name: str) -> Scrubbed:
    """Return the uploaded file without what tells about people, with a neutral name and a report.

    Args:
        data: The file, at most ``UPLOAD_BYTES``.
        claimed_name: Its name as it was sent; only the ending is looked at, and the name is not kept.

    Raises:
        UploadRefusedError: One of its leaves: we do not take this file, and the sentence says why.
        UploadDamagedError: It is damaged.
        ScrubbingBusyError: Others are being cleaned; it did not get its turn in time.
        ScrubbingBrokenError: Our side could not do the work.
    """
    if len(data) > UPLOAD_BYTES:
        raise UploadTooLargeError(
            f"This file is {len(data) / 1_048_576:.0f} MB; up to {UPLOAD_BYTES // 1_048_576} MB fit. "
            "Your text is saved.",
            got=len(data),
            expected=UPLOAD_BYTES,
        )
    try:
        members, cleaned = _cell.ask(claimed_name[: 4 * UPLOAD_NAME], data, place_seconds=PLACE_SECONDS)
    except RefusedInside as refusal:
        raise _ERRORS.get(refusal.error_code, ScrubbingBrokenError)(refusal.message) from refusal
    except CellBusyError as error:
        raise ScrubbingBusyError(_BUSY) from error
    except CellLimitError as error:
        raise UploadTooMuchError(_TOO_MUCH, got=error.got) from error
    except CellBrokenError as error:
        raise ScrubbingBrokenError(
            "Files cannot be cleaned at the moment. Nothing of yours was lost."
        ) from error
    return _scrubbed(members, bytes(cleaned))


@contextmanager
def one_at_a_time(person: str) -> Iterator[None]:
    """Let a person clean one file at a time, so that nobody takes all places.

    Raises:
        ScrubbingBusyError: Another file of this person is being cleaned.
    """
    with _busy_lock:
        if person in _busy:
            raise ScrubbingBusyError(_BUSY)
        _busy.add(person)
    try:
        yield
    finally:
        with _busy_lock:
            _busy.discard(person)


def check_quota(used_bytes: int, *, adding: int) -> None:
    """See that a file still fits beside the others of its application.

    Raises:
        UploadQuotaError: It does not.
    """
    if used_bytes + adding > UPLOAD_QUOTA:
        raise UploadQuotaError(
            f"All files of one application may have {UPLOAD_QUOTA // 1_048_576} MB together; "
            f"{max(0, UPLOAD_QUOTA - used_bytes) // 1_048_576} MB are left. Remove a file first.",
            got=used_bytes + adding,
            expected=UPLOAD_QUOTA,
        )


def _scrubbed(members: dict[str, Any], data: bytes) -> Scrubbed:
    """Return what the process has answered."""
    return Scrubbed(
        data=data,
        media_type=members["media_type"],
        extension=members["extension"],
        removed=tuple(members["removed"]),
        people=tuple(
            Finding(trace=Trace(each["trace"]), words=each["words"], place=each["place"])
            for each in members["people"]
        ),
    )


UPLOAD_NAME: Final = 255  # characters of a name that are handed over; longer ones are refused there
_KINDS: Final[tuple[type[HallmarkError], ...]] = (*UploadRefusedError.__subclasses__(), UploadDamagedError)
_ERRORS: Final = {kind.code: kind for kind in _KINDS}
