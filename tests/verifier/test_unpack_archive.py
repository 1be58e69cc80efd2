# SPDX-License-Identifier: Apache-2.0
"""Archives: each file is looked at by itself; one that cannot be read leaves the others alone."""

from __future__ import annotations

import zipfile

import pytest
from PIL import Image

from credentials.baking import png
from tests.verifier.bringing import (
    LINK,
    OTHER,
    Page,
    archive,
    code,
    opened,
    pdf,
    places,
    saved,
    troubles,
    urls,
)
from tests.world import World, members_of
from verifier.errors import FileDamagedError, TooMuchInsideError, UnsupportedContainerError
from verifier.unpack.found import KEPT_BYTES, MEMBER_BYTES, ZIP_ENTRIES


@pytest.fixture(scope="module")
def badge() -> bytes:
    return World().issuer("union").mint()


def test_each_file_is_a_claim(badge: bytes) -> None:
    picture = png.bake(saved(Image.new("L", (1, 1)), "PNG"), badge.decode())
    claims = opened(
        archive(
            {
                "a/credential.json": badge,
                "b.png": picture,
                "c.png": saved(code(LINK, 300), "PNG"),
                "cv.pdf": pdf([Page(links=[OTHER])], attached=[("d.json", badge)]),
                "link.txt": (OTHER + "2\r\n").encode(),
            }
        )
    )
    assert places(claims) == [
        "a/credential.json in the archive",
        "b.png in the archive",
        "QR code in c.png in the archive",
        "attachment d.json of cv.pdf in the archive",
        "link on page 1 of cv.pdf in the archive",
        "link.txt in the archive",
    ]
    assert urls(claims) == [LINK, OTHER, OTHER + "2"]
    assert not troubles(claims)


def test_what_cannot_be_read_has_its_trouble_and_the_rest_is_read(badge: bytes) -> None:
    members = {
        "a.json": badge,
        "b.json": b"{",
        "c.csv": b"name,link\n",
        "d.txt": b"hello",
        "e.zip": archive({"a.json": badge}),
        "f.pdf": b"%PDF-1.7 x",
        "g.pdf": pdf(),
        "h.jpg": b"\xff\xd8\xff\xe0",
        "i.png": saved(Image.new("L", (20, 20)), "PNG"),
        "j.heic": b"\0\0\0\x18ftypheic",
        "k.json": b"",
        "l.html": b"<html><head>",
    }
    claims = opened(archive(members))
    assert claims[0].presented is not None
    assert places(claims) == [f"{name} in the archive" for name in members]
    assert troubles(claims) == [
        "document.not-json",
        "credential.unsupported-file",
        "credential.unsupported-file",
        "credential.unsupported-file",
        "credential.damaged-file",
        "credential.nothing-inside",
        "credential.damaged-file",
        "credential.just-a-picture",
        "credential.unsupported-file",
        "credential.unsupported-file",
        "credential.web-page",
    ]
    assert all(claim.trouble is None or claim.trouble.message[0].isupper() for claim in claims)


def test_what_computers_put_there_is_left_out(badge: bytes) -> None:
    members = {
        "__MACOSX/._a.json": b"x",
        "a/": b"",
        "a/.DS_Store": b"x",
        "Thumbs.db": b"x",
        "a/b.json": badge,
    }
    assert places(opened(archive(members))) == ["a/b.json in the archive"]
    with pytest.raises(FileDamagedError, match="empty"):
        opened(archive({"__MACOSX/x": b"x"}))
    with pytest.raises(FileDamagedError, match="empty"):
        opened(archive({}))


def test_a_link_to_a_credential_in_the_archive_counts_once(badge: bytes) -> None:
    resume = pdf([Page(links=[members_of(badge)["id"], OTHER])])
    assert urls(opened(archive({"cv.pdf": resume, "a.json": badge, "cv2.pdf": resume}))) == [OTHER]


@pytest.mark.parametrize("name", ["[Content_Types].xml", "META-INF/manifest.xml"])
def test_an_office_document_is_no_archive(name: str) -> None:
    with pytest.raises(UnsupportedContainerError, match="Save it as a PDF"):
        opened(archive({name: b"<x/>", "word/document.xml": b"<x/>"}))


def test_files_have_a_limit(badge: bytes) -> None:
    members = {f"{number}.txt": b"x" for number in range(ZIP_ENTRIES - 1)}
    assert len(opened(archive({**members, "a.json": badge}))) == ZIP_ENTRIES
    with pytest.raises(TooMuchInsideError, match="501 files"):
        opened(archive({**members, "a.json": badge, "b.json": badge}))


def test_a_file_has_a_limit(badge: bytes) -> None:
    start = b"%PDF-1.7\n"
    claims = opened(
        archive(
            {
                "a.pdf": start.ljust(MEMBER_BYTES + 1, b" "),
                "b.pdf": start.ljust(MEMBER_BYTES, b" "),
                "c.json": badge,
            }
        )
    )
    assert troubles(claims) == ["credential.too-much", "credential.damaged-file"]
    assert claims[2].presented is not None


def test_what_is_handed_on_has_a_limit(badge: bytes) -> None:
    large = b'{"a": "' + b"x" * 2_000_000 + b'"}'
    claims = opened(archive({**{f"{number}.json": large for number in range(12)}, "a.json": badge}))
    assert troubles(claims).count("credential.too-much") == 12 - KEPT_BYTES // len(large)
    many = b"[" + b"1," * 60_000 + b"1]"
    claims = opened(archive({**{f"{number}.json": many for number in range(4)}, "a.json": badge}))
    assert troubles(claims).count("credential.too-much") == 2
    assert claims[-1].presented is not None


def test_a_stored_archive_is_read_and_an_unusual_one_is_not(badge: bytes) -> None:
    assert opened(archive({"a.json": badge}, method=zipfile.ZIP_STORED))[0].presented is not None
    assert troubles(opened(archive({"a.json": badge}, method=zipfile.ZIP_LZMA))) == [
        "credential.unsupported-file"
    ]


def test_a_file_with_a_password_says_so(badge: bytes) -> None:
    raw = bytearray(archive({"a.json": badge}))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert troubles(opened(bytes(raw))) == ["credential.locked-file"]
