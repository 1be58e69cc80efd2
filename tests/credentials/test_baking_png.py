# SPDX-License-Identifier: Apache-2.0
"""PNG pictures carry exactly one credential in exactly one form, or are refused (threat D7)."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib.baking import bake_png, extract_png
from PIL import Image

from credentials.baking import png
from credentials.errors import (
    BakedFormError,
    BakedTwiceError,
    BakingError,
    NoCredentialError,
    NotAPictureError,
    OpenBadges2Error,
    PictureDamagedError,
    PictureTooLargeError,
)

JSON = '{"name":"Éducation® ’ 😀 \u0301e","x":"\\u0007\\r\\n"}\n'
JWS = "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"
KEYWORD = b"openbadgecredential"
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0))
PIXELS = chunk(b"IDAT", zlib.compress(b"\0\x10\x20"))
END = chunk(b"IEND")


def picture(*extra: bytes, after: Iterable[bytes] = ()) -> bytes:
    return b"".join([SIGNATURE, HEADER, *extra, PIXELS, *after, END])


def itxt(text: bytes, *, keyword: bytes = KEYWORD, flag: int = 0, method: int = 0) -> bytes:
    return chunk(b"iTXt", keyword + bytes([0, flag, method]) + b"\0\0" + text)


PLAIN = picture()


def drawn(mode: str = "RGBA") -> bytes:
    file = io.BytesIO()
    image = Image.linear_gradient("L").resize((40, 30)).convert(mode)
    image.save(file, "PNG", dpi=(300, 300))
    return file.getvalue()


@pytest.mark.parametrize("text", [JSON, JWS, "{}"])
@pytest.mark.parametrize("image", [PLAIN, drawn(), drawn("P"), drawn("1")])
def test_what_is_baked_is_unbaked_exactly(image: bytes, text: str) -> None:
    assert png.unbake(png.bake(image, text)) == text


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_every_text_survives(text: str) -> None:
    assert png.unbake(png.bake(PLAIN, text)) == text


@pytest.mark.parametrize("mode", ["RGBA", "P", "L"])
def test_the_pixels_are_untouched_and_others_can_read_the_text(mode: str) -> None:
    image = drawn(mode)
    with Image.open(io.BytesIO(image)) as before, Image.open(io.BytesIO(png.bake(image, JSON))) as after:
        assert after.text["openbadgecredential"] == JSON  # type: ignore[attr-defined]
        assert after.tobytes() == before.tobytes()
        assert after.info["dpi"] == before.info["dpi"]


def test_every_other_chunk_keeps_its_bytes() -> None:
    assert png.bake(PLAIN, JWS).replace(itxt(JWS.encode()), b"") == PLAIN


def test_baking_again_replaces() -> None:
    once = png.bake(drawn(), JSON)
    assert png.bake(once, JWS) == png.bake(drawn(), JWS)
    doubled = picture(itxt(b"{}"), chunk(b"tEXt", KEYWORD + b"\0x"), after=[itxt(b"{}")])
    assert png.bake(doubled, JWS) == png.bake(PLAIN, JWS)


def test_openbadgeslib_unbakes_ours_and_we_unbake_theirs() -> None:
    image = drawn()
    assert extract_png(png.bake(image, JSON), keyword=KEYWORD) == JSON
    assert png.unbake(bake_png(image, JSON, keyword=KEYWORD)) == JSON
    assert png.unbake(bake_png(image, JWS, "a comment", keyword=KEYWORD)) == JWS


def test_a_plain_picture_carries_nothing() -> None:
    for image in (PLAIN, drawn(), picture(itxt(b"{}", keyword=b"comment"))):
        with pytest.raises(NoCredentialError) as caught:
            png.unbake(image)
        assert not isinstance(caught.value, OpenBadges2Error)


def test_an_open_badges_2_picture_is_recognised_and_never_used() -> None:
    older = picture(itxt(b"https://badges.example/a/1", keyword=b"openbadges"))
    with pytest.raises(OpenBadges2Error):
        png.unbake(older)
    with pytest.raises(OpenBadges2Error):
        png.unbake(picture(chunk(b"tEXt", b"openbadges\0x")))
    assert png.unbake(png.bake(older, JWS)) == JWS


SECONDS = [
    itxt(b"{}"),
    itxt(zlib.compress(b"{}"), flag=1),
    itxt(b"{}", keyword=b"OpenBadgeCredential"),
    itxt(b"{}", keyword=b" openbadgecredential "),
    chunk(b"tEXt", KEYWORD + b"\0{}"),
    chunk(b"zTXt", KEYWORD + b"\0\0" + zlib.compress(b"{}")),
    chunk(b"tEXt", KEYWORD),
]


@pytest.mark.parametrize("second", SECONDS)
def test_more_than_one_credential_is_refused_whatever_its_form_and_place(second: bytes) -> None:
    first = itxt(b"{}")
    for image in (
        picture(first, second),
        picture(second, first),
        picture(first, after=[second]),
        picture(after=[second, first]),
    ):
        with pytest.raises(BakedTwiceError):
            png.unbake(image)


@pytest.mark.parametrize(
    "only",
    [
        *SECONDS[1:],
        itxt(b"{}", method=1),
        itxt(b""),
        itxt(b"{}\0{}"),
        itxt(b"\xff{}"),
        chunk(b"iTXt", KEYWORD + b"\0\0\0"),
        chunk(b"iTXt", KEYWORD + b"\0\0\0en"),
        chunk(b"iTXt", KEYWORD + b"\0\0\0en\0{}"),
        chunk(b"iTXt", KEYWORD + b"\0\0\0\xff\0\0{}"),
        chunk(b"iTXt", KEYWORD + b"\0\0\0\0\xff\0{}"),
        itxt(zlib.compress(bytes(50_000_000), 9), flag=1),  # a bomb, which nobody inflates
    ],
)
def test_one_credential_in_another_form_is_refused(only: bytes) -> None:
    with pytest.raises(BakedFormError):
        png.unbake(picture(only))


def _damaged() -> dict[str, tuple[bytes, type[BakingError]]]:
    whole = png.bake(PLAIN, JWS)
    credential = itxt(JWS.encode())
    lying = bytearray(whole)
    struct.pack_into(">I", lying, 8, 2**32 - 1)
    return {
        "nothing": (b"", NotAPictureError),
        "signature only": (SIGNATURE, PictureDamagedError),
        "JPEG": (b"\xff\xd8\xff\xe0", NotAPictureError),
        "text mode transfer": (whole.replace(b"\r\n", b"\n", 1), NotAPictureError),
        "cut in a chunk": (whole[:-14], PictureDamagedError),
        "cut in the end mark": (whole[:-1], PictureDamagedError),
        "no end mark": (whole[:-12], PictureDamagedError),
        "something after": (whole + b"\0", PictureDamagedError),
        "a picture after": (whole + whole, PictureDamagedError),
        "an archive after": (whole + b"PK\x03\x04", PictureDamagedError),
        "a credential after": (whole + credential, PictureDamagedError),
        "checksum": (whole.replace(JWS.encode(), JWS.encode()[:-1] + b"A"), PictureDamagedError),
        "lying length": (bytes(lying), PictureDamagedError),
        "name": (SIGNATURE + HEADER + chunk(b"i\0Xt") + PIXELS + END, PictureDamagedError),
        "header missing": (SIGNATURE + PIXELS + END, PictureDamagedError),
        "header late": (SIGNATURE + credential + HEADER + PIXELS + END, PictureDamagedError),
        "header twice": (SIGNATURE + HEADER + HEADER + PIXELS + END, PictureDamagedError),
        "header short": (SIGNATURE + chunk(b"IHDR", b"\0" * 12) + PIXELS + END, PictureDamagedError),
        "no pixels": (SIGNATURE + HEADER + END, PictureDamagedError),
        "pixels apart": (picture(after=[credential, PIXELS]), PictureDamagedError),
        "end mark with data": (SIGNATURE + HEADER + PIXELS + chunk(b"IEND", b"x"), PictureDamagedError),
        "end mark twice": (whole + END, PictureDamagedError),
    }


@pytest.mark.parametrize("name", _damaged())
def test_damaged_and_lying_chunks_are_refused(name: str) -> None:
    image, error = _damaged()[name]
    with pytest.raises(error):
        png.unbake(image)
    with pytest.raises(error):
        png.bake(image, JWS)


def test_the_limits_hold_on_both_sides() -> None:
    filler = png.PNG_BYTES - len(PLAIN) - 12 - len(itxt(JWS.encode()))
    largest = picture(itxt(JWS.encode()), chunk(b"fiLL", bytes(filler)))
    assert len(largest) == png.PNG_BYTES
    assert png.unbake(largest) == JWS
    with pytest.raises(PictureTooLargeError):
        png.unbake(picture(itxt(JWS.encode()), chunk(b"fiLL", bytes(filler + 1))))
    with pytest.raises(PictureTooLargeError):
        png.bake(largest, JWS + "A")
    many = [chunk(b"fiLL")] * (png.PNG_CHUNKS - 4)
    assert png.unbake(picture(itxt(JWS.encode()), *many)) == JWS
    with pytest.raises(PictureTooLargeError):
        png.unbake(picture(itxt(JWS.encode()), *many, chunk(b"fiLL")))


@pytest.mark.parametrize("text", ["", "\0", "{\0}", "\ud800"])
def test_what_cannot_be_baked_is_refused(text: str) -> None:
    with pytest.raises(BakedFormError):
        png.bake(PLAIN, text)


@settings(max_examples=300)
@given(st.data())
def test_a_changed_byte_is_refused_or_leaves_the_credential_as_it_was(data: st.DataObject) -> None:
    image = bytearray(png.bake(PLAIN, JWS))
    image[data.draw(st.integers(0, len(image) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(BakingError):
        assert png.unbake(bytes(image)) == JWS


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_whatever_make_another_error(tail: bytes, framed: bool) -> None:
    image = SIGNATURE + (HEADER + chunk(b"iTXt", tail) + PIXELS + END if framed else tail)
    with pytest.raises(BakingError):
        png.unbake(image)


def test_a_picture_that_is_prepared_once_takes_any_number_of_credentials() -> None:
    doubled = picture(itxt(b"{}"), chunk(b"tEXt", KEYWORD + b"\0x"), after=[itxt(b"{}")])
    for image in (PLAIN, drawn(), drawn("P"), doubled, png.bake(drawn(), JSON)):
        blank = png.prepare(image)
        for text in (JSON, JWS, JSON):
            assert blank.bake(text) == png.bake(image, text)
            assert png.unbake(blank.bake(text)) == text
    with pytest.raises(BakedFormError):
        png.prepare(PLAIN).bake("")
    with pytest.raises(PictureTooLargeError):
        png.prepare(PLAIN).bake("x" * png.PNG_BYTES)


@pytest.mark.parametrize("name", _damaged())
def test_a_damaged_picture_is_not_prepared(name: str) -> None:
    image, error = _damaged()[name]
    with pytest.raises(error):
        png.prepare(image)
