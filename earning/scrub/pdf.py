# SPDX-License-Identifier: Apache-2.0
"""Write a PDF anew from what can be reached from its pages (ISO 32000-2).

Only objects that the catalogue leads to are written, so older versions of a file, which are still in it after
editing, are gone, and so is whatever was put before, between or behind. On the way out of every object go:
metadata (``/Info``, XMP, ``/PieceInfo``), authors of notes, attached files, programs and every action but
those that lead somewhere in the document or to a web page, form data of foreign programs (XFA), signatures,
and the camera's data in JPEG pictures. A locked file is refused, also when its password is empty: what is
locked says what may be done with it, and we would do it anyway.

Not covered: names of layers and who made them (``/OCProperties``), subjects of notes, user properties of
tags, metadata in JPEG 2000 pictures, and keys of pages that no standard knows.

pypdf reads; we write, because what is left out must not depend on a library's idea of a whole document.
"""

from __future__ import annotations

import hashlib
import io
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Final

from pypdf import PdfReader
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    PdfObject,
    StreamObject,
)

from earning.errors import (
    UploadAmbiguousError,
    UploadDamagedError,
    UploadEncryptedError,
    UploadTooMuchError,
    UploadUncleanableError,
)
from earning.scrub.archive import holds_a_zip
from earning.scrub.scrubbed import (
    ATTACHMENTS,
    AUTHOR,
    COMMENTS,
    LOCATION,
    PATHS,
    PROGRAMS,
    PROPERTIES,
    SIGNATURES,
    TEXT_CHARS,
    UPLOAD_BYTES,
    Report,
)
from earning.scrub.segments import strip

PDF_PAGES: Final = 300  # pages; a portfolio has about 60
TEXT_SECONDS: Final = 3.0  # seconds of work to read the text; the rest is for cleaning
PAGE_BYTES: Final = 400_000  # bytes of drawing on one page; more is a map, not text
PDF_OBJECTS: Final = 150_000  # objects; 300 pages of a tagged document have about 60,000, which take 6 s

_DROPPED: Final[dict[str, str]] = {
    "/Metadata": PROPERTIES,
    "/PieceInfo": PROPERTIES,
    "/LastModified": PROPERTIES,
    "/SpiderInfo": PROPERTIES,
    "/CreatorInfo": AUTHOR,
    "/AF": ATTACHMENTS,
    "/EmbeddedFiles": ATTACHMENTS,
    "/EF": ATTACHMENTS,
    "/Collection": ATTACHMENTS,
    "/JavaScript": PROGRAMS,
    "/JS": PROGRAMS,
    "/AA": PROGRAMS,
    "/XFA": PROGRAMS,
    "/Renditions": PROGRAMS,
    "/RichMediaContent": PROGRAMS,
    "/AlternatePresentations": PROGRAMS,
    "/Perms": SIGNATURES,
    "/DSS": SIGNATURES,
    "/Legal": SIGNATURES,
    "/Thumb": PROPERTIES,
    "/OPI": PATHS,
    "/Measure": LOCATION,
    "/LGIDict": LOCATION,
    "/PtData": LOCATION,
}
_NOTE_KEYS: Final = ("/T", "/NM", "/RC", "/CreationDate")  # author, id, formatted copy, moment of a note
_KEPT_ACTIONS: Final = frozenset(("/GoTo", "/URI", "/Named"))
_DROPPED_NOTES: Final = frozenset(("/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"))
_DOCUMENT_KEYS: Final = frozenset(
    ("/Type", "/Pages", "/PageLabels", "/Names", "/Dests", "/ViewerPreferences", "/PageLayout", "/PageMode",
     "/Outlines", "/OpenAction", "/AcroForm", "/StructTreeRoot", "/MarkInfo", "/Lang", "/OCProperties",
     "/OutputIntents", "/Version", "/Extensions")
)  # fmt: skip
_LIBRARY_ERRORS: Final = (
    PyPdfError,
    ValueError,
    TypeError,
    LookupError,
    ImportError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    OSError,
    OverflowError,
    UnicodeError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
)


