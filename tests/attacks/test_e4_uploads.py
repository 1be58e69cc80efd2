# SPDX-License-Identifier: Apache-2.0
"""E4: upload: type confusion, polyglot, macro, zip bomb, pixel flood, script in SVG, name tricks, EICAR.

Signature *and* extension must agree; work with hostile files is bounded and done in a process that can open
nothing. Refused with a clear sentence; nothing is stored, because nothing comes out of ``scrub``.
"""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from credentials.errors import HallmarkError
from earning import errors
from earning.errors import (
    UploadActiveError,
    UploadAmbiguousError,
    UploadDamagedError,
    UploadEmptyError,
    UploadEncryptedError,
    UploadHarmfulError,
    UploadKindError,
    UploadMismatchError,
    UploadNameError,
    UploadTooLargeError,
    UploadTooMuchError,
    UploadUncleanableError,
)
from earning.problems import ROWS
from earning.scrub import UPLOAD_BYTES, scrub
from earning.scrub.archive import DIRECTORY_BYTES
from earning.scrub.cleaning import clean
from earning.scrub.pdf import PDF_PAGES
from earning.scrub.scrubbed import IMAGE_PIXELS, PACKED_PARTS, UNPACKED_BYTES
from tests.earning import uploads
from tests.earning.uploads import GOOD

ROOT = Path(__file__).resolve().parent.parent.parent
ZIP = uploads.packed({"a.txt": b"hello"})
SCRIPT = b"<script>alert(1)</script>"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"


def refused(data: bytes, name: str, kind: type[HallmarkError]) -> str:
    with pytest.raises(kind) as caught:
        clean(data, claimed_name=name)
    assert caught.value.code == kind.code
    assert caught.value.code in ROWS
    assert caught.value.message[0].isupper()
    return caught.value.message


def with_parts(**parts: bytes | str) -> bytes:
    """A Word document with other or more parts; ``__`` in a name stands for a slash, ``_x`` for ``.x``."""
    named = {name.replace("__", "/"): part for name, part in parts.items()}
    return uploads.packed({**uploads.docx_parts(), **named})


# -- what it is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>"),
        ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("page.html", b"<!doctype html><title>x</title>"),
        ("notes.txt", b"<html><body onload=alert(1)>"),
        ("notes.md", b"\xef\xbb\xbf\n <script>alert(1)</script>"),
        ("all.zip", ZIP),
        ("lesson.docx", ZIP),
        ("tool.exe", b"MZ\x90\0\x03"),
        ("photo.jpg", b"MZ\x90\0\x03"),
        ("report.pdf.exe", uploads.pdf()),
        ("photo.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)),
        ("lesson.docm", uploads.docx()),
        ("tool.js", b"alert(1)"),
        ("photo.jpg", b"II*\0" + bytes(90)),
        ("moving.gif", uploads.gif(3)),
    ],
)
def test_what_is_not_on_the_list_is_not_taken(name: str, data: bytes) -> None:
    assert len(refused(data, name, UploadKindError)) > 30


def test_says_what_was_found_and_what_to_do() -> None:
    assert "HEIC" in refused(b"\0\0\0\x18ftypheic\0\0\0\0", "a.jpg", UploadKindError)
    assert "Windows program" in refused(b"MZ\x90\0", "a.pdf", UploadKindError)
    assert "JPEG picture" in refused(uploads.jpeg(), "a.pdf", UploadMismatchError)


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith(("txt", "md", "csv"))])
def test_a_file_under_the_name_of_another_kind_is_refused(name: str) -> None:
    other = "a.pdf" if not name.endswith("pdf") else "a.jpg"
    refused(GOOD[name](), other, UploadMismatchError)
    refused(GOOD[name](), "a.txt", UploadMismatchError)


def test_an_empty_file_and_a_large_one_are_refused() -> None:
    refused(b"", "a.pdf", UploadEmptyError)
    large = b"%PDF-1.7\n".ljust(UPLOAD_BYTES + 1, b" ")
    assert "25 MB" in refused(large, "a.pdf", UploadTooLargeError)
    with pytest.raises(UploadTooLargeError):
        scrub(large, claimed_name="a.pdf")
    assert clean(b"x" * 1000, claimed_name="a.txt").data == b"x" * 1000


