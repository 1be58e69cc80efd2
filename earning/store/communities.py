# SPDX-License-Identifier: Apache-2.0
"""Rows of learning communities: who is in them, what they have set themselves, and how far they are.

Whoever asks for a community is in the WHERE clause, so that a foreign one is not there (threats W1). Nothing
here reads what anybody has written; progress is counted by the database and leaves it as numbers.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session

from earning.company.community import Community, Fields, Member, MemberRole, Progress, SharedDate
from earning.store.tables import (
    ApplicationRow,
    CommunityDateRow,
    CommunityInviteRow,
    CommunityMemberRow,
    CommunityRow,
    QuestionRow,
    VersionRow,
)
from earning.work.applications import State
from service.accounts.tables import PersonRow

_ENDED_WITHOUT = (State.WITHDRAWN, State.EXPIRED, State.DENIED)


def add(session: Session, fields: Fields, *, person: str, invite: str, now: datetime) -> str:
    """Write a new community and return its id."""
    row = CommunityRow(
        id=str(uuid.uuid4()),
        name=fields.name,
        about=fields.about,
        portal=fields.portal,
        local=fields.local,
        contact=fields.contact,
        is_listed=fields.is_listed,
        invite=invite,
        started_by=person,
        started_at=now,
        ended_at=None,
    )
    session.add(row)
    session.flush()
    return row.id


def change(session: Session, id: str, fields: Fields) -> None:
    """Write these fields."""
    session.execute(
        update(CommunityRow)
        .where(CommunityRow.id == id)
        .values({name: getattr(fields, name) for name in Fields.__slots__})
    )


def find(session: Session, id: str, *, person: str) -> Community | None:
    """Return a community that ``person`` is in, or None."""
    row = session.scalar(
        select(CommunityRow)
        .join(CommunityMemberRow, CommunityMemberRow.community == CommunityRow.id)
        .where(CommunityRow.id == id, CommunityMemberRow.person == person)
    )
    return None if row is None else _community(row)


def find_listed(session: Session, id: str) -> Community | None:
    """Return a listed community that goes on, or None."""
    row = session.scalar(_listed().where(CommunityRow.id == id))
    return None if row is None else _community(row)


def find_invited(
    session: Session, digest: str, *, now: datetime
) -> tuple[Community, MemberRole | None] | None:
    """Return the community behind an invitation and the role it was made for (None: one may choose)."""
    row = session.scalar(select(CommunityRow).where(CommunityRow.invite == digest))
    if row is not None:
        return _community(row), None
    found = session.execute(
        select(CommunityRow, CommunityInviteRow.role)
        .join(CommunityInviteRow, CommunityInviteRow.community == CommunityRow.id)
        .where(CommunityInviteRow.digest == digest, CommunityInviteRow.expires_at > now)
    ).one_or_none()
    return None if found is None else (_community(found[0]), MemberRole(found[1]))


def of_person(session: Session, person: str) -> tuple[tuple[Community, MemberRole], ...]:
    """Return the communities that somebody is in, those that go on first."""
    rows = session.execute(
        select(CommunityRow, CommunityMemberRow.role)
        .join(CommunityMemberRow, CommunityMemberRow.community == CommunityRow.id)
        .where(CommunityMemberRow.person == person)
        .order_by(CommunityRow.ended_at.is_not(None), CommunityRow.name, CommunityRow.id)
    )
    return tuple((_community(row), MemberRole(role)) for row, role in rows)


def listed(session: Session, *, portal: str | None = None, most: int) -> tuple[Community, ...]:
    """Return the communities that want to be found and go on, by name."""
    query = _listed().order_by(CommunityRow.name, CommunityRow.id).limit(most)
    if portal is not None:
        query = query.where(CommunityRow.portal == portal)
    return tuple(_community(row) for row in session.scalars(query))


def set_invite(session: Session, id: str, digest: str) -> None:
    """Make this the invitation link; the one before, and all sent by mail, are good no more."""
    session.execute(update(CommunityRow).where(CommunityRow.id == id).values(invite=digest))
    session.execute(delete(CommunityInviteRow).where(CommunityInviteRow.community == id))


def add_invite(
    session: Session, id: str, digest: str, role: MemberRole, *, now: datetime, expires_at: datetime
) -> None:
    """Write an invitation that is good once; old ones go."""
    session.execute(delete(CommunityInviteRow).where(CommunityInviteRow.expires_at <= now))
    session.add(
        CommunityInviteRow(digest=digest, community=id, role=str(role), created_at=now, expires_at=expires_at)
    )
    session.flush()


def use_invite(session: Session, digest: str) -> None:
    """Take an invitation that was sent by mail; the link of the community stays."""
    session.execute(delete(CommunityInviteRow).where(CommunityInviteRow.digest == digest))


def end(session: Session, id: str, *, now: datetime) -> None:
    """End a community; nobody can join any more."""
    session.execute(update(CommunityRow).where(CommunityRow.id == id).values(ended_at=now))
    session.execute(delete(CommunityInviteRow).where(CommunityInviteRow.community == id))


def take_contacts(session: Session, address: str) -> None:
    """Take an address away wherever it is the contact of a community, whoever leads it now."""
    session.execute(
        update(CommunityRow)
        .where(func.lower(CommunityRow.contact) == address.lower())
        .values(contact="", is_listed=False)
    )


def take_contact(session: Session, id: str) -> None:
    """Take the contact of a community away; without one it is not listed."""
    session.execute(update(CommunityRow).where(CommunityRow.id == id).values(contact="", is_listed=False))


# -- what people asked --------------------------------------------------------------------------------------


def questions_of(session: Session, person: str, address: str) -> list[dict[str, object]]:
    """Return what somebody asked, signed in or with their address."""
    found = session.scalars(
        select(QuestionRow).where(_asked_by(person, address)).order_by(QuestionRow.asked_at)
    )
    return [
        {"topic": row.topic, "text": row.text, "sent_to": row.sent_to, "asked_at": row.asked_at}
        for row in found
    ]


def forget_questions(session: Session, person: str, address: str) -> tuple[str, ...]:
    """Empty what somebody asked, and return the ids; that there was a question stays."""
    found = session.execute(
        update(QuestionRow)
        .where(_asked_by(person, address))
        .values(person=None, email="", text="")
        .returning(QuestionRow.id)
    )
    return tuple(found.scalars())


def _asked_by(person: str, address: str) -> ColumnElement[bool]:
    return (QuestionRow.person == person) | (func.lower(QuestionRow.email) == address.lower())


# -- members ----------------------------------------------------------------------------------------------


def join(
    session: Session, id: str, person: str, role: MemberRole, *, shows_name: bool, now: datetime
) -> bool:
    """Add a member; False if the person is in it already."""
    if session.get(CommunityMemberRow, (id, person)) is not None:
        return False
    session.add(
        CommunityMemberRow(
            community=id, person=person, role=str(role), shows_name=shows_name, wants_mail=True, joined_at=now
        )
    )
    session.flush()
    return True


def leave(session: Session, id: str, person: str) -> None:
    """Take a member out."""
    session.execute(
        delete(CommunityMemberRow).where(
            CommunityMemberRow.community == id, CommunityMemberRow.person == person
        )
    )


def set_member(session: Session, id: str, person: str, **values: object) -> None:
    """Set role, ``shows_name`` or ``wants_mail`` of a member."""
    session.execute(
        update(CommunityMemberRow)
        .where(CommunityMemberRow.community == id, CommunityMemberRow.person == person)
        .values(**values)
    )


def members(session: Session, id: str) -> tuple[Member, ...]:
    """Return everybody in it, in the order of joining; names only of those who agreed."""
    rows = session.execute(
        select(CommunityMemberRow, PersonRow.name)
        .join(PersonRow, PersonRow.id == CommunityMemberRow.person)
        .where(CommunityMemberRow.community == id)
        .order_by(CommunityMemberRow.joined_at, CommunityMemberRow.person)
    )
    return tuple(
        Member(
            person=row.person,
            name=name if row.shows_name else "",
            role=MemberRole(row.role),
            shows_name=row.shows_name,
            wants_mail=row.wants_mail,
            joined_at=row.joined_at,
        )
        for row, name in rows
    )


# -- dates and progress -----------------------------------------------------------------------------------


def add_date(session: Session, community: str, date: SharedDate) -> None:
    """Write a shared date."""
    session.add(
        CommunityDateRow(id=date.id, community=community, code=date.code, title=date.title, day=date.day)
    )
    session.flush()


def remove_date(session: Session, community: str, id: str) -> bool:
    """Take a shared date away; False if it is none of this community's."""
    done = session.execute(
        delete(CommunityDateRow)
        .where(CommunityDateRow.community == community, CommunityDateRow.id == id)
        .returning(CommunityDateRow.id)
    )
    return done.first() is not None


