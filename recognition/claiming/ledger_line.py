# SPDX-License-Identifier: Apache-2.0
"""A line of the ledger, and what is asked of the ledger's page.

One line is one award, or one attendance, counted for one purpose at one stage. Units are those of the line's
group within its decision: readers add per group, never per line (``counted``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

BUCKETS: Final = ", "  # between the buckets of a line that fills several


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line.

    Attributes:
        award_key: Of the award; what belongs to a person and an item is keyed by ``personal_key``.
        bucket: What it filled; several are joined by ``BUCKETS``, and ``shares`` says how much each.
        units: Of the whole group, in ``unit``.
        value: Of the fact by which a cap counts.
        flag: What was found about its source, and since when; ``kept_at`` if a person let it stand.
    """

    id: str
    organisation: str
    purpose: str
    stage: str
    award_key: str
    credential_id: str
    issuer_id: str = ""
    achievement_id: str = ""
    item: str = ""
    title: str
    awarded_on: date
    person: str | None
    person_key: str
    cycle_from: date | None = None
    cycle_until: date | None = None
    decision: str
    group: int
    bucket: str
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    units: Decimal
    unit: str
    value: str = ""
    used_at: datetime
    flagged_at: datetime | None = None
    flag: str = ""
    kept_at: datetime | None = None
    reversed_at: datetime | None = None
    note: str = ""

    @property
    def stands(self) -> bool:
        """Whether it counts."""
        return self.reversed_at is None

    @property
    def needs_reversal(self) -> bool:
        """Whether its source has fallen and nobody has decided about it."""
        return self.stands and self.flagged_at is not None and self.kept_at is None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines somebody wants to see; "" and None ask for all.

    Attributes:
        words: In person, title, item or link.
        claim: Id of a claim whose person's lines are asked for; ``person`` is that person's address.
        cycle: A day that lies in the cycle of the line.
        reversed: Whether those that were taken back are among them.
    """

    words: str = ""
    purpose: str = ""
    cycle: date | None = None
    reversed: bool = False
    claim: str = ""
    person: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is asked for."""
        return self == Asked(reversed=self.reversed)


def personal_key(person_key: str, key: str) -> str:
    """Return the key in a ledger of what belongs to a person and an item: SHA-256, hexadecimal."""
    return hashlib.sha256(f"{person_key}\n{key}".encode()).hexdigest()


def counted(lines: Iterable[Line]) -> Mapping[str, Decimal]:
    """Return the sums by unit, each group added once and nothing that was taken back."""
    groups = {(each.decision, each.group): each for each in lines if each.stands}
    sums: dict[str, Decimal] = {}
    for each in groups.values():
        sums[each.unit] = sums.get(each.unit, Decimal(0)) + each.units
    return sums
