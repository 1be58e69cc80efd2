# SPDX-License-Identifier: Apache-2.0
"""PDF: the files attached to it, and the links on its pages (ISO 32000-2).

Attached files stand in the name tree ``EmbeddedFiles`` (7.11.4), as associated files of the document or of a
page (14.13) and behind notes on a page (12.5.6.15); links are annotations (12.5.6.5), or just written in the
text. Programs, actions and forms are not looked at. A locked document is refused.

pypdf reads. It runs only in a process of its own, and within limits of pages, attachments and bytes.
"""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Final

from pypdf import Configuration, PageObject, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from verifier.errors import FileDamagedError, FileLockedError, TooMuchInsideError
from verifier.unpack import links
from verifier.unpack.found import (
    PDF_ANNOTATIONS,
    PDF_ATTACHMENTS,
    PDF_INFLATED,
    PDF_LINKS,
    PDF_PAGES,
    TEXT_SECONDS,
    Budget,
    Found,
    Kind,
    OutOfTimeError,
    shown,
    sniff,
    trouble,
)

PAGE_BYTES: Final = 400_000  # bytes of drawing on one page; more is a map, not text
_TREE_NODES: Final = 1_000  # nodes of the tree of attached files; it has 50 leaves
_LIBRARY_ERRORS: Final = (
    PyPdfError, ValueError, TypeError, LookupError, ImportError, AttributeError, AssertionError,
    NotImplementedError, OSError, OverflowError, UnicodeError, ZeroDivisionError, struct.error, zlib.error,
)  # fmt: skip
_LIMITS: Final = Configuration(
    zlib_maximum_output_length=PDF_INFLATED,
    lzw_maximum_output_length=PDF_INFLATED,
    run_length_maximum_output_length=PDF_INFLATED,
    array_based_stream_maximum_output_length=PDF_INFLATED,
    maximum_declared_stream_length=PDF_INFLATED,
    stream_decoding_work_maximum_length=4 * PDF_INFLATED,
    page_tree_maximum_entries=4 * PDF_PAGES,
    jbig2dec_binary=None,
)
_TOO_MUCH: Final = (
    "There is too much in this PDF to look into it. Bring the pages that matter, or the credential."
)


def look(raw: bytes, *, budget: Budget, of: str = "") -> list[Found]:
    """Return attachments that may be credentials, and links; both may be none.

    Args:
        raw: The document.
        budget: What may still be handed on.
        of: What the document is called, for the places; "" if it is the only one.

    Raises:
        FileLockedError: It is locked with a password.
        TooMuchInsideError: More pages, attachments, notes or bytes than the limits.
        FileDamagedError: It cannot be read.
    """
    try:
        with apply_configuration(_LIMITS):
            reader = PdfReader(io.BytesIO(raw), strict=False)
            if reader.is_encrypted:
                raise FileLockedError(
                    "This PDF is locked. Save it without a password and without restrictions, and bring that."
                )
            return _Look(reader, budget, f" of {of}" if of else "").look()
    except (MemoryError, RecursionError, LimitReachedError) as error:
        raise TooMuchInsideError(_TOO_MUCH) from error
    except _LIBRARY_ERRORS as error:
        raise FileDamagedError("This PDF is damaged: it cannot be opened. Print it to a new PDF.") from error


def warm() -> None:
    """Make pypdf import what it imports late, by reading a page of our own."""
    look(_SAMPLE, budget=Budget())


_SAMPLE: Final = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
    b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>\nendobj\n"
    b"4 0 obj\n<</Length 52/Filter/ASCIIHexDecode>>\nstream\n"
    b"4254202F46203920546620302030205464202841292054 6A204554>\nendstream\nendobj\n"
    b"trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF\n"
)


