# SPDX-License-Identifier: Apache-2.0
"""QR codes are read from photos as phones take them: small, askew, turned, blurred, noisy and dark."""

from __future__ import annotations

import base64
import io
import sys

import pytest
from PIL import Image, ImageOps

from service import qr
from tests.verifier.bringing import LINK, OTHER, code, opened, places, saved, scene, troubles, urls
from verifier.errors import CodeIsNoLinkError, FileDamagedError, PictureOnlyError, TooMuchInsideError
from verifier.intake import Container
from verifier.unpack.found import PHOTO_PIXELS

pytest.importorskip("zxingcpp")


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"pixels": 90},
        {"pixels": 90, "blur": 1},
        {"pixels": 90, "noise": 0.1},
        {"pixels": 120, "turned": 17},
        {"pixels": 120, "turned": 180},
        {"pixels": 120, "askew": 0.25},
        {"pixels": 150, "blur": 2},
        {"pixels": 150, "turned": 60, "askew": 0.3, "light": 0.5},
        {"pixels": 200, "turned": 33, "askew": 0.2, "blur": 1, "noise": 0.1, "light": 0.6},
        {"pixels": 300, "blur": 4},
        {"pixels": 500, "turned": 45, "askew": 0.3, "blur": 3, "noise": 0.2, "light": 0.5},
        {"pixels": 400, "size": (4_000, 3_000), "turned": 5, "blur": 2, "noise": 0.1},
    ],
    ids=lambda seen: ",".join(f"{name} {value}" for name, value in seen.items()) or "as it is",
)
@pytest.mark.parametrize("quality", [85, 50])
def test_a_code_is_read_from_a_photo(seen: dict[str, float], quality: int) -> None:
    raw = saved(scene(LINK, **seen), "JPEG", quality=quality)  # type: ignore[arg-type]
    assert urls(opened(raw)) == [LINK]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "MPO"])
def test_every_kind_of_picture_is_read(kind: str) -> None:
    assert urls(opened(saved(scene(LINK), kind))) == [LINK]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    image = code(LINK, 300)
    if mode == "I;16":
        image = image.convert("I").point(lambda level: level * 257).convert("I;16")
    assert urls(opened(saved(image.convert(mode), "PNG"))) == [LINK]


def test_a_code_on_nothing_stands_on_white() -> None:
    modules = ImageOps.invert(code(LINK, 300))
    clear = Image.new("RGBA", modules.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=modules)
    assert urls(opened(saved(clear, "PNG"))) == [LINK]


def test_a_light_code_on_dark_is_read() -> None:
    assert urls(opened(saved(ImageOps.invert(code(LINK, 300)), "PNG"))) == [LINK]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_may_be_held_in_any_way(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = scene(LINK, OTHER)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the turn that the orientation takes back
    image = turned.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else turned
    claims = opened(saved(image, "JPEG", exif=exif))
    assert urls(claims) == [LINK, OTHER]  # in the order in which a person sees them


def test_several_codes_are_several_claims_each_once() -> None:
    claims = opened(saved(scene(LINK, OTHER, LINK), "PNG"))
    assert urls(claims) == [LINK, OTHER]
    assert places(claims) == ["QR code 1 in the photo", "QR code 2 in the photo"]


def test_a_code_with_another_content_is_left_out_beside_a_link() -> None:
    assert urls(opened(saved(scene("WIFI:S:school;;", LINK), "PNG"))) == [LINK]


@pytest.mark.parametrize(
    "text", ["WIFI:S:school;;", "mailto:ada@example.org", "https://user:x@a.example/b", "7"]
)
def test_a_code_that_is_no_link_says_what_it_is(text: str) -> None:
    with pytest.raises(CodeIsNoLinkError) as caught:
        opened(saved(code(text, 300), "PNG"))
    assert text in caught.value.message


def test_what_a_code_says_is_cut_and_cleaned() -> None:
    with pytest.raises(CodeIsNoLinkError) as caught:
        opened(saved(code("\u202e\x1b[2J<script>\n" + "a" * 400, 600), "PNG"))
    assert len(caught.value.message) < 300
    assert not {"\u202e", "\x1b", "\n"} & set(caught.value.message)


def test_a_credential_may_stand_in_the_code_itself() -> None:
    head, body = (
        base64.urlsafe_b64encode(part).rstrip(b"=")
        for part in (b'{"alg":"EdDSA"}', b'{"credentialSubject":{}}')
    )
    token = head + b"." + body + b"." + b"A" * 86
    short = (
        b'{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"name":"A"}'
    )
    for text, container in ((token, Container.JWT), (short, Container.JSON)):
        (claim,) = opened(saved(code(text.decode(), 900), "PNG"))
        assert claim.presented is not None
        assert (claim.presented.container, claim.presented.raw) == (container, text)
    assert troubles(opened(saved(code("{}", 300), "PNG"))) == ["credential.none"]


def test_a_picture_without_a_code_is_just_a_picture() -> None:
    with pytest.raises(PictureOnlyError, match="QR code"):
        opened(saved(Image.effect_noise((400, 300), 60), "PNG"))


def test_pixels_are_counted_before_they_are_decoded() -> None:
    with pytest.raises(PictureOnlyError):
        opened(saved(Image.new("1", (5_000, PHOTO_PIXELS // 5_000)), "PNG"))
    with pytest.raises(TooMuchInsideError, match="25 million"):
        opened(saved(Image.new("1", (5_000, PHOTO_PIXELS // 5_000 + 1)), "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("keep", [0.02, 0.5, 0.99])
def test_a_picture_that_is_cut_off_is_damaged(kind: str, keep: float) -> None:
    raw = saved(scene(LINK, size=(300, 300), pixels=200), kind)
    with pytest.raises(FileDamagedError):
        opened(
            raw[: max(8, int(len(raw) * keep) - 40)]
            if kind != "GIF"
            else raw[: int(len(raw) * keep / 2)] + b""
        )


def test_without_the_scanner_it_is_just_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(PictureOnlyError, match="not read here"):
        opened(saved(code(LINK, 300), "PNG"))


def test_our_own_codes_are_read() -> None:
    assert urls(opened(qr.png(LINK))) == [LINK]
    assert Image.open(io.BytesIO(qr.png(LINK))).format == "PNG"
