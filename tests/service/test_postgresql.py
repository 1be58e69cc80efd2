# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL as the one database: its writers, its readers, what it refuses, and how it fails."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

import hallmark
from credentials.errors import BrokenError, HallmarkError
from service import audit, health, postgresql, terminal
from service import db as db_module
from service.db import Base, Database
from service.errors import (
    DatabaseOutdatedError,
    DatabaseUnavailableError,
    DatabaseUnsafeError,
    ExtraMissingError,
    SettingsError,
    UnstorableError,
)
from service.jobs import Jobs
from service.settings import Settings
from service.terminal import ExitCode
from tests import postgres
from tests.postgres import TEMPLATE, Databases

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
SECRET = "correct-horse"

pytestmark = pytest.mark.postgresql

Make = Callable[..., str]


@pytest.fixture(scope="module")
def make(databases: Databases) -> Iterator[Make]:
    """Make a database with all tables, or an empty one; all are dropped at the end."""
    made: list[str] = []

    def one(*, template: str = TEMPLATE) -> str:
        made.append(f"trial_{os.getpid()}_{len(made)}")
        return databases.create(made[-1], template=template)

    yield one
    for name in made:
        databases.drop(name)


@pytest.fixture(scope="module")
def shared_url(make: Make) -> str:
    return make()


@pytest.fixture
def url(shared_url: str) -> str:
    """A database that may hold lines of other tests in its audit log."""
    return shared_url


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def other(url: str) -> Iterator[Database]:
    """The same database, as another process has it."""
    database = Database(url)
    yield database
    database.close()


def record(db: Database, subject: str) -> None:
    with db.transaction() as session:
        audit.record(session, actor="test", action="thing.done", subject=subject, now=NOW)


def length(db: Database) -> int:
    with db.reading() as session:
        return audit.head(session).number


def end_others(databases: Databases, url: str) -> None:
    """Break all connections to a database, as a restart of the server does."""
    databases._execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        (make_url(url).database,),
    )


# -- addresses ----------------------------------------------------------------------------------------------


def test_every_usual_way_to_write_the_address_works(url: str) -> None:
    for name in postgresql.NAMES:
        database = Database(url.replace("postgresql://", f"{name}://"))
        database.ping()
        database.close()


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://me:{SECRET}@host/name",
        f"postgresql+psycopg2://me:{SECRET}@host/name",
        f"postgresql+asyncpg://me:{SECRET}@host/name",
        f"me:{SECRET}@host/name",
        f"postgresql://me:{SECRET}@host:port/name",
        "",
    ],
)
def test_another_address_is_refused_without_quoting_it(address: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Database(address)
    assert "sqlite:///PATH or postgresql://" in refused.value.message
    error: BaseException | None = refused.value
    while error is not None:
        assert SECRET not in f"{error} {vars(error)}"
        error = error.__cause__


def test_without_the_driver_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ExtraMissingError, match=r"pip install 'hallmark\[postgres\]'"):
        Database("postgresql://somewhere/hallmark")


