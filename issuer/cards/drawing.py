# SPDX-License-Identifier: Apache-2.0
"""Draws a card, twice as large and scaled down: badge image left, words right, the state across the foot."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from issuer.cards.face import LOOKS, Face
from issuer.cards.lettering import cut, font, lines
from issuer.cards.shapes import Pen, mark, symbol

WIDTH: Final = 1200  # pixels; the ratio that LinkedIn shows uncut
HEIGHT: Final = 627
_TWICE: Final = 2
_MARGIN: Final = 64
_IMAGE: Final = 344  # pixels of the badge image's side
_LEFT: Final = 464  # where the words begin
_FOOT: Final = 104  # pixels of the band with the state
_TITLES: Final = (
    (60, 2),
    (52, 3),
    (44, 3),
    (38, 4),
)  # pixels of the title's letters, and how many lines of them

INK: Final = "#1d2733"
MUTED: Final = "#4a5663"
LINE: Final = "#767f89"
PAGE: Final = "#ffffff"
GOLD: Final = "#a87b1f"
# Text and ground of a state, as in static/hallmark.css.
TONES: Final = {
    "ok": ("#14612e", "#e7f4eb"),
    "neutral": ("#3d4853", "#eceff2"),
    "warn": ("#6f4a00", "#fdf3dc"),
    "hold": ("#5a2d82", "#f3ebfa"),
    "bad": ("#8f1d17", "#fcebea"),
}
_FADED: Final = {"revoked": 0.5, "suspended": 0.28, "superseded": 0.6, "undetermined": 0.55}
_MARKS: Final = (("issuer", "Issuer"), ("standard", "Standard"), ("reviewed", "Reviewed"), ("date", "Date"))


def draw(face: Face, image: bytes | None) -> bytes:
    """Return the card as PNG; ``image`` is the badge image as PNG, our own."""
    canvas = Image.new("RGB", (WIDTH * _TWICE, HEIGHT * _TWICE), PAGE)
    on = ImageDraw.Draw(canvas)
    _, symbol_name, colours = LOOKS[face.state]
    if colours == "ok" and not face.is_recognised:
        colours = "neutral"
    tone, ground = TONES[colours]
    _masthead(on, face)
    _badge(canvas, on, face, image, tone)
    _words(on, face)
    _four(on, face, tone)
    _state(on, face, symbol_name, tone, ground)
    small = canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _masthead(on: ImageDraw.ImageDraw, face: Face) -> None:
    x = float(_MARGIN)
    for name, _ in _MARKS:
        mark(_pen(on, x, 29, 24), name, "struck", ink=INK, ground=INK, line=LINE, tone=LINE)
        x += 27
    _text(on, x + 10, 41, face.site, size=27, weight="SemiBold", colour=INK)
    if face.host:
        letters = font(22 * _TWICE)
        host = cut(face.host, letters=letters, width=500 * _TWICE)[0]
        _text(on, WIDTH - _MARGIN, 41, host, size=22, weight="Regular", colour=MUTED, anchor="rm")
    on.rectangle(_box(0, 82, WIDTH, 85), fill=GOLD)


def _badge(canvas: Image.Image, on: ImageDraw.ImageDraw, face: Face, image: bytes | None, tone: str) -> None:
    top = 85 + (HEIGHT - _FOOT - 85 - _IMAGE) // 2
    place = _pen(on, _MARGIN, top, _IMAGE)
    octagon = [(x * 48 / 600, y * 48 / 600) for x, y in _OCTAGON]
    if image is None:
        place.dashed(octagon, LINE, 0.3, dash=1.2)
        return
    side = _IMAGE * _TWICE
    badge = Image.open(io.BytesIO(image)).convert("RGBA").resize((side, side), Image.Resampling.LANCZOS)
    mask = badge.getchannel("A")
    if face.state in _FADED:
        badge = badge.convert("L").convert("RGBA")
        share = _FADED[face.state]
        mask = mask.point([round(alpha * share) for alpha in range(256)])
    canvas.paste(badge.convert("RGB"), (_MARGIN * _TWICE, top * _TWICE), mask)
    if face.state == "suspended":
        place.dashed(octagon, tone, 0.45, dash=1.4)
    if face.state == "revoked":
        _band(canvas, top, tone)


def _band(canvas: Image.Image, top: int, tone: str) -> None:
    """Lay the word across the badge image."""
    width, height = (_IMAGE + 40) * _TWICE, 56 * _TWICE
    band = Image.new("RGBA", (width, height), tone)
    ImageDraw.Draw(band).text(
        (width / 2, height / 2), LOOKS["revoked"][0], fill=PAGE, font=font(32 * _TWICE, "Bold"), anchor="mm"
    )
    turned = band.rotate(14, expand=True, resample=Image.Resampling.BICUBIC)
    x = (_MARGIN + _IMAGE // 2) * _TWICE - turned.width // 2
    y = (top + _IMAGE // 2) * _TWICE - turned.height // 2
    canvas.paste(turned, (x, y), turned)


def _words(on: ImageDraw.ImageDraw, face: Face) -> None:
    width = WIDTH - _LEFT - _MARGIN
    rows: list[tuple[str, int, str, str, int]] = [(face.kind, 24, "Medium", MUTED, 40)]
    size, title = _title(face.title or "A credential", width)
    rows += [(line, size, "SemiBold", INK, round(size * 1.16)) for line in title]
    rows.append(("", 0, "Regular", INK, 14))
    if face.name:
        rows.append((_one(f"Awarded to {face.name}", 28, "Medium", width), 28, "Medium", INK, 40))
    if face.issuer:
        rows.append((_one(f"by {face.issuer}", 28, "Regular", width), 28, "Regular", MUTED, 40))
    y = 112 + max(0, (300 - sum(row[-1] for row in rows)) // 2)
    for words, pixels, weight, colour, height in rows:
        if words:
            _text(on, _LEFT, y + height // 2, words, size=pixels, weight=weight, colour=colour)
        y += height


def _title(title: str, width: int) -> tuple[int, tuple[str, ...]]:
    """Return size and lines of the title: as large as it fits, cut in the smallest size."""
    for size, most in _TITLES:
        found = lines(title, letters=font(size * _TWICE, "SemiBold"), width=width * _TWICE, most=most)
        if found is not None:
            return size, found
    size, most = _TITLES[-1]
    return size, cut(title, letters=font(size * _TWICE, "SemiBold"), width=width * _TWICE, most=most)


def _four(on: ImageDraw.ImageDraw, face: Face, tone: str) -> None:
    top, side, x = 420, 52, float(_LEFT)
    for (name, word), state in zip(_MARKS, face.marks, strict=True):
        mark(_pen(on, x - 4, top, side), name, state, ink=INK, ground=PAGE, line=LINE, tone=tone)
        colour = INK if state == "struck" else MUTED
        _text(on, x + side + 6, top + side / 2, word, size=21, weight="Medium", colour=colour)
        x += side + 40 + font(21 * _TWICE, "Medium").getlength(word) / _TWICE


def _state(on: ImageDraw.ImageDraw, face: Face, symbol_name: str, tone: str, ground: str) -> None:
    top = HEIGHT - _FOOT
    on.rectangle(_box(0, top, WIDTH, HEIGHT), fill=ground)
    middle = top + _FOOT / 2
    symbol(_pen(on, _MARGIN, middle - 27, 54), symbol_name, tone)
    _text(on, _MARGIN + 74, middle, face.word, size=42, weight="Bold", colour=tone)
    if face.when:
        _text(
            on,
            WIDTH - _MARGIN,
            middle,
            f"Awarded {face.when}",
            size=26,
            weight="Medium",
            colour=tone,
            anchor="rm",
        )


def _one(words: str, size: int, weight: str, width: int) -> str:
    return cut(words, letters=font(size * _TWICE, weight), width=width * _TWICE)[0]


def _text(
    on: ImageDraw.ImageDraw,
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    weight: str,
    colour: str,
    anchor: str = "lm",
) -> None:
    letters: ImageFont.FreeTypeFont = font(size * _TWICE, weight)
    on.text((x * _TWICE, y * _TWICE), words, fill=colour, font=letters, anchor=anchor)


def _pen(on: ImageDraw.ImageDraw, x: float, y: float, side: float) -> Pen:
    return Pen(on, x * _TWICE, y * _TWICE, side * _TWICE)


def _box(left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
    return left * _TWICE, top * _TWICE, right * _TWICE - 1, bottom * _TWICE - 1


_OCTAGON: Final = (
    *((178, 12), (422, 12), (588, 178), (588, 422)),
    *((422, 588), (178, 588), (12, 422), (12, 178)),
)
