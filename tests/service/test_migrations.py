# SPDX-License-Identifier: Apache-2.0
"""A house of any older version comes to the newest tables with all its rows: each step is taken with rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
)

import app  # noqa: F401  every room's tables are known with it
from service import db as db_module
from service.db import Base, Database
from tests.postgres import Databases

NOW = datetime(2026, 2, 27, 9, 30, 1, 234_567, tzinfo=UTC)
ROWS = 2
KINDS = (pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgresql))
_LIBRARY = ("alembic_version", "sqlite_sequence")


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty one of the kind that the test names."""
    if request.param == "sqlite":  # not "sqlite:///", which a run on PostgreSQL takes for one of its own
        found = Database(f"sqlite+pysqlite:///{tmp_path / 'x.sqlite3'}")
        yield found
        found.close()
        return
    databases: Databases = request.getfixturevalue("databases")
    name = f"steps_{os.getpid()}"
    found = Database(databases.create(name))
    yield found
    found.close()
    databases.drop(name)


def value_of(table: Table, column: Column[Any], number: int) -> Any:
    """Something that fits a column of an older form, whatever it is for."""
    for key in column.foreign_keys:
        other = 1 - number if column.name == "reviewer" else number  # nobody reviews their own work
        return value_of(key.column.table, key.column, other)
    kind = column.type
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer):
        return number + 1
    if isinstance(kind, LargeBinary):
        return b"{}"
    if isinstance(kind, JSON):
        return {"number": number}
    if isinstance(kind, DateTime):
        return NOW
    if isinstance(kind, Date):
        return date(2026, 2, 27)
    return f"{number}-{table.name}-{column.name}"[: getattr(kind, "length", None) or 200]


def count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def fill(connection: Connection, filled: dict[str, int]) -> None:
    """Put rows into each table that is new and empty, with a value in each column; note how many it has."""
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name in filled or table.name in _LIBRARY:
            continue
        for number in range(0 if count(connection, table) else ROWS):
            connection.execute(
                insert(table), {column.name: value_of(table, column, number) for column in table.columns}
            )
        filled[table.name] = count(connection, table)


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_every_step_is_taken_with_rows_in_all_tables_and_loses_none(database: Database) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(db_module._MIGRATIONS))
    steps = [each.revision for each in ScriptDirectory(str(db_module._MIGRATIONS)).walk_revisions()][::-1]
    filled: dict[str, int] = {}
    with database.held(wait_ms=1_000) as connection:
        config.attributes["connection"] = connection
        for step in steps:
            alembic.command.upgrade(config, step)
            fill(connection, filled)
    database.require_current()
    with database.reading() as session:
        connection = session.connection()
        left = {table.name: count(connection, table) for table in Base.metadata.sorted_tables}
        assert {name: number for name, number in left.items() if number < filled[name]} == {}
        if connection.dialect.name == "sqlite":
            assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
