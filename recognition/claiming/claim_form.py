# SPDX-License-Identifier: Apache-2.0
"""The forms about claims, as plain fields: what somebody says, what they bring, and what a person changes.

Facts are read like those of a plan (``plan_form``), with the number that a policy wants a claim to carry. The
fields of a changed proposal are ``group-1-units``, ``group-1-bucket``, ``group-1-leave`` and
``group-1-confirmed`` for its groups, ``attended-0-leave`` for attendance, and ``add-3``, ``add-3-units``,
``add-3-bucket`` for what the rule did not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from recognition.claiming import claim_facts
from recognition.claiming.claims import Brings
from recognition.claiming.settling import Addition, Adjustments, GroupChange
from recognition.errors import FactsError, Fault, RecognitionFieldError
from recognition.judging.facts import Facts
from recognition.plan import plan_form
from recognition.rule.days import day_of
from recognition.rule.policy import Policy

YES: Final = "yes"
_GROUP: Final = re.compile(r"group-([0-9]{1,4})-(units|bucket|leave|confirmed)\Z")
_ATTENDED: Final = re.compile(r"attended-([0-9]{1,4})-leave\Z", re.ASCII)
_ADD: Final = re.compile(r"add-([0-9]{1,4})\Z")
_AMOUNT: Final = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,4})?\Z", re.ASCII)
_ASIDE: Final = ("links", "by")  # fields of a plan that a claim has for itself, or not at all


def facts(policy: Policy, fields: Mapping[str, str], *, now: datetime) -> Facts:
    """Return what the fields say of a person, for a claim by ``policy``.

    Raises:
        FactsError: With a fault for each field that cannot be read.
    """
    plain = {name: value for name, value in fields.items() if name not in _ASIDE}
    today = day_of(now, policy.timezone)
    situation = plan_form.read(policy, plain, today=today)
    try:
        number = claim_facts.identifier(policy.who.identifier, fields.get("identifier", ""))
    except RecognitionFieldError as error:
        fault = Fault(error.path or "identifier", error.message)
        raise FactsError("Something in the form needs another look.", faults=(fault,)) from error
    return replace(situation.facts, identifiers=number)


def links(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return the links of a form: those typed in ``links``, and those ticked as ``award-…``."""
    ticked = (value for name, value in sorted(fields.items()) if name.startswith("award-"))
    return tuple(dict.fromkeys((*ticked, *fields.get("links", "").split())))


def brings(fields: Mapping[str, str], files: Iterable[tuple[str, bytes]]) -> tuple[Brings, ...]:
    """Return what a form brings: links, and files by name."""
    return (*(Brings(each) for each in links(fields)), *(Brings(name, body) for name, body in files))


def adjustments(fields: Mapping[str, str]) -> Adjustments:
    """Return what a person changes about a proposal.

    Raises:
        RecognitionFieldError: A number cannot be read.
    """
    groups: dict[int, GroupChange] = {}
    for name, value in fields.items():
        found = _GROUP.match(name)
        if found is None:
            continue
        number, what = int(found[1]), found[2]
        change = groups.get(number, GroupChange(number))
        if what == "units":
            change = replace(change, units=_amount(value, name))
        elif what == "bucket":
            change = replace(change, bucket=value.strip())
        elif what == "leave":
            change = replace(change, leave_out=value == YES)
        else:
            change = replace(change, confirmed=value == YES)
        groups[number] = change
    left = (_ATTENDED.match(name) for name, value in fields.items() if value == YES)
    return Adjustments(
        tuple(groups[each] for each in sorted(groups)),
        tuple(_additions(fields)),
        frozenset(int(each[1]) for each in left if each is not None),
    )


def _additions(fields: Mapping[str, str]) -> Iterable[Addition]:
    for name in sorted(fields):
        found = _ADD.match(name)
        if found is None or fields[name] != YES:
            continue
        units = _amount(fields.get(f"{name}-units", ""), f"{name}-units")
        if units is None:
            raise RecognitionFieldError(
                "How many are counted for it? Write the number.", path=f"{name}-units"
            )
        yield Addition(int(found[1]), units, fields.get(f"{name}-bucket", "").strip())


def _amount(typed: str, path: str) -> Decimal | None:
    plain = typed.strip().replace(",", ".")
    if not plain:
        return None
    if not _AMOUNT.match(plain):
        raise RecognitionFieldError("Write a number, like 10 or 7.5.", path=path)
    return Decimal(plain)