@pytest.mark.parametrize(
    "name",
    [
        "", "pdf", ".pdf", "../x", "report", "a.pdf\0.exe", "a.pdf\0", "photo\u202egpj.exe",
        "photo\u202efdp.pdf",
        "a\n.pdf", "x" * 300 + ".pdf", "a.pdf.", "zero\u200bwidth.pdf", "a.\ud800pdf",
    ],
)  # fmt: skip
def test_a_name_that_plays_tricks_is_refused(name: str) -> None:
    refused(uploads.pdf(), name, UploadNameError)


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.pdf", "C:\\fakepath\\x.PDF", "/x.pdf", "räume & bäume.pdf"]
)
def test_a_folder_or_an_odd_name_changes_nothing_since_no_name_is_kept(name: str) -> None:
    assert clean(uploads.pdf(), claimed_name=name).name(1) == "evidence-1.pdf"


def test_the_test_virus_is_refused_also_inside_a_document() -> None:
    refused(EICAR, "a.txt", UploadHarmfulError)
    refused(with_parts(**{"word/media/image9.png": EICAR}), "a.docx", UploadHarmfulError)


# -- two things at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["photo.jpg", "drawing.png", "photo.webp", "drawing.gif", "lesson.pdf", "voice.mp3"]
)
def test_a_zip_behind_it_is_refused(name: str) -> None:
    refused(GOOD[name]() + ZIP, name, UploadAmbiguousError)
    refused(GOOD[name]() + bytes(40) + ZIP + b"trailer", name, UploadAmbiguousError)


@pytest.mark.parametrize("tail", [b"%PDF-1.4\n", b"Rar!\x1a\x07\0", b"MZ\x90\0", SCRIPT, b"<html>"])
@pytest.mark.parametrize("name", ["photo.jpg", "drawing.png", "drawing.gif"])
def test_something_else_behind_a_picture_is_refused(name: str, tail: bytes) -> None:
    refused(GOOD[name]() + tail, name, UploadAmbiguousError)


def test_a_page_in_the_comment_of_a_picture_is_refused() -> None:
    target = io.BytesIO()
    uploads.photo().save(target, "JPEG", comment=SCRIPT)
    refused(target.getvalue(), "a.jpg", UploadAmbiguousError)


def test_a_pdf_must_begin_as_one() -> None:
    refused(b"\n" + uploads.pdf(), "a.pdf", UploadKindError)
    refused(SCRIPT + uploads.pdf(), "a.pdf", UploadKindError)
    refused(uploads.jpeg() + uploads.pdf(), "a.pdf", UploadMismatchError)


def test_what_stands_behind_a_pdf_does_not_come_out() -> None:
    assert SCRIPT not in clean(uploads.pdf() + SCRIPT, claimed_name="a.pdf").data


def test_a_document_with_something_before_or_behind_is_refused() -> None:
    refused(uploads.docx() + b"x", "a.docx", UploadAmbiguousError)
    with zipfile.ZipFile(io.BytesIO(uploads.docx())) as file:
        file.comment = SCRIPT
        assert file.filename is None
    data = uploads.docx()
    refused(data[:-2] + struct.pack("<H", len(SCRIPT)) + SCRIPT, "a.docx", UploadAmbiguousError)
    refused(uploads.jpeg() + data, "a.jpg", UploadAmbiguousError)


# -- programs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        "word/vbaProject.bin", "word/vbaData.xml", "word/activeX/activeX1.xml",
        "word/embeddings/oleObject1.bin",
        "xl/macrosheets/sheet1.xml", "word/x.exe", "word/VBAPROJECT.BIN",
    ],
)  # fmt: skip
def test_a_document_with_a_program_is_refused(part: str) -> None:
    refused(with_parts(**{part: b"x"}), "a.docx", UploadActiveError)


