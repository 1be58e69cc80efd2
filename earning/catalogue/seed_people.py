# SPDX-License-Identifier: Apache-2.0
"""The people of the sample, for a demonstration only: accounts of every role, reviewers' skills, communities.

All of them are invented. Done twice, it changes nothing: who is there by address stays as they are.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from earning.catalogue import seed
from earning.company.community import Fields, MemberRole, SharedDate
from earning.programme import Programme
from earning.review import reviewers
from earning.store import communities as rows
from issuer.toml_reader import Table, read_table
from service.accounts import people
from service.accounts.people import Role

_FIELDS: Final = ("zone", "state", "job", "school", "local")


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody to sign in as. ``about`` says who this is, for those who try the programme."""

    email: str
    name: str
    about: str
    fields: dict[str, Any]
    roles: tuple[tuple[Role, str], ...]
    skills: tuple[str, ...]


def seed_people(programme: Programme, *, now: datetime) -> tuple[str, ...]:
    """Make the people of the sample and their communities; return sentences about what there is."""
    made = tuple(everybody())
    with programme.db.transaction() as session:
        known = [people.find_by_email(session, person.email) is not None for person in made]
        for person, is_known in zip(made, known, strict=True):
            if not is_known:
                _add(programme, person, now=now)
    count = _communities(programme, now=now)
    return (f"People to sign in as: {len(made)}", f"Learning communities: {count}")


def everybody() -> Iterator[SamplePerson]:
    """Yield the people of the sample, as their file says."""
    table = seed.people_file()
    for item in table.tables("person"):
        fields: dict[str, Any] = {
            name: value for name in _FIELDS if (value := item.optional_text(name)) is not None
        }
        yield SamplePerson(
            email=item.text("email"),
            name=item.text("name"),
            about=item.text("about"),
            fields={**fields, "is_member": item.boolean("is_member", default=False)},
            roles=tuple(_role(each) for each in item.tables("roles")),
            skills=item.texts("skills"),
        )
        item.done()


def _role(table: Table) -> tuple[Role, str]:
    found = Role(table.text("role")), table.text("organisation")
    table.done()
    return found


def _add(programme: Programme, person: SamplePerson, *, now: datetime) -> None:
    with programme.db.transaction() as session:
        made = people.create(
            session, email=person.email, name=person.name, now=now, confirmed_at=now, **person.fields
        )
        for role, organisation in person.roles:
            people.grant(session, made.id, role, organisation, actor=seed.ACTOR, now=now)
            if role is Role.REVIEWER:
                reviewers.enrol(programme, made.id, organisation, person.skills, actor=seed.ACTOR, now=now)


def _communities(programme: Programme, *, now: datetime) -> int:
    table = read_table((seed.samples() / "communities.toml").read_bytes(), name="communities.toml")
    items = table.tables("community")
    table.done()
    for item in items:
        _community(programme, item, now=now)
    return len(items)


def _community(programme: Programme, item: Table, *, now: datetime) -> None:
    fields = Fields(
        name=item.text("name"),
        about=item.text("about"),
        portal=item.optional_text("portal"),
        local=item.optional_text("local") or "",
        contact=item.text("contact"),
        is_listed=item.boolean("is_listed", default=False),
    )
    members = [
        (each.text("email"), MemberRole(each.text("role")), each.boolean("shows_name", default=False))
        for each in item.tables("member")
    ]
    dates = [
        SharedDate(
            id=str(uuid.uuid4()),
            code=each.optional_text("code"),
            title=each.text("title"),
            day=each.day("day"),
        )
        for each in item.tables("date")
    ]
    item.done()
    with programme.db.transaction() as session:
        ids = {email: found.id for email, _, _ in members if (found := people.find_by_email(session, email))}
        lead = next(
            (ids[email] for email, role, _ in members if role is MemberRole.LEAD and email in ids), None
        )
        if lead is None or any(each.name == fields.name for each, _ in rows.of_person(session, lead)):
            return
        id = rows.add(session, fields, person=lead, invite=secrets.token_hex(32), now=now)
        for email, role, shows_name in members:
            if email in ids:
                rows.join(session, id, ids[email], role, shows_name=shows_name, now=now)
        for date in dates:
            rows.add_date(session, id, date)
