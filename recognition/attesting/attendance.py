# SPDX-License-Identifier: Apache-2.0
"""Who attended and registered, joined by person and micro-credential, with the awards one may know of.

An organisation sees an award here only if its educator shows it to the organisation, or if it was counted by
the organisation itself; whatever else somebody has earned is nobody's matter, and "not shown" is said of it
all alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from recognition.attesting import sharing
from recognition.office import Office
from recognition.store import attestations as rows
from recognition.store import consents
from recognition.store.attestations import Stored, Wanted

PAGE: Final = 50  # people on one page
ORIENTATION: Final = "orientation"
WORKSHOP: Final = "workshop"
REGISTRATION: Final = "clock-hour-registration"


@dataclass(frozen=True, slots=True)
class Row:
    """One person and one micro-credential.

    Attributes:
        orientation: The first day of an orientation, whatever it was for.
        item: Code of the micro-credential; "" for somebody with an orientation alone.
        registered: When the person registered for clock hours of this very one.
        workshops: The days of its workshops.
        others: Further events of it, with their days.
        awarded: The day of the award, if one may know it.
    """

    person: str
    orientation: date | None
    item: str
    registered: date | None = None
    workshops: tuple[date, ...] = ()
    others: tuple[tuple[str, date], ...] = ()
    awarded: date | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A page of rows, by person; ``more`` tells whether others follow."""

    rows: tuple[Row, ...]
    people: int
    skip: int
    more: bool


def view(office: Office, organisation: str, words: str, *, skip: int = 0) -> View:
    """Return a page of people with everything that is recorded of them, and their awards as far as shown."""
    wanted = Wanted(words=words, with_voided=False)
    with office.db.reading() as session:
        keys = rows.people(session, organisation, wanted, limit=PAGE + 1, skip=skip)
        stored = rows.of_people(session, organisation, keys[:PAGE])
        counted = consents.counted(session, organisation, keys[:PAGE])
    shown = sharing.shown_items(office, organisation, keys[:PAGE])
    found: list[Row] = []
    for key in keys[:PAGE]:
        own = [each for each in stored if each.person_key == key]
        found.extend(_rows(key, own, {**counted.get(key, {}), **shown.get(key, {})}))
    return View(tuple(found), len(keys[:PAGE]), skip, len(keys) > PAGE)


def _rows(key: str, own: list[Stored], awards: dict[str, date]) -> Iterator[Row]:
    """Yield the rows of one person: one for each micro-credential that is named, or one without."""
    orientation = min((each.on for each in own if each.event == ORIENTATION), default=None)
    items = sorted({each.item or each.award for each in own if each.event != ORIENTATION} - {""})
    if not items:
        yield Row(key, orientation, "")
    for item in items:
        about = [each for each in own if item in (each.item, each.award)]
        yield Row(
            person=key,
            orientation=orientation,
            item=item,
            registered=_first(about, REGISTRATION),
            workshops=tuple(each.on for each in about if each.event == WORKSHOP),
            others=tuple(
                (each.event, each.on) for each in about if each.event not in (WORKSHOP, REGISTRATION)
            ),
            awarded=awards.get(item),
        )


def _first(about: Iterable[Stored], event: str) -> date | None:
    return min((each.on for each in about if each.event == event), default=None)
