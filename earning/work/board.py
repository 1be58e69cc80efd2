# SPDX-License-Identifier: Apache-2.0
"""My work at a glance: the next date, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from earning.programme import Programme
from earning.store import work as rows
from earning.work import deadlines
from earning.work.applications import WITH_REVIEWERS, Application, State
from earning.work.seasons import Binding, Season, first_binding, revision_binding
from earning.work.work import Workplace, workplace

_LABELS: Final[Mapping[State, tuple[str, str]]] = {
    State.DRAFT: ("Being written", "neutral"),
    State.SUBMITTED: ("Sent in", "hold"),
    State.IN_REVIEW: ("Being reviewed", "hold"),
    State.RETURNED: ("Feedback is ready", "warn"),
    State.PASSED: ("Passed", "ok"),
    State.AWARDED: ("Awarded", "ok"),
    State.WITHDRAWN: ("Ended by you", "neutral"),
    State.EXPIRED: ("Time ran out", "warn"),
    State.DENIED: ("Closed after a case", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Next:
    """The one thing to do next: a sentence, a button, and where it leads."""

    sentence: str
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Card:
    """One application at a glance.

    Attributes:
        label: Its state in a few words, and the tone of it.
        binding: Which date binds and why; None where none does.
        days: Days until the next date.
        done: How many of the pieces that are asked for are there, of how many.
    """

    application: Application
    code: str
    title: str
    label: tuple[str, str]
    next: Next
    binding: Binding | None
    season: Season | None
    days: int | None
    done: tuple[int, int]

    @property
    def image_path(self) -> str:
        """The badge image."""
        return f"/achievements/{self.application.version}/image.svg"

    @property
    def path(self) -> str:
        """Its page."""
        return f"/work/{self.application.id}"


@dataclass(frozen=True, slots=True)
class Board:
    """My work. ``first`` is where to go on; ``under_way`` holds it too."""

    first: Card | None
    under_way: tuple[Card, ...]
    ended: tuple[Card, ...]


def board(programme: Programme, person: str, *, now: datetime) -> Board:
    """Return all applications of an educator, what needs them first."""
    with programme.db.reading() as session:
        cards = [
            card(programme, workplace(programme, each.id, person=person), now=now)
            for each in rows.of_person(session, person)
        ]
    under_way = [each for each in cards if not each.application.is_over]
    under_way.sort(key=_urgency)
    ended = sorted(
        (each for each in cards if each.application.is_over),
        key=lambda each: each.application.ended_at or each.application.applied_at,
        reverse=True,
    )
    first = next((each for each in under_way if each.application.is_editable), None)
    return Board(first=first or next(iter(under_way), None), under_way=tuple(under_way), ended=tuple(ended))


def card(programme: Programme, work: Workplace, *, now: datetime) -> Card:
    """Return one application at a glance."""
    application = work.application
    with programme.db.reading() as session:
        season = rows.season(session, application.season) if application.season else None
    bound = binding(application, season, now=now)
    today = deadlines.local_day(now, application.zone)
    next_day = bound.next_day if bound is not None else None
    return Card(
        application=application,
        code=work.assignment.code,
        title=work.assignment.title,
        label=_LABELS[application.state],
        next=next_thing(work, now=now),
        binding=bound,
        season=season,
        days=None if next_day is None else (next_day - today).days,
        done=_done(work),
    )


def binding(application: Application, season: Season | None, *, now: datetime) -> Binding | None:
    """Return which date binds what its educator does next; None where nothing is left to do."""
    if not application.is_editable:
        return None
    zone = application.zone
    today, end = deadlines.local_day(now, zone), deadlines.ends_at(application)
    last = None if end is None else deadlines.local_day(end, zone)
    if application.submitted_at is None:
        return first_binding(last or today, season, today=today)
    return revision_binding(deadlines.local_day(application.submitted_at, zone), last, season, today=today)


def next_thing(work: Workplace, *, now: datetime) -> Next:
    """Return the one thing to do next."""
    application = work.application
    path = f"/work/{application.id}"
    if application.is_editable and deadlines.is_over(application, now):
        return Next("The last day has passed; what you wrote is kept.", "See what can be done", path)
    if application.state is State.RETURNED and work.unanswered and work.gaps:
        return Next("Feedback is ready: answer it.", "Read the feedback", f"{path}/feedback")
    if application.is_editable:
        return _go_on(work, path)
    if application.state in WITH_REVIEWERS:
        expected = deadlines.local_day(work.submissions[-1].expected_by, application.zone)
        overdue = expected < deadlines.local_day(now, application.zone)
        sentence = (
            "It is with the reviewers, longer than usual; you need do nothing."
            if overdue
            else "It is with the reviewers; you need do nothing."
        )
        return Next(sentence, "See what you sent", path)
    if application.state is State.PASSED:
        return Next("You have passed; the award is being signed.", "See it", path)
    if application.state is State.AWARDED:
        return Next(
            "Yours to show, to whom you like.", "Share and privacy", f"/awards/{application.id}/share"
        )
    if application.state is State.EXPIRED:
        return Next("Time ran out; what you wrote is kept.", "See what can be done", path)
    return Next("Nothing is left to do here.", "Look at it", path)


def _go_on(work: Workplace, path: str) -> Next:
    if not work.gaps:
        return Next("Everything is there: send it in.", "Look it over and send it", f"{path}/submit")
    if not work.answers and not work.artefacts:
        return Next("Begin with the first part.", "Begin", f"{path}/parts/{work.assignment.parts[0].id}")
    part = stopped_at(work)
    return Next(f"Go on with {part[1]}.", "Go on", f"{path}/parts/{part[0]}")


def stopped_at(work: Workplace) -> tuple[str, str]:
    """Return id and title of the part where its educator wrote last, or of the first with a gap after it."""
    parts = {part.id: part.title for part in work.assignment.parts}
    with_gaps = [part for part in (gap.place.split("/")[0] for gap in work.gaps) if part in parts]
    moments = [(each.saved_at, place) for place, each in work.answers.items() if each.saved_at]
    moments += [(each.added_at, each.place) for each in work.artefacts if each.added_at]
    last = max(moments, default=(None, ""))[1].split("/")[0]
    found = last if last in with_gaps or not with_gaps else with_gaps[0]
    if found not in parts:
        found = work.assignment.parts[0].id
    return found, parts[found]


def _done(work: Workplace) -> tuple[int, int]:
    asked = sum(
        len(part.prompts) + sum(each.required for each in part.artefacts) for part in work.assignment.parts
    )
    missing = len({gap.place for gap in work.gaps if not gap.place.startswith("reply/")})
    return max(asked - missing, 0), asked


def _urgency(found: Card) -> tuple[bool, date, datetime]:
    day = found.binding.next_day if found.binding is not None else None
    return (not found.application.is_editable, day or date.max, found.application.applied_at)
