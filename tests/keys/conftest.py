# SPDX-License-Identifier: Apache-2.0
"""An opened cabinet in an empty data folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.cabinet import Cabinet
from service.db import Database
from service.settings import Settings
from tests.keys.samples import PASSPHRASE, environment
from tests.running import tables


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    tables(database)
    yield database
    database.close()


@pytest.fixture
def cabinet(db: Database, settings: Settings) -> Cabinet:
    return Cabinet.open(db, settings, environ=environment(PASSPHRASE))
