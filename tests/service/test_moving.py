# SPDX-License-Identifier: Apache-2.0
"""A house moves into another database: every row of every table, or nothing, on the way there and back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    delete,
    insert,
    inspect,
    select,
    text,
)

import app  # noqa: F401  every room's tables are known with it
import hallmark
from service import audit, moving
from service import db as db_module
from service.db import Base, Database, migrate
from service.errors import (
    CopyDiffersError,
    DatabaseInUseError,
    DatabaseNotEmptyError,
    DatabaseUnavailableError,
    UnstorableError,
)
from service.terminal import ExitCode
from tests.postgres import EMPTY, Databases

NOW = datetime(2026, 2, 27, 9, 30, 1, 234_567, tzinfo=UTC)
SECRET = "correct-horse"
# Not "sqlite:///", which a run on PostgreSQL takes for one of its own (tests.postgres).
FILE = "sqlite+pysqlite:///"
KINDS = (pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgresql))

Make = Callable[..., str]
Rows = dict[str, list[tuple[Any, ...]]]


def value_of(table: Table, column: Column[Any], number: int) -> Any:
    """Something that fits the column and is not that of the other row."""
    for key in column.foreign_keys:
        # A table that points to itself points forward and back; nobody reviews their own work.
        other = key.column.table is table or column.name == "reviewer"
        return value_of(key.column.table, key.column, 1 - number if other else number)
    kind = column.type
    if isinstance(kind, Boolean):
        return bool(number)
    if isinstance(kind, Integer):
        return 2**31 - 2 + number if not column.primary_key and number else number + 1
    if isinstance(kind, LargeBinary):
        return bytes(range(256)) * (number + 1)
    if isinstance(kind, JSON):
        return {"b": [1, None, "\\"], "a": f"é{number}"}
    if isinstance(kind, Date) and not isinstance(kind, DateTime):
        return date(2026, 2, 27 + number)
    if isinstance(kind, DateTime) or getattr(kind, "impl", None).__class__ is DateTime:
        return NOW + timedelta(microseconds=number)
    words = f"{number} {column.name} ö\U0001f600'\"%\\\n" * 3
    return words[: getattr(kind, "length", None) or len(words)]


def fill(connection: Connection) -> None:
    """Put two rows into each table, the second one with nothing where nothing may stand."""
    for table in Base.metadata.sorted_tables:
        if table.name == "audit_log":
            continue
        connection.execute(delete(table))
        for number in range(2):
            row = {column.key: value_of(table, column, number) for column in table.columns}
            empty = {column.key: None for column in table.columns if number and column.nullable}
            keep = {column.key for column in table.columns if column.foreign_keys}
            connection.execute(
                insert(table), row | {key: None for key in empty if key not in keep and "by" not in key}
            )


def rows_of(database: Database) -> Rows:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with two rows in every table; a mail was the last and is gone."""
    path = tmp_path_factory.mktemp("filled") / "x.sqlite3"
    database = Database(f"{FILE}{path}")
    with database.held(wait_ms=1_000) as connection:
        migrate(connection)
        fill(connection)
        connection.execute(text("UPDATE sqlite_sequence SET seq = 40 WHERE name = 'mails'"))
    for number in range(3):
        with database.transaction() as session:
            audit.record(session, actor="test", action="a", subject=f"s{number}", now=NOW)
    database.close()
    return path


@pytest.fixture
def house(filled: Path, tmp_path: Path) -> Database:
    """A copy of it that nobody is connected to."""
    path = tmp_path / "house.sqlite3"
    path.write_bytes(filled.read_bytes())
    return Database(f"{FILE}{path}")


@pytest.fixture(scope="module")
def names() -> Iterator[int]:
    return count()


