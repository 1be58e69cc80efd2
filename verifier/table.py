# SPDX-License-Identifier: Apache-2.0
"""The table of many at once: a row for each thing, the same on the page, in CSV, the API and the terminal.

What stands in a credential that is not proven genuine is told as what it claims: ``confirmed`` says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from credentials.dates import format_datetime, parse_datetime
from credentials.errors import DateError
from service import spreadsheet
from service.text import count as counted
from verifier import triage
from verifier.batch import Count, Item
from verifier.outcome import Mark, Outcome
from verifier.report import is_statement
from verifier.verdict import Verdict

# Between the positions of two things brought; what is found inside one, and inside that, stands between.
STEPS: Final = (1_000_000, 1_000, 1)
HEAD: Final = (
    "row",
    "place",
    "reference",
    "verdict",
    "needs_you",
    "name",
    "recipient",
    "title",
    "issuer",
    "issuer_id",
    "confirmed",
    "awarded_on",
    "valid_until",
    "sentence",
    "link",
    "checked_at",
)
MINUTE: Final = 60  # seconds
_COMPARED: Final[Mapping[str, str]] = {
    Outcome.PASS: "matched",
    Outcome.FAIL: "not-matched",
    Outcome.INDETERMINATE: "could-not-say",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row with its answer, which is empty before it is checked."""

    item: Item
    answer: Mapping[str, Any]

    def said(self, *path: str) -> Any:
        """Return what the answer has at ``path``, or None."""
        value: Any = self.answer
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    @property
    def number(self) -> str:
        """Its number: "7" for the seventh thing brought, "7.2" for the second in it."""
        return number_of(self.item.position)

    @property
    def word(self) -> str:
        """The result for people."""
        if self.is_replaced:
            return "Replaced"
        return triage.WORDS[self.item.verdict] if self.item.verdict is not None else "Waiting"

    @property
    def is_replaced(self) -> bool:
        """Whether it is in force, and a newer issue of the same award took its place."""
        return self.item.verdict == Verdict.VALID and bool(self.said("superseded_by"))

    @property
    def is_confirmed(self) -> bool:
        """Whether what it says is shown to be its issuer's word."""
        return self.said("authentic") is True

    @property
    def is_recognised(self) -> bool | None:
        """Whether the reader recognises the issuer of this award; None for what is none, or was replaced."""
        if self.is_replaced or is_statement(self.said("credential", "type") or ()):
            return None
        recognised = self.said("recognised_issuer")
        return recognised if isinstance(recognised, bool) else None

    @property
    def is_examined(self) -> bool:
        """Whether there was a credential to examine."""
        return bool(self.said("credential"))

    @property
    def sentence(self) -> str:
        """The result in a sentence."""
        return str(self.said("sentence") or "")

    @property
    def reason(self) -> str:
        """The result in a sentence, and after a valid one whatever of the 13 rows says no."""
        rows = self.said("rows")
        if self.item.verdict != Verdict.VALID or not isinstance(rows, list):
            return self.sentence
        against = [str(row.get("sentence")) for row in rows if row.get("mark") == Mark.NO]
        return " ".join((self.sentence, *against))

    @property
    def recipient(self) -> str:
        """What came of the question whose it is: matched, not-matched, could-not-say or not-asked."""
        checks = self.said("checks")
        said = {c.get("check"): c.get("outcome") for c in checks} if isinstance(checks, list) else {}
        return _COMPARED.get(str(said.get("recipient")), "not-asked")

    @property
    def name(self) -> str:
        """Whose it says to be."""
        return str(self.said("credential", "recipient_name") or "")

    @property
    def title(self) -> str:
        """What it says to be."""
        return str(self.said("credential", "name") or "")

    @property
    def issuer(self) -> str:
        """What its issuer calls itself."""
        return str(self.said("issuer", "name") or self.said("issuer", "address") or "")

    def moment(self, *path: str) -> datetime | None:
        """Return a time of the answer."""
        said = self.said(*path)
        try:
            return parse_datetime(said) if isinstance(said, str) else None
        except DateError:
            return None

    def cells(self) -> tuple[spreadsheet.Cell, ...]:
        """Return the cells below HEAD."""
        number = self.number
        return (
            # Programs for tables take "7.10" for 7.1, or for a day in October.
            int(number) if number.isdigit() else number.replace(".", "_"),
            self.item.place,
            self.item.reference,
            self.item.verdict or "",
            "yes" if self.item.needs_you else "no",
            self.name,
            self.recipient,
            self.title,
            self.issuer,
            str(self.said("issuer", "id") or ""),
            "yes" if self.is_confirmed else "no",
            str(self.said("credential", "awarded_on") or ""),
            str(self.said("credential", "valid_until") or ""),
            self.reason,
            self.item.url or "",
            format_datetime(self.item.done_at) if self.item.done_at is not None else "",
        )

    def to_json(self, address: str) -> dict[str, Any]:
        """Return the row as the API lists it; its whole answer stands at ``address``."""
        return {
            "row": self.number,
            "place": self.item.place,
            "reference": self.item.reference,
            "verdict": self.item.verdict,
            "needs_you": self.item.needs_you,
            "sentence": self.reason or None,
            "name": self.name or None,
            "recipient": self.recipient,
            "title": self.title or None,
            "issuer": self.said("issuer") if self.is_examined else None,
            "confirmed": self.is_confirmed,
            "url": self.item.url,
            "checked_at": format_datetime(self.item.done_at) if self.item.done_at is not None else None,
            "answer": address if self.item.verdict is not None else None,
        }


def write(lines: Iterable[Line], *, mark: bool = True) -> bytes:
    """Return lines as CSV that no spreadsheet program takes for formulas."""
    return spreadsheet.write(HEAD, (line.cells() for line in lines), mark=mark)


def number_of(position: int) -> str:
    """Return the number of a position: "7", "7.2", "7.2.1"."""
    parts, rest = [], position
    for step in STEPS:
        part, rest = divmod(rest, step)
        parts.append(part)
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return ".".join(str(part) for part in parts)


def position_of(number: str) -> int | None:
    """Return the position of a number; None if it is none."""
    parts = number.split(".")
    if len(parts) > len(STEPS) or not all(p.isascii() and p.isdigit() and len(p) <= 3 for p in parts):
        return None
    position = sum(int(part) * step for part, step in zip(parts, STEPS, strict=False))
    return position if number_of(position) == number else None


def step_inside(position: int) -> int | None:
    """Return the step between things found inside the row at ``position``; None if nothing can be."""
    return next((step for above, step in pairwise(STEPS) if position % above == 0), None)


def summary(count: Count, *, seconds_left: float | None = None) -> str:
    """Return how far a batch is, in words: "312 of 500 checked, 9 need you, about 20 s left"."""
    parts = [f"{count.done} of {count.total} checked"]
    if count.needs_you:
        parts.append("1 needs you" if count.needs_you == 1 else f"{count.needs_you} need you")
    if seconds_left is not None:
        parts.append(f"about {_rough(seconds_left)} left")
    return ", ".join(parts)


def _rough(seconds: float) -> str:
    if seconds > MINUTE:
        return counted(round(seconds / MINUTE + 0.4), "minute")
    return f"{max(5, 5 * round(seconds / 5))} s"
