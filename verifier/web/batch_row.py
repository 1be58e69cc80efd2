# SPDX-License-Identifier: Apache-2.0
"""The whole answer about one row of a batch, as its page shows it: from what was kept at its check.

What was brought is gone by then, so the page tells an answer of that moment and says so; what stands at an
address can be checked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verifier.outcome import Mark, Row
from verifier.table import Line
from verifier.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """What the page shows.

    Attributes:
        verdict: The word, as in the reports of one.
        recognised_issuer: Whether the issuer was on the list.
        rows: The 13 rows of the district's check; empty without a credential.
        checks: Every check, as members.
        facts: What stands in the credential: label and text.
        days: Label and day.
    """

    verdict: str
    recognised_issuer: bool | None
    checked_at: datetime | None
    rows: tuple[Row, ...]
    checks: tuple[Mapping[str, Any], ...]
    facts: tuple[tuple[str, str], ...]
    days: tuple[tuple[str, datetime], ...]

    @property
    def is_verdict(self) -> bool:
        """Whether there was a credential, so that there is a verdict."""
        return self.verdict in set(Verdict) and bool(self.checks)


def told(line: Line) -> Told:
    """Return what is shown of a row."""
    credential, issuer = ("credential",), ("issuer",)
    facts = (
        ("Whose it is", line.name),
        ("What it is", line.title),
        ("Issuer", str(line.said(*issuer, "name") or "")),
        ("Issuer’s address", str(line.said(*issuer, "address") or "")),
        ("Id", str(line.said(*credential, "id") or "")),
    )
    days = (
        ("Awarded", line.moment(*credential, "awarded_on")),
        ("In force from", line.moment(*credential, "valid_from")),
        ("In force until", line.moment(*credential, "valid_until")),
    )
    return Told(
        verdict=line.item.verdict or "",
        recognised_issuer=line.said("recognised_issuer"),
        checked_at=line.item.done_at,
        rows=tuple(_row(members) for members in line.said("rows") or ()),
        checks=tuple(line.said("checks") or ()),
        facts=tuple((label, text) for label, text in facts if text),
        days=tuple((label, day) for label, day in days if day is not None),
    )


def _row(members: Mapping[str, Any]) -> Row:
    return Row(
        members["row"], members["title"], Mark(members["mark"]), members["sentence"], members["look_at"] or ""
    )
