# SPDX-License-Identifier: Apache-2.0
"""The net of the canary test (threats P1): words that stand nowhere else, and a search that reads everything.

A planted word begins with ``MARK``, whatever follows, so that a part of it is caught too, in any case. What
cannot be chosen, such as a token or a salt, is searched for as it is. ``layers`` gives what is sent as it
stands and everything that can be read in it: packed, encoded, escaped, or drawn as the text of a PDF.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import StreamObject

MARK: Final = "quokz"
DEPTH: Final = 4  # an encoding in an encoding in an archive in an attachment
_MOST: Final = 4_194_304  # bytes that are inflated of one thing
_WORD = re.compile(MARK.encode() + rb"[a-z]*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
_REFERENCE = re.compile(rb"&(?:#\w{1,6}|[a-z]{2,6});")
_PNG = b"\x89PNG\r\n\x1a\n"
_CONSONANTS, _VOWELS = "bcdfglmnprstvw", "aeiou"


@dataclass
class Net:
    """Everything that nobody may find, and what became of the search."""

    words: dict[bytes, str] = field(default_factory=dict)
    values: dict[bytes, str] = field(default_factory=dict)
    searched: int = 0
    _known: dict[bytes, frozenset[str]] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What was planted; each is one secret."""
        planted = (*self.words.values(), *self.values.values())
        return tuple(dict.fromkeys(each.partition(", as ")[0] for each in planted))

    def word(self, kind: str) -> str:
        """Return a fresh word that may stand in a name, an address or a text."""
        assert kind not in self.words.values(), kind
        number = int.from_bytes(hashlib.sha256(kind.encode()).digest()[:8])
        made = MARK
        for _ in range(4):
            number, consonant = divmod(number, len(_CONSONANTS))
            number, vowel = divmod(number, len(_VOWELS))
            made += _CONSONANTS[consonant] + _VOWELS[vowel]
        assert made.encode() not in self.words, kind
        self.words[made.encode()] = kind
        return made

    def name(self, kind: str) -> str:
        """Return a name, of which either part is a secret."""
        return f"{self.word(f'{kind}, first').title()} {self.word(f'{kind}, last').title()}"

    def email(self, kind: str) -> str:
        """Return an address; its digests are secrets too, since whoever has a list of addresses has those."""
        made = f"{self.word(kind)}@school.example"
        self.digests(made, kind)
        return made

    def digests(self, text: str, kind: str) -> None:
        """Look for the unsalted digests of ``text``, in every way in which a digest is written."""
        for form in {text, text.casefold(), f"mailto:{text}"}:
            digest = hashlib.sha256(form.encode()).digest()
            for written in (digest, digest.hex().encode(), base64.b64encode(digest)[:42]):
                self.values[written] = f"{kind}, as a digest"
            self.values[base64.urlsafe_b64encode(digest)[:42]] = f"{kind}, as a digest"

    def value(self, value: str, kind: str) -> str:
        """Look for ``value`` as it is, as it stands in addresses, and in base64."""
        assert len(value) >= 16, kind
        self.values[value.encode()] = kind
        self.values[quote(value, safe="").encode()] = kind
        self.values[hashlib.sha256(value.encode()).hexdigest().encode()] = f"{kind}, as a digest"
        return value

    def caught(self, data: bytes) -> frozenset[str]:
        """Return the kinds of everything in ``data`` that nobody may find there."""
        key = hashlib.sha256(data).digest()
        if key not in self._known:
            self._known[key] = frozenset(self._caught(data))
        return self._known[key]

    def _caught(self, data: bytes) -> Iterator[str]:
        for layer in read(data):
            self.searched += len(layer)
            for found in _WORD.findall(layer.lower()):
                yield self.words.get(found, f"something like {found.decode()}")
            for value, kind in self.values.items():
                if value in layer:
                    yield kind


