# SPDX-License-Identifier: Apache-2.0
"""A house moves into another database, SQLite or PostgreSQL, either way: every row, or none.

Rules kept here:

- Nobody else is connected to the database that is left, and nobody writes to it until the end.
- The other one is empty. It gets its tables, all rows and the places of its counters in one transaction, so
  whatever stops this (kill -9, a full disk, the network) leaves there what was there before.
- Before that transaction is committed, every table is read back: the number of its rows and the SHA-256 over
  all of their values, in the order of the primary key, are those of the table that is left; and the chain of
  the audit log holds.
- The database that is left is not changed.

Files and keys lie elsewhere and are not looked at. Jobs that wait need no copy: rows say what is to be done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    bindparam,
    delete,
    exc,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy import func as sql
from sqlalchemy.orm import Session

from service import audit, jobs
from service.db import INTEGER_MAX, Base, Database, migrate, require_current
from service.errors import CopyDiffersError, DatabaseNotEmptyError, UnstorableError

WAIT_MS: Final = 5_000  # how long this waits for somebody who writes
ROWS: Final = 200  # how many rows are in memory at once; a row with a file in it may have megabytes
_VERSION: Final = "alembic_version"
_POSTGRESQL: Final = "postgresql"


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of one table.

    Attributes:
        table: Its name.
        rows: How many rows it has, here and there.
        digest: SHA-256 over their values, in hexadecimal.
    """

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A house that is in both databases now.

    Attributes:
        tables: All of them, in the order of copying.
        head: The end of the audit log, which holds in the new place.
    """

    tables: tuple[Copied, ...]
    head: audit.Head

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(table.rows for table in self.tables)


def copy(source: Database, target: Database, *, told: Callable[[Copied], None] = lambda _: None) -> Moved:
    """Copy everything from ``source`` into the empty ``target``; ``told`` hears of each table.

    Neither may be in use by the caller.

    Raises:
        DatabaseNotEmptyError: The target holds something; it may be the source itself.
        DatabaseInUseError: Somebody else is connected to the source.
        DatabaseOutdatedError: The source has not this version's tables.
        UnstorableError: A value has no place in the target; the sentence says which.
        CopyDiffersError: What arrived is not what was sent, or cannot be. Nothing was kept.
        DatabaseUnavailableError: One of them cannot be reached.
    """
    tables = Base.metadata.sorted_tables
    with target.held(wait_ms=WAIT_MS) as new:
        _require_empty(new)
        with source.held(wait_ms=WAIT_MS, alone=True) as old:
            require_current(old)
            _require_known(old, tables)
            _keep_writers_out(old, tables)
            migrate(new)
            _clear(new, tables)
            copied = tuple(_copied(table, old, new, told) for table in tables)
            for table in tables:
                _set_counter(table, old, new)
            head = _require_whole_log(new)
        if new.dialect.name == _POSTGRESQL:
            new.exec_driver_sql("ANALYZE")  # Else it would guess for a while how large the tables are.
    return Moved(tables=copied, head=head)


# -- may it begin? ------------------------------------------------------------------------------------------


def _require_empty(new: Connection) -> None:
    names = sorted(_names(new))
    if names:
        raise DatabaseNotEmptyError(
            f"The other database is not empty: it has the table {names[0]}. Nothing was changed there. "
            "Make a new one, without “hallmark init”."
        )


def _clear(new: Connection, tables: Sequence[Table]) -> None:
    """Remove the rows with which new tables begin; those of the house take their place."""
    for table in reversed(tables):
        if new.execute(select(*table.primary_key).limit(1)).first() is not None:
            new.execute(delete(table))


def _require_known(old: Connection, tables: Sequence[Table]) -> None:
    """Refuse to leave a table behind."""
    missing = _names(old) - {table.name for table in tables} - {_VERSION}
    if missing:
        raise CopyDiffersError(
            f"The database has tables that Hallmark does not know: {', '.join(sorted(missing))}. "
            "They would be left behind, so nothing was copied."
        )


def _keep_writers_out(old: Connection, tables: Sequence[Table]) -> None:
    """Let nobody write until the end who does not ask for the writer's place, such as an administrator."""
    if old.dialect.name == _POSTGRESQL:
        names = ", ".join(old.dialect.identifier_preparer.format_table(table) for table in tables)
        old.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")


def _names(connection: Connection) -> set[str]:
    """Return the tables of a database, without those of the queue of jobs."""
    return {name for name in inspect(connection).get_table_names() if not name.startswith(f"{jobs.TABLES}_")}


# -- rows ---------------------------------------------------------------------------------------------------


