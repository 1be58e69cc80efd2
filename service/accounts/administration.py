# SPDX-License-Identifier: Apache-2.0
"""What administrators do: see people, and give and take roles in the organisations that they look after.

An administrator looks after an organisation and all that belong to it, and gives the roles that its kind has
(``ROLES``): whoever looks after a district makes nobody a manager. Anybody can be given a role by their
address, but nobody gives one to themselves.

An administrator of a programme sees everybody who has an account. The others see, of those who have a role
with them, the address and these roles, and no more: giving a role opens nobody's account (threats P1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

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

WITHIN_MAX: Final = 5_000  # people with a role in organisations that somebody looks after

# Which roles there are in organisations of which kind; the machine's own administrator may give others.
ROLES: Final[Mapping[str, tuple[Role, ...]]] = {
    "programme": (Role.REVIEWER, Role.MANAGER, Role.OFFICER, Role.ADMINISTRATOR),
    "affiliate": (Role.AFFILIATE, Role.ADMINISTRATOR),
    "district": (Role.RECOGNIZER, Role.ADMINISTRATOR),
    "state": (Role.RECOGNIZER, Role.ADMINISTRATOR),
}


def granted(organisations: Iterable[Organisation]) -> tuple[Role, ...]:
    """Return the roles that can be given in one of these organisations."""
    found = {role for each in organisations for role in ROLES[each.kind]}
    return tuple(role for role in Role if role in found)


def sees_accounts(session: Session, administrator: Person) -> bool:
    """Tell whether somebody sees whole accounts: names, schools, and all roles."""
    return any(each.kind == "programme" for each in looked_after(session, administrator))


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
    if sees_accounts(session, administrator):
        return people.search(session, words)
    mine = [each.slug for each in looked_after(session, administrator)]
    # Nothing that is not shown may be found by searching for it.
    found = (_narrowed(each, mine) for each in people.search(session, "", most=WITHIN_MAX, within=mine))
    return tuple(
        sorted(
            (each for each in found if all(word in each.email.lower() for word in words.lower().split())),
            key=lambda each: each.email,
        )
    )


def see(session: Session, administrator: Person, person: str) -> Person:
    """Return a person whom an administrator sees, with as much as they see.

    Raises:
        NoSuchPersonError: There is none, or it is not theirs to see.
    """
    found = people.get(session, person)
    if sees_accounts(session, administrator):
        return found
    narrowed = _narrowed(found, [each.slug for each in looked_after(session, administrator)])
    if not narrowed.memberships:
        raise NoSuchPersonError("There is no such person.")
    return narrowed


def history(session: Session, administrator: Person, person: str) -> tuple[audit.Line, ...]:
    """Return what was done with a person's roles, as far as an administrator sees it, the newest first."""
    lines = [
        each for each in audit.lines(session, subject=f"person:{person}") if each.action.startswith("role.")
    ]
    if not sees_accounts(session, administrator):
        mine = {each.slug for each in looked_after(session, administrator)}
        lines = [each for each in lines if each.detail.get("organisation") in mine]
    return tuple(reversed(lines))


def grant(
    accounts: Accounts, administrator: Person, email: str, role: str, organisation: str, *, now: datetime
) -> Person:
    """Give the person with this address a role in an organisation that one looks after.

    Raises:
        AccountFieldError: There is no such role there, no account with this address, or it is one's own.
        NoSuchOrganisationError: It is not one's own.
    """
    with accounts.db.transaction() as session:
        own = _require_own(session, administrator, organisation)
        given = _role(role)
        if given not in ROLES[own.kind]:
            names = " or ".join(each.replace("-", " ") for each in ROLES[own.kind])
            raise AccountFieldError(f"In {own.name} somebody can be {names}.", path="role", got=role[:40])
        found = people.find_by_email(session, email)
        if found is None:
            raise AccountFieldError("Nobody has an account with this address yet.", path="email")
        if found.id == administrator.id:
            raise AccountFieldError(
                "Nobody gives a role to themselves: ask another administrator.", path="email"
            )
        by = f"person:{administrator.id}"
        return people.grant(session, found.id, given, organisation, actor=by, now=now)


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
    """Sign somebody out of all browsers, at once; for administrators of a programme.

    Raises:
        NoSuchPersonError: It is nobody whose account one sees.
    """
    with accounts.db.transaction() as session:
        if not sees_accounts(session, administrator):
            raise NoSuchPersonError("There is no such person.")
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


def _narrowed(person: Person, organisations: Collection[str]) -> Person:
    """Return of a person the address and the roles in these organisations, and nothing else."""
    return Person(
        id=person.id,
        email=person.email,
        name=person.email,
        confirmed_at=person.confirmed_at,
        memberships=tuple(each for each in person.memberships if each.organisation in organisations),
    )


def _require_own(session: Session, administrator: Person, organisation: str) -> Organisation:
    for each in looked_after(session, administrator):
        if each.slug == organisation:
            return each
    raise NoSuchOrganisationError("There is no such organisation.", got=organisation[:40])


def _role(text: str) -> Role:
    if text not in tuple(Role) or text == Role.EDUCATOR:
        raise AccountFieldError("Choose a role from the list.", path="role", got=text[:40])
    return Role(text)
