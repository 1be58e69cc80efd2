# SPDX-License-Identifier: Apache-2.0
"""Who learns that awards or a takeback wait for a second person: one mail, and a number on each desk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from issuer import second_person
from issuer.bulk import bulk as states
from issuer.bulk import desk
from issuer.bulk.desk import Brought
from issuer.bulk.reading import Kind
from issuer.mint import Mint
from issuer.takeback import steps, working
from issuer.takeback.takeback import AT_ONCE, UNDO
from service import mail
from service.accounts import people
from service.accounts.people import Person, Role
from tests.issuer.house import NOW, open_mint
from tests.issuer.taking_back import (
    EDUCATION,
    FIRST,
    MANY,
    SECOND,
    THIRD,
    keys_of,
    officers,
    program,
    stock,
    tried,
)

TOKEN = "token:00000000000000aa"


@pytest.fixture(scope="module")
def stocked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = Path(shutil.copytree(template, tmp_path_factory.mktemp("stocked") / "data"))
    mint = open_mint(folder)
    bulk = stock(mint)
    officers(mint)
    program(mint, TOKEN)
    mint.db.close()
    return folder, bulk


@pytest.fixture
def mint(stocked: tuple[Path, str], tmp_path: Path) -> Iterator[Mint]:
    opened = open_mint(Path(shutil.copytree(stocked[0], tmp_path / "data")))
    yield opened
    opened.db.close()


@pytest.fixture
def keys(mint: Mint, stocked: tuple[Path, str]) -> tuple[str, ...]:
    return keys_of(mint, stocked[1])


def told(mint: Mint) -> list[tuple[str, str]]:
    """Kind and reader of each mail about a second person, the first ones first."""
    with mint.db.reading() as session:
        found = mail.listing(session, limit=100)
    return sorted((each.kind, each.address) for each in found)


def to(*numbers: int, kind: str) -> list[tuple[str, str]]:
    return [(kind, f"officer{number}@education.example") for number in numbers]


def waits(mint: Mint, actor: str) -> tuple[int, int]:
    """How many bulks and takebacks wait for somebody."""
    found = second_person.numbers(mint, _person(mint, actor), now=NOW)
    return found["bulks"], found["takebacks"]


def _person(mint: Mint, actor: str) -> Person:
    with mint.db.reading() as session:
        return people.get(session, actor.removeprefix("person:"))


def proposed(mint: Mint, monkeypatch: pytest.MonkeyPatch, *, actor: str) -> str:
    """A file of three awards that waits for a second person."""
    monkeypatch.setattr(desk, "ALONE", 2)
    rows = "".join(f"SEL1,p{each}@b.example,P\n" for each in range(3))
    brought = Brought(Kind.CSV, f"achievement,email,name\n{rows}".encode(), "spring.csv")
    id, _ = desk.propose(mint, brought, issuer=EDUCATION, sends_mail=False, actor=actor, now=NOW)
    desk.confirm(mint, id, count=3, leaves_out=False, actor=actor, now=NOW)
    return id


def test_the_other_officers_are_told_of_awards_that_wait_and_whoever_proposed_them_is_not(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert states.ALONE == 500
    id = proposed(mint, monkeypatch, actor=FIRST)
    assert told(mint) == to(1, 2, kind="bulk-waits")
    assert [waits(mint, actor) for actor in (FIRST, SECOND, THIRD)] == [(0, 0), (1, 0), (1, 0)]
    desk.cancel(mint, id, actor=SECOND, now=NOW)
    assert waits(mint, SECOND) == (0, 0)


def test_the_mail_names_who_proposes_how_many_and_the_page(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = proposed(mint, monkeypatch, actor=FIRST)
    with mint.db.reading() as session:
        (found,) = mail.listing(session, limit=1)
        words = mail.content(session, found.id)
    assert words is not None
    for each in ("Officer 0 proposes to issue 3 awards", "spring.csv", f"/issuing/{id}"):
        assert each in (words.text or "")
    assert found.subject == "3 awards wait for a second person"


def test_what_the_operator_or_a_program_proposes_is_told_to_every_officer(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed(mint, monkeypatch, actor="cli")
    assert told(mint) == to(0, 1, 2, kind="bulk-waits")


def test_an_officer_of_another_organisation_and_one_who_was_removed_are_not_told(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mint.db.transaction() as session:
        id = THIRD.removeprefix("person:")
        people.withdraw(session, id, Role.OFFICER, EDUCATION, actor="test", now=NOW)
    proposed(mint, monkeypatch, actor=FIRST)
    assert told(mint) == to(1, kind="bulk-waits")
    assert waits(mint, THIRD) == (0, 0)


def test_officers_are_told_of_a_takeback_that_waits(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys)
    assert told(mint) == []
    steps.start(mint, found.id, number=MANY, actor=FIRST, now=NOW)
    assert told(mint) == to(1, 2, kind="takeback-waits")
    assert [waits(mint, actor) for actor in (FIRST, SECOND)] == [(0, 0), (0, 1)]
    steps.approve(mint, found.id, number=MANY, actor=SECOND, now=NOW)
    assert waits(mint, THIRD) == (0, 0)


def test_a_proposal_of_a_program_is_told_once_also_when_somebody_steps_in_for_it(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    found = tried(mint, keys, actor=TOKEN)
    steps.start(mint, found.id, number=MANY, actor=TOKEN, now=NOW)
    assert told(mint) == to(0, 1, 2, kind="takeback-waits")
    steps.approve(mint, found.id, number=MANY, actor=FIRST, now=NOW)
    assert told(mint) == to(0, 1, 2, kind="takeback-waits")
    assert [waits(mint, actor) for actor in (FIRST, SECOND)] == [(0, 0), (0, 1)]


def test_what_is_to_be_hastened_in_the_window_is_told_too(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys[:3])
    steps.start(mint, found.id, number=3, actor=FIRST, now=NOW)
    working.work(mint, now=NOW)
    assert told(mint) == []
    steps.hasten(mint, found.id, words=AT_ONCE, actor=SECOND, now=NOW)
    assert told(mint) == to(0, 2, kind="takeback-hurries")
    assert [waits(mint, actor) for actor in (FIRST, SECOND)] == [(0, 1), (0, 0)]
    late = NOW + UNDO + timedelta(seconds=1)
    assert second_person.numbers(mint, _person(mint, FIRST), now=late)["takebacks"] == 0
