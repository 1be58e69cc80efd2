# SPDX-License-Identifier: Apache-2.0
"""What a learning community sends: invitations, news of a date, and its dates as a calendar file.

A mail carries dates and counts, never what anybody has written or where anybody is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from earning.company.community import Community, MemberRole, Progress, SharedDate
from earning.programme import Programme
from service.accounts.people import Person
from service.calendar import Event, calendar
from service.mail import Letter


def dates_file(
    programme: Programme,
    found: Community,
    dates: Iterable[SharedDate],
    titles: Mapping[str, str],
    *,
    now: datetime,
) -> bytes:
    """Return the shared dates as a calendar file."""
    host = urlsplit(programme.public_url).hostname or "hallmark"
    url = f"{programme.public_url}/communities/{found.id}"
    events = [
        Event(
            uid=f"community-{each.id}@{host}",
            summary=f"{each.title} – {titles[each.code]}"
            if each.code and each.code in titles
            else each.title,
            at=each.day,
            changed_at=now,
            description=f"Shared date of {found.name}.\n{url}",
            url=url,
            alarms=(1,),
        )
        for each in dates
    ]
    return calendar(events, name=found.name)


def invitation(
    email: str, known: Person | None, found: Community, *, role: MemberRole, secret: str, ends: datetime
) -> Letter:
    """Return the mail to somebody who is invited. It names no person; strangers learn no name at all."""
    return Letter(
        kind="invited",
        to=email,
        subject=f"An invitation to {found.name}" if known else "An invitation to a learning community",
        template="earning/mail/community_invited",
        values={
            "name": found.name if known else "",
            "role": str(role),
            "path": f"/communities/join/{secret}",
            "ends": ends,
        },
        person=known.id if known else None,
        name=known.name if known else "",
    )


def news(
    reader: Person, found: Community, date: SharedDate, title: str, counts: tuple[Progress, ...]
) -> Letter:
    """Return the mail about a new shared date: dates and counts, nothing else."""
    return Letter(
        kind="community",
        to=reader.email,
        subject=f"A new date of {found.name}: {date.title}",
        template="earning/mail/community",
        values={
            "name": found.name,
            "date": date,
            "title": title,
            "counts": counts,
            "path": f"/communities/{found.id}",
        },
        thread=f"community:{found.id}",
        person=reader.id,
        name=reader.name,
        unsubscribe=f"/communities/{found.id}",
    )