def dates(session: Session, community: str) -> tuple[SharedDate, ...]:
    """Return the shared dates, the first one first."""
    rows = session.scalars(
        select(CommunityDateRow)
        .where(CommunityDateRow.community == community)
        .order_by(CommunityDateRow.day, CommunityDateRow.title, CommunityDateRow.id)
    )
    return tuple(SharedDate(id=row.id, code=row.code, title=row.title, day=row.day) for row in rows)


def progress(session: Session, community: str) -> tuple[Progress, ...]:
    """Return how many members work on what, and how many of them have submitted it once; no mentors."""
    working = func.count(ApplicationRow.person.distinct())
    submitted = func.count(ApplicationRow.person.distinct()).filter(ApplicationRow.submitted_at.is_not(None))
    rows = session.execute(
        select(VersionRow.code, func.max(VersionRow.title), working, submitted)
        .join(ApplicationRow, ApplicationRow.version == VersionRow.key)
        .join(CommunityMemberRow, CommunityMemberRow.person == ApplicationRow.person)
        .where(
            CommunityMemberRow.community == community,
            CommunityMemberRow.role != str(MemberRole.MENTOR),
            ApplicationRow.state.not_in(_ENDED_WITHOUT),
        )
        .group_by(VersionRow.code)
        .order_by(VersionRow.code)
    )
    return tuple(
        Progress(code=code, title=title, working=number, submitted=done) for code, title, number, done in rows
    )


def titles(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the titles of the newest versions with these codes."""
    rows = session.execute(
        select(VersionRow.code, VersionRow.title)
        .where(VersionRow.code.in_(list(codes)))
        .order_by(VersionRow.opened_at)
    )
    return {code: title for code, title in rows}  # noqa: C416  rows are no pairs for dict()


def choices(session: Session) -> tuple[tuple[str, str], ...]:
    """Return code and title of every micro-credential that is not closed, by code."""
    rows = session.execute(
        select(VersionRow.code, func.max(VersionRow.title))
        .where(VersionRow.state != "closed", VersionRow.is_generated.is_(False))
        .group_by(VersionRow.code)
        .order_by(VersionRow.code)
    )
    return tuple((code, title) for code, title in rows)


def _listed() -> Select[CommunityRow]:
    return select(CommunityRow).where(CommunityRow.is_listed, CommunityRow.ended_at.is_(None))


def _community(row: CommunityRow) -> Community:
    return Community(
        id=row.id,
        name=row.name,
        about=row.about,
        portal=row.portal,
        local=row.local,
        contact=row.contact,
        is_listed=row.is_listed,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
