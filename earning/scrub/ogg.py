# SPDX-License-Identifier: Apache-2.0
"""Clean OGG recordings in place: Vorbis and Opus (RFC 3533, RFC 7845; Vorbis I, section 5).

The second packet of a stream holds program, title and artist, and maybe a picture. Its length is kept, so
that no page moves: an empty name of the program fills it, and there are no comments. The check sums of the
pages that it lies on are counted anew.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from earning.errors import UploadDamagedError, UploadUncleanableError
from earning.scrub.scrubbed import AUTHOR, DESCRIPTION, Report

_BEGINS: Final = {b"\x01vorbis": b"\x03vorbis", b"OpusHead": b"OpusTags"}


@dataclass(slots=True)
class _Stream:
    """One logical stream: what its words begin with, and where the pieces of that packet lie."""

    mark: bytes
    pieces: list[tuple[int, int]] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    done: bool = False


def clean(data: bytes, report: Report) -> bytes:
    """Return the recording without words about it.

    Raises:
        UploadUncleanableError: It holds something else than Vorbis or Opus.
        UploadDamagedError: It is not built as it must be.
    """
    found = bytearray(data)
    streams: dict[int, _Stream] = {}
    finished: list[_Stream] = []
    position = 0
    while position < len(found):
        end, sizes = _page(found, position)
        flags, serial = found[position + 5], struct.unpack_from("<I", found, position + 14)[0]
        body = position + 27 + found[position + 26]
        if flags & 2:
            streams[serial] = _begin(found, body)
            finished.append(streams[serial])
        else:
            stream = streams.get(serial)
            if stream is None:
                raise _damaged()
            if not stream.done:
                _collect(stream, position, body, sizes)
        position = end
    if not finished or not all(stream.done for stream in finished):
        raise _damaged()
    for stream in finished:
        _blank(found, stream, report)
    return bytes(found)


def _page(data: bytearray, position: int) -> tuple[int, bytes]:
    """Return where the page ends, and its segment table (RFC 3533, section 6)."""
    if data[position : position + 5] != b"OggS\0":
        raise _damaged()
    sizes = bytes(data[position + 27 : position + 27 + data[position + 26]])
    end = position + 27 + len(sizes) + sum(sizes)
    if len(sizes) != data[position + 26] or end > len(data):
        raise _damaged()
    return end, sizes


def _begin(data: bytearray, body: int) -> _Stream:
    for begin, mark in _BEGINS.items():
        if data[body : body + len(begin)] == begin:
            return _Stream(mark)
    raise UploadUncleanableError(
        "This OGG file holds something else than Vorbis or Opus sound. Save it as MP3."
    )


def _collect(stream: _Stream, page: int, body: int, sizes: bytes) -> None:
    """Add the pieces of the second packet that lie on this page."""
    stream.pages.add(page)
    for size in sizes:
        stream.pieces.append((body, size))
        body += size
        if size < 255:
            stream.done = True
            return


def _blank(data: bytearray, stream: _Stream, report: Report) -> None:
    packet = b"".join(bytes(data[start : start + size]) for start, size in stream.pieces)
    framing = b"\x01" if stream.mark.endswith(b"vorbis") else b""
    filler = len(packet) - len(stream.mark) - 8 - len(framing)
    if not packet.startswith(stream.mark) or filler < 0:
        raise _damaged()
    report.add(AUTHOR, DESCRIPTION)
    new = stream.mark + struct.pack("<I", filler) + b" " * filler + struct.pack("<I", 0) + framing
    position = 0
    for start, size in stream.pieces:
        data[start : start + size] = new[position : position + size]
        position += size
    for page in stream.pages:
        end, _ = _page(data, page)
        data[page + 22 : page + 26] = bytes(4)
        data[page + 22 : page + 26] = struct.pack("<I", checksum(data[page:end]))


def checksum(page: bytes | bytearray) -> int:
    """Return the check sum of a page whose own field is zero (RFC 3533, section 6, field 7)."""
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value


def _table() -> tuple[int, ...]:
    rows = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)
        rows.append(value & 0xFFFFFFFF)
    return tuple(rows)


_TABLE: Final = _table()


def _damaged() -> UploadDamagedError:
    return UploadDamagedError("This recording is damaged. Save it again and upload that.")
