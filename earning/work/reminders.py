# SPDX-License-Identifier: Apache-2.0
"""Jobs that look at dates: remind before they come, and say so when they have passed.

Each looks at rows and does what is due; running twice, late or never in between changes nothing but the time.
A reminder is written once for each application, date and distance, by the key of its mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from earning.programme import Programme
from earning.store import artefacts as artefact_rows
from earning.store import work as rows
from earning.work import deadlines, letters
from earning.work.applications import Act, Application, step
from earning.work.seasons import first_binding, revision_binding
from earning.work.work import assignment
from service import audit
from service.accounts import people
from service.errors import NoSuchPersonError

SEASON_DAYS: Final = 7  # days before a season's last day at which a mail tells of it
ORPHANS_AFTER: Final = timedelta(
    days=1
)  # a file without a row is of an upload that died, not of one that runs


def remind(programme: Programme, now: datetime) -> int:
    """Write the reminders that are due; return how many."""
    written = sum(_remind(programme, application, now) for application in _waiting(programme))
    if written:
        programme.ring("mail")
    return written


def expire(programme: Programme, now: datetime) -> int:
    """End what has run out of time, and tell its educators that they can ask for more; return how many."""
    ended = 0
    for application in _waiting(programme):
        if deadlines.is_over(application, now):
            ended += _expire(programme, application, now)
    if ended:
        programme.ring("mail")
    return ended


def tidy_files(programme: Programme, now: datetime) -> int:
    """Delete files that no row knows: what a crash left of an upload, or of an erasure; return how many."""
    with programme.db.reading() as session:
        known = artefact_rows.known_files(session)
    orphans = tuple(programme.files.orphans(known, before=now - ORPHANS_AFTER))
    for name in orphans:
        programme.files.delete(name)
    return len(orphans)


def _waiting(programme: Programme) -> Iterator[Application]:
    """Yield what waits for its educator, in portions."""
    after = ""
    while True:
        with programme.db.reading() as session:
            found = rows.waiting_for_educators(session, after=after)
        yield from found
        if not found:
            return
        after = found[-1].id


def _remind(programme: Programme, application: Application, now: datetime) -> int:
    if not application.wants_reminders or deadlines.is_over(application, now):
        return 0
    return _remind_of_end(programme, application, now) + _remind_of_season(programme, application, now)


def _remind_of_end(programme: Programme, application: Application, now: datetime) -> int:
    end, zone = deadlines.ends_at(application), application.zone
    if end is None:
        return 0
    with programme.db.reading() as session:
        set_at = rows.end_set_at(session, application)
        season = rows.season(session, application.season) if application.season else None
    days = deadlines.reminders_due(
        deadlines.days_left(end, zone, now), deadlines.days_left(end, zone, set_at)
    )
    if days is None:
        return 0
    last, today = deadlines.local_day(end, zone), deadlines.local_day(now, zone)
    if application.submitted_at is None:
        sentence = first_binding(last, season, today=today).sentence
    else:
        first = deadlines.local_day(application.submitted_at, zone)
        sentence = revision_binding(first, last, season, today=today).sentence
    return _write(programme, application, now, last=last, days=days, what="due", sentence=sentence)


def _remind_of_season(programme: Programme, application: Application, now: datetime) -> int:
    with programme.db.reading() as session:
        season = rows.season(session, application.season) if application.season else None
    if season is None:
        return 0
    zone, today = application.zone, deadlines.local_day(now, application.zone)
    end = deadlines.ends_at(application)
    due = None if end is None else deadlines.local_day(end, zone)
    if application.submitted_at is None:
        last, binding = season.last_submission, first_binding(due or today, season, today=today)
    else:
        first = deadlines.local_day(application.submitted_at, zone)
        last, binding = season.last_revision, revision_binding(first, due, season, today=today)
    left = (last - today).days
    # Where the due date comes first, or on the same day, its own reminders say all that there is to say.
    if binding.hours_by != last or last == due or not 0 <= left <= SEASON_DAYS:
        return 0
    if deadlines.local_day(application.applied_at, zone) >= last - timedelta(days=SEASON_DAYS):
        return 0  # The date was told when applying, a few days ago.
    return _write(
        programme, application, now, last=last, days=SEASON_DAYS, what="season", sentence=binding.sentence
    )


def _write(
    programme: Programme,
    application: Application,
    now: datetime,
    *,
    last: date,
    days: int,
    what: str,
    sentence: str,
) -> int:
    with programme.db.transaction() as session:
        try:
            person = people.get(session, application.person)
        except NoSuchPersonError:
            return 0
        left = (last - deadlines.local_day(now, application.zone)).days
        return letters.reminder(
            programme,
            person,
            application,
            title=assignment(programme, application.version).title,
            last=last,
            days=days,
            left=left,
            what=what,
            sentence=sentence,
            now=now,
        )


def _expire(programme: Programme, application: Application, now: datetime) -> int:
    end = deadlines.ends_at(application)
    if end is None:
        return 0
    with programme.db.transaction() as session:
        state = step(application.state, Act.EXPIRE)
        if not rows.change(session, application, state=state, ended_at=now):
            return 0  # Somebody was quicker; the next run looks again.
        audit.record(
            session,
            actor="system",
            action="application.expired",
            subject=f"application:{application.id}",
            now=now,
        )
        try:
            person = people.get(session, application.person)
        except NoSuchPersonError:
            return 1
        letters.expired(
            programme,
            person,
            application,
            title=assignment(programme, application.version).title,
            last=deadlines.local_day(end, application.zone),
            now=now,
        )
    return 1
