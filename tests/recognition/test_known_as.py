# SPDX-License-Identifier: Apache-2.0
"""A change of address takes along what was counted, kept and attested; strangers learn nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from recognition.attesting import attestations
from recognition.claiming import claims, ledger, ledger_csv
from recognition.claiming.settling import awards_of
from recognition.errors import ClaimReservedError
from recognition.plan import plan_form, planning
from service.accounts import people, personal
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import DISTRICT, EMAIL, TN, Scene
from tests.service.people import make_person

NEW = "zoe.new@school.example"
EARLIER = (
    "person,link,awarded,purpose,units,unit\n"
    f"{EMAIL},https://b.example/1,2019-03-01,licence-renewal,10,PDP-MA\n"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("known"))


@pytest.fixture
def scene(made: Path, tmp_path: Path) -> Iterator[Scene]:
    with desk_scene.copied(made, tmp_path / "house") as scene:
        yield scene


def move(scene: Scene, old: str = EMAIL, new: str = NEW) -> str:
    """Change the address of an account; return its id."""
    person = scene.person(old)
    with scene.house.db.transaction() as session:
        people.change(session, person.id, email=new, now=NOW)
    return person.id


def own(scene: Scene, key: str = NEW) -> list[Decimal]:
    return [each.units for each in ledger.lines(scene.office, DISTRICT, person_key=key, awards=())]


def test_what_was_counted_follows_the_account_to_another_address(scene: Scene) -> None:
    scene.approve(scene.submit(scene.award("SEL1"), policy=TN))
    move(scene)
    assert own(scene) == [Decimal(6)]
    assert own(scene, EMAIL) == [Decimal(6)]  # an office that still types the old address


def test_what_was_imported_under_the_old_address_follows_without_any_claim(scene: Scene) -> None:
    ledger_csv.bring_in(scene.office, DISTRICT, EARLIER.encode(), actor="ren", now=NOW)
    assert own(scene, EMAIL) == [Decimal(10)]
    move(scene)
    assert own(scene) == [Decimal(10)]


def test_lines_of_somebody_who_has_the_old_address_now_stay_theirs(scene: Scene) -> None:
    ledger_csv.bring_in(scene.office, DISTRICT, EARLIER.encode(), actor="ren", now=NOW)
    move(scene)
    make_person(scene.house.db, EMAIL, name="Somebody Else", now=NOW)
    assert own(scene) == []
    assert own(scene, EMAIL) == [Decimal(10)]


def test_what_was_attested_under_the_old_address_follows(scene: Scene) -> None:
    entry = attestations.read(email=EMAIL, event="orientation", on="2026-01-05", today=date(2026, 6, 1))
    attestations.record(scene.office, DISTRICT, [entry], how="hand", actor="person:ren", now=NOW)
    move(scene)
    again = attestations.read(email=NEW, event="orientation", on="2026-01-05", today=date(2026, 6, 1))
    attestations.record(scene.office, DISTRICT, [again], how="hand", actor="person:ren", now=NOW)
    (found,) = attestations.of_person(scene.office, DISTRICT, NEW)
    assert found.event == "orientation"


def test_an_open_claim_keeps_its_awards_after_a_change_of_address(scene: Scene) -> None:
    link = scene.award("SEL1")
    scene.reserve(link)
    id = move(scene)
    with scene.house.db.reading() as session:
        person = people.get(session, id)
    with pytest.raises(ClaimReservedError):
        claims.reserve(
            scene.office,
            person=person,
            organisation=DISTRICT,
            policy=desk_scene.MA,
            links=[link],
            facts=desk_scene.facts(),
            now=NOW,
        )


def test_earlier_addresses_are_handed_out_and_erased_with_the_account(scene: Scene) -> None:
    id = move(scene)
    with scene.house.db.transaction() as session:
        person = people.get(session, id)
        assert personal.AccountData().export(session, person)["earlier_emails"] == [EMAIL.lower()]
        personal.erase(session, [], person, now=NOW)
        assert people.earlier_addresses(session, id) == ()


def test_an_address_that_was_never_confirmed_takes_nothing_along(scene: Scene) -> None:
    ledger_csv.bring_in(
        scene.office, DISTRICT, EARLIER.replace(EMAIL, "typo@school.example").encode(), actor="r", now=NOW
    )
    with scene.house.db.transaction() as session:
        made = people.create(session, email="typo@school.example", name="New Person", now=NOW)
        people.change(session, made.id, email="right@school.example", now=NOW)
    assert own(scene, "right@school.example") == []


def test_a_plan_tells_nobody_what_was_counted_for_somebody_else(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = scene.award("SEL1")
    claim = scene.submit(link, policy=TN)
    scene.approve(claim)
    awards = awards_of(scene.propose(claim).brought)
    lines = ledger.lines(scene.office, DISTRICT, person_key="mia@x.example", awards=awards, own_only=True)
    assert lines == ()
    rule = planning.rule(scene.office, TN, now=NOW)
    fields = {"links": link, "desk": DISTRICT}
    situation = plan_form.read(rule.policy, fields, today=NOW.date())
    handed: dict[str, tuple[str, ...]] = {}
    for key in ("mia@x.example", EMAIL):
        looked_at: list[Any] = []
        monkeypatch.setattr(planning, "outlook", lambda *given, seen=looked_at, **more: seen.append(given[3]))
        planning.look(scene.office, rule, situation, now=NOW, desk=DISTRICT, own=(link,), person_key=key)
        handed[key] = tuple(each.credential_id for each in looked_at[0].used)
    assert handed == {"mia@x.example": (), EMAIL: (link,)}
