# SPDX-License-Identifier: Apache-2.0
"""The answer as JSON: the object of the API and of ``hallmark recognise --json``.

Amounts are decimal strings, days and times are texts, enumerations kebab-case, and null is "not known" or
"does not apply". Facts of the person are not in it, beyond the purpose and the day that were asked for.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from recognition.judging.answer import (
    ASK_LOCAL,
    LEARNING_ONLY,
    REFUSED,
    SUPPORTING_DOCUMENT,
    UNKNOWN,
    Answer,
    Change,
    Filled,
    Group,
    Judged,
    Step,
)
from recognition.rule.policy import Policy, Source
from recognition.rule.units import plain

# Outcomes of a whole that has no units by its nature: null, and never "0".
_NO_UNITS: Final = frozenset({LEARNING_ONLY, ASK_LOCAL, SUPPORTING_DOCUMENT, UNKNOWN, f"{REFUSED}never"})


def to_json(answer: Answer) -> dict[str, Any]:
    """Return ``answer`` as the object of the API."""
    return {
        "outcome": answer.outcome,
        "sentence": answer.sentence,
        "label": answer.label or None,
        "policy": _policy(answer.policy),
        "purpose": answer.purpose,
        "as_of": answer.as_of.isoformat(),
        "granted": None if answer.outcome in _NO_UNITS else plain(answer.granted),
        "proposed": _amount(answer.proposed),
        "unit": answer.policy.unit.id,
        "surplus": plain(answer.surplus),
        "converted": _converted(answer),
        "credentials": [_judged(each) for each in answer.judged],
        "groups": [_group(each) for each in answer.groups],
        "attendance": [
            {
                "event": each.event,
                "item": each.item or None,
                "on": each.on.isoformat(),
                "units": plain(each.units),
                "bucket": each.bucket,
            }
            for each in answer.attended
        ],
        "needs": [_filled(each) for each in answer.needs],
        "total": _filled(answer.total) if answer.total is not None else None,
        "optimal": answer.optimal,
        "changes": [_change(each) for each in answer.changes],
        "asks": list(answer.asks),
        "notes": list(answer.notes),
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "version": policy.version,
        "status": str(policy.status),
        "title": policy.title,
        "recognizer": policy.recognizer,
        "jurisdiction": policy.jurisdiction,
        "sha256": policy.sha256,
        "unit": {"id": policy.unit.id, "name": policy.unit.name},
        "sources": [_source(each) for each in policy.sources],
        "unverified": list(policy.unverified),
    }


def _judged(each: Judged) -> dict[str, Any]:
    return {
        "place": each.place,
        "credential": each.credential_id or None,
        "award_key": each.key or None,
        "title": each.title or None,
        "item": each.item or None,
        "stage": each.stage,
        "awarded": each.awarded.isoformat() if each.awarded is not None else None,
        "outcome": each.outcome,
        "sentence": each.sentence,
        "rule": each.rule or None,
        "sources": [_source(source) for source in each.sources],
        "group": each.group,
        "steps": [_step(step) for step in each.steps],
        "changes": [_change(change) for change in each.changes],
    }


def _group(each: Group) -> dict[str, Any]:
    is_known = each.units is not None
    return {
        "group": each.number,
        "grant": each.grant,
        "stage": each.stage,
        "awards": list(each.awards),
        "outcome": each.outcome,
        "units": _amount(each.units),
        "buckets": {name: plain(units) if is_known else None for name, units in each.buckets.items()},
        "area": each.area or None,
        "pro_rata": each.pro_rata,
        "asks": each.asks or None,
    }


def _filled(each: Filled) -> dict[str, Any]:
    return {
        "bucket": each.bucket or None,
        "of": each.of or None,
        "need": plain(each.need),
        "earned": plain(each.earned),
        "granted": plain(each.granted),
        "missing": plain(each.missing),
        "waived": each.waived,
        "needs_fact": each.needs_fact or None,
    }


def _converted(answer: Answer) -> dict[str, Any] | None:
    convert = answer.policy.convert
    if convert is None or answer.converted is None:
        return None
    return {"credits": plain(answer.converted), "to": convert.to, "carried": _amount(answer.remainder)}


def _step(step: Step) -> dict[str, Any]:
    return {
        "step": step.number,
        "title": step.title,
        "mark": str(step.mark),
        "sentence": step.sentence,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "what": change.what,
        "sentence": change.sentence,
        "outcome": change.outcome or None,
        "units": _amount(change.units),
    }


def _source(source: Source) -> dict[str, str]:
    return {"ref": source.ref, "kind": source.kind, "says": source.says}


def _amount(value: Decimal | None) -> str | None:
    return plain(value) if value is not None else None
