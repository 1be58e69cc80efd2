# SPDX-License-Identifier: Apache-2.0
"""What may lie in something brought, which limits hold, and how it is told between the two processes.

Everything here is plain: the process that opens hostile files imports it, and little else. Security rules,
limits ``PDF_*``, ``ZIP_*``, ``PHOTO_PIXELS``, ``BATCH_ITEMS``.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any, Final

from verifier.errors import NotACredentialError, TooMuchInsideError

PDF_BYTES: Final = 20_971_520  # bytes (20 MiB); a résumé with pictures has 1 to 5
PDF_PAGES: Final = 300  # pages; a portfolio has about 60
PDF_ATTACHMENTS: Final = 50  # files; a résumé of ours has one for each credential
PDF_INFLATED: Final = 33_554_432  # bytes (32 MiB) of all attachments and drawings of pages, unpacked
PDF_LINKS: Final = 50  # different links; further ones are said to be left
PDF_ANNOTATIONS: Final = (
    10_000  # notes and links on all pages; a book of 300 pages with an index has about 5,000
)
ZIP_BYTES: Final = 33_554_432  # bytes (32 MiB); 500 badge images have about 20
ZIP_ENTRIES: Final = 500  # as many as a batch has
ZIP_INFLATED: Final = 104_857_600  # bytes (100 MiB), counted while inflating
MEMBER_BYTES: Final = 10_485_760  # bytes (10 MiB) of one member; the largest picture that we read
KEPT_BYTES: Final = 20_971_520  # bytes (20 MiB) that are handed on to be examined
KEPT_VALUES: Final = 150_000  # values in all JSON that is handed on; each takes up to 400 bytes once parsed
PHOTO_BYTES: Final = 20_971_520  # bytes (20 MiB); a photo of a phone has 2 to 12
PHOTO_PIXELS: Final = 25_000_000  # pixels, read from the header before decoding
WORK_SECONDS: Final = 8.0  # seconds of work; then it ends by itself, before the limit of the process ends it
LOADED_SECONDS: Final = 15.0  # seconds until it ends by itself where others have the processor
PHOTO_SECONDS: Final = 5  # seconds of work on a photo; one of 25 million pixels of noise takes 2
TEXT_SECONDS: Final = 3.0  # seconds of work to read the text of pages; the rest is for all else
NAME_CHARS: Final = 100  # characters of a name that are shown
CODE_CHARS: Final = 200  # characters of what a QR code says that are repeated

JUST_A_PICTURE: Final = (
    "This is a picture without a credential inside, and no QR code is found in it. Ask for the link or the "
    "original file, or take a sharp photo of the QR code from nearby."
)
NO_SCANNER: Final = (
    "This is a picture without a credential inside, and QR codes in photos are not read here. Ask for the "
    "link or the original file, or open the QR code with your phone and bring the link."
)
NO_HEIC: Final = (
    "This photo has the form HEIC, which is not read here. Share or save it as JPEG, or make a screenshot."
)

_HIDDEN: Final = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


class Kind(StrEnum):
    """What bytes are, as far as their beginning tells."""

    PDF = "pdf"
    ZIP = "zip"
    MEMBERS = "members"  # of an archive, each of which is opened by itself later
    PNG = "png"
    PHOTO = "photo"  # a picture in which nothing can be baked
    HEIC = "heic"
    TEXT = "text"  # perhaps JSON, a JWT or SVG
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: exactly one of ``content``, ``url`` and ``code`` is set.

    Attributes:
        place: Where, in words.
        content: Bytes of what may be a credential.
        url: A link that may lead to one.
        code: Of the error that says why there is neither, with its sentence in ``message``.
        essential: Whether trouble with ``content`` is told even when other things are found beside it.
    """

    place: str
    content: bytes | None = None
    url: str | None = None
    code: str | None = None
    message: str = ""
    essential: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A document, a picture or a file, with what was found in it; perhaps nothing.

    Attributes:
        place: Where it is itself; "" if it is all that was brought.
    """

    place: str
    found: tuple[Found, ...]


def trouble(place: str, error: NotACredentialError) -> Found:
    """Return ``error`` as something found."""
    return Found(place, code=error.code, message=error.message)


@dataclass(slots=True)
class Budget:
    """How much may still be unpacked, handed on and done, for one thing brought and all that is in it."""

    kept_bytes: int = KEPT_BYTES
    kept_values: int = KEPT_VALUES
    ends_at: float = field(default_factory=lambda: time.process_time() + WORK_SECONDS)
    ends_at_last: float = field(default_factory=lambda: time.monotonic() + LOADED_SECONDS)

    @property
    def is_over(self) -> bool:
        """Whether the time for the work is over."""
        return time.process_time() > self.ends_at or time.monotonic() > self.ends_at_last

    def keep(self, content: bytes, *, document: bytes | None = None) -> None:
        """Count ``content`` that is handed on; ``document`` is the JSON or JWT inside, if that is known.

        Raises:
            TooMuchInsideError: It is more than is left.
        """
        text = content if document is None else document
        size, values = len(content), sum(text.count(mark) for mark in (b",", b"{", b"["))
        if size > self.kept_bytes or values > self.kept_values:
            raise TooMuchInsideError("There is too much in this to look at all at once. Bring it in parts.")
        self.kept_bytes -= size
        self.kept_values -= values


class OutOfTimeError(BaseException):
    """The time for the work is over; no library between may take it for an error of its own."""


def sniff(raw: bytes | memoryview) -> Kind:
    """Tell what ``raw`` is by its beginning."""
    head = bytes(raw[:4_096])
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith((b"\xff\xd8\xff", b"GIF8", b"BM")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return Kind.PHOTO
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        return Kind.HEIC
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.ZIP
    start = head.lstrip(b" \t\r\n")
    if b"%PDF-" in head[:1_024] and not start.startswith((b"{", b"[", b"<")):  # ISO 32000-1, annex H.3.4.1
        return Kind.PDF
    if start.startswith((b"{", b"[", b"<", b"ey", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return Kind.TEXT
    if (
        len(raw) <= 2_100
        and start[:8].lower().startswith((b"http://", b"https://"))
        and len(start.split()) == 1
    ):
        return Kind.LINK
    return Kind.OTHER


_HEIC: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def shown(text: str, *, max_chars: int = NAME_CHARS) -> str:
    """Return foreign text as a label: one line, nothing invisible or turning, cut to a length."""
    visible = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in _HIDDEN else char
        for char in text[: max_chars + 1]
    )
    return visible if len(visible) <= max_chars else visible[: max_chars - 1] + "…"


def packed(parts: list[Part]) -> tuple[dict[str, Any], bytes]:
    """Return what was found as JSON and the bytes behind it."""
    members = [
        {
            "place": part.place,
            "found": [
                (
                    each.place,
                    None if each.content is None else len(each.content),
                    each.url,
                    each.code,
                    each.message,
                    each.essential,
                )
                for each in part.found
            ],
        }
        for part in parts
    ]
    return {"parts": members}, b"".join(each.content or b"" for part in parts for each in part.found)


def streamed(members: dict[str, Any], stream: IO[bytes]) -> Iterator[Found]:
    """Yield what ``packed`` has told, one after another, so that only one is held.

    Raises:
        TooMuchInsideError: The process was ended before everything was told.
    """
    for part in members["parts"]:
        for place, size, url, code, message, essential in part["found"]:
            content = None if size is None else stream.read(size)
            if content is not None and len(content) < size:
                raise TooMuchInsideError("There is too much in this to look into it. Bring it in parts.")
            yield Found(place, content, url, code, message, essential)


def unpacked(members: dict[str, Any], data: memoryview) -> list[Part]:
    """Return what ``packed`` has told."""
    parts, position = [], 0
    for part in members["parts"]:
        found = []
        for place, size, url, code, message, essential in part["found"]:
            content = None if size is None else bytes(data[position : position + size])
            position += size or 0
            found.append(Found(place, content, url, code, message, essential))
        parts.append(Part(part["place"], tuple(found)))
    return parts
