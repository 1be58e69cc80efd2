# SPDX-License-Identifier: Apache-2.0
"""Under which addresses somebody is known: a change of address takes everything along that was recorded.

An account is known by its address of today, by those that it had confirmed before, and by those under which
rows of its own stand. Whoever is named by an address alone is the account with this address, if there is one.
An earlier address that is another account's today is that account's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recognition.store import personal
from service.accounts import fields, people
from service.errors import NoSuchPersonError


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as rows name people.

    Attributes:
        person: Id of the account; None: there is none.
        keys: Normalised addresses, the one that was asked for first.
    """

    person: str | None
    keys: tuple[str, ...]


def find(session: Any, person_key: str, person: str | None = None) -> Known:
    """Return whom an account or an address stands for.

    Args:
        session: The database.
        person_key: An e-mail address, in any form.
        person: Id of the account, if one is known.
    """
    key = fields.email_key(person_key)
    if person is None and key:
        account = people.find_by_any_email(session, key)
        person = account.id if account is not None else None
    if person is None:
        return Known(None, (key,) if key else ())
    known = dict.fromkeys((key, _today(session, person), *personal.keys_of(session, person, key)))
    return Known(person, tuple(each for each in known if each))


def _today(session: Any, person: str) -> str:
    try:
        return fields.email_key(people.get(session, person).email)
    except NoSuchPersonError:
        return ""
