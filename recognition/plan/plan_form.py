# SPDX-License-Identifier: Apache-2.0
"""The form of a plan: what somebody says of their situation, and which micro-credentials they mean.

The fields of the form are all that there is of a plan: they travel inside it, are kept on the device, and are
what is stored for those who save. A field that is empty, or that the policy does not ask for, is a missing
fact. Pure rules; nothing here looks anything up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from recognition.errors import FactsError, Fault
from recognition.judging.facts import Facts
from recognition.plan.questions import OTHER, ROLE, Form, Question, deeds, purposes, questions
from recognition.rule.policy import Period, Policy

WANTED: Final = 40  # micro-credentials in one plan; Massachusetts asks for 30 if nothing else counts
LINKS: Final = 20  # awards by link in one plan; each is fetched and checked
LINK_CHARS: Final = 2_048
WANT: Final = "want-"  # how the fields of micro-credentials that are ticked begin
LINES: Final = 20  # of a question that is answered in one's own words
LINE_CHARS: Final = 100
YEARS: Final = (1990, 2100)  # of any date in a plan

_CODE: Final = re.compile(r"[A-Z][A-Z0-9]{0,15}")
_AMOUNT: Final = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,3})?")
_KNOWN: Final = re.compile(
    r"(?:fact|none|earned|done|want|back)-[A-Za-z0-9_-]{1,120}|purpose|desk|cycle-(?:from|until)|links|by"
)
FIELD_CHARS: Final = LINKS * (LINK_CHARS + 2)  # of one field; the links have the most


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What was filled in.

    Attributes:
        facts: As they are; without attestations, which nobody can give for themselves.
        wanted: Codes of micro-credentials that the person might earn.
        links: Awards that the person holds.
        by: When the person would have what is wanted; None: as if it were today.
        done: Events that the person says have happened.
        fields: The form as it was sent, without what does not belong to it.
    """

    facts: Facts
    wanted: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    by: date | None = None
    done: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)


