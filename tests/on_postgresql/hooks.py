# SPDX-License-Identifier: Apache-2.0
"""The option ``--database=postgresql``: the same tests on a real PostgreSQL (``tests.postgres``)."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

import pytest

from tests import postgres
from tests.on_postgresql import is_keeping

_MISSING = "TESTS_POSTGRESQL_MISSING"  # in the environment: why there is no server
_used: list[postgres.Databases] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="Which database the houses of the tests have; for postgresql a server is started.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite(why): is about SQLite alone, or looks into its file")
    config.addinivalue_line("markers", "postgresql: is about PostgreSQL alone; starts a server if need be")
    if config.getoption("--database") != "postgresql":
        return
    if not hasattr(config, "workerinput"):
        try:
            server = postgres.begin()
        except postgres.NoServerError as error:
            if os.environ.get(postgres.REQUIRED):
                pytest.exit(str(error), returncode=1)
            os.environ[_MISSING] = str(error)
            return
        config.add_cleanup(server.stop)
    if postgres.ADDRESS in os.environ:
        databases = postgres.Databases(os.environ[postgres.ADDRESS])
        lifetimes = _Lifetimes(databases)
        databases.made = lifetimes.note
        config.pluginmanager.register(lifetimes)
        postgres.use(databases)
        _used.append(databases)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database") != "postgresql":
        return
    missing = os.environ.get(_MISSING)
    for item in items:
        mark = item.get_closest_marker("sqlite")
        if missing is not None:
            item.add_marker(pytest.mark.skip(reason=missing))
        elif mark is not None:
            item.add_marker(pytest.mark.skip(reason=f"about SQLite: {mark.args[0]}"))


@pytest.fixture(scope="session")
def databases() -> Iterator[postgres.Databases]:
    """The server of this run, or one of this process if the run is on SQLite."""
    if _used:
        yield _used[0]
        return
    try:
        server = postgres.Server()
        server.start()
    except postgres.NoServerError as error:
        if os.environ.get(postgres.REQUIRED):
            raise
        pytest.skip(str(error))
    try:
        found = postgres.Databases(server.admin)
        found.prepare()
        yield found
    finally:
        server.stop()


class _Lifetimes:
    """A database lives as long as the fixture, or the test, in which it was made."""

    def __init__(self, databases: postgres.Databases) -> None:
        self._databases = databases
        self._made: list[list[str]] = [[]]  # names: of the test, then of each fixture that is being made

    def note(self, name: str) -> None:
        """A database was made: it belongs to the innermost fixture."""
        if not is_keeping():
            self._made[-1].append(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        names: list[str] = []
        # The first finalizer runs last, when nobody uses the databases any more.
        fixturedef.addfinalizer(partial(self._drop, names))
        self._made.append(names)
        try:
            return (yield)
        finally:
            self._made.pop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, None, None]:
        yield
        self._drop(self._made[0])

    def _drop(self, names: list[str]) -> None:
        for name in names:
            self._databases.drop(name)
        names.clear()
