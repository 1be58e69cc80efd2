# SPDX-License-Identifier: Apache-2.0
"""The audit log finds every edit (threats L1, L2)."""

from __future__ import annotations

import contextlib
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from service import audit
from service.db import Database
from service.errors import AuditUnavailableError

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
COLUMNS = ("number", "at", "actor", "action", "subject", "detail", "previous", "digest")


def fill(db: Database, lines: int = 12) -> audit.Head:
    with db.transaction() as session:
        for number in range(lines):
            audit.record(
                session,
                actor="cli",
                action="thing.changed",
                subject=f"thing-{number % 3}",
                detail={"step": number, "code": None},
                now=NOW + timedelta(seconds=number),
            )
        return audit.head(session)


class _BackError(Exception):
    """Takes a transaction back."""


def unlock(session: Session) -> None:
    """Do what the owner of the file can do: drop the triggers."""
    on = " ON audit_log" if session.get_bind().dialect.name == "postgresql" else ""
    session.execute(text(f"DROP TRIGGER IF EXISTS audit_log_no_update{on}"))
    session.execute(text(f"DROP TRIGGER IF EXISTS audit_log_no_delete{on}"))


def test_an_untouched_chain_is_whole(db: Database) -> None:
    head = fill(db)
    with db.reading() as session:
        assert audit.head(session) == head
        assert audit.check(session) is None
        assert audit.check(session, known=head) is None


def test_an_empty_log_is_whole(db: Database) -> None:
    with db.reading() as session:
        assert audit.check(session) is None
        assert audit.head(session) == audit.Head(0, audit.GENESIS)


def test_the_lines_of_a_thing_tell_what_was_done_to_it(db: Database) -> None:
    fill(db)
    with db.reading() as session:
        lines = audit.lines(session, subject="thing-1")
    assert [line.detail["step"] for line in lines] == [1, 4, 7, 10]
    assert lines[0].at == NOW + timedelta(seconds=1)


@pytest.mark.parametrize("act", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"])
def test_the_database_itself_refuses_edits(db: Database, act: str) -> None:
    fill(db)
    with pytest.raises(DatabaseError, match="append-only"), db.transaction() as session:
        session.execute(text(act))


def test_a_line_that_cannot_be_written_ends_the_transaction(db: Database) -> None:
    head = fill(db, 1)
    with db.transaction() as session:
        session.execute(text("ALTER TABLE audit_log RENAME TO elsewhere"))

    def act() -> None:
        with db.transaction() as session:
            session.execute(text("CREATE TABLE act (x INTEGER)"))
            audit.record(session, actor="cli", action="a", subject="b", now=NOW)

    with pytest.raises(AuditUnavailableError):
        act()
    with db.transaction() as session:
        assert not inspect(session.connection()).has_table("act")
        session.execute(text("ALTER TABLE elsewhere RENAME TO audit_log"))
        assert audit.head(session) == head


def test_every_edit_is_found(db: Database) -> None:
    """L2: random updates, deletes, insertions and exchanges, one at a time; each is found."""
    head = fill(db)
    chance = random.Random()  # noqa: S311  a test's choice

    def edit_and_look() -> audit.Fault | None:
        """Edit, look, and take the edit back."""
        found = None
        with contextlib.suppress(_BackError), db.transaction() as session:
            unlock(session)
            edit(session, chance, lines=head.number)
            session.expire_all()
            found = audit.check(session, known=head)
            raise _BackError
        return found

    for _ in range(300):
        before = chance.getstate()
        assert edit_and_look() is not None, f"random state {before}"
    with db.reading() as session:
        assert audit.check(session, known=head) is None


def edit(session: Session, chance: random.Random, *, lines: int) -> None:
    """Change one thing, as somebody with the file in his hands could."""
    number = chance.randint(1, lines)
    kind = chance.choice(("update", "delete", "insert", "exchange", "cut", "rewrite"))
    if kind == "update":
        column = chance.choice(COLUMNS)
        value = {"number": lines + 5, "at": "2026-01-01 00:00:00.000000"}.get(
            column, f"other {chance.random()}"
        )
        update = f"UPDATE audit_log SET {column} = :v WHERE number = :n"  # noqa: S608  our own column names
        session.execute(text(update), {"v": value, "n": number})
    elif kind == "delete":
        session.execute(text("DELETE FROM audit_log WHERE number = :n"), {"n": number})
    elif kind == "cut":
        session.execute(text("DELETE FROM audit_log WHERE number >= :n"), {"n": number})
    elif kind == "insert":
        session.execute(
            text(
                "INSERT INTO audit_log SELECT :new, at, actor, 'invented', subject, detail, 'x', 'y' "
                "FROM audit_log WHERE number = :n"
            ),
            {"new": lines + 1, "n": number},
        )
    elif kind == "exchange":
        other = number % lines + 1
        for old, new in ((number, -1), (other, number), (-1, other)):
            session.execute(
                text("UPDATE audit_log SET number = :new WHERE number = :old"), {"new": new, "old": old}
            )
    else:
        # A clever edit: the line's own digest is made right again, so the next line no longer follows.
        row = session.get_one(audit.AuditRow, number)
        row.actor = f"someone {chance.random()}"
        row.digest = audit._digest(row)
        session.flush()
