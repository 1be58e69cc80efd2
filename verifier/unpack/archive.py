# SPDX-License-Identifier: Apache-2.0
"""ZIP archives: each member is looked at by itself, within limits that count what really comes out.

Nothing that the archive says about itself is believed: members and bytes are counted while they are inflated.
Names are labels and never paths. A PDF or photo inside is opened, an archive inside is not. A member that
cannot be read is said to be one, and the others are read all the same.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final

from credentials.baking import png
from credentials.errors import BakingError, NoCredentialError, OpenBadges2Error
from verifier.errors import (
    FileDamagedError,
    FileLockedError,
    NotACredentialError,
    TooMuchInsideError,
    UnsupportedContainerError,
)
from verifier.unpack import links, pdf, photo
from verifier.unpack.found import (
    MEMBER_BYTES,
    NO_HEIC,
    ZIP_ENTRIES,
    ZIP_INFLATED,
    Budget,
    Found,
    Kind,
    OutOfTimeError,
    Part,
    shown,
    sniff,
    trouble,
)

_CHUNK: Final = 262_144  # bytes inflated between two looks at the counter
_HEAD: Final = 4_096  # bytes by which a member tells what it is
_DOCUMENT_BYTES: Final = 2_097_152  # bytes of what is no picture; an SVG picture is the largest
_LEFT_OUT: Final = (".ds_store", "thumbs.db", "desktop.ini")  # what computers put there by themselves
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


def look(raw: bytes, *, budget: Budget, opens: bool = True) -> list[Part]:
    """Return what is found in each member.

    Args:
        raw: The archive.
        budget: How much may be handed on and done.
        opens: Whether PDFs and pictures inside are opened too; otherwise they are handed on as they are.

    Raises:
        TooMuchInsideError: More members than the limit.
        UnsupportedContainerError: It is an office document, and no archive.
        FileDamagedError: It cannot be read, or is empty.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            entries = [entry for entry in file.infolist() if _counts(entry)]
            _check(entries)
            return _Walk(file, budget, opens=opens).look(entries)
    except _UNREADABLE as error:
        raise FileDamagedError("This archive is damaged: it cannot be opened. Pack it again.") from error


def _counts(entry: zipfile.ZipInfo) -> bool:
    """Tell whether a member is something that a person has put there."""
    steps = entry.filename.replace("\\", "/").split("/")
    return not entry.is_dir() and "__MACOSX" not in steps and steps[-1].lower() not in _LEFT_OUT


def _check(entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" in names or "META-INF/manifest.xml" in names:
        raise UnsupportedContainerError(
            "This is an office document. Save it as a PDF and bring that: then its links are looked at."
        )
    if len(entries) > ZIP_ENTRIES:
        raise TooMuchInsideError(
            f"This archive has {len(entries):,} files; up to {ZIP_ENTRIES} are looked at. Bring it in parts.",
            got=len(entries),
            expected=ZIP_ENTRIES,
        )
    if not entries:
        raise FileDamagedError("This archive is empty.")


class _Walk:
    """One way through an archive, with what may still be inflated."""

    def __init__(self, file: zipfile.ZipFile, budget: Budget, *, opens: bool) -> None:
        self._file = file
        self._budget = budget
        self._opens = opens
        self._left = ZIP_INFLATED

    def look(self, entries: list[zipfile.ZipInfo]) -> list[Part]:
        """Look at every member; trouble with one stays with it."""
        parts = []
        for entry in entries:
            name = shown(entry.filename)
            place = f"{name} in the archive"
            try:
                found = self._member(entry, name, place)
            except NotACredentialError as error:
                found = [trouble(place, error)]
            except (MemoryError, RecursionError, OutOfTimeError):
                found = [trouble(place, _too_much())]
            parts.append(Part(place, tuple(found)))
        return parts

    def _member(self, entry: zipfile.ZipInfo, name: str, place: str) -> list[Found]:
        if entry.flag_bits & 0x41:
            raise FileLockedError("This file is locked with a password. Unpack it, and bring it without.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnsupportedContainerError("This file is packed in an unusual way. Pack it as a plain ZIP.")
        content = self._inflate(entry)
        kind = sniff(content)
        if not self._opens and kind in (Kind.PDF, Kind.PHOTO, Kind.PNG, Kind.TEXT, Kind.LINK):
            self._budget.keep(content, document=b"")
            return [Found(place, content=content)]
        if kind in (Kind.PDF, Kind.PHOTO) and self._budget.is_over:
            raise _too_much()
        if kind is Kind.PDF:
            return pdf.look(content, budget=self._budget, of=place)
        if kind is Kind.PHOTO:
            return photo.look(content, budget=self._budget, of=place)
        if kind is Kind.PNG:
            return self._picture(content, place)
        if kind is Kind.LINK:
            address = links.meant(content.decode("utf-8", errors="replace"))
            if address is not None:
                return [Found(place, url=address)]
        if kind is Kind.TEXT:
            self._budget.keep(content)
            return [Found(place, content=content)]
        raise _unsupported(kind, name)

    def _picture(self, content: bytes, place: str) -> list[Found]:
        """Return the picture with its credential, or the codes in it; what is baked wrongly is said later."""
        document = b""
        try:
            document = png.unbake(content).encode()
        except OpenBadges2Error:
            pass
        except NoCredentialError:
            if self._budget.is_over:
                raise _too_much() from None
            return photo.look(content, budget=self._budget, of=place)
        except BakingError:
            pass
        self._budget.keep(content, document=document)
        return [Found(place, content=content)]

    def _inflate(self, entry: zipfile.ZipInfo) -> bytes:
        """Return the bytes of a member, as far as they are of use, counted as they come."""
        chunks: list[bytes] = []
        size, limit = 0, _HEAD
        try:
            with self._file.open(entry) as stream:
                while chunk := stream.read(min(_CHUNK, limit - size)):
                    size += len(chunk)
                    self._left -= len(chunk)
                    chunks.append(chunk)
                    if self._left < 0:
                        raise _too_much()
                    if size == _HEAD:
                        limit = _wanted(chunks[0])
                    elif size > limit - 1:
                        raise _too_large(limit - 1)
        except (*_UNREADABLE, RuntimeError) as error:
            raise FileDamagedError("This file is damaged: it cannot be unpacked.") from error
        return b"".join(chunks)


def _wanted(head: bytes) -> int:
    """Return how many bytes of a member are read: one more than may be, or no more than its head."""
    kind = sniff(head)
    if kind in (Kind.PDF, Kind.PNG, Kind.PHOTO):
        return MEMBER_BYTES + 1
    return _DOCUMENT_BYTES + 1 if kind is Kind.TEXT else _HEAD


def _unsupported(kind: Kind, name: str) -> UnsupportedContainerError:
    if kind is Kind.ZIP:
        return UnsupportedContainerError("An archive or office document inside an archive is not opened.")
    if kind is Kind.HEIC:
        return UnsupportedContainerError(NO_HEIC)
    if name.lower().endswith((".csv", ".tsv", ".xls")):
        return UnsupportedContainerError("A table inside an archive is not read. Bring it by itself.")
    return UnsupportedContainerError("This is neither a credential nor a PDF or picture that may hold one.")


def _too_large(limit: int) -> TooMuchInsideError:
    return TooMuchInsideError(f"This file is larger than {limit // 1_048_576} MB. Bring it by itself.")


def _too_much() -> TooMuchInsideError:
    return TooMuchInsideError("There is too much in this archive to look at all at once. Bring it in parts.")
