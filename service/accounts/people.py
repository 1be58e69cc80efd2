# SPDX-License-Identifier: Apache-2.0
"""People with an account, and the roles they have in organisations.

Two addresses are the same person's if they differ only in case or in white space around them. Everybody with
a confirmed address is an educator; every other role is given per organisation, and leaves an audit line.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from service import audit
from service.accounts import organisations
from service.accounts.fields import DEFAULT_ZONE, checked, email_key
from service.accounts.tables import EarlierAddressRow, MembershipRow, PersonRow, SessionRow
from service.errors import AccountFieldError, AddressTakenError, NoSuchPersonError

FOUND_MAX: Final = 200  # people that one search shows
BATCH: Final = 500  # ids in one question; SQLite takes 32,766 values

_FIELDS: Final = frozenset(
    ("email", "name", "zone", "language", "job", "school", "local", "state", "is_member", "confirmed_at")
)


class Role(StrEnum):
    """What somebody may be. ``EDUCATOR`` is everybody with a confirmed address, and never granted."""

    EDUCATOR = "educator"
    REVIEWER = "reviewer"
    MANAGER = "programme-manager"
    OFFICER = "issuer-officer"
    RECOGNIZER = "recognizer"
    AFFILIATE = "affiliate-officer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, order=True)
class Membership:
    """A role in an organisation, by its slug."""

    organisation: str
    role: Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account.

    Attributes:
        id: UUID as text; never changes.
        email: The address as it is written to; "" after erasure.
        zone: IANA name of the time zone in which this person's days begin.
        job: A word of the programme's audiences, or "".
        school: As typed; compare with ``same``.
        local: The local association, as typed.
        state: Two letters, or "".
        is_member: Whether the person says to be a member of the association.
        confirmed_at: When the address was confirmed; None if somebody else entered it.
        memberships: The roles, sorted.
    """

    id: str
    email: str
    name: str
    zone: str = DEFAULT_ZONE
    language: str = "en"
    job: str = ""
    school: str = ""
    local: str = ""
    state: str = ""
    is_member: bool = False
    confirmed_at: datetime | None = None
    memberships: tuple[Membership, ...] = ()

    def has(self, role: Role, organisation: str | None = None) -> bool:
        """Tell whether this person has ``role``, in ``organisation`` or, without one, anywhere."""
        if role == Role.EDUCATOR:
            return self.confirmed_at is not None
        return any(
            each.role == role and organisation in (None, each.organisation) for each in self.memberships
        )

    def organisations(self, role: Role) -> frozenset[str]:
        """Return the slugs of the organisations in which this person has ``role``."""
        return frozenset(each.organisation for each in self.memberships if each.role == role)


def same(a: str, b: str) -> bool:
    """Tell whether two names of schools (or locals) are the same but for case and spaces; "" is nobody's."""
    first, second = ("".join(text.casefold().split()) for text in (a, b))
    return bool(first) and first == second


def get(session: Session, id: str) -> Person:
    """Return the person with this id.

    Raises:
        NoSuchPersonError: There is none, or the account was erased.
    """
    return _person(session, _row(session, id))


def find_by_email(session: Session, email: str) -> Person | None:
    """Return the person with this address, however it is written, or None."""
    row = session.scalar(select(PersonRow).where(PersonRow.email_key == email_key(email)))
    return None if row is None else _person(session, row)


def every_with(session: Session, role: Role, organisation: str | None) -> tuple[Person, ...]:
    """Return everybody who has ``role`` in ``organisation`` (None: anywhere), by name."""
    query = select(PersonRow).where(PersonRow.erased_at.is_(None), PersonRow.confirmed_at.is_not(None))
    if role is not Role.EDUCATOR:
        query = query.where(PersonRow.id.in_(_holders(role, organisation)))
    return _people(session, session.scalars(query.order_by(PersonRow.name, PersonRow.id)))


def search(
    session: Session, words: str, *, most: int = FOUND_MAX, within: Collection[str] | None = None
) -> tuple[Person, ...]:
    """Return people whose name, address or school holds ``words``; all for "", by name, at most ``most``.

    With ``within`` only those who have a role in one of these organisations.
    """
    query = select(PersonRow).where(PersonRow.erased_at.is_(None))
    if within is not None:
        members = select(MembershipRow.person).where(MembershipRow.organisation.in_(within))
        query = query.where(PersonRow.id.in_(members))
    for word in words.split()[:8]:
        query = query.where(
            or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (PersonRow.name, PersonRow.email, PersonRow.school)
                )
            )
        )
    return _people(session, session.scalars(query.order_by(PersonRow.name, PersonRow.id).limit(most)))


def earlier_addresses(session: Session, id: str) -> tuple[str, ...]:
    """Return the addresses that a person had confirmed before, in the form in which two are compared.

    One that is another account's today is that account's, and not among them.
    """
    taken = select(PersonRow.email_key).where(PersonRow.email_key.is_not(None))
    query = select(EarlierAddressRow.email_key).where(
        EarlierAddressRow.person == id, EarlierAddressRow.email_key.not_in(taken)
    )
    return tuple(sorted(session.scalars(query)))


def find_by_any_email(session: Session, email: str) -> Person | None:
    """Return the person whose confirmed address this is, or alone was before; None for nobody."""
    found = find_by_email(session, email)
    if found is not None:
        return found if found.confirmed_at is not None else None
    query = select(EarlierAddressRow.person).where(EarlierAddressRow.email_key == email_key(email))
    had = session.scalars(query).all()
    return get(session, had[0]) if len(had) == 1 else None


