# SPDX-License-Identifier: Apache-2.0
"""The verifier's own web service, over a world instead of the internet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service import clock
from service.db import Database
from service.files import FileStore
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.running import tables
from tests.world import World
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.issuer_lists import Lists
from verifier.problems import ROWS
from verifier.store.memory import ListMemory
from verifier.web import check


@pytest.fixture
def world() -> World:
    """A world whose time is the machine's: doors read the clock themselves."""
    found = World()
    found.clock.moment = clock.now().replace(microsecond=0)
    return found


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    tables(database)
    yield database
    database.close()


@pytest.fixture
def desk(world: World, db: Database) -> Desk:
    return Desk(network=lambda: world.network, memory=ListMemory(db), lists=Lists(db))


@pytest.fixture
def bureau(tmp_path: Path, db: Database, desk: Desk) -> Bureau:
    settings = Settings(data=tmp_path)
    return Bureau(desk=desk, db=db, files=FileStore(tmp_path / "brought"), settings=settings)


@pytest.fixture
def client(bureau: Bureau) -> FlaskClient:
    problems = Problems(public_url=bureau.public_url)
    problems.register(ROWS)
    routes = (check.blueprint(bureau, problems),)
    return create_flask(bureau.settings, problems=problems, db=bureau.db, blueprints=routes).test_client()
