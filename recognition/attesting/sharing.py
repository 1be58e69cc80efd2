# SPDX-License-Identifier: Apache-2.0
"""What educators let affiliates see: award by award, nothing by default, and taken back at any time.

An affiliate that may see an award sees its link, the educator's name and e-mail address, and whether a PD
certificate followed. It learns nothing of other awards, and of nobody else. A re-issue of an award is the
same award: who may see one may see the other. What is shown is looked up each time it is shown, so that
nothing of it is kept here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from recognition.errors import NoSuchShareError
from recognition.judging.award import award_key
from recognition.office import Office
from recognition.ports import Held
from recognition.store import consents, statements
from recognition.store.consents import Consent
from service import audit
from service.accounts import organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Person
from service.errors import NoSuchPersonError

AFFILIATE: Final = "affiliate"  # the kind of organisation
ISSUED: Final = "issued"  # the state of an award in force


@dataclass(frozen=True, slots=True)
class Choice:
    """An affiliate that an award can be shown to; ``consent``: it is shown now."""

    organisation: Organisation
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Own:
    """An award of one's own, with the affiliates of the own state (or that see it) and the others."""

    held: Held
    near: tuple[Choice, ...]
    others: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An award that an affiliate may see, and whose it is.

    Attributes:
        keys: The keys of all its issues, in ledgers and statements.
    """

    consent: Consent
    held: Held
    person: Person
    keys: tuple[str, ...]


def own(office: Office, person: Person) -> tuple[Own, ...]:
    """Return a person's own awards with the affiliates that each can be shown to."""
    with office.db.reading() as session:
        known = [each for each in organisations.every(session) if each.kind == AFFILIATE]
        given = consents.of_person(session, person.id)
    states = office.states()
    found = []
    for held in office.holdings(person.id):
        issues = _issues(office, held.url)
        by = {each.organisation: each for each in given if each.credential_id in issues}
        choices = [Choice(each, by.get(each.slug)) for each in known]
        near = [
            each
            for each in choices
            if each.consent is not None
            or (person.state and states.get(each.organisation.slug) == person.state)
        ]
        found.append(Own(held, tuple(near), tuple(each for each in choices if each not in near)))
    return tuple(found)


def give(office: Office, person: Person, organisation: str, credential_id: str, *, now: datetime) -> None:
    """Let an affiliate see an award; done twice, it is done once.

    Raises:
        NoSuchShareError: It is no award of this person's, or there is no such affiliate.
    """
    held = _own_award(office, person, credential_id)
    with office.db.transaction() as session:
        _affiliate(session, organisation)
        issues = _issues(office, held.url)
        known = [each for each in consents.of_person(session, person.id) if each.organisation == organisation]
        statements.show_names(session, organisation, issues, person=person.id, shows=True)
        if any(each.credential_id in issues for each in known):
            return
        made = consents.give(
            session, organisation=organisation, person=person.id, credential_id=held.url, now=now
        )
        _note(session, "award.shown", made.id, person, organisation, now=now)


def withdraw(office: Office, person: Person, organisation: str, credential_id: str, *, now: datetime) -> None:
    """Take it back at once; done twice, it is done once. PD certificates stay, and name nobody any more.

    Raises:
        NoSuchShareError: It is no award of this person's.
    """
    held = _own_award(office, person, credential_id)
    issues = _issues(office, held.url)
    with office.db.transaction() as session:
        statements.show_names(session, organisation, issues, person=person.id, shows=False)
        for each in consents.of_person(session, person.id):
            if (
                each.organisation == organisation
                and each.credential_id in issues
                and consents.withdraw(session, organisation, each.credential_id, person=person.id, now=now)
            ):
                _note(session, "award.hidden", each.id, person, organisation, now=now)


def is_shown(office: Office, organisation: str, person: Person, credential_id: str) -> bool:
    """Tell whether the person shows this award to the organisation now."""
    issues = _issues(office, credential_id)
    with office.db.reading() as session:
        given = consents.of_person(session, person.id)
    return any(each.organisation == organisation and each.credential_id in issues for each in given)


def one(office: Office, organisation: str, id: str) -> Shown:
    """Return one award that an affiliate may see.

    Raises:
        NoSuchShareError: It may not, or not any more, or there is no such award.
    """
    with office.db.reading() as session:
        consent = consents.find(session, organisation, id)
    found = resolve(office, [consent] if consent is not None else [])
    if not found:
        raise NoSuchShareError("Nobody shows you such an award, or not any more.", got=id[:40])
    return found[0]


def shown_items(office: Office, organisation: str, keys: Iterable[str]) -> dict[str, dict[str, date]]:
    """Return by person key the items of awards in force that are shown, with the day of the award."""
    found: dict[str, dict[str, date]] = {}
    with office.db.reading() as session:
        by_id = {person.id: key for key in keys if (person := people.find_by_email(session, key)) is not None}
        given = consents.of_people(session, organisation, tuple(by_id))
    for each in resolve(office, given):
        if each.held.state == ISSUED:
            items = found.setdefault(by_id[each.person.id], {})
            items[each.held.code] = items[each.held.url] = each.held.awarded.date()
    return found


def resolve(office: Office, given: Collection[Consent]) -> tuple[Shown, ...]:
    """Return what stands behind consents, as it is now; what is gone is left out."""
    held: dict[str, tuple[Held, ...]] = {}
    persons: dict[str, Person | None] = {}
    for id in {each.person for each in given}:
        persons[id] = _person(office, id)
        held[id] = tuple(office.holdings(id)) if persons[id] is not None else ()
    found = []
    for consent in given:
        person = persons[consent.person]
        issues = _issues(office, consent.credential_id)
        award = next((each for each in held[consent.person] if each.url in issues), None)
        if person is not None and award is not None:
            keys = tuple(award_key(award.issuer, each) for each in _issues(office, award.url))
            found.append(Shown(consent, award, person, keys))
    return tuple(found)


def _person(office: Office, id: str) -> Person | None:
    with office.db.reading() as session:
        try:
            return people.get(session, id)
        except NoSuchPersonError:
            return None


def _issues(office: Office, credential_id: str) -> tuple[str, ...]:
    """Return the ids of all issues of an award, itself included."""
    return tuple(dict.fromkeys((credential_id, *office.same(credential_id))))


def _own_award(office: Office, person: Person, credential_id: str) -> Held:
    found = next((each for each in office.holdings(person.id) if each.url == credential_id), None)
    if found is None:
        raise NoSuchShareError("There is no such award of yours.", got=credential_id[:80])
    return found


def _affiliate(session: Any, slug: str) -> Organisation:
    found = next((each for each in organisations.every(session) if each.slug == slug), None)
    if found is None or found.kind != AFFILIATE:
        raise NoSuchShareError("There is no such affiliate here.", got=slug[:40])
    return found


def _note(session: Any, action: str, id: str, person: Person, organisation: str, *, now: datetime) -> None:
    audit.record(
        session,
        actor=f"person:{person.id}",
        action=action,
        subject=f"consent:{id}",
        detail={"organisation": organisation},
        now=now,
    )
