# SPDX-License-Identifier: Apache-2.0
"""What a person says for a claim, as it is kept with it: the members of a facts file, and nothing else.

Attestations and lines of the ledger are never among them: they are the recognizer's own records and are
looked up when the claim is judged. The claim date is not, either: it is the day on which it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from credentials.document import Json
from recognition.errors import RecognitionFieldError
from recognition.judging.facts import FACTS, SEVERAL, Facts
from recognition.plan.questions import purpose_words, value_words
from recognition.rule.policy import Identifier, Period, Policy
from recognition.rule.units import plain
from service import text

_DIGITS: Final = re.compile(r"[0-9]+\Z", re.ASCII)


def to_json(facts: Facts) -> dict[str, Json]:
    """Return what is kept of ``facts``: what the person said, and no record of anybody else."""
    said: dict[str, Json] = {}
    if facts.purpose is not None:
        said["purpose"] = facts.purpose
    for name in FACTS:
        if name in facts.values:
            given = facts.values[name]
            said[name] = list(given) if name in SEVERAL or len(given) != 1 else given[0]
    if facts.identifiers:
        said["identifiers"] = dict(facts.identifiers)
    if facts.cycle is not None:
        last = facts.cycle.last
        said["cycle"] = {"from": facts.cycle.first.isoformat(), "until": last.isoformat() if last else None}
    if facts.earned:
        said["earned"] = {bucket: plain(units) for bucket, units in facts.earned.items()}
    if facts.unit:
        said["unit"] = facts.unit
    return said


def read(said: Mapping[str, Json], *, as_of: date) -> Facts:
    """Return the facts that ``to_json`` wrote, as of the day of the claim."""
    kept: Any = said
    cycle = kept.get("cycle")
    values = {
        name: tuple(given) if isinstance(given := kept[name], list) else (given,)
        for name in FACTS
        if name in kept
    }
    return Facts(
        as_of=as_of,
        purpose=kept.get("purpose"),
        values=values,
        identifiers=dict(kept.get("identifiers", {})),
        cycle=None
        if cycle is None
        else Period(
            date.fromisoformat(cycle["from"]), date.fromisoformat(cycle["until"]) if cycle["until"] else None
        ),
        earned={bucket: Decimal(units) for bucket, units in kept.get("earned", {}).items()},
        unit=kept.get("unit", ""),
    )


def identifier(wanted: Identifier | None, typed: str) -> Mapping[str, str]:
    """Return a number that the policy wants a claim to carry, by its name; nothing if it wants none.

    Raises:
        RecognitionFieldError: It has another form; an empty one is left out, and asked for by the rule.
    """
    number = "".join(typed.split()).replace("-", "")
    if wanted is None or not number:
        return {}
    if not _DIGITS.match(number) or len(number) != wanted.digits:
        raise RecognitionFieldError(
            f"A {wanted.name} has {text.count(wanted.digits, 'digit')}.", path="identifier"
        )
    return {wanted.name: number}


def lines(facts: Facts, policy: Policy) -> tuple[tuple[str, str], ...]:
    """Return what will be sent, or was, as pairs of words: what it is, and what was said."""
    found = [("For", purpose_words(facts.purpose or policy.purpose))]
    for name, given in facts.values.items():
        words = ", ".join(value_words(each) for each in given) or "none"
        found.append((name.replace("_", " ").capitalize(), words))
    found += [(name, number) for name, number in facts.identifiers.items()]
    if facts.cycle is not None:
        last = text.day(facts.cycle.last) if facts.cycle.last else "no end named"
        found.append(("Cycle", f"{text.day(facts.cycle.first)} to {last}"))
    found += [
        (f"Earned elsewhere: {value_words(bucket).lower()}", f"{plain(units)} {facts.unit or policy.unit.id}")
        for bucket, units in facts.earned.items()
    ]
    return tuple(found)
