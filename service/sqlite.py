# SPDX-License-Identifier: Apache-2.0
"""SQLite as the one database: how its connections are opened (``service.db`` says what they promise).

WAL, so that readers and the writer do not wait for each other; ``synchronous=FULL``, so that what is
acknowledged is on the disk; references are checked. Transactions begin where we say so: a writing one with
``BEGIN IMMEDIATE``, so that it waits before it has read anything.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool, StaticPool


def is_in_memory(url: URL) -> bool:
    """Tell whether the database is in the memory of this process, and gone with it."""
    return url.database in (None, "", ":memory:")


def file_of(url: URL) -> Path:
    """Return the file that an address names; it is not one in memory."""
    return Path(str(url.database))


def make_private(path: Path) -> None:
    """Make the database file, readable by its owner only; what SQLite puts beside it follows its mode."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def is_locked(error: exc.DBAPIError) -> bool:
    """Tell whether somebody else has the file open or writes to it."""
    return getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def open_engine(
    url: URL, *, busy_timeout_ms: int, pool_seconds: int, migrating: bool = False, alone: bool = False
) -> Engine:
    """Open the engine; nothing is connected yet.

    Args:
        url: Where the database is.
        busy_timeout_ms: Milliseconds that a statement waits for another writer.
        pool_seconds: How long a thread waits for a connection of the pool.
        migrating: It keeps no connection, and references are not checked as it goes.
        alone: Nobody else may have the file open, not for reading either.
    """
    options: dict[str, Any] = {"connect_args": {"timeout": busy_timeout_ms / 1000}}
    if is_in_memory(url):
        options["poolclass"] = StaticPool
        options["connect_args"]["check_same_thread"] = False
    elif migrating:
        options["poolclass"] = NullPool
    else:
        options["pool_timeout"] = pool_seconds
    engine = create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself; the listener below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={busy_timeout_ms}",
            *(("locking_mode=EXCLUSIVE",) if alone else ()),
            "journal_mode=WAL",
            "synchronous=FULL",
            # Pages that many changes share are brought home once for 64 MiB of changes, not once for four.
            "wal_autocheckpoint=16000",
            f"foreign_keys={'OFF' if migrating else 'ON'}",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _start(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("writes", True):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif not options.get("single", False):
            # It waits for nobody, so there is no error of the driver to be turned into one of ours.
            connection.connection.execute("BEGIN DEFERRED")

    return engine
