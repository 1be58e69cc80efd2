# SPDX-License-Identifier: Apache-2.0
"""The four marks and the symbols of the states, as in ``templates/parts/marks.html`` and ``symbols.html``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from PIL import ImageDraw

from issuer.geometry import Contour, Point, cubic

BOX: Final = 48.0  # units of a symbol's side

_OCTAGON: Final[Contour] = (
    *((15.7, 4), (32.3, 4), (44, 15.7), (44, 32.3)),
    *((32.3, 44), (15.7, 44), (4, 32.3), (4, 15.7)),
)
_PAUSE: Final[Contour] = ((14, 4), (34, 4), (44, 14), (44, 34), (34, 44), (14, 44), (4, 34), (4, 14))


class Pen:
    """Draws in units of a box of 48 at a place of a picture."""

    def __init__(self, on: ImageDraw.ImageDraw, x: float, y: float, side: float) -> None:
        """Draw on ``on`` from (x, y), ``side`` pixels wide and high."""
        self._on = on
        self._x, self._y, self._scale = x, y, side / BOX

    def line(self, points: Sequence[Point], colour: str, width: float = 3.0) -> None:
        """Draw a line with round ends and joints."""
        placed = [self._at(point) for point in points]
        thick = width * self._scale
        self._on.line(placed, fill=colour, width=max(1, round(thick)))
        for x, y in placed:
            r = thick / 2
            self._on.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def closed(self, points: Sequence[Point], colour: str, width: float = 3.0) -> None:
        """Draw a closed line."""
        self.line((*points, points[0]), colour, width)

    def dashed(self, points: Sequence[Point], colour: str, width: float = 3.0, dash: float = 5.5) -> None:
        """Draw a closed line in dashes of ``dash`` units and gaps of the same length."""
        on, left, run = True, dash, [points[0]]
        for start, end in pairwise((*points, points[0])):
            here, length = start, math.dist(start, end)
            while length > left:
                share = left / length
                here = (here[0] + (end[0] - here[0]) * share, here[1] + (end[1] - here[1]) * share)
                if on:
                    self.line((*run, here), colour, width)
                on, left, run = not on, dash, [here]
                length = math.dist(here, end)
            left -= length
            run.append(end)
        if on and len(run) > 1:
            self.line(run, colour, width)

    def filled(self, points: Sequence[Point], colour: str) -> None:
        """Fill a closed shape."""
        self._on.polygon([self._at(point) for point in points], fill=colour)

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """Fill a circle."""
        self.filled(ring(x, y, radius), colour)

    def _at(self, point: Point) -> Point:
        return self._x + point[0] * self._scale, self._y + point[1] * self._scale


def ring(x: float, y: float, radius: float, start: float = 0.0, end: float = 360.0) -> Contour:
    """Return points of a circle, or of its part between two angles in degrees, clockwise from the right."""
    count = max(8, round(96 * abs(end - start) / 360))
    angles = [math.radians(start + (end - start) * i / count) for i in range(count + (end - start < 360))]
    return tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles)


def mark(pen: Pen, name: str, state: str, *, ink: str, ground: str, line: str, tone: str) -> None:
    """Draw one of the four marks: filled, in dashes, or barred."""
    outline = MARKS[name]
    if state == "struck":
        pen.filled(outline, ink)
        colour = ground
    else:
        colour = line if state == "outlined" else tone
        (pen.dashed if state == "outlined" else pen.closed)(outline, colour, 1.75)
    _GLYPHS[name](pen, colour)
    if state == "barred":
        pen.line(((4, 44), (44, 4)), tone, 3.0)


def symbol(pen: Pen, name: str, colour: str) -> None:
    """Draw the symbol of a state."""
    _SYMBOLS[name](pen, colour)


def _curve(*points: Point) -> Iterator[Point]:
    """A cubic curve with its last point; further triples go on from there."""
    start = points[0]
    for i in range(1, len(points), 3):
        yield from cubic(start, points[i], points[i + 1], points[i + 2])
        start = points[i + 2]
    yield start


MARKS: Final[dict[str, Contour]] = {
    "issuer": (
        *((7, 5), (41, 5), (41, 25.5)),
        *_curve((41, 25.5), (41, 34.7), (34, 40.5), (24, 44), (14, 40.5), (7, 34.7), (7, 25.5)),
    ),
    "standard": (*ring(27, 24, 17, -90, 90), *ring(21, 24, 17, 90, 270)),
    "reviewed": ring(24, 24, 19.5),
    "date": ((14, 5), (34, 5), (43, 14), (43, 34), (34, 43), (14, 43), (5, 34), (5, 14)),
}


def _key(pen: Pen, colour: str) -> None:
    pen.closed(ring(18.5, 21.5, 5.2), colour, 2.25)
    for points in (((23.7, 21.5), (36, 21.5)), ((31.5, 21.5), (31.5, 26.5)), ((36, 21.5), (36, 25.5))):
        pen.line(points, colour, 2.25)


def _list(pen: Pen, colour: str) -> None:
    for y in (18.0, 29.0):
        pen.line(((13, y), (15.3, y + 2.3), (19.3, y - 2.3)), colour, 2.25)
        pen.line(((24, y), (35, y)), colour, 2.25)


def _eye(pen: Pen, colour: str) -> None:
    lid = tuple(_curve((11, 24), (14.5, 18.5), (19, 15.8), (24, 15.8), (29, 15.8), (33.5, 18.5), (37, 24)))
    pen.line(lid, colour, 2.25)
    pen.line([(x, 48 - y) for x, y in lid], colour, 2.25)
    pen.dot(24, 24, 3.6, colour)


def _hands(pen: Pen, colour: str) -> None:
    pen.line(((24, 15), (24, 24.5), (30, 28.5)), colour, 2.25)


_GLYPHS: Final[dict[str, Callable[[Pen, str], None]]] = {
    "issuer": _key,
    "standard": _list,
    "reviewed": _eye,
    "date": _hands,
}


def _ring(pen: Pen, colour: str) -> None:
    pen.closed(ring(24, 24, 20), colour)
    pen.line(((15, 24.5), (21.5, 31), (34, 18)), colour)


def _hourglass(pen: Pen, colour: str) -> None:
    pen.line(((12, 5), (36, 5)), colour)
    pen.line(((12, 43), (36, 43)), colour)
    for turn in (1, -1):
        half = _curve((15, 5), (15, 15), (24, 18), (24, 24), (24, 30), (15, 33), (15, 43))
        pen.line([(24 + (x - 24) * turn, y) for x, y in half], colour)
    pen.line(((20, 38), (28, 38)), colour)


def _calendar(pen: Pen, colour: str) -> None:
    pen.closed(((6, 9), (42, 9), (42, 42), (6, 42)), colour)
    for points in (((6, 19), (42, 19)), ((16, 4), (16, 13)), ((32, 4), (32, 13))):
        pen.line(points, colour)
    pen.line(((24, 25), (24, 31), (28, 35)), colour)


def _pause(pen: Pen, colour: str) -> None:
    pen.dashed(_PAUSE, colour)
    pen.line(((19, 17), (19, 31)), colour, 5)
    pen.line(((29, 17), (29, 31)), colour, 5)


def _octagon(pen: Pen, colour: str) -> None:
    pen.closed(_OCTAGON, colour)
    pen.line(((14, 24), (34, 24)), colour, 5)


def _question(pen: Pen, colour: str) -> None:
    pen.dashed(ring(24, 24, 20), colour, dash=5.2)
    hook = _curve((18.5, 19.5), (18.5, 16.2), (20.9, 14), (24.1, 14), (27.3, 14), (29.5, 16), (29.5, 19))
    pen.line((*hook, *_curve((29.5, 19), (29.5, 23), (24, 23.3), (24, 27.5))), colour)
    pen.dot(24, 34, 2.2, colour)


def _broken(pen: Pen, colour: str) -> None:
    pen.line(ring(24, 24, 20, -18, -289), colour)
    pen.line(((33, 15), (44, 4)), colour)
    pen.line(((24, 14), (24, 26)), colour)
    pen.dot(24, 33, 2, colour)


def _arrow(pen: Pen, colour: str) -> None:
    pen.closed(ring(24, 24, 20), colour)
    pen.line(((14, 24), (33, 24)), colour)
    pen.line(((26, 16), (34, 24), (26, 32)), colour)


def _cross(pen: Pen, colour: str) -> None:
    pen.closed(((5, 5), (43, 5), (43, 43), (5, 43)), colour)
    pen.line(((16, 16), (32, 32)), colour)
    pen.line(((32, 16), (16, 32)), colour)


_SYMBOLS: Final[dict[str, Callable[[Pen, str], None]]] = {
    "ring": _ring,
    "hourglass": _hourglass,
    "calendar": _calendar,
    "pause": _pause,
    "octagon": _octagon,
    "question": _question,
    "broken": _broken,
    "arrow": _arrow,
    "cross": _cross,
}
