# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL as the one database: how its connections are opened, and what its errors mean (ADR 0038).

It behaves as SQLite does here, so that every step that was right with one is right with both:

- One writer at a time in the whole database: a writing transaction takes one advisory lock at its beginning.
  What it reads, nobody changes until it commits; it sees what the writer before it has committed.
- A reading transaction sees one moment, waits for no writer, and cannot write.
- Texts are compared and sorted by code point, whatever the database's own collation is: our columns carry
  ``COLLATE "C"``. So an update of the machine's C library cannot break an index either.
- What is acknowledged is on the disk: a server that would lose it is refused at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, String, create_engine, event, exc, make_url
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from credentials.errors import BrokenError, HallmarkError
from service.errors import (
    DatabaseOutdatedError,
    DatabaseUnavailableError,
    DatabaseUnsafeError,
    ExtraMissingError,
    SettingsError,
    UnstorableError,
)

DRIVER: Final = "postgresql+psycopg"
NAMES: Final = ("postgres", "postgresql", DRIVER)  # how an address may call it
WRITER_LOCK: Final = 0x4A11  # the key of the advisory lock; any fixed number
CONNECT_SECONDS: Final = 3  # how long opening a connection may take
IDLE_WRITER_MS: Final = 60_000  # a writer that says nothing for so long is gone, and loses the lock

# A machine that vanishes is noticed within half a minute, on both sides; else it would keep the lock.
_SERVER: Final = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
CONNECTION: Final[Mapping[str, Any]] = {
    "connect_timeout": CONNECT_SECONDS,
    "client_encoding": "utf8",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

_UNSTORABLE: Final = ("22001", "22003", "22021", "22P05")  # too long, too large, bytes that are no text
_OUTDATED: Final = ("42P01", "42703")  # a table or column is not there
_MISTAKES: Final = ("25006", "25P02")  # writing in a reading transaction, going on after a failure
_RIGHTS: Final = "42501"

_OPTION: Final = re.compile(r"invalid connection option")
_SIGNS: Final = "In a password, : @ / % are written as %3A %40 %2F %25."
# What libpq says when no connection comes about, and what we say. Several tries of it may stand in one text
# (each address of a host, with and without TLS): what came furthest stands first.
_TROUBLES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (
            r"password authentication failed|no password supplied|role \S+ does not exist"
            r"|(?:peer|ident|gssapi|ldap|pam|radius|cert\w*) authentication failed",
            "The database refuses the log-in: the user name or the password in database_url is wrong or "
            f"missing. {_SIGNS}",
        ),
        (
            r'database ".*" does not exist',
            "The database server answers, but has no database of the name in database_url (createdb).",
        ),
        (
            r"does not support SSL",
            "The database server offers no TLS, and sslmode in database_url asks for it.",
        ),
        (
            r"certificate|SSL error|sslrootcert",
            "TLS with the database server fails: its certificate does not fit the host in database_url, or "
            "is not signed by those that sslrootcert names.",
        ),
        (
            r"pg_hba\.conf.*(?:SSL off|no encryption)",
            "The database server does not let us in without TLS, or not at all from this machine "
            "(pg_hba.conf there, sslmode in database_url).",
        ),
        (
            r"pg_hba\.conf",
            "The database server does not let this user in from this machine (pg_hba.conf there).",
        ),
        (
            r"too many clients|connection slots|too many connections",
            "The database server has no connection left for us (max_connections there).",
        ),
        (
            r"database system is (?:starting up|shutting down|in recovery)",
            "The database server is starting or stopping. Try again in a moment.",
        ),
        (
            r"resolve host|translate host name|name or service not known",
            f"The host name in database_url is not found. {_SIGNS}",
        ),
        (
            r"connection refused|no such file or directory|timeout|timed out|no route to host|unreachable",
            "Nothing answers at the host and port in database_url: the server is down, or they are others.",
        ),
        (
            r"invalid \w+ value|definition of service",
            "The setting database_url has an option after its ? that PostgreSQL does not take.",
        ),
    )
)


def address(url: URL) -> URL:
    """Return ``url`` with the one driver that we use."""
    return url.set(drivername=DRIVER)


def dsn_of(address: str) -> str | None:
    """Return a setting's address as libpq reads it, password and all; None if it is no PostgreSQL."""
    if address.partition(":")[0] not in NAMES:
        return None
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


