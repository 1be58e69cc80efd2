# SPDX-License-Identifier: Apache-2.0
"""Builders for the tests of sharing: an award with two files and a link, and links for evaluators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from earning.programme import Programme
from earning.review import awarding
from earning.sharing import evaluator_links, evidence
from earning.sharing.evaluator_link import EvaluatorLink, Fields
from earning.store import artefacts as artefact_rows
from earning.store import sharing as store
from earning.store import work as rows
from earning.work import evidence as pieces
from earning.work import sending
from earning.work.applications import Application
from earning.work.evidence import About
from earning.work.submissions import Artefact
from service.accounts import people
from service.accounts.people import Person
from tests.earning import reviewing as it
from tests.earning import working
from tests.earning.house import NOW, somebody

LATER = NOW + timedelta(minutes=1)
URL = "https://video.example/lesson?of=me"
PUBLIC_TEXT = b"What everybody may read.\n"
PRIVATE_TEXT = b"What only an evaluator may read: canary 7f3a91.\n"


@dataclass(frozen=True)
class Award:
    """Somebody's award: one file was signed as public, another and a link as private."""

    programme: Programme
    person: Person
    application: Application
    public: Artefact
    private: Artefact
    link: Artefact

    @property
    def id(self) -> str:
        """Of the application."""
        return self.application.id

    @property
    def key(self) -> str:
        """Of the credential."""
        assert self.application.award is not None
        return self.application.award

    @property
    def path(self) -> str:
        """The panel."""
        return f"/awards/{self.id}/share"

    def disclose(self, piece: Artefact, disclosure: str, *, now: datetime = LATER) -> None:
        """Set who may see a piece."""
        evidence.change(
            self.programme,
            self.id,
            piece.id,
            person=self.person.id,
            disclosure=disclosure,
            confirmed=True,
            now=now,
        )

    def make(self, *, now: datetime = LATER, days: int = 30, **changes: Any) -> str:
        """Make a link, and return its secret."""
        ends_on = (now + timedelta(days=days)).date()
        fields = Fields(**{"label": "District office", "ends_on": ends_on, **changes})
        return evaluator_links.make(
            self.programme, self.id, fields, person=self.person, id=evaluator_links.fresh_id(), now=now
        )

    def links(self) -> tuple[EvaluatorLink, ...]:
        """All links."""
        with self.programme.db.reading() as session:
            return store.of_application(session, self.id)

    def uses(self) -> list[str | None]:
        """What was used, the latest first."""
        with self.programme.db.reading() as session:
            found = store.uses(session, [each.id for each in self.links()])
        return [use.piece for each in found.values() for use in each]


def awarded(programme: Programme, name: str = "Alex Educator", *, shows_name: bool = False) -> Award:
    """Apply, write, add, send, read, pass and award."""
    programme = replace(programme, settings=replace(programme.settings, second_reading_percent=0))
    person = somebody(programme, name, school=f"School of {name}", local=f"Local of {name}")
    application = working.apply(programme, person)
    working.write(programme, application)
    public = working.upload(programme, application, data=PUBLIC_TEXT)
    private = working.upload(programme, application, data=PRIVATE_TEXT)
    link = pieces.add_link(
        programme,
        application.id,
        "part-2/plan",
        person=person.id,
        url=URL,
        name="Me at the board",
        about=About(),
        now=NOW,
    )
    send(programme, person, application, {public.id}, shows_name=shows_name)
    it.read(programme, it.reviewer(programme, f"Robin of {name}"))
    assert awarding.award(programme, now=NOW) == 1
    return Award(programme, person, working.fresh(programme, application), public, private, link)


def found(programme: Programme, name: str = "Alex Educator") -> Award:
    """Find what ``awarded`` made, in a copy of its house."""
    with programme.db.reading() as session:
        person = people.find_by_email(session, f"{name.casefold().replace(' ', '.')}@school.example")
        assert person is not None
        (application,) = rows.of_person(session, person.id)
        public, private, link = sorted(
            artefact_rows.artefacts(session, application.id), key=lambda each: (each.kind, each.name)
        )
    return Award(programme, person, application, public, private, link)


def send(
    programme: Programme,
    person: Person,
    application: Application,
    public: Collection[str],
    *,
    shows_name: bool,
) -> None:
    """Send in what is there, with these pieces public."""
    sending.submit(
        programme,
        application.id,
        replace(working.STATED, publish=True),
        person=person,
        revision=working.fresh(programme, application).revision,
        shows_name=shows_name,
        public=public,
        now=NOW,
    )