class _Look:
    """One look into a document."""

    def __init__(self, reader: PdfReader, budget: Budget, of: str) -> None:
        self._reader = reader
        self._budget = budget
        self._of = of
        self._inflated = 0
        self._annotations = 0
        self._seen: set[tuple[int, int]] = set()  # streams of attachments, each looked at once
        self._found: list[Found] = []
        self._links: list[tuple[str, str]] = []
        self._real: dict[str, str] = {}  # real links, no mere text: key and address

    def look(self) -> list[Found]:
        """Attachments first, then real links, then what is written."""
        pages = self._pages()
        root = self._reader.trailer["/Root"].get_object()
        if isinstance(root, DictionaryObject):
            self._name_tree(root)
            self._files(root.get("/AF"))
        for number, page in enumerate(pages, start=1):
            self._files(page.get("/AF"))
            for note in self._notes(page):
                self._note(note, number)
        meant = (links.meant(link) for _, link in self._links)
        self._real = {links.key(address): address for address in meant if address is not None}
        self._texts(pages)
        found = links.distinct(self._links)
        for place, url in list(found.values())[:PDF_LINKS]:
            self._found.append(Found(place, url=url))
        if len(found) > PDF_LINKS:
            self._left(
                "further links", f"This PDF has {len(found)} links; the first {PDF_LINKS} are looked at."
            )
        return self._found

    def _pages(self) -> list[PageObject]:
        count = len(self._reader.pages)
        if count > PDF_PAGES:
            raise TooMuchInsideError(
                f"This PDF has {count:,} pages; up to {PDF_PAGES} are looked at. Bring those that matter.",
                got=count,
                expected=PDF_PAGES,
            )
        return list(self._reader.pages)

    # -- attachments ---------------------------------------------------------------------------------------

    def _name_tree(self, root: DictionaryObject) -> None:
        """Walk the tree of attached files (7.9.6) without recursion, each node once."""
        names = _dictionary(root.get("/Names"))
        todo: list[PdfObject | None] = [names.get("/EmbeddedFiles")] if names is not None else []
        nodes: set[int] = set()
        while todo:
            node = _dictionary(todo.pop())
            if node is None or id(node) in nodes:
                continue
            nodes.add(id(node))
            if len(nodes) > _TREE_NODES:
                raise TooMuchInsideError(_TOO_MUCH)
            leaves = _array(node.get("/Names"))
            for leaf in leaves[1::2]:
                self._file(leaf)
            todo.extend(reversed(_array(node.get("/Kids"))))

    def _files(self, value: PdfObject | None) -> None:
        """Look at associated files."""
        for each in _array(value):
            self._file(each)

    def _file(self, value: PdfObject | None) -> None:
        """Look at a file specification (7.11.3); one that is not embedded is only a name."""
        specification = _dictionary(value)
        embedded = _dictionary(specification.get("/EF")) if specification is not None else None
        if specification is None or embedded is None:
            return
        for name in ("/UF", "/F"):
            reference = embedded.raw_get(name) if name in embedded else None
            stream = reference.get_object() if reference is not None else None
            if isinstance(stream, StreamObject):
                label = specification.get("/UF", specification.get("/F", ""))
                self._attachment(reference, stream, shown(str(label)) or "without a name")
                return

    def _attachment(self, reference: PdfObject | None, stream: StreamObject, name: str) -> None:
        where = (
            (reference.idnum, reference.generation)
            if isinstance(reference, IndirectObject)
            else (id(stream), -1)
        )
        if where in self._seen:
            return
        self._seen.add(where)
        if len(self._seen) > PDF_ATTACHMENTS:
            raise TooMuchInsideError(
                f"This PDF has more than {PDF_ATTACHMENTS} files attached. Bring them by themselves."
            )
        place = f"attachment {name}{self._of}"
        content = self._inflate(stream)
        if sniff(content) not in (Kind.TEXT, Kind.PNG):
            return
        try:
            self._budget.keep(content)
        except TooMuchInsideError as error:
            self._found.append(trouble(place, error))
        else:
            self._found.append(Found(place, content=content, essential=False))

    def _inflate(self, stream: StreamObject) -> bytes:
        content = stream.get_data()
        self._inflated += len(content)
        if self._inflated > PDF_INFLATED:
            raise TooMuchInsideError(_TOO_MUCH)
        return content

    # -- pages ---------------------------------------------------------------------------------------------

    def _notes(self, page: PageObject) -> Iterator[DictionaryObject]:
        for each in _array(page.get("/Annots")):
            self._annotations += 1
            if self._annotations > PDF_ANNOTATIONS:
                raise TooMuchInsideError(_TOO_MUCH)
            note = _dictionary(each)
            if note is not None:
                yield note

    def _note(self, note: DictionaryObject, page: int) -> None:
        """Take the address of a link, or the file behind a note."""
        kind = note.get("/Subtype")
        if kind == "/FileAttachment":
            self._file(note.get("/FS"))
        elif kind == "/Link":
            action = _dictionary(note.get("/A"))
            if action is not None and action.get("/S") == "/URI":
                self._links.append((f"link on page {page}{self._of}", _address(action.get("/URI"))))

    def _texts(self, pages: list[PageObject]) -> None:
        """Look for links that are written, as far as the limits allow; an unreadable page is no fault."""
        ends_at = time.process_time() + TEXT_SECONDS
        for number, page in enumerate(pages, start=1):
            try:
                is_over = self._budget.is_over or time.process_time() > ends_at
                if not is_over:
                    self._written(self._text(page), number)
            except (OutOfTimeError, TooMuchInsideError, MemoryError):
                is_over = True
            except (*_LIBRARY_ERRORS, RecursionError):
                continue
            if is_over:
                self._left(
                    f"text of page {number} and further",
                    "There is too much here to look for links in all the text. Bring the pages that matter.",
                )
                return

    def _text(self, page: PageObject) -> str:
        content = page.get_contents()
        if content is None or len(self._inflate(content)) > PAGE_BYTES:
            return ""
        return page.extract_text()

    def _written(self, text: str, page: int) -> None:
        """Take the links in the text, unless they are the words, on one line or more, of a real link."""
        for link, onward in links.in_text(text):
            address = links.meant(link)
            if address is None or links.key(address) in self._real:
                continue
            if not any(len(real) > len(link) and onward.startswith(real) for real in self._real.values()):
                self._links.append((f"text on page {page}{self._of}", address))

    def _left(self, place: str, message: str) -> None:
        self._found.append(trouble(f"{place}{self._of}", TooMuchInsideError(message)))


def _dictionary(value: PdfObject | None) -> DictionaryObject | None:
    found = value.get_object() if value is not None else None
    return found if isinstance(found, DictionaryObject) else None


def _array(value: PdfObject | None) -> list[PdfObject]:
    found = value.get_object() if value is not None else None
    return list(found) if isinstance(found, ArrayObject) else []


def _address(value: PdfObject | None) -> str:
    """Return an address, which is ASCII (12.6.4.8), also when it was written as bytes."""
    found: object = value.get_object() if value is not None else ""
    return found.decode("utf-8", errors="replace") if isinstance(found, bytes) else str(found)
