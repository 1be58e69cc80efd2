# SPDX-License-Identifier: Apache-2.0
"""Applying: for one micro-credential or several, free of charge, with the dates said beforehand.

An application pins the version and the educator's time zone. There is one living application for each
educator and version: applying twice leads to the first. Whether a version is open is the catalogue's matter,
and for whom it is, that of its stacks.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earning.catalogue import catalogue
from earning.catalogue.stacks import may_apply
from earning.catalogue.version import Version
from earning.errors import ApplicationRefusedError, WorkChangedError, WorkFieldError
from earning.programme import Programme
from earning.store import work as rows
from earning.work import calendars, deadlines, letters
from earning.work.applications import Act, Application, State, step
from earning.work.seasons import Binding, Season, first_binding
from earning.work.submissions import SubmissionState
from earning.work.work import unknown
from service import audit, zones
from service.accounts.people import Person

AT_ONCE: Final = 10  # applications by one form; more is a choice that nobody has read


@dataclass(frozen=True, slots=True)
class Offer:
    """One micro-credential as the page of applying shows it.

    Attributes:
        refusal: Why one cannot apply; None if one can.
        existing: The educator's living application, if there is one.
    """

    version: Version
    refusal: str | None
    existing: Application | None

    @property
    def is_open(self) -> bool:
        """Whether a new application can be made."""
        return self.refusal is None and self.existing is None


@dataclass(frozen=True, slots=True)
class Choice:
    """A season that one may choose, with what it would mean. ``is_own``: it is the educator's state's."""

    season: Season
    portal_name: str
    binding: Binding
    is_own: bool


def offers(programme: Programme, person: Person, codes: Iterable[str]) -> tuple[Offer, ...]:
    """Return the newest open version of each code, and whether this educator can apply for it.

    Raises:
        NoSuchVersionError: The catalogue has no such code.
        WorkFieldError: None, or more than AT_ONCE.
    """
    wanted = tuple(dict.fromkeys(codes))
    if not 0 < len(wanted) <= AT_ONCE:
        raise WorkFieldError(f"Choose 1 to {AT_ONCE} micro-credentials to apply for.", path="code")
    return tuple(_offer(programme, person, catalogue.current(programme, code)) for code in wanted)


def choices(programme: Programme, person: Person, *, now: datetime) -> tuple[Choice, ...]:
    """Return the seasons that have not ended, those of the educator's state first."""
    due = deadlines.local_day(deadlines.due(now, person.zone), person.zone)
    today = deadlines.local_day(now, person.zone)
    with programme.db.reading() as session:
        found = rows.seasons(session, not_over_on=today)
        made = [
            Choice(each, name, first_binding(due, each, today=today), each.portal == person.state.lower())
            for each, name in found
        ]
    return tuple(sorted(made, key=lambda each: (not each.is_own, each.portal_name, each.season.opens_on)))


def apply(
    programme: Programme,
    person: Person,
    codes: Sequence[str],
    *,
    season: str | None,
    zone: str,
    now: datetime,
) -> tuple[Application, ...]:
    """Apply for the newest open version of each of ``codes``, all or none; return the applications.

    What this educator has applied for already is returned as it is.

    Raises:
        ApplicationRefusedError: One of them is closed or for others; says why.
        WorkFieldError: No such season or time zone, or too many at once.
    """
    if not zones.is_zone(zone):
        raise WorkFieldError("Choose a time zone from the list.", path="zone", got=zone[:64])
    made = []
    with programme.db.transaction() as session:
        chosen = None if season is None else rows.season(session, season)
        if season is not None and chosen is None:
            raise WorkFieldError("Choose a season from the list.", path="season", got=season[:60])
        for offer in offers(programme, person, codes):
            if offer.existing is not None:
                made.append(offer.existing)
                continue
            if offer.refusal is not None:
                raise ApplicationRefusedError(offer.refusal, got=offer.version.key)
            made.append(_make(programme, person, offer.version, chosen, zone=zone, now=now))
    programme.ring("mail")
    return tuple(made)


def withdraw(programme: Programme, application: Application, *, typed: str, now: datetime) -> None:
    """End an application by its educator's own wish.

    Args:
        programme: The opened room.
        application: As the educator saw it.
        typed: What was typed to confirm: the code of the micro-credential.
        now: When.

    Raises:
        WorkFieldError: Something else was typed.
        TransitionError: It is over, or has passed.
        WorkChangedError: It was changed since.
    """
    code = application.version.rpartition("-v")[0]
    if typed.strip().casefold() != code.casefold():
        raise WorkFieldError(f"Type {code} to confirm that you want to end this.", path="typed")
    state = step(application.state, Act.WITHDRAW)
    with programme.db.transaction() as session:
        if not rows.change(session, application, state=state, ended_at=now):
            raise changed()
        for sent in rows.submissions(session, application.id):
            if sent.state is SubmissionState.WAITING:
                rows.set_submission(
                    session, sent.id, was=SubmissionState.WAITING, becomes=SubmissionState.WITHDRAWN
                )
        audit.record(
            session,
            actor=f"person:{application.person}",
            action="application.withdrawn",
            subject=f"application:{application.id}",
            now=now,
        )


def set_reminders(programme: Programme, id: str, *, person: str, wanted: bool) -> None:
    """Switch the reminders of one application on or off.

    Raises:
        WorkUnknownError: It is not this educator's.
    """
    with programme.db.transaction() as session:
        if not rows.set_reminders(session, id, person=person, wanted=wanted):
            raise unknown()


def changed() -> WorkChangedError:
    """Return the answer to a form that was opened before something else changed the work."""
    return WorkChangedError(
        "This was changed in another window since you opened it. Look at it again, then go on."
    )


def _offer(programme: Programme, person: Person, version: Version) -> Offer:
    with programme.db.reading() as session:
        existing = rows.alive(session, person.id, version.key)
        refusal = may_apply(person, version, catalogue.stacks(session))
    if not version.is_open:
        state = version.state_words[:1].lower() + version.state_words[1:]
        refusal = (
            f"{version.title} is {state}. Whoever has applied for this version keeps it until the due date."
        )
    return Offer(version=version, refusal=refusal, existing=existing)


def _make(
    programme: Programme, person: Person, version: Version, season: Season | None, *, zone: str, now: datetime
) -> Application:
    application = Application(
        id=str(uuid.uuid4()),
        person=person.id,
        version=version.key,
        portal=season.portal if season else None,
        season=season.id if season else None,
        state=State.DRAFT,
        revision=1,
        zone=zone,
        applied_at=now,
        due_at=deadlines.due(now, zone),
        revise_by=None,
        submitted_at=None,
        ended_at=None,
        shows_name=False,
        wants_reminders=True,
        award=None,
    )
    with programme.db.transaction() as session:
        if not rows.add(session, application):
            # Somebody was as quick in another window; that application is the one.
            existing = rows.alive(session, person.id, version.key)
            if existing is None:
                raise changed()
            return existing
        audit.record(
            session,
            actor=f"person:{person.id}",
            action="application.made",
            subject=f"application:{application.id}",
            detail={"version": version.key, "season": application.season},
            now=now,
        )
        file = calendars.of_application(programme, application, version.title, season)
        letters.applied(
            programme, person, application, title=version.title, season=season, calendar=file, now=now
        )
    return application
