# SPDX-License-Identifier: Apache-2.0
"""The manager's figures as charts and tables, each with a sentence that says what it shows.

What is counted and what is not told is ruled by ``figures``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from markupsafe import Markup

from earning.management import figures
from earning.management.figures import Agreement, Course, Ended, Rate, Waiting, told
from service import charts
from service.charts import SERIES_MAX, Figure, Mark, Reference
from service.text import count

_NATIONAL: Final = Reference(figures.NATIONAL_SHARE * 100, "Nationally")
_NATIONAL_NOTE: Final = (
    "The dotted line is the national first-time pass rate of about 40 %. Programme source: NEA-NH flyer."
)
_SMALL_NOTE: Final = (
    "Groups of fewer than 5 people are not shown by number, nor others from which they could be found."
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# -- charts -----------------------------------------------------------------------------------------------


def ages(waiting: Sequence[Waiting], now: datetime, *, hides: bool) -> Figure:
    """Return how long work waits, in groups of days."""
    groups = figures.ages(waiting, now)
    people = {name: {each.person for each in waiting if figures.age(each, now) == name} for name, _ in groups}
    hidden = figures.withheld(people) if hides else frozenset()
    words = {
        name: told(number, len(people[name]), is_withheld=True) if name in hidden else str(number)
        for name, number in groups
    }
    late = sum(each.expected_by < now for each in waiting)
    title, sentence = "How long work has been waiting", "Nothing is waiting for an answer."
    if hides:
        sentence = "How many submissions have been waiting how long." if waiting else sentence
    elif waiting:
        sentence = (
            f"{count(len(waiting), 'submission is', 'submissions are')} waiting, {late} longer than promised."
        )
    marks = [
        Mark(_short(label), (0.0 if label in hidden else float(number),), words[label])
        for label, number in groups
    ]
    return _figure(
        "waiting",
        title,
        sentence,
        ("Waiting", "Submissions"),
        list(words.items()),
        drawing=charts.bars("waiting", title, sentence, ["waiting"], marks),
    )


def turnaround(answers: Iterable[figures.Answer], weeks: Sequence[date], *, promised: int) -> Figure:
    """Return how long answers took, week by week, beside what is promised."""
    found = figures.turnaround(answers, weeks)
    title = "How long answers took"
    known = [each for each in found if each.median is not None and each.slowest_tenth is not None]
    sentence = "There were not enough answers in the last weeks to say."
    if known:
        middle = figures.percentile([each.median or 0 for each in known], 0.5)
        slow = max(known, key=lambda each: each.slowest_tenth or 0)
        sentence = (
            f"In a usual week, half of the answers came within {middle:.0f} days. In the week of "
            f"{_day(slow.week)}, one in ten took longer than {slow.slowest_tenth:.0f} days."
        )
    marks = [
        Mark(_day(each.week), (each.median, each.slowest_tenth), _few(each.answers, each.people))
        for each in found
    ]
    drawing = charts.ranges(
        "turnaround",
        title,
        sentence,
        marks,
        unit="days",
        reference=Reference(promised, "Promised"),
    )
    return _figure(
        "turnaround",
        title,
        sentence,
        ("Week of", "Answers", "Half within (days)", "Nine of ten within (days)"),
        [
            (
                each.week.isoformat(),
                told(each.answers, each.people),
                _number(each.median),
                _number(each.slowest_tenth),
            )
            for each in found
        ],
        drawing=drawing,
        note=(
            "Each bar reaches from the median (heavy line) to the time within which nine of ten answers "
            "came; the number below is how many answers there were. " + _SMALL_NOTE
        ),
    )


def rate_by_month(courses: Sequence[Course], now: datetime) -> Figure:
    """Return which share passes at the first time, month by month."""
    months = figures.last_months(now)
    found = {
        each.group: each
        for each in figures.first_time(courses, lambda one: figures.month(one.decided_at or now))
    }
    rates = [found.get(month, Rate(month, 0, 0, 0)) for month in months]
    title = "First-time pass rate"
    told_ones = [each for each in rates if each.share is not None]
    sentence = "There were not enough first decisions in the last twelve months to say."
    if told_ones:
        decisions, passes = sum(e.decisions for e in told_ones), sum(e.passes for e in told_ones)
        sentence = (
            f"In the last twelve months, {passes / decisions:.0%} of first submissions earned the "
            "micro-credential at once; the others were returned with feedback and go on."
        )
    marks = [
        Mark(
            _month(each.group), (each.share,), _few(each.decisions, each.people, is_withheld=each.is_withheld)
        )
        for each in rates
    ]
    return _figure(
        "first-time-by-month",
        title,
        sentence,
        ("Month", "First decisions", "Passed", "Share"),
        [(each.group, *_rate_cells(each)) for each in rates],
        drawing=charts.line("first-time-by-month", title, sentence, marks, reference=_NATIONAL),
        note=f"Below each point stands how many first decisions there were. {_NATIONAL_NOTE} {_SMALL_NOTE}",
    )


def awards(courses: Sequence[Course], now: datetime) -> Figure:
    """Return how many were awarded, month by month."""
    found = figures.awards(courses, figures.last_months(now))
    stacks = sorted(
        {stack for row in found for stack in row.stacks},
        key=lambda stack: (-sum(row.stacks.get(stack) or 0 for row in found), stack),
    )
    shown = [stack for stack in stacks if any(row.stacks.get(stack) for row in found)][: SERIES_MAX - 1]
    total = sum(row.total for row in found)
    title = "Awards by month and stack"
    exactly = all(row.is_exact for row in found)
    sentence = f"{count(total, 'micro-credential was', 'micro-credentials were')} awarded in twelve months."
    if not exactly:
        sentence = f"At least {sentence}"
    marks = []
    for row in found:
        own = [float(row.stacks.get(stack) or 0) for stack in shown]
        rest = row.total - sum(own)
        words = f"{row.total}" if row.is_exact else f"{row.total}+"
        marks.append(Mark(_month(row.month), (*own, rest), words if row.total else ""))
    drawing = charts.bars("awards", title, sentence, [*shown, "others"], marks)
    return _figure(
        "awards",
        title,
        sentence,
        ("Month", "All", *stacks),
        [
            (
                row.month,
                f"{row.total}" if row.is_exact else f"at least {row.total}",
                *(
                    "fewer than 5" if row.stacks.get(stack, 0) is None else str(row.stacks.get(stack, 0))
                    for stack in stacks
                ),
            )
            for row in found
        ],
        drawing=drawing,
        note=(
            "“Others” are all further stacks, and those with fewer than 5 people in the month. "
            "A month counts at least so many (+) where an exact sum would tell about few people."
        ),
    )


# -- tables -----------------------------------------------------------------------------------------------


def rates(
    name: str,
    words: str,
    courses: Sequence[Course],
    by: Callable[[Course], str],
    within: Callable[[Course], str] = lambda _: "",
) -> Figure:
    """Return which share passes at the first time, by whatever ``group`` tells of a course."""
    found = figures.first_time(courses, by, within=within)
    title = f"First-time pass rate {words}"
    known = [each for each in found if each.share is not None]
    sentence = "No group is large enough yet to say anything."
    if known:
        low, high = (pick(known, key=lambda each: each.share or 0) for pick in (min, max))
        sentence = f"From {low.share:.0%} ({low.group}) to {high.share:.0%} ({high.group})."
        if low is high:
            sentence = f"{low.share:.0%} ({low.group})."
    return _figure(
        name,
        title,
        sentence,
        ("Group", "First decisions", "Passed", "Share"),
        [(each.group, *_rate_cells(each)) for each in found],
        note=_SMALL_NOTE,
    )


def agreement(found: Agreement, *, hides: bool) -> Figure:
    """Return how often two readings of one submission agree."""
    if hides and 0 < found.reread < figures.SMALL:
        return _figure(
            "agreement",
            "Agreement of reviewers",
            "Fewer than 5 works were read twice in the last year.",
            ("Works of the last year", "Number"),
            [("Read more than once", "fewer than 5"), ("Readings alike", "not shown")],
        )
    sentence = "No work was read twice in the last year."
    if found.share is not None:
        sentence = (
            f"Of {count(found.reread, 'work', 'works')} read more than once in the last year, the readings "
            f"came out alike for {found.agreed} ({found.share:.0%})."
        )
    return _figure(
        "agreement",
        "Agreement of reviewers",
        sentence,
        ("Works of the last year", "Number"),
        [("Read more than once", str(found.reread)), ("Readings alike", str(found.agreed))],
        note="80 % is a figure that is used elsewhere.",
    )


def communities(found: Sequence[Ended], going_on: tuple[int, int]) -> Figure:
    """Return what became of those who learn together, beside those on their own."""
    number, people = going_on
    sentence = (
        f"{count(number, 'learning community is', 'learning communities are')} going on, with "
        f"{told(people, people)} people."
    )
    cells = [
        (
            each.group,
            told(each.over, each.people, is_withheld=each.is_withheld),
            told(each.awarded, each.people, is_withheld=each.is_withheld),
            "" if each.share is None else f"{each.share:.0%}",
        )
        for each in found
    ]
    return _figure(
        "communities",
        "Learning in company",
        sentence,
        ("Educators", "Ended", "Of these awarded", "Share"),
        cells,
        note=(
            "Public page for affiliates, November 2020: with a learning community 87 % were awarded, "
            "without 53 %. " + _SMALL_NOTE
        ),
    )


def _figure(
    name: str,
    title: str,
    sentence: str,
    head: Sequence[str],
    cells: Iterable[Sequence[str]],
    *,
    drawing: Markup | None = None,
    note: str = "",
) -> Figure:
    return Figure(
        name=name,
        title=title,
        sentence=sentence,
        note=note,
        drawing=drawing or Markup(),
        head=tuple(head),
        rows=tuple(tuple(row) for row in cells),
    )


def _rate_cells(rate: Rate) -> tuple[str, str, str]:
    share = "" if rate.share is None else f"{rate.share:.0%}"
    decisions, passes = (
        told(number, rate.people, is_withheld=rate.is_withheld) for number in (rate.decisions, rate.passes)
    )
    return decisions, passes, share


def code_of(course: Course) -> str:
    """Return the code of the micro-credential."""
    return course.code


def stack_of(course: Course) -> str:
    """Return its stack."""
    return course.stack or "none"


def year_of(course: Course) -> str:
    """Return the school year in which it was decided, or begun."""
    return figures.school_year(course.decided_at or course.applied_at)


def membership_of(course: Course) -> str:
    """Return whether the person says to be a member."""
    return "members" if course.is_member else "not members, or not said"


def company_of(course: Course) -> str:
    """Return whether somebody learns with others."""
    return "in a learning community" if course.in_community else "on their own"


def _few(number: int, people: int, *, is_withheld: bool = False) -> str:
    if 0 < people < figures.SMALL:
        return "<5"
    return "–" if is_withheld else str(number)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _short(label: str) -> str:
    return (
        label.replace(" days and more", "+ days")
        .replace("under ", "<")
        .replace(" to ", "–")
        .replace(" days", " d")
    )


def _month(month: str) -> str:
    return _MONTHS[int(month[5:]) - 1]


def _day(day: object) -> str:
    text = str(day)
    return f"{_MONTHS[int(text[5:7]) - 1]} {int(text[8:])}"
