# SPDX-License-Identifier: Apache-2.0
"""Attestations: what an organisation's own records say has happened, and to whom.

Rules kept here:

- A person is named by e-mail address, however it is written. Whoever is named needs no account.
- An orientation belongs to a person alone; a workshop, a registration, a prior approval and the stages of a
  submission belong to one micro-credential or one award of theirs. An award need not exist yet: what was
  recorded for a person and an item waits, and belongs to the award once there is one.
- The same event of the same person, item and day is one attestation, however often it is told.
- Nothing is deleted: what was wrong is voided, with a reason, and can then be recorded as it is right.
- Every writing leaves its audit line in the same transaction; names and addresses never stand there.
- A judgement of an organisation sees its own attestations, and those of organisations that belong to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from recognition import known_as
from recognition.attesting import attestation_fields
from recognition.errors import NoSuchAttestationError, RecognitionFieldError
from recognition.judging.facts import EVENTS, Attestation
from recognition.office import Office
from recognition.store import attestations as rows
from recognition.store.attestations import Stored, Wanted
from service import audit
from service.accounts import organisations

ABOUT_NOTHING: Final = frozenset({"orientation"})  # neither item nor award
ABOUT_SOMETHING: Final = frozenset(
    {
        "workshop",
        "clock-hour-registration",
        "prior-written-approval",
        "first-submitted",
        "complete-submission",
    }
)
EVENT_WORDS: Final = {
    "orientation": "Orientation",
    "workshop": "Workshop",
    "clock-hour-registration": "Registration for clock hours",
    "prior-written-approval": "Prior written approval",
    "first-submitted": "First submission",
    "complete-submission": "Complete submission",
    "virtual-meeting": "Virtual meeting",
    "graduate-course": "Graduate course",
    "capstone": "Capstone",
}
BY_HAND: Final = "hand"
BY_FILE: Final = "csv"
NOTE_CHARS: Final = 500  # characters
BY_CHARS: Final = 200  # characters of who attests
WHY_CHARS: Final = 500  # characters
PEOPLE_MAX: Final = 200  # people recorded at once by hand; more come as a file
PAGE: Final = 100  # rows of a list on one page


class Outcome(StrEnum):
    """What became, or would become, of an attestation that was told."""

    NEW = "new"
    THERE = "already recorded"
    BAD = "not recorded"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be recorded, read and found to fit.

    Attributes:
        person_key: The normalised e-mail address.
        by: Who attests; "" is the organisation itself.
    """

    person_key: str
    event: str
    on: date
    item: str = ""
    award: str = ""
    hours: Decimal | None = None
    note: str = ""
    by: str = ""

    @property
    def same(self) -> str:
        """Digest of what makes two of them one: person, event, item, award and day."""
        said = json.dumps([self.person_key, self.event, self.item, self.award, self.on.isoformat()])
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of an organisation's attestations; ``more`` tells whether another one follows."""

    rows: tuple[Stored, ...]
    number: int
    skip: int
    more: bool
    counts: dict[str, int] = field(default_factory=dict)


def read(
    *,
    email: str,
    event: str,
    on: str,
    today: date,
    item: str = "",
    award: str = "",
    hours: str = "",
    note: str = "",
    by: str = "",
    codes: Sequence[str] = (),
) -> Entry:
    """Return what was typed as an entry.

    Args:
        email: Whose it is.
        event: One of ``facts.EVENTS``.
        on: The day, as 2026-05-04 or 5/4/2026 (month first).
        today: The day that it is where it is recorded; later ones are refused.
        item: Code of the micro-credential.
        award: Id of the credential: its link.
        hours: Up to 999 with up to two decimals, or "".
        note: For the organisation's own use.
        by: Who attests, if it is not the organisation itself.
        codes: Codes that are known here; one that differs in case alone is taken as it is written there.

    Raises:
        RecognitionFieldError: A value does not fit; ``path`` names the field.
    """
    key = attestation_fields.person_key(email)
    if event not in EVENTS:
        raise RecognitionFieldError(f"The event is one of: {', '.join(EVENTS)}.", path="event")
    item, award = attestation_fields.item(item, codes), attestation_fields.award(award)
    _require_fitting(event, item, award)
    return Entry(
        person_key=key,
        event=event,
        on=attestation_fields.day(on, today),
        item=item,
        award=award,
        hours=attestation_fields.hours(hours),
        note=attestation_fields.line(note, "note", NOTE_CHARS),
        by=attestation_fields.line(by, "by", BY_CHARS),
    )


def record(
    office: Office, organisation: str, entries: Sequence[Entry], *, how: str, actor: str, now: datetime
) -> tuple[int, int]:
    """Record what happened; return how many were new and how many were recorded before.

    Args:
        office: The room.
        organisation: Who attests; the caller has checked that whoever acts may.
        entries: From ``read``.
        how: ``BY_HAND`` or ``BY_FILE``.
        actor: Who enters it, as audit lines name people.
        now: The moment.

    Raises:
        RecognitionFieldError: One is recorded with other hours; then none of them is recorded now.
    """
    with office.db.transaction() as session:
        name = organisations.get(session, organisation).name
        known = rows.standing(session, organisation, {each.same for each in entries})
        new: dict[str, Stored] = {}
        for entry in entries:
            became, detail = outcome(known.get(entry.same), entry)
            if became is Outcome.BAD:
                raise RecognitionFieldError(f"{entry.person_key}: {detail}", path="hours")
            if became is Outcome.NEW:
                made = _stored(entry, organisation, name, how=how, actor=actor, now=now)
                new.setdefault(entry.same, made)
        rows.add(session, new.values())
        _note_recorded(session, organisation, tuple(new.values()), actor=actor, now=now)
    return len(new), len(entries) - len(new)


