# SPDX-License-Identifier: Apache-2.0
"""Clean WebM films in place (EBML, RFC 8794; Matroska, RFC 9559; WebM container guidelines).

Tags, attachments and chapters become empty space (``Void``) of the same size, and so do title, programs and
file names; names of tracks are blanked. Films that a browser recorded have parts of unknown size, which end
where the next part of the same level begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from earning.errors import UploadDamagedError, UploadTooMuchError, UploadUncleanableError
from earning.scrub.scrubbed import ATTACHMENTS, AUTHOR, DESCRIPTION, HIDDEN, Report

ELEMENTS: Final = 500_000  # elements; an hour of film has about 200,000 blocks

_HEADER, _SEGMENT, _CLUSTER, _VOID, _CHECK = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xEC, 0xBF
_INFO, _TRACKS, _TRACK = 0x1549A966, 0x1654AE6B, 0xAE
_TOP: Final = frozenset((0x114D9B74, _INFO, _CLUSTER, _TRACKS, 0x1C53BB6B, _VOID, _CHECK))
_TOP_DROPPED: Final = {0x1254C367: AUTHOR, 0x1941A469: ATTACHMENTS, 0x1043A770: DESCRIPTION}
# Kept of the information: scale, duration and, blanked, the two programs that the format requires.
_INFO_KEPT: Final = frozenset((0x2AD7B1, 0x4489, _VOID))
_INFO_BLANKED: Final = frozenset((0x4D80, 0x5741))
_TRACK_BLANKED: Final = frozenset((0x536E,))
_DOC_TYPE: Final = 0x4282


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    start: int
    body: int
    end: int
    endless: bool


def clean(data: bytes, report: Report) -> bytes:
    """Return the film without words about it.

    Raises:
        UploadUncleanableError: It is Matroska, but not WebM.
        UploadTooMuchError: It has too many parts.
        UploadDamagedError: It is not built as it must be.
    """
    film = _Film(bytearray(data), report)
    film.clean()
    return bytes(film.data)


class _Film:
    def __init__(self, data: bytearray, report: Report) -> None:
        self.data = data
        self.report = report
        self.count = 0
        self.tracks = 0

    def clean(self) -> None:
        position = 0
        expected = [_HEADER, _SEGMENT]
        while position < len(self.data):
            element = self.element(position, len(self.data))
            if element.id == _VOID:
                self.blank(element)
            elif not expected or element.id != expected.pop(0):
                raise _damaged()
            elif element.id == _HEADER:
                self.header(element)
            else:
                self.segment(element)
            position = element.end
        if expected or not self.tracks:
            raise _damaged()

    def header(self, header: _Element) -> None:
        for element in self.elements(header.body, header.end):
            if element.id == _DOC_TYPE and self.data[element.body : element.end].rstrip(b"\0") != b"webm":
                raise UploadUncleanableError("This is a Matroska film. Save it as MP4.")

    def segment(self, segment: _Element) -> None:
        position = segment.body
        while position < segment.end:
            element = self.element(position, segment.end)
            position = element.end
            if element.id == _CLUSTER:
                position = self.cluster(element, segment.end)
            elif element.endless:
                raise _damaged()
            elif element.id in _TOP_DROPPED or element.id not in _TOP or element.id in (_VOID, _CHECK):
                if any(self.data[element.body : element.end]):
                    self.report.add(_TOP_DROPPED.get(element.id, HIDDEN))
                self.blank(element)
            elif element.id == _INFO:
                self.information(element)
            elif element.id == _TRACKS:
                self.track_list(element)

    def cluster(self, cluster: _Element, end: int) -> int:
        """Walk through a cluster and return where it ends; its pictures and sounds stay as they are."""
        position = cluster.body
        while position < (end if cluster.endless else cluster.end):
            element = self.element(position, end if cluster.endless else cluster.end)
            if (
                cluster.endless
                and (element.id in _TOP or element.id in _TOP_DROPPED)
                and element.id
                not in (
                    _VOID,
                    _CHECK,
                )
            ):
                return position
            if element.endless:
                raise _damaged()
            if element.id in (_VOID, _CHECK):
                self.blank(element)
            position = element.end
        return position

    def information(self, info: _Element) -> None:
        for element in self.elements(info.body, info.end):
            if element.id in _INFO_BLANKED:
                self.data[element.body : element.end] = b" " * (element.end - element.body)
            elif element.id not in _INFO_KEPT:
                self.report.add(DESCRIPTION)
                self.blank(element)

    def track_list(self, tracks: _Element) -> None:
        for track in self.elements(tracks.body, tracks.end):
            if track.id != _TRACK:
                self.blank(track)
                continue
            self.tracks += 1
            for element in self.elements(track.body, track.end):
                if element.id in _TRACK_BLANKED:
                    self.data[element.body : element.end] = b" " * (element.end - element.body)
                elif element.id in (_VOID, _CHECK):
                    self.blank(element)

    def elements(self, start: int, end: int) -> Iterator[_Element]:
        position = start
        while position < end:
            element = self.element(position, end)
            if element.endless:
                raise _damaged()
            yield element
            position = element.end

    def element(self, position: int, limit: int) -> _Element:
        """Read the head of the element at ``position`` (RFC 8794, section 4 to 6)."""
        self.count += 1
        if self.count > ELEMENTS:
            raise UploadTooMuchError("This film has too many parts. Save it again as MP4.", expected=ELEMENTS)
        id_width = _width(self.data[position])
        if id_width > 4:
            raise _damaged()
        identity = int.from_bytes(self.data[position : position + id_width], "big")
        place = position + id_width
        width = _width(self.data[place])
        mask = (1 << 7 * width) - 1
        size = int.from_bytes(self.data[place : place + width], "big") & mask
        body = place + width
        endless = size == mask
        end = limit if endless else body + size
        if end > limit or body > limit:
            raise _damaged()
        return _Element(identity, position, body, end, endless)

    def blank(self, element: _Element) -> None:
        """Turn an element into empty space: the same bytes in all, an identity of one byte, a longer size."""
        total = element.end - element.start
        width = min(8, element.body - element.start - 1)
        if width < 1:
            raise _damaged()
        size = total - 1 - width
        head = bytes([_VOID]) + (size | 1 << 7 * width).to_bytes(width, "big")
        self.data[element.start : element.end] = head + bytes(size)


def _width(first: int) -> int:
    """Return how many bytes a number has that begins with ``first``."""
    if first == 0:
        raise _damaged()
    return 9 - first.bit_length()


def _damaged() -> UploadDamagedError:
    return UploadDamagedError("This film is damaged. Save it again and upload that.")
