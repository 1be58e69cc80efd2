# SPDX-License-Identifier: Apache-2.0
"""Read the facts of a person, as TOML or JSON: values out, or every fault with its place.

As strict as policies: an unknown key, fact or event is an error with its place, amounts are decimals (a JSON
number is read as one, never as a float), and everything has a limit. The keys are those of the domain rules,
section 2: ``purpose``, ``as_of``, the facts, ``identifiers``, ``cycle {from, until}``, ``earned``, ``unit``,
rows of ``attestation`` and of ``used``. What is not given is missing, which is not "no"; an empty array says
that there are none. In TOML days are dates, in JSON texts like "2026-05-04".

``members`` is the way back: what API and terminal show of facts, and what reads to the same facts again.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from recognition import policy_keys as keys
from recognition import policy_text, policy_walk
from recognition.errors import FAULTS_TOLD, FactsError, Fault
from recognition.facts import EVENTS, FACTS, Attestation, Facts, Used
from recognition.policy import AWARDED_STAGE, Period
from recognition.units import plain
from verifier.explain import is_hidden

ROWS: Final = 2_000  # attestations, and lines of a ledger
VALUES: Final = 50  # values of one fact
TEXT_CHARS: Final = 300  # of a value, a name, a code
LINK_CHARS: Final = 2_048
NUMBER_CHARS: Final = 40
_ATTESTATION: Final = frozenset({"event", "on", "item", "award", "by", "hours"})
_USED: Final = frozenset(
    {
        "award",
        "purpose",
        "stage",
        "item",
        "cycle",
        "bucket",
        "units",
        "unit",
        "on",
        "value",
        "decision",
        "group",
    }
)

T = TypeVar("T")


def read(raw: bytes, *, media: str, today: date, identifiers: Collection[str] = ()) -> Facts:
    """Read a file of facts.

    Args:
        raw: Its bytes.
        media: ``toml`` or ``json``.
        today: The claim date where ``as_of`` is not given, in the recognizer's time zone.
        identifiers: Names of numbers that the policy asks for; they may stand at the top, too.

    Raises:
        FactsError: It is not as agreed; ``faults`` names every place, at most ``FAULTS_TOLD``.
    """
    text, fault = policy_text.decode(raw, what="A file of facts")
    if fault is not None:
        raise _error([fault])
    members = _toml(text) if media == "toml" else _json(text)
    return from_members(members, today=today, identifiers=identifiers)


def from_members(members: object, *, today: date, identifiers: Collection[str] = ()) -> Facts:
    """Return the facts that ``members`` state: an object of a request, or what ``read`` has read.

    Raises:
        FactsError: As ``read``.
    """
    reader = _Reader()
    table = reader.table(members, "")
    known = {"purpose", "as_of", "identifiers", "cycle", "earned", "unit", "attestation", "used", *FACTS}
    at_top = {name for name in identifiers if name not in known}
    reader.only(table, known | at_top, "")
    numbers = {
        **reader.texts_by_name(table.get("identifiers", {}), "identifiers"),
        **{name: reader.text(table[name], name) for name in sorted(at_top) if name in table},
    }
    purpose = reader.one_of(table["purpose"], "purpose", keys.PURPOSES) if "purpose" in table else None
    facts = Facts(
        as_of=reader.day(table["as_of"], "as_of") if "as_of" in table else today,
        purpose=purpose,
        values={name: reader.values(table[name], name) for name in FACTS if name in table},
        identifiers=numbers,
        cycle=reader.cycle(table["cycle"], "cycle") if "cycle" in table else None,
        earned=reader.amounts(table.get("earned", {}), "earned"),
        attestations=reader.rows(table.get("attestation", []), "attestation", reader.attestation),
        used=reader.rows(table.get("used", []), "used", reader.used),
        unit=reader.text(table["unit"], "unit") if "unit" in table else "",
    )
    if reader.faults:
        raise _error(reader.faults)
    return facts


def members(facts: Facts) -> dict[str, Any]:
    """Return ``facts`` as ``from_members`` reads them: days and amounts as texts."""
    found: dict[str, Any] = {"as_of": facts.as_of.isoformat()}
    if facts.purpose is not None:
        found["purpose"] = facts.purpose
    found |= {name: list(given) for name, given in facts.values.items()}
    if facts.identifiers:
        found["identifiers"] = dict(facts.identifiers)
    if facts.cycle is not None:
        found["cycle"] = _period(facts.cycle)
    if facts.earned:
        found["earned"] = {bucket: plain(amount) for bucket, amount in facts.earned.items()}
    if facts.unit:
        found["unit"] = facts.unit
    if facts.attestations:
        found["attestation"] = [_attestation(each) for each in facts.attestations]
    if facts.used:
        found["used"] = [_used(each) for each in facts.used]
    return found


@dataclass(slots=True)
class _Reader:
    """Reads values and gathers faults; what has a fault becomes a harmless value that is never used."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: str, sentence: str) -> None:
        if len(self.faults) < FAULTS_TOLD:
            self.faults.append(Fault(place, sentence))

    def table(self, value: object, place: str) -> dict[str, Any]:
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return dict(value)
        self.fault(place, "must be a table")
        return {}

    def only(self, table: Mapping[str, Any], known: Collection[str], place: str) -> None:
        for key in table:
            if key not in known:
                self.fault(_below(place, key), "unknown key")

    def text(self, value: object, place: str, *, most: int = TEXT_CHARS) -> str:
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
        table = self.table(value, place)
        if len(table) > VALUES:
            self.fault(place, f"has at most {VALUES} rows; these are {len(table):,}")
            return {}
        return {key[:TEXT_CHARS]: self.text(each, _below(place, key)) for key, each in table.items()}

    def day(self, value: object, place: str) -> date:
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
        table = self.table(value, place)
        if len(table) > VALUES:
            self.fault(place, f"has at most {VALUES} rows; these are {len(table):,}")
            return {}
        return {self.text(key, place): self.amount(each, _below(place, key)) for key, each in table.items()}

    def cycle(self, value: object, place: str) -> Period:
        table = self.table(value, place)
        self.only(table, {"from", "until"}, place)
        if "from" not in table:
            self.fault(_below(place, "from"), "missing")
            return Period(date.min)
        first = self.day(table["from"], _below(place, "from"))
        last = self.day(table["until"], _below(place, "until")) if table.get("until") is not None else None
        if last is not None and last < first:
            self.fault(place, "ends before it begins")
        return Period(first, last)

    def rows(self, value: object, place: str, row: Callable[[dict[str, Any], str], T]) -> tuple[T, ...]:
        if not isinstance(value, list):
            self.fault(place, "must be an array of tables")
            return ()
        if len(value) > ROWS:
            self.fault(place, f"has at most {ROWS:,} rows; these are {len(value):,}")
            return ()
        found = ((self.table(each, f"{place}[{n}]"), f"{place}[{n}]") for n, each in enumerate(value))
        return tuple(row(table, where) for table, where in found)

    def attestation(self, table: dict[str, Any], place: str) -> Attestation:
        self.only(table, _ATTESTATION, place)
        self.required(table, ("event", "on"), place)
        hours = table.get("hours")
        return Attestation(
            event=self.one_of(table.get("event", EVENTS[0]), _below(place, "event"), EVENTS),
            on=self.day(table.get("on", date.min), _below(place, "on")),
            item=self.maybe(table, "item", place),
            award=self.maybe(table, "award", place, most=LINK_CHARS),
            by=self.maybe(table, "by", place),
            hours=self.amount(hours, _below(place, "hours")) if hours is not None else None,
        )

    def used(self, table: dict[str, Any], place: str) -> Used:
        self.only(table, _USED, place)
        if not (table.get("award") or table.get("item")):
            self.fault(_below(place, "award"), "missing")
        purpose = table.get("purpose")
        group = table.get("group", 0)
        if not isinstance(group, int) or isinstance(group, bool) or not 0 <= group <= ROWS:
            self.fault(_below(place, "group"), f"must be a whole number from 0 to {ROWS:,}")
            group = 0
        return Used(
            award=self.maybe(table, "award", place, most=LINK_CHARS),
            purpose=self.one_of(purpose, _below(place, "purpose"), keys.PURPOSES) if purpose else "",
            stage=self.maybe(table, "stage", place) or AWARDED_STAGE,
            cycle=self.cycle(table["cycle"], _below(place, "cycle")) if "cycle" in table else None,
            bucket=self.maybe(table, "bucket", place),
            units=self.amount(table.get("units", 0), _below(place, "units")),
            on=self.day(table["on"], _below(place, "on")) if "on" in table else None,
            value=self.maybe(table, "value", place),
            item=self.maybe(table, "item", place),
            decision=self.maybe(table, "decision", place),
            group=group,
            unit=self.maybe(table, "unit", place),
        )

    def required(self, table: Mapping[str, Any], names: Collection[str], place: str) -> None:
        for name in names:
            if name not in table:
                self.fault(_below(place, name), "missing")

    def maybe(self, table: Mapping[str, Any], name: str, place: str, *, most: int = TEXT_CHARS) -> str:
        value = table.get(name, "")
        return self.text(value, _below(place, name), most=most) if value != "" else ""


