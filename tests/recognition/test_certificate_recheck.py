# SPDX-License-Identifier: Apache-2.0
"""A PD certificate whose award fell is flagged and told to its officers; nothing is withdrawn by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import app
from credentials.errors import UnknownError
from issuer.store.credentials import StoredCredential
from recognition.judging.award import award_key
from recognition.reversing import certificate_recheck, recheck
from recognition.reversing.fall import Flag
from recognition.store import statements
from recognition.store.statements import Statement
from service.accounts import organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from tests.issuer.house import NOW
from tests.recognition import fallen_scene as scene
from tests.recognition.fallen_scene import EMAIL, REINSTATE, REVOKE, SUSPEND
from tests.service.people import make_person, sign_in

VT = "example-vt"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = scene.make(tmp_path_factory.mktemp("house"))
    with scene.opened(folder) as house:
        with house.db.transaction() as session:
            organisations.put(session, Organisation(VT, "Vermont", "affiliate"), actor="test", now=NOW)
        make_person(house.db, "vera@affiliate.example", roles={Role.AFFILIATE: VT}, now=NOW)
    return folder


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[app.House]:
    with scene.opened(Path(shutil.copytree(template, tmp_path / "data"))) as found:
        yield found


def certified(house: app.House, decision: str = "") -> StoredCredential:
    """An award over which Vermont issued a PD certificate."""
    found = scene.issue(house)
    with house.db.transaction() as session:
        statements.add(
            session,
            Statement(
                id="5f0c",
                kind=statements.CERTIFICATE,
                organisation=VT,
                decision=decision,
                award_key=award_key(house.cabinet.did_of(found.issuer), found.credential_id),
                credential_id=found.credential_id,
                person=None,
                person_key=EMAIL,
                intended=b"{}",
                signed=b"{}",
                made_at=NOW,
                signed_at=NOW,
            ),
        )
    return found


def flags(house: app.House) -> list[str]:
    return [each.flag for each in certificate_recheck.fallen(house.office, VT)]


def test_a_fall_is_flagged_and_told_and_the_certificate_stands(house: app.House) -> None:
    found = certified(house)
    house.jobs.run(recheck.JOB, NOW)
    assert flags(house) == []
    scene.decide(house, found, REVOKE)
    for minutes in (1, 2):
        house.jobs.run(recheck.JOB, NOW + timedelta(minutes=minutes))
    assert flags(house) == [Flag.REVOKED]
    (letter,) = scene.waiting_mails(house, "certificate-fallen")
    assert letter.address == "vera@affiliate.example"
    with house.db.reading() as session:
        statement = statements.get(session, "5f0c")
    assert statement is not None
    assert statement.withdrawn_at is None


def test_a_review_that_ended_takes_the_flag_along(house: app.House) -> None:
    found = certified(house)
    scene.decide(house, found, SUSPEND)
    house.jobs.run(recheck.JOB, NOW)
    assert flags(house) == [Flag.SUSPENDED]
    scene.decide(house, found, REINSTATE)
    house.jobs.run(recheck.JOB, NOW)
    assert flags(house) == []


def test_withdrawn_it_waits_no_more(house: app.House) -> None:
    found = certified(house)
    scene.decide(house, found, REVOKE)
    house.jobs.run(recheck.JOB, NOW)
    with house.db.transaction() as session:
        statements.withdraw(session, ["5f0c"], "The award fell.", now=NOW)
    assert flags(house) == []


def test_what_could_not_be_checked_flags_nothing(house: app.House) -> None:
    certified(house)

    def unreachable(name: str, *, now: object) -> tuple[str, bytes] | None:
        raise UnknownError("Nobody answers.")

    desk = replace(house.desk, published=unreachable)
    office = replace(house.office, bureau=replace(house.bureau, desk=desk))
    assert recheck.recheck(office, NOW) == 1
    assert flags(house) == []
    assert recheck.recheck(house.office, NOW) == 0


def test_a_certificate_of_a_decision_is_the_matter_of_its_ledger(house: app.House) -> None:
    found = certified(house, decision="d")
    scene.decide(house, found, REVOKE)
    assert recheck.recheck(house.office, NOW) == 0
    assert flags(house) == []


def test_the_officers_page_says_what_waits(house: app.House) -> None:
    found = certified(house)
    scene.decide(house, found, REVOKE)
    house.jobs.run(recheck.JOB, NOW)
    service = app.create_app(house.settings)
    client = service.test_client()
    with house.db.reading() as session:
        vera = people.find_by_email(session, "vera@affiliate.example")
    assert vera is not None
    sign_in(client, house.db, vera)
    page = client.get(f"/affiliate/{VT}").text
    assert "1 PD certificate needs your decision" in page
    assert f"/affiliate/{VT}/certificates/5f0c" in page
    service.extensions["hallmark"].jobs.close()
    service.extensions["hallmark"].db.close()