def test_a_macro_document_under_another_name_is_refused() -> None:
    kind = uploads.types("word/document.xml", "x").replace(
        "application/vnd.openxmlformats-officedocument.x.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    refused(with_parts(**{"[Content_Types].xml": kind}), "a.docx", UploadActiveError)


@pytest.mark.parametrize("kind", ["oleObject", "frame", "subDocument", "control"])
def test_a_document_that_takes_in_another_is_refused(kind: str) -> None:
    rels = uploads.links(("rId1", kind, "https://evil.example/x", "External"))
    refused(with_parts(**{"word/_rels/document.xml.rels": rels}), "a.docx", UploadActiveError)


def test_a_linked_picture_or_template_is_not_asked_for() -> None:
    rels = uploads.links(
        ("rId1", "image", "https://evil.example/pixel.png", "External"),
        ("rId2", "attachedTemplate", "https://evil.example/x.dotm", "External"),
    )
    found = clean(with_parts(**{"word/_rels/document.xml.rels": rels}), claimed_name="a.docx")
    with zipfile.ZipFile(io.BytesIO(found.data)) as file:
        assert not any(b"evil.example" in file.read(name) for name in file.namelist())


@pytest.mark.parametrize("field", [" DDEAUTO c:\\\\cmd.exe ", "INCLUDEPICTURE x", " MACROBUTTON x"])
def test_a_field_that_runs_something_is_refused(field: str) -> None:
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    text = f"<w:footnotes {w}><w:instrText>{field}</w:instrText></w:footnotes>"
    refused(with_parts(**{"word/footnotes.xml": text}), "a.docx", UploadActiveError)


def test_a_table_that_starts_a_program_is_refused() -> None:
    refused(b"a,b\n=cmd|' /C calc'!A0,2\n", "a.csv", UploadActiveError)
    assert clean(b"a,b\n-1,=A1+1\n", claimed_name="a.csv").data == b"a,b\n-1,=A1+1\n"


@pytest.mark.parametrize("part", ["Basic/Standard/Module1.xml", "Scripts/python/x.py"])
def test_an_open_document_with_a_program_is_refused(part: str) -> None:
    refused(uploads.packed({**uploads.odt_parts(), part: b"<x/>"}), "a.odt", UploadActiveError)


def test_a_script_in_a_drawing_in_a_document_is_refused() -> None:
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    refused(with_parts(**{"word/media/image9.svg": drawing}), "a.docx", UploadActiveError)


def test_a_part_that_nobody_knows_is_refused() -> None:
    refused(with_parts(**{"word/media/x.tiff": b"II*\0"}), "a.docx", UploadUncleanableError)
    refused(uploads.webm(doc_type=b"matroska"), "a.webm", UploadUncleanableError)


# -- locked -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_locked_pdf_is_refused_also_without_a_password(password: str) -> None:
    refused(uploads.locked_pdf(password), "a.pdf", UploadEncryptedError)


def test_locked_office_files_are_refused() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
    refused(ole, "a.docx", UploadEncryptedError)
    manifest = b"<manifest><encryption-data/></manifest>"
    refused(
        uploads.packed({**uploads.odt_parts(), "META-INF/manifest.xml": manifest}),
        "a.odt",
        UploadEncryptedError,
    )
    data = bytearray(uploads.docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(mark, place + 4)
    refused(bytes(data), "a.docx", UploadEncryptedError)


# -- bombs ------------------------------------------------------------------------------------------------


def test_a_zip_bomb_is_counted_while_it_inflates() -> None:
    bomb = with_parts(**{"word/x.xml": bytes(UNPACKED_BYTES + 1)})
    assert len(bomb) < 200_000
    refused(bomb, "a.docx", UploadTooMuchError)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = bytearray(with_parts(**{"word/x.xml": bytes(5_000_000)}))
    place = bomb.rfind(b"PK\x01\x02")
    bomb[place + 24 : place + 28] = struct.pack("<I", 10)
    refused(bytes(bomb), "a.docx", UploadDamagedError)


def test_a_bomb_in_a_document_in_a_document_is_refused() -> None:
    inner = uploads.packed({**uploads.xlsx_parts(), "xl/x.xml": bytes(UNPACKED_BYTES)})
    refused(with_parts(**{"word/embeddings/a.xlsx": inner}), "a.docx", UploadTooMuchError)


def test_too_deep_a_nest_of_documents_is_refused() -> None:
    data = uploads.xlsx()
    for _ in range(4):
        data = uploads.packed({**uploads.xlsx_parts(), "xl/embeddings/a.xlsx": data})
    refused(data, "a.xlsx", UploadUncleanableError)


def test_too_many_parts_are_refused_before_they_are_listed() -> None:
    many = uploads.packed(
        {f"word/{number}.xml": b"" for number in range(PACKED_PARTS + 1)} | uploads.docx_parts()
    )
    refused(many, "a.docx", UploadTooMuchError)
    data = bytearray(uploads.docx())
    data[-10:-6] = struct.pack("<I", DIRECTORY_BYTES + 1)
    refused(bytes(data), "a.docx", UploadTooMuchError)


@pytest.mark.parametrize(
    "name",
    ["../../x.xml", "/etc/x.xml", "word\\..\\x.xml", "word//x.xml", "./x.xml", "C:/x.xml", "word/x\n.xml"],
)
def test_parts_with_impossible_names_are_refused(name: str) -> None:
    refused(with_parts(**{name: b"<x/>"}), "a.docx", UploadDamagedError)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["word/document.xml", "WORD/document.xml"])
def test_a_part_that_stands_twice_is_refused(name: str) -> None:
    pairs = [*uploads.docx_parts().items(), (name, b"<x/>")]
    refused(uploads.packed(pairs), "a.docx", UploadDamagedError)


def test_a_symbolic_link_is_refused() -> None:
    target = io.BytesIO(uploads.docx())
    with zipfile.ZipFile(target, "a") as file:
        entry = zipfile.ZipInfo("word/link.xml")
        entry.external_attr = 0o120777 << 16
        file.writestr(entry, "/etc/passwd")
    refused(target.getvalue(), "a.docx", UploadDamagedError)


def test_entities_are_refused_before_they_are_expanded() -> None:
    laughs = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    refused(with_parts(**{"word/footnotes.xml": laughs}), "a.docx", UploadActiveError)
    outside = '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    refused(with_parts(**{"word/footnotes.xml": outside}), "a.docx", UploadActiveError)


def test_deep_markup_is_refused() -> None:
    refused(with_parts(**{"word/footnotes.xml": "<a>" * 5000 + "</a>" * 5000}), "a.docx", UploadTooMuchError)


@pytest.mark.parametrize("size", [(60_000, 60_000), (IMAGE_PIXELS, 2), (31_000, 10), (8_000, 6_251)])
def test_a_flood_of_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    refused(uploads.png_header(*size), "a.png", UploadTooMuchError)


def test_a_flood_of_pixels_inside_a_document_is_refused() -> None:
    flood = uploads.png_header(60_000, 60_000)
    refused(with_parts(**{"word/media/image9.png": flood}), "a.docx", UploadTooMuchError)


def test_a_compressed_text_of_a_picture_may_not_grow_without_end() -> None:
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000))
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    data = uploads.png()
    refused(data[:33] + chunk + data[33:], "a.png", UploadDamagedError)


