# SPDX-License-Identifier: Apache-2.0
"""A cleaned file opens, looks and sounds as before, and tells nothing about who made it."""

from __future__ import annotations

import contextlib
import io
import posixpath
import struct
import zipfile

import pytest
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from credentials.digests import digest_multibase, matches
from earning.errors import UploadDamagedError, UploadQuotaError, UploadRefusedError
from earning.scrub import UPLOAD_QUOTA, Scrubbed, check_quota, scrub
from earning.scrub.cleaning import clean
from earning.scrub.ogg import checksum
from issuer.award import SALT_BYTES, evidence_of
from tests.earning import uploads
from tests.earning.uploads import CANARY, GOOD, traces


def cleaned(name: str) -> Scrubbed:
    return clean(GOOD[name](), claimed_name=f"{CANARY} {name}")


def parts(found: Scrubbed) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(found.data)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith((".txt", ".csv"))])
def test_the_canary_was_there(name: str) -> None:
    assert traces(GOOD[name]())


@pytest.mark.parametrize("name", GOOD)
def test_no_canary_is_left(name: str) -> None:
    found = cleaned(name)
    assert traces(found.data) == []
    assert not any(word in repr((found.removed, found.extension, found.name(1))) for word in uploads.WORDS)


@pytest.mark.parametrize("name", GOOD)
def test_cleaning_twice_changes_nothing_more_about_people(name: str) -> None:
    once = cleaned(name)
    twice = clean(once.data, claimed_name=once.name(1))
    assert twice.media_type == once.media_type
    assert not {"author", "location", "camera"} & set(twice.removed) - _always(name)


def _always(name: str) -> set[str]:
    """What is said whenever a kind is cleaned, since its words are blanked without being read."""
    return {"author"} if name.endswith((".ogg", ".odt", ".odp", ".ods")) else set()


@pytest.mark.parametrize("name", GOOD)
def test_the_new_name_is_neutral(name: str) -> None:
    found = cleaned(name)
    assert found.name(1) == f"evidence-1.{name.rpartition('.')[2]}"
    assert "file name" in found.removed


@pytest.mark.parametrize("name", ["photo.jpg", "lesson.docx", "lesson.pdf", "class.mp4"])
def test_a_process_of_its_own_says_the_same(name: str) -> None:
    assert scrub(GOOD[name](), claimed_name=name) == clean(GOOD[name](), claimed_name=name)


# -- pictures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["photo.jpg", "drawing.png", "photo.webp", "drawing.gif"])
def test_a_picture_shows_what_it_showed(name: str) -> None:
    before, after = (Image.open(io.BytesIO(data)) for data in (GOOD[name](), cleaned(name).data))
    assert after.format == before.format
    assert after.size == before.size
    assert not after.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile", "Author"} & set(after.info)
    red, white = (after.convert("RGB").getpixel(place) for place in ((10, 20), (50, 20)))
    assert isinstance(red, tuple)
    assert isinstance(white, tuple)
    assert red[0] > 180
    assert red[1] < 60
    assert min(white) > 240


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied(orientation: int) -> None:
    data = uploads.jpeg(orientation)
    after = Image.open(io.BytesIO(clean(data, claimed_name="a.jpg").data))
    assert after.size == ((64, 48) if orientation < 5 else (48, 64))
    assert 0x0112 not in after.getexif()


def test_says_what_a_photo_told() -> None:
    assert cleaned("photo.jpg").removed == ("author", "location", "camera", "description", "file name")


def test_a_photo_stays_about_as_large() -> None:
    image = Image.effect_noise((800, 600), 60).convert("RGB")
    for quality in (40, 95):
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality)
        data = target.getvalue()
        assert 0.8 < len(clean(data, claimed_name="a.jpg").data) / len(data) < 1.2


def test_transparent_pixels_stay_transparent() -> None:
    for name, mode in (("a.png", "RGBA"), ("a.webp", "RGBA"), ("a.png", "P"), ("a.gif", "P")):
        target = io.BytesIO()
        image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
        options = {"transparency": 0} if mode == "P" else {}
        (image if mode == "RGBA" else Image.new("P", (8, 8))).save(
            target, name.rpartition(".")[2].upper(), **options
        )
        after = Image.open(io.BytesIO(clean(target.getvalue(), claimed_name=name).data)).convert("RGBA")
        pixel = after.getpixel((4, 4))
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0


def test_a_phone_that_puts_two_pictures_into_a_jpeg_may_send_it() -> None:
    target = io.BytesIO()
    uploads.photo().save(target, "MPO", save_all=True, append_images=[uploads.photo()])
    after = Image.open(io.BytesIO(clean(target.getvalue(), claimed_name="a.jpg").data))
    assert (after.format, getattr(after, "n_frames", 1)) == ("JPEG", 1)


