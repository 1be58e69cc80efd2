# SPDX-License-Identifier: Apache-2.0
"""How the programme is doing, in numbers: pure functions over what ``earning.store.figures`` tells.

Rules kept here:

- The first-time pass rate is awards at the first attempt by first decisions (promise E26). What was found
  incomplete was no attempt.
- A group of one to four people is "fewer than 5": its numbers are None, and where they could be found by
  subtracting, the sum (``awards``) or a second group (``withheld``) is not told either.
- Months, weeks and school years are those of UTC days; a school year begins on July 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from earning.work.applications import State

SMALL: Final = 5  # people; a smaller group is not described by numbers
NATIONAL_SHARE: Final = 0.4  # first-time pass rate nationally; programme source: NEA-NH flyer
AGE_DAYS: Final = (3, 7, 14, 30)  # where the groups of waiting items end
_AGES: Final = (
    f"under {AGE_DAYS[0]} days",
    *(f"{low} to {high} days" for low, high in pairwise(AGE_DAYS)),
    f"{AGE_DAYS[-1]} days and more",
)
SCHOOL_YEAR_MONTH: Final = 7


@dataclass(frozen=True, slots=True)
class Course:
    """What became of one application, without any content.

    Attributes:
        stack: The first-named stack of the version.
        state: Where the educator works, two letters or "".
        in_community: Whether the educator is in any learning community.
        passed_first: Whether the first decision was a pass; None without a decision.
        decided_at: When the first decision fell.
        awarded_at: When it was awarded.
    """

    application: str
    person: str
    code: str
    title: str
    stack: str
    state: str
    portal: str
    is_member: bool
    in_community: bool
    status: State
    applied_at: datetime
    passed_first: bool | None
    decided_at: datetime | None
    awarded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision on one submission."""

    person: str
    submitted_at: datetime
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that nobody has answered yet."""

    application: str
    title: str
    attempt: int
    submitted_at: datetime
    expected_by: datetime
    is_being_read: bool
    person: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One finished reading of a submission by one reviewer."""

    submission: str
    reviewer: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Of how many first decisions in a group how many were passes."""

    group: str
    people: int
    decisions: int
    passes: int
    is_withheld: bool = False  # small, or a small one could be found from it

    @property
    def is_told(self) -> bool:
        """Whether the group is described by numbers."""
        return self.people >= SMALL and not self.is_withheld

    @property
    def share(self) -> float | None:
        """The share of passes; None where there is none, or it is not told."""
        return self.passes / self.decisions if self.is_told and self.decisions else None


@dataclass(frozen=True, slots=True)
class Turnaround:
    """How long the answers of one week had taken, in days; None where it is not told."""

    week: date
    people: int
    answers: int
    median: float | None
    slowest_tenth: float | None


@dataclass(frozen=True, slots=True)
class Awards:
    """The awards of one month.

    Attributes:
        stacks: Awards by stack; None is "fewer than 5".
        total: All of them, or at least so many if ``is_exact`` is false.
    """

    month: str
    stacks: Mapping[str, int | None]
    total: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of how many works that were read twice or more how many readings came out alike."""

    reread: int
    agreed: int

    @property
    def share(self) -> float | None:
        """The share, None if nothing was read twice."""
        return self.agreed / self.reread if self.reread else None


@dataclass(frozen=True, slots=True)
class Ended:
    """Of the applications of a group that are over, how many ended with the award."""

    group: str
    people: int
    over: int
    awarded: int
    is_withheld: bool = False  # small, or a small one could be found from it

    @property
    def share(self) -> float | None:
        """The share, None where it is not told."""
        is_told = self.people >= SMALL and not self.is_withheld
        return self.awarded / self.over if is_told and self.over else None


def month(moment: datetime) -> str:
    """Return the month of a moment: ``2026-02``."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def school_year(moment: datetime) -> str:
    """Return the school year of a moment: ``2025-26``, from July to June."""
    day = moment.astimezone(UTC)
    first = day.year if day.month >= SCHOOL_YEAR_MONTH else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def week(moment: datetime) -> date:
    """Return the Monday of a moment's week."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def last_months(now: datetime, count: int = 12) -> tuple[str, ...]:
    """Return the last ``count`` months, this one included, oldest first."""
    at = now.astimezone(UTC)
    number = at.year * 12 + at.month - 1
    return tuple(f"{each // 12}-{each % 12 + 1:02d}" for each in range(number - count + 1, number + 1))


def last_weeks(now: datetime, count: int = 12) -> tuple[date, ...]:
    """Return the Mondays of the last ``count`` weeks, this one included, oldest first."""
    return tuple(week(now) - timedelta(weeks=back) for back in range(count - 1, -1, -1))


def told(number: int, people: int, *, is_withheld: bool = False) -> str:
    """Return a count of a group as it may be told."""
    if 0 < people < SMALL:
        return "fewer than 5"
    return "not shown" if is_withheld else f"{number:,}"


