# SPDX-License-Identifier: Apache-2.0
"""Take what tells about people out of a picture inside a document, without touching its pixels.

A picture that is a piece of evidence by itself is drawn anew (``earning.scrub.pictures``). A document may
hold hundreds, which would take minutes and lose quality twice, so here only segments and chunks are left out:
what remains is an allow-list of those that make the picture. Of EXIF the orientation is kept, because the
document was laid out with it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from earning.errors import UploadDamagedError, UploadTooMuchError
from earning.scrub.scrubbed import CAMERA, DESCRIPTION, IMAGE_PIXELS, Report

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(
    (
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"sBIT",
        b"bKGD",
        b"pHYs",
        b"hIST",
    )
)
_WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"))
_GIF_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_FRAME_HEADERS: Final = frozenset((*range(0xC0, 0xD0),)) - {0xC4, 0xC8, 0xCC}
_EMF_DESCRIPTION: Final = 60  # offset of nDescription and offDescription (MS-EMF 2.2.9)


def strip(data: bytes, report: Report) -> bytes | None:
    """Return the picture ``data`` without metadata, or None if it is of a kind that is not known here.

    Raises:
        UploadDamagedError: It is not built as pictures of its kind are.
        UploadTooMuchError: It has too many pixels.
    """
    for signature, work in _KINDS:
        if data.startswith(signature):
            try:
                stripped = work(data)
            except (IndexError, struct.error, ValueError, zlib.error) as error:
                raise _damaged() from error
            if stripped != data:
                report.add(CAMERA if b"Exif" in data else DESCRIPTION)
            return stripped
    return None


def _jpeg(data: bytes) -> bytes:
    """ITU-T T.81, annex B: segments up to the scan; kept are tables, frames, JFIF and Adobe's colour mark."""
    pieces = [b"\xff\xd8"]
    orientation = 1
    position = 2
    while True:
        if data[position] != 0xFF:
            raise _damaged()
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker == 0xD9:
            pieces.append(b"\xff\xd9")
            return b"".join(pieces)
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        segment = data[position : position + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise _damaged()
        position += 2 + length
        if marker in _FRAME_HEADERS:
            _check_size(int.from_bytes(segment[7:9], "big"), int.from_bytes(segment[5:7], "big"))
        if marker == 0xE0 and segment[4:9] == b"JFIF\0":
            # Without the thumbnail that may follow the twelve bytes of the density.
            pieces.append(b"\xff\xe0\0\x10" + segment[4:16] + b"\0\0")
        elif marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = _orientation(segment[10:])
        elif marker == 0xEE or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            pieces.append(segment[:16] if marker == 0xEE else segment)
        if marker == 0xDA:
            if orientation != 1:
                pieces.insert(1, _exif(orientation))
            end = _scan_end(data, position)
            pieces.append(data[position:end])
            position = end


def _scan_end(data: bytes, position: int) -> int:
    """Return where the entropy-coded data end: at the next marker that is no restart and no stuffed zero."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            raise _damaged()
        if data[position + 1] == 0 or 0xD0 <= data[position + 1] <= 0xD7:
            position += 2
        else:
            return position


def _orientation(tiff: bytes) -> int:
    """Return the orientation (TIFF tag 274) of the first directory, or 1."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for index in range(min(count, 200)):
        entry = tiff[start + 2 + 12 * index :][:12]
        if len(entry) == 12 and struct.unpack_from(order + "H", entry)[0] == 274:
            value: int = struct.unpack_from(order + "H", entry, 8)[0]
            return value if 1 <= value <= 8 else 1
    return 1


def _exif(orientation: int) -> bytes:
    body = b"Exif\0\0II*\0" + struct.pack("<IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> bytes:
    """PNG (third edition), section 5: chunks; kept are those that make the picture."""
    _check_size(*struct.unpack(">II", data[16:24]))
    pieces = [_PNG]
    position = 8
    while True:
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        chunk = data[position : position + 12 + length]
        if len(chunk) < 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise _damaged()
        if kind in _PNG_KEPT:
            pieces.append(chunk)
        if kind == b"IEND":
            return b"".join(pieces)
        position += len(chunk)


def _gif(data: bytes) -> bytes:
    """GIF89a: comments, plain text and application blocks go, but for the one that says how often to loop."""
    _check_size(*struct.unpack("<HH", data[6:10]))
    position = 13 + _gif_table(data[10])
    pieces = [data[:position]]
    while data[position] != 0x3B:
        start = position
        if data[position] == 0x2C:
            position = _gif_blocks_end(data, position + 11 + _gif_table(data[position + 9]))
            pieces.append(data[start:position])
        elif data[position] == 0x21:
            label = data[position + 1]
            position = _gif_blocks_end(data, position + 2)
            loops = label == 0xFF and data[start + 3 : start + 14] in _GIF_LOOPS
            if label == 0xF9 or loops:
                pieces.append(data[start:position])
        else:
            raise _damaged()
    return b"".join([*pieces, b";"])


def _gif_table(packed: int) -> int:
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _gif_blocks_end(data: bytes, position: int) -> int:
    while data[position]:
        position += 1 + data[position]
    return position + 1


def _webp(data: bytes) -> bytes:
    """RFC 9649, section 2.7: chunks; the flags of the extended header say what is left."""
    pieces = []
    for kind, body in riff_chunks(data, b"WEBP"):
        if kind == b"VP8X":
            pieces.append(riff_chunk(kind, bytes([body[0] & 0b00010010]) + body[1:]))
        elif kind in _WEBP_KEPT:
            pieces.append(riff_chunk(kind, body))
    return riff(b"WEBP", b"".join(pieces))


def riff_chunks(data: bytes, form: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each chunk of a RIFF file of this form.

    Raises:
        UploadDamagedError: It is none.
    """
    if data[:4] != b"RIFF" or data[8:12] != form:
        raise _damaged()
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    position = 12
    while position + 8 <= end:
        kind = data[position : position + 4]
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        yield kind, data[position + 8 : min(end, position + 8 + length)]
        position += 8 + length + length % 2


def riff(form: bytes, chunks: bytes) -> bytes:
    """Return a RIFF file of this form."""
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + form + chunks


def riff_chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a RIFF file, padded to an even length."""
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _emf(data: bytes) -> bytes:
    """MS-EMF 2.3.4.2: the header may carry a description, which names program and picture."""
    if data[40:44] != b" EMF":
        raise _damaged()
    chars, offset = struct.unpack_from("<II", data, _EMF_DESCRIPTION)
    end = offset + 2 * chars
    if chars == 0:
        return data
    if offset < 88 or end > len(data):
        raise _damaged()
    return data[:offset] + bytes(end - offset) + data[end:]


def _as_it_is(data: bytes) -> bytes:
    return data


def _check_size(width: int, height: int) -> None:
    if width * height > IMAGE_PIXELS:
        raise UploadTooMuchError(
            f"A picture in this file has more than {IMAGE_PIXELS // 1_000_000} million pixels. "
            "Make it smaller.",
            got=(width, height),
        )


def _damaged() -> UploadDamagedError:
    return UploadDamagedError("A picture in this file is damaged. Insert it again, or leave it out.")


_KINDS: Final[tuple[tuple[bytes, Callable[[bytes], bytes]], ...]] = (
    (b"\xff\xd8\xff", _jpeg),
    (_PNG, _png),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
    (b"\x01\0\0\0", _emf),
    (b"\xd7\xcd\xc6\x9a", _as_it_is),  # placeable WMF, which has no place for words about people
    (b"\x01\0\x09\0", _as_it_is),  # WMF
)
