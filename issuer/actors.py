# SPDX-License-Identifier: Apache-2.0
"""Who acts for an issuer, and may be one of the two who decide about many: officers and the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from issuer.mint import Mint
from service.accounts import people
from service.accounts.people import Person, Role
from service.errors import NoSuchPersonError

PERSON: Final = "person:"
PROGRAM: Final = "token:"
TERMINAL: Final = "cli"  # whoever has the machine has the keys; counts as one person
SYSTEM: Final = "system"

_NAMES: Final = {TERMINAL: "the operator", SYSTEM: "the system"}


def is_person(actor: str | None) -> bool:
    """Tell whether this is one of those who may agree: an account, or the terminal."""
    return actor is not None and (actor.startswith(PERSON) or actor == TERMINAL)


def is_officer(session: Any, actor: str, organisation: str | None) -> bool:
    """Tell whether an account has today the role of an officer in an organisation."""
    try:
        person = people.get(session, actor.removeprefix(PERSON))
    except NoSuchPersonError:
        return False
    return person.has(Role.OFFICER, organisation)


def officers(session: Any, organisation: str, *, but: Iterable[str | None] = ()) -> tuple[Person, ...]:
    """Return who may decide for an organisation, by name, without the actors ``but``."""
    left_out = frozenset(but)
    found = people.every_with(session, Role.OFFICER, organisation)
    return tuple(each for each in found if f"{PERSON}{each.id}" not in left_out)


def name(session: Any, actor: str) -> str:
    """Return words for who acted: the name of a person, or what else it was."""
    kind, _, id = actor.partition(":")
    if f"{kind}:" != PERSON:
        return _NAMES.get(actor) or f"a program ({actor.replace(':', ' ')})"
    try:
        return people.get(session, id).name
    except NoSuchPersonError:
        return "somebody who has no account any more"


def names(mint: Mint, actors: Iterable[str | None]) -> dict[str, str]:
    """Return words for each who acted, and for the terminal and the system."""
    with mint.db.reading() as session:
        return {actor: name(session, actor) for actor in {*_NAMES, *actors} if actor}
