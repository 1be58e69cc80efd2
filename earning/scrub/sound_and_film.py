# SPDX-License-Identifier: Apache-2.0
"""Clean recordings and films: what the picture and the sound are stays, every word about them goes.

- MP3: frame after frame is copied; tags before, behind and between frames (ID3, APE, Lyrics) are not.
- WAV: kept are the format and the samples.
- MP4, M4A, MOV: ``earning.scrub.boxes``; OGG: ``earning.scrub.ogg``; WebM: ``earning.scrub.webm``. There
  words are overwritten in place, because tables inside point to places in the file.

Voices and faces stay, of course; no text is looked through, and the educator is asked instead.
"""

from __future__ import annotations

import struct
from typing import Final

from earning.errors import UploadAmbiguousError, UploadDamagedError, UploadKindError
from earning.scrub import boxes, ogg, webm
from earning.scrub.archive import holds_a_zip
from earning.scrub.scrubbed import AUTHOR, DESCRIPTION, HIDDEN, Report
from earning.scrub.segments import riff, riff_chunk, riff_chunks
from service.file_types import M4A, MOV, MP3, MP4, OGG, WAV, WEBM, Family, Foreign, Kind, by_extension, look

_KEPT_WAV: Final = frozenset((b"fmt ", b"fact", b"data"))

# ISO 11172-3 table 2.4.2.3 and ISO 13818-3, layer III: kbit/s by index; samples per second by index.
_BITRATES_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def clean(data: bytes, kind: Kind, report: Report) -> bytes:
    """Return the recording or film without words about it.

    Raises:
        UploadRefusedError: One of its leaves, with a sentence.
        UploadDamagedError: It is damaged.
    """
    if holds_a_zip(data):
        raise UploadAmbiguousError(f"This is {kind.words} and something else in one file. Save it again.")
    try:
        if kind in (MP4, M4A, MOV):
            return boxes.clean(data, report)
        work = {MP3: _mp3, WAV: _wav, OGG: ogg.clean, WEBM: webm.clean}[kind]
        return work(data, report)
    except (IndexError, struct.error, ValueError, OverflowError) as error:
        raise UploadDamagedError(f"This file is damaged: it is not {kind.words} as it should be.") from error


def clean_inner(data: bytes, name: str, report: Report) -> bytes:
    """Return a recording or film that is part of a document, cleaned.

    Raises:
        UploadKindError: It is something else.
        UploadRefusedError: One of its leaves.
        UploadDamagedError: It is damaged.
    """
    extension = name.rpartition(".")[2].lower()
    kind = look(data, extension=extension)
    named = by_extension(extension)
    fits = named is None or named.family in (Family.SOUND, Family.FILM)
    if isinstance(kind, Foreign) or not fits or kind.family not in (Family.SOUND, Family.FILM):
        raise UploadKindError(
            "Inside this file is a picture, recording or film of a kind that we cannot clean. "
            "Save the file as PDF."
        )
    return clean(data, kind, report)


def _mp3(data: bytes, report: Report) -> bytes:
    frames = []
    position = _after_tag(data)
    size = 0
    while position + 4 <= len(data):
        length = _frame_length(data[position : position + 4])
        if length and (position + length >= len(data) or size == 0 or _may_follow(data, position + length)):
            frames.append(data[position : position + length])
            size += length
            position += length
            continue
        tagged = _after_tag(data, position)
        position = tagged if tagged > position else _next_sync(data, position + 1)
    if len(frames) < 2:
        raise ValueError("no frames")
    if size < len(data):
        report.add(AUTHOR, DESCRIPTION)
    return b"".join(frames)


def _after_tag(data: bytes, position: int = 0) -> int:
    """Return where an ID3v2 tag at ``position`` ends (ID3v2.4, section 3.1), or ``position``."""
    if data[position : position + 3] != b"ID3" or position + 10 > len(data):
        return position
    sizes = data[position + 6 : position + 10]
    size = sum((byte & 0x7F) << shift for byte, shift in zip(sizes, (21, 14, 7, 0), strict=True))
    footer = 10 if data[position + 5] & 0x10 else 0
    return position + 10 + size + footer


def _next_sync(data: bytes, position: int) -> int:
    found = data.find(b"\xff", position)
    return len(data) if found < 0 else found


def _may_follow(data: bytes, position: int) -> bool:
    """Tell whether what stands here can follow a frame: another one, a tag, or the end."""
    return _frame_length(data[position : position + 4]) > 0 or data[position : position + 3] in (
        b"ID3",
        b"TAG",
        b"APE",
        b"LYR",
        b"3DI",
    )


def _frame_length(header: bytes) -> int:
    """Return the bytes of the layer III frame that this header begins, or 0 if it begins none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version = header[1] >> 3 & 3
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    kilobits = (_BITRATES_1 if version == 3 else _BITRATES_2)[bitrate]
    return (144_000 if version == 3 else 72_000) * kilobits // _RATES[version][rate] + (header[2] >> 1 & 1)


def _wav(data: bytes, report: Report) -> bytes:
    chunks = list(riff_chunks(data, b"WAVE"))
    kept = [(kind, body) for kind, body in chunks if kind in _KEPT_WAV]
    if [kind for kind, _ in kept].count(b"data") != 1 or b"fmt " not in dict(kept):
        raise ValueError("no samples")
    if len(kept) < len(chunks):
        report.add(AUTHOR, DESCRIPTION)
    if data[8 + int.from_bytes(data[4:8], "little") :].strip(b"\0"):
        report.add(HIDDEN)
    return riff(b"WAVE", b"".join(riff_chunk(kind, body) for kind, body in kept))
