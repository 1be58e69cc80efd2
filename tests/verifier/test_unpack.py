# SPDX-License-Identifier: Apache-2.0
"""Whatever a person brings becomes claims, each a credential, a link, or a sentence why there is neither."""

from __future__ import annotations

import importlib.util
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from credentials.baking import png, svg
from credentials.errors import DocumentError, HallmarkError, JWTFormError, MalformedError
from service.cell import Cell
from tests.verifier.bringing import LINK, OTHER, Page, archive, code, opened, pdf, places, saved, scene, urls
from tests.world import World
from verifier import unpack as unpacking
from verifier.errors import (
    CodeIsNoLinkError,
    EmptyError,
    FileDamagedError,
    NotACredentialError,
    NothingInsideError,
    OldBadgeError,
    PictureOnlyError,
    TooMuchInsideError,
    UnpackingBrokenError,
    UnpackingBusyError,
    UnsupportedContainerError,
    WebPageError,
)
from verifier.intake import Container
from verifier.problems import ROWS
from verifier.unpack import PDF_BYTES, ZIP_BYTES, Claim, unpack
from verifier.unpack.found import Kind, shown, sniff

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


@pytest.fixture(scope="module")
def badge() -> bytes:
    return World().issuer("union").mint()


@pytest.fixture(scope="module")
def token() -> bytes:
    return World().issuer("union").mint(jwt=True)


def test_a_single_credential_is_one_claim_as_intake_reads_it(badge: bytes, token: bytes) -> None:
    picture = png.bake(saved(Image.new("L", (1, 1)), "PNG"), badge.decode())
    drawing = svg.bake(DRAWING, token.decode())
    for raw, container in (
        (badge, Container.JSON),
        (token, Container.JWT),
        (picture, Container.PNG),
        (drawing, Container.SVG),
    ):
        (claim,) = unpack(raw, name="a.txt")
        assert claim.presented is not None
        assert (claim.presented.container, claim.presented.raw) == (container, raw)
        assert (claim.place, claim.url, claim.trouble, claim.name) == ("", None, None, "a.txt")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", EmptyError),
        (b"<html><body>", WebPageError),
        (b'{"a": 1}', NotACredentialError),
        (b'{"a": 1, "a": 2}', DocumentError),
        (b"eyJhbGciOiJub25lIn0.e30", JWTFormError),
        (DRAWING, PictureOnlyError),
        (b"II*\0" + bytes(60), PictureOnlyError),
        (b'{"@context": "https://w3id.org/openbadges/v2", "type": "Assertion"}', OldBadgeError),
        (b"MZ\x90\0", UnsupportedContainerError),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", UnsupportedContainerError),
    ],
)
def test_what_is_none_raises_as_it_did(raw: bytes, kind: type[HallmarkError]) -> None:
    with pytest.raises(kind):
        unpack(raw)


def test_a_link_alone_is_a_claim() -> None:
    (claim,) = unpack(f"  {LINK}#top\n".encode())
    assert (claim.url, claim.presented) == (LINK, None)


def test_a_pdf_an_archive_and_a_photo_are_opened_in_a_process_of_their_own(badge: bytes) -> None:
    resume = pdf([Page(links=[OTHER])], attached=[("credential.json", badge)])
    assert places(unpack(resume)) == ["attachment credential.json", "link on page 1"]
    claims = unpack(archive({"a/cv.pdf": resume, "b.jpg": saved(scene(LINK), "JPEG")}), name="all.zip")
    assert places(claims) == [
        "attachment credential.json of a/cv.pdf in the archive",
        "link on page 1 of a/cv.pdf in the archive",
        "QR code in b.jpg in the archive",
    ]
    assert urls(claims) == [OTHER, LINK]
    assert {claim.name for claim in claims} == {"all.zip"}
    (claim,) = unpack(saved(code(LINK, 300), "PNG"))
    assert (claim.place, claim.url) == ("QR code in the photo", LINK)


def test_an_error_of_the_process_arrives_as_itself() -> None:
    for raw, kind in (
        (pdf(), NothingInsideError),
        (b"%PDF-1.7\n", FileDamagedError),
        (saved(scene("WIFI:S:school;;"), "JPEG"), CodeIsNoLinkError),
        (saved(Image.new("RGB", (40, 40)), "GIF"), PictureOnlyError),
        (archive({"a.csv": b"a,b\n"}), UnsupportedContainerError),
    ):
        with pytest.raises(kind) as caught:
            unpack(raw)
        assert caught.value.code == kind.code
        assert caught.value.message[0].isupper()


