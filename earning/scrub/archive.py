# SPDX-License-Identifier: Apache-2.0
"""Zip files as documents use them: taken apart within limits, and packed anew.

Nothing that the file says about itself is believed: parts and bytes are counted while they are inflated. A
document begins with its first part and ends with its directory; anything before, after or as a comment makes
it two files at once. Names stay labels and never become paths. Packed anew, a part has no date, no owner and
no extra field, and what lay between the parts is gone.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from earning.errors import (
    UploadAmbiguousError,
    UploadDamagedError,
    UploadEncryptedError,
    UploadHarmfulError,
    UploadTooMuchError,
)
from earning.scrub.scrubbed import PACKED_PARTS, UNPACKED_BYTES, XML_TAGS

DIRECTORY_BYTES: Final = 1_048_576  # bytes of the directory; 5,000 parts need about 500,000
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_CHUNK: Final = 262_144  # bytes inflated between two looks at the counter
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PACKED_ALREADY: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|mp[34]|m4[av]|mov|webm|docx|xlsx|pptx)$", re.I)
_XML: Final = re.compile(r"\.(?:xml|rels|vml|svg|rdf)$", re.IGNORECASE)
_EICAR: Final = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class Budget:
    """How many bytes and tags may still be inflated, for a document and all that is nested in it."""

    def __init__(self, max_bytes: int = UNPACKED_BYTES, *, max_tags: int = XML_TAGS) -> None:
        self.left = max_bytes
        self.tags = max_tags

    def spend(self, size: int) -> None:
        """Count ``size`` inflated bytes.

        Raises:
            UploadTooMuchError: They are more than are left.
        """
        self.left -= size
        if self.left < 0:
            raise UploadTooMuchError(
                f"Unpacked, this file has more than {UNPACKED_BYTES // 1_048_576} MB. Make its pictures "
                "smaller, or split it.",
                expected=UNPACKED_BYTES,
            )

    def spend_tags(self, count: int) -> None:
        """Count ``count`` tags; each is small, but looked at one by one.

        Raises:
            UploadTooMuchError: They are more than are left.
        """
        self.tags -= count
        if self.tags < 0:
            raise UploadTooMuchError(
                "There is too much in this file to clean it. Make it smaller, or split it.", expected=XML_TAGS
            )


def unpack(data: bytes, *, budget: Budget) -> dict[str, bytes]:
    """Return the parts of a packed document by name, in their order.

    Raises:
        UploadAmbiguousError: There is something before, behind or beside the parts.
        UploadTooMuchError: More parts or bytes than the limits.
        UploadEncryptedError: A part is locked with a password.
        UploadHarmfulError: A part is what virus scanners look for.
        UploadDamagedError: The file is damaged, or a part has an impossible name.
    """
    _check_frame(data)
    parts: dict[str, bytes] = {}
    seen: set[str] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            entries = file.infolist()
            if len(entries) > PACKED_PARTS:
                raise UploadTooMuchError("This file has too many parts inside.", got=len(entries))
            if not entries or min(entry.header_offset for entry in entries) != 0:
                raise _two_at_once()
            for entry in entries:
                _check_entry(entry, seen)
                content = _inflate(file, entry, budget)
                if not entry.is_dir():
                    parts[entry.filename] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise _damaged() from error
    except RuntimeError as error:  # what zipfile says about a password
        raise _locked() from error
    return parts


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip file of ``parts``; "mimetype" comes first and uncompressed (ODF 1.3 part 2, 3.3)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(parts, key=lambda name: name != "mimetype"):
            entry = zipfile.ZipInfo(name, _EPOCH)
            stored = name == "mimetype" or _PACKED_ALREADY.search(name) is not None
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            file.writestr(entry, parts[name])
    return target.getvalue()


def holds_a_zip(data: bytes) -> bool:
    """Tell whether zip programs would find an archive at the end of ``data``, whatever it begins with."""
    position = data.rfind(_END, max(0, len(data) - 65_535 - _END_BYTES))
    if position < 0 or position + _END_BYTES > len(data):
        return False
    size = int.from_bytes(data[position + 12 : position + 16], "little")
    count = int.from_bytes(data[position + 10 : position + 12], "little")
    if count == 0 or size == 0xFFFFFFFF:
        return True
    return size <= position and data[position - size : position - size + 4] == b"PK\x01\x02"


def _check_frame(data: bytes) -> None:
    """See that the directory ends the file, and has a size that can be read at all."""
    end = data[-_END_BYTES:]
    if not end.startswith(_END):
        if _END in data[-65_535 - _END_BYTES :]:
            raise _two_at_once()
        raise _damaged()
    if end[20:22] != b"\0\0":
        raise _two_at_once()
    if int.from_bytes(end[12:16], "little") > DIRECTORY_BYTES:
        raise UploadTooMuchError("This file has too many parts inside.")


def _check_entry(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    name = entry.orig_filename  # ``filename`` ends at the first NUL
    folded = name.casefold().rstrip("/")
    steps = name.rstrip("/").split("/")
    if (
        not name
        or len(name) > 512
        or "\\" in name
        or ":" in steps[0]
        or any(step in ("", ".", "..") for step in steps)
        or any(ord(character) < 32 for character in name)
        or folded in seen
        or stat.S_ISLNK(entry.external_attr >> 16)
    ):
        raise UploadDamagedError("A part of this file has a name that no proper document has.", got=name[:80])
    seen.add(folded)
    if entry.flag_bits & 0x41:
        raise _locked()
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UploadDamagedError(
            "A part of this file is compressed in an unusual way.", got=entry.compress_type
        )


def _inflate(file: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes:
    chunks = []
    is_xml = _XML.search(entry.filename) is not None
    with file.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            budget.spend(len(chunk))
            if is_xml:
                budget.spend_tags(chunk.count(b"<"))
            chunks.append(chunk)
    content = b"".join(chunks)
    if _EICAR in content:
        raise UploadHarmfulError("Virus scanners know a part of this file, so it is not taken.")
    return content


def _damaged() -> UploadDamagedError:
    return UploadDamagedError("This file is damaged: it cannot be unpacked. Save it again and upload that.")


def _locked() -> UploadEncryptedError:
    return UploadEncryptedError(
        "This file is locked with a password. Remove the password and upload it again."
    )


def _two_at_once() -> UploadAmbiguousError:
    return UploadAmbiguousError("There is something else before or behind the document in this file.")
