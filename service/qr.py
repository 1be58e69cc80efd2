# SPDX-License-Identifier: Apache-2.0
"""The QR code of a link: as SVG, one path of runs, and as PNG. Black on white, in dark mode too.

ISO/IEC 18004, error correction level M, a quiet zone of four modules. The ``qrcode`` library makes the
matrix; its own drawings, one element for each module, would be ten times as large.
"""

from __future__ import annotations

import io
from itertools import groupby
from typing import Final

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE: Final = 4  # modules of white around the symbol, as the standard asks
PNG_MODULE: Final = 10  # pixels; a link of ours then gives about 500 pixels, 40 mm on paper at 300 dpi


def svg(link: str) -> bytes:
    """Draw ``link`` as a QR code in SVG; the picture scales without limit."""
    rows = _matrix(link)
    side = len(rows)
    path = ""
    at = (0.0, 0.0)
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path += f"m{_number(x - at[0])} {_number(y + 0.5 - at[1])}h{length}"
                at = (x + length, y + 0.5)
            x += length
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side * 6}"'
        f' height="{side * 6}" shape-rendering="crispEdges">'
        "<title>QR code with the link to this credential</title>"
        f'<path fill="#ffffff" d="M0 0h{side}v{side}H0z"/><path stroke="#000000" d="{path}"/></svg>\n'
    ).encode()


def png(link: str) -> bytes:
    """Draw ``link`` as a QR code in PNG."""
    rows = _matrix(link)
    side = len(rows)
    picture = Image.new("1", (side, side), 1)
    picture.putdata([0 if dark else 1 for row in rows for dark in row])
    out = io.BytesIO()
    large = (side * PNG_MODULE, side * PNG_MODULE)
    picture.resize(large, Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()


def _matrix(link: str) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(link)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
