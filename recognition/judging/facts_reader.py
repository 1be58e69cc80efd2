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
from collections.abc import Collection
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from recognition.errors import FactsError, Fault
from recognition.judging.facts import EVENTS, FACTS, Attestation, Facts, Used
from recognition.judging.facts_values import NUMBER_CHARS, ROWS, Values, below
from recognition.rule import policy_keys as keys
from recognition.rule import policy_text, policy_walk
from recognition.rule.policy import AWARDED_STAGE, Period
from recognition.rule.units import plain

LINK_CHARS: Final = 2_048
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


class _Reader(Values):
    """Reads the rows of a file of facts."""

    def attestation(self, table: dict[str, Any], place: str) -> Attestation:
        self.only(table, _ATTESTATION, place)
        self.required(table, ("event", "on"), place)
        hours = table.get("hours")
        return Attestation(
            event=self.one_of(table.get("event", EVENTS[0]), below(place, "event"), EVENTS),
            on=self.day(table.get("on", date.min), below(place, "on")),
            item=self.maybe(table, "item", place),
            award=self.maybe(table, "award", place, most=LINK_CHARS),
            by=self.maybe(table, "by", place),
            hours=self.amount(hours, below(place, "hours")) if hours is not None else None,
        )

    def used(self, table: dict[str, Any], place: str) -> Used:
        self.only(table, _USED, place)
        if not (table.get("award") or table.get("item")):
            self.fault(below(place, "award"), "missing")
        purpose = table.get("purpose")
        group = table.get("group", 0)
        if not isinstance(group, int) or isinstance(group, bool) or not 0 <= group <= ROWS:
            self.fault(below(place, "group"), f"must be a whole number from 0 to {ROWS:,}")
            group = 0
        return Used(
            award=self.maybe(table, "award", place, most=LINK_CHARS),
            purpose=self.one_of(purpose, below(place, "purpose"), keys.PURPOSES) if purpose else "",
            stage=self.maybe(table, "stage", place) or AWARDED_STAGE,
            cycle=self.cycle(table["cycle"], below(place, "cycle")) if "cycle" in table else None,
            bucket=self.maybe(table, "bucket", place),
            units=self.amount(table.get("units", 0), below(place, "units")),
            on=self.day(table["on"], below(place, "on")) if "on" in table else None,
            value=self.maybe(table, "value", place),
            item=self.maybe(table, "item", place),
            decision=self.maybe(table, "decision", place),
            group=group,
            unit=self.maybe(table, "unit", place),
        )


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
