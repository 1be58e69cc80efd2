# SPDX-License-Identifier: Apache-2.0
"""The dates of an application as a calendar file; taken again, it moves what the first one made."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from earning.programme import Programme
from earning.work import deadlines
from earning.work.applications import Application
from earning.work.seasons import Season
from service.calendar import MEDIA_TYPE, Event, calendar

__all__ = ["FILE_NAME", "MEDIA_TYPE", "of_application"]

FILE_NAME: Final = "dates.ics"


def of_application(
    programme: Programme, application: Application, title: str, season: Season | None
) -> bytes:
    """Return due date and season dates of ``application``."""
    host = urlsplit(programme.public_url).hostname or "hallmark"
    url = f"{programme.public_url}/work/{application.id}"
    events = []
    end = deadlines.ends_at(application)
    if end is not None:
        first = application.submitted_at is None
        events.append(
            Event(
                uid=f"due-{application.id}@{host}",
                summary=f"{'Submit' if first else 'Revise'} {title}",
                at=deadlines.local_day(end, application.zone),
                changed_at=application.applied_at,
                description=f"Last day, until midnight ({application.zone}).\n{url}",
                url=url,
                alarms=deadlines.REMINDER_DAYS,
                sequence=application.revision,
            )
        )
    if season is not None:
        for kind, words, day in (
            ("submission", "Last submission day", season.last_submission),
            ("revision", "Last revision day", season.last_revision),
        ):
            events.append(
                Event(
                    uid=f"{kind}-{application.id}@{host}",
                    summary=f"{words} of {season.called}: {title}",
                    at=day,
                    changed_at=application.applied_at,
                    description=f"For what your state counts in the season.\n{url}",
                    url=url,
                    alarms=(7, 1),
                    sequence=application.revision,
                )
            )
    return calendar(events, name=title)