def test_nobody_there_is_said_at_once_and_without_the_password() -> None:
    database = Database(f"postgresql://me:{SECRET}@127.0.0.1:9/hallmark")
    begun = time.monotonic()
    with pytest.raises(DatabaseUnavailableError) as unavailable:
        database.ping()
    assert time.monotonic() - begun < 2
    assert SECRET not in f"{unavailable.value} {unavailable.value.__cause__} {vars(unavailable.value)}"
    database.close()


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """HOST:PORT of a server that asks for passwords, and lets nobody into the database "closed"."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = postgres.Server(listen_addresses="127.0.0.1", port=port)
    (server.folder / "data" / "pg_hba.conf").write_text(
        "local all all trust\nhost closed all 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 scram-sha-256\n"
    )
    try:
        with suppress(postgres.NoServerError):
            server.start(0)  # its own question goes to another port
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with psycopg.connect(f"{server.admin}&port={port}", autocommit=True) as admin:
                    admin.execute("CREATE ROLE hallmark LOGIN PASSWORD 'p@ss/word'")
                    break
            except psycopg.OperationalError:
                time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://hallmark:correct-horse@SERVER/hallmark", "refuses the log-in"),
        ("postgresql://hallmark:p@ss/word@SERVER/hallmark", "host name in database_url is not found"),
        ("postgresql://hallmark:p%40ss%2Fword@SERVER/elsewhere", "no database of the name"),
        ("postgresql://hallmark:correct-horse@127.0.0.1:9/hallmark", "Nothing answers at the host and port"),
        ("postgresql://hallmark:correct-horse@no-such-host.invalid/hallmark", "host name in database_url"),
        ("postgresql://hallmark:p%40ss%2Fword@SERVER/postgres?sslmode=verify-full", "offers no TLS"),
        ("postgresql://hallmark:p%40ss%2Fword@SERVER/closed?sslmode=disable", "pg_hba.conf"),
        ("postgresql://hallmark:p%40ss%2Fword@SERVER/postgres?sslmode=correct-horse", "after its ?"),
        ("postgresql://hallmark:p%40ss%2Fword@SERVER/postgres?sslmod=correct-horse", "after its ?"),
    ],
)
def test_a_command_says_which_kind_of_trouble_it_is_and_quotes_nothing(
    guarded: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str, said: str
) -> None:
    (tmp_path / "hallmark.toml").write_text(f'database_url = "{address.replace("SERVER", guarded)}"\n')
    for command in (["init"], ["db", "upgrade"], ["serve"], ["tokens", "list"]):
        code = terminal.run(
            hallmark.cli, roof=hallmark.HallmarkRoof(), args=[*command, "--data", str(tmp_path)]
        )
        words = "".join(capsys.readouterr())
        assert said in words
        assert code in (ExitCode.MISTAKE, ExitCode.SETTINGS)
        for secret in (SECRET, "ss/word", "p%40ss", guarded, "127.0.0.1", "elsewhere", "no-such-host"):
            assert secret not in words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("SSL error: certificate verify failed", "certificate"),
        ('server certificate for "a" does not match host name "b"', "certificate"),
        ('root certificate file "/x/root.crt" does not exist', "certificate"),
        ('no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption', "without TLS"),
        (
            'no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption',
            "this user in from",
        ),
        ("sorry, too many clients already", "max_connections"),
        (
            '::1 failed: Connection refused; 127.0.0.1 failed: password authentication failed for user "u"',
            "log-in",
        ),
        ("connection timeout expired", "Nothing answers"),
    ],
)
def test_other_words_of_the_driver_are_understood(words: str, said: str) -> None:
    assert said in (postgresql.trouble(OSError(words)) or "")


def test_unknown_words_of_the_driver_are_left_to_the_general_sentence() -> None:
    assert postgresql.trouble(OSError("etwas anderes")) is None
    assert postgresql.trouble(None) is None


# -- writers and readers ------------------------------------------------------------------------------------


def test_two_writers_take_turns_and_the_second_sees_what_the_first_wrote(
    db: Database, other: Database
) -> None:
    inside, go_on, seen = threading.Event(), threading.Event(), []

    def first() -> None:
        with db.transaction() as session:
            inside.set()
            assert go_on.wait(10)
            audit.record(session, actor="test", action="a", subject="first", now=NOW)

    def second() -> None:
        with other.transaction() as session:
            seen.append(audit.head(session).number)

    before = length(db)
    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    threads[1].join(0.2)
    assert seen == []
    go_on.set()
    for thread in threads:
        thread.join()
    assert seen == [before + 1]


def test_reading_and_then_writing_loses_nothing(make: Make) -> None:
    """The classic race: everybody reads a number and writes the next one."""
    url = make()

    def count_up() -> None:
        database = Database(url)
        for _ in range(20):
            record(database, "a")
        database.close()

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database = Database(url)
    with database.reading() as session:
        assert audit.head(session).number == 80
        assert audit.check(session) is None
    database.close()


def test_a_writer_that_waits_too_long_is_unavailable(
    db: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_module, "BUSY_TIMEOUT_MS", 100)
    impatient = Database(url)
    with db.transaction():
        with pytest.raises(DatabaseUnavailableError), impatient.transaction():
            pytest.fail("must not be reached")
        with impatient.reading() as session:  # A reader waits for nobody.
            audit.head(session)
    record(impatient, "afterwards")
    impatient.close()


def test_a_writer_that_falls_silent_loses_its_turn(
    url: str, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_WRITER_MS", 100)
    silent = Database(url)
    before = length(other)

    def fall_silent() -> None:
        with silent.transaction() as session:
            audit.record(session, actor="test", action="a", subject="lost", now=NOW)
            record(other, "another")  # It waits until the silent one is gone.

    with pytest.raises(DatabaseUnavailableError):
        fall_silent()
    assert length(other) == before + 1
    silent.close()


def test_a_reader_cannot_write(db: Database) -> None:
    before = length(db)
    with pytest.raises(BrokenError) as broken, db.reading() as session:
        session.execute(text("DELETE FROM api_tokens"))
    assert not isinstance(broken.value, DatabaseUnavailableError)
    assert length(db) == before


def test_going_on_after_a_failure_is_a_mistake_and_saves_nothing(db: Database) -> None:
    def go_on() -> None:
        with db.transaction() as session:
            audit.record(session, actor="test", action="a", subject="b", now=NOW)
            with pytest.raises(ProgrammingError):
                session.connection().exec_driver_sql("SELECT nonsense FROM")
            session.connection().exec_driver_sql("SELECT 1")

    before = length(db)
    with pytest.raises(BrokenError) as broken:
        go_on()
    assert not isinstance(broken.value, DatabaseUnavailableError)
    assert length(db) == before


# -- what fails ---------------------------------------------------------------------------------------------


def test_a_connection_that_died_meanwhile_is_replaced(databases: Databases, db: Database, url: str) -> None:
    db.ping()
    end_others(databases, url)
    record(db, "after")
    db.ping()


def _flush(session: Session) -> None:
    audit.record(session, actor="test", action="a", subject="b", now=NOW)


def _savepoint(session: Session) -> None:
    try:
        with session.begin_nested():
            _flush(session)
    except IntegrityError:
        pytest.fail("a lost connection is no conflict")


def _swallow(session: Session) -> None:
    try:
        session.execute(text("SELECT 1"))
    except Exception:  # as careless as can be
        session.execute(text("SELECT 1"))


def _nothing(session: Session) -> None:
    """The commit itself is the first to notice."""


@pytest.mark.parametrize("step", [_flush, _savepoint, _swallow, _nothing])
def test_a_connection_that_dies_in_the_middle_is_unavailable_and_saves_nothing(
    databases: Databases, db: Database, url: str, step: Callable[[Session], None]
) -> None:
    before = length(db)

    def act() -> None:
        with db.transaction() as session:
            audit.record(session, actor="test", action="a", subject="lost", now=NOW)
            end_others(databases, url)
            step(session)

    with pytest.raises(HallmarkError) as failed:
        act()
    assert failed.value.code in ("database.unavailable", "audit.unavailable")
    assert length(db) == before
    record(db, "after")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)", DatabaseUnavailableError),
        ("DO $$ BEGIN RAISE serialization_failure; END $$", DatabaseUnavailableError),
        ("DO $$ BEGIN RAISE deadlock_detected; END $$", DatabaseUnavailableError),
        ("DO $$ BEGIN RAISE disk_full; END $$", DatabaseUnavailableError),
        ("DO $$ BEGIN RAISE too_many_connections; END $$", DatabaseUnavailableError),
        ("DO $$ BEGIN RAISE insufficient_privilege; END $$", DatabaseUnavailableError),
        ("SELECT * FROM not_there", DatabaseOutdatedError),
        ("SELECT not_there FROM audit_log", DatabaseOutdatedError),
        ("INSERT INTO api_tokens (label) VALUES (repeat('x', 101))", UnstorableError),
        ("SELECT 3000000000::integer", UnstorableError),
    ],
)
def test_what_the_database_says_has_one_meaning(
    db: Database, statement: str, expected: type[HallmarkError]
) -> None:
    with pytest.raises(expected) as failed, db.transaction() as session:
        session.connection().exec_driver_sql(statement)
    assert statement not in failed.value.message


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [("fsync=off", "set fsync = on"), ("synchronous_commit=off", "set synchronous_commit = on")],
)
def test_a_server_that_may_lose_what_it_acknowledged_is_refused(setting: str, sentence: str) -> None:
    name, _, value = setting.partition("=")
    options: dict[str, Any] = {name: value}
    with postgres.own_server(**options) as server:
        database = Database(Databases(server.admin).url("postgres").replace("hallmark@", "postgres@"))
        with pytest.raises(DatabaseUnsafeError, match=sentence):
            database.upgrade()
        with pytest.raises(DatabaseUnsafeError, match=sentence):
            database.ping()
        database.close()


def test_a_user_whose_own_settings_are_unsafe_is_refused(databases: Databases, make: Make) -> None:
    url = make()
    name = make_url(url).database
    databases._execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    database = Database(url)
    with pytest.raises(DatabaseUnsafeError):
        database.ping()
    database.close()


# -- texts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_text_with_nul_is_refused_by_a_sentence_on_both(kind: str, shared_url: str, tmp_path: Path) -> None:
    db = Database(shared_url if kind == "postgresql" else f"sqlite:///{tmp_path / 'other.sqlite3'}")
    db.upgrade()
    with pytest.raises(UnstorableError, match=r"U\+0000"):
        record(db, "a\0b")
    with pytest.raises(UnstorableError), db.reading() as session:
        audit.lines(session, subject="a\0b")
    db.close()


def test_texts_have_the_order_of_code_points_whatever_the_database_prefers(make: Make) -> None:
    database = Database(make())
    words = ["b", "A", "é", "a", "Z", "z", "_", "Ä", "aa", "a b", "😀", "！"]
    with database.transaction() as session:
        for word in words:
            audit.record(session, actor="test", action="a", subject=word, now=NOW)
        found = session.scalars(select(audit.AuditRow.subject).order_by(audit.AuditRow.subject)).all()
        assert found == sorted(words)
        unlike = text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
        )
        assert session.execute(unlike).all() == []
    database.close()


# -- tables -------------------------------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables_that_the_rooms_describe(db: Database) -> None:
    import app  # noqa: F401  the roof loads every room, and with it every store

    with db.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_is_not_worked_on_before_it_is_upgraded(make: Make) -> None:
    fresh = Database(make(template=postgres.EMPTY))
    with pytest.raises(DatabaseOutdatedError) as refused:
        fresh.require_current()
    assert refused.value.got is None
    fresh.upgrade()
    fresh.require_current()
    record(fresh, "a")
    fresh.upgrade()
    assert length(fresh) == 1
    fresh.close()


def _upgrade_and_record(url: str, barrier: object, answers: multiprocessing.Queue[str]) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    database = Database(url)
    try:
        database.upgrade()
        record(database, "a")
    except HallmarkError as error:
        answers.put(f"{error} {error.__cause__}")
    else:
        answers.put("done")
    database.close()


def test_several_processes_may_begin_at_once(make: Make) -> None:
    url = make(template=postgres.EMPTY)
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(3), spawn.Queue()
    processes = [spawn.Process(target=_upgrade_and_record, args=(url, barrier, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [answers.get(timeout=60) for _ in processes] == ["done"] * 3
    for process in processes:
        process.join()
    database = Database(url)
    assert length(database) == 3
    database.close()


@pytest.mark.parametrize(
    "act", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
def test_the_log_takes_no_edits(db: Database, act: str) -> None:
    record(db, "a")
    with pytest.raises(IntegrityError, match="append-only"), db.transaction() as session:
        session.execute(text(act))


# -- the whole house ----------------------------------------------------------------------------------------


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a command line to ``hallmark``, with settings in its environment."""
    for name in [name for name in os.environ if name.startswith("HALLMARK_")]:
        monkeypatch.delenv(name)

    def start(*arguments: str, **environ: str) -> tuple[int, str]:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["hallmark", *arguments])
        with pytest.raises(SystemExit) as ended:
            hallmark.main()
        out, said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out + said

    return start