def test_files_larger_than_the_limits_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_cell", None)
    for start, limit in (
        (b"%PDF-1.7\n", PDF_BYTES),
        (b"PK\x03\x04", ZIP_BYTES),
        (b"\xff\xd8\xff", PDF_BYTES),
    ):
        with pytest.raises(TooMuchInsideError, match="MB"):
            unpack(start.ljust(limit + 1, b" "))


def test_who_finds_no_place_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_cell", Cell("verifier.unpack", at_once=1))
    with unpacking._cell.place(), pytest.raises(UnpackingBusyError):
        unpack(pdf(), place_seconds=0.01)


def test_a_process_that_does_not_start_is_our_side_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_cell", Cell("verifier.no_such_module"))
    with pytest.raises(UnpackingBrokenError):
        unpack(pdf())


def test_without_the_scanner_a_photo_stays_just_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(PictureOnlyError, match="open the QR code with your phone"):
        unpack(saved(code(LINK, 300), "PNG"))


def test_a_name_is_a_label_and_plays_no_tricks() -> None:
    (claim,) = unpack(LINK.encode(), name="cv\u202efdp.exe\n" + "x" * 300)
    assert claim.name.startswith("cv\ufffdfdp.exe\ufffdx")
    assert len(claim.name) == 100
    assert shown("résumé 2.pdf") == "résumé 2.pdf"


def test_every_leaf_has_a_row() -> None:
    assert set(unpacking._ERRORS) | {UnpackingBusyError.code, UnpackingBrokenError.code} <= ROWS.keys()


def test_bytes_are_known_by_their_beginning(badge: bytes, token: bytes) -> None:
    for raw, kind in (
        (badge, Kind.TEXT),
        (token, Kind.TEXT),
        (b"\n\n <svg/>", Kind.TEXT),
        (
            b"\0" * 900 + b"%PDF-1.4",
            Kind.PDF,
        ),  # ISO 32000-1, annex H.3.4.1: somewhere in the first 1,024 bytes
        (b'{"x": "%PDF-"}', Kind.TEXT),
        (b"RIFF\0\0\0\0WEBP", Kind.PHOTO),
        (b"RIFF\0\0\0\0WAVE", Kind.OTHER),
        (b"BM" + bytes(50), Kind.PHOTO),
        (b"https://a.example/b and c", Kind.OTHER),
        (b"PK\x05\x06" + bytes(18), Kind.ZIP),
        (io.BytesIO().getvalue(), Kind.OTHER),
    ):
        assert sniff(raw) is kind, raw[:20]


def test_a_claim_holds_exactly_one(badge: bytes) -> None:
    claims: list[Claim] = [*unpack(badge), *unpack(LINK.encode())]
    claims += unpack(archive({"a.json": badge, "b.txt": b"hello", "c.txt": LINK.encode()}))
    for claim in claims:
        assert [claim.presented, claim.url, claim.trouble].count(None) == 2


DAMAGED = {
    "pdf": pdf([Page(links=[LINK], lines=[OTHER])], attached=[("a.json", b"{}")]),
    "zip": archive({"a.json": b"{}", "b.pdf": pdf(), "c.txt": LINK.encode()}),
    "png": saved(code(LINK, 60), "PNG"),
    "jpeg": saved(code(LINK, 60), "JPEG"),
    "gif": saved(code(LINK, 60), "GIF"),
    "webp": saved(code(LINK, 60), "WEBP"),
    "bmp": saved(code(LINK, 60), "BMP"),
}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
@given(name=st.sampled_from(sorted(DAMAGED)), source=st.data())
def test_a_damaged_file_is_opened_or_refused_and_nothing_else(name: str, source: st.DataObject) -> None:
    data = bytearray(DAMAGED[name])
    for _ in range(source.draw(st.integers(1, 4))):
        start = source.draw(st.integers(8, len(data)))
        end = source.draw(st.integers(start, min(len(data), start + 16)))
        data[start:end] = source.draw(st.binary(max_size=16))
    try:
        claims = opened(bytes(data))
    except MalformedError as error:
        assert error.message  # noqa: PT017  both ends are right
    else:
        assert claims
