# SPDX-License-Identifier: Apache-2.0
"""What a manager or affiliate officer sees first: who waits longest, then figures.

What is counted and what is not told is ruled by ``figures``; how it is drawn, by ``overview_figures``; who
may see which figures, by ``Scope``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earning.management import figures
from earning.management import overview_figures as drawn
from earning.management.figures import Waiting
from earning.programme import Programme
from earning.store import figures as rows
from earning.store.figures import Scope
from service.accounts.people import Person, Role
from service.charts import Figure

SINCE: Final = timedelta(days=5 * 366)  # how far back rates by item, stack, state and year look
OLDEST: Final = 10  # of those that wait, how many are listed first


@dataclass(frozen=True, slots=True)
class Overview:
    """What a manager or affiliate officer sees first: who waits longest, then figures."""

    oldest: tuple[Waiting, ...]
    waiting: int | None  # None is "fewer than 5"
    late: int
    charts: tuple[Figure, ...]
    tables: tuple[Figure, ...]

    def figure(self, name: str) -> Figure | None:
        """Return the figure of this name, or None."""
        return next((each for each in (*self.charts, *self.tables) if each.name == name), None)


def scope_of(programme: Programme, person: Person) -> Scope:
    """Return what somebody may count: the programmes they manage, and the portals of their affiliates."""
    affiliates = person.organisations(Role.AFFILIATE)
    with programme.db.reading() as session:
        portals = frozenset(rows.portals_of(session, affiliates)) if affiliates else frozenset()
    return Scope(issuers=person.organisations(Role.MANAGER), portals=portals)


def overview(programme: Programme, scope: Scope, *, now: datetime) -> Overview:
    """Return all figures of a scope as of now."""
    with programme.db.reading() as session:
        courses = rows.courses(session, scope, since=now - SINCE)
        weeks = figures.last_weeks(now)
        answers = rows.answers(session, scope, since=now - timedelta(weeks=len(weeks) + 1))
        waiting = rows.waiting(session, scope)
        readings = rows.readings(session, scope, since=now - timedelta(days=366))
        communities = rows.communities(session, scope)
        managed = Scope(issuers=scope.issuers)
        oldest = rows.waiting(session, managed, limit=OLDEST) if scope.issuers else ()
    hides = bool(scope.portals)
    return Overview(
        # Only managers see single pieces of work; others see groups, and none of them small.
        oldest=oldest,
        waiting=None if hides and 0 < len(waiting) < figures.SMALL else len(waiting),
        late=0 if hides else sum(each.expected_by < now for each in waiting),
        charts=(
            drawn.ages(waiting, now, hides=hides),
            drawn.turnaround(answers, weeks, promised=programme.settings.review_days),
            drawn.rate_by_month(courses, now),
            drawn.awards(courses, now),
        ),
        tables=(
            drawn.rates(
                "first-time-by-micro-credential",
                "by micro-credential",
                courses,
                drawn.code_of,
                drawn.stack_of,
            ),
            drawn.rates("first-time-by-stack", "by stack", courses, drawn.stack_of),
            drawn.rates("first-time-by-state", "by state", courses, lambda each: each.state or "not said"),
            drawn.rates("first-time-by-school-year", "by school year", courses, drawn.year_of),
            drawn.rates("first-time-by-membership", "by membership", courses, drawn.membership_of),
            drawn.agreement(figures.agreement(readings), hides=hides),
            drawn.communities(figures.ended(courses, drawn.company_of), communities),
        ),
    )
