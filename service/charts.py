# SPDX-License-Identifier: Apache-2.0
"""Charts as inline SVG, drawn here and without a script: bars, a line with its counts, ranges.

Each chart is drawn twice, for a wide and for a narrow page, so that its words stay readable on a phone; the
style sheet shows one of them. Colours and patterns are classes of the style sheet (``hallmark.css``), so that
dark mode and paper work and no ``style`` is needed. Every axis begins at zero. What a mark means stands
beside it. The same figures belong below the chart as a table: ``Figure.head`` and ``Figure.rows``.

A value of None is not drawn: there is none, or it is one that is not told. What is said instead is the
caller's matter (``Mark.words``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from markupsafe import Markup, escape

SERIES_MAX: Final = 5  # patterns that can be told apart
_GLYPH: Final = 6.4  # units; mean width of a character in labels of 12 units
_STEPS: Final = (1, 2, 5, 10)
_LINES: Final = 5  # lines across, at most, above the axis


@dataclass(frozen=True, slots=True)
class Mark:
    """One place on the horizontal axis.

    Attributes:
        label: The word below the axis.
        values: What is drawn there, one number for each series; None is not drawn.
        words: What the mark says as text, such as a count.
    """

    label: str
    values: tuple[float | None, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A dotted line across: something to compare with, and what it is."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with all that stands around it.

    Attributes:
        name: Unique on the page, and the name of its table as CSV.
        title: What it is about.
        sentence: What it shows, in one sentence.
        note: Where a comparison comes from, and what is left out.
        drawing: The SVG, for wide and narrow pages.
        head: The headings of the same figures as a table.
        rows: Its cells.
    """

    name: str
    title: str
    sentence: str
    note: str
    drawing: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where things are: a drawing of ``width`` by ``height`` units, and the part of it between the axes."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    most: float

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.most

    def slot(self, count: int) -> float:
        return (self.right - self.left) / max(count, 1)

    def x(self, at: int, count: int) -> float:
        return self.left + self.slot(count) * (at + 0.5)


def bars(name: str, title: str, sentence: str, series: Sequence[str], marks: Sequence[Mark]) -> Markup:
    """Draw a column for each mark, made of the values of all series one above the other.

    Args:
        name: Unique on the page.
        title: The drawing's title.
        sentence: Its description.
        series: The names of the series, at most SERIES_MAX, in the order from the axis upwards.
        marks: The columns; ``words`` stands on top of each.
    """
    if len(series) > SERIES_MAX:
        raise ValueError("more series than patterns")
    totals = [sum(value or 0 for value in mark.values) for mark in marks]

    def draw(plane: _Plane, prefix: str, narrow: bool) -> str:
        width = min(plane.slot(len(marks)) * 0.68, 44)
        parts = []
        for at, mark in enumerate(marks):
            x = plane.x(at, len(marks))
            sums = [0.0, *accumulate(value or 0 for value in mark.values)]
            for index, value in enumerate(mark.values):
                if value:
                    top, bottom = plane.y(sums[index + 1]), plane.y(sums[index])
                    parts.append(_bar((x - width / 2, top, width, bottom - top), index, prefix))
            if mark.words:
                parts.append(_text(x, plane.y(sums[-1]) - 6, mark.words, "value"))
        if len(series) > 1:
            parts.append(_keys(plane, series, marks, prefix, narrow=narrow))
        return "".join(parts)

    beside = max((len(each) for each in series), default=0) * _GLYPH + 28 if len(series) > 1 else 0.0
    below = 20.0 * len(series) + 16 if len(series) > 1 else 0.0
    most = _round_up(max(totals, default=0))
    return _drawn(
        name, title, sentence, marks, draw, most=most, beside=beside, below=below, series=len(series)
    )


