# SPDX-License-Identifier: Apache-2.0
"""Leaving recognition: everything is handed out; what a recognizer must keep stays without the person."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import app
from recognition.claiming.claim_states import ClaimState, Message
from recognition.claiming.ledger_line import personal_key
from recognition.recognition_data import RecognitionData
from recognition.store import attestations as attestation_rows
from recognition.store import claims as claim_rows
from recognition.store import consents, ledger, plans
from recognition.store import decisions as decision_rows
from recognition.store import statements as statement_rows
from recognition.store.attestations import Stored
from recognition.store.statements import Statement
from service.accounts import people, personal
from service.accounts.people import Person
from service.db import Base
from tests.issuer.house import NOW
from tests.recognition import fallen_scene as scene
from tests.recognition.fallen_scene import DISTRICT, EMAIL, Counted

NUMBER = "7654321"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.make(tmp_path_factory.mktemp("house"))


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[app.House]:
    with scene.opened(Path(shutil.copytree(template, tmp_path / "data"))) as found:
        yield found


def alex(house: app.House) -> Person:
    with house.db.reading() as session:
        found = people.find_by_email(session, EMAIL)
    assert found is not None
    return found


def lived_in(house: app.House) -> Counted:
    """A person who has a bit of everything here."""
    person, found = alex(house), scene.issue(house)
    counted = scene.count(house, [found])
    scene.count(house, [found], stage="complete-submission", purpose="act-48", units="15")
    with house.db.transaction() as session:
        facts: Any = {"licence_level": "professional", "identifiers": {"PPID": NUMBER}}
        said = (Message("educator", NOW, "This is Alex, room 12."),)
        claim_rows.change(session, counted.claim, now=NOW, person=person.id, facts=facts, messages=said)
        claim = claim_rows.get(session, counted.claim)
        assert claim is not None
        claim_rows.add(
            session,
            replace(claim, id="open", state=ClaimState.SUBMITTED, decision=None, awards=()),
        )
        plans.save(session, person.id, "us-ma-renewal", {"licence_level": "professional"}, now=NOW)
        consents.give(
            session,
            organisation="example-vt",
            person=person.id,
            credential_id=found.credential_id,
            now=NOW,
        )
        attestation_rows.add(session, [attested(EMAIL)])
        statement_rows.add(session, stated(counted, person))
    return counted


def attested(email: str) -> Stored:
    return Stored(
        id=attestation_rows.fresh_id(),
        organisation="example-wa",
        person_key=email,
        event="workshop",
        item="SEL1",
        award="",
        on=date(2026, 5, 4),
        hours=None,
        note="Alex came late.",
        by="WEA",
        entered_by="test",
        entered_at=NOW,
        how="hand",
        same=personal_key(email, "workshop"),
    )


def stated(counted: Counted, person: Person) -> Statement:
    return Statement(
        id="5f0c",
        kind=statement_rows.ENDORSEMENT,
        organisation=DISTRICT,
        decision=counted.decision,
        award_key="a" * 64,
        credential_id=counted.found[0].credential_id,
        person=person.id,
        person_key=EMAIL,
        intended=b"{}",
        signed=b"{}",
        is_public=True,
        made_at=NOW,
        signed_at=NOW,
    )


def erase(house: app.House) -> None:
    with house.db.transaction() as session:
        RecognitionData().erase(session, people.get(session, alex(house).id), NOW)


def rows_of(house: app.House, table: str) -> list[dict[str, Any]]:
    with house.db.reading() as session:
        return [dict(row._mapping) for row in session.execute(select(Base.metadata.tables[table]))]


def test_the_export_has_everything_and_nothing_of_others(house: app.House) -> None:
    lived_in(house)
    other = "robin@school.example"
    with house.db.transaction() as session:
        attestation_rows.add(session, [attested(other)])
    target = io.BytesIO()
    with house.db.reading() as session:
        personal.write_export(target, session, (RecognitionData(),), alex(house), now=NOW)
    with zipfile.ZipFile(target) as archive:
        told = json.loads(archive.read("recognition.json"))
    assert [len(told[name]) for name in ("plans", "shown_to_affiliates", "claims", "decisions")] == [
        1,
        1,
        3,
        2,
    ]
    assert [len(told[name]) for name in ("counted", "statements", "attestations")] == [2, 1, 1]
    words = json.dumps(told)
    assert NUMBER in words
    assert "room 12" in words
    assert other not in words


def test_the_roof_hands_the_room_to_the_accounts(house: app.House) -> None:
    assert "recognition" in [each.name for each in house.accounts.rooms]


def test_erasing_leaves_neither_name_nor_address_nor_number_anywhere(house: app.House) -> None:
    lived_in(house)
    person = alex(house).id
    erase(house)
    tables = (
        "plans",
        "consents",
        "claims",
        "claim_awards",
        "decisions",
        "ledger",
        "statements",
        "attestations",
    )
    words = "\n".join(str(row) for name in tables for row in rows_of(house, f"recognition_{name}"))
    for secret in ("alex", "room 12", NUMBER, person, personal_key(EMAIL, "SEL1")):
        assert secret not in words.casefold(), secret


def test_what_nobody_decided_is_gone_and_what_was_decided_stays(house: app.House) -> None:
    counted = lived_in(house)
    erase(house)
    with house.db.reading() as session:
        assert claim_rows.get(session, "open") is None
        claim = claim_rows.get(session, counted.claim)
        stored = decision_rows.get(session, counted.decision)
        (line,) = ledger.of_decision(session, counted.decision)
    assert claim is not None
    assert stored is not None
    assert (claim.state, claim.person_name, dict(claim.facts)) == (
        ClaimState.USED,
        "",
        {"licence_level": "professional"},
    )
    assert (stored.decision.units, stored.decision.person) == (stored.units, None)
    assert line.person_key == claim.person_key == stored.decision.person_key
    assert rows_of(house, "recognition_plans") == rows_of(house, "recognition_consents") == []


def test_a_later_copy_of_an_award_that_was_counted_is_refused_as_before(house: app.House) -> None:
    counted = lived_in(house)
    with house.db.reading() as session:
        (before,) = ledger.of_decision(session, counted.decision)
    erase(house)
    again = replace(before, id="again", person_key=EMAIL)
    with house.db.transaction() as session:
        assert not ledger.add(session, [again])


def test_statements_stand_and_are_shown_no_more(house: app.House) -> None:
    lived_in(house)
    erase(house)
    with house.db.reading() as session:
        found = statement_rows.get(session, "5f0c")
    assert found is not None
    assert (found.signed, found.is_public, found.person) == (b"{}", False, None)


def test_two_organisations_cannot_join_what_is_left(house: app.House) -> None:
    found = scene.issue(house)
    one = scene.count(house, [found])
    other = scene.count(house, [found], organisation="example-state")
    erase(house)
    with house.db.reading() as session:
        names = {
            line.person_key for each in (one, other) for line in ledger.of_decision(session, each.decision)
        }
    assert len(names) == 2


def test_erasing_twice_and_with_nothing_changes_nothing(house: app.House) -> None:
    erase(house)
    lived_in(house)
    erase(house)
    before = rows_of(house, "recognition_ledger")
    erase(house)
    assert rows_of(house, "recognition_ledger") == before