def open_engine(url: URL, *, lock_ms: int, pool_seconds: int, migrating: bool = False) -> Engine:
    """Open the engine; nothing is connected yet.

    Args:
        url: Where the database is.
        lock_ms: Milliseconds that a statement waits for a lock, the writers' one too.
        pool_seconds: How long a thread waits for a connection of the pool.
        migrating: It keeps no connection, and may be silent in the middle of its work.

    Raises:
        ExtraMissingError: The driver is not installed here.
    """
    own = url.query.get("options", "")
    options = " ".join((own if isinstance(own, str) else " ".join(own), _SERVER, "-c timezone=UTC"))
    arguments = {
        **{name: value for name, value in CONNECTION.items() if name not in url.query},
        "options": f"{options.strip()} -c lock_timeout={lock_ms}",
    }
    pool: dict[str, Any] = (
        {"poolclass": NullPool} if migrating else {"pool_pre_ping": True, "pool_timeout": pool_seconds}
    )
    try:
        engine = create_engine(address(url), connect_args=arguments, **pool)
    except ModuleNotFoundError as error:
        raise ExtraMissingError(
            "PostgreSQL needs the extra “postgres”: pip install 'hallmark[postgres]'.",
            expected="hallmark[postgres]",
        ) from error
    engine.dialect.ddl_compiler = _Columns
    idle_ms = 0 if migrating else IDLE_WRITER_MS
    event.listen(engine, "connect", _require_durable)

    @event.listens_for(engine, "begin")
    def _start(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", True):
            connection.exec_driver_sql(
                f"SELECT set_config('idle_in_transaction_session_timeout', '{idle_ms}', true), "
                f"pg_advisory_xact_lock({WRITER_LOCK})"
            )

    return engine


def reading(engine: Engine) -> Engine:
    """Return ``engine`` for transactions that see one moment and cannot write."""
    return engine.execution_options(writes=False, isolation_level="REPEATABLE READ", postgresql_readonly=True)


def asking(engine: Engine) -> Engine:
    """Return ``engine`` for single statements that read: without a transaction around them."""
    return engine.execution_options(writes=False, isolation_level="AUTOCOMMIT", postgresql_readonly=True)


def others(connection: Connection) -> int:
    """Count who else is connected to this database, whatever they do."""
    return int(
        connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).scalar_one()
    )


def meaning(error: exc.DBAPIError) -> HallmarkError | None:
    """Say in our words what the database refuses; None if it does not answer, for whatever reason."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None and isinstance(error, exc.ProgrammingError) and _OPTION.search(str(error.orig)):
        return SettingsError(
            "The setting database_url has something after its ? that is no option of PostgreSQL's.",
            path="database_url",
        )
    if state in _UNSTORABLE or (state is None and isinstance(error, exc.DataError)):
        return UnstorableError("A text is too long, or a number too large, for the database.")
    if state in _OUTDATED:
        return DatabaseOutdatedError(
            "The database does not have this version's tables: run “hallmark db upgrade” first."
        )
    if state in _MISTAKES:
        return BrokenError("The database was asked for something that this transaction cannot do.")
    if state == _RIGHTS:
        return DatabaseUnavailableError("The database does not let its user do this.")
    return None


def trouble(error: BaseException | None) -> str | None:
    """Say which kind of trouble keeps a connection from being opened; None if these are not its words.

    libpq gives no code for it, only words, in English or in the server's language. They name user, host and
    database, and a password that was not percent-encoded ends up in those: so nothing of them is quoted.
    """
    words = str(getattr(error, "orig", error))
    return next((sentence for pattern, sentence in _TROUBLES if pattern.search(words)), None)


def refuse_nul(
    _connection: Connection,
    _cursor: object,
    _statement: str,
    parameters: Any,
    _context: object,
    executemany: bool,
) -> None:
    """Refuse U+0000 in texts before the database sees it, on both: PostgreSQL has no place for it.

    Raises:
        UnstorableError: There is one.
    """
    for row in parameters if executemany else (parameters,):
        for value in row.values() if isinstance(row, dict) else row or ():
            if isinstance(value, str) and "\0" in value:
                raise UnstorableError("A text has the character U+0000, which no text may have.")


class _Columns(PGDDLCompiler):
    """Makes texts that compare by code point, as in SQLite."""

    def get_column_specification(self, column: Column[Any], **kwargs: Any) -> str:
        """Add the collation to columns of text."""
        if isinstance(column.type, String) and column.type.collation is None:
            column.type = column.type.adapt(type(column.type), collation="C")
        specification: str = super().get_column_specification(column, **kwargs)  # type: ignore[no-untyped-call]
        return specification


def _require_durable(connection: Any, _record: object) -> None:
    """Refuse a server that may lose what it has acknowledged, or cannot keep every text."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT current_setting('fsync'), current_setting('synchronous_commit'), "
        "current_setting('server_encoding')"
    )
    fsync, commit, encoding = cursor.fetchone()
    cursor.close()
    connection.rollback()
    fault = ""
    if fsync != "on":
        fault = "PostgreSQL may lose what it acknowledged: set fsync = on."
    elif commit == "off":
        fault = "PostgreSQL may lose what it acknowledged: set synchronous_commit = on."
    elif encoding != "UTF8":
        fault = f"The database keeps texts as {encoding}: make it with ENCODING 'UTF8'."
    if fault:
        connection.close()
        raise DatabaseUnsafeError(fault)
