# SPDX-License-Identifier: Apache-2.0
"""Who may judge whose work, and for which stacks.

A reviewer gets no work of their own, of somebody at the same school, of the same local association or in the
same learning community, and none that they have read or given back before. Refusing never tells which of
these it is: that would tell whose work it is (threats E1, promise E21).

Where somebody is, they say themselves. So what authors said when they sent, and all that reviewers have said
since they came into the pool, counts beside what both say now; and it is looked at again when a reading is
finished, not only when work is taken.

That nobody reads one submission twice, that it has each reading once, and that nobody reviews their own work
is kept by the database too (``store.tables.ReviewRow``, migration 0010).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from earning.errors import ReviewFieldError
from earning.programme import Programme
from earning.store import pool as rows
from earning.store.pool import Places
from service import audit
from service.accounts import people
from service.accounts.people import Person, Role

# Words that tell no school and no local from another.
COMMON: Final = frozenset(
    ("school", "schools", "elementary", "middle", "high", "local", "association", "district")
)


@dataclass(frozen=True, slots=True)
class Party:
    """What separates an author from a reviewer, or does not."""

    person: str
    places: Places = field(default_factory=Places)
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
        or _meet(author.places.schools, reviewer.places.schools)
        or _meet(author.places.locals, reviewer.places.locals)
        or author.communities & reviewer.communities
    )


def place_key(text: str) -> str:
    """Return what is compared of the name of a school or local: its words, without those that most have.

    This is the best that can be done with free text: “Lake Elementary”, “LAKE elementary school” and
    “Lake-Elementary” are one, and so, to be on the safe side, are Lake Elementary and Lake High School. Other
    spellings and short forms are not seen through.
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return "".join([word for word in words if word not in COMMON] or words)


def _meet(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(({place_key(each) for each in some} & {place_key(each) for each in others}) - {""})


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