def _toml(text: str) -> object:
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except (ValueError, RecursionError) as error:
        raise _error([Fault("", f"not TOML: {policy_walk.sentence(str(error))}")]) from error


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise _error([Fault("", f"not JSON: {policy_walk.sentence(str(error))}")]) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is named twice")
    return found


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no number")


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits) if len(digits) <= NUMBER_CHARS else Decimal("NaN")
    except InvalidOperation:
        return Decimal("NaN")


def _below(place: str, key: str) -> str:
    shown = policy_walk.shown(key)
    return f"{place}.{shown}" if place else shown


def _error(faults: list[Fault]) -> FactsError:
    told = "; ".join(str(each) for each in faults[:3])
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
    return FactsError(f"These facts are not as agreed: {told}{more}.", faults=tuple(faults))


def _period(period: Period) -> dict[str, str]:
    until = {} if period.last is None else {"until": period.last.isoformat()}
    return {"from": period.first.isoformat(), **until}


def _attestation(each: Attestation) -> dict[str, Any]:
    row: dict[str, Any] = {"event": each.event, "on": each.on.isoformat()}
    row |= {name: value for name, value in (("item", each.item), ("award", each.award)) if value}
    row |= {"by": each.by} if each.by else {}
    return row | ({"hours": plain(each.hours)} if each.hours is not None else {})


def _used(each: Used) -> dict[str, Any]:
    row: dict[str, Any] = {
        "award": each.award or each.credential_id,
        "purpose": each.purpose,
        "stage": each.stage,
        "item": each.item,
        "bucket": each.bucket,
        "units": plain(each.units) if each.units else "",
        "unit": each.unit,
        "value": each.value,
        "decision": each.decision,
        "on": each.on.isoformat() if each.on is not None else "",
    }
    found = {name: value for name, value in row.items() if value}
    if each.cycle is not None:
        found["cycle"] = _period(each.cycle)
    return found | ({"group": each.group} if each.group else {})
