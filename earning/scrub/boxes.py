# SPDX-License-Identifier: Apache-2.0
"""Clean MP4, M4A and QuickTime files in place (ISO/IEC 14496-12; QuickTime File Format).

The tables of a film point to places in the file, so nothing is moved: a box with words becomes a box ``free``
of the same size, filled with zeros. Those are ``udta`` and ``meta`` wherever they stand (title, author,
``©xyz`` and the other places where phones write where they are), ``uuid`` (XMP), everything that is unknown
beside the film, and the names of handlers. A track that is neither picture nor sound nor text, such as the
places that a phone or action camera records along with the film, is emptied with its samples.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from earning.errors import UploadDamagedError, UploadTooMuchError, UploadUncleanableError
from earning.scrub.scrubbed import AUTHOR, DESCRIPTION, HIDDEN, LOCATION, Report

BOXES: Final = 100_000  # boxes; a fragmented film of an hour has about 10,000
DEPTH: Final = 8  # levels; moov / trak / mdia / minf / stbl has five

_CONTAINERS: Final = frozenset(
    (b"moov", b"trak", b"mdia", b"minf", b"edts", b"moof", b"traf", b"mvex", b"stbl")
)
_KEPT: Final = {
    b"": frozenset((b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"pdin", b"wide")),
    b"moov": frozenset((b"mvhd", b"trak", b"mvex", b"iods")),
    b"trak": frozenset((b"tkhd", b"mdia", b"edts", b"tref", b"tapt", b"load")),
}
_DROPPED: Final = frozenset((b"udta", b"meta", b"uuid", b"free", b"skip", b"junk"))
_PLAYED: Final = frozenset((b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"hint", b"tmcd"))
_PLACE_MARKS: Final = (b"\xa9xyz", b"loci", b"location", b"GPS")


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type, where it begins, where its content begins and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def clean(data: bytes, report: Report) -> bytes:
    """Return the film without words about it; every byte stays at its place.

    Raises:
        UploadUncleanableError: A track that records places or other data cannot be emptied.
        UploadDamagedError: It is not built of boxes, or has no film in it.
    """
    film = _Film(bytearray(data), report)
    film.clean(0, len(data), b"", 0)
    if not film.has_track:
        raise _damaged()
    return bytes(film.data)


class _Film:
    def __init__(self, data: bytearray, report: Report) -> None:
        self.data = data
        self.report = report
        self.count = 0
        self.has_track = False
        self.fragmented = data.find(b"moof") >= 0 and b"moof" in {
            box.kind for box in self.boxes(0, len(data))
        }

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """Yield the boxes between two places (14496-12, section 4.2)."""
        position = start
        while position + 8 <= end:
            self.count += 1
            if self.count > BOXES:
                raise UploadTooMuchError(
                    "This film has too many parts. Save it again as MP4.", expected=BOXES
                )
            size, kind = struct.unpack_from(">I4s", self.data, position)
            header = 8
            if size == 1:
                (size,) = struct.unpack_from(">Q", self.data, position + 8)
                header = 16
            elif size == 0:
                if start == 0:
                    size = end - position
                else:  # QuickTime ends a list with four zeros
                    return
            if size < header or position + size > end:
                raise _damaged()
            yield Box(kind, position, position + header, position + size)
            position += size

    def clean(self, start: int, end: int, parent: bytes, depth: int) -> None:
        """Clean the boxes between two places, which are in a box ``parent``."""
        if depth > DEPTH:
            raise UploadTooMuchError("This film is nested too deeply. Save it again as MP4.")
        kept = _KEPT.get(parent)
        for box in self.boxes(start, end):
            if box.kind in _DROPPED or (kept is not None and box.kind not in kept):
                self.blank(box)
            elif box.kind == b"trak":
                self.track(box, depth)
            elif box.kind == b"hdlr":
                self.fill(box.body + 24, box.end)
            elif box.kind in _CONTAINERS:
                self.clean(box.body, box.end, box.kind, depth + 1)

    def track(self, box: Box, depth: int) -> None:
        """Clean a track, or empty one that is not for eyes and ears."""
        handler = self.handler(box)
        if handler in _PLAYED:
            self.has_track = self.has_track or handler in (b"vide", b"soun")
            self.clean(box.body, box.end, b"trak", depth + 1)
            return
        if self.fragmented:
            raise UploadUncleanableError(
                "This film records places or other data along with the pictures. "
                "Save it again as MP4 without them."
            )
        for offset, size in self.samples(box):
            self.fill(offset, offset + size)
        self.report.add(LOCATION)
        self.blank(box)

    def handler(self, track: Box) -> bytes:
        for box in self.within(track, b"mdia", b"hdlr"):
            return bytes(self.data[box.body + 8 : box.body + 12])
        raise _damaged()

    def within(self, box: Box, *path: bytes) -> Iterator[Box]:
        for inner in self.boxes(box.body, box.end):
            if inner.kind == path[0]:
                if len(path) == 1:
                    yield inner
                else:
                    yield from self.within(inner, *path[1:])

    def samples(self, track: Box) -> Iterator[tuple[int, int]]:
        """Yield place and size of every chunk of a track (14496-12, sections 8.7.3 to 8.7.5)."""
        tables: dict[bytes, int] = {}
        for stbl in self.within(track, b"mdia", b"minf", b"stbl"):
            tables = {box.kind: box.body for box in self.boxes(stbl.body, stbl.end)}
        if b"stsz" not in tables or b"stsc" not in tables or not {b"stco", b"co64"} & tables.keys():
            raise _damaged()
        fixed, count = struct.unpack_from(">II", self.data, tables[b"stsz"] + 4)
        kind, width = (">I", 4) if b"stco" in tables else (">Q", 8)
        place = tables[b"stco"] if b"stco" in tables else tables[b"co64"]
        (chunks,) = struct.unpack_from(">I", self.data, place + 4)
        (runs,) = struct.unpack_from(">I", self.data, tables[b"stsc"] + 4)
        run, sample = 0, 0
        for index in range(chunks):
            following = tables[b"stsc"] + 8 + 12 * (run + 1)
            if run + 1 < runs and struct.unpack_from(">I", self.data, following)[0] <= index + 1:
                run += 1
            (each,) = struct.unpack_from(">I", self.data, tables[b"stsc"] + 12 + 12 * run)
            each = min(each, count - sample)
            if fixed:
                size = fixed * each
            else:
                size = sum(struct.unpack_from(f">{each}I", self.data, tables[b"stsz"] + 12 + 4 * sample))
            sample += each
            (offset,) = struct.unpack_from(kind, self.data, place + 8 + width * index)
            yield offset, size

    def blank(self, box: Box) -> None:
        """Turn a box into free space of the same size."""
        content = bytes(self.data[box.body : box.end])
        if content.strip(b"\0"):
            if any(mark in content for mark in _PLACE_MARKS):
                self.report.add(LOCATION)
            self.report.add(
                *((AUTHOR, DESCRIPTION) if box.kind in (b"udta", b"meta", b"uuid") else (HIDDEN,))
            )
        self.data[box.start + 4 : box.start + 8] = b"free"
        self.fill(box.body, box.end)

    def fill(self, start: int, end: int) -> None:
        """Overwrite with zeros."""
        if start < 0 or end > len(self.data):
            raise _damaged()
        if end > start:
            self.data[start:end] = bytes(end - start)


def _damaged() -> UploadDamagedError:
    return UploadDamagedError("This film or recording is damaged. Save it again and upload that.")
