# SPDX-License-Identifier: Apache-2.0
"""The badge image: an octagonal plaque in the stack's colour, engraved, with the short code as monogram.

The same code and stack always give the same picture, byte for byte: as SVG for pages and baking, and as PNG.
Both are drawn from one list of shapes. Letters are outlines (``lettering.json``), so no font is needed where
the picture is shown, and none can change it; the SVG has no script, no style and no link.

The engraving is a guilloche, as on watches and banknotes: waves around a circle, their number and depth
follow from the code. Above the monogram stands a small figure: a series (the letters of the code) shares it,
and the dots around it count the place in the series. Below stand the four marks: issuer, standard, reviewed,
date.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from PIL import Image, ImageChops, ImageDraw

from issuer import geometry
from issuer.geometry import CENTRE, SIZE, Contour

OVERSAMPLING: Final = 3  # the PNG is drawn three times as large and scaled down, for smooth edges
CODE_CHARS: Final = 8  # more would be too small to read in a list; longer codes are cut
CODE_WIDTH: Final = 248.0  # units; the monogram stays within the quiet field
CAPITAL_HEIGHT: Final = 84.0  # units, of a capital letter at most
BASE: Final = 351.0  # units; the line on which the largest monogram stands
CRESTS: Final = 120  # of all lines of the engraving together; more would blur in small pictures

COLOURS: Final = (
    "#0b4a75",
    "#0c5450",
    "#1c5430",
    "#5c2464",
    "#7a1b3c",
    "#7b3312",
    "#5a4412",
    "#3a2f88",
    "#37465a",
    "#044f66",
    "#454f14",
    "#6a1f5a",
)
"""One per stack; white on each has a contrast of at least 7:1 (WCAG 2.2, 1.4.6)."""

SALTS: Final = {"colour": 169_443, "outline": 17, "middle": 16}
OUTLINES: Final = tuple(
    (kind, count)
    for kind, counts in {
        "polygon": (3, 4, 5, 6),
        "star": (4, 5, 6, 7, 8),
        "petals": (3, 4, 5, 6, 8),
        "rays": (5, 8, 12),
    }.items()
    for count in counts
)
MIDDLES: Final = ("ring", "disc", "diamond")
DOTS: Final = 7  # more could not be counted at a glance

GOLD: Final = "#e8cc85"  # the inner line and the marks
LIGHT: Final = (-math.sqrt(0.5), -math.sqrt(0.5))  # where the light on the rim comes from: top left


@dataclass(frozen=True, slots=True)
class Shape:
    """SVG path data and the same as contours: filled by the even-odd rule, or a line of ``width``."""

    path: str
    contours: tuple[Contour, ...]
    colour: str
    opacity: float = 1.0
    width: float = 0.0  # units; 0 fills


def colour_index(stack: str) -> int:
    """Return the place in ``COLOURS`` that belongs to ``stack``, always the same one."""
    return _lot("colour", stack) % len(COLOURS)


def colour_of(stack: str) -> str:
    """Return the colour that belongs to ``stack``, always the same one."""
    return COLOURS[colour_index(stack)]


@dataclass(frozen=True, slots=True)
class Figure:
    """The small figure of a series: outline, what is cut out of its middle, and dots around it."""

    outline: tuple[str, int]
    middle: str
    dots: int


def figure(code: str) -> Figure:
    """Return the figure that belongs to ``code``, always the same one."""
    series, number = _series(code)
    return Figure(
        outline=OUTLINES[_lot("outline", series) % len(OUTLINES)],
        middle=MIDDLES[_lot("middle", series) % len(MIDDLES)],
        dots=number,
    )


def _series(code: str) -> tuple[str, int]:
    """Letters and number of ``code``; a number too large to be counted in dots belongs to the letters."""
    found = re.fullmatch(r"(.*?[^0-9])0*([0-9]{1,3})", code, re.DOTALL)
    if found is None or not 0 < int(found[2]) <= DOTS:
        return code, 0
    return found[1], int(found[2])


def _lot(purpose: str, name: str) -> int:
    """Draw a number for ``name``; the salt was chosen so that the sample's series are told apart best."""
    return int.from_bytes(hashlib.sha256(f"{SALTS[purpose]}\x00{name}".encode()).digest()[:4])


