# SPDX-License-Identifier: Apache-2.0
"""One database, one transaction at a time.

Rules kept here:

- A writing transaction says so at its beginning, so that two writers wait for each other instead of failing
  half-way: ``BEGIN IMMEDIATE`` in SQLite, one advisory lock in PostgreSQL (ADR 0038). What it has read,
  nobody changes until it commits. A reading one never blocks a writer, and sees one moment.
- An inner ``transaction()`` joins the outer one: a decision and what follows from it are one commit. If the
  inner one failed and the outer one swallowed that, nothing at all is committed.
- What is acknowledged is on the disk: SQLite in WAL mode with ``synchronous=FULL``, PostgreSQL with ``fsync``
  and ``synchronous_commit``, which is looked at with every connection.
- A commit whose answer was lost may have happened. It raises like one that failed; whoever repeats the step
  finds what is there already.
- Several processes may migrate at once; one does it, the others wait and find it done.

Example::

    with database.transaction() as session:
        session.add(row)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    Row,
    event,
    exc,
    make_url,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from credentials.errors import BrokenError
from service import postgresql, sqlite
from service.errors import (
    DatabaseInUseError,
    DatabaseOutdatedError,
    DatabaseUnavailableError,
    SettingsError,
)
from service.turns import Turns

INTEGER_MAX = 2**31 - 1  # where an INTEGER ends (PostgreSQL, 8.1); SQLite's own ends later

TURN_SECONDS = 5  # how long a writer in SQLite waits for those who came before it, or ends with 503
BUSY_TIMEOUT_MS = 5_000  # how long a writer waits for another before the request ends with 503
MIGRATION_TIMEOUT_MS = 60_000  # how long a process waits for another one that migrates
POOL_TIMEOUT = 5  # seconds; how long a request waits for a connection before it ends with 503

_CONNECTION_LOST = "8s2b"  # SQLAlchemy's code of using a connection that died in this transaction
_IN_USE = "Something else is connected to the database: stop “hallmark serve” and “hallmark work” everywhere."
_MIGRATIONS = Path(__file__).parent / "migrations"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. A naive one is refused: nobody knows which moment it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values and turn the others into UTC; SQLite stores them without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what was stored as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every room's rows. Constraints have names, so that a migration can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  SQLAlchemy's own form


@dataclass(slots=True)
class _Unit:
    """What is going on in this thread: a session, whether it writes, and whether it may still commit."""

    session: Session
    writes: bool
    doomed: bool = False


class Database:
    """The one database. Safe to share between threads; open one in each process."""

    def __init__(self, url: str) -> None:
        """Nothing is connected yet.

        Args:
            url: ``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST/NAME``.

        Raises:
            SettingsError: It is no such address.
            ExtraMissingError: It is one of PostgreSQL, and the driver is not installed here.
        """
        self._url = _read_address(url)
        self._engine = _engine(self._url, busy_timeout_ms=BUSY_TIMEOUT_MS)
        in_file = not self._is_postgresql and not sqlite.is_in_memory(self._url)
        self._turns = Turns(sqlite.file_of(self._url)) if in_file else None
        self._readers: Engine = (
            postgresql.reading(self._engine)
            if self._is_postgresql
            else self._engine.execution_options(writes=False)
        )
        self._askers: Engine = (
            postgresql.asking(self._engine)
            if self._is_postgresql
            else self._engine.execution_options(writes=False, single=True)
        )
        self._unit: ContextVar[_Unit | None] = ContextVar("unit", default=None)

    @property
    def in_transaction(self) -> bool:
        """Whether a writing transaction is open here."""
        unit = self._unit.get()
        return unit is not None and unit.writes

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write: all of the block is committed at its end, or nothing.

        Raises:
            DatabaseUnavailableError: The database cannot be reached, is locked for too long, or is full.
            BrokenError: Begun inside ``reading()``, or an inner part failed and the outer one went on.
        """
        outer = self._unit.get()
        if outer is None:
            with self._writing() as unit:
                yield unit.session
                if unit.doomed:
                    raise BrokenError("A part of this transaction failed, so nothing of it was saved.")
            return
        if not outer.writes:
            raise BrokenError("A writing transaction cannot begin inside a reading one.")
        finished = False
        try:
            yield outer.session
            finished = True
        finally:
            outer.doomed = outer.doomed or not finished

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read: everything in the block is seen as of one moment; nothing is written.

        Inside a transaction it sees that transaction's own changes.

        Raises:
            DatabaseUnavailableError: The database cannot be reached.
        """
        outer = self._unit.get()
        if outer is not None:
            yield outer.session
            return
        with _unavailable(), Session(self._readers) as session:
            token = self._unit.set(_Unit(session=session, writes=False))
            try:
                session.connection()  # Taken here, so that everything is seen as of this moment.
                yield session
            finally:
                self._unit.reset(token)  # Nothing is committed: closing the session rolls back.

    def ask(self, question: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Return all rows that one statement finds: the short way to read, for what every request asks.

        One statement sees one moment by itself, so no transaction is begun around it. Inside a transaction
        it sees that transaction's own changes.

        Args:
            question: Made once, of columns and not of whole objects: to make it takes longer than to ask.
            values: Its parameters.

        Raises:
            DatabaseUnavailableError: The database cannot be reached.
        """
        outer = self._unit.get()
        if outer is not None:
            return outer.session.execute(question, values).all()
        with _unavailable(), self._askers.connect() as connection:
            return connection.execute(question, values).all()

    def upgrade(self) -> None:
        """Bring all tables to the newest form. May run in several processes at once.

        Raises:
            DatabaseUnavailableError: It cannot be reached, or another process migrates for too long.
        """
        with self.held(wait_ms=MIGRATION_TIMEOUT_MS) as connection:
            migrate(connection)

    @contextmanager
    def held(self, *, wait_ms: int, alone: bool = False) -> Iterator[Connection]:
        """Be the one writer for as long as it takes, and commit at the end: for work on tables as such.

        SQLite checks references at the end instead of as it goes.

        Args:
            wait_ms: Milliseconds that it waits for another writer.
            alone: Nobody else may be connected; with SQLite nobody can be until the end.

        Raises:
            DatabaseInUseError: Somebody else is connected, and this was to be ``alone``.
            DatabaseUnavailableError: It cannot be reached, or another one writes for too long.
        """
        in_file, engine = self._turns is not None, self._engine
        if in_file:
            sqlite.make_private(sqlite.file_of(self._url))
        if in_file or self._is_postgresql:
            engine = _engine(self._url, busy_timeout_ms=wait_ms, migrating=True, alone=alone)
        with _unavailable(), ExitStack() as stack:
            try:
                connection = stack.enter_context(engine.execution_options(writes=True).begin())
            except exc.OperationalError as error:
                if alone and sqlite.is_locked(error):
                    raise DatabaseInUseError(_IN_USE) from error
                raise
            if alone and self._is_postgresql and postgresql.others(connection):
                raise DatabaseInUseError(_IN_USE)
            yield connection
            if connection.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise BrokenError(f"This would leave a broken reference in {broken[0]}.")

    def require_current(self) -> None:
        """Refuse to work on tables of another form than this version's.

        Raises:
            DatabaseOutdatedError: The newest migration has not been applied, or an unknown one has.
            DatabaseUnavailableError: The database cannot be reached.
        """
        with self.reading() as session:
            require_current(session.connection())

    def ping(self) -> None:
        """Ask the database for nothing, to see that it answers.

        Raises:
            DatabaseUnavailableError: It does not.
        """
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @property
    def _is_postgresql(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    @contextmanager
    def _writing(self) -> Iterator[_Unit]:
        turn = nullcontext() if self._turns is None else self._turns.taken(seconds=TURN_SECONDS)
        with _unavailable(), turn, Session(self._engine) as session:
            unit = _Unit(session=session, writes=True)
            token = self._unit.set(unit)
            try:
                with session.begin():
                    # The connection is taken here, so that a locked database is noticed before any work.
                    session.connection()
                    yield unit
            finally:
                self._unit.reset(token)


def migrate(connection: Connection) -> None:
    """Bring all tables to the newest form, in the transaction that is open (``Database.held``)."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, "head")


def require_current(connection: Connection) -> None:
    """Refuse tables of another form than this version's.

    Raises:
        DatabaseOutdatedError: The newest migration has not been applied, or an unknown one has.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    if current != ScriptDirectory(str(_MIGRATIONS)).get_current_head():
        raise DatabaseOutdatedError(
            "The database does not have this version's tables: run “hallmark db upgrade” first.",
            got=current,
        )


@contextmanager
def _unavailable() -> Iterator[None]:
    """Turn the driver's ways of saying "not now" into our one error.

    The driver's own words go no further than the log: they may quote what people wrote.
    """
    try:
        yield
    except exc.IntegrityError:
        raise  # It is about what was asked, not about the database.
    except exc.DBAPIError as error:
        known = postgresql.meaning(error) if hasattr(error.orig, "sqlstate") else None
        if known is not None:
            raise known from error
        if isinstance(error, exc.DataError | exc.ProgrammingError | exc.NotSupportedError):
            raise
        raise DatabaseUnavailableError("The database does not answer at the moment.") from error
    except (exc.TimeoutError, exc.PendingRollbackError) as error:
        if isinstance(error, exc.PendingRollbackError) and error.code != _CONNECTION_LOST:
            raise
        raise DatabaseUnavailableError("The database does not answer at the moment.") from error


def _read_address(url: str) -> URL:
    """Read the address of a database; what is wrong with it is not quoted, it may hold a password."""
    try:
        found = make_url(url)
    except (exc.ArgumentError, ValueError):
        found = None
    if found is not None and found.drivername in postgresql.NAMES:
        return postgresql.address(found)
    if found is None or found.get_backend_name() != "sqlite":
        raise SettingsError(
            "The setting database_url must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
            path="database_url",
            expected="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
        ) from None
    return found


def _engine(url: URL, *, busy_timeout_ms: int, migrating: bool = False, alone: bool = False) -> Engine:
    """Open the engine; a migrating one keeps no connection and checks references only at its end."""
    if url.get_backend_name() == "sqlite":
        engine = sqlite.open_engine(
            url, busy_timeout_ms=busy_timeout_ms, pool_seconds=POOL_TIMEOUT, migrating=migrating, alone=alone
        )
    else:
        engine = postgresql.open_engine(
            url, lock_ms=busy_timeout_ms, pool_seconds=POOL_TIMEOUT, migrating=migrating
        )
    event.listen(engine, "before_cursor_execute", postgresql.refuse_nul)
    return engine