@cache
def read(data: bytes) -> tuple[bytes, ...]:
    """Return the distinct ``layers`` of ``data``; much is sent more than once."""
    return tuple(dict.fromkeys(layers(data)))


def layers(data: bytes, depth: int = DEPTH) -> Iterator[bytes]:
    """Yield ``data`` and everything that can be read in it."""
    yield data
    if depth == 0:
        return
    for inner in _inner(data):
        if inner and inner != data:
            yield from layers(inner, depth - 1)


def _inner(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"PK":
        yield from _archive(data)
    elif data[:5] == b"%PDF-":
        yield from _pdf(data)
    elif data[:8] == _PNG:
        yield from _png(data)
    elif data[:2] == b"\x1f\x8b":
        yield _inflated(data, 31)
    elif b"\0" in data:
        yield data.replace(b"\0", b"")  # UTF-16 of whatever order, where the words are ASCII
    elif _is_text(data):
        yield from _unescaped(data)
        yield from _decoded(data)


def _is_text(data: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        return data.decode().isprintable() or b"\n" in data or data.isascii()
    return False


def _unescaped(data: bytes) -> Iterator[bytes]:
    if b"%" in data:
        yield unquote_to_bytes(data)
    if _REFERENCE.search(data):
        yield html.unescape(data.decode()).encode("utf-8", "replace")
    if b"\\u" in data:
        yield _ESCAPE.sub(lambda match: chr(int(match[1], 16)).encode("utf-8", "replace"), data)


def _decoded(data: bytes) -> Iterator[bytes]:
    for run in set(_BASE64.findall(data)):
        yield from _from_base64(run)
    for run in set(_HEX.findall(data)):
        yield bytes.fromhex(run.decode())


@cache
def _from_base64(run: bytes) -> tuple[bytes, ...]:
    """Return what a run may hold; where it begins cannot be known, so all four places are tried."""
    plain, found = run.translate(bytes.maketrans(b"-_", b"+/")), []
    for start in range(4):
        part = plain[start:]
        part = part[: len(part) // 4 * 4 + (0, 0, 2, 3)[len(part) % 4]]
        with suppress(binascii.Error):
            held = base64.b64decode(part + b"=" * (-len(part) % 4))
            if held[:2] == b"\x1f\x8b" or held[:8] == _PNG or _is_text(held):
                found.append(held)
            elif MARK.encode() in held.lower():
                found.append(held[held.lower().index(MARK.encode()) :])
    return tuple(found)


def _archive(data: bytes) -> Iterator[bytes]:
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as file:
        for name in file.namelist():
            yield name.encode()
            yield file.read(name)


def _pdf(data: bytes) -> Iterator[bytes]:
    reader = PdfReader(io.BytesIO(data))
    yield repr(reader.metadata).encode()
    for page in reader.pages:
        yield page.extract_text().encode()
    for number in range(1, int(str(reader.trailer["/Size"]))):
        with suppress(PyPdfError, KeyError, ValueError):
            found = reader.get_object(number)
            yield repr(found).encode()
            if isinstance(found, StreamObject) and found.get("/Subtype") not in ("/Image", "/CIDFontType0C"):
                yield found.get_data()


def _png(data: bytes) -> Iterator[bytes]:
    place = 8
    while place + 8 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        body = data[place + 8 : place + 8 + size]
        place += 12 + size
        if kind == b"tEXt":
            yield body
        elif kind == b"zTXt":
            yield _inflated(body.partition(b"\0")[2][1:], 15)
        elif kind == b"iTXt":
            _, _, rest = body.partition(b"\0")
            text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
            yield _inflated(text, 15) if rest[:1] == b"\1" else text
        elif kind not in (b"IDAT", b"IHDR", b"IEND", b"PLTE"):
            yield body


def _inflated(data: bytes, window: int) -> bytes:
    with suppress(zlib.error):
        return zlib.decompressobj(window).decompress(data, _MOST)
    return b""