def test_a_house_is_made_upgraded_and_worked_in_by_one_setting(make: Make, tmp_path: Path, run: Run) -> None:
    url = make(template=postgres.EMPTY)
    settings = {"HALLMARK_DATABASE_URL": url.replace("hallmark@", f"hallmark:{SECRET}@")}
    code, said = run("tokens", "list", "--data", str(tmp_path), **settings)
    assert code == ExitCode.SETTINGS
    assert "There is no Hallmark data" in said
    for arguments in (("init",), ("db", "upgrade"), ("tokens", "list"), ("audit", "check")):
        code, more = run(*arguments, "--data", str(tmp_path))
        assert code == ExitCode.YES, more
        said += more
    said += run("serve", "--help")[1]
    assert "Database ready" in said
    assert SECRET not in said
    assert not list(tmp_path.glob("*.sqlite3"))
    database = Database(url)
    database.require_current()
    database.close()


def test_a_house_whose_database_is_away_says_so_without_the_password(tmp_path: Path, run: Run) -> None:
    (tmp_path / "hallmark.toml").write_text(
        f'database_url = "postgresql://me:{SECRET}@127.0.0.1:9/hallmark"\n', encoding="utf-8"
    )
    for arguments in (("init",), ("db", "upgrade"), ("serve",), ("tokens", "list")):
        code, said = run(*arguments, "--data", str(tmp_path))
        assert code != ExitCode.YES
        assert "Nothing answers at the host and port" in said
        assert "Traceback" not in said
        assert SECRET not in said


