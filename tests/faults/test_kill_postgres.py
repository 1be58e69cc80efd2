# SPDX-License-Identifier: Apache-2.0
"""Kill -9 of PostgreSQL under load: what was acknowledged stays, and things get well alone (goal R2, F2).

Two kills here; ``python -m tests.faults.postgres_kills --cycles 30 --bulk 5000`` is the goal, with its times.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import app
from issuer import programme
from issuer.bulk import engine
from issuer.bulk.chunk import Worker
from issuer.bulk.crew import Crew, Task
from issuer.bulk.engine import Progress
from issuer.mint import Mint
from service.errors import DatabaseUnavailableError
from service.settings import Settings
from tests import postgres
from tests.faults import postgres_kills
from tests.issuer.house import NOW
from tests.issuer.test_bulk_chunk import begun, many

pytestmark = [pytest.mark.fault, pytest.mark.postgresql]


@pytest.mark.usefixtures("databases")
def test_nothing_acknowledged_is_lost_and_nobody_sees_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_kills, "LOAD_SECONDS", 0.5)
    found = postgres_kills.run(tmp_path, cycles=2, bulk=30)
    assert found.faults == []
    assert found.lost == []
    assert found.awarded
    assert found.revoked
    assert found.refused
    assert len(found.healed) == 2
    assert found.bulk == Progress(waiting=0, begun=0, issued=30, refused=0, cancelled=0)


SECONDS = 60.0  # after which something that should have happened has not


def patient(settings: Settings) -> Mint:
    """Open the room in a worker that, with rows in its hands, waits until it may go on."""

    def reached(step: str) -> None:
        if step == "intended":
            (settings.data / "held").touch()
            _until(settings.data / "go")

    return replace(app.open_mint(settings), reached=reached)


def _until(path: Path) -> None:
    end = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} does not happen"
        time.sleep(0.01)


def _watch(crew: Crew) -> None:
    while crew.watch(0.2):
        pass


@contextmanager
def away(databases: postgres.Databases, name: str) -> Iterator[None]:
    """Break all connections to a database, and let nobody in while the block runs."""
    databases._execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    databases._execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    yield
    databases._execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


def test_without_the_database_workers_of_a_bulk_end_and_what_they_held_is_free_when_it_is_back(
    databases: postgres.Databases, tmp_path: Path
) -> None:
    name = f"outage_{uuid.uuid4().hex[:12]}"
    url = databases.create(name, template=postgres.TEMPLATE)
    house = app.open_house(Settings(data=tmp_path, database_url=url))
    mint = house.mint
    programme.seed(mint, now=NOW)
    id = begun(mint, many(4))
    crew = Crew(mint, patient, Task(only=id))
    crew.start(1, now=NOW)
    _until(tmp_path / "held")
    with away(databases, name):
        (tmp_path / "go").touch()
        with pytest.raises(DatabaseUnavailableError):
            _watch(crew)
        assert crew.pids == (), "nobody works, or pretends to"
        with pytest.raises(DatabaseUnavailableError):
            crew.start(1, now=NOW)
        assert crew.pids == ()
        with pytest.raises(DatabaseUnavailableError):
            engine.run(mint, id, now=NOW)
    assert engine.progress(mint, id).begun == 4
    crew.watch(0)
    assert Worker(mint).work(id, now=NOW) == 4, "their lease has not lapsed, and yet they are free"
    assert engine.run(mint, id, now=NOW) == Progress(waiting=0, begun=0, issued=4, refused=0, cancelled=0)
    crew.end()
    house.db.close()
    house.jobs.close()
    databases.drop(name)


def test_the_server_of_the_tests_ends_with_them() -> None:
    with postgres.own_server() as server:
        assert server.answers()
        server.kill()
        assert not server.answers()
        server.start()
        assert server.answers()
        folder = server.folder
    assert not folder.exists()