def _copied(table: Table, old: Connection, new: Connection, told: Callable[[Copied], None]) -> Copied:
    """Copy a table, and compare both."""
    later = [
        column for column in table.columns if any(key.column.table is table for key in column.foreign_keys)
    ]
    names = [column.key for column in table.columns]
    sent = _Digest(table)
    for rows in _read(table, old):
        sent.add(rows)
        _write(
            table,
            [dict(zip(names, row, strict=True)) | {each.key: None for each in later} for row in rows],
            new,
        )
    for column in later:
        _point(table, column, old, new)
    arrived = _Digest(table)
    for rows in _read(table, new):
        arrived.add(rows)
    if arrived.result != sent.result:
        raise CopyDiffersError(
            f"The table {table.name} did not arrive as it was sent: {sent.result.rows} rows here, "
            f"{arrived.result.rows} there, or other values. Nothing was kept there."
        )
    told(sent.result)
    return sent.result


def _read(table: Table, connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """Yield all rows in the order of the primary key, some at a time."""
    asked = select(table).order_by(*table.primary_key)
    with connection.execute(asked.execution_options(yield_per=ROWS)) as result:
        yield from result.partitions()


def _write(table: Table, rows: list[dict[str, Any]], new: Connection) -> None:
    try:
        new.execute(insert(table), rows)
    except (exc.DataError, UnstorableError) as error:
        raise UnstorableError(_too_much(table, rows)) from error


def _point(table: Table, column: Column[Any], old: Connection, new: Connection) -> None:
    """Set the references of a table to itself, now that all of its rows are there."""
    keys = list(table.primary_key)
    asked = select(*keys, column).where(column.is_not(None))
    change = table.update().where(*(key == bindparam(f"old_{key.key}") for key in keys))
    with old.execute(asked.execution_options(yield_per=ROWS)) as result:
        for rows in result.partitions():
            names = [*(f"old_{key.key}" for key in keys), column.key]
            new.execute(change, [dict(zip(names, row, strict=True)) for row in rows])


def _too_much(table: Table, rows: list[dict[str, Any]]) -> str:
    """Say which value has no place; SQLite never looked at its length."""
    for row in rows:
        for column in table.columns:
            value, length = row[column.key], getattr(column.type, "length", None)
            fault = ""
            if isinstance(value, str) and "\0" in value:
                fault = "has the character U+0000"
            elif (
                isinstance(value, str) and isinstance(column.type, String) and length and len(value) > length
            ):
                fault = f"has {len(value)} characters, and {length} have a place there"
            elif isinstance(column.type, Integer) and value is not None and abs(value) > INTEGER_MAX:
                fault = "is too large a number"
            if fault:
                key = ", ".join(str(row[each.key]) for each in table.primary_key)
                return f"{table.name}.{column.name} of the row {key} {fault}. Nothing was kept there."
    return f"A value of the table {table.name} has no place in the other database. Nothing was kept there."


# -- comparing ----------------------------------------------------------------------------------------------


class _Digest:
    """Counts the rows of a table, and hashes all of their values with their lengths."""

    def __init__(self, table: Table) -> None:
        self._table = table.name
        self._rows = 0
        self._hash = hashlib.sha256()

    def add(self, rows: Sequence[Row[Any]]) -> None:
        """Take further rows."""
        self._rows += len(rows)
        for row in rows:
            for value in row:
                content = _bytes_of(value)
                self._hash.update(b"%c%d:" % (_KINDS[type(value)], len(content)))
                self._hash.update(content)

    @property
    def result(self) -> Copied:
        """What was taken so far."""
        return Copied(table=self._table, rows=self._rows, digest=self._hash.hexdigest())


def _bytes_of(value: object) -> bytes:
    """Write a value in one form, whichever driver read it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True).encode("ascii")
    if isinstance(value, date):  # a moment is one too
        return value.isoformat().encode("ascii")
    return str(value).encode("utf-8")


_KINDS: Final = {
    type(None): b"-",
    bool: b"b",
    int: b"i",
    str: b"s",
    bytes: b"x",
    datetime: b"m",
    date: b"d",
    dict: b"j",
    list: b"j",
}


# -- what rows do not say -----------------------------------------------------------------------------------


def _set_counter(table: Table, old: Connection, new: Connection) -> None:
    """Let numbers go on after the last that was ever given; that of a mail is never given again."""
    column = table.autoincrement_column
    if column is None:
        return
    last = max(_last_number(table, column, old), new.execute(select(sql.max(column))).scalar() or 0)
    if not last:
        return
    if new.dialect.name == _POSTGRESQL:
        new.execute(select(sql.setval(sql.pg_get_serial_sequence(table.name, column.name), last)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        new.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        new.execute(
            text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), {"name": table.name, "last": last}
        )


def _last_number(table: Table, column: Column[int], old: Connection) -> int:
    asked, values = "SELECT seq FROM sqlite_sequence WHERE name = :name", {"name": table.name}
    if old.dialect.name == _POSTGRESQL:
        asked = "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, :column) AS regclass))"
        values["column"] = column.name
    found = old.execute(text(asked), values).scalar()
    return int(found or 0)


def _require_whole_log(new: Connection) -> audit.Head:
    """Recompute the chain of the audit log from what arrived, and return its end."""
    with Session(new) as session:
        fault = audit.check(session)
        if fault is not None:
            raise CopyDiffersError(f"The audit log breaks at line {fault.number}: {fault.reason}.")
        return audit.head(session)
