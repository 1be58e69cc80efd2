# SPDX-License-Identifier: Apache-2.0
"""What administrators do: see people, and give and take roles in the organisations that they look after.

An administrator looks after an organisation and all that belong to it. One of a programme sees everybody who
has an account; the others see those who have a role with them. Anybody can be given a role by their address.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import audit
from service.accounts import organisations, people, sessions
from service.accounts.organisations import Organisation
from service.accounts.people import Person, Role
from service.accounts.room import Accounts
from service.errors import (
    AccountFieldError,
    LastAdministratorError,
    NoSuchOrganisationError,
    NoSuchPersonError,
)

GRANTED = tuple(role for role in Role if role is not Role.EDUCATOR)


def looked_after(session: Session, administrator: Person) -> tuple[Organisation, ...]:
    """Return the organisations that somebody may give roles in, by name."""
    every = organisations.every(session)
    own = set(administrator.organisations(Role.ADMINISTRATOR))
    while True:
        below = {each.slug for each in every if each.parent in own} - own
        if not below:
            return tuple(each for each in every if each.slug in own)
        own |= below


def visible(session: Session, administrator: Person, words: str) -> tuple[Person, ...]:
    """Return whom an administrator sees, by name, if name, address or school holds ``words``."""
    mine = looked_after(session, administrator)
    if any(each.kind == "programme" for each in mine):
        return people.search(session, words)
    return people.search(session, words, within=[each.slug for each in mine])


def see(session: Session, administrator: Person, person: str) -> Person:
    """Return a person whom an administrator sees.

    Raises:
        NoSuchPersonError: There is none, or it is not theirs to see.
    """
    found = people.get(session, person)
    mine = looked_after(session, administrator)
    slugs = {each.slug for each in mine}
    if any(each.kind == "programme" for each in mine) or any(
        member.organisation in slugs for member in found.memberships
    ):
        return found
    raise NoSuchPersonError("There is no such person.")


def history(session: Session, person: str) -> tuple[audit.Line, ...]:
    """Return what was done with a person's roles, the newest first."""
    lines = audit.lines(session, subject=f"person:{person}")
    return tuple(line for line in reversed(lines) if line.action.startswith("role."))


def grant(
    accounts: Accounts, administrator: Person, email: str, role: str, organisation: str, *, now: datetime
) -> Person:
    """Give the person with this address a role in an organisation that one looks after.

    Raises:
        AccountFieldError: There is no such role, or no account with this address.
        NoSuchOrganisationError: It is not one's own.
    """
    with accounts.db.transaction() as session:
        _require_own(session, administrator, organisation)
        found = people.find_by_email(session, email)
        if found is None:
            raise AccountFieldError("Nobody has an account with this address yet.", path="email")
        by = f"person:{administrator.id}"
        return people.grant(session, found.id, _role(role), organisation, actor=by, now=now)


def withdraw(
    accounts: Accounts, administrator: Person, person: str, role: str, organisation: str, *, now: datetime
) -> Person:
    """Take a role in an organisation that one looks after from somebody, at once.

    Raises:
        NoSuchPersonError: It is nobody whom one sees.
        NoSuchOrganisationError: It is not one's own.
        LastAdministratorError: Nobody would be left who could give it back.
    """
    with accounts.db.transaction() as session:
        _require_own(session, administrator, organisation)
        found = see(session, administrator, person)
        taken = _role(role)
        if taken is Role.ADMINISTRATOR and people.every_with(session, taken, organisation) == (found,):
            raise LastAdministratorError("Name somebody else first: this is the only administrator here.")
        by = f"person:{administrator.id}"
        return people.withdraw(session, found.id, taken, organisation, actor=by, now=now)


def sign_out(accounts: Accounts, administrator: Person, person: str, *, now: datetime) -> Person:
    """Sign somebody out of all browsers, at once.

    Raises:
        NoSuchPersonError: It is nobody whom one sees.
    """
    with accounts.db.transaction() as session:
        found = see(session, administrator, person)
        sessions.end_all(session, found.id)
        audit.record(
            session,
            actor=f"person:{administrator.id}",
            action="sessions.ended",
            subject=f"person:{found.id}",
            now=now,
        )
        return found


def _require_own(session: Session, administrator: Person, organisation: str) -> None:
    if organisation not in {each.slug for each in looked_after(session, administrator)}:
        raise NoSuchOrganisationError("There is no such organisation.", got=organisation[:40])


def _role(text: str) -> Role:
    if text not in GRANTED:
        raise AccountFieldError("Choose a role from the list.", path="role", got=text[:40])
    return Role(text)
