# SPDX-License-Identifier: Apache-2.0
"""Looks into a database past all stores, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect, text

from service.db import Database


def rows(db: Database, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    with db.reading() as session:
        return [tuple(row) for row in session.execute(text(statement))]


def columns(db: Database, table: str) -> list[str]:
    """The names of a table's columns, in their order."""
    with db.reading() as session:
        return [each["name"] for each in inspect(session.connection()).get_columns(table)]


def everything(db: Database) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every row of every table, with the table's name."""
    with db.reading() as session:
        tables = inspect(session.connection()).get_table_names()
    for table in tables:
        for row in rows(db, f'SELECT * FROM "{table}"'):  # noqa: S608  names from the database itself
            yield table, row
