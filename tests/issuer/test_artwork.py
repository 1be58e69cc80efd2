# SPDX-License-Identifier: Apache-2.0
"""The badge image: always the same, readable, and nothing in it that runs or reaches out."""

from __future__ import annotations

import inspect
import io
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from issuer import artwork
from tests.contrast import ratio

SVG = "{http://www.w3.org/2000/svg}"


def test_white_on_every_colour_is_read_easily() -> None:
    assert len(set(artwork.COLOURS)) == 12
    assert min(ratio("#ffffff", colour) for colour in artwork.COLOURS) >= 7.0
    assert min(ratio(artwork.GOLD, colour) for colour in artwork.COLOURS) >= 4.0


def test_the_same_achievement_has_the_same_image() -> None:
    png = inspect.unwrap(artwork.png)  # the one that remembers nothing
    first = artwork.svg("SEL1", stack="SEL", label="Badge image"), png("SEL1", stack="SEL")
    again = artwork.svg("SEL1", stack="SEL", label="Badge image"), png("SEL1", stack="SEL")
    assert first == again
    assert first[0] != artwork.svg("SEL2", stack="SEL", label="Badge image")


def test_one_stack_has_one_colour() -> None:
    assert artwork.colour_of("SEL") == artwork.colour_of("SEL")
    assert len({artwork.colour_of(f"S{n}") for n in range(200)}) == 12


def test_a_series_shares_its_figure_and_dots_count_the_place_in_it() -> None:
    first, third = artwork.figure("SEL1"), artwork.figure("SEL3")
    assert (first.outline, first.middle) == (third.outline, third.middle)
    assert (first.dots, third.dots) == (1, 3)
    assert artwork.figure("GEN007").dots == 7
    assert artwork.figure("GEN250").dots == 0
    assert len({artwork.figure(f"X{letter}1") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}) > 12


@pytest.mark.parametrize("outline", artwork.OUTLINES)
def test_every_figure_stays_within_the_quiet_field(outline: tuple[str, int]) -> None:
    for middle in artwork.MIDDLES:
        drawn = artwork._emblem(artwork.Figure(outline, middle, artwork.DOTS))
        for x, y in (point for contour in drawn.contours for point in contour):
            assert (x - 300) ** 2 + (y - 300) ** 2 < 162**2
            assert y < 260  # above the letters


def test_the_png_is_six_hundred_pixels_with_a_clear_corner() -> None:
    data = artwork.png("DECC1", stack="DECC")
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    assert picture.size == (600, 600)
    assert picture.getpixel((2, 2))[3] == 0  # type: ignore[index]
    assert picture.getpixel((300, 150))[3] == 255  # type: ignore[index]
    assert len(data) < 100_000


@pytest.mark.parametrize(
    "code", ["SEL1", "DECC1", "NIEA1", "A", "W9W9W9W9", "", "lower case é", "MUCH-TOO-LONG-1"]
)
def test_the_svg_is_paths_and_a_title_and_nothing_else(code: str) -> None:
    data = artwork.svg(code, stack="SEL", label='<Adult & "SEL">')
    root = ElementTree.fromstring(data)  # noqa: S314 - our own bytes
    assert root.tag == SVG + "svg"
    assert {child.tag for child in root} == {SVG + "title", SVG + "path"}
    allowed = {"fill", "fill-rule", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "d"}
    assert all(set(child.attrib) <= allowed for child in root if child.tag == SVG + "path")
    assert root[0].text == '<Adult & "SEL">'
    assert len(data) < 20_000


def test_a_monogram_stays_within_the_quiet_field() -> None:
    for code in ("I", "SEL1", "WWWWWWWW"):
        drawn = Image.open(io.BytesIO(artwork.png(code, stack="SEL"))).convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", drawn.size, "#000000"), drawn).convert("RGB")
        white = picture.convert("L").point([255 if i > 250 else 0 for i in range(256)])
        box = white.getbbox()
        assert box is not None
        left, top, right, bottom = box
        assert left >= 160
        assert right <= 440
        assert top >= 180
        assert bottom <= 400


@given(code=st.text(max_size=40), stack=st.text(max_size=20), label=st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_the_code_the_svg_is_well_formed(code: str, stack: str, label: str) -> None:
    data = artwork.svg(code, stack=stack, label=label)
    root = ElementTree.fromstring(data)  # noqa: S314 - our own bytes
    assert len(root) > 10
    assert not re.search(rb"nan|inf|e-", b"".join(e.attrib.get("d", "").encode() for e in root))
