# SPDX-License-Identifier: Apache-2.0
"""Ratios within a round, and what is told of several rounds: the median, the smallest and the largest."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure of several rounds."""

    median: float
    least: float
    most: float
    rounds: int

    def words(self, digits: int = 3) -> str:
        """Return it as a table shows it: the median, and in brackets from where to where it went."""
        if self.rounds == 1:
            return number(self.median, digits)
        return f"{number(self.median, digits)} ({number(self.least, digits)}–{number(self.most, digits)})"


def spread(values: Sequence[float]) -> Spread | None:
    """Return what is told of ``values``; None where there are none."""
    if not values:
        return None
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratios(ours: Sequence[float | None], theirs: Sequence[float | None]) -> list[float]:
    """Return how many times longer theirs took, round by round; rounds that one of them lacks say nothing."""
    return [
        their / our
        for our, their in zip(ours, theirs, strict=True)
        if our is not None and their is not None and our > 0
    ]


def number(value: float, digits: int = 3) -> str:
    """Return ``value`` with about ``digits`` significant digits, and thousands apart."""
    if value == 0:
        return "0"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    text = f"{value:.{digits}g}"
    return f"{float(text):f}".rstrip("0").rstrip(".") if "e" in text else text