def withheld(groups: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Return which groups, given as their people, are not told so that no small one is found by subtracting.

    The sum of all groups can be known from another table. So the withheld ones are none, or at least two and
    together no small group: where they are not, the next smallest is withheld as well.
    """
    hidden = {name for name, people in groups.items() if 0 < len(set(people)) < SMALL}
    rest = sorted(set(groups) - hidden, key=lambda name: (len(set(groups[name])), name))
    while hidden and rest and (len(hidden) < 2 or len({p for n in hidden for p in groups[n]}) < SMALL):
        hidden.add(rest.pop(0))
    return frozenset(hidden)


def _withheld_within(
    courses: Iterable[Course], by: Callable[[Course], str], within: Callable[[Course], str]
) -> frozenset[str]:
    """Return which groups are not told where another table tells the larger groups that they lie in."""
    larger: dict[str, set[str]] = defaultdict(set)
    smaller: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for course in courses:
        larger[within(course)].add(course.person)
        smaller[within(course)][by(course)].add(course.person)
    hidden = withheld(larger)
    return frozenset(
        name
        for outer, groups in smaller.items()
        for name in (groups if outer in hidden else withheld(groups))
    )


def first_time(
    courses: Iterable[Course],
    by: Callable[[Course], str],
    *,
    within: Callable[[Course], str] = lambda _: "",
) -> tuple[Rate, ...]:
    """Return the first-time pass rate of each group, by name of the group.

    Args:
        courses: What is counted.
        by: The group of each.
        within: The larger group that this one lies in, if another table tells those.
    """
    decided = [course for course in courses if course.passed_first is not None]
    groups: dict[str, list[Course]] = defaultdict(list)
    for course in decided:
        groups[by(course)].append(course)
    everybody = {name: {each.person for each in found} for name, found in groups.items()}
    nested = _withheld_within(decided, by, within) if len({within(each) for each in decided}) > 1 else None
    hidden = withheld(everybody) if nested is None else nested
    return tuple(
        Rate(
            group=group,
            people=len({each.person for each in found}),
            decisions=len(found),
            passes=sum(each.passed_first is True for each in found),
            is_withheld=group in hidden,
        )
        for group, found in sorted(groups.items())
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie, between neighbours in proportion."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def turnaround(answers: Iterable[Answer], weeks: Sequence[date]) -> tuple[Turnaround, ...]:
    """Return how long the answers of each week had taken."""
    found: dict[date, list[Answer]] = {each: [] for each in weeks}
    for answer in answers:
        monday = week(answer.decided_at)
        if monday in found:
            found[monday].append(answer)
    result = []
    for monday, these in found.items():
        days = [max((each.decided_at - each.submitted_at) / timedelta(days=1), 0.0) for each in these]
        people = len({each.person for each in these})
        is_told = people >= SMALL
        result.append(
            Turnaround(
                week=monday,
                people=people,
                answers=len(these),
                median=round(percentile(days, 0.5), 1) if is_told else None,
                slowest_tenth=round(percentile(days, 0.9), 1) if is_told else None,
            )
        )
    return tuple(result)


def awards(courses: Iterable[Course], months: Sequence[str]) -> tuple[Awards, ...]:
    """Return the awards of each month by stack, so that no small group can be found, not even by subtracting.

    The sum is exact if no stack is withheld, or if the withheld ones are two or more and together no small
    group; otherwise it is the sum of what is told.
    """
    found: dict[str, dict[str, list[str]]] = {each: defaultdict(list) for each in months}
    for course in courses:
        if course.awarded_at is not None and month(course.awarded_at) in found:
            found[month(course.awarded_at)][course.stack].append(course.person)
    return tuple(_awards(each, stacks) for each, stacks in found.items())


def _awards(of_month: str, stacks: Mapping[str, Sequence[str]]) -> Awards:
    small = {stack for stack, people in stacks.items() if len(set(people)) < SMALL}
    withheld = {person for stack in small for person in stacks[stack]}
    is_exact = not small or (len(small) > 1 and len(withheld) >= SMALL)
    return Awards(
        month=of_month,
        stacks={stack: None if stack in small else len(people) for stack, people in sorted(stacks.items())},
        total=sum(len(people) for stack, people in stacks.items() if is_exact or stack not in small),
        is_exact=is_exact,
    )


def ages(items: Iterable[Waiting], now: datetime) -> tuple[tuple[str, int], ...]:
    """Return how many items have waited how long, by groups."""
    counts = dict.fromkeys(_AGES, 0)
    for item in items:
        counts[age(item, now)] += 1
    return tuple(counts.items())


def age(item: Waiting, now: datetime) -> str:
    """Return the group of an item by how long it has waited."""
    days = (now - item.submitted_at) / timedelta(days=1)
    return next(name for name, end in zip(_AGES, (*AGE_DAYS, None), strict=True) if end is None or days < end)


def agreement(readings: Iterable[Reading]) -> Agreement:
    """Return how often works that were read more than once came out alike."""
    reread = _reread(readings)
    return Agreement(
        reread=len(reread),
        agreed=sum(len({each.outcome for each in these}) == 1 for these in reread),
    )


def agreement_of(readings: Iterable[Reading], reviewer: str) -> Agreement:
    """Return the same for the works that one reviewer was among the readers of."""
    mine = [these for these in _reread(readings) if any(each.reviewer == reviewer for each in these)]
    return Agreement(
        reread=len(mine),
        agreed=sum(len({each.outcome for each in these}) == 1 for these in mine),
    )


def ended(courses: Iterable[Course], by: Callable[[Course], str]) -> tuple[Ended, ...]:
    """Return how many of the applications that are over ended with the award, by group."""
    groups: dict[str, list[Course]] = defaultdict(list)
    for course in courses:
        if course.status in (State.AWARDED, State.WITHDRAWN, State.EXPIRED, State.DENIED):
            groups[by(course)].append(course)
    hidden = withheld({name: {each.person for each in found} for name, found in groups.items()})
    return tuple(
        Ended(
            group=group,
            people=len({each.person for each in found}),
            over=len(found),
            awarded=sum(each.status is State.AWARDED for each in found),
            is_withheld=group in hidden,
        )
        for group, found in sorted(groups.items())
    )


def _reread(readings: Iterable[Reading]) -> list[list[Reading]]:
    works: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        works[reading.submission].append(reading)
    return [these for these in works.values() if len(these) > 1]