# -- documents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in GOOD if name.endswith(("x", "odt", "odp", "ods"))])
def test_a_document_stays_whole(name: str) -> None:
    found = parts(cleaned(name))
    for part, content in found.items():
        if part.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)
    if "[Content_Types].xml" in found:
        for node in ElementTree.fromstring(found["[Content_Types].xml"]):
            assert node.get("PartName", "/_rels/.rels").lstrip("/") in found
    for rels in (part for part in found if part.endswith(".rels")):
        folder = rels.partition("_rels/")[0]
        for node in ElementTree.fromstring(found[rels]):
            if node.get("TargetMode") != "External":
                assert posixpath.normpath(folder + node.get("Target", "")) in found


def test_a_word_document_keeps_its_text_and_its_prefixes() -> None:
    document = parts(cleaned("lesson.docx"))["word/document.xml"].decode()
    assert "The lesson &amp; its goals." in document
    assert 'mc:Ignorable="w14"' in document
    assert "xmlns:w14=" in document
    assert 'w:author="Person 1"' in document
    assert "rsid" not in document
    assert 'r:id="rId9"' in document


def test_one_person_has_one_alias_in_all_parts() -> None:
    found = parts(cleaned("lesson.docx"))
    assert b'w:author="Person 1" w:initials="P"' in found["word/comments.xml"]
    assert "word/people.xml" not in found
    assert not any(name.startswith(("docProps/", "customXml/")) for name in found)


def test_tables_of_a_workbook_keep_their_names() -> None:
    found = parts(cleaned("scores.xlsx"))
    assert b'displayName="Table1"' in found["xl/tables/table1.xml"]
    assert b"<author>Person 1</author>" in found["xl/comments1.xml"]
    assert b"<t>Person 1:</t>" in found["xl/comments1.xml"]
    assert b"r:id" not in found["xl/worksheets/sheet1.xml"]


def test_a_picture_in_a_document_keeps_its_orientation_and_its_pixels() -> None:
    before = Image.open(io.BytesIO(uploads.jpeg(6)))
    after = Image.open(io.BytesIO(parts(cleaned("lesson.docx"))["word/media/image1.jpeg"]))
    assert dict(after.getexif()) == {0x0112: 6}
    assert list(after.tobytes()) == list(before.tobytes())