def line(
    name: str, title: str, sentence: str, marks: Sequence[Mark], *, reference: Reference | None = None
) -> Markup:
    """Draw one share per mark, from 0 to 100 percent, joined by a line; ``words`` stands below each point.

    Args:
        name: Unique on the page.
        title: The drawing's title.
        sentence: Its description.
        marks: The first value of each is a number from 0 to 1.
        reference: A share to compare with.
    """

    def draw(plane: _Plane, _prefix: str, _narrow: bool) -> str:
        places = [
            (plane.x(at, len(marks)), plane.y(mark.values[0] * 100), mark)
            for at, mark in enumerate(marks)
            if mark.values[0] is not None
        ]
        gaps = [at for at, mark in enumerate(marks) if mark.values[0] is None]
        path = _path(marks, plane)
        parts = [_reference(plane, reference, "%")] if reference else []
        parts.append(f'<path class="trend" d="{path}"/>' if path else "")
        for x, y, mark in places:
            share = mark.values[0] or 0
            above = y - 10 if y > plane.top + 14 else y + 20
            parts.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
            parts.append(_text(x, above, f"{share:.0%}".rstrip("%"), "value"))
        parts.extend(_text(plane.x(at, len(marks)), plane.bottom - 6, "–", "quiet") for at in gaps)
        return "".join(parts)

    return _drawn(name, title, sentence, marks, draw, most=100, unit="%", counts=True)


def ranges(
    name: str,
    title: str,
    sentence: str,
    marks: Sequence[Mark],
    *,
    unit: str,
    reference: Reference | None = None,
) -> Markup:
    """Draw a bar from the first to the second value of each mark, with a heavy line at the first.

    Args:
        name: Unique on the page.
        title: The drawing's title.
        sentence: Its description.
        marks: Two values each, the lower first; ``words`` stands below.
        unit: What the values count: ``days``.
        reference: A value to compare with.
    """
    highest = max((value or 0 for mark in marks for value in mark.values), default=0)
    most = _round_up(max(highest, reference.value * 1.15 if reference else 0))

    def draw(plane: _Plane, prefix: str, narrow: bool) -> str:
        width = min(plane.slot(len(marks)) * 0.56, 36)
        parts = [_reference(plane, reference, "")] if reference else []
        for at, mark in enumerate(marks):
            low, high = mark.values
            x = plane.x(at, len(marks))
            if low is None or high is None:
                parts.append(_text(x, plane.bottom - 6, "–", "quiet"))
                continue
            top, bottom = plane.y(high), plane.y(low)
            parts.append(_bar((x - width / 2, top, width, max(bottom - top, 1)), 1, prefix))
            parts.append(
                f'<path class="median" d="M{x - width / 2:.1f} {bottom:.1f}h{width:.1f}"/>'
                + _text(x, top - 6, _number(round(high) if narrow else high), "value")
                + _text(
                    x,
                    bottom + 14 if bottom < plane.bottom - 16 else bottom - 5,
                    _number(round(low) if narrow else low),
                    "value",
                )
            )
        return "".join(parts)

    return _drawn(name, title, sentence, marks, draw, most=most, unit=unit, counts=True, series=2)


def _drawn(
    name: str,
    title: str,
    sentence: str,
    marks: Sequence[Mark],
    draw: Callable[[_Plane, str, bool], str],
    *,
    most: float,
    unit: str = "",
    counts: bool = False,
    beside: float = 0,
    below: float = 0,
    series: int = 1,
) -> Markup:
    """Return both drawings: axes, then what ``draw`` puts between them."""
    foot = 42.0 if counts else 26.0
    wide = _Plane(720, 260 + foot, 44, 708 - beside, 26, 260, most)
    narrow = _Plane(320, 220 + foot + below, 34, 316, 26, 220, most)
    both = []
    for plane, form in ((wide, "wide"), (narrow, "narrow")):
        prefix = f"{name}-{form}"
        both.append(
            f'<svg class="chart {form}" viewBox="0 0 {plane.width:.0f} {plane.height:.0f}" role="img" '
            f'aria-labelledby="{prefix}-title {prefix}-desc" preserveAspectRatio="xMinYMin meet">'
            f'<title id="{prefix}-title">{escape(title)}</title>'
            f'<desc id="{prefix}-desc">{escape(sentence)}</desc>'
            + _patterns(prefix, series)
            + _axes(plane, marks, unit, counts=counts)
            + draw(plane, prefix, form == "narrow")
            + "</svg>"
        )
    return Markup("".join(both))  # noqa: S704  every text in it went through escape


