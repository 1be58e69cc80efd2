# SPDX-License-Identifier: Apache-2.0
"""Learning communities: start one, set dates together, hand over, leave, end (``earning.company.community``).

How others get in is in ``earning.company.invitations``.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from earning.company import community as rules
from earning.company import community_letters as letters
from earning.company.community import Community, Fields, Member, MemberRole, Progress, SharedDate
from earning.errors import (
    CommunityFieldError,
    CommunityLimitError,
    CommunityStateError,
    NoSuchCommunityError,
)
from earning.programme import Programme
from earning.store import communities as rows
from service import audit, mail, zones
from service.accounts import people
from service.accounts.people import Person

LISTED_MAX = 500  # communities that one search looks through
SHOWN_MAX = 60  # communities that one page shows


@dataclass(frozen=True, slots=True)
class View:
    """A community as one of its members sees it.

    Attributes:
        me: The member who looks.
        progress: Counts that tell about no single person.
        titles: Of the micro-credentials that dates are about, by code.
        hidden: How many members are not named.
    """

    community: Community
    me: Member
    members: tuple[Member, ...]
    dates: tuple[SharedDate, ...]
    progress: tuple[Progress, ...]
    titles: dict[str, str]

    @property
    def is_lead(self) -> bool:
        """Whether the one who looks leads it."""
        return self.me.role is MemberRole.LEAD

    @property
    def named(self) -> tuple[Member, ...]:
        """Those who agreed to be named."""
        return tuple(each for each in self.members if each.name)

    @property
    def hidden(self) -> int:
        """How many did not."""
        return len(self.members) - len(self.named)


def of_person(programme: Programme, person: Person) -> tuple[tuple[Community, MemberRole], ...]:
    """Return the communities of somebody, with the role in each."""
    with programme.db.reading() as session:
        return rows.of_person(session, person.id)


def search(programme: Programme, words: str, *, portal: str | None, near: str) -> tuple[Community, ...]:
    """Return listed communities that hold all ``words``; those of the local ``near`` come first."""
    with programme.db.reading() as session:
        found = rows.listed(session, portal=portal, most=LISTED_MAX)
    fitting = [each for each in found if rules.matches(each, words)]
    return tuple(sorted(fitting, key=lambda each: not people.same(each.local, near))[:SHOWN_MAX])


def listed(programme: Programme, id: str) -> Community:
    """Return a community that wants to be found.

    Raises:
        NoSuchCommunityError: There is none, or it does not want to be found.
    """
    with programme.db.reading() as session:
        found = rows.find_listed(session, id)
    if found is None:
        raise _unknown()
    return found


def view(programme: Programme, person: Person, id: str) -> View:
    """Return a community as ``person``, who is in it, sees it.

    Raises:
        NoSuchCommunityError: There is none that the person is in.
    """
    with programme.db.reading() as session:
        found = rows.find(session, id, person=person.id)
        if found is None:
            raise _unknown()
        members = rows.members(session, id)
        dates = rows.dates(session, id)
        return View(
            community=found,
            me=next(each for each in members if each.person == person.id),
            members=members,
            dates=dates,
            progress=rules.shown(rows.progress(session, id)),
            titles=rows.titles(session, [each.code for each in dates if each.code]),
        )


def choices(programme: Programme) -> tuple[tuple[str, str], ...]:
    """Return code and title of what a date can be about."""
    with programme.db.reading() as session:
        return rows.choices(session)


def start(programme: Programme, person: Person, fields: Fields, *, shows_name: bool, now: datetime) -> str:
    """Start a community that ``person`` leads; return its id."""
    with programme.db.transaction() as session:
        id = rows.add(session, fields, person=person.id, invite=secrets.token_hex(32), now=now)
        rows.join(session, id, person.id, MemberRole.LEAD, shows_name=shows_name, now=now)
        note(programme, person, "community.started", id, now=now)
    return id


def change(programme: Programme, person: Person, id: str, fields: Fields, *, now: datetime) -> None:
    """Change what is said about a community.

    Raises:
        NoSuchCommunityError: None that the person leads.
        CommunityStateError: It has ended.
    """
    with programme.db.transaction() as session:
        led(programme, person, id)
        rows.change(session, id, fields)
        note(programme, person, "community.changed", id, now=now)


def set_preferences(
    programme: Programme, person: Person, id: str, *, shows_name: bool, wants_mail: bool, now: datetime
) -> None:
    """Set whether the others see one's name, and whether mails about dates come.

    Raises:
        NoSuchCommunityError: None that the person is in.
    """
    with programme.db.transaction() as session:
        mine(programme, person, id)
        rows.set_member(session, id, person.id, shows_name=shows_name, wants_mail=wants_mail)
        note(programme, person, "community.preferences", id, now=now)


def leave(programme: Programme, person: Person, id: str, *, now: datetime) -> None:
    """Leave. A lead who is not alone hands over first; a lead who is alone ends the community.

    Raises:
        NoSuchCommunityError: None that the person is in.
        CommunityStateError: Somebody else must lead it first.
    """
    with programme.db.transaction() as session:
        found = mine(programme, person, id)
        everybody = rows.members(session, id)
        me = next(each for each in everybody if each.person == person.id)
        if me.role is MemberRole.LEAD and not found.is_over:
            if len(everybody) > 1:
                raise CommunityStateError("Hand the lead over to somebody first, or end the community.")
            rows.end(session, id, now=now)
        rows.leave(session, id, person.id)
        note(programme, person, "community.left", id, now=now)


def hand_over(programme: Programme, person: Person, id: str, to: str, *, now: datetime) -> None:
    """Make a member who shows a name the lead; the lead becomes a member.

    Raises:
        NoSuchCommunityError: None that the person leads, or no such member.
        CommunityStateError: It has ended.
    """
    with programme.db.transaction() as session:
        led(programme, person, id)
        named = {each.person for each in rows.members(session, id) if each.name}
        if to not in named - {person.id}:
            raise NoSuchCommunityError("There is no such member whose name is shown.")
        rows.set_member(session, id, to, role=str(MemberRole.LEAD))
        rows.set_member(session, id, person.id, role=str(MemberRole.MEMBER))
        note(programme, person, "community.handed-over", id, detail={"to": to}, now=now)


def end(programme: Programme, person: Person, id: str, *, now: datetime) -> None:
    """End a community: nobody can join, its dates stay to be read.

    Raises:
        NoSuchCommunityError: None that the person leads.
        CommunityStateError: It has ended already.
    """
    with programme.db.transaction() as session:
        led(programme, person, id)
        rows.end(session, id, now=now)
        note(programme, person, "community.ended", id, now=now)


def add_date(
    programme: Programme, person: Person, id: str, *, title: str, day: str, code: str, now: datetime
) -> None:
    """Set a shared date and tell the members who want mails.

    Raises:
        NoSuchCommunityError: None that the person leads.
        CommunityStateError: It has ended.
        CommunityFieldError: A field does not fit.
        CommunityLimitError: There are too many dates.
    """
    with programme.db.transaction() as session:
        found = led(programme, person, id)
        date = SharedDate(
            id=str(uuid.uuid4()),
            code=code or None,
            title=rules.one_line(title, "title", rules.NAME_CHARS, required=True),
            day=rules.read_day(day, today=zones.local(now, person.zone).date()),
        )
        known = dict(rows.choices(session))
        if date.code is not None and date.code not in known:
            raise CommunityFieldError("Choose a micro-credential from the list.", path="code")
        if len(rows.dates(session, id)) >= rules.DATES_MAX:
            raise CommunityLimitError(f"A community has up to {rules.DATES_MAX} dates. Remove one first.")
        rows.add_date(session, id, date)
        counts = rules.shown(rows.progress(session, id))
        for member in rows.members(session, id):
            if member.wants_mail and member.person != person.id:
                reader = people.get(session, member.person)
                letter = letters.news(reader, found, date, known.get(date.code or "", ""), counts)
                mail.post(session, letter, key=f"community:{date.id}:{reader.id}", now=now)
        note(programme, person, "community.date-added", id, detail={"day": date.day.isoformat()}, now=now)
    programme.ring("mail")


def remove_date(programme: Programme, person: Person, id: str, date: str, *, now: datetime) -> None:
    """Take a shared date away.

    Raises:
        NoSuchCommunityError: None that the person leads, or no such date.
        CommunityStateError: It has ended.
    """
    with programme.db.transaction() as session:
        led(programme, person, id)
        if not rows.remove_date(session, id, date):
            raise _unknown()
        note(programme, person, "community.date-removed", id, now=now)


def mine(programme: Programme, person: Person, id: str) -> Community:
    """Return a community that the person is in.

    Raises:
        NoSuchCommunityError: There is none.
    """
    with programme.db.reading() as session:
        found = rows.find(session, id, person=person.id)
    if found is None:
        raise _unknown()
    return found


def led(programme: Programme, person: Person, id: str) -> Community:
    """Return a community that the person leads and that goes on.

    Raises:
        NoSuchCommunityError: There is none.
        CommunityStateError: It has ended.
    """
    found = mine(programme, person, id)
    with programme.db.reading() as session:
        me = next(each for each in rows.members(session, id) if each.person == person.id)
    if me.role is not MemberRole.LEAD:
        raise NoSuchCommunityError("Only the lead of a community can do this.")
    if found.is_over:
        raise CommunityStateError("This community has ended.")
    return found


def note(
    programme: Programme,
    person: Person,
    action: str,
    id: str,
    *,
    now: datetime,
    detail: dict[str, str | int | None] | None = None,
) -> None:
    """Write an audit line about a community."""
    with programme.db.transaction() as session:
        audit.record(
            session,
            actor=f"person:{person.id}",
            action=action,
            subject=f"community:{id}",
            detail=detail,
            now=now,
        )


def _unknown() -> NoSuchCommunityError:
    return NoSuchCommunityError(
        "There is no such community among yours. An invitation opens the door to one."
    )
