# SPDX-License-Identifier: Apache-2.0
"""The pool of reviewers as a manager sees it: skills, load, agreement, and what waits in which stack.

Educators and reviewers never see it: there are no rankings of people (interface, section 9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earning.errors import OversightUnknownError, ReviewFieldError
from earning.management import figures
from earning.management.figures import Agreement
from earning.programme import Programme
from earning.review import reviewers
from earning.review.reviewers import Reviewer
from earning.store import figures as rows
from earning.store.figures import Scope
from service import audit
from service.accounts import people
from service.accounts.people import Person, Role

LOOKS_BACK: Final = timedelta(days=366)  # readings that agreement is counted over


@dataclass(frozen=True, slots=True)
class Colleague:
    """A reviewer with how often their readings agreed with others'."""

    reviewer: Reviewer
    agreement: Agreement


def pool(programme: Programme, manager: Person, *, now: datetime) -> tuple[Colleague, ...]:
    """Return the reviewers of the manager's programmes, by name."""
    mine = manager.organisations(Role.MANAGER)
    with programme.db.reading() as session:
        readings = rows.readings(session, Scope(issuers=mine), since=now - LOOKS_BACK)
    return tuple(
        Colleague(each, figures.agreement_of(readings, each.person.id))
        for each in reviewers.pool(programme, mine)
    )


def waiting_by_stack(programme: Programme, manager: Person) -> Mapping[str, int]:
    """Return how many submissions nobody reads yet, by stack."""
    scope = Scope(issuers=manager.organisations(Role.MANAGER))
    with programme.db.reading() as session:
        return dict(sorted(Counter(rows.waiting_stacks(session, scope)).items()))


def save(
    programme: Programme,
    manager: Person,
    *,
    email: str,
    organisation: str,
    stacks: Iterable[str],
    is_active: bool,
    now: datetime,
) -> None:
    """Take somebody with an account into the pool, or change what they can judge and whether they get work.

    Raises:
        OversightUnknownError: The organisation is none of the manager's.
        ReviewFieldError: Nobody has this address, or they manage the programme; or there is no such stack.
    """
    if not manager.has(Role.MANAGER, organisation):
        raise OversightUnknownError("There is nothing here.")
    wanted = tuple(stacks)
    if is_active and not wanted:
        raise ReviewFieldError("Choose at least one stack, so that work can be found.", path="stacks")
    with programme.db.reading() as session:
        person = people.find_by_email(session, email) if email else None
    if person is None or person.confirmed_at is None:
        raise ReviewFieldError(
            "Nobody with a confirmed account has this address. Ask them to sign up first.", path="email"
        )
    if is_active and person.has(Role.MANAGER, organisation):
        raise ReviewFieldError(
            "Whoever manages a programme can see whose work it is, so they cannot review for it.",
            path="email",
        )
    before = next(
        (each for each in reviewers.pool(programme, (organisation,)) if each.person.id == person.id),
        None,
    )
    with programme.db.transaction() as session:
        reviewers.enrol(
            programme,
            person.id,
            organisation,
            wanted,
            is_active=is_active,
            actor=f"person:{manager.id}",
            now=now,
        )
        audit.record(
            session,
            actor=f"person:{manager.id}",
            action="reviewer.changed",
            subject=f"person:{person.id}",
            detail={
                "organisation": organisation,
                "before": None if before is None else _words(before.stacks, is_active=before.is_active),
                "after": _words(wanted, is_active=is_active),
            },
            now=now,
        )


def _words(stacks: Iterable[str], *, is_active: bool) -> str:
    return f"{'active' if is_active else 'inactive'}: {' '.join(stacks)}"