def test_the_type_of_an_open_document_comes_first_and_plain() -> None:
    for name in ("lesson.odt", "talk.odp", "scores.ods"):
        assert cleaned(name).data[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.")
        found = parts(cleaned(name))
        assert b"Thumbnails" not in found["META-INF/manifest.xml"]
        assert b"https://example.org/" in found["content.xml"]
        assert b"<dc:creator>Person 1</dc:creator>" in found["content.xml"]


def test_a_pdf_keeps_its_pages_and_loses_everything_else() -> None:
    reader = PdfReader(io.BytesIO(cleaned("lesson.pdf").data))
    assert reader.pages[0].extract_text() == "The lesson"
    assert reader.metadata is None
    assert set(reader.trailer["/Root"].get_object()) <= {"/Type", "/Pages", "/Names", "/OpenAction"}  # type: ignore[call-overload]
    assert list(reader.attachment_list) == []
    note = reader.pages[0]["/Annots"][0].get_object()  # type: ignore[index]
    assert note["/Contents"] == "A remark"
    assert "/T" not in note


def test_says_what_a_pdf_told() -> None:
    assert {"author", "comments by named people", "attached files", "programs"} <= set(
        cleaned("lesson.pdf").removed
    )


def test_older_versions_of_a_pdf_are_gone() -> None:
    writer = PdfWriter(io.BytesIO(uploads.pdf(f"by {CANARY}")), incremental=True)
    content = DecodedStreamObject()
    content.set_data(b"BT /F1 12 Tf 20 100 Td (without a name) Tj ET")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    target = io.BytesIO()
    writer.write(target)
    assert f"by {CANARY}".encode() in target.getvalue()
    after = clean(target.getvalue(), claimed_name="a.pdf").data
    assert traces(after) == []
    assert PdfReader(io.BytesIO(after)).pages[0].extract_text() == "without a name"


# -- sound and film ---------------------------------------------------------------------------------------


def test_the_frames_of_a_recording_stay() -> None:
    assert cleaned("voice.mp3").data == uploads.FRAME * 4


def test_the_samples_of_a_wav_stay() -> None:
    data = cleaned("voice.wav").data
    assert data.endswith(b"data" + struct.pack("<I", 200) + bytes(range(200)))
    assert int.from_bytes(data[4:8], "little") == len(data) - 8


@pytest.mark.parametrize("name", ["class.mp4", "class.mov", "voice.m4a"])
def test_nothing_in_a_film_moves(name: str) -> None:
    before, after = GOOD[name](), cleaned(name).data
    assert len(before) == len(after)
    assert after.find(b"picture-data") == before.find(b"picture-data") > 0
    assert b"+47.6062" in before
    assert b"+47.6062" not in after
    assert after.count(b"trak") == 1
    assert "location" in cleaned(name).removed


def test_the_pages_of_an_ogg_recording_check_out() -> None:
    data = cleaned("voice.ogg").data
    position = 0
    while position < len(data):
        end = (
            position
            + 27
            + data[position + 26]
            + sum(data[position + 27 : position + 27 + data[position + 26]])
        )
        page = bytearray(data[position:end])
        claimed = struct.unpack_from("<I", page, 22)[0]
        page[22:26] = bytes(4)
        assert checksum(page) == claimed
        position = end
    assert b"OpusTags" in data
    assert data.endswith(b"sound" * 20)


@pytest.mark.parametrize("endless", [False, True])
def test_a_webm_film_keeps_its_pictures(endless: bool) -> None:
    before = uploads.webm(endless=endless)
    after = clean(before, claimed_name="a.webm").data
    assert len(after) == len(before)
    assert after.find(b"picture") == before.find(b"picture")
    assert traces(after) == []


# -- text -------------------------------------------------------------------------------------------------


def test_text_becomes_utf_8() -> None:
    assert cleaned("notes.txt").data == "What I did – in class.\n".encode()
    assert cleaned("scores.csv").data == b"a,b\n1,2\n"
    assert cleaned("notes.md").data == b"# Goals\n"


def test_hints_at_people_name_the_place() -> None:
    found = clean(uploads.pdf("Call 206-555-0142"), claimed_name="a.pdf")
    assert [(each.trace, each.words, each.place) for each in found.people] == [
        ("telephone number", "206-555-0142", "page 1")
    ]
    assert [(each.words, each.place) for each in cleaned("talk.pptx").people] == [("Jane Doe", "slide 4")]


# -- beside ------------------------------------------------------------------------------------------------


def test_the_digest_of_a_cleaned_file_is_salted() -> None:
    data, salt = cleaned("lesson.pdf").data, bytes(range(SALT_BYTES))
    piece = evidence_of(data, name="evidence-1.pdf", salt=salt)
    assert piece.digest != digest_multibase(data)
    assert matches(data, piece.digest, salt=salt)
    assert not matches(data[:-1] + b"!", piece.digest, salt=salt)


def test_files_of_one_application_have_a_limit_together() -> None:
    check_quota(UPLOAD_QUOTA - 5, adding=5)
    with pytest.raises(UploadQuotaError):
        check_quota(UPLOAD_QUOTA - 5, adding=6)


def attempt(data: bytes, name: str) -> Scrubbed | None:
    """Clean a file that may be damaged; every error that is not declared comes through."""
    with contextlib.suppress(UploadRefusedError, UploadDamagedError):
        return clean(data, claimed_name=name)
    return None


PROPERTY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)


@PROPERTY
@given(name=st.sampled_from(sorted(GOOD)), data=st.binary(max_size=400), keep=st.integers(0, 64))
def test_random_bytes_are_taken_or_refused_and_nothing_else(name: str, data: bytes, keep: int) -> None:
    found = attempt(GOOD[name]()[:keep] + data, name)
    assert found is None or found.name(2).startswith("evidence-2.")


@PROPERTY
@given(name=st.sampled_from(sorted(GOOD)), source=st.data())
def test_a_damaged_file_is_taken_or_refused_and_nothing_else(name: str, source: st.DataObject) -> None:
    data = bytearray(GOOD[name]())
    for _ in range(source.draw(st.integers(1, 4))):
        start = source.draw(st.integers(0, len(data)))
        end = source.draw(st.integers(start, min(len(data), start + 16)))
        data[start:end] = source.draw(st.binary(max_size=16))
    found = attempt(bytes(data), name)
    assert found is None or found.extension in name


@PROPERTY
@given(part=st.sampled_from(sorted(uploads.docx_parts())), source=st.data())
def test_a_document_with_a_damaged_part_is_taken_or_refused(part: str, source: st.DataObject) -> None:
    whole = uploads.docx_parts()
    content = whole[part]
    data = bytearray(content if isinstance(content, bytes) else content.encode())
    start = source.draw(st.integers(0, len(data)))
    data[start : start + source.draw(st.integers(0, 9))] = source.draw(st.binary(max_size=9))
    whole[part] = bytes(data)
    found = attempt(uploads.packed(whole), "a.docx")
    assert found is None or found.extension == "docx"


def test_a_chunk_of_a_picture_inside_is_checked() -> None:
    whole = uploads.docx_parts()
    whole["word/media/image2.png"] = uploads.png()[:-3] + b"???"
    with pytest.raises(UploadDamagedError):
        clean(uploads.packed(whole), claimed_name="a.docx")
