# SPDX-License-Identifier: Apache-2.0
"""Pillow: baking as most do it, by decoding the picture and writing it again with a text beside it."""

from __future__ import annotations

import io
from importlib.metadata import version

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from benchmarks.fixture import Fixture
from benchmarks.protocol import Call, Operation, serve


def bake(fixture: Fixture) -> Call:
    """Decode, add the text, encode."""
    picture, text = (fixture.folder / "picture.png").read_bytes(), fixture.raw.decode()

    def call() -> bytes:
        info = PngInfo()
        info.add_itxt("openbadgecredential", text)
        out = io.BytesIO()
        with Image.open(io.BytesIO(picture), formats=["PNG"]) as opened:
            opened.save(out, "PNG", pnginfo=info)
        return out.getvalue()

    return call


OPERATIONS: dict[str, Operation] = {"bake": bake}

if __name__ == "__main__":
    serve("Pillow", {"Pillow": version("Pillow")}, OPERATIONS)