def svg(code: str, *, stack: str, label: str) -> bytes:
    """Draw the badge image as SVG.

    Args:
        code: Short code of the micro-credential, such as ``SEL1``.
        stack: Code of its first stack, such as ``SEL``; decides the colour.
        label: What the picture shows, for those who hear it.
    """
    drawn = "".join(_element(shape) for shape in _shapes(code, stack))
    title = escape("".join(c for c in label if c.isprintable()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}"'
        f' role="img"><title>{title}</title>{drawn}</svg>\n'
    ).encode()


def png(code: str, *, stack: str, size: int = SIZE) -> bytes:
    """Draw the badge image as PNG on a clear ground, ``size`` pixels wide and high."""
    side = size * OVERSAMPLING
    scale = side / SIZE
    canvas = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    for shape in _shapes(code, stack):
        mask, corner = _mask(shape, scale)
        if shape.opacity < 1:
            # A light line is mixed only with what is already drawn there, so the ground below stays opaque.
            mask = mask.convert("L").point([0] * 255 + [round(255 * shape.opacity)])
        canvas.paste(shape.colour, corner, mask)
    out = io.BytesIO()
    small = canvas.resize((size, size), Image.Resampling.LANCZOS)
    few = small.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few.getpalette("RGBA") or []
    palette[3::4] = [255 if alpha > 250 else alpha for alpha in palette[3::4]]  # 254 is rounding, not glass
    few.putpalette(palette, "RGBA")
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _mask(shape: Shape, scale: float) -> tuple[Image.Image, tuple[int, int]]:
    """Return the shape in black and white, no larger than it is, and where its top left corner lies."""
    left = math.floor((min(x for contour in shape.contours for x, _ in contour) - shape.width) * scale)
    top = math.floor((min(y for contour in shape.contours for _, y in contour) - shape.width) * scale)
    right = math.ceil((max(x for contour in shape.contours for x, _ in contour) + shape.width) * scale) + 1
    bottom = math.ceil((max(y for contour in shape.contours for _, y in contour) + shape.width) * scale) + 1
    mask = Image.new("1", (right - left, bottom - top), 0)
    for contour in shape.contours:
        points = [(x * scale - left, y * scale - top) for x, y in contour]
        if shape.width:
            ImageDraw.Draw(mask).line(
                [*points, points[0], points[1]], fill=1, width=round(shape.width * scale), joint="curve"
            )
        else:
            one = Image.new("1", mask.size, 0)
            ImageDraw.Draw(one).polygon(points, fill=1)
            mask = ImageChops.logical_xor(mask, one)
    return mask, (left, top)


def _element(shape: Shape) -> str:
    if shape.width:
        paint = f'fill="none" stroke="{shape.colour}" stroke-width="{geometry.number(shape.width)}"'
        opacity = f' stroke-opacity="{shape.opacity}"' if shape.opacity < 1 else ""
    else:
        paint = f'fill="{shape.colour}" fill-rule="evenodd"'
        opacity = f' fill-opacity="{shape.opacity}"' if shape.opacity < 1 else ""
    return f'<path {paint}{opacity} d="{shape.path}"/>'


# -- what is drawn, from back to front -----------------------------------------------------------------------


def _shapes(code: str, stack: str) -> Iterator[Shape]:
    colour = colour_of(stack)
    yield from _rim(colour)
    yield from _engraving(code, stack)
    inner = geometry.octagon(58.0)
    yield Shape(geometry.path(inner), (inner,), GOLD, width=3.0)
    yield _emblem(figure(code))
    yield _monogram(code)
    yield from _marks()


def _rim(colour: str) -> Iterator[Shape]:
    """A bevelled rim: eight facets, each as bright as its angle to the light."""
    outer, middle = geometry.octagon(6.0), geometry.octagon(40.0)
    yield Shape(geometry.path(outer), (outer,), geometry.shade(colour, -0.25))
    for (a, b), (c, d) in zip(geometry.edges(outer), geometry.edges(middle), strict=True):
        facet = (a, b, d, c)
        normal = geometry.unit(((a[0] + b[0]) / 2 - CENTRE, (a[1] + b[1]) / 2 - CENTRE))
        brightness = normal[0] * LIGHT[0] + normal[1] * LIGHT[1]
        yield Shape(geometry.path(facet), (facet,), geometry.shade(colour, 0.30 * brightness + 0.02))
    yield Shape(geometry.path(middle), (middle,), colour)


