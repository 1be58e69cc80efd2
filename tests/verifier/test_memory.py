# SPDX-License-Identifier: Apache-2.0
"""The rows: how new the newest list was, bounded, and no reason to stop when they cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from service.db import Database
from service.errors import DatabaseUnavailableError
from tests.world import START
from verifier.store import memory as store
from verifier.store.memory import ListMemory, StatusListRow

ISSUER = "did:web:a.example"
URL = "https://union.example/status/1"


def test_remembers_the_newest_per_issuer_and_address(db: Database) -> None:
    memory = ListMemory(db)
    assert memory.newest(ISSUER, URL) is None
    memory.remember(ISSUER, URL, START, now=START)
    memory.remember(ISSUER, URL, START - timedelta(hours=1), now=START)
    assert memory.newest(ISSUER, URL) == START
    memory.remember(ISSUER, URL, START + timedelta(hours=1), now=START)
    assert memory.newest(ISSUER, URL) == START + timedelta(hours=1)
    assert memory.newest("did:web:b.example", URL) is None
    assert memory.newest(ISSUER, URL + "/2") is None


def test_what_a_clock_ahead_remembered_gives_way(db: Database) -> None:
    memory = ListMemory(db)
    memory.remember(ISSUER, URL, START + timedelta(days=30), now=START + timedelta(days=30))
    memory.remember(ISSUER, URL, START, now=START + timedelta(minutes=1))
    assert memory.newest(ISSUER, URL) == START
    memory.remember(ISSUER, URL, START - timedelta(minutes=1), now=START + timedelta(minutes=1))
    assert memory.newest(ISSUER, URL) == START


def test_the_longest_unseen_goes_first(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LISTS", 3)
    memory = ListMemory(db)
    for number in range(5):
        memory.remember(ISSUER, f"{URL}/{number}", START, now=START + timedelta(seconds=number))
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(StatusListRow)) == 3
    assert memory.newest(ISSUER, f"{URL}/1") is None
    assert memory.newest(ISSUER, f"{URL}/4") == START


def test_addresses_are_not_kept(db: Database) -> None:
    ListMemory(db).remember(ISSUER, URL, START, now=START)
    with db.reading() as session:
        row = session.scalars(select(StatusListRow)).one()
        assert "example" not in row.digest


def test_checking_goes_on_when_writing_does_not_work(db: Database) -> None:
    class Full(Database):
        @contextmanager
        def transaction(self) -> Iterator[Any]:
            if not self.in_transaction:
                raise DatabaseUnavailableError("The disk is full.")
            yield

    full = Full("sqlite://")
    ListMemory(full).remember(ISSUER, URL, START, now=START)
    full.close()
    assert ListMemory(db).newest(ISSUER, URL) is None
