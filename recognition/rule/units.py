# SPDX-License-Identifier: Apache-2.0
"""Amounts with their unit. A unit belongs to a place (``PDP-MA``, ``PDP-TN``): two of them are never added.

Nothing here converts one recognizer's unit into another's, and nothing ever will: how much an hour or a point
is worth elsewhere is not known to us, so trying is an error and not a guess. What a policy converts within
its own place is the matter of ``conversion``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from recognition.errors import UnitsMixedError
from recognition.rule.policy import Unit


@dataclass(frozen=True, slots=True)
class Amount:
    """So many of one unit.

    Attributes:
        unit: Id of the unit, such as ``PDP-MA``.
    """

    value: Decimal
    unit: str

    def __add__(self, other: Amount) -> Amount:
        """Add another amount of the same unit.

        Raises:
            UnitsMixedError: It is of another unit.
        """
        require_same(self.unit, other.unit)
        return Amount(self.value + other.value, self.unit)

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}"


def total(amounts: Iterable[Amount], unit: str) -> Amount:
    """Return the sum of ``amounts``, all of the unit ``unit``.

    Raises:
        UnitsMixedError: One of them is of another unit.
    """
    found = Amount(Decimal(0), unit)
    for amount in amounts:
        found += amount
    return found


def require_same(unit: str, other: str) -> None:
    """Refuse to go on with two units.

    Raises:
        UnitsMixedError: They are two.
    """
    if unit != other:
        raise UnitsMixedError(
            f"{other[:80]} and {unit[:80]} are units of two places; they are never added or converted.",
            got=other[:80],
            expected=unit[:80],
        )


def plain(value: Decimal) -> str:
    """Return ``value`` as digits, without exponent and without zeros that say nothing: ``100.5``, ``10``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def nouns(unit: Unit) -> str:
    """Return a unit in the plural with its place: ``professional development points (Massachusetts)``."""
    return say(Decimal(2), unit).removeprefix("2 ")


def say(value: Decimal, unit: Unit) -> str:
    """Return an amount in words with its place: ``10 professional development points (Massachusetts)``."""
    if value == 1:
        return f"1 {unit.name}"
    ends = [place for mark in (" of ", " (") if (place := unit.name.find(mark)) > 0]
    noun, rest = (unit.name[: min(ends)], unit.name[min(ends) :]) if ends else (unit.name, "")
    return f"{plain(value)} {noun}{'' if noun.endswith('s') else 's'}{rest}"
