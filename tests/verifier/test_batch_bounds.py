# SPDX-License-Identifier: Apache-2.0
"""Many at once, bounded: what it may keep, how long it waits, and what one batch may do to another."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from service.db import Database
from tests.verifier.bringing import archive
from tests.verifier.test_batching import NOW, opened
from tests.world import OWNER, World
from verifier import batch_work, batching
from verifier.bureau import Bureau
from verifier.lines import Line
from verifier.store import batches


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def bureau(tmp_path: Path, world: World, db: Database) -> Bureau:
    return opened(tmp_path, world, db)


def brought(bureau: Bureau) -> list[Path]:
    return [path for path in (bureau.settings.data / "brought").rglob("*") if path.is_file()]


def test_cancelling_while_an_archive_is_opened_leaves_no_address_and_no_file(
    bureau: Bureau, world: World
) -> None:
    """Whoever has the link can cancel at any moment; what was typed must not outlive that."""
    packed = archive({f"{n}.json": world.issuer("union").mint() for n in range(3)})
    lines = [Line("a.zip", raw=packed, recipient="secret.person@district.example")]
    id = batching.open(bureau, lines, label="x", now=NOW)

    def reached(step: str) -> None:
        if step == "examined":
            batching.cancel(bureau, id, now=NOW)

    batch_work.work(bureau, now=NOW, reached=reached)
    with bureau.db.reading() as session:
        items = batches.items(session, id)
    assert [(item.file, item.recipient) for item in items] == [(None, None)]
    assert not brought(bureau)


def test_the_daily_job_forgets_what_a_closed_batch_still_holds(bureau: Bureau, world: World) -> None:
    lines = [Line("a", raw=world.issuer("union").mint(), recipient=OWNER)]
    id = batching.open(bureau, lines, label="x", now=NOW)
    with bureau.db.transaction() as session:
        session.execute(text("UPDATE verifier_batches SET state = 'cancelled'"))
    batching.tidy(bureau, now=NOW)
    with bureau.db.reading() as session:
        (item,) = batches.items(session, id)
    assert (item.file, item.recipient) == (None, None)
    assert not brought(bureau)
