# SPDX-License-Identifier: Apache-2.0
"""What will have happened when somebody does everything that a rule wants: for ``outlook`` and ``what_if``.

An attestation made here is nobody's record; it never leaves an outlook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from recognition.judging.award import Brought
from recognition.judging.facts import Attestation, Facts
from recognition.plan.imagined import is_imagined
from recognition.plan.questions import ONCE, PER_AWARD
from recognition.rule.days import day_of, school_year
from recognition.rule.policy import AWARDED_STAGE, Policy, Requirement, Window

_ONE_DAY: Final = timedelta(days=1)
_OWN_WORD: Final = "your own word"


def when_done(policy: Policy, brought: Sequence[Brought], day: date) -> Policy:
    """Return ``policy`` for somebody who does everything in time and shows what is asked for.

    The dates of a season are announced year by year; of years that are not listed yet, a plan takes it that
    they are met. Those that are listed stay.
    """
    years = {school_year(day_of(each.award.awarded, policy.timezone)) for each in brought if each.award}
    years.add(school_year(day))  # of what is planned
    known = {each.school_year for each in policy.windows}
    coming = tuple(_open_season(each) for each in sorted(years - known)) if policy.windows else ()
    return replace(policy, windows=(*policy.windows, *coming), presents=())


def own_word(policy: Policy, facts: Facts, held: Sequence[Brought], done: frozenset[str]) -> Facts:
    """Return the facts with what the person says has happened, and a number in place of an identifier.

    A plan never asks for the number itself; the claim does.
    """
    says = [each for row in policy.requires if row.event in done for each in _missing(row, facts, held)]
    says += [each for stage in _stages(policy) if stage in done for each in _submitted(stage, facts, held)]
    identifier = policy.who.identifier
    numbers = dict(facts.identifiers)
    if identifier is not None:
        numbers.setdefault(identifier.name, "0" * identifier.digits)
    return replace(facts, attestations=(*facts.attestations, *says), identifiers=numbers)


def everything(policy: Policy, facts: Facts, brought: Sequence[Brought]) -> Facts:
    """Return the facts as they are when everything has happened that the rule wants for ``brought``."""
    says = [each for row in policy.requires for each in _missing(row, facts, brought)]
    says += [each for stage in _stages(policy) for each in _submitted(stage, facts, brought)]
    says += [each for window in policy.windows for each in _first_submitted(policy, window, facts, brought)]
    return replace(facts, attestations=(*facts.attestations, *says))


def missing_times(row: Requirement, facts: Facts) -> int:
    """Return how often an event that belongs to no award is still missing."""
    wanted = 1 if row.times == ONCE else int(row.times)
    return max(0, wanted - sum(each.event == row.event for each in facts.attestations))


def is_attested(row: Requirement, facts: Facts, *, credential_id: str, code: str) -> bool:
    """Tell whether an event that belongs to one award is recorded for it."""
    known = [each for each in facts.attestations if each.event == row.event]
    return any(
        each.award == credential_id if each.award else bool(code) and each.item == code for each in known
    )


def _stages(policy: Policy) -> tuple[str, ...]:
    return tuple(each for each in policy.stages if each != AWARDED_STAGE)


def _missing(row: Requirement, facts: Facts, brought: Sequence[Brought]) -> list[Attestation]:
    """Return what is missing of a requirement, dated so that it came in time."""
    day = facts.as_of - _ONE_DAY if row.before else facts.as_of
    if row.times != PER_AWARD:
        return [
            Attestation(row.event, day - number * _ONE_DAY, by=_OWN_WORD)
            for number in range(missing_times(row, facts))
        ]
    return [
        Attestation(row.event, _in_time(row, one, day), award=award.credential_id, by=_OWN_WORD)
        for one in brought
        if (award := one.award) is not None
        and not is_attested(row, facts, credential_id=award.credential_id, code=award.code)
    ]


def _submitted(stage: str, facts: Facts, brought: Sequence[Brought]) -> list[Attestation]:
    known = {each.item for each in facts.attestations if each.event == stage}
    return [
        Attestation(stage, min(facts.as_of, award.awarded.date()), item=award.code, by=_OWN_WORD)
        for one in brought
        if (award := one.award) is not None and award.code and award.code not in known
    ]


def _first_submitted(
    policy: Policy, window: Window, facts: Facts, brought: Sequence[Brought]
) -> list[Attestation]:
    """Return that whatever was revised in a season was first submitted in it, where nobody says otherwise."""
    row = Requirement("first-submitted", PER_AWARD)
    return [
        Attestation(row.event, min(window.submit_by, day), award=award.credential_id, by=_OWN_WORD)
        for one in brought
        if (award := one.award) is not None
        and school_year(day := day_of(award.awarded, policy.timezone)) == window.school_year
        and not is_attested(row, facts, credential_id=award.credential_id, code=award.code)
    ]


def _open_season(year: str) -> Window:
    last = date(int(year[:4]) + 1, 6, 30)
    return Window(year, last, last)


def _in_time(row: Requirement, one: Brought, day: date) -> date:
    """Return a day that is in time for the award at hand, which may be years old."""
    award = one.award
    if row.before is None or award is None or is_imagined(award.key):
        return day
    return min(day, (award.activity_start or award.awarded).date() - _ONE_DAY)