def clean(data: bytes, report: Report) -> bytes:
    """Return the document written anew.

    Raises:
        UploadAmbiguousError: It is something else at the same time.
        UploadEncryptedError: It is locked.
        UploadTooMuchError: It has more pages or objects than the limits, or takes too much memory.
        UploadDamagedError: It cannot be read.
    """
    if not data.startswith(b"%PDF-") or holds_a_zip(data):
        raise UploadAmbiguousError("This is a PDF and something else in one file. Print it to a new PDF.")
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise UploadEncryptedError(
                "This PDF is locked. Save it without a password and without restrictions, and upload that."
            )
        pages = len(reader.pages)
        if pages == 0:
            raise _damaged()
        if pages > PDF_PAGES:
            raise UploadTooMuchError(
                f"This PDF has {pages:,} pages; up to {PDF_PAGES} are taken. Upload the pages that matter.",
                got=pages,
                expected=PDF_PAGES,
            )
        _read(reader, report)
        if reader.metadata:
            report.add(AUTHOR if reader.metadata.author else PROPERTIES)
        return _Writer(reader, report).write()
    except (MemoryError, RecursionError, LimitReachedError) as error:
        raise UploadTooMuchError(
            "There is too much in this PDF to clean it. Print it to a new PDF."
        ) from error
    except _LIBRARY_ERRORS as error:
        raise _damaged() from error


def warm() -> None:
    """Make pypdf import what it imports late, by reading a page of our own."""
    clean(_SAMPLE, Report())


_SAMPLE: Final = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
    b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>\nendobj\n"
    b"4 0 obj\n<</Length 52/Filter/ASCIIHexDecode>>\nstream\n"
    b"4254202F46203920546620302030205464202841292054 6A204554>\nendstream\nendobj\n"
    b"trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF\n"
)


class _Writer:
    """Walks from the catalogue, cleans each object, gives it a new number and writes it."""

    def __init__(self, reader: PdfReader, report: Report) -> None:
        self._reader = reader
        self._report = report
        self._numbers: dict[tuple[int, int], int] = {}
        self._queue: list[PdfObject] = []

    def write(self) -> bytes:
        root = self._reader.trailer["/Root"].get_object()
        if not isinstance(root, DictionaryObject):
            raise _damaged()
        for key in set(root) - _DOCUMENT_KEYS:
            self._report.add(_DROPPED.get(key, PROPERTIES))
            del root[key]
        self._number(self._reader.trailer.raw_get("/Root"))
        target = io.BytesIO()
        target.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, found in enumerate(self._objects(), start=1):
            offsets.append(target.tell())
            target.write(b"%d 0 obj\n" % number)
            found.write_to_stream(target)
            target.write(b"\nendobj\n")
        start = target.tell()
        target.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
        target.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
        digest = hashlib.sha256(target.getbuffer()).hexdigest()[:32].encode()
        target.write(
            b"trailer\n<< /Size %d /Root 1 0 R /ID [<%b> <%b>] >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(offsets) + 1, digest, digest, start)
        )
        return target.getvalue()

    def _objects(self) -> Iterator[PdfObject]:
        """Yield every object in the order of its number; more are found while these are cleaned."""
        position = 0
        while position < len(self._queue):
            found = self._queue[position]
            yield self._cleaned(found)
            self._queue[position] = NullObject()  # written; its memory may go
            position += 1

    def _number(self, reference: PdfObject) -> IndirectObject:
        """Return the new reference in place of ``reference``, whose object is put in the queue once."""
        if not isinstance(reference, IndirectObject):
            raise _damaged()
        key = (reference.idnum, reference.generation)
        if key not in self._numbers:
            if len(self._numbers) >= PDF_OBJECTS:
                raise UploadTooMuchError("There is too much in this PDF to clean it. Print it to a new PDF.")
            target = reference.get_object()
            self._queue.append(NullObject() if target is None else target)
            self._numbers[key] = len(self._queue)
        return IndirectObject(self._numbers[key], 0, self._reader)

    def _cleaned(self, found: PdfObject) -> PdfObject:
        """Clean ``found`` and all that is directly in it, in place, without recursion."""
        todo = [found]
        while todo:
            each = todo.pop()
            if isinstance(each, DictionaryObject):
                self._clean_dictionary(each)
                if isinstance(each, StreamObject):
                    self._clean_stream(each)
                for key in list(each):
                    value = each.raw_get(key)
                    if isinstance(value, IndirectObject):
                        each[NameObject(key)] = self._number(value)
                    else:
                        todo.append(value)
            elif isinstance(each, ArrayObject):
                for index, value in enumerate(each):
                    if isinstance(value, IndirectObject):
                        each[index] = self._number(value)
                    else:
                        todo.append(value)
        return found

    def _clean_dictionary(self, found: DictionaryObject) -> None:
        for key in [key for key in found if key in _DROPPED]:
            self._report.add(_DROPPED[key])
            del found[key]
        kind = found.get("/Subtype")
        if kind in _DROPPED_NOTES and "/Rect" in found:
            self._report.add(ATTACHMENTS)
            _empty(found, "/Rect")
        elif "/Rect" in found and kind not in ("/Widget", "/Link"):
            for key in [key for key in _NOTE_KEYS if key in found]:
                self._report.add(COMMENTS)
                del found[key]
        if found.get("/FT") == "/Sig" or found.get("/Type") in ("/Sig", "/DocTimeStamp"):
            self._report.add(SIGNATURES)
            _empty(found, "/FT", "/Rect", "/Subtype", "/T", "/F", "/P", "/Parent")
        if found.get("/Type") in ("/Filespec", "/F") or "/UF" in found:
            self._report.add(PATHS)
            _empty(found)
        self._clean_action(found)

    def _clean_action(self, found: DictionaryObject) -> None:
        """Empty an action that does more than lead somewhere."""
        action = found.get("/S")
        is_tag = "/P" in found and ("/K" in found or "/Pg" in found)  # a structure element has a /S too
        is_action = found.get("/Type") == "/Action" or (action in _ACTIONS and not is_tag)
        if is_action and action not in _KEPT_ACTIONS:
            self._report.add(PROGRAMS)
            _empty(found)
        elif action == "/URI" and not str(found.get("/URI", "")).lower().startswith(_WEB):
            self._report.add(PATHS)
            _empty(found)

    def _clean_stream(self, found: StreamObject) -> None:
        """Clean a picture, and forget that a content may lie in another file; the length is counted anew."""
        for key in ("/F", "/FFilter", "/FDecodeParms", "/Length"):
            found.pop(key, None)
        _unwrap(found)
        if found.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
            stripped = strip(found._data, self._report)
            if stripped is not None:
                found._data = stripped


