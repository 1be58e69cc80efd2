# SPDX-License-Identifier: Apache-2.0
"""A house with a district that decides by example rules, its recognizer, and an educator's awards."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import app
from issuer import issuance, revocation
from issuer.award import AwardRequest, AwardState
from issuer.store import credentials
from recognition.adopting import issuer_names, publishing
from recognition.claiming import claims, deciding, proposal
from recognition.claiming.claim_states import Claim
from recognition.claiming.decision import Decision
from recognition.judging.facts import Facts
from recognition.rule.policy import Period
from service.accounts import organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Person, Role
from service.settings import Settings
from tests.issuer.house import NOW, lists_published, make_house
from tests.service.people import make_person
from verifier import issuer_lists
from verifier.list_format import ListedIssuer

DISTRICT, OTHER = "example-district", "other-district"
EMAIL = "Zoe.Teacher@school.example"
MA, TN, NH = "us-ma-renewal", "us-tn-pdp", "us-nh-recertification"
CYCLE = Period(NOW.date() - timedelta(days=900), NOW.date() + timedelta(days=900))


def make(folder: Path) -> Path:
    """Make the house: two districts with the same rules, two recognizers, an educator."""
    make_house(folder)
    with opened(folder) as scene:
        house, office = scene.house, scene.house.office
        publishing.seed(office, now=NOW)
        names = {DISTRICT: "Exampleton School District", OTHER: "Otherville Schools"}
        with house.db.transaction() as session:
            for slug, name in names.items():
                organisations.put(session, Organisation(slug, name, "district"), actor="test", now=NOW)
        education = house.mint.cabinet.did_of("example-education")
        for slug, name in names.items():
            issuer_lists.ensure(house.bureau, slug, name, actor="test", now=NOW)
            listed = ListedIssuer(education, "Example Education Association", "")
            issuer_lists.add(house.bureau, slug, listed, note="", actor="test", now=NOW)
            issuer_names.bind(office, slug, "national-programme", [education], actor="test", now=NOW)
            for policy in (MA, TN, NH):
                publishing.adopt(office, slug, policy, actor="test", now=NOW)
        make_person(house.db, "ren@district.example", roles={Role.RECOGNIZER: DISTRICT}, now=NOW)
        make_person(house.db, "ora@other.example", roles={Role.RECOGNIZER: OTHER}, now=NOW)
        make_person(house.db, EMAIL, name="Zoë Teacher", now=NOW)
    return folder


@contextmanager
def copied(made: Path, folder: Path) -> Iterator[Scene]:
    """Open a copy of a house that was made."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    with opened(folder) as scene:
        yield scene


@contextmanager
def opened(folder: Path) -> Iterator[Scene]:
    """Open the house for a while."""
    house = app.open_house(Settings(data=folder, demo=True))
    try:
        yield Scene(house)
    finally:
        house.jobs.close()
        house.db.close()


@dataclass
class Scene:
    """The opened house."""

    house: app.House

    @property
    def office(self) -> Any:
        """The opened room of recognition."""
        return self.house.office

    def person(self, email: str = EMAIL) -> Person:
        """Somebody with an account."""
        with self.house.db.reading() as session:
            found = people.find_by_email(session, email)
        assert found is not None
        return found

    def award(
        self, code: str = "SEL1", *, email: str = EMAIL, awarded: datetime | None = None, **fields: Any
    ) -> str:
        """Somebody earns ``code``; return its link."""
        at = awarded or NOW - timedelta(days=30)
        wanted = AwardRequest(
            achievement=f"{code}-v1",
            email=email,
            name="Zoë Teacher",
            submission=str(uuid.uuid4()),
            awarded_at=at,
            activity_start=at - timedelta(days=60),
            activity_end=at - timedelta(days=5),
            **fields,
        )
        key = issuance.award(self.house.mint, wanted, now=NOW).award.key
        return issuance.issue(self.house.mint, key, now=NOW).credential_id

    def revoke(self, link: str, *, now: datetime = NOW) -> None:
        """The issuer takes an award back."""
        with self.house.db.reading() as session:
            found = credentials.find(session, link)
        assert found is not None
        wanted = revocation.Decision(AwardState.REVOKED, revocation.Reason.EVIDENCE)
        revocation.decide(self.house.mint, found.key, wanted, now=now)
        lists_published(self.house.mint, now=now)

    def reserve(self, *links: str, organisation: str = DISTRICT, policy: str = MA, **said: Any) -> Claim:
        """The educator keeps awards for a claim."""
        return claims.reserve(
            self.office,
            person=self.person(),
            organisation=organisation,
            policy=policy,
            links=links,
            facts=facts(**said),
            now=NOW,
        )

    def submit(self, *links: str, now: datetime = NOW, **wanted: Any) -> Claim:
        """The educator sends a claim."""
        claim = self.reserve(*links, **wanted)
        return claims.submit(self.office, claim.id, person=self.person(), agrees=True, now=now)

    def agree(self, claim: Claim, *, email: str = EMAIL, now: datetime = NOW) -> Claim:
        """The educator agrees to what a recognizer entered."""
        return claims.submit(self.office, claim.id, person=self.person(email), agrees=True, now=now)

    def enter(
        self,
        *links: str,
        organisation: str = DISTRICT,
        policy: str = MA,
        email: str = EMAIL,
        brings: Sequence[claims.Brings] = (),
        actor: str = "person:ren",
        **said: Any,
    ) -> Claim:
        """A recognizer enters a claim for somebody."""
        return claims.enter(
            self.office,
            organisation,
            name="Zoë Teacher",
            email=email,
            policy=policy,
            brings=(*(claims.Brings(each) for each in links), *brings),
            facts=facts(**said),
            actor=actor,
            now=NOW,
        )

    def propose(self, claim: Claim, *, now: datetime = NOW) -> proposal.Proposal:
        """What the page of a claim shows."""
        fresh = claims.of(self.office, claim.organisation, claim.id)
        return proposal.propose(self.office, fresh, now=now, without=fresh.decision)

    def approve(self, claim: Claim, *, now: datetime = NOW, **wanted: Any) -> Decision:
        """A recognizer approves what the page shows."""
        shown = wanted.pop("shown", None) or self.propose(claim, now=now).digest
        return deciding.approve(
            self.office, claim.organisation, claim.id, shown=shown, actor="person:ren", now=now, **wanted
        )


def facts(**said: Any) -> Facts:
    """The facts of a teacher with a Professional licence who must renew it."""
    values = {"licence_level": ("professional",), "renewing": ("yes",)} | said.pop("values", {})
    return Facts(as_of=said.pop("as_of", date.min), values=values, cycle=said.pop("cycle", CYCLE), **said)