def create(session: Session, *, email: str, name: str, now: datetime, **fields: Any) -> Person:
    """Make an account. Without ``confirmed_at`` its owner confirms the address when signing in by a link.

    Args:
        session: The caller's writing transaction.
        email: The address.
        name: As the person writes it.
        now: When.
        fields: Any of zone, language, job, school, local, state, is_member, confirmed_at.

    Raises:
        AddressTakenError: There is an account with this address.
        AccountFieldError: A value does not fit; ``path`` names the field.
    """
    row = PersonRow(
        id=str(uuid.uuid4()),
        zone=DEFAULT_ZONE,
        language="en",
        job="",
        school="",
        local="",
        state="",
        is_member=False,
        created_at=now,
    )
    _set(session, row, {"email": email, "name": name, **fields})
    session.add(row)
    session.flush()
    audit.record(session, actor="system", action="person.created", subject=f"person:{row.id}", now=now)
    return _person(session, row)


def change(session: Session, id: str, *, now: datetime, **fields: Any) -> Person:
    """Change fields of a person, and return the person as changed.

    Raises:
        NoSuchPersonError: There is none.
        AddressTakenError: The new address is somebody else's.
        AccountFieldError: A value does not fit; ``path`` names the field.
    """
    row = _row(session, id)
    _set(session, row, fields)
    session.flush()
    audit.record(
        session,
        actor="system",
        action="person.changed",
        subject=f"person:{id}",
        detail={"fields": " ".join(sorted(fields))},
        now=now,
    )
    return _person(session, row)


def grant(
    session: Session, person_id: str, role: Role, organisation: str, *, actor: str, now: datetime
) -> Person:
    """Give a role in an organisation; given twice, it is one. Sessions get a new id.

    Raises:
        NoSuchPersonError: There is no such person.
        NoSuchOrganisationError: There is no such organisation.
        AccountFieldError: The role is not one that is granted.
    """
    row = _row(session, person_id)
    organisations.get(session, organisation)
    if role is Role.EDUCATOR:
        raise AccountFieldError("Everybody with a confirmed address is an educator.", path="role")
    if session.get(MembershipRow, (person_id, organisation, str(role))) is None:
        session.add(
            MembershipRow(person=person_id, organisation=organisation, role=str(role), granted_at=now)
        )
        _changed_role(session, "role.granted", person_id, role, organisation, actor=actor, now=now)
    return _person(session, row)


def withdraw(
    session: Session, person_id: str, role: Role, organisation: str, *, actor: str, now: datetime
) -> Person:
    """Take a role back at once; taken back twice, nothing more happens.

    Raises:
        NoSuchPersonError: There is no such person.
    """
    row = _row(session, person_id)
    membership = session.get(MembershipRow, (person_id, organisation, str(role)))
    if membership is not None:
        session.delete(membership)
        _changed_role(session, "role.withdrawn", person_id, role, organisation, actor=actor, now=now)
    return _person(session, row)


def _changed_role(
    session: Session, action: str, person: str, role: Role, organisation: str, *, actor: str, now: datetime
) -> None:
    session.flush()
    session.execute(update(SessionRow).where(SessionRow.person == person).values(must_renew=True))
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"person:{person}",
        detail={"role": str(role), "organisation": organisation},
        now=now,
    )


def _holders(role: Role, organisation: str | None) -> Any:
    query = select(MembershipRow.person).where(MembershipRow.role == str(role))
    return query if organisation is None else query.where(MembershipRow.organisation == organisation)


def _row(session: Session, id: str) -> PersonRow:
    row = session.get(PersonRow, id)
    if row is None or row.erased_at is not None:
        raise NoSuchPersonError("There is no such person.", got=id[:40])
    return row


def _set(session: Session, row: PersonRow, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in _FIELDS:
            raise TypeError(f"a person has no field {name}")
        if name == "email":
            row.email = checked(name, value)
            key = email_key(row.email)
            with session.no_autoflush:
                other = session.scalar(select(PersonRow.id).where(PersonRow.email_key == key))
            if other not in (None, row.id):
                raise AddressTakenError("There is an account with this address already.")
            if row.email_key not in (None, key) and row.confirmed_at is not None:
                session.merge(EarlierAddressRow(person=row.id, email_key=row.email_key))
            row.email_key = key
        else:
            setattr(row, name, checked(name, value))


def _batched(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _person(session: Session, row: PersonRow) -> Person:
    return _people(session, [row])[0]


def _people(session: Session, rows: Iterable[PersonRow]) -> tuple[Person, ...]:
    """Return the rows as people, with all their memberships by few questions."""
    found = list(rows)
    roles: dict[str, list[Membership]] = {row.id: [] for row in found}
    for some in _batched([row.id for row in found]):
        for each in session.scalars(select(MembershipRow).where(MembershipRow.person.in_(some))):
            roles[each.person].append(Membership(organisation=each.organisation, role=Role(each.role)))
    return tuple(
        Person(
            id=row.id,
            email=row.email or "",
            name=row.name,
            zone=row.zone,
            language=row.language,
            job=row.job,
            school=row.school,
            local=row.local,
            state=row.state,
            is_member=row.is_member,
            confirmed_at=row.confirmed_at,
            memberships=tuple(sorted(roles[row.id])),
        )
        for row in found
    )
