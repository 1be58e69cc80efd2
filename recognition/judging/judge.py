# SPDX-License-Identifier: Apache-2.0
"""The judgement: one policy, what was brought, and a person's situation become an answer with its reasons.

The order of judgement (domain rules, section 3); the first reason wins, and all steps are listed:

1. ``never`` for the purpose asked; it needs no credential at all.
2. ``also``: a further purpose that has an answer and no units.
3. The policy is known for this purpose, and in force.
4. Whom it is for.
5. The verifier's verdict.
6. Issuer, kind, stack, item, list.
7. The cycle.
8. The ledger.
9. The season.
10. The deadline.
11. What must have happened.
12. What must be shown.
13. Grouping.
14. Upper limits.
15. Conversion.

Steps 1 to 12 look at one award (``screen``), 13 to 15 at all of them (``weighing``). The function is pure,
and what comes out never depends on the order of what goes in. Only an ``Award`` can be counted, and only a
verified credential becomes one (``award.award_of``). Which version of a policy rules is chosen before
(``shelf.version_for``); here it is checked that it does, by the day that its ``basis`` names, award by award.

::

    answer = judge(policy, brought, facts, trust=trust, now=now)
    answer.outcome                 # "granted"
    answer.judged[0].steps[4]      # what the verifier said
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from recognition.grouping.allocation import MAX_AWARDS, STATES
from recognition.judging import changes as changing
from recognition.judging.answer import Answer
from recognition.judging.answering import compose
from recognition.judging.award import Brought
from recognition.judging.case import Case, Entry, entries, open_case
from recognition.judging.changes import Found
from recognition.judging.facts import Facts, holds
from recognition.judging.screen import screen
from recognition.judging.sums import is_of_other_unit
from recognition.judging.trust import Trust
from recognition.judging.weighing import weigh
from recognition.rule.days import add_years
from recognition.rule.policy import Policy
from recognition.rule.units import require_same


def judge(
    policy: Policy,
    brought: Sequence[Brought],
    facts: Facts,
    *,
    trust: Trust,
    now: datetime,
    budget: int = STATES,
    changes: bool = True,
) -> Answer:
    """Return what ``policy`` says of what was brought, for a person with these facts.

    Args:
        policy: One version of one rule.
        brought: What the verifier has looked at, in any order; without any it answers as far as it can.
        facts: The person's situation, the recognizer's attestations and ledger.
        trust: Whom the recognizer relies on.
        now: The moment of the judgement.
        budget: States of the exact grouping; beyond it, the answer is marked as not optimal.
        changes: Whether to try what would change it.

    Raises:
        UnitsMixedError: ``facts.unit`` is not the policy's unit.
    """
    if facts.unit:
        require_same(policy.unit.id, facts.unit)
    case = open_case(policy, facts, trust, now)

    def judged(of: Case) -> Sequence[Entry]:
        return _at_most(entries(of, brought))

    found = [screen(case, entry) for entry in judged(case)]
    weighed = weigh(case, found, budget=budget)
    work = budget + budget // 4  # so that trials have something left when grouping takes all it may
    would = changing.changes(case, judged, found, weighed, budget=work) if changes else Found({}, (), True)
    return compose(case, found, weighed, would, notes=tuple(_notes(case, brought)))


def _at_most(found: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return at most so many entries of each stage as can be grouped, the oldest."""
    counts: dict[str, int] = {}
    kept = []
    for entry in found:
        counts[entry.stage] = counts.get(entry.stage, 0) + 1
        if counts[entry.stage] <= MAX_AWARDS:
            kept.append(entry)
    return tuple(kept)


def _notes(case: Case, brought: Sequence[Brought]) -> Iterator[str]:
    if len(brought) > MAX_AWARDS:
        yield f"Only the {MAX_AWARDS} oldest of {len(brought):,} were judged: no more fit into one answer."
    cycle, years = case.facts.cycle, _years(case)
    if cycle is not None and cycle.last is not None and years and cycle.last >= add_years(cycle.first, years):
        yield f"The cycle that was given is longer than the {years} years of the rule."
    if any(is_of_other_unit(line, case) for line in case.facts.used):
        yield "The ledger holds units of another kind, too; they are not added to these."


def _years(case: Case) -> int:
    """Return how long a cycle of this person is; 0 where the rule has none, or it is not known which."""
    for clock in case.policy.clocks:
        holding, _ = holds(clock.when, case.facts) if clock.when is not None else (True, "")
        if holding is not False:
            return clock.cycle_years if holding else 0
    return 0