@pytest.fixture(scope="module")
def filled_elsewhere(databases: Databases, filled: Path) -> Iterator[str]:
    """The name of a database in PostgreSQL with the same rows."""
    name = f"moved_{os.getpid()}"
    moving.copy(Database(f"{FILE}{filled}"), Database(databases.create(name)))
    yield name
    databases.drop(name)


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path, names: Iterator[int]) -> Iterator[Make]:
    """Make the address of a database of either kind: one without tables, or the house."""
    made: list[str] = []

    def one(kind: str, *, house: bool = False) -> str:
        if kind == "sqlite":
            path = tmp_path / f"other{next(names)}.sqlite3"
            if house:
                path.write_bytes(request.getfixturevalue("filled").read_bytes())
            return f"{FILE}{path}"
        databases: Databases = request.getfixturevalue("databases")
        made.append(f"moved_{os.getpid()}_{next(names)}")
        return databases.create(
            made[-1], template=request.getfixturevalue("filled_elsewhere") if house else EMPTY
        )

    yield one
    for name in made:
        request.getfixturevalue("databases").drop(name)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for longer than a moment."""
    monkeypatch.setattr(moving, "WAIT_MS", 100)
    monkeypatch.setattr(db_module, "BUSY_TIMEOUT_MS", 100)
    monkeypatch.setattr(db_module, "TURN_SECONDS", 0.1)


def tables_of(address: str) -> list[str]:
    database = Database(address)
    with database.reading() as session:
        found = inspect(session.connection()).get_table_names()
    database.close()
    return found


# -- what arrives -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_every_table_arrives_and_comes_back(kind: str, house: Database, make: Make) -> None:
    there, back = Database(make(kind)), Database(make("sqlite"))
    moved = moving.copy(house, there)
    assert {each.table: each.rows for each in moved.tables} == {
        table.name: 3 if table.name == "audit_log" else 2 for table in Base.metadata.sorted_tables
    }
    before = rows_of(house)
    assert rows_of(there) == before
    there.close()
    again = moving.copy(there, back)
    assert again == moved
    assert rows_of(back) == before
    _goes_on(there, moved.head)
    _goes_on(back, moved.head)
    house.close()


def _goes_on(database: Database, head: audit.Head) -> None:
    """Write a line into the log, and a mail: the last one was number 40, is gone and never comes again."""
    mails = Base.metadata.tables["mails"]
    mail = {column.key: value_of(mails, column, 0) for column in mails.columns} | {"key": "another"}
    del mail["id"]
    database.require_current()
    with database.transaction() as session:
        assert audit.record(session, actor="test", action="a", subject="later", now=NOW).number == 4
        assert audit.check(session, known=head) is None
        session.execute(insert(mails).values(mail))
        assert session.scalar(select(mails.c.id).order_by(mails.c.id.desc()).limit(1)) == 41
    database.close()


def test_a_new_file_is_its_owners_alone(house: Database, make: Make) -> None:
    address = make("sqlite")
    moving.copy(house, Database(address))
    assert Path(address.removeprefix(FILE)).stat().st_mode & 0o077 == 0


# -- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_into_a_house_nor_to_where_it_is(kind: str, house: Database, make: Make) -> None:
    address = make(kind, house=True)
    there = Database(address)
    before = rows_of(there)
    there.close()
    for source in (house, Database(address)):
        with pytest.raises(DatabaseNotEmptyError, match="has the table"):
            moving.copy(source, there)
    assert rows_of(there) == before
    there.close()


def test_nothing_moves_to_somebody_elses_tables(house: Database, make: Make) -> None:
    address = make("sqlite")
    there = Database(address)
    with there.transaction() as session:
        session.execute(text("CREATE TABLE theirs (x INTEGER)"))
    with pytest.raises(DatabaseNotEmptyError, match="the table theirs"):
        moving.copy(house, there)
    there.close()
    assert tables_of(address) == ["theirs"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_while_somebody_is_connected(kind: str, make: Make) -> None:
    old = make(kind, house=True)
    service, new = Database(old), make("sqlite")
    service.ping()
    with pytest.raises(DatabaseInUseError):
        moving.copy(Database(old), Database(new))
    assert tables_of(new) == []
    service.close()
    moving.copy(Database(old), Database(new))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", KINDS)
def test_who_comes_meanwhile_writes_nothing(kind: str, make: Make) -> None:
    old = make(kind, house=True)
    refused: list[bool] = []

    def write(_copied: moving.Copied) -> None:
        if not refused:
            late = Database(old)
            with pytest.raises(DatabaseUnavailableError), late.transaction() as session:
                audit.record(session, actor="test", action="a", subject="lost", now=NOW)
            refused.append(True)
            late.close()

    assert moving.copy(Database(old), Database(make("sqlite")), told=write).head.number == 3
    assert refused


@pytest.mark.postgresql
def test_nor_does_who_does_not_ask_for_the_writers_place(make: Make) -> None:
    old = make("postgresql", house=True)
    refused: list[bool] = []

    def write(_copied: moving.Copied) -> None:
        if not refused:
            with psycopg.connect(old) as late:
                late.execute("SET lock_timeout = 100")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    late.execute("DELETE FROM sessions")
            refused.append(True)

    moving.copy(Database(old), Database(make("sqlite")), told=write)
    assert refused


def test_no_table_is_left_behind(house: Database, make: Make) -> None:
    with house.transaction() as session:
        session.execute(text("CREATE TABLE extra (x INTEGER)"))
    house.close()
    new = make("sqlite")
    with pytest.raises(CopyDiffersError, match="extra"):
        moving.copy(house, Database(new))
    assert tables_of(new) == []


# -- what goes wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_stops_in_the_middle_leaves_nothing(kind: str, house: Database, make: Make) -> None:
    new = make(kind)

    def stop(copied: moving.Copied) -> None:
        if copied.table == "mails":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        moving.copy(house, Database(new), told=stop)
    assert tables_of(new) == []
    moving.copy(house, Database(new))


def test_what_arrives_otherwise_is_not_kept(
    house: Database, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, new = moving._write, make("sqlite")

    def change(table: Table, rows: list[dict[str, Any]], connection: Connection) -> None:
        if table.name == "people":
            rows[0]["name"] += "."
        write(table, rows, connection)

    monkeypatch.setattr(moving, "_write", change)
    with pytest.raises(CopyDiffersError, match="people"):
        moving.copy(house, Database(new))
    assert tables_of(new) == []


def test_a_log_that_does_not_hold_is_not_carried_on(house: Database, make: Make) -> None:
    with house.transaction() as session:
        session.execute(text("DROP TRIGGER audit_log_no_update"))
        session.execute(text("UPDATE audit_log SET actor = 'nobody' WHERE number = 2"))
    house.close()
    new = make("sqlite")
    with pytest.raises(CopyDiffersError, match="line 2"):
        moving.copy(house, Database(new))
    assert tables_of(new) == []


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE people SET name = printf('%1000d', 1)", "(?s)people.name of the row .* has 1000 characters"),
        ("UPDATE people SET name = 'a' || char(0)", r"(?s)people.name of the row .* U\+0000"),
        ("UPDATE mails SET attempts = 3000000000", "mails.attempts of the row 1 is too large"),
    ],
)
def test_a_value_without_a_place_is_named(change: str, said: str, house: Database, make: Make) -> None:
    with house.transaction() as session:
        session.connection().exec_driver_sql(change)
    house.close()
    new = make("postgresql")
    with pytest.raises(UnstorableError, match=said):
        moving.copy(house, Database(new))
    assert tables_of(new) == []


# -- the command --------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Give a command line to ``hallmark``, with a database in its environment and something on its input."""
    for name in [name for name in os.environ if name.startswith("HALLMARK_")]:
        monkeypatch.delenv(name)

    def start(*arguments: str, database: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setenv("HALLMARK_DATABASE_URL", database)
        monkeypatch.setattr(sys, "argv", ["hallmark", *arguments, "--data", str(tmp_path)])
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            hallmark.main()
        out, said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out + said

    return start


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_moves_a_house_and_says_what_to_do_next(
    kind: str, house: Database, make: Make, run: Run
) -> None:
    old, new = house._url.render_as_string(), make(kind)
    secret = new.replace("hallmark@", f"hallmark:{SECRET}@")
    code, said = run("db", "copy", "--to", "-", database=old, typed=secret + "\n")
    assert code == ExitCode.YES, said
    assert "people: 2 rows" in said
    assert "set database_url" in said
    assert SECRET not in said
    heads = [run("audit", "check", database=address)[1].split()[-1] for address in (old, new)]
    assert heads[0] == heads[1]


def test_a_password_stands_on_no_command_line(house: Database, run: Run) -> None:
    old = house._url.render_as_string()
    for address in (f"postgresql://me:{SECRET}@host/name", f"postgresql://me@host/name?password={SECRET}"):
        code, said = run("db", "copy", "--to", address, database=old)
        assert code == ExitCode.USAGE
        assert "--to -" in said
        assert SECRET not in said


def test_the_command_says_what_is_wrong_with_the_other_address(
    house: Database, run: Run, tmp_path: Path
) -> None:
    old = house._url.render_as_string()
    code, said = run("db", "copy", "--to", "mysql://host/name", database=old)
    assert code == ExitCode.USAGE
    code, said = run(
        "db", "copy", "--to", "-", database=old, typed=f"postgresql://me:{SECRET}@127.0.0.1:9/name"
    )
    assert code == ExitCode.MISTAKE
    assert "Nothing answers at the host and port in --to" in said
    assert SECRET not in said
    code, said = run("db", "copy", "--to", old, database=f"{FILE}{tmp_path / 'nowhere.sqlite3'}")
    assert code == ExitCode.SETTINGS
    assert "There is no Hallmark data" in said
