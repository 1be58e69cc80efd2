# SPDX-License-Identifier: Apache-2.0
"""Which kinds of files are taken, and how a file says which kind it is.

Two witnesses are heard: the ending of the name, and the first bytes. They must agree (the caller compares).
Only what stands in ``KINDS`` is taken; ``Foreign`` names in plain words what was found instead, so that
people are told more than "invalid file". Nothing is parsed here: a look is a few comparisons of bytes, also
for documents that are zip files inside, whose parts are examined where they are unpacked.

Pictures in HEIC are known and not taken, because we cannot read them, and so cannot clean them either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Family(StrEnum):
    """What a file is to a person; files of one family are cleaned and shown alike."""

    TEXT = "text"
    PDF = "pdf"
    OFFICE = "office"
    OPEN_DOCUMENT = "open-document"
    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken.

    Attributes:
        words: With article, to stand in a sentence.
        extensions: Without dot; the first is the one that we use.
    """

    words: str
    family: Family
    media_type: str
    extensions: tuple[str, ...]

    @property
    def extension(self) -> str:
        """The ending that we give to such files."""
        return self.extensions[0]


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something that is not taken: what it is, and what a person can do about it."""

    words: str
    advice: str = ""


PDF: Final = Kind("a PDF document", Family.PDF, "application/pdf", ("pdf",))
JPEG: Final = Kind("a JPEG picture", Family.PICTURE, "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG: Final = Kind("a PNG picture", Family.PICTURE, "image/png", ("png",))
WEBP: Final = Kind("a WebP picture", Family.PICTURE, "image/webp", ("webp",))
GIF: Final = Kind("a GIF picture", Family.PICTURE, "image/gif", ("gif",))
_OOXML: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."
DOCX: Final = Kind("a Word document", Family.OFFICE, _OOXML + "wordprocessingml.document", ("docx",))
PPTX: Final = Kind(
    "a PowerPoint presentation", Family.OFFICE, _OOXML + "presentationml.presentation", ("pptx",)
)
XLSX: Final = Kind("an Excel workbook", Family.OFFICE, _OOXML + "spreadsheetml.sheet", ("xlsx",))
ODT: Final = Kind("an OpenDocument text", Family.OPEN_DOCUMENT, _ODF + "text", ("odt",))
ODP: Final = Kind("an OpenDocument presentation", Family.OPEN_DOCUMENT, _ODF + "presentation", ("odp",))
ODS: Final = Kind("an OpenDocument spreadsheet", Family.OPEN_DOCUMENT, _ODF + "spreadsheet", ("ods",))
PLAIN: Final = Kind("a plain text", Family.TEXT, "text/plain", ("txt",))
CSV: Final = Kind("a CSV table", Family.TEXT, "text/csv", ("csv",))
MARKDOWN: Final = Kind("a Markdown text", Family.TEXT, "text/markdown", ("md", "markdown"))
MP3: Final = Kind("an MP3 recording", Family.SOUND, "audio/mpeg", ("mp3",))
M4A: Final = Kind("an M4A recording", Family.SOUND, "audio/mp4", ("m4a",))
WAV: Final = Kind("a WAV recording", Family.SOUND, "audio/wav", ("wav",))
OGG: Final = Kind("an OGG recording", Family.SOUND, "audio/ogg", ("ogg", "oga", "opus"))
MP4: Final = Kind("an MP4 film", Family.FILM, "video/mp4", ("mp4", "m4v"))
MOV: Final = Kind("a QuickTime film", Family.FILM, "video/quicktime", ("mov",))
WEBM: Final = Kind("a WebM film", Family.FILM, "video/webm", ("webm",))

KINDS: Final = (
    PDF, JPEG, PNG, WEBP, GIF, DOCX, PPTX, XLSX, ODT, ODP, ODS, PLAIN, CSV, MARKDOWN, MP3, M4A, WAV, OGG,
    MP4, MOV, WEBM,
)  # fmt: skip
"""All that is taken, and nothing else."""

TAKEN: Final = (
    "PDF; pictures (JPEG, PNG, WebP, GIF); documents (docx, pptx, xlsx, odt, odp, ods); text (txt, csv, md); "
    "sound (mp3, m4a, wav, ogg); film (mp4, mov, webm)"
)
ACCEPT: Final = ",".join(f".{extension}" for kind in KINDS for extension in kind.extensions)
"""The value of the attribute ``accept`` of a file field."""

HEIC: Final = Foreign(
    "an iPhone picture (HEIC)",
    "Send it as JPEG: on the phone choose Settings, Camera, Formats, “Most Compatible”, or share the picture "
    "by e-mail to yourself, which turns it into JPEG.",
)
SVG: Final = Foreign("an SVG drawing", "SVG can hold programs. Save it as PNG.")
HTML: Final = Foreign("a web page", "Web pages can hold programs. Print the page to a PDF.")
XML: Final = Foreign("an XML file", "Save it as PDF or as plain text.")
ZIP: Final = Foreign("a ZIP archive", "Unpack it, and upload the files one by one.")
LOCKED_OFFICE: Final = Foreign(
    "an Office file locked with a password", "Remove the password and save it again."
)
OLD_OFFICE: Final = Foreign(
    "a file of an older Office", "Open it and save it as .docx, .pptx or .xlsx, or as PDF."
)
BINARY: Final = Foreign("something that we do not know")
_ARCHIVE: Final = Foreign("an archive", ZIP.advice)
_PROGRAM: Final = Foreign("a program")
_SAVE_AS_JPEG: Final = "Save it as JPEG or PNG."

_ODF_KINDS: Final = {kind.media_type.encode(): kind for kind in (ODT, ODP, ODS)}
_ISO_MEDIA: Final = (MP4, MOV, M4A)
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_ISO_BRANDS: Final = (
    b"iso",
    b"mp4",
    b"avc1",
    b"M4V",
    b"dash",
    b"MSNV",
    b"mmp4",
    b"f4v",
    b"cmf",
    b"3g",
    b"XAVC",
)
_OLD_QUICKTIME: Final = (b"moov", b"mdat", b"wide", b"free", b"skip")  # QuickTime before there was ``ftyp``

_FOREIGN: Final = (
    (b"MZ", Foreign("a Windows program")),
    (b"\x7fELF", _PROGRAM),
    (b"\xfe\xed\xfa", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"\xce\xfa\xed\xfe", _PROGRAM),
    (b"\xca\xfe\xba\xbe", _PROGRAM),
    (b"\0asm", _PROGRAM),
    (b"#!", Foreign("a script")),
    (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\0", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (b"MSCF", _ARCHIVE),
    (b"PK\x05\x06", ZIP),
    (b"{\\rtf", Foreign("an RTF document", "Save it as .docx or PDF.")),
    (b"%!PS", Foreign("a PostScript file", "Save it as PDF.")),
    (b"BM", Foreign("a BMP picture", _SAVE_AS_JPEG)),
    (b"II*\0", Foreign("a TIFF picture", _SAVE_AS_JPEG)),
    (b"MM\0*", Foreign("a TIFF picture", _SAVE_AS_JPEG)),
    (b"8BPS", Foreign("a Photoshop picture", _SAVE_AS_JPEG)),
    (b"fLaC", Foreign("a FLAC recording", "Save it as MP3 or M4A.")),
    (b"FLV", Foreign("a Flash film", "Save it as MP4.")),
    (b"FWS", _PROGRAM),
    (b"CWS", _PROGRAM),
    (b"SQLite format 3", Foreign("a database")),
    (b"0&\xb2u\x8ef\xcf\x11", Foreign("a Windows Media file", "Save it as MP4 or MP3.")),
)

_MARKUP: Final = re.compile(
    rb"\s*(?:<\?xml|<!doctype\s|<!--|<[a-z][a-z0-9:.-]*[\s/>])", re.IGNORECASE
)  # anchored by match()
_SVG_TAG: Final = re.compile(rb"<(?:[a-z0-9]+:)?svg[\s>]", re.IGNORECASE)
_HTML_TAG: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|meta|link|style|form|object|embed)[\s>]",
    re.IGNORECASE,
)
_HEAD: Final = 4_096  # bytes that tell what a text is

_EXTENSION: Final = re.compile(r"[a-z0-9]{1,10}")


def extension_of(name: str) -> str:
    """Return the ending of a file name in lower case, without dot, or "" if it has none."""
    stem, dot, extension = name.rpartition(".")
    extension = extension.lower()
    return extension if dot and stem and _EXTENSION.fullmatch(extension) else ""


def by_extension(extension: str) -> Kind | None:
    """Return the kind whose files end like this, or None."""
    return next((kind for kind in KINDS if extension in kind.extensions), None)


def look(data: bytes, *, extension: str = "") -> Kind | Foreign:
    """Return what ``data`` is by its first bytes.

    Text has no signature, and neither has a table in text or one kind of ISO film a mark that all writers
    agree about; there the ``extension`` decides between kinds that begin alike.
    """
    found = _binary(data, extension)
    if found is not None:
        return found
    if _MARKUP.match(data[:_HEAD].removeprefix(b"\xef\xbb\xbf")):
        markup = _markup(data)
        if markup is not None:
            return markup
    named = by_extension(extension)
    if named is not None and named.family is Family.TEXT:
        return named
    return BINARY if b"\0" in data[:_HEAD] else PLAIN


def _binary(data: bytes, extension: str) -> Kind | Foreign | None:
    simple: tuple[tuple[bytes, Kind], ...] = (
        (b"%PDF-", PDF),
        (b"\xff\xd8\xff", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
        (b"OggS", OGG),
        (b"ID3", MP3),
        (b"\x1a\x45\xdf\xa3", WEBM),
    )
    for signature, kind in simple:
        if data.startswith(signature):
            return kind
    if data[:4] == b"RIFF":
        riff = {b"WEBP": WEBP, b"WAVE": WAV}
        return riff.get(data[8:12], Foreign("an AVI film or another RIFF file", "Save it as MP4."))
    if data[4:8] == b"ftyp":
        return _iso_media(data[8:12], extension)
    if data[4:8] in _OLD_QUICKTIME and by_extension(extension) is MOV:
        return MOV
    if data[:4] == b"PK\x03\x04":
        return _zipped(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return LOCKED_OFFICE if "EncryptedPackage".encode("utf-16-le") in data else OLD_OFFICE
    for signature, foreign in _FOREIGN:
        if data.startswith(signature):
            return foreign
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:  # frame sync and layer III
        return MP3
    return None


def _iso_media(brand: bytes, extension: str) -> Kind | Foreign:
    """ISO base media file format, ``ftyp``: the major brand; phones and editors write many of them."""
    if brand in _HEIF_BRANDS:
        return HEIC
    if brand in (b"avif", b"avis"):
        return Foreign("an AVIF picture", _SAVE_AS_JPEG)
    if brand == b"qt  ":
        return MOV
    if brand in (b"M4A ", b"M4B "):
        return M4A
    if brand.startswith(_ISO_BRANDS):
        named = by_extension(extension)
        return named if named in (MP4, M4A) and named is not None else MP4
    return Foreign("a film of an unusual kind", "Save it as MP4.")


def _zipped(data: bytes) -> Kind | Foreign:
    """Tell what a zip file carries, by names that stand in it; whether they are true is found out later."""
    if data[30:38] == b"mimetype":
        declared = re.match(rb"[a-z0-9.+/-]{1,100}(?=PK)", data[38:140])
        if declared is None:
            return ZIP
        if declared[0] in _ODF_KINDS:
            return _ODF_KINDS[declared[0]]
        if declared[0] == b"application/epub+zip":
            return Foreign("an e-book", "Save it as PDF.")
        return Foreign("an OpenDocument file of another kind", "Save it as PDF.")
    if b"[Content_Types].xml" not in data:
        return Foreign("an Android or Java program") if b"META-INF/MANIFEST.MF" in data else ZIP
    if b"xl/workbook.bin" in data:
        return Foreign("a binary Excel workbook (.xlsb)", "Save it as .xlsx.")
    for folder, kind in ((b"word/", DOCX), (b"ppt/", PPTX), (b"xl/", XLSX)):
        if folder in data:
            return kind
    return ZIP


def _markup(data: bytes) -> Foreign | None:
    head = data[:_HEAD]
    if _SVG_TAG.search(head):
        return SVG
    if _HTML_TAG.search(head):
        return HTML
    return XML if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml") else None
