# SPDX-License-Identifier: Apache-2.0
"""E5: student data or identity leaks (metadata, names in files, text).

Canaries stand wherever programs write a name, a place or a camera by themselves; after cleaning they are
nowhere, also not in compressed parts, in the name of the file, or in what is said about it.
"""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from earning.scrub import scrub
from earning.scrub.cleaning import clean
from tests.earning import uploads
from tests.earning.uploads import CANARY, GOOD, WORDS, traces


@pytest.mark.parametrize(
    "name", ["photo.jpg", "lesson.docx", "lesson.odt", "lesson.pdf", "voice.mp3", "class.mp4"]
)
def test_canaries_do_not_survive_the_process(name: str) -> None:
    before = GOOD[name]()
    assert traces(before)
    found = scrub(before, claimed_name=f"{CANARY}'s {name}")
    assert traces(found.data) == []
    said = repr((found.media_type, found.extension, found.removed, found.people, found.name(3)))
    assert not any(word in said for word in WORDS)


def test_a_photo_does_not_tell_where_it_was_taken() -> None:
    found = clean(uploads.jpeg(), claimed_name="a.jpg")
    assert "location" in found.removed
    after = Image.open(io.BytesIO(found.data))
    assert dict(after.getexif()) == {}
    assert after.getexif().get_ifd(0x8825) == {}
    assert b"Exif" not in found.data
    assert b"http://ns.adobe.com" not in found.data


def test_a_photo_in_a_document_does_not_tell_it_either() -> None:
    found = clean(uploads.docx(), claimed_name="a.docx")
    with zipfile.ZipFile(io.BytesIO(found.data)) as file:
        photo = Image.open(io.BytesIO(file.read("word/media/image1.jpeg")))
    assert photo.getexif().get_ifd(0x8825) == {}


def test_a_film_does_not_tell_where_it_was_made() -> None:
    found = clean(uploads.mp4(), claimed_name="a.mp4")
    assert "location" in found.removed
    for mark in (b"\xa9xyz", b"+47.6062", b"-122.3321", b"udta", b"uuid"):
        assert mark not in found.data


def test_two_documents_of_one_person_are_not_tied_together() -> None:
    """Session numbers (rsid) of Word and LibreOffice, dates and owners of zip entries, ids of a PDF."""
    for name, mark in (("lesson.docx", b"00AA11BB"), ("lesson.odt", b"00aa11bb")):
        found = clean(GOOD[name](), claimed_name=name)
        with zipfile.ZipFile(io.BytesIO(found.data)) as file:
            assert not any(mark in file.read(entry) for entry in file.namelist())
            assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert not any(entry.extra or entry.comment for entry in file.infolist())


def test_who_answers_whom_can_still_be_followed() -> None:
    parts = uploads.docx_parts()
    comments = str(parts["word/comments.xml"])
    second = '<w:comment w:id="2" w:author="Other Author" w:initials="OA"/></w:comments>'
    parts["word/comments.xml"] = comments.replace("</w:comments>", second)
    found = clean(uploads.packed(parts), claimed_name="a.docx")
    with zipfile.ZipFile(io.BytesIO(found.data)) as file:
        text = file.read("word/comments.xml").decode()
    assert 'w:author="Person 1"' in text
    assert 'w:author="Person 2"' in text


def test_names_in_a_text_are_pointed_out_and_never_refused() -> None:
    text = b"Student: Jane Doe\nMail jane@example.org, call 206-555-0142.\n"
    found = clean(text, claimed_name="a.txt")
    assert found.data == text
    assert [(each.trace.value, each.place) for each in found.people] == [
        ("name", "line 1"),
        ("e-mail address", "line 2"),
        ("telephone number", "line 2"),
    ]


def test_the_report_is_plain_words_without_what_was_found() -> None:
    for name, build in GOOD.items():
        found = clean(build(), claimed_name=name)
        assert found.removed[-1] == "file name"
        assert all(word.replace(" ", "").isalpha() for word in found.removed)
