# SPDX-License-Identifier: Apache-2.0
"""The sample's recognizers decide by example rules; done twice, nothing changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import app
import hallmark
from issuer import issuance
from issuer.award import AwardRequest
from issuer.store import credentials
from recognition import sample
from recognition.adopting import shelf
from recognition.attesting import attestations, certificates
from recognition.claiming import claims
from recognition.claiming.claim_states import ClaimState
from recognition.office import Office
from recognition.plan import plans
from recognition.reversing import recheck, reversals
from recognition.store.attestations import Wanted
from service.accounts import people
from service.accounts.people import Person
from service.db import Base
from service.settings import Settings
from tests.issuer.house import NOW
from tests.recognition import fallen_scene as scene
from tests.running import tables

EARNED = {
    "mia@teachers.example": ("SEL1", "SEL2", "SEL3"),
    "cleo@teachers.example": ("SEL1",),
    "teo@teachers.example": ("SEL1", "SEL2"),
    "kit@support.example": ("PGC1",),
}


@dataclass(frozen=True)
class Holding:
    """An award as the other wing tells it."""

    url: str
    code: str
    awarded: datetime = NOW - timedelta(days=40)
    title: str = "A micro-credential"
    stacks: tuple[str, ...] = ("SEL",)
    kind: str = "MicroCredential"
    issuer: str = ""
    state: str = "issued"
    enrolled: datetime = NOW - timedelta(days=90)
    portal: str = ""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    house = app.open_house(Settings(data=folder, demo=True))
    tables(house.db)
    hallmark.HallmarkRoof().seed(house)
    house.jobs.close()
    house.db.close()
    return folder


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[app.House]:
    folder = Path(shutil.copytree(template, tmp_path / "data"))
    house = app.open_house(Settings(data=folder, demo=True))
    yield house
    house.jobs.close()
    house.db.close()


def person(house: app.House, email: str) -> Person:
    with house.db.reading() as session:
        found = people.find_by_email(session, email)
    assert found is not None
    return found


@pytest.fixture
def office(house: app.House) -> Office:
    """The room as it is when the people of the sample hold their awards."""
    held: dict[str, list[Holding]] = {}
    for email, codes in EARNED.items():
        whose = person(house, email).id
        for code in codes:
            wanted = AwardRequest(
                achievement=f"{code}-v1", email=email, submission=f"{email} {code}", awarded_at=NOW
            )
            key = issuance.award(house.mint, wanted, now=NOW).award.key
            found = issuance.issue(house.mint, key, now=NOW)
            held.setdefault(whose, []).append(Holding(found.credential_id, code))
    owners = {each.url: whose for whose, some in held.items() for each in some}

    def holdings(whose: str) -> Sequence[Holding]:
        return held.get(whose, ())

    return replace(house.office, holdings=holdings, owner=owners.get)


def rows(house: app.House) -> dict[str, int]:
    """How many rows each table of recognition has."""
    tables = [each for each in Base.metadata.tables.values() if each.name.startswith("recognition_")]
    with house.db.reading() as session:
        return {each.name: session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


def state(office: Office, email: str) -> ClaimState:
    with office.db.reading() as session:
        whose = people.find_by_email(session, email)
    assert whose is not None
    (claim,) = claims.mine(office, whose)
    return claim.state


def test_every_recognizer_of_the_sample_decides_by_its_rules_and_knows_the_national_programme(
    house: app.House,
) -> None:
    for slug, rules in sample.RULES.items():
        assert {each.policy.id for each in shelf.adopted(house.office, slug)} == set(rules)
        assert shelf.trust(house.office, slug).names[sample.NATIONAL]


def test_attendance_in_washington_is_recorded(house: app.House) -> None:
    listing = attestations.listing(house.office, sample.WA, Wanted())
    assert listing.counts == {"orientation": 3, "workshop": 2, "clock-hour-registration": 1}


def test_seeded_again_nothing_changes_and_what_somebody_changed_stays(house: app.House) -> None:
    before = rows(house)
    hallmark.HallmarkRoof().seed(house)
    assert rows(house) == before


def test_one_claim_waits_one_is_shown_and_one_has_lost_a_source(house: app.House, office: Office) -> None:
    (fallen,) = sample.rehearse(office, now=NOW)
    found = next(
        each for each in office.holdings(person(house, "teo@teachers.example").id) if each.code == "SEL2"
    )
    assert fallen == found.url
    assert state(office, "mia@teachers.example") is ClaimState.SUBMITTED
    assert state(office, "cleo@teachers.example") is ClaimState.USED
    with house.db.reading() as session:
        credential = credentials.find(session, fallen)
    assert credential is not None
    scene.decide(house, credential, scene.REVOKE)
    recheck.recheck(office, NOW)
    assert state(office, "teo@teachers.example") is ClaimState.REVERSAL_NEEDED
    (group,) = reversals.waiting(office, sample.DISTRICT)
    assert len(group.mates) == 1
    told = sample.told(office, now=NOW)
    assert told is not None
    assert told.sentence.startswith("10 professional development points")
    assert told.waiting == len(told.signed) == 1
    assert str(house.desk.look_at_url(told.signed[0], now=NOW).verdict) == "valid"


def test_a_pd_certificate_is_one_click_away_and_a_plan_is_kept(house: app.House, office: Office) -> None:
    sample.rehearse(office, now=NOW)
    (line,) = certificates.inbox(office, sample.VT, now=NOW).lines
    assert line.offer is not None, line.refusal
    assert str(line.offer.hours) == "15"
    (plan,) = plans.of_person(office, person(house, "mia@teachers.example").id)
    assert plan.policy == "us-ma-renewal"


def test_played_again_nothing_changes(house: app.House, office: Office) -> None:
    sample.rehearse(office, now=NOW)
    before = rows(house)
    assert sample.rehearse(office, now=NOW + timedelta(hours=1)) == ()
    assert rows(house) == before


def test_without_awards_nothing_is_claimed(house: app.House) -> None:
    assert sample.rehearse(house.office, now=NOW) == ()
    assert sample.told(house.office, now=NOW) is None
