# SPDX-License-Identifier: Apache-2.0
"""Which date binds, and why: the due date of an application beside the season of a portal.

Two clocks run. The **due date** decides about the award: six calendar months for the first complete
submission. The **season** of an affiliate decides about what its state counts, whatever that is (clock hours,
points): what is submitted for the first time after its last submission day still counts for the award, not
for the season; and revisions count for it until its last revision day. An affiliate's season never takes an
award away.

Days are days where the educator is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service.text import day


@dataclass(frozen=True, slots=True)
class Season:
    """A portal's calendar. ``id`` is its name in addresses: wa/2026-27."""

    id: str
    portal: str
    name: str
    opens_on: date
    last_submission: date
    last_revision: date

    @property
    def called(self) -> str:
        """Its name within a sentence: “the season 2026-27”, but “Season 2026-27” where the name says so."""
        says_it = any(word in self.name.casefold() for word in ("season", "year"))
        return self.name if says_it else f"the season {self.name}"

    def is_running(self, today: date) -> bool:
        """Tell whether a first submission can still count for it."""
        return self.opens_on <= today <= self.last_submission


@dataclass(frozen=True, slots=True)
class Binding:
    """Which dates there are, which comes first, and why.

    Attributes:
        award_by: Last day for the award; None where nothing ends.
        hours_by: Last day for what the state counts in the season; None without a season, or when it is over.
        sentence: Which of them binds and why, for people.
    """

    award_by: date | None
    hours_by: date | None
    sentence: str

    @property
    def next_day(self) -> date | None:
        """The day that comes first."""
        return min((each for each in (self.award_by, self.hours_by) if each is not None), default=None)


def first_binding(due: date, season: Season | None, *, today: date) -> Binding:
    """Return what binds the first complete submission."""
    if season is None:
        return Binding(due, None, f"Submit by {day(due)}. No other date binds you.")
    last = season.last_submission
    if today > last:
        return Binding(
            due,
            None,
            f"{day(last)} was the last submission day of {season.called}. What you submit now "
            f"counts for the award, not for what your state counts in that season. For the award, {day(due)} "
            "binds.",
        )
    if last < due:
        return Binding(
            due,
            last,
            f"For what your state counts in {season.called}, {day(last)} binds, because it comes first. "
            f"After it you can still submit for the award alone, until {day(due)}.",
        )
    if last == due:
        return Binding(
            due,
            last,
            f"{day(due)} binds, for the award and for what your state counts in {season.called}.",
        )
    return Binding(
        due,
        due,
        f"{day(due)} binds, because your six months end before {season.called} does ({day(last)}). "
        "What you submit by then counts for the award and for what your state counts in that season.",
    )


def revision_binding(
    first_submitted: date, revise_by: date | None, season: Season | None, *, today: date
) -> Binding:
    """Return what binds revisions, once the first complete submission is in."""
    award = (
        f"For the award, revise by {day(revise_by)}."
        if revise_by is not None
        else "For the award, revise whenever you are ready: your due date was met, and revisions have no "
        "last day."
    )
    if season is None:
        return Binding(revise_by, None, award)
    if first_submitted > season.last_submission:
        return Binding(
            revise_by,
            None,
            f"{award} Your first submission came after {day(season.last_submission)}, so this work does not "
            f"count for what your state counts in {season.called}.",
        )
    last = season.last_revision
    if today > last:
        return Binding(
            revise_by,
            None,
            f"{award} {day(last)} was the last revision day of {season.called}, so what you send "
            "now counts for the award alone.",
        )
    hours_by = last if revise_by is None else min(last, revise_by)
    return Binding(
        revise_by,
        hours_by,
        f"For what your state counts in {season.called}, revise by {day(hours_by)}. {award}",
    )
