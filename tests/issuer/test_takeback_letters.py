# SPDX-License-Identifier: Apache-2.0
"""Earners hear once of each thing that happens to what they hold, and of a mistake within minutes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from issuer import retention
from issuer.mint import Mint
from issuer.takeback import letters, steps, working
from issuer.takeback.letters import PATIENCE
from issuer.takeback.takeback import UNDO
from service import mail
from service.accounts import people
from tests.issuer.house import NOW, open_mint
from tests.issuer.taking_back import FIRST, begun, keys_of, officers, stock

LATER = NOW + UNDO


@pytest.fixture(scope="module")
def stocked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    folder = Path(shutil.copytree(template, tmp_path_factory.mktemp("stocked") / "data"))
    mint = open_mint(folder)
    keys = keys_of(mint, stock(mint, 9))
    officers(mint)
    mint.db.close()
    return folder, keys


@pytest.fixture
def mint(stocked: tuple[Path, tuple[str, ...]], tmp_path: Path) -> Iterator[Mint]:
    opened = open_mint(Path(shutil.copytree(stocked[0], tmp_path / "data")))
    yield opened
    opened.db.close()


@pytest.fixture
def keys(stocked: tuple[Path, tuple[str, ...]]) -> tuple[str, ...]:
    return stocked[1]


def told(mint: Mint) -> list[tuple[str, str, str]]:
    """Kind, address and subject of every mail, oldest first."""
    with mint.db.reading() as session:
        found = mail.listing(session, limit=100)
    return [(each.kind, each.address, each.subject) for each in reversed(list(found))]


def test_one_mail_to_each_earner_when_the_review_begins_and_one_at_its_end(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    begun(mint, keys[:3], public_reason="It was awarded twice.")
    assert letters.send(mint, now=NOW + PATIENCE - timedelta(seconds=1)) == 0
    assert letters.send(mint, now=NOW + PATIENCE) == 2
    assert letters.send(mint, now=NOW + PATIENCE) == 0
    one = "About your micro-credential Adult SEL 1: Self-Awareness"
    assert [each[:2] for each in told(mint)] == [
        ("takeback-review", "person0@teachers.example"),
        ("takeback-review", "person1@teachers.example"),
    ]
    assert {each[2] for each in told(mint)} == {one, "About 2 of your micro-credentials"}
    working.work(mint, now=LATER)
    assert letters.send(mint, now=LATER) == 2
    assert [each[0] for each in told(mint)[2:]] == ["takeback-withdrawn"] * 2
    with mint.db.reading() as session:
        newest = next(iter(mail.listing(session, limit=1)))
        content = mail.content(session, newest.id)
    assert content is not None
    assert "It was awarded twice." in content.text
    assert f"{mint.public_url}/credentials/" in content.text


def test_what_is_undone_within_minutes_frightens_nobody_and_later_it_is_told(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    found = begun(mint, keys[:1])
    steps.undo(mint, found.id, actor=FIRST, now=NOW + timedelta(minutes=5))
    working.work(mint, now=NOW + timedelta(minutes=5))
    assert letters.send(mint, now=NOW + PATIENCE) == 0
    again = begun(mint, keys[:1], now=NOW + timedelta(hours=1))
    letters.send(mint, now=NOW + timedelta(hours=2))
    steps.undo(mint, again.id, actor=FIRST, now=NOW + timedelta(hours=3))
    working.work(mint, now=NOW + timedelta(hours=3))
    assert letters.send(mint, now=NOW + timedelta(hours=3)) == 1
    assert [each[0] for each in told(mint)] == ["takeback-review", "takeback-lifted"]


def test_who_was_forgotten_or_need_not_be_told_gets_no_mail(mint: Mint, keys: tuple[str, ...]) -> None:
    with mint.db.transaction():
        retention.erase(mint, keys[:1], now=NOW, actor="test")
    begun(mint, keys[:1])
    begun(mint, keys[3:4], tells=False)
    working.work(mint, now=LATER)
    assert letters.send(mint, now=LATER) == 0
    assert told(mint) == []


def test_who_moved_is_written_to_at_the_address_of_today(mint: Mint, keys: tuple[str, ...]) -> None:
    with mint.db.transaction() as session:
        made = people.create(session, email="person0@teachers.example", name="Ada", confirmed_at=NOW, now=NOW)
        people.change(session, made.id, email="ada@new.example", now=NOW)
    begun(mint, keys[:1])
    letters.send(mint, now=NOW + PATIENCE)
    assert [each[1] for each in told(mint)] == ["ada@new.example"]


def test_many_earners_are_told_in_parts(
    mint: Mint, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "LINES", 2)
    begun(mint, keys)
    assert letters.send(mint, now=NOW + PATIENCE) == 6
    assert len({each[1] for each in told(mint)}) == 6
