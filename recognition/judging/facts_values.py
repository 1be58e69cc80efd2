# SPDX-License-Identifier: Apache-2.0
"""Values of a file of facts, read strictly: each fault with its place, and everything with a limit.

What has a fault becomes a harmless value, so that all faults are told at once; whoever reads looks at
``Values.faults`` before anything is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from recognition.errors import FAULTS_TOLD, Fault
from recognition.rule import policy_keys as keys
from recognition.rule import policy_walk
from recognition.rule.policy import Period
from verifier.explain import is_hidden

ROWS: Final = 2_000  # attestations, and lines of a ledger
VALUES: Final = 50  # values of one fact
TEXT_CHARS: Final = 300  # of a value, a name, a code
NUMBER_CHARS: Final = 40

T = TypeVar("T")


@dataclass(slots=True)
class Values:
    """Reads values and gathers faults."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: str, sentence: str) -> None:
        """Note a fault."""
        if len(self.faults) < FAULTS_TOLD:
            self.faults.append(Fault(place, sentence))

    def table(self, value: object, place: str) -> dict[str, Any]:
        """Read a table with names of texts."""
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return dict(value)
        self.fault(place, "must be a table")
        return {}

    def only(self, table: Mapping[str, Any], known: Collection[str], place: str) -> None:
        """Refuse keys that are not known."""
        for key in table:
            if key not in known:
                self.fault(below(place, key), "unknown key")

    def text(self, value: object, place: str, *, most: int = TEXT_CHARS) -> str:
        """Read a text of one line."""
        if not isinstance(value, str) or not value.strip():
            self.fault(place, "must be text")
        elif len(value) > most:
            self.fault(place, f"has at most {most:,} characters; these are {len(value):,}")
        elif any(is_hidden(char) for char in value):
            self.fault(place, "holds characters that cannot be seen")
        else:
            return value.strip()
        return ""

    def one_of(self, value: object, place: str, known: Collection[str]) -> str:
        """Read one of the texts that are known."""
        if isinstance(value, str) and value in known:
            return value
        self.fault(place, f"must be one of: {', '.join(sorted(known))}")
        return ""

    def values(self, value: object, place: str) -> tuple[str, ...]:
        """Read the values of a fact: one text, or an array of texts."""
        if isinstance(value, str):
            return (self.text(value, place),)
        if not isinstance(value, list):
            self.fault(place, "must be text or an array of texts")
            return ()
        if len(value) > VALUES:
            self.fault(place, f"has at most {VALUES} values; these are {len(value):,}")
            return ()
        return tuple(dict.fromkeys(self.text(each, f"{place}[{n}]") for n, each in enumerate(value)))

    def texts_by_name(self, value: object, place: str) -> dict[str, str]:
        """Read a table of texts."""
        table = self.table(value, place)
        if len(table) > VALUES:
            self.fault(place, f"has at most {VALUES} rows; these are {len(table):,}")
            return {}
        return {key[:TEXT_CHARS]: self.text(each, below(place, key)) for key, each in table.items()}

    def day(self, value: object, place: str) -> date:
        """Read a date: of TOML, or a text like 2026-05-04."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                if len(value) == len("2026-05-04"):
                    return date.fromisoformat(value)
            except ValueError:
                pass
        self.fault(place, "must be a date, like 2026-05-04")
        return date.min

    def amount(self, value: object, place: str) -> Decimal:
        """Read a decimal of 0 or more: a number, or digits as text."""
        found: object = value
        if isinstance(value, str) and len(value) <= NUMBER_CHARS and value.isascii():
            try:
                found = Decimal(value)
            except InvalidOperation:
                found = None
        elif isinstance(value, int) and not isinstance(value, bool):
            found = Decimal(value) if abs(value) <= int(keys.AMOUNT_MOST) else Decimal(keys.AMOUNT_MOST + 1)
        if not isinstance(found, Decimal) or not found.is_finite() or found < 0:
            self.fault(place, "must be a decimal of 0 or more")
        elif found > keys.AMOUNT_MOST:
            self.fault(place, f"must be at most {keys.AMOUNT_MOST:,}")
        elif int(found.as_tuple().exponent) < -keys.AMOUNT_PLACES:
            self.fault(place, f"has at most {keys.AMOUNT_PLACES} digits after the point")
        else:
            return found
        return Decimal(0)

    def amounts(self, value: object, place: str) -> dict[str, Decimal]:
        """Read a table of decimals."""
        table = self.table(value, place)
        if len(table) > VALUES:
            self.fault(place, f"has at most {VALUES} rows; these are {len(table):,}")
            return {}
        return {self.text(key, place): self.amount(each, below(place, key)) for key, each in table.items()}

    def cycle(self, value: object, place: str) -> Period:
        """Read the first and the last day of a cycle."""
        table = self.table(value, place)
        self.only(table, {"from", "until"}, place)
        if "from" not in table:
            self.fault(below(place, "from"), "missing")
            return Period(date.min)
        first = self.day(table["from"], below(place, "from"))
        last = self.day(table["until"], below(place, "until")) if table.get("until") is not None else None
        if last is not None and last < first:
            self.fault(place, "ends before it begins")
        return Period(first, last)

    def rows(self, value: object, place: str, row: Callable[[dict[str, Any], str], T]) -> tuple[T, ...]:
        """Read an array of tables, each by ``row``."""
        if not isinstance(value, list):
            self.fault(place, "must be an array of tables")
            return ()
        if len(value) > ROWS:
            self.fault(place, f"has at most {ROWS:,} rows; these are {len(value):,}")
            return ()
        found = ((self.table(each, f"{place}[{n}]"), f"{place}[{n}]") for n, each in enumerate(value))
        return tuple(row(table, where) for table, where in found)

    def required(self, table: Mapping[str, Any], names: Collection[str], place: str) -> None:
        """Refuse a row without these keys."""
        for name in names:
            if name not in table:
                self.fault(below(place, name), "missing")

    def maybe(self, table: Mapping[str, Any], name: str, place: str, *, most: int = TEXT_CHARS) -> str:
        """Read a text that may be left out, "" then."""
        value = table.get(name, "")
        return self.text(value, below(place, name), most=most) if value != "" else ""


def below(place: str, key: str) -> str:
    """Return the place of a key in a table."""
    shown = policy_walk.shown(key)
    return f"{place}.{shown}" if place else shown
