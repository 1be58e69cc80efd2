# SPDX-License-Identifier: Apache-2.0
"""Lines and letters of the badge image: polygons, curves and outlines, as points and as SVG path data."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

SIZE: Final = 600  # units of the drawing, and pixels of the PNG
CENTRE: Final = SIZE / 2

Point = tuple[float, float]
Contour = tuple[Point, ...]


def around(x: float, y: float, radii: Sequence[float], *, turn: float = 0.0) -> Contour:
    """Points at equal angles around a centre, the first one up, at these distances."""
    angles = [2 * math.pi * (i + turn) / len(radii) for i in range(len(radii))]
    return tuple(
        (x + r * math.sin(angle), y - r * math.cos(angle)) for r, angle in zip(radii, angles, strict=True)
    )


def octagon(inset: float) -> Contour:
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


def circle(x: float, y: float, radius: float) -> Contour:
    """A circle, as a polygon with 32 corners."""
    return tuple(
        (x + radius * math.cos(t), y + radius * math.sin(t)) for t in steps(0.0, 2 * math.pi, 32)[:-1]
    )


def wave(count: int, depth: float, middle: float, phase: float) -> tuple[str, Contour]:
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
        path += f"M{pair(start)}C" if not i else " "
        path += f"{pair(one)} {pair(two)} {pair(end)}"
        points.extend(cubic(start, one, two, end))
    return path + "z", tuple(points)


def cubic(a: Point, b: Point, c: Point, d: Point) -> Iterator[Point]:
    """Points of a cubic curve, without its last one."""
    for t in steps(0.0, 1.0, 12)[:-1]:
        u = 1 - t
        yield (
            u**3 * a[0] + 3 * u * u * t * b[0] + 3 * u * t * t * c[0] + t**3 * d[0],
            u**3 * a[1] + 3 * u * u * t * b[1] + 3 * u * t * t * c[1] + t**3 * d[1],
        )


def bow(a: Point, b: Point, c: Point) -> Iterator[Point]:
    """Points of a quadratic curve after ``a``, up to ``c``."""
    for t in steps(0.0, 1.0, 10)[1:]:
        u = 1 - t
        yield u * u * a[0] + 2 * u * t * b[0] + t * t * c[0], u * u * a[1] + 2 * u * t * b[1] + t * t * c[1]


@cache
def lettering() -> dict[str, tuple[int, tuple[tuple[str, tuple[int, ...]], ...]]]:
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


def placed(
    commands: Sequence[tuple[str, tuple[int, ...]]], left: float, base: float, scale: float
) -> tuple[str, list[Contour]]:
    """Outline of one letter at its place: path data and contours."""
    path, contours, contour = "", list[Contour](), list[Point]()
    for command, numbers in commands:
        points = [
            (left + x * scale, base - y * scale) for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        path += command + " ".join(pair(p) for p in points)
        if command == "Q":
            contour.extend(bow(contour[-1], points[0], points[1]))
        elif command == "Z":
            contours.append(tuple(contour))
            contour = []
        else:
            contour.extend(points)
    return path, contours


def edges(contour: Contour) -> Iterator[tuple[Point, Point]]:
    """The sides of a closed line."""
    return pairwise((*contour, contour[0]))


def unit(vector: Point) -> Point:
    """The same direction, one unit long."""
    length = math.hypot(*vector)
    return vector[0] / length, vector[1] / length


def steps(start: float, end: float, count: int) -> list[float]:
    """``count`` equal steps from ``start`` to ``end``, both included."""
    return [start + (end - start) * i / count for i in range(count + 1)]


def path(contour: Contour) -> str:
    """A closed line as SVG path data."""
    return "M" + "L".join(pair(point) for point in contour) + "z"


def pair(point: Point) -> str:
    """A point as SVG path data."""
    return f"{number(point[0])} {number(point[1])}"


def number(value: float) -> str:
    """One decimal, or none; two machines that differ in the last bit of a sine write the same text."""
    return f"{value + 0.0:.1f}".removesuffix(".0")


def shade(colour: str, amount: float) -> str:
    """Lighter (towards white) for a positive ``amount``, darker (towards black) for a negative one."""
    towards = 255 if amount > 0 else 0
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c + (towards - c) * abs(amount)):02x}" for c in channels)
