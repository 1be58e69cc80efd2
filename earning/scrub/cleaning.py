# SPDX-License-Identifier: Apache-2.0
"""Look at a file, decide whether it is taken, and clean it: in this process, without other limits.

``earning.scrub.scrub`` calls it in a process of its own, which has both. Of the name only the ending counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from earning.errors import (
    UploadEmptyError,
    UploadEncryptedError,
    UploadHarmfulError,
    UploadKindError,
    UploadMismatchError,
    UploadNameError,
    UploadTooLargeError,
)
from earning.scrub import office, open_document, pdf, pictures, sound_and_film, text
from earning.scrub.names import look_through
from earning.scrub.scrubbed import NAME_CHARS, UPLOAD_BYTES, Report, Scrubbed, scrubbed
from service.file_types import LOCKED_OFFICE, TAKEN, Family, Foreign, Kind, by_extension, extension_of, look

_EICAR: Final = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
_PATH: Final = re.compile(r"[/\\]")
_MACRO_ENDINGS: Final = frozenset(("docm", "dotm", "pptm", "potm", "ppsm", "xlsm", "xltm", "xlam"))


def clean(data: bytes, *, claimed_name: str) -> Scrubbed:
    """Return the file cleaned.

    Raises:
        UploadRefusedError: One of its leaves, with a sentence.
        UploadDamagedError: It is damaged.
    """
    kind = kind_of(data, claimed_name=claimed_name)
    report = Report()
    cleaned = _CLEAN[kind.family](data, kind, report)
    return scrubbed(cleaned, kind, report, look_through(report.text))


def kind_of(data: bytes, *, claimed_name: str) -> Kind:
    """Return the kind of a file when name and content agree that it is one that is taken.

    Raises:
        UploadRefusedError: One of its leaves: they do not, or it is empty, too large or harmful.
    """
    extension = _extension(claimed_name)
    if not data:
        raise UploadEmptyError("This file is empty. Choose it again, or save it first.")
    if len(data) > UPLOAD_BYTES:
        raise UploadTooLargeError(
            f"This file is {len(data) / 1_048_576:.0f} MB; up to {UPLOAD_BYTES // 1_048_576} MB fit. "
            "Your text is saved.",
            got=len(data),
            expected=UPLOAD_BYTES,
        )
    if _EICAR in data:
        raise UploadHarmfulError("Virus scanners know this file, so it is not taken.")
    found = look(data, extension=extension)
    if found is LOCKED_OFFICE:
        raise UploadEncryptedError(
            "This file is locked with a password. Remove the password and upload it again."
        )
    if isinstance(found, Foreign):
        raise UploadKindError(
            f"This is {found.words}. {found.advice or 'We take: ' + TAKEN + '.'}", got=extension
        )
    named = by_extension(extension)
    if named is None:
        advice = "Save it without macros." if extension in _MACRO_ENDINGS else f"We take: {TAKEN}."
        raise UploadKindError(f"Files that end in “.{extension}” are not taken. {advice}", got=extension)
    if named is not found:
        raise UploadMismatchError(
            f"The name ends in “.{extension}”, but this is {found.words}. "
            f"Give it the ending “.{found.extension}”, or save it again.",
            got=found.media_type,
            expected=named.media_type,
        )
    return found


def _extension(claimed_name: str) -> str:
    """Return the ending of a name; a name that plays tricks is refused.

    Folders before the name are no trick: some browsers send them. They are left out unread.
    """
    name = _PATH.split(claimed_name)[-1].strip()
    if (
        any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in name)
        or len(claimed_name) > NAME_CHARS
    ):
        raise UploadNameError(
            "The name of this file has signs that hide its ending, or is too long. "
            "Give it a short, plain name."
        )
    extension = extension_of(name)
    if not extension:
        raise UploadNameError(
            "The name of this file has no ending such as “.pdf”, so its kind cannot be told."
        )
    return extension


def _pdf(data: bytes, _kind: Kind, report: Report) -> bytes:
    return pdf.clean(data, report)


def _office(data: bytes, kind: Kind, report: Report) -> bytes:
    return office.clean(data, kind, report, inner=sound_and_film.clean_inner)


def _open_document(data: bytes, kind: Kind, report: Report) -> bytes:
    return open_document.clean(data, kind, report, inner=sound_and_film.clean_inner)


_CLEAN: Final[dict[Family, Callable[[bytes, Kind, Report], bytes]]] = {
    Family.TEXT: text.clean,
    Family.PDF: _pdf,
    Family.OFFICE: _office,
    Family.OPEN_DOCUMENT: _open_document,
    Family.PICTURE: pictures.clean,
    Family.SOUND: sound_and_film.clean,
    Family.FILM: sound_and_film.clean,
}