def test_health_without_its_database_is_503_and_well_again_with_it(make: Make, databases: Databases) -> None:
    url = make()
    name, database = make_url(url).database, Database(url)
    service = Flask("service")
    service.register_blueprint(health.blueprint(database))
    client = service.test_client()
    assert client.get("/healthz").status_code == 200
    databases._execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    end_others(databases, url)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    databases._execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    assert client.get("/healthz").status_code == 200
    database.close()


def test_an_address_that_is_none_is_refused_without_quoting_it(tmp_path: Path, run: Run) -> None:
    address = f"mysql://me:{SECRET}@host/name"
    code, said = run("serve", "--data", str(tmp_path), HALLMARK_DATABASE_URL=address)
    assert code == ExitCode.SETTINGS
    assert "database_url must be sqlite:///PATH or postgresql://" in said
    assert SECRET not in said
    assert SECRET not in repr(Settings(data=tmp_path, database_url=address))


# -- the queue ----------------------------------------------------------------------------------------------


def waiting(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [
            bytes(row[0]).decode() for row in connection.execute("SELECT data FROM jobs_task ORDER BY id")
        ]


class Bell:
    """A job that lets a test wait for its runs."""

    def __init__(self) -> None:
        self.runs = 0
        self._ran = threading.Semaphore(0)

    def __call__(self, now: datetime) -> int:
        self.runs += 1
        self._ran.release()
        return 0

    def wait(self, seconds: float = 20) -> None:
        assert self._ran.acquire(timeout=seconds)


def test_the_queue_is_in_the_database_and_holds_names_only(make: Make, tmp_path: Path) -> None:
    url = make()
    jobs = Jobs(tmp_path, database=url)
    for name in ("one", "two"):
        jobs.register(name, Bell())
    for name in ("one", "two", "one", "one"):
        jobs.ring(name)
    assert waiting(url) == ['{"job": "service.jobs.one"}', '{"job": "service.jobs.two"}']
    assert list(tmp_path.iterdir()) == []
    jobs.close()


def test_a_worker_elsewhere_hears_the_bell_at_once(
    databases: Databases, make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also after all connections were broken, which leaves a line and nothing else."""
    url = make()
    here, there, bell = Jobs(tmp_path, database=url), Jobs(tmp_path / "there", database=url), Bell()
    here.register("count", Bell())
    there.register("count", bell)
    with there.working(2):
        bell.wait()  # Every job is rung at the start.
        here.ring("count")
        begun = time.monotonic()
        bell.wait()
        assert time.monotonic() - begun < 5
        end_others(databases, url)
        here.ring("count")
        bell.wait()
    here.close()
    assert {line.name for line in caplog.records} <= {"huey.consumer.Worker", "huey.consumer.Scheduler"}


def test_a_ring_that_nobody_can_hear_is_logged_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs(tmp_path, database=f"postgresql://me:{SECRET}@127.0.0.1:9/hallmark")
    jobs.register("count", Bell())
    jobs.ring("count")
    assert [line.msg for line in caplog.records] == ["jobs.ring-lost"]
    assert SECRET not in caplog.text + repr([vars(line) for line in caplog.records])


def test_two_that_make_the_queue_at_once_both_have_it(make: Make, tmp_path: Path) -> None:
    url = make()
    barrier, failures = threading.Barrier(4), []

    def begin() -> None:
        jobs = Jobs(tmp_path, database=url)
        jobs.register("count", Bell())
        barrier.wait()
        try:
            jobs._open()
        except psycopg.Error as error:
            failures.append(error)
        jobs.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_several_that_open_a_fresh_copy_at_once_get_one_database(
    databases: Databases, tmp_path: Path
) -> None:
    source, copy = tmp_path / "one" / "house.sqlite3", tmp_path / "other" / "house.sqlite3"
    databases.instead_of(source)
    copy.parent.mkdir()
    copy.write_bytes(source.read_bytes())
    made: list[str] = []
    together = threading.Barrier(4)

    def open_it(_number: int) -> str | None:
        """As a process of its own does, which knows no database yet."""
        own = Databases(databases._admin)
        own.made = made.append
        together.wait(timeout=10)
        return own.instead_of(copy)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(open_it, range(4)))
    names = [each.read_text(encoding="ascii") for each in (source, copy)]
    try:
        assert found == {databases.url(names[1])}
        assert made == [names[1]]
        assert names[0] != names[1]
    finally:
        for name in names:
            databases.drop(name)
