# SPDX-License-Identifier: Apache-2.0
"""What we know of somebody: all of it handed out, or all of it erased. Each room answers for its own part.

A room that keeps anything of people has an object with ``name``, ``export`` and ``erase``, and with ``files``
where it keeps files of theirs; the roof hands them to ``Accounts``. Erasing is one transaction for all rooms;
what a room must keep (a signed award, a decision) stays without the person, whose row then holds an id only.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO, Any, Final, Protocol, runtime_checkable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service import audit, mail
from service.accounts import limits, links, people, sessions
from service.accounts.fields import DEFAULT_ZONE, email_key
from service.accounts.people import Person
from service.accounts.tables import EarlierAddressRow, MembershipRow, PersonRow

MAILS: Final = 1_000  # of the newest mails, how many the export lists

_UNFIT = re.compile(r"[^\w.() -]+")


class PersonalData(Protocol):
    """One room's part of what is known of a person."""

    @property
    def name(self) -> str:
        """The room, as the export names its file: ``earning``."""

    def export(self, session: Session, person: Person) -> Mapping[str, Any]:
        """Return everything about ``person``, as values of JSON (moments may stay moments)."""

    def erase(self, session: Session, person: Person, now: datetime) -> None:
        """Take the person out of everything, in the caller's transaction."""


@runtime_checkable
class WithFiles(Protocol):
    """A room that keeps files of people."""

    def files(self, session: Session, person: Person) -> Iterable[tuple[str, bytes]]:
        """Yield name and content of each file of ``person``."""


def write_export(
    target: IO[bytes], session: Session, rooms: Sequence[PersonalData], person: Person, *, now: datetime
) -> None:
    """Write what is known of ``person`` into ``target``: a ZIP with a JSON file for each room, and files."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(day=now.date().isoformat()))
        for room in (*rooms, AccountData()):
            text = json.dumps(room.export(session, person), ensure_ascii=False, indent=2, default=_plain)
            archive.writestr(f"{room.name}.json", text + "\n")
            if isinstance(room, WithFiles):
                taken: set[str] = set()
                for claimed, body in room.files(session, person):
                    name = _file_name(claimed, taken)
                    archive.writestr(f"{room.name}/{name}", body)


def erase(session: Session, rooms: Sequence[PersonalData], person: Person, *, now: datetime) -> None:
    """Erase ``person`` in all rooms, and the account last, in the caller's transaction."""
    for room in (*rooms, AccountData()):
        room.erase(session, person, now)
    audit.record(
        session,
        actor=f"person:{person.id}",
        action="person.erased",
        subject=f"person:{person.id}",
        now=now,
    )


class AccountData:
    """The accounts' own part: the account, its roles, sign-ins and mails."""

    name = "account"

    def export(self, session: Session, person: Person) -> Mapping[str, Any]:
        """Return account, roles, browsers that are signed in, and which mails were sent."""
        row = session.get_one(PersonRow, person.id)
        roles = session.scalars(select(MembershipRow).where(MembershipRow.person == person.id))
        return {
            "id": person.id,
            "email": person.email,
            "earlier_emails": list(people.earlier_addresses(session, person.id)),
            "name": person.name,
            "time_zone": person.zone,
            "language": person.language,
            "job": person.job,
            "school": person.school,
            "local": person.local,
            "state": person.state,
            "says_to_be_a_member": person.is_member,
            "created_at": row.created_at,
            "confirmed_at": row.confirmed_at,
            "password_set_at": row.password_at,
            "roles": [
                {"organisation": each.organisation, "role": each.role, "granted_at": each.granted_at}
                for each in roles
            ],
            "sign_ins": [
                {"device": row.device, "signed_in_at": row.signed_in_at, "last_used_at": row.seen_at}
                for row in sessions.every(session, person.id)
            ],
            "mails": [
                {"subject": each.subject, "kind": each.kind, "written_at": each.created_at}
                for each in mail.listing(session, limit=MAILS, person=person.id)
            ],
            "audit": [
                {"at": line.at, "action": line.action, **line.detail}
                for line in audit.lines(session, subject=f"person:{person.id}")
            ],
        }

    def erase(self, session: Session, person: Person, now: datetime) -> None:
        """Leave an id and a date, and nothing else."""
        sessions.end_all(session, person.id)
        links.void(session, person=person.id, email=person.email)
        mail.forget(session, person.id, address=person.email)
        limits.forget(session, person.id, person.email, email_key(person.email))
        session.execute(delete(MembershipRow).where(MembershipRow.person == person.id))
        session.execute(delete(EarlierAddressRow).where(EarlierAddressRow.person == person.id))
        row = session.get_one(PersonRow, person.id)
        row.email = row.email_key = row.password = row.password_at = row.confirmed_at = None
        row.name = row.job = row.school = row.local = row.state = ""
        row.zone, row.language, row.is_member = DEFAULT_ZONE, "en", False
        row.erased_at = now
        session.flush()


_README = """Everything that this site knows of you, as of {day} (UTC).

Each .json file is one part of the site and can be opened with any text editor; account.json is your account.
Folders hold the files that you have uploaded.
"""


def _plain(value: object) -> str:
    """Return a moment as text; anything else was not meant to be exported."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of JSON")


def _file_name(claimed: str, taken: set[str]) -> str:
    """Return a name that is a plain one on every system, and not taken yet."""
    name = _UNFIT.sub("_", claimed).strip(". ")[:120] or "file"
    stem, dot, ending = name.rpartition(".")
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
    taken.add(found.casefold())
    return found