def belonging(fields: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``fields`` that belong to a plan and are filled in; what ``add`` names is ticked."""
    found = {
        name: value.strip()[:FIELD_CHARS]
        for name, value in fields.items()
        if _KNOWN.fullmatch(name) and value.strip()
    }
    added = fields.get("add", "")
    return {**found, f"{WANT}{added}": "yes"} if _CODE.fullmatch(added) else found


def fitting(policy: Policy, fields: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``fields`` that belong to a plan; work that ``policy`` does not list is "other".

    What somebody's work is may have been said elsewhere, in words that this rule does not tell apart.
    """
    found, name = belonging(fields), f"fact-{ROLE}"
    for question in questions(policy):
        if question.fact == ROLE and found.get(name, OTHER) not in {each.value for each in question.options}:
            found[name] = OTHER
    return found


def kept(policy: Policy, fields: Mapping[str, str], *, today: date) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return a form that was stored as ``policy`` can read it today, and the names of fields left out.

    A rule may have changed since: what it cannot read any more is open again, and no fault of the person.
    """
    found = fitting(policy, fields)
    left: list[str] = []
    while True:
        try:
            read(policy, found, today=today)
        except FactsError as error:
            wrong = {each.place for each in error.faults}
            gone = [name for name in found if _is_of(name, wrong)] or list(found)
            left += gone
            found = {name: value for name, value in found.items() if name not in gone}
        else:
            return found, tuple(left)


def _is_of(name: str, places: set[str]) -> bool:
    """Tell whether a field has to do with one of the places of faults."""
    if name.startswith(WANT):
        return "wanted" in places
    if name.startswith("cycle-"):
        return any(each.startswith("cycle-") for each in places)
    fact = name.removeprefix("none-").removeprefix("fact-")
    return name in places or any(
        each.startswith("fact-") and (fact == each[5:] or fact.startswith(f"{each[5:]}-")) for each in places
    )


def read(policy: Policy, fields: Mapping[str, str], *, today: date) -> Situation:
    """Return what the form says for ``policy``.

    Args:
        policy: Whose questions they are.
        fields: The form's fields by name.
        today: In the recognizer's time zone: the date of the facts.

    Raises:
        FactsError: With a fault for each field that cannot be read.
    """
    sent = fitting(policy, fields)
    faults: list[Fault] = []
    by = _date(sent, "by", faults)
    asked = {each.value for each in purposes(policy)}
    purpose = sent.get("purpose", policy.purpose)
    if purpose not in asked:
        faults.append(Fault("purpose", "Choose one of the purposes."))
    facts = Facts(
        as_of=max(today, by) if by else today,
        purpose=purpose,
        values=dict(_values(policy, sent, faults)),
        cycle=_cycle(sent, faults),
        earned=_earned(policy, sent, faults),
    )
    situation = Situation(
        facts=facts,
        wanted=_wanted(sent, faults),
        links=_links(sent, faults),
        by=by,
        done=frozenset(each.event for each in deeds(policy) if sent.get(f"done-{each.event}") == "yes"),
        fields=sent,
    )
    if faults:
        raise FactsError("Something in the form needs another look.", faults=tuple(faults))
    return situation


def labels(policy: Policy) -> dict[str, str]:
    """Return what each field is called, for the list of faults."""
    return {
        "purpose": "What for",
        "cycle-from": "First day of the cycle",
        "cycle-until": "Last day of the cycle",
        "links": "Awards that you hold",
        "by": "When you would have them",
        **{f"fact-{each.fact}": each.label for each in questions(policy)},
        **{f"earned-{each}": "Earned elsewhere" for each in policy.buckets},
    }


def _values(
    policy: Policy, sent: Mapping[str, str], faults: list[Fault]
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the facts that were given; what was left open is not among them."""
    found = []
    for question in questions(policy):
        given = _given(question, sent, faults)
        if given is not None:
            found.append((question.fact, given))
    return found


def _given(question: Question, sent: Mapping[str, str], faults: list[Fault]) -> tuple[str, ...] | None:
    name = f"fact-{question.fact}"
    has_none = sent.get(f"none-{question.fact}") == "yes"
    if question.form is Form.CHOICE:
        value = sent.get(name, "")
        if not value:
            return None
        if value not in {each.value for each in question.options}:
            faults.append(Fault(name, "Choose one of the answers."))
        return (value,)
    if question.form is Form.MANY:
        ticked = tuple(each.value for each in question.options if sent.get(f"{name}-{each.value}") == "yes")
    else:
        ticked = tuple(
            dict.fromkeys(line.strip() for line in sent.get(name, "").splitlines() if line.strip())
        )
        if len(ticked) > LINES or any(len(line) > LINE_CHARS for line in ticked):
            faults.append(Fault(name, f"Up to {LINES} lines of {LINE_CHARS} characters fit."))
    if ticked and has_none:
        faults.append(Fault(name, "You say that there is none, and name some. Take one of the two away."))
    return ticked or (() if has_none else None)


def _cycle(sent: Mapping[str, str], faults: list[Fault]) -> Period | None:
    first, last = _date(sent, "cycle-from", faults), _date(sent, "cycle-until", faults)
    if first is None or last is None:
        if (first is None) != (last is None) and not any(each.place.startswith("cycle-") for each in faults):
            missing = "cycle-from" if first is None else "cycle-until"
            faults.append(Fault(missing, "A cycle has a first and a last day. Fill in both, or none."))
        return None
    if last < first:
        faults.append(Fault("cycle-until", "The cycle ends before it begins."))
        return None
    return Period(first, last)


def _earned(policy: Policy, sent: Mapping[str, str], faults: list[Fault]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for bucket in policy.buckets:
        name = f"earned-{bucket}"
        typed = sent.get(name, "")
        if not typed:
            continue
        if not _AMOUNT.fullmatch(typed):
            faults.append(Fault(name, f"Write a number such as 15 or 7.5 ({policy.unit.name})."))
            continue
        found[bucket] = Decimal(typed.replace(",", "."))
    return found


def _wanted(sent: Mapping[str, str], faults: list[Fault]) -> tuple[str, ...]:
    codes = [
        name.removeprefix(WANT) for name, value in sent.items() if name.startswith(WANT) and value == "yes"
    ]
    found = tuple(sorted(each for each in codes if _CODE.fullmatch(each)))
    if len(found) > WANTED:
        faults.append(Fault("wanted", f"Up to {WANTED} micro-credentials fit into one plan."))
    return found


def _links(sent: Mapping[str, str], faults: list[Fault]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(sent.get("links", "").split()))
    if any(not each.startswith(("https://", "http://")) or len(each) > LINK_CHARS for each in found):
        faults.append(Fault("links", "One link in each line; a link begins with https://."))
    elif len(found) > LINKS:
        faults.append(Fault("links", f"Up to {LINKS} links fit into one plan."))
    return found


def _date(sent: Mapping[str, str], name: str, faults: list[Fault]) -> date | None:
    typed = sent.get(name, "")
    if not typed:
        return None
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        found = None
    if found is None or not YEARS[0] <= found.year <= YEARS[1]:
        faults.append(Fault(name, "Write the day as 2026-06-30."))
        return None
    return found
