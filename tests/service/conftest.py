# SPDX-License-Identifier: Apache-2.0
"""A data folder, a migrated database and a small service for the tests of service/."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from service.accounts.room import Accounts
from service.db import Database
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.running import tables
from tests.service.accounts import make_service, open_accounts

MakeApp = Callable[..., Flask]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate once; every test has its own copy."""
    path = tmp_path_factory.mktemp("migrated") / "x.sqlite3"
    database = Database(f"sqlite:///{path}")
    tables(database)
    database.close()
    return path


@pytest.fixture
def db(settings: Settings, migrated: Path) -> Iterator[Database]:
    shutil.copy(migrated, settings.data / "hallmark.sqlite3")
    database = Database(settings.database_url)
    yield database
    database.close()


@pytest.fixture
def make_app(settings: Settings, db: Database) -> MakeApp:
    """Return a function that builds a service around the given routes."""

    def make(routes: Blueprint | None = None, *, of: Settings = settings) -> Flask:
        return create_flask(
            of,
            problems=Problems(public_url=of.public_url),
            db=db,
            blueprints=() if routes is None else (routes,),
        )

    return make


@pytest.fixture
def accounts(db: Database, settings: Settings) -> Accounts:
    return open_accounts(db, settings)


@pytest.fixture
def accounts_app(accounts: Accounts) -> Flask:
    """The service with the pages of accounts."""
    return make_service(accounts)


@pytest.fixture
def client(accounts_app: Flask) -> FlaskClient:
    return accounts_app.test_client()
