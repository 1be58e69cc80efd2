# SPDX-License-Identifier: Apache-2.0
"""What comes out of cleaning a file, and the limits that are kept on the way.

The words of ``removed`` are said to a person in this order, each once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from service.file_types import Kind

UPLOAD_BYTES: Final = 26_214_400  # bytes (25 MiB) of one file; a minute of film from a phone fits
UPLOAD_QUOTA: Final = 262_144_000  # bytes (250 MiB) of all files of one application
UNPACKED_BYTES: Final = (
    104_857_600  # bytes (100 MiB) of all parts of a packed document, counted while inflating
)
PACKED_PARTS: Final = 5_000  # parts of a packed document; a deck of 300 slides has about 1,500
IMAGE_PIXELS: Final = 50_000_000  # pixels, read from the header before decoding; phones make 12 to 50 million
IMAGE_SIDE: Final = 30_000  # pixels; a thinner and longer picture is no photograph
XML_TAGS: Final = 1_000_000  # tags in all parts of a document; a report of 300 pages has about 500,000
NESTED: Final = 2  # documents inside documents: a workbook behind a diagram of a presentation
NAME_CHARS: Final = 255  # characters of a file name, as file systems allow; only its ending is looked at

AUTHOR: Final = "author"
LOCATION: Final = "location"
CAMERA: Final = "camera"
COMMENTS: Final = "comments by named people"
CHANGES: Final = "names in tracked changes"
DELETED: Final = "text that was marked as deleted"
FILE_NAME: Final = "file name"
PROPERTIES: Final = "document properties"
DESCRIPTION: Final = "description"
PREVIEW: Final = "small preview picture"
ATTACHMENTS: Final = "attached files"
PROGRAMS: Final = "programs"
PATHS: Final = "paths on a computer"
SIGNATURES: Final = "signatures with names"
HIDDEN: Final = "data behind the end of the file"

_ORDER: Final = (
    AUTHOR, LOCATION, CAMERA, COMMENTS, CHANGES, DELETED, SIGNATURES, DESCRIPTION, PROPERTIES, PATHS, PREVIEW,
    ATTACHMENTS, PROGRAMS, HIDDEN, FILE_NAME,
)  # fmt: skip


class Trace(StrEnum):
    """What in a text may tell who somebody is."""

    EMAIL = "e-mail address"
    TELEPHONE = "telephone number"
    SOCIAL_SECURITY = "social security number"
    STUDENT_NUMBER = "student number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a text that may name a person. A hint to look again, never a reason to refuse.

    Attributes:
        words: The words found, as they stand there; shown to the educator only and never logged.
        place: Where: "line 3", "page 2", "slide 4"; "" if that cannot be told.
    """

    trace: Trace
    words: str
    place: str


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A cleaned file.

    Attributes:
        extension: Without dot; the whole name is ours ("evidence-1.pdf"), the old one is not kept.
        removed: What was taken out, in plain words for the report; the file name always is.
        people: Places in the text that may name somebody.
    """

    data: bytes
    media_type: str
    extension: str
    removed: tuple[str, ...]
    people: tuple[Finding, ...] = ()

    def name(self, number: int) -> str:
        """Return the neutral name of the file as the ``number``-th piece: ``evidence-1.pdf``."""
        return f"evidence-{number}.{self.extension}"


@dataclass(slots=True)
class Report:
    """Collects what is taken out of a file, and text to be looked through, while it is cleaned."""

    found: set[str] = field(default_factory=set)
    text: list[tuple[str, str]] = field(default_factory=list)  # place, words
    text_chars: int = 0

    def add(self, *words: str) -> None:
        """Note that this was taken out."""
        self.found.update(words)

    def read(self, place: str, words: str) -> None:
        """Note text that people can read, up to ``TEXT_CHARS`` altogether."""
        words = words[: TEXT_CHARS - self.text_chars]
        if words:
            self.text_chars += len(words)
            self.text.append((place, words))


TEXT_CHARS: Final = 1_000_000  # characters that are looked through for names; a book has about 500,000


def in_order(found: Iterable[str]) -> tuple[str, ...]:
    """Return the words in the order in which they are said."""
    found = set(found)
    return tuple(words for words in _ORDER if words in found)


def scrubbed(data: bytes, kind: Kind, report: Report, people: tuple[Finding, ...]) -> Scrubbed:
    """Return the result for ``data``, a cleaned file of ``kind``."""
    return Scrubbed(
        data=data,
        media_type=kind.media_type,
        extension=kind.extension,
        removed=in_order({*report.found, FILE_NAME}),
        people=people,
    )
