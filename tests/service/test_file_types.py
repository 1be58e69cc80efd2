# SPDX-License-Identifier: Apache-2.0
"""A file says by its first bytes what it is, whatever it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.file_types import ACCEPT, BINARY, KINDS, Family, Foreign, Kind, by_extension, extension_of, look
from tests.earning.uploads import GOOD


@pytest.mark.parametrize("name", GOOD)
def test_knows_every_kind_that_is_taken(name: str) -> None:
    extension = extension_of(name)
    assert look(GOOD[name](), extension=extension) is by_extension(extension)


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith(("txt", "md", "csv"))])
def test_the_name_does_not_change_what_a_file_is(name: str) -> None:
    found = look(GOOD[name](), extension="txt")
    assert isinstance(found, Kind)
    assert found.family is not Family.TEXT


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ\x90\0", "Windows program"),
        (b"\x7fELF\x02", "program"),
        (b"#!/bin/sh\n", "script"),
        (b"Rar!\x1a\x07", "archive"),
        (b"PK\x05\x06" + bytes(18), "ZIP"),
        (b"PK\x03\x04" + bytes(40), "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40), "older Office"),
        (b"<svg xmlns='x'/>", "SVG"),
        (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- x --><svg>", "SVG"),
        (b"<!DOCTYPE html><title>x</title>", "web page"),
        (b"\n\n<script>alert(1)</script>", "web page"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"II*\0", "TIFF"),
        (b"RIFF\0\0\0\0AVI ", "AVI"),
        (b"{\\rtf1", "RTF"),
        (b"\x1f\x8b\x08", "archive"),
    ],
)
def test_names_what_is_not_taken(data: bytes, words: str) -> None:
    for extension in ("txt", "jpg", "md"):
        found = look(data, extension=extension)
        assert isinstance(found, Foreign)
        assert words in found.words


def test_text_may_talk_about_markup() -> None:
    assert look(b"I taught <b>bold</b> and <script>.", extension="txt") is by_extension("txt")


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.pdf", "pdf"), ("A.PDF", "pdf"), ("a.pdf.exe", "exe"), ("pdf", ""), (".pdf", ""), ("a.", ""),
        ("a.p df", ""), ("", ""), ("a.tar.gz", "gz"),
    ],
)  # fmt: skip
def test_the_last_ending_counts(name: str, extension: str) -> None:
    assert extension_of(name) == extension


def test_no_ending_belongs_to_two_kinds() -> None:
    endings = [extension for kind in KINDS for extension in kind.extensions]
    assert len(endings) == len(set(endings))
    assert ACCEPT.count(",") == len(endings) - 1


@given(data=st.binary(max_size=200), extension=st.sampled_from(["", "txt", "pdf", "docx"]))
def test_anything_is_something(data: bytes, extension: str) -> None:
    assert isinstance(look(data, extension=extension), Kind | Foreign)


def test_bytes_without_a_signature_are_unknown() -> None:
    assert look(b"\x01\x02\0\x03") is BINARY
