# SPDX-License-Identifier: Apache-2.0
"""A house with affiliates that have keys and rules, their officers, and an educator with an award."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

from flask.testing import FlaskClient

import app
from issuer import programme as issuer_programme
from issuer import publish, revocation
from issuer.award import AwardState
from recognition.adopting import issuer_names, publishing
from recognition.attesting import sharing
from recognition.office import Office
from recognition.store import consents
from service import mail
from service.accounts import people
from service.accounts.people import Person, Role
from service.settings import Settings
from tests.earning import sharing_scene
from tests.earning.house import NOW, make_house, somebody
from tests.earning.visits import Visitor, sign_in
from tests.issuer.house import lists_published
from verifier import issuer_lists
from verifier.list_format import ListedIssuer

VT, WA = "example-vt", "example-wa"
RULE = "us-vt-relicensing"
AFFILIATES = (VT, WA)


@dataclass
class Scene:
    """The opened house."""

    house: app.House
    client: FlaskClient
    award: sharing_scene.Award
    officer: Visitor
    other: Visitor
    educator: Visitor

    @property
    def office(self) -> Office:
        """The opened room of recognition."""
        return self.house.office

    @property
    def link(self) -> str:
        """Of the educator's award."""
        return self.office.holdings(self.award.person.id)[0].url

    def show(self, organisation: str = VT) -> str:
        """The educator shows the award; return the id of the consent."""
        sharing.give(self.office, self.award.person, organisation, self.link, now=NOW)
        with self.house.db.reading() as session:
            return consents.of_people(session, organisation, [self.award.person.id])[0].id

    def hide(self, organisation: str = VT) -> None:
        """The educator takes it back."""
        sharing.withdraw(self.office, self.award.person, organisation, self.link, now=NOW)

    def credential(self) -> bytes:
        """The signed award."""
        return publish.find(self.house.mint, self.award.key).signed_json or b""

    def decide(self, state: AwardState, reason: revocation.Reason) -> None:
        """The issuer takes the award back, or suspends it, or lifts that."""
        wanted = revocation.Decision(state, reason)
        revocation.decide(self.house.mint, self.award.key, wanted, now=NOW)
        lists_published(self.house.mint)

    def mails(self, address: str) -> list[tuple[str, str, list[str]]]:
        """Kind, subject and names of attachments, newest first."""
        with self.house.db.reading() as session:
            found = []
            for each in mail.listing(session, limit=50, address=address):
                content = mail.content(session, each.id)
                assert content is not None
                found.append((each.kind, each.subject, [file.name for file in content.attachments]))
            return found

    def forwarded(self, *, attached: bool = True, text: str = "") -> bytes:
        """The award mail, as an officer gets it from the educator."""
        letter = EmailMessage()
        letter["From"], letter["To"] = "alex@home.example", "officer@vt-education.example"
        letter["Subject"] = "Fwd: You earned it"
        letter.set_content(
            text or f"Here it is: {self.link} and more at {self.house.settings.public_url}/help\n"
        )
        letter.add_alternative(f'<p><a href="{self.link}">See it</a></p>', subtype="html")
        if attached:
            letter.add_attachment(
                self.credential(), maintype="application", subtype="json", filename="credential.json"
            )
        outer = EmailMessage()
        outer["From"], outer["Subject"] = "alex@home.example", "Fwd"
        outer.set_content("As asked.")
        outer.add_attachment(letter)
        return outer.as_bytes()


@contextmanager
def opened(folder: Path) -> Iterator[Scene]:
    """Make the house: two affiliates with officers, of which Vermont's gives PD certificates by a rule."""
    made = make_house(folder)
    client = app.create_app(Settings(data=made, demo=True)).test_client()
    house: app.House = client.application.extensions["hallmark"]
    issuer_programme.seed_recognizers(house.mint, now=NOW)
    publishing.seed(house.office, now=NOW)
    education = house.mint.cabinet.did_of("example-education")
    for slug in AFFILIATES:
        issuer_lists.ensure(house.bureau, slug, slug, actor="test", now=NOW)
        listed = ListedIssuer(education, "Example Education Association", "")
        issuer_lists.add(house.bureau, slug, listed, note="", actor="test", now=NOW)
        issuer_names.bind(house.office, slug, "national-programme", [education], actor="test", now=NOW)
    publishing.adopt(house.office, VT, RULE, actor="test", now=NOW)
    publishing.adopt(house.office, WA, "us-wa-clock-hours", actor="test", now=NOW)
    award = sharing_scene.awarded(house.programme, "Alex Educator")
    with house.db.transaction() as session:
        person = people.change(session, award.person.id, now=NOW, state="VT")
    award = replace(award, person=person)
    yield Scene(
        house=house,
        client=client,
        award=award,
        officer=_officer(house, client, "Vera", VT),
        other=_officer(house, client, "Wes", WA),
        educator=sign_in(house.programme, client, award.person),
    )
    house.jobs.close()
    house.db.close()


def renewed(scene: Scene, key: str) -> sharing_scene.Award:
    """The award with the key of its newest issue."""
    return replace(scene.award, application=replace(scene.award.application, award=key))


def _officer(house: app.House, client: FlaskClient, name: str, slug: str) -> Visitor:
    person: Person = somebody(house.programme, name, (Role.AFFILIATE, slug))
    return sign_in(house.programme, client, person)
