# SPDX-License-Identifier: Apache-2.0
"""The QR code is small, has its quiet zone, and a reader finds the link in it."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pytest
from PIL import Image

from service import qr

LINK = "https://badges.hallmark.example/credentials/8b1c2f5e-9a3d-4a70-b0b7-2f3c1d9e6a11"


def modules(svg: bytes) -> Image.Image:
    """Draw the runs of our SVG, as a renderer would."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own bytes
    side = int(root.attrib["viewBox"].split()[2])
    picture = Image.new("L", (side, side), 255)
    x, y = 0.0, 0.0
    for dx, dy, run in re.findall(r"m(-?[\d.]+) (-?[\d.]+)h(\d+)", root[-1].attrib["d"]):
        x, y = x + float(dx), y + float(dy)
        for i in range(int(run)):
            picture.putpixel((round(x) + i, int(y)), 0)
        x += int(run)
    return picture


def test_both_forms_show_the_same_modules() -> None:
    small = modules(qr.svg(LINK))
    picture = Image.open(io.BytesIO(qr.png(LINK))).convert("L")
    assert picture.width == small.width * qr.PNG_MODULE
    assert picture.resize(small.size, Image.Resampling.NEAREST).tobytes() == small.tobytes()


def test_the_quiet_zone_is_white() -> None:
    small = modules(qr.svg(LINK))
    box = small.point([255 - i for i in range(256)]).getbbox()
    assert box == (4, 4, small.width - 4, small.height - 4)


def test_the_svg_is_small_and_black_on_white() -> None:
    svg = qr.svg(LINK)
    assert len(svg) < 6_000
    assert b'fill="#ffffff"' in svg
    assert b'stroke="#000000"' in svg
    assert b"style" not in svg


@pytest.mark.parametrize(
    "link", [LINK, "http://127.0.0.1:8080/credentials/1", "https://example.org/" + "a" * 300]
)
def test_a_reader_finds_the_link(link: str) -> None:
    zxing = pytest.importorskip("zxingcpp", reason="no QR reader is installed (zxing-cpp)")
    found = zxing.read_barcodes(Image.open(io.BytesIO(qr.png(link))).convert("L"))
    assert [code.text for code in found] == [link]
    drawn = modules(qr.svg(link))
    enlarged = drawn.resize((drawn.width * 4, drawn.height * 4), Image.Resampling.NEAREST)
    assert [code.text for code in zxing.read_barcodes(enlarged)] == [link]
