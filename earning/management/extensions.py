# SPDX-License-Identifier: Apache-2.0
"""More time, given by a manager with a reason (promise E10). The educator is told, with new dates as a file.

It also wakes an application that has run out of time. Which days are possible is ruled by
``earning.work.deadlines``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from earning.errors import (
    ExtensionError,
    OversightUnknownError,
    OwnWorkError,
    ReasonMissingError,
    WorkChangedError,
)
from earning.programme import Programme
from earning.store import oversight as rows
from earning.store import work
from earning.work import calendars, deadlines, letters
from earning.work.applications import Act, Application, State, step
from service import audit, mail
from service.accounts import people
from service.accounts.people import Person, Role
from service.mail import Attachment, Letter
from service.text import day

REASON_CHARS: Final = 500  # characters


def extend(
    programme: Programme, manager: Person, id: str, until: date, *, reason: str, revision: int, now: datetime
) -> Application:
    """Extend the time of an application to the end of the day ``until`` where its educator is.

    Args:
        programme: The opened room.
        manager: Who extends, for one of their programmes.
        id: The application.
        until: The new last day.
        reason: Why; it is kept and told to the educator.
        revision: As which the manager saw the application.
        now: When.

    Raises:
        OversightUnknownError: None of the manager's programmes has such an application.
        ReasonMissingError: No reason was given, or it is too long.
        ExtensionError: The day does not fit, or there is nothing to extend.
        WorkChangedError: It was changed since the manager saw it.
        OwnWorkError: It is the manager's own.
    """
    with programme.db.transaction() as session:
        found = rows.find(session, id, manager.organisations(Role.MANAGER))
        if found is None:
            raise OversightUnknownError("There is nothing here.")
        application, title, _ = found
        if application.person == manager.id:
            raise OwnWorkError("This is your own work. Ask another manager for more time.")
        why = " ".join(reason.split())
        if not why or len(why) > REASON_CHARS or not why.isprintable():
            raise ReasonMissingError(
                f"Give a reason in up to {REASON_CHARS} characters; the educator reads it.", path="reason"
            )
        end = deadlines.extended(application, until, now=now)
        was = deadlines.ends_at(application) or application.due_at
        if application.state is State.EXPIRED and work.alive(
            session, application.person, application.version
        ):
            raise ExtensionError("The educator has applied for this again, so the older work stays as it is.")
        values: dict[str, object] = {"state": step(application.state, Act.EXTEND), "ended_at": None}
        values["due_at" if application.submitted_at is None else "revise_by"] = end
        if application.revision != revision or not rows.wake(session, application, **values):
            raise WorkChangedError("This application was changed meanwhile. Look at it again, then extend.")
        extension = rows.add_extension(session, id, was=was, until=end, reason=why, by=manager.id, now=now)
        audit.record(
            session,
            actor=f"person:{manager.id}",
            action="application.extended",
            subject=f"application:{id}",
            detail={
                "before": f"{application.state} {was.isoformat()}",
                "after": f"{values['state']} {end.isoformat()}",
                "extension": extension,
            },
            now=now,
        )
        changed = work.any_application(session, id) or application
        letter = _letter(programme, changed, title, why, end)
        mail.post(session, letter, key=f"extended:{extension}", now=now)
    programme.ring("mail")
    return changed


def _letter(programme: Programme, application: Application, title: str, reason: str, end: datetime) -> Letter:
    with programme.db.reading() as session:
        person = people.get(session, application.person)
        season = work.season(session, application.season) if application.season else None
    last = deadlines.local_day(end, application.zone)
    file = calendars.of_application(programme, application, title, season)
    return Letter(
        kind="extended",
        to=person.email,
        subject=f"You have more time for {title}: until {day(last)}",
        template="earning/mail/extended",
        values={
            "title": title,
            "last": last,
            "zone": application.zone,
            "reason": reason,
            "path": f"/work/{application.id}",
        },
        attachments=(Attachment(calendars.FILE_NAME, calendars.MEDIA_TYPE, file),),
        thread=letters.thread(application.id),
        person=person.id,
        name=person.name,
    )