def _axes(plane: _Plane, marks: Sequence[Mark], unit: str, *, counts: bool) -> str:
    parts = []
    step = _step(plane.most)
    for value in (step * at for at in range(round(plane.most / step) + 1)):
        y = plane.y(value)
        kind = "axis" if value == 0 else "grid"
        parts.append(f'<path class="{kind}" d="M{plane.left:.1f} {y:.1f}H{plane.right:.1f}"/>')
        parts.append(_text(plane.left - 6, y + 4, _number(value), "quiet end"))
    if unit:
        parts.append(
            _text(
                plane.left - 6 if unit == "%" else 2,
                11,
                unit,
                "quiet" + (" end" if unit == "%" else " start"),
            )
        )
    every = _every(plane, marks)
    for at, mark in enumerate(marks):
        x = plane.x(at, len(marks))
        if (len(marks) - 1 - at) % every == 0:
            room = plane.width - len(mark.label) * _GLYPH / 2  # the last one must not be cut
            parts.append(_text(min(x, room), plane.bottom + 17, mark.label, "label"))
        if counts and mark.words:
            parts.append(_text(x, plane.bottom + 33, mark.words, "quiet"))
    return "".join(parts)


def _every(plane: _Plane, marks: Sequence[Mark]) -> int:
    """Return how many labels share one place, so that none stands on another; the last is always written."""
    widest = max((len(mark.label) for mark in marks), default=1) * _GLYPH + 8
    return max(1, math.ceil(widest / plane.slot(len(marks))))


def _path(marks: Sequence[Mark], plane: _Plane) -> str:
    """Return the line through all points; where one is missing, it is interrupted."""
    path, pen = [], "M"
    for at, mark in enumerate(marks):
        value = mark.values[0]
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{plane.x(at, len(marks)):.1f} {plane.y(value * 100):.1f}")
        pen = "L"
    return "".join(path)


def _reference(plane: _Plane, reference: Reference, unit: str) -> str:
    """Return the dotted line, and above the plane what it is, where no mark can stand on the words."""
    y = plane.y(reference.value)
    words = f"{reference.words} {_number(reference.value)}{unit}".strip()
    sample = plane.right - len(words) * _GLYPH - 34
    return (
        f'<path class="reference" d="M{plane.left:.1f} {y:.1f}H{plane.right:.1f}"/>'
        f'<path class="reference" d="M{sample:.1f} 8H{sample + 24:.1f}"/>'
        + _text(plane.right, 12, words, "quiet end")
    )


def _keys(plane: _Plane, series: Sequence[str], marks: Sequence[Mark], prefix: str, *, narrow: bool) -> str:
    """Return the names of the series: beside the last column in its order, or below if there is no room."""
    parts = []
    last = [value or 0 for value in marks[-1].values] if marks else [0.0 for _ in series]
    heights = [0.0, *accumulate(last)]
    lowest = plane.bottom
    for index, each in enumerate(series):
        if narrow:
            x, y = plane.left, plane.bottom + 44 + 20 * (len(series) - 1 - index)
        else:
            middle = plane.y((heights[index] + heights[index + 1]) / 2)
            x, y = plane.right + 8, min(middle, lowest - (18 if index else 0))
            lowest = y
        parts.append(_bar((x, y - 6, 12, 12), index, prefix))
        parts.append(_text(x + 18, y + 4, each, "label start"))
    return "".join(parts)


def _bar(place: tuple[float, float, float, float], index: int, prefix: str) -> str:
    x, y, width, height = place
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    pattern = f'<rect {box} fill="url(#{prefix}-p{index})"/>' if index else ""
    return f'<rect class="s{index}" {box}/>{pattern}'


def _patterns(prefix: str, series: int) -> str:
    """Return the patterns over the colours: strokes, dots, lines, a grid; the first series has none."""
    drawn = (
        "",
        '<path d="M0 8L8 0M-2 2L2 -2M6 10L10 6"/>',
        '<path d="M2 2h1.5v1.5h-1.5zM6 6h1.5v1.5h-1.5z"/>',
        '<path d="M0 2H8M0 6H8"/>',
        '<path d="M0 0L8 8M8 0L0 8"/>',
    )
    patterns = (
        f'<pattern id="{prefix}-p{index}" class="over" width="8" height="8" patternUnits="userSpaceOnUse">'
        f"{drawn[index]}</pattern>"
        for index in range(1, series)
    )
    return f"<defs>{''.join(patterns)}</defs>" if series > 1 else ""


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _round_up(value: float) -> float:
    """Return the end of an axis: a whole number of steps that is not less than ``value``."""
    step = _step(value)
    return max(math.ceil(value / step - 1e-9), 1) * step


def _step(value: float) -> float:
    """Return the distance of the lines across: a round number, at least 1."""
    if value <= _LINES:
        return 1
    unit = 10.0 ** math.floor(math.log10(value / _LINES))
    return next(unit * each for each in _STEPS if unit * each * _LINES >= value * (1 - 1e-9))