def _engraving(code: str, stack: str) -> Iterator[Shape]:
    """Waves around the centre, interleaved; count and depth follow from code and stack."""
    seed = hashlib.sha256(f"{stack}\x00{code}".encode()).digest()
    count = (8, 10, 12, 15, 20, 24)[seed[0] % 6]
    depth = 30.0 + seed[1] % 11
    lines = CRESTS // count
    waves = [geometry.wave(count, depth, 202.0, 2 * math.pi * k / lines) for k in range(lines)]
    yield Shape(
        "".join(path for path, _ in waves), tuple(points for _, points in waves), "#ffffff", 0.36, 1.2
    )


def _emblem(drawn: Figure) -> Shape:
    """The figure of the series above the monogram, with its dots like a crown."""
    x, y, radius = CENTRE, 208.0, 40.0
    contours = [_outline(*drawn.outline, x, y, radius)]
    if drawn.middle != "disc":
        contours.append(_middle(drawn.middle, x, y, 14.0))
    if drawn.middle == "ring":
        contours.append(geometry.circle(x, y, 6.5))
    for i in range(drawn.dots):
        angle = -math.pi / 2 + (i - (drawn.dots - 1) / 2) * math.radians(24)
        contours.append(geometry.circle(x + 58 * math.cos(angle), y + 58 * math.sin(angle), 6.0))
    return Shape("".join(geometry.path(contour) for contour in contours), tuple(contours), GOLD)


def _outline(kind: str, count: int, x: float, y: float, radius: float) -> Contour:
    """The outer line of a figure with ``count`` corners, points, petals or rays, the first one up."""
    if kind == "polygon":
        return geometry.around(x, y, (radius,) * count)
    if kind == "star":
        return geometry.around(x, y, (radius, radius * 0.52) * count)
    if kind == "rays":
        return geometry.around(x, y, (radius, radius, radius * 0.66, radius * 0.66) * count, turn=-0.25)
    return geometry.around(
        x,
        y,
        [radius * (0.72 + 0.28 * math.cos(count * t)) for t in geometry.steps(0.0, 2 * math.pi, 120)[:-1]],
    )


def _middle(kind: str, x: float, y: float, radius: float) -> Contour:
    return geometry.around(x, y, (radius,) * 4) if kind == "diamond" else geometry.circle(x, y, radius)


def _monogram(code: str) -> Shape:
    letters = geometry.lettering()
    text = [letters[c] for c in re.sub(r"[^A-Z0-9-]", "", code.upper())[:CODE_CHARS]]
    width = sum(advance for advance, _ in text) or 1
    scale = min(CAPITAL_HEIGHT / 745, CODE_WIDTH / width)  # 745: a capital's height in the outlines
    left = CENTRE - width * scale / 2
    base = BASE - (CAPITAL_HEIGHT - 745 * scale) / 2
    paths, contours = [], []
    for advance, commands in text:
        path, outline = geometry.placed(commands, left, base, scale)
        paths.append(path)
        contours.extend(outline)
        left += advance * scale
    return Shape("".join(paths), tuple(contours), "#ffffff")


def _marks() -> Iterator[Shape]:
    """Issuer, standard, reviewed, date: shield, bar with round ends, circle, square with cut corners."""
    y, step, half = 396.0, 42.0, 13.0
    x = CENTRE - 1.5 * step
    shield = (
        *((x - half, y - half), (x + half, y - half), (x + half, y + 1)),
        *geometry.bow((x + half, y + 1), (x + half, y + 10), (x, y + half + 3)),
        *geometry.bow((x, y + half + 3), (x - half, y + 10), (x - half, y + 1)),
    )
    yield Shape(geometry.path(shield), (shield,), GOLD)
    pill = tuple(
        (x + step + side * 5 + 11 * math.sin(t) * side, y - 11 * math.cos(t) * side)
        for side in (1, -1)
        for t in geometry.steps(0.0, math.pi, 12)
    )
    yield Shape(geometry.path(pill), (pill,), GOLD)
    circle = geometry.circle(x + 2 * step, y, half)
    yield Shape(geometry.path(circle), (circle,), GOLD)
    cut = tuple(
        (x + 3 * step + dx * half, y + dy * half)
        for dx, dy in ((-0.5, -1), (0.5, -1), (1, -0.5), (1, 0.5), (0.5, 1), (-0.5, 1), (-1, 0.5), (-1, -0.5))
    )
    yield Shape(geometry.path(cut), (cut,), GOLD)
