# SPDX-License-Identifier: Apache-2.0
"""What a file would do: it is looked at first, row by row, and nothing is kept before somebody confirms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar


class Judged(Protocol):
    """One row of a file and what becomes of it; the outcomes have members ``NEW`` and ``BAD``."""

    @property
    def outcome(self) -> StrEnum:
        """What became, or would become, of it."""


Line_co = TypeVar("Line_co", bound=Judged, covariant=True)


@dataclass(frozen=True, slots=True)
class Look(Generic[Line_co]):
    """What a file would do, in its order."""

    lines: tuple[Line_co, ...]

    def count(self, outcome: StrEnum) -> int:
        """Return how many rows have this outcome."""
        return sum(each.outcome is outcome for each in self.lines)

    @property
    def new(self) -> int:
        """How many rows are new."""
        return sum(each.outcome.name == "NEW" for each in self.lines)

    @property
    def bad(self) -> int:
        """How many rows do not fit, and are left out."""
        return sum(each.outcome.name == "BAD" for each in self.lines)
