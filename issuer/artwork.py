# SPDX-License-Identifier: Apache-2.0
"""The badge image: an octagonal plaque in the stack's colour, engraved, with the short code as monogram.

The same code and stack always give the same picture, byte for byte: as SVG for pages and baking, and as PNG.
Both are drawn from one list of shapes. Letters are outlines (``lettering.json``), so no font is needed where
the picture is shown, and none can change it; the SVG has no script, no style and no link.

The engraving is a guilloche, as on watches and banknotes: waves around a circle, their number and depth
follow from the code. Below the monogram stand the four marks: issuer, standard, reviewed, date.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import escape

from PIL import Image, ImageChops, ImageDraw

SIZE: Final = 600  # units of the drawing, and pixels of the PNG
OVERSAMPLING: Final = 3  # the PNG is drawn three times as large and scaled down, for smooth edges
CENTRE: Final = SIZE / 2
CODE_CHARS: Final = 8  # more would be too small to read in a list; longer codes are cut
CODE_WIDTH: Final = 248.0  # units; the monogram stays within the quiet field
CAPITAL_HEIGHT: Final = 112.0  # units, of a capital letter at most
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

GOLD: Final = "#e8cc85"  # the inner line and the marks
LIGHT: Final = (-math.sqrt(0.5), -math.sqrt(0.5))  # where the light on the rim comes from: top left

Point = tuple[float, float]
Contour = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """SVG path data and the same as contours: filled by the even-odd rule, or a line of ``width``."""

    path: str
    contours: tuple[Contour, ...]
    colour: str
    opacity: float = 1.0
    width: float = 0.0  # units; 0 fills


def colour_of(stack: str) -> str:
    """Return the colour that belongs to ``stack``, always the same one."""
    digest = hashlib.sha256(stack.encode()).digest()
    return COLOURS[digest[7] % len(COLOURS)]  # byte 7 tells the usual stacks apart best


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
        mask = _mask(shape, side, scale)
        if shape.opacity < 1:  # only over what is already drawn, so the ground below is opaque
            layer = canvas.copy()
            layer.paste(shape.colour, mask=mask)
            canvas = Image.blend(canvas, layer, shape.opacity)
        else:
            canvas.paste(shape.colour, mask=mask)
    out = io.BytesIO()
    small = canvas.resize((size, size), Image.Resampling.LANCZOS)
    few = small.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few.getpalette("RGBA") or []
    palette[3::4] = [255 if alpha > 250 else alpha for alpha in palette[3::4]]  # 254 is rounding, not glass
    few.putpalette(palette, "RGBA")
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _mask(shape: Shape, side: int, scale: float) -> Image.Image:
    mask = Image.new("1", (side, side), 0)
    for contour in shape.contours:
        points = [(x * scale, y * scale) for x, y in contour]
        if shape.width:
            ImageDraw.Draw(mask).line(
                [*points, points[0], points[1]], fill=1, width=round(shape.width * scale), joint="curve"
            )
        else:
            one = Image.new("1", (side, side), 0)
            ImageDraw.Draw(one).polygon(points, fill=1)
            mask = ImageChops.logical_xor(mask, one)
    return mask


def _element(shape: Shape) -> str:
    if shape.width:
        paint = f'fill="none" stroke="{shape.colour}" stroke-width="{_number(shape.width)}"'
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
    inner = _octagon(58.0)
    yield Shape(_path(inner), (inner,), GOLD, width=3.0)
    yield _monogram(code)
    yield from _marks()


def _rim(colour: str) -> Iterator[Shape]:
    """A bevelled rim: eight facets, each as bright as its angle to the light."""
    outer, middle = _octagon(6.0), _octagon(40.0)
    yield Shape(_path(outer), (outer,), _shade(colour, -0.25))
    for (a, b), (c, d) in zip(_edges(outer), _edges(middle), strict=True):
        facet = (a, b, d, c)
        normal = _unit(((a[0] + b[0]) / 2 - CENTRE, (a[1] + b[1]) / 2 - CENTRE))
        brightness = normal[0] * LIGHT[0] + normal[1] * LIGHT[1]
        yield Shape(_path(facet), (facet,), _shade(colour, 0.30 * brightness + 0.02))
    yield Shape(_path(middle), (middle,), colour)


def _engraving(code: str, stack: str) -> Iterator[Shape]:
    """Waves around the centre, interleaved; count and depth follow from code and stack."""
    seed = hashlib.sha256(f"{stack}\x00{code}".encode()).digest()
    count = (8, 10, 12, 15, 20, 24)[seed[0] % 6]
    depth = 30.0 + seed[1] % 11
    lines = CRESTS // count
    waves = [_wave(count, depth, 202.0, 2 * math.pi * k / lines) for k in range(lines)]
    yield Shape(
        "".join(path for path, _ in waves), tuple(points for _, points in waves), "#ffffff", 0.36, 1.2
    )


def _monogram(code: str) -> Shape:
    letters = _lettering()
    text = [letters[c] for c in re.sub(r"[^A-Z0-9-]", "", code.upper())[:CODE_CHARS]]
    width = sum(advance for advance, _ in text) or 1
    scale = min(CAPITAL_HEIGHT / 745, CODE_WIDTH / width)  # 745: a capital's height in the outlines
    left = CENTRE - width * scale / 2
    base = CENTRE - 14 + 745 * scale / 2
    paths, contours = [], []
    for advance, commands in text:
        path, outline = _placed(commands, left, base, scale)
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
        *_bow((x + half, y + 1), (x + half, y + 10), (x, y + half + 3)),
        *_bow((x, y + half + 3), (x - half, y + 10), (x - half, y + 1)),
    )
    yield Shape(_path(shield), (shield,), GOLD)
    pill = tuple(
        (x + step + side * 5 + 11 * math.sin(t) * side, y - 11 * math.cos(t) * side)
        for side in (1, -1)
        for t in _steps(0.0, math.pi, 12)
    )
    yield Shape(_path(pill), (pill,), GOLD)
    circle = _circle(x + 2 * step, y, half)
    yield Shape(_path(circle), (circle,), GOLD)
    cut = tuple(
        (x + 3 * step + dx * half, y + dy * half)
        for dx, dy in ((-0.5, -1), (0.5, -1), (1, -0.5), (1, 0.5), (0.5, 1), (-0.5, 1), (-1, 0.5), (-1, -0.5))
    )
    yield Shape(_path(cut), (cut,), GOLD)


# -- geometry -----------------------------------------------------------------------------------------------


def _octagon(inset: float) -> Contour:
    """A regular octagon, flat side up, ``inset`` units from the edge of the picture."""
    half = CENTRE - inset
    cut = half * math.tan(math.pi / 8)
    points = (
        (-cut, -half),
        (cut, -half),
        (half, -cut),
        (half, cut),
        (cut, half),
        (-cut, half),
        (-half, cut),
        (-half, -cut),
    )
    return tuple((CENTRE + x, CENTRE + y) for x, y in points)


def _circle(x: float, y: float, radius: float) -> Contour:
    return tuple(
        (x + radius * math.cos(t), y + radius * math.sin(t)) for t in _steps(0.0, 2 * math.pi, 32)[:-1]
    )


def _wave(count: int, depth: float, middle: float, phase: float) -> tuple[str, Contour]:
    """``count`` waves around the centre, as two curves for each: from crest to trough and back."""

    def at(angle: float, radius: float) -> Point:
        return CENTRE + radius * math.cos(angle), CENTRE + radius * math.sin(angle)

    half = math.pi / count
    points: list[Point] = []
    path = ""
    for i in range(2 * count):
        a, b = i * half + phase / count, (i + 1) * half + phase / count
        r, s = middle + depth * (-1) ** i, middle - depth * (-1) ** i
        pull = half * 0.3642  # the handle that makes a cubic follow a half wave of a sine
        start, end = at(a, r), at(b, s)
        one = (start[0] - math.sin(a) * r * pull, start[1] + math.cos(a) * r * pull)
        two = (end[0] + math.sin(b) * s * pull, end[1] - math.cos(b) * s * pull)
        path += f"M{_pair(start)}C" if not i else " "
        path += f"{_pair(one)} {_pair(two)} {_pair(end)}"
        points.extend(_cubic(start, one, two, end))
    return path + "z", tuple(points)


def _cubic(a: Point, b: Point, c: Point, d: Point) -> Iterator[Point]:
    for t in _steps(0.0, 1.0, 12)[:-1]:
        u = 1 - t
        yield (
            u**3 * a[0] + 3 * u * u * t * b[0] + 3 * u * t * t * c[0] + t**3 * d[0],
            u**3 * a[1] + 3 * u * u * t * b[1] + 3 * u * t * t * c[1] + t**3 * d[1],
        )


def _bow(a: Point, b: Point, c: Point) -> Iterator[Point]:
    """Points of a quadratic curve after ``a``, up to ``c``."""
    for t in _steps(0.0, 1.0, 10)[1:]:
        u = 1 - t
        yield u * u * a[0] + 2 * u * t * b[0] + t * t * c[0], u * u * a[1] + 2 * u * t * b[1] + t * t * c[1]


@cache
def _lettering() -> dict[str, tuple[int, tuple[tuple[str, tuple[int, ...]], ...]]]:
    """Advance and outline of each letter: commands M, L, Q and Z, 1024 units to the em, y upwards."""
    data = json.loads(resources.files("issuer").joinpath("lettering.json").read_bytes())
    return {
        letter: (
            glyph["advance"],
            tuple(
                (step[0], tuple(int(n) for n in step[1:].split()))
                for step in re.findall(r"[MLQZ][-0-9 ]*", glyph["path"])
            ),
        )
        for letter, glyph in data.items()
    }


def _placed(
    commands: Sequence[tuple[str, tuple[int, ...]]], left: float, base: float, scale: float
) -> tuple[str, list[Contour]]:
    """Outline of one letter at its place: path data and contours."""
    path, contours, contour = "", list[Contour](), list[Point]()
    for command, numbers in commands:
        points = [
            (left + x * scale, base - y * scale) for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        path += command + " ".join(_pair(p) for p in points)
        if command == "Q":
            contour.extend(_bow(contour[-1], points[0], points[1]))
        elif command == "Z":
            contours.append(tuple(contour))
            contour = []
        else:
            contour.extend(points)
    return path, contours


def _edges(contour: Contour) -> Iterator[tuple[Point, Point]]:
    return pairwise((*contour, contour[0]))


def _unit(vector: Point) -> Point:
    length = math.hypot(*vector)
    return vector[0] / length, vector[1] / length


def _steps(start: float, end: float, count: int) -> list[float]:
    return [start + (end - start) * i / count for i in range(count + 1)]


def _path(contour: Contour) -> str:
    return "M" + "L".join(_pair(point) for point in contour) + "z"


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    """One decimal, or none; two machines that differ in the last bit of a sine write the same text."""
    return f"{value + 0.0:.1f}".removesuffix(".0")


def _shade(colour: str, amount: float) -> str:
    """Lighter (towards white) for a positive ``amount``, darker (towards black) for a negative one."""
    towards = 255 if amount > 0 else 0
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c + (towards - c) * abs(amount)):02x}" for c in channels)
