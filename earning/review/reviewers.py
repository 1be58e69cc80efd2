# SPDX-License-Identifier: Apache-2.0
"""Who may judge whose work, and for which stacks.

A reviewer gets no work of their own, of somebody at the same school, of the same local association or in the
same learning community, and none that they have read or given back before. Refusing never tells which of
these it is: that would tell whose work it is (threats E1, promise E21).

That nobody reads one submission twice, that it has each reading once, and that nobody reviews their own work
is kept by the database too (``store.tables.ReviewRow``, migration 0010).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from earning.errors import ReviewFieldError
from earning.programme import Programme
from earning.store import pool as rows
from service import audit
from service.accounts import people
from service.accounts.people import Person, Role, same


@dataclass(frozen=True, slots=True)
class Party:
    """What separates an author from a reviewer, or does not."""

    person: str
    school: str = ""
    local: str = ""
    communities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody of the pool, as the manager sees them.

    Attributes:
        stacks: Codes of the stacks whose work they can judge.
        holding: How many pieces of work are with them now.
    """

    person: Person
    organisation: str
    is_active: bool
    since: datetime
    stacks: tuple[str, ...]
    finished: int
    holding: int


def are_separate(author: Party, reviewer: Party) -> bool:
    """Tell whether ``reviewer`` may judge the work of ``author``."""
    return not (
        author.person == reviewer.person
        or same(author.school, reviewer.school)
        or same(author.local, reviewer.local)
        or author.communities & reviewer.communities
    )


def pool(programme: Programme, organisations: Iterable[str]) -> tuple[Reviewer, ...]:
    """Return all reviewers of these organisations, by name."""
    with programme.db.reading() as session:
        found = rows.members(session, frozenset(organisations))
        return tuple(
            sorted(
                (
                    Reviewer(
                        person=people.get(session, each.person),
                        organisation=each.organisation,
                        is_active=each.is_active,
                        since=each.since,
                        stacks=each.stacks,
                        finished=each.finished,
                        holding=each.holding,
                    )
                    for each in found
                ),
                key=lambda one: (one.person.name.casefold(), one.person.id),
            )
        )


def enrol(
    programme: Programme,
    person: str,
    organisation: str,
    stacks: Iterable[str],
    *,
    is_active: bool = True,
    actor: str,
    now: datetime,
) -> None:
    """Take somebody into the pool of an organisation with these stacks, or change what they can judge.

    They get the role too. Inactive ones keep what they have and get nothing new.

    Raises:
        NoSuchPersonError: There is no such person.
        NoSuchOrganisationError: There is no such organisation.
        ReviewFieldError: There is no such stack.
    """
    wanted = tuple(dict.fromkeys(stacks))
    with programme.db.transaction() as session:
        unknown = set(wanted) - rows.stacks(session)
        if unknown:
            raise ReviewFieldError("There is no such stack.", path="stacks", got=min(unknown)[:40])
        if is_active:
            people.grant(session, person, Role.REVIEWER, organisation, actor=actor, now=now)
        else:
            people.get(session, person)
        rows.put(session, person, organisation, wanted, is_active=is_active, now=now)
        audit.record(
            session,
            actor=actor,
            action="reviewer.enrolled",
            subject=f"person:{person}",
            detail={
                "organisation": organisation,
                "stacks": " ".join(wanted),
                "active": "yes" if is_active else "no",
            },
            now=now,
        )