def outcome(known: Stored | None, entry: Entry) -> tuple[Outcome, str]:
    """Return what would become of an entry where ``known`` stands, with a sentence where it needs one."""
    if known is None:
        return Outcome.NEW, ""
    if known.hours != entry.hours:
        had = "no hours" if known.hours is None else f"{known.hours} hours"
        return Outcome.BAD, f"It is recorded with {had} already. To change that, void the one that is there."
    return Outcome.THERE, ""


def void(office: Office, organisation: str, id: str, *, why: str, actor: str, now: datetime) -> None:
    """Void an attestation; done twice, it is done once. It stays, with the reason.

    Raises:
        NoSuchAttestationError: The organisation has none with this id.
        RecognitionFieldError: There is no reason.
    """
    why = attestation_fields.line(why, "why", WHY_CHARS)
    with office.db.transaction() as session:
        found = rows.find(session, organisation, id)
        if found is None:
            raise NoSuchAttestationError("There is no such attestation here.", got=id[:40])
        if not why:
            raise RecognitionFieldError("Write why it is void; the reason stays with it.", path="why")
        if rows.void(session, organisation, id, actor=actor, why=why, now=now):
            audit.record(
                session,
                actor=actor,
                action="attestation.voided",
                subject=f"attestation:{id}",
                detail={"organisation": organisation, "event": found.event, "item": found.item},
                now=now,
            )


def of_person(
    office: Office, organisation: str, person_key: str, *, person: str | None = None
) -> tuple[Attestation, ...]:
    """Return what a judgement of this organisation may know of a person, by date; voided ones not among them.

    Its own attestations, and those of organisations that belong to it; the same told by two, or of two
    addresses of one account, is one.

    Args:
        office: The room.
        organisation: Whose judgement it is.
        person_key: An e-mail address of the person; what stands under others of theirs comes along.
        person: Id of the account, if one is known.
    """
    with office.db.reading() as session:
        keys = known_as.find(session, person_key, person).keys
        found = rows.of_person(session, attesters(session, organisation), keys)
    own_first = sorted(found, key=lambda each: each.organisation != organisation)
    first = {_about(each): each for each in reversed(own_first)}
    return tuple(value(each) for each in found if first[_about(each)].id == each.id)


def _about(stored: Stored) -> tuple[str, str, str, date]:
    """Return what makes two attestations of one person the same."""
    return stored.event, stored.item, stored.award, stored.on


def attesters(session: Any, organisation: str) -> tuple[str, ...]:
    """Return whose attestations an organisation relies on: its own first, then those that belong to it."""
    children = (each.slug for each in organisations.every(session) if each.parent == organisation)
    return (organisation, *children)


def value(stored: Stored) -> Attestation:
    """Return a stored attestation as rules know it."""
    return Attestation(
        event=stored.event,
        on=stored.on,
        item=stored.item,
        award=stored.award,
        by=stored.by,
        hours=stored.hours,
    )


def listing(office: Office, organisation: str, wanted: Wanted, *, skip: int = 0) -> Listing:
    """Return a page of the organisation's attestations, the latest event first."""
    with office.db.reading() as session:
        found = rows.listing(session, organisation, wanted, limit=PAGE + 1, skip=skip)
        number, counts = rows.count(session, organisation, wanted), rows.counts(session, organisation)
    return Listing(found[:PAGE], number, skip, len(found) > PAGE, counts)


def _note_recorded(
    session: Any, organisation: str, new: Sequence[Stored], *, actor: str, now: datetime
) -> None:
    """Write the audit lines: one for each that was entered by hand, one for all of a file."""
    if not new:
        return
    if new[0].how == BY_FILE:
        audit.record(
            session,
            actor=actor,
            action="attestations.imported",
            subject=f"organisation:{organisation}",
            detail={"number": len(new), "first": new[0].id},
            now=now,
        )
        return
    for each in new:
        audit.record(
            session,
            actor=actor,
            action="attestation.recorded",
            subject=f"attestation:{each.id}",
            detail={"organisation": organisation, "event": each.event, "item": each.item},
            now=now,
        )


def _stored(entry: Entry, organisation: str, name: str, *, how: str, actor: str, now: datetime) -> Stored:
    return Stored(
        id=rows.fresh_id(),
        organisation=organisation,
        person_key=entry.person_key,
        event=entry.event,
        item=entry.item,
        award=entry.award,
        on=entry.on,
        hours=entry.hours,
        note=entry.note,
        by=entry.by or name,
        entered_by=actor,
        entered_at=now,
        how=how,
        same=entry.same,
    )


def _require_fitting(event: str, item: str, award: str) -> None:
    if event in ABOUT_NOTHING and (item or award):
        raise RecognitionFieldError(
            "An orientation counts for every micro-credential, so leave code and award empty.", path="item"
        )
    if event in ABOUT_SOMETHING and not (item or award):
        raise RecognitionFieldError(
            "This belongs to one micro-credential: write its code, such as SEL1.", path="item"
        )
