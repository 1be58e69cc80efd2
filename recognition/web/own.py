# SPDX-License-Identifier: Apache-2.0
"""Whose pages somebody may open: of organisations in which they have the role, and of no other."""

from __future__ import annotations

from recognition.errors import NoSuchRecognitionError
from recognition.office import Office
from service import access
from service.accounts import organisations
from service.accounts.organisations import Organisation
from service.accounts.people import Role


def mine(office: Office, role: Role) -> tuple[Organisation, ...]:
    """Return the organisations in which whoever asks has the role, by name."""
    slugs = access.person().organisations(role)
    with office.db.reading() as session:
        return tuple(each for each in organisations.every(session) if each.slug in slugs)


def organisation(office: Office, slug: str, role: Role) -> Organisation:
    """Return one's own organisation.

    Raises:
        NoSuchRecognitionError: It is not one's own, or there is none.
    """
    found = next((each for each in mine(office, role) if each.slug == slug), None)
    if found is None:
        raise NoSuchRecognitionError("There is nothing here.", got=slug[:40])
    return found