_ACTIONS: Final = frozenset(
    ("/Launch", "/JavaScript", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/GoTo3DView", "/Rendition",
     "/Movie", "/Sound", "/Hide", "/ResetForm", "/SetOCGState", "/Trans", "/Thread", "/RichMediaExecute",
     "/GoToDp", "/URI")
)  # fmt: skip
_WEB: Final = ("https://", "http://", "mailto:", "#")


def _unwrap(found: StreamObject) -> None:
    """Take the other filters off a JPEG picture that is packed once more, so that it can be cleaned."""
    given = found.get("/Filter", NullObject()).get_object()
    filters = [each.get_object() for each in given] if isinstance(given, ArrayObject) else [given]
    if not filters or filters[-1] not in _JPEG:
        return
    data = found._data
    for name in filters[:-1]:
        if name not in ("/FlateDecode", "/Fl"):
            raise UploadUncleanableError(
                "A picture in this PDF is packed in an unusual way. Print it to a new PDF."
            )
        inflater = zlib.decompressobj()
        data = inflater.decompress(data, UPLOAD_BYTES)
        if inflater.unconsumed_tail:
            raise UploadTooMuchError("There is too much in this PDF to clean it. Print it to a new PDF.")
    found._data = data
    found[NameObject("/Filter")] = NameObject("/DCTDecode")
    if len(filters) > 1:
        found.pop("/DecodeParms", None)  # one for each filter; those of the others are done


_JPEG: Final = ("/DCTDecode", "/DCT")


def _empty(found: DictionaryObject, *kept: str) -> None:
    for key in [key for key in found if key not in kept]:
        del found[key]


def _read(reader: PdfReader, report: Report) -> None:
    """Note the text of the pages as far as time allows; a page whose text cannot be read is no fault."""
    end = time.process_time() + TEXT_SECONDS
    for number, page in enumerate(reader.pages, start=1):
        if report.text_chars >= TEXT_CHARS or time.process_time() > end:
            return
        try:
            content = page.get_contents()
            if content is not None and len(content.get_data()) <= PAGE_BYTES:
                report.read(f"page {number}", page.extract_text())
        except (*_LIBRARY_ERRORS, RecursionError):
            continue


def _damaged() -> UploadDamagedError:
    return UploadDamagedError("This PDF is damaged. Print it to a new PDF and upload that.")
