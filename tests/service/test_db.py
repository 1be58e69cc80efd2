# SPDX-License-Identifier: Apache-2.0
"""One database, one transaction at a time, for several threads and processes."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import bindparam, func, select, text

from credentials.errors import BrokenError
from service import audit
from service.db import Base, Database
from service.errors import DatabaseOutdatedError, DatabaseUnavailableError

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)


def record(db: Database, subject: str) -> None:
    with db.transaction() as session:
        audit.record(session, actor="test", action="thing.done", subject=subject, now=NOW)


def count(db: Database) -> int:
    with db.reading() as session:
        return audit.head(session).number


def test_what_a_transaction_wrote_is_there_afterwards(db: Database) -> None:
    record(db, "a")
    assert count(db) == 1


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    def fail() -> None:
        with db.transaction() as session:
            audit.record(session, actor="test", action="a", subject="b", now=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert count(db) == 0
    assert not db.in_transaction


def test_an_inner_transaction_joins_the_outer_one(db: Database) -> None:
    def fail() -> None:
        with db.transaction() as outer:
            with db.transaction() as inner:
                assert inner is outer
                audit.record(inner, actor="test", action="a", subject="b", now=NOW)
            assert db.in_transaction
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert count(db) == 0


def test_nothing_is_saved_when_a_failed_part_was_swallowed(db: Database) -> None:
    def swallow() -> None:
        with db.transaction() as session:
            audit.record(session, actor="test", action="a", subject="b", now=NOW)
            with pytest.raises(KeyError), db.transaction():
                raise KeyError

    with pytest.raises(BrokenError):
        swallow()
    assert count(db) == 0


def test_reading_writes_nothing(db: Database) -> None:
    with contextlib.suppress(BrokenError), db.reading() as session:  # PostgreSQL refuses it aloud
        assert not db.in_transaction
        audit.record(session, actor="test", action="a", subject="b", now=NOW)
    assert count(db) == 0


def test_reading_inside_a_transaction_sees_its_changes(db: Database) -> None:
    with db.transaction() as session:
        audit.record(session, actor="test", action="a", subject="b", now=NOW)
        assert count(db) == 1


COUNT = select(func.count().label("lines")).select_from(audit.AuditRow)


def test_one_statement_is_asked_without_a_transaction(db: Database) -> None:
    record(db, "a")
    assert [row.lines for row in db.ask(COUNT)] == [1]
    record(db, "b")
    named = select(audit.AuditRow.subject).where(audit.AuditRow.number == bindparam("number"))
    assert [row.subject for row in db.ask(named, {"number": 2})] == ["b"]
    assert db.ask(named, {"number": 3}) == []


def test_one_statement_inside_a_transaction_sees_its_changes(db: Database) -> None:
    with db.transaction() as session:
        audit.record(session, actor="test", action="a", subject="b", now=NOW)
        assert db.ask(COUNT)[0].lines == 1
        session.rollback()
    with db.reading():
        assert db.ask(COUNT)[0].lines == 0


def test_whoever_asks_does_not_hold_up_writers_nor_writes(db: Database) -> None:
    record(db, "a")
    db.ask(COUNT)
    record(db, "b")
    assert db.ask(COUNT)[0].lines == 2
    with db.transaction() as session:  # The connection that was asked writes again, in a transaction.
        audit.record(session, actor="test", action="a", subject="c", now=NOW)
        threads = [threading.Thread(target=lambda: seen.append(db.ask(COUNT)[0].lines)) for _ in range(4)]
        seen: list[int] = []
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert seen == [2, 2, 2, 2]
    assert db.ask(COUNT)[0].lines == 3


def test_no_transaction_begins_inside_reading(db: Database) -> None:
    with db.reading(), pytest.raises(BrokenError), db.transaction():
        pytest.fail("must not be reached")


def test_a_reader_sees_one_moment_while_others_write(db: Database) -> None:
    with db.reading() as session:
        assert audit.head(session).number == 0
        writer = threading.Thread(target=record, args=(db, "a"))
        writer.start()
        writer.join()
        assert audit.head(session).number == 0
    assert count(db) == 1


def test_threads_do_not_share_their_transactions(db: Database) -> None:
    seen: list[bool] = []
    with db.transaction():
        other = threading.Thread(target=lambda: seen.append(db.in_transaction))
        other.start()
        other.join()
    assert seen == [False]


def test_many_threads_write_one_after_the_other(db: Database) -> None:
    def write_five(name: int) -> None:
        for line in range(5):
            record(db, f"{name}-{line}")

    threads = [threading.Thread(target=write_five, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        assert audit.head(session).number == 40
        assert audit.check(session) is None


@pytest.mark.sqlite("its pragmas; test_postgresql asks the other")
def test_what_is_acknowledged_is_on_the_disk(db: Database) -> None:
    with db.reading() as session:
        answers = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert answers == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_moments_are_aware_and_utc(db: Database) -> None:
    elsewhere = datetime(2026, 2, 27, 11, 30, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    with db.transaction() as session:
        audit.record(session, actor="test", action="a", subject="b", now=elsewhere)
    with db.reading() as session:
        (line,) = audit.lines(session, subject="b")
        assert line.at == elsewhere
        assert line.at.tzinfo is UTC
        assert audit.check(session) is None


@pytest.mark.sqlite("a damaged file")
def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/missing/x.sqlite3")
    with pytest.raises(DatabaseUnavailableError):
        db.ping()
    (tmp_path / "y.sqlite3").write_bytes(b"this is no database at all, but it is long enough" * 50)
    with pytest.raises(DatabaseUnavailableError):
        Database(f"sqlite:///{tmp_path}/y.sqlite3").ping()


@pytest.mark.sqlite("a fresh file; test_postgresql has its twin")
def test_a_database_that_is_not_there_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError):
        Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite3'}").ask(select(1))


def test_an_old_database_is_not_worked_on(tmp_path: Path, db: Database) -> None:
    db.require_current()
    fresh = Database(f"sqlite:///{tmp_path}/fresh.sqlite3")
    with pytest.raises(DatabaseOutdatedError):
        fresh.require_current()
    fresh.close()


def test_upgrading_again_changes_nothing(db: Database) -> None:
    record(db, "a")
    db.upgrade()
    assert count(db) == 1


def _upgrade_and_record(url: str, barrier: object, answers: multiprocessing.Queue[str]) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    db = Database(url)
    try:
        db.upgrade()
        record(db, "a")
    except DatabaseUnavailableError as error:
        answers.put(f"{error} {error.__cause__}")
    else:
        answers.put("done")
    db.close()


@pytest.mark.sqlite("a fresh file; test_postgresql has its twin")
def test_several_processes_may_begin_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(3), spawn.Queue()
    processes = [spawn.Process(target=_upgrade_and_record, args=(url, barrier, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [answers.get(timeout=60) for _ in processes] == ["done"] * 3
    for process in processes:
        process.join()
    db = Database(url)
    assert count(db) == 3
    db.close()


def test_the_migrations_make_exactly_the_tables_that_the_rooms_describe(db: Database) -> None:
    """Every room's store is loaded first, so that ``Base.metadata`` is complete."""
    import app  # noqa: F401  the roof loads every room, and with it every store

    with db.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.sqlite("the mode of its file")
def test_only_its_owner_can_read_the_database(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    path = tmp_path / "new.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
        beside = [each for each in tmp_path.iterdir() if each.name.startswith("new.sqlite3")]
        assert len(beside) > 1
        assert {each.stat().st_mode & 0o777 for each in beside} == {0o600}
    database.close()
