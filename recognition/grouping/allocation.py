# SPDX-License-Identifier: Apache-2.0
"""Which awards count together, and in which bucket: the exact optimum (allocation rules of the domain).

Groups of exactly ``take`` awards with a common area and a bucket open to all of them are chosen so that, in
this order: (1) the sum over needs of min(shortfall, units given) is greatest; (2) total units are greatest;
(3) the oldest awards are used: the sets of used awards are compared oldest award first, by award date and
then key, and the set that holds the first award in which they differ wins; (4) what is still equal falls the
same way every time: kinds of awards in sorted order, buckets in the order of ``into``, the oldest award of a
kind first. The order in which awards are given never matters; the order of grants does, it is the policy's.

How it is found: ``group_problem`` states the question in whole numbers, ``group_search`` answers it exactly
within a budget, ``group_fallback`` answers it roughly beyond that, and ``group_result`` writes it down.

What a policy may leave open, and what is done then:

* ``leftover = "pro-rata"``: the groups are chosen first, as if nothing were left over; afterwards each
  award that is in no group, and that has an area and an open bucket, counts amount / take by itself, under
  the same four rules. That part is exact wherever it ends as a decimal (10 / 4 = 2.5); a part that does not
  end (10 / 3) is cut, never rounded up, after six places, so that parts never give more than the whole.
* ``overlap``: with ``forbidden`` all units of a group go into one bucket; ``unknown`` acts the same. With
  ``allowed`` the whole amount fills every bucket open to the group, and counts once in the total. With
  ``split`` the amount is divided among these buckets so that needs are filled best; what no need asks for
  goes into the first of them.
* a grant without an amount (``stated-hours``): its groups are formed, and give 0 units until a person says
  how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Context, Decimal, Inexact
from typing import Final

from recognition.errors import TooManyAwardsError
from recognition.grouping.group_fallback import roughly
from recognition.grouping.group_problem import Candidate, Fit, problem_of
from recognition.grouping.group_result import Placed, placed
from recognition.grouping.group_search import search
from recognition.rule.policy import Grant

__all__ = ["MAX_AWARDS", "STATES", "Allocation", "Candidate", "Fit", "Placed", "allocate", "part_of"]

MAX_AWARDS: Final = 500  # of one request
STATES: Final = 20_000  # of the exact search; about half a second
LOOKS_PER_STATE: Final = 120  # short looks at an award or a bucket weigh as much as one state
PLACES: Final = Decimal("0.000001")  # where a part of an amount that does not end as a decimal is cut
_EXACT: Final = Context(prec=60, traps=[Inexact])
_CUT: Final = Context(prec=60, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class Allocation:
    """The groups of one stage.

    Attributes:
        groups: Those with the oldest award first; leftover awards that count in part come last.
        unused: Keys of the awards that are in no group, oldest award first.
        optimal: Whether no better grouping exists; False: the budget ran out, and there may be one.
        states: What the search took of its budget: states, or groups looked at if these weigh more.
        work: What everything took, in states: beyond ``states`` what no budget can save.
    """

    groups: tuple[Placed, ...]
    unused: tuple[str, ...]
    optimal: bool
    states: int
    work: int = 0


def allocate(
    candidates: Sequence[Candidate],
    grants: Sequence[Grant],
    *,
    shortfalls: Mapping[str, Decimal],
    budget: int = STATES,
) -> Allocation:
    """Return the best groups of ``candidates`` under the ``grants`` of one stage, taken together.

    Args:
        candidates: Eligible awards, each once; in any order.
        grants: Of one stage, in the policy's order.
        shortfalls: What each bucket still needs, in the policy's unit; a bucket that is not named, or whose
            shortfall is not positive, needs nothing.
        budget: States of the exact search; 0 goes straight to the rough answer.

    Raises:
        TooManyAwardsError: There are more than ``MAX_AWARDS`` candidates.
        ValueError: Two candidates have the same key, or two grants the same id.
    """
    if len(candidates) > MAX_AWARDS:
        raise TooManyAwardsError(
            f"At most {MAX_AWARDS} micro-credentials can be grouped at once. Bring fewer of them.",
            got=len(candidates),
        )
    problem = problem_of(candidates, grants, shortfalls)
    found = search(problem, budget)
    chosen, work = found.chosen, found.states + problem.size // LOOKS_PER_STATE
    if not found.complete:
        rough, looked = roughly(problem)
        work += looked // LOOKS_PER_STATE
        chosen = rough if problem.worth(rough) > problem.worth(chosen) else chosen
    groups, left = placed(problem, chosen)
    whole = Allocation(groups, left, found.complete, found.states, work)
    return _with_parts(whole, candidates, grants, shortfalls, budget)


def part_of(amount: Decimal, take: int) -> Decimal:
    """Return what one of ``take`` awards counts: exact, or cut after six places if it does not end."""
    try:
        return _EXACT.divide(amount, Decimal(take))
    except Inexact:
        return _CUT.divide(amount, Decimal(take)).quantize(PLACES, context=_CUT)


def _with_parts(
    whole: Allocation,
    candidates: Sequence[Candidate],
    grants: Sequence[Grant],
    shortfalls: Mapping[str, Decimal],
    budget: int,
) -> Allocation:
    """Return ``whole`` with its leftover awards counted in part, where a grant says so."""
    parts = [
        replace(grant, take=1, amount=part_of(grant.amount, grant.take), leftover="none")
        for grant in grants
        if grant.leftover == "pro-rata" and grant.amount is not None
    ]
    over = set(whole.unused)
    left = [candidate for candidate in candidates if candidate.key in over]
    if not parts or not left:
        return whole
    missing = dict(shortfalls)
    for group in whole.groups:
        for bucket, units in group.buckets.items():
            missing[bucket] = missing.get(bucket, Decimal(0)) - units
    rest = allocate(left, parts, shortfalls=missing, budget=max(0, budget - whole.states))
    return Allocation(
        whole.groups + tuple(replace(group, pro_rata=True) for group in rest.groups),
        rest.unused,
        whole.optimal and rest.optimal,
        whole.states + rest.states,
        whole.work + rest.work,
    )
