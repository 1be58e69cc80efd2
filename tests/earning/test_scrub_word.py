# SPDX-License-Identifier: Apache-2.0
"""What Word writes by itself into fields, changes and pictures names nobody when it is cleaned."""

from __future__ import annotations

import io
import zipfile

import pytest
from defusedxml import ElementTree

from earning.errors import UploadActiveError
from earning.scrub.cleaning import clean
from earning.scrub.scrubbed import AUTHOR, DELETED, FILE_NAME, Scrubbed
from tests.earning import uploads
from tests.earning.uploads import CANARY, traces

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def asks(*pieces: str) -> str:
    return "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)


def shows(words: str) -> str:
    return f"<w:r><w:t>{words}</w:t></w:r>"


def complex_field(asked: str, shown: str) -> str:
    return mark("begin") + asked + mark("separate") + shown + mark("end")


def cleaned(body: str) -> tuple[Scrubbed, str]:
    """Clean a document with ``body`` in a paragraph, and return its text part too."""
    document = f"<w:document {SPACES}><w:body><w:p>{body}</w:p></w:body></w:document>"
    data = uploads.packed({**uploads.docx_parts(), "word/document.xml": document})
    found = clean(data, claimed_name="lesson.docx")
    with zipfile.ZipFile(io.BytesIO(found.data)) as file:
        part = file.read("word/document.xml")
    ElementTree.fromstring(part)
    return found, part.decode()


@pytest.mark.parametrize(
    "asked",
    [
        asks(" AUTHOR "),
        asks(" AU", "TH", "OR \\* MERGEFORMAT "),
        asks(" FILENAME \\p "),
        asks(" LASTSAVEDBY "),
        asks(' USERNAME "', CANARY, '" '),
        asks(" QUOTE ") + complex_field(asks(" AUTHOR "), shows(CANARY)),
    ],
)
def test_what_a_field_for_a_name_showed_last_is_gone(asked: str) -> None:
    found, document = cleaned(shows("before") + complex_field(asked, shows(CANARY)) + shows("after"))
    assert traces(found.data) == []
    assert AUTHOR in found.removed
    assert ">before<" in document
    assert ">after<" in document
    assert document.count("fldChar ") == 3 * document.count('"end"')


def test_other_fields_show_what_they_showed() -> None:
    inner = complex_field(asks(" AUTHOR "), shows(CANARY))
    found, document = cleaned(complex_field(asks(" TOC "), shows("1 Start") + inner + shows("2 End")))
    assert traces(found.data) == []
    assert ">1 Start<" in document
    assert ">2 End<" in document
    assert " TOC " in document


def test_a_field_that_fetches_is_refused_also_in_pieces() -> None:
    with pytest.raises(UploadActiveError, match="Turn fields into text"):
        cleaned(complex_field(asks(" INCLUDE", 'TEXT "a.docx" '), shows("x")))


def test_text_that_was_marked_as_deleted_is_deleted() -> None:
    gone = f'<w:del w:id="1" w:author="A"><w:r><w:delText>{CANARY}</w:delText></w:r></w:del>'
    kept = '<w:pPr><w:rPr><w:del w:id="2" w:author="Xaviera"/></w:rPr></w:pPr>'
    found, document = cleaned(kept + shows("before") + gone + shows("after"))
    assert traces(found.data) == []
    assert DELETED in found.removed
    assert document.count("<w:del ") == 1
    assert 'w:author="Person 1"/>' in document
    assert "delText" not in document


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<w:r><w:pict><v:shape alt="C:\\Users\\Xaviera\\x"/></w:pict></w:r>', FILE_NAME),
        ('<w:r><w:pict><v:shape><v:imagedata o:title="Xaviera_room"/></v:shape></w:pict></w:r>', FILE_NAME),
        ('<w:permStart w:id="6" w:ed="SCHOOL\\Xaviera"/><w:permEnd w:id="6"/>', AUTHOR),
    ],
)
def test_names_of_files_and_of_editors_are_gone(body: str, said: str) -> None:
    found, _ = cleaned(body)
    assert traces(found.data) == []
    assert said in found.removed


def test_what_is_said_for_people_who_do_not_see_a_picture_stays() -> None:
    _, document = cleaned('<w:r><w:pict><v:shape alt="A graph of six weeks"/></w:pict></w:r>')
    assert 'alt="A graph of six weeks"' in document
