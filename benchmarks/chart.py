# SPDX-License-Identifier: Apache-2.0
"""A drawing of the run for the README: how many credentials a second each peer signs and checks.

One SVG file with nothing outside of it: a title and a description that tell the same in words, the number
written at each bar, colours that hold in light and dark, and no colour that alone says anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.goals import BY_HAND, LIBRARY, NODE, OURS, Rounds, column
from benchmarks.stats import spread

WIDTH = 720.0
LEFT = 250.0  # where bars begin
RIGHT = 640.0  # where the longest ends
BAR = 20.0
STEP = 28.0

STYLE = (
    "text{font:14px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2328}"
    ".head{font-weight:600}.quiet{fill:#59636e;font-size:12px}.name,.note{text-anchor:end}"
    ".ours{fill:#0b5cad}.theirs{fill:#8c959f}.axis{stroke:#59636e}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}"
    ".ours{fill:#58a6ff}.theirs{fill:#6e7681}.axis{stroke:#9198a1}}"
)

GROUPS: Sequence[tuple[str, Sequence[tuple[str, str, str]]]] = (
    (
        "Credentials signed in a second",
        (
            ("Hallmark, by template", OURS, "issue-template"),
            ("Hallmark, by template, verified", OURS, "issue-template-verified"),
            ("Hallmark, one by one", OURS, "issue"),
            (NODE, NODE, "issue"),
            (BY_HAND, BY_HAND, "issue"),
            (LIBRARY, LIBRARY, "issue"),
            ("openvc-core", "openvc-core", "issue"),
        ),
    ),
    (
        "Credentials verified in a second",
        (
            ("Hallmark, signature", OURS, "verify"),
            ("Hallmark, every check", OURS, "verify-all"),
            (NODE, NODE, "verify"),
            (BY_HAND, BY_HAND, "verify"),
            (f"{LIBRARY}, its verifier", LIBRARY, "verify-all"),
            ("openvc-core", "openvc-core", "verify"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is called, how many a second, and whether it is ours."""

    name: str
    per_second: float
    is_ours: bool


def bars(rounds: Rounds) -> list[tuple[str, list[Bar]]]:
    """Return the bars of both groups, by the median of the rounds; peers that did not run have none."""
    groups = []
    for title, rows in GROUPS:
        found = []
        for name, peer, op in rows:
            seen = spread([each for each in column(rounds, peer, op, "p50") if each])
            if seen is not None:
                found.append(Bar(name, 1000 / seen.median, peer == OURS))
        groups.append((title, found))
    return groups


def draw(groups: Sequence[tuple[str, Sequence[Bar]]], *, note: str) -> str:
    """Return the drawing; ``note`` names the run."""
    parts: list[str] = []
    top = 8.0
    for title, group in groups:
        most = max((bar.per_second for bar in group), default=1.0)
        parts.append(_text(0, top + 16, title, "head"))
        top += 28
        begin = top
        for bar in group:
            width = max(1.0, (RIGHT - LEFT) * bar.per_second / most)
            kind = "ours" if bar.is_ours else "theirs"
            parts.append(_text(LEFT - 10, top + 15, bar.name, "name"))
            parts.append(
                f'<rect class="{kind}" x="{LEFT:g}" y="{top:g}" width="{width:.1f}" height="{BAR:g}" rx="2"/>'
            )
            parts.append(_text(LEFT + width + 8, top + 15, f"{bar.per_second:,.0f}", "value"))
            top += STEP
        parts.append(f'<path class="axis" d="M{LEFT:g} {begin - 4:g}V{top - 4:g}"/>')
        top += 14
    parts.append(_text(0, top + 8, note, "quiet"))
    height = top + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-labelledby="title desc"><title id="title">How many credentials a second</title>'
        f'<desc id="desc">{escape(in_words(groups))}</desc><style>{STYLE}</style>{"".join(parts)}</svg>\n'
    )


def in_words(groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Return what the drawing shows, as sentences."""
    return " ".join(
        f"{title}: " + "; ".join(f"{bar.name} {bar.per_second:,.0f}" for bar in group) + "."
        for title, group in groups
    )


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'
