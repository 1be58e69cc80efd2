# SPDX-License-Identifier: Apache-2.0
"""Mails to educators about their work. They carry dates and links, never feedback and nothing of students."""

from __future__ import annotations

from datetime import date, datetime

from earning.programme import Programme
from earning.work import calendars, deadlines
from earning.work.applications import Application
from earning.work.seasons import Season, first_binding
from service import mail
from service.accounts.people import Person
from service.mail import Attachment, Letter
from service.text import count, day


def thread(application: str) -> str:
    """Return the thread in which all mails about an application stand."""
    return f"application:{application}"


def applied(
    programme: Programme,
    person: Person,
    application: Application,
    *,
    title: str,
    season: Season | None,
    calendar: bytes,
    now: datetime,
) -> bool:
    """Tell that an application was made, with its dates as a file."""
    due = deadlines.local_day(application.due_at, application.zone)
    binding = first_binding(due, season, today=deadlines.local_day(now, application.zone))
    letter = _letter(
        "applied",
        f"You have started {title}: finish by {day(due)}",
        person,
        application,
        {"title": title, "due": due, "zone": application.zone, "season": season, "binding": binding},
        attachments=(Attachment(calendars.FILE_NAME, calendars.MEDIA_TYPE, calendar),),
    )
    return _post(programme, letter, key=f"applied:{application.id}", now=now)


def received(
    programme: Programme,
    person: Person,
    application: Application,
    *,
    title: str,
    number: int,
    days: int,
    expected: date,
    now: datetime,
) -> bool:
    """Tell that a submission has come in, and when to expect an answer."""
    letter = _letter(
        "received",
        f"We have received {title}",
        person,
        application,
        {"title": title, "days": days, "expected": expected, "number": number},
    )
    return _post(programme, letter, key=f"received:{application.id}:{number}", now=now)


def reminder(
    programme: Programme,
    person: Person,
    application: Application,
    *,
    title: str,
    last: date,
    days: int,
    left: int,
    what: str,
    sentence: str,
    now: datetime,
) -> bool:
    """Remind of a last day, once for each date and distance.

    Args:
        programme: The opened room.
        person: The educator.
        application: What it is about.
        title: Of the micro-credential.
        last: The last day.
        days: The distance that this reminder stands for.
        left: Days that are really left; fewer when the reminder is late.
        what: ``due`` or ``season``.
        sentence: Which date binds and why.
        now: When.
    """
    subject = f"{count(left, 'day')} left for {title}" if left else f"Today is the last day for {title}"
    if what != "due":
        subject = f"The season’s last day for {title} is {day(last)}"
    letter = _letter(
        "reminder",
        subject,
        person,
        application,
        {"title": title, "last": last, "left": left, "sentence": sentence, "zone": application.zone},
        unsubscribe=f"/work/{application.id}/reminders",
    )
    return _post(
        programme, letter, key=f"reminder:{what}:{application.id}:{last.isoformat()}:{days}", now=now
    )


def expired(
    programme: Programme, person: Person, application: Application, *, title: str, last: date, now: datetime
) -> bool:
    """Tell that the time has run out, and that more can be asked for."""
    letter = _letter(
        "expired",
        f"Time ran out for {title}; you can ask for more",
        person,
        application,
        {"title": title, "last": last},
    )
    return _post(programme, letter, key=f"expired:{application.id}:{last.isoformat()}", now=now)


def _post(programme: Programme, letter: Letter, *, key: str, now: datetime) -> bool:
    """Write it into the outbox, in the caller's transaction where there is one."""
    with programme.db.transaction() as session:
        return mail.post(session, letter, key=key, now=now)


def _letter(
    kind: str,
    subject: str,
    person: Person,
    application: Application,
    values: dict[str, object],
    *,
    attachments: tuple[Attachment, ...] = (),
    unsubscribe: str | None = None,
) -> Letter:
    return Letter(
        kind=kind,
        to=person.email,
        subject=subject,
        template=f"earning/mail/{kind}",
        values={"path": f"/work/{application.id}", **values},
        attachments=attachments,
        thread=thread(application.id),
        person=person.id,
        name=person.name,
        unsubscribe=unsubscribe,
    )
