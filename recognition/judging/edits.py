# SPDX-License-Identifier: Apache-2.0
"""What could be different: single missing attestations, facts, identifiers and related awards, to be tried.

An edit changes the facts, or adds candidates that nobody has; it never makes an award. Which edits are worth
a trial follows from the reason for which an entry does not count. ``changes`` tries them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from recognition.grouping.allocation import Candidate
from recognition.judging.answer import NEEDS_FACT, PENDING
from recognition.judging.case import Case, Entry
from recognition.judging.facts import EVENTS, FACTS, Attestation, Facts
from recognition.judging.finding import At
from recognition.judging.placing import Left
from recognition.judging.requirements import EVENT_WORDS, PER_CREDENTIAL, limit, serving, unmet
from recognition.judging.screen import Screened
from recognition.judging.season import FIRST_SUBMITTED
from recognition.rule import policy_phrases
from recognition.rule.days import add_years
from recognition.rule.policy import AWARDED_STAGE, Period, Policy, Requirement, When

ATTESTATION: Final = "attestation"
FACT: Final = "fact"
IDENTIFIER: Final = "identifier"
AWARD: Final = "award"
_BY: Final = "tried"  # who attests what nobody has attested
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference.

    Attributes:
        kind: As in ``answer.Change``.
        what: Its name, with everything that makes it one.
        words: "With the workshop for “X” recorded".
        size: How many things it is.
        more: Stages and candidates that nobody has.
    """

    kind: str
    what: str
    words: str
    size: int
    apply: Callable[[Facts], Facts]
    key: str
    more: tuple[tuple[str, Candidate], ...] = ()


def edits(case: Case, screened: Screened, left: Mapping[str, Left]) -> Iterator[Edit]:
    """Yield what could help an entry that does not count.

    Args:
        case: The policy and the person.
        screened: The entry.
        left: By stage, what the grouping left over.
    """
    outcome, entry = screened.outcome, screened.entry
    if not outcome:
        yield from _further_awards(case, entry, left.get(entry.stage) or Left())
    elif outcome.startswith(NEEDS_FACT):
        yield from missing_fact(case, entry, outcome.removeprefix(NEEDS_FACT))
    elif screened.decided is At.WHO:
        yield from _other_person(case)
    elif outcome.startswith(PENDING):
        yield from _attestations(case, entry, outcome.removeprefix(PENDING), screened.decided)


def missing_fact(case: Case, entry: Entry | None, fact: str) -> Iterator[Edit]:
    """Yield the answers that the policy knows to a fact that was not given."""
    identifier = case.policy.who.identifier
    if fact == "cycle":
        yield _cycle(case, entry)
    elif identifier is not None and fact == identifier.name:
        number = "0" * identifier.digits
        yield Edit(
            IDENTIFIER,
            fact,
            f"With a {fact} of {identifier.digits} digits",
            1,
            lambda facts: replace(facts, identifiers={**facts.identifiers, fact: number}),
            f"{IDENTIFIER}:{fact}",
        )
    elif fact in FACTS:
        if ("values", fact) not in case.rules:
            case.rules["values", fact] = fact_values(case.policy, fact)
        for value in case.rules["values", fact]:
            yield _value(fact, value)


def fact_values(policy: Policy, fact: str) -> tuple[str, ...]:
    """Return the values of ``fact`` that the policy tells apart, in its order."""
    whens: list[When | None] = [policy.who.when]
    whens += [row.when for row in policy.clocks]
    whens += [row.when for row in policy.needs]
    for row in policy.totals:
        whens += [row.when, row.waived_when]
    whens += [each.when for each in policy.who.otherwise]
    found = [value for when in whens if when for value in when.get(fact, ())]
    found += [value for cap in policy.caps if cap.per == fact for value in cap.values]
    return tuple(dict.fromkeys(found))


def _value(fact: str, value: str) -> Edit:
    return Edit(
        FACT,
        fact,
        f"If {policy_phrases.when({fact: (value,)})}",
        1,
        lambda facts: replace(facts, values={**facts.values, fact: (value,)}),
        f"{FACT}:{fact}={value}",
    )


