# SPDX-License-Identifier: Apache-2.0
"""The seasons of a portal, as a manager plans them: added, changed, removed, with what that means for work.

Rules kept here: a season opens before its last submission day, which is not after its last revision day;
seasons of a portal do not overlap; a season whose last revision day has passed stays as it was, for ever; one
that is running keeps its first day; and one that applications name is not removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from earning.errors import OversightUnknownError, SeasonClosedError, SeasonFieldError
from earning.programme import Programme
from earning.store import oversight as rows
from earning.store import portals
from earning.store.figures import portals_of
from earning.store.oversight import Listed
from earning.work.seasons import Season
from service import audit
from service.accounts.people import Person, Role
from service.text import day

NAME_CHARS: Final = 100  # characters
AFFECTED_MAX: Final = 200  # applications that are listed before a change
_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Planned:
    """The seasons of one portal."""

    portal: str
    seasons: tuple[Season, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What would be saved, and for whom the days move."""

    before: Season | None
    after: Season
    affected: tuple[Listed, ...]


def plan(programme: Programme, manager: Person) -> tuple[Planned, ...]:
    """Return the seasons of every portal of the manager's programmes."""
    with programme.db.reading() as session:
        mine = portals_of(session, manager.organisations(Role.MANAGER), with_children=True)
        return tuple(Planned(slug, portals.seasons(session, slug)) for slug in mine)


def require(programme: Programme, manager: Person, portal: str) -> None:
    """Refuse a portal that is none of the manager's.

    Raises:
        OversightUnknownError: It is not.
    """
    with programme.db.reading() as session:
        if rows.portal(session, portal, manager.organisations(Role.MANAGER)) is None:
            raise OversightUnknownError("There is nothing here.")


def find(programme: Programme, manager: Person, id: str) -> Season:
    """Return a season of one of the manager's portals.

    Raises:
        OversightUnknownError: There is none.
    """
    slug = id.split("/", 1)[0]
    require(programme, manager, slug)
    with programme.db.reading() as session:
        found = next((each for each in portals.seasons(session, slug) if each.id == id), None)
    if found is None:
        raise OversightUnknownError("There is nothing here.")
    return found


def read(
    portal: str, *, id: str, name: str, opens_on: str, last_submission: str, last_revision: str
) -> Season:
    """Return what was typed as a season; a new one gets its id from its name.

    Raises:
        SeasonFieldError: A field does not fit; ``path`` names it.
    """
    tidy = " ".join(name.split())
    slug = _SLUG.sub("-", tidy.casefold()).strip("-")[:40]
    if not slug or len(tidy) > NAME_CHARS or not tidy.isprintable():
        raise SeasonFieldError("Give the season a name, like 2026-27.", path="name")
    days = {
        path: _day(text, path)
        for path, text in (
            ("opens_on", opens_on),
            ("last_submission", last_submission),
            ("last_revision", last_revision),
        )
    }
    return Season(id=id or f"{portal}/{slug}", portal=portal, name=tidy, **days)


def check(season: Season, others: tuple[Season, ...], *, before: Season | None, today: date) -> None:
    """Refuse days that do not fit together or touch what is past.

    Raises:
        SeasonFieldError: They do not fit; ``path`` names the field.
        SeasonClosedError: The season is past.
    """
    if before is not None and before.last_revision < today:
        raise SeasonClosedError("This season is past, so it stays as it was.")
    if before is not None and before.opens_on < today and season.opens_on != before.opens_on:
        raise SeasonFieldError("This season has begun, so its first day stays.", path="opens_on")
    if season.opens_on > season.last_submission:
        raise SeasonFieldError("It must open before its last submission day.", path="opens_on")
    if season.last_submission > season.last_revision:
        raise SeasonFieldError(
            "The last revision day must not be before the last submission day.", path="last_revision"
        )
    if season.last_submission < today and (
        before is None or season.last_submission != before.last_submission
    ):
        raise SeasonFieldError("The last submission day must not be past.", path="last_submission")
    for other in others:
        if other.id != season.id and _overlap(season, other):
            raise SeasonFieldError(
                f"It overlaps with the season {other.name} ({day(other.opens_on)} to "
                f"{day(other.last_submission)}).",
                path="opens_on",
            )


def propose(programme: Programme, manager: Person, season: Season, *, is_new: bool, today: date) -> Change:
    """Return what saving ``season`` would change, without saving it.

    Raises:
        OversightUnknownError: The portal is none of the manager's.
        SeasonFieldError: The days do not fit.
        SeasonClosedError: The season is past.
    """
    with programme.db.reading() as session:
        require(programme, manager, season.portal)
        others = portals.seasons(session, season.portal)
        before = next((each for each in others if each.id == season.id), None)
        if is_new and before is not None:
            raise SeasonFieldError("There is a season of this name already.", path="name")
        check(season, others, before=before, today=today)
        mine = manager.organisations(Role.MANAGER)
        affected = () if before is None else rows.affected(session, season.id, mine, limit=AFFECTED_MAX)
    return Change(before=before, after=season, affected=affected)


def save(
    programme: Programme, manager: Person, season: Season, *, is_new: bool, today: date, now: datetime
) -> None:
    """Save a season.

    Raises:
        OversightUnknownError: The portal is none of the manager's.
        SeasonFieldError: The days do not fit.
        SeasonClosedError: The season is past.
    """
    with programme.db.transaction() as session:
        change = propose(programme, manager, season, is_new=is_new, today=today)
        if change.before == season:
            return
        rows.put_season(session, season)
        _note(session, manager, season.id, before=change.before, after=season, now=now)


def remove(programme: Programme, manager: Person, id: str, *, today: date, now: datetime) -> None:
    """Remove a season that is to come and that no application names.

    Raises:
        OversightUnknownError: There is none among the manager's portals.
        SeasonClosedError: It is past, or applications name it.
    """
    with programme.db.transaction() as session:
        found = find(programme, manager, id)
        if found.last_revision < today:
            raise SeasonClosedError("This season is past, so it stays as it was.")
        if rows.counted_in(session, id):
            raise SeasonClosedError("Applications name this season, so it stays. Change its days instead.")
        rows.remove_season(session, id)
        _note(session, manager, id, before=found, after=None, now=now)


def _overlap(one: Season, other: Season) -> bool:
    return one.opens_on <= other.last_submission and other.opens_on <= one.last_submission


def _day(text: str, path: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise SeasonFieldError("Write a day, like 2027-04-26.", path=path, got=text[:20]) from None


def _note(
    session: Any, manager: Person, id: str, *, before: Season | None, after: Season | None, now: datetime
) -> None:
    audit.record(
        session,
        actor=f"person:{manager.id}",
        action="season.removed" if after is None else "season.saved",
        subject=f"season:{id}",
        detail={"before": _days(before), "after": _days(after)},
        now=now,
    )


def _days(season: Season | None) -> str | None:
    if season is None:
        return None
    return f"{season.opens_on} {season.last_submission} {season.last_revision} {season.name}"