def test_a_pdf_with_too_many_pages_is_refused() -> None:
    refused(uploads.pdf_of(PDF_PAGES + 1), "a.pdf", UploadTooMuchError)
    assert clean(uploads.pdf_of(PDF_PAGES), claimed_name="a.pdf").data.startswith(b"%PDF-1.7")


# -- the process ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')",
        "__import__('socket').socket()",
        "__import__('os').fork()",
        "__import__('os').open('/tmp/x', 66)",
        "bytearray(700_000_000)",
        "__import__('sqlite3')",
    ],
)
def test_the_process_that_cleans_can_open_nothing(attempt: str) -> None:
    code = (
        "import os, socket, sys\nfrom service.cell import give_up\ngive_up()\n"
        f"try:\n    {attempt}\n"
        "except (OSError, MemoryError, ImportError):\n    os._exit(7)\nos._exit(0)\n"
    )
    environ = {**os.environ, "PYTHONPATH": ""}  # nothing of a run on PostgreSQL is loaded before
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, check=False
    )
    # A superuser may start processes in spite of the limit; files, connections and memory are closed to all.
    allowed = (0, 7) if "fork" in attempt and os.geteuid() == 0 else (7,)
    assert done.returncode in allowed, done.stderr


def test_a_file_that_takes_all_memory_is_refused_and_ours_is_untouched() -> None:
    stream = b"<</Length %d/Filter[%b]>>\nstream\n" % (100, b"/FlateDecode" * 3)
    packer = zlib.compressobj()
    inner = b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(600)), packer.flush()])
    bomb = zlib.compress(zlib.compress(inner))
    data = (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages"
        b"/Kids[3 0 R]/Count 1>>\n"
        b"endobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>\nendobj\n4 0 obj\n"
        + stream.replace(b"100", b"%d" % len(bomb))
        + bomb
        + b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF\n"
    )
    try:
        found = scrub(data, claimed_name="a.pdf")
    except (UploadTooMuchError, UploadDamagedError) as error:
        assert len(error.message) > 20  # noqa: PT017  both ends are right
    else:
        assert len(found.data) < len(data) + 2_000  # never inflated for the answer


def test_an_error_of_the_process_arrives_as_itself() -> None:
    with pytest.raises(UploadAmbiguousError, match="JPEG"):
        scrub(uploads.jpeg() + ZIP, claimed_name="a.jpg")
    with pytest.raises(UploadNameError):
        scrub(uploads.jpeg(), claimed_name="a\0" * 5000 + ".jpg")


def test_the_process_answers_in_our_form_only() -> None:
    question = json.dumps("a.txt").encode() + b"\nhello"
    done = subprocess.run(
        [sys.executable, "-m", "earning.scrub"], cwd=ROOT, input=question, capture_output=True, check=False
    )
    head, _, data = done.stdout.partition(b"\n")
    assert (json.loads(head)["media_type"], data) == ("text/plain", b"hello")


def test_every_refusal_has_a_row() -> None:
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, HallmarkError)
    }
    assert {code for code in codes if code.startswith("upload")} <= ROWS.keys()