def _cycle(case: Case, entry: Entry | None) -> Edit:
    """Return a cycle that ends with the claim, or else one that begins with the entry's day."""
    day = (entry.day if entry is not None else None) or case.facts.as_of
    years = min((clock.cycle_years for clock in case.policy.clocks), default=1)
    is_awarded = any(clock.date == "awarded" for clock in case.policy.clocks)
    last = max(day, case.facts.as_of)
    first = add_years(last, -years)
    whole = Period(first, last)
    if day < first:
        whole = Period(day, max(day, add_years(day, years) - _ONE_DAY))
    return Edit(
        FACT,
        "cycle",
        f"If your cycle includes the day of the {'award' if is_awarded else 'claim'}",
        1,
        lambda facts: replace(facts, cycle=whole),
        f"{FACT}:cycle:{whole.first}",
    )


def _other_person(case: Case) -> Iterator[Edit]:
    for fact, wanted in (case.policy.who.when or {}).items():
        given = case.facts.values.get(fact, ())
        if set(given).isdisjoint(wanted):
            for value in wanted:
                yield _value(fact, value)


def _attestations(case: Case, entry: Entry, event: str, decided: At | None) -> Iterator[Edit]:
    if decided is At.REQUIRED:
        for _, wanted, _ in unmet(case, entry):
            yield _requirement(case, entry, wanted)
    elif event == FIRST_SUBMITTED:
        days = [each.submit_by for each in case.policy.windows if entry.day and each.submit_by <= entry.day]
        if days:
            yield _attested(entry, FIRST_SUBMITTED, (max(days),))
    elif event in EVENTS:
        yield _attested(entry, event, (case.facts.as_of,))


def _requirement(case: Case, entry: Entry, wanted: Requirement) -> Edit:
    """Return the edit that meets one requirement: as many attestations as are missing."""
    there = {each.on for each in serving(case, entry, wanted)}
    bound = limit(case, entry, wanted.before)
    day = min(bound - _ONE_DAY, case.today) if bound is not None and bound > date.min else case.today
    if bound is None and entry.day is not None:
        day = min(entry.day, case.today)
    times = wanted.times if isinstance(wanted.times, int) else 1
    met = sum(wanted.before is None or (bound is not None and each < bound) for each in there)
    days: list[date] = []
    while len(days) < max(1, times - met) and day > date.min:
        if day not in there:
            days.append(day)
        day -= _ONE_DAY
    return _attested(entry, wanted.event, tuple(days), is_own=wanted.times == PER_CREDENTIAL)


def _attested(entry: Entry, event: str, days: tuple[date, ...], *, is_own: bool = True) -> Edit:
    is_award = entry.stage == AWARDED_STAGE and bool(entry.credential_id)
    item = entry.item if is_own and not is_award else ""
    award = entry.credential_id if is_own and is_award else ""

    def apply(facts: Facts) -> Facts:
        rows = (Attestation(event, day, item, award, _BY) for day in days)
        return replace(facts, attestations=(*facts.attestations, *rows))

    words = EVENT_WORDS.get(event, event)
    own = f" for {entry.name}" if is_own else ""
    times = "" if len(days) == 1 else f" {len(days)} more times"
    return Edit(
        ATTESTATION,
        event,
        f"With {words}{own} recorded{times}",
        max(1, len(days)),
        apply,
        f"{ATTESTATION}:{event}:{item}:{award}",
    )


def _further_awards(case: Case, entry: Entry, left: Left) -> Iterator[Edit]:
    """Yield the awards that would complete a group with this one: one like it, as many as are missing."""
    own = left.find(entry.key)
    for grant in case.policy.grants if own is not None else ():
        fit = own.fits.get(grant.id) if own is not None else None
        if fit is None or grant.stage != entry.stage or (grant.related_by is not None and not fit.areas):
            continue
        area, missing = left.short_of(grant, fit.areas)
        like = replace(fit, areas=frozenset({area})) if area else fit
        count = "one more micro-credential" if missing == 1 else f"{missing} more micro-credentials"
        where = f" in {area}" if area else ""
        key = f"{AWARD}:{entry.stage}:{grant.id}:{area}:{missing}:{','.join(sorted(fit.buckets))}"
        more = tuple(
            (entry.stage, Candidate(f"{key}:{n}", case.today, {grant.id: like})) for n in range(missing)
        )
        yield Edit(AWARD, area or grant.id, f"With {count}{where}", missing, lambda facts: facts, key, more)
