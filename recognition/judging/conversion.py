# SPDX-License-Identifier: Apache-2.0
"""Units into credits of the same recognizer (``convert``): once, on the cycle's sum, never award by award."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, Inexact
from typing import Final

from recognition.rule.policy import Conversion

PLACES: Final = Decimal("0.0001")  # where credits that do not end as a decimal are cut
_EXACT: Final = Context(prec=40, traps=[Inexact])
_CUT: Final = Context(prec=40, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class Converted:
    """What units become.

    Attributes:
        credits: In the policy's ``convert.to``.
        carried: Units that remain for a later sum.
        lost: Units that the rounding takes away.
    """

    credits: Decimal
    carried: Decimal
    lost: Decimal


def convert(units: Decimal, how: Conversion) -> Converted:
    """Convert the sum of a cycle.

    With ``rounding = "none"`` parts of a credit count, and nothing remains; with ``down`` whole credits
    count, and the units beyond them are carried or lost.
    """
    nothing = Decimal(0)
    if how.rounding == "none":
        return Converted(_part(units, how.per), nothing, nothing)
    credits = (units / how.per).to_integral_value(ROUND_DOWN)
    rest = units - credits * how.per
    carried = rest if how.remainder == "carry" else nothing
    return Converted(credits, carried, rest - carried)


def _part(units: Decimal, per: Decimal) -> Decimal:
    try:
        return _EXACT.divide(units, per)
    except Inexact:
        return _CUT.divide(units, per).quantize(PLACES, context=_CUT)
