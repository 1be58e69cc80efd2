# SPDX-License-Identifier: Apache-2.0
"""A house in which many were awarded, and how tests take them back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, update

from issuer.award import AwardState
from issuer.bulk import content
from issuer.bulk.bulk import Bulk, BulkState
from issuer.bulk.chunk import Worker
from issuer.mint import Mint
from issuer.revocation import Reason
from issuer.store import bulks, credentials
from issuer.store.tables import StatusEntryRow
from issuer.store.takeback_tables import TakebackRow
from issuer.takeback import looking, reading, steps, trial, working
from issuer.takeback.looking import View
from issuer.takeback.takeback import Line, Takeback, TakebackState
from issuer.takeback.trial import Order
from service.accounts import organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from service.accounts.tables import PersonRow
from service.tokens import TokenRow
from tests.issuer.house import NOW, request

EDUCATION: Final = "example-education"
FIRST, SECOND, THIRD = (f"person:{uuid.UUID(int=number)}" for number in (1, 2, 3))
MANY: Final = 30


def stock(mint: Mint, number: int = MANY, *, achievement: str = "SEL1-v1", start: int = 0) -> str:
    """Issue many by a bulk, and return its id; two of three people have one, every third has two."""
    id = str(uuid.uuid4())
    made = Bulk(id, "A year", BulkState.TRIAL, number, sends_mail=False, made_by="cli", made_at=NOW)
    asked = [
        request(
            achievement=achievement,
            email=f"person{each - each % 3 // 2}@teachers.example",
            submission=f"s{each}",
        )
        for each in range(start, start + number)
    ]
    with mint.db.transaction() as session:
        rows = [(line, content.write(each)) for line, each in enumerate(asked, start=2)]
        bulks.add(session, made, rows)
        bulks.step(session, id, before=BulkState.TRIAL, after=BulkState.RUNNING, now=NOW)
    worker = Worker(replace(mint, ring=lambda _job: None))
    while worker.work(id, now=NOW):
        pass
    return id


def officers(mint: Mint) -> None:
    """Three officers of the organisation."""
    with mint.db.transaction() as session:
        organisations.put(
            session, Organisation(EDUCATION, "Example Education", "programme"), actor="test", now=NOW
        )
        for number, actor in enumerate((FIRST, SECOND, THIRD)):
            id = actor.removeprefix("person:")
            session.add(
                PersonRow(
                    id=id,
                    email=f"officer{number}@education.example",
                    email_key=f"officer{number}@education.example",
                    name=f"Officer {number}",
                    zone="UTC",
                    language="en",
                    job="",
                    school="",
                    local="",
                    state="",
                    is_member=False,
                    created_at=NOW,
                    confirmed_at=NOW,
                )
            )
            session.flush()
            people.grant(session, id, Role.OFFICER, EDUCATION, actor="test", now=NOW)


def program(mint: Mint, actor: str) -> None:
    """An access token with the id that ``actor`` names; nobody knows its secret."""
    with mint.db.transaction() as session:
        session.add(
            TokenRow(
                id=actor.removeprefix("token:"),
                digest=actor.removeprefix("token:").rjust(64, "0"),
                label="A program",
                scopes="credentials:write",
                created_at=NOW,
                expires_at=NOW + timedelta(days=30),
            )
        )


def keys_of(mint: Mint, bulk: str) -> tuple[str, ...]:
    """The keys of what a bulk has issued, in the order of its rows."""
    with mint.db.reading() as session:
        return tuple(row.award for row in bulks.rows(session, bulk, limit=100_000) if row.award is not None)


def tried(
    mint: Mint, names: Sequence[str], *, now: datetime = NOW, actor: str = FIRST, **changes: Any
) -> Takeback:
    """A dry run of a list."""
    values: dict[str, Any] = {
        "organisation": EDUCATION,
        "words": f"a list of {len(names)} lines",
        "reason": Reason.ISSUED_IN_ERROR,
    }
    if "chosen" not in changes:
        values["chosen"] = reading.of(list(names))
    found, _ = trial.try_out(mint, Order(**{**values, **changes}), now=now, actor=actor)
    return found


def begun(mint: Mint, names: Sequence[str], *, now: datetime = NOW, **changes: Any) -> Takeback:
    """A takeback that two have agreed to, of which all are under review."""
    found = tried(mint, names, now=now, **changes)
    found = steps.start(mint, found.id, number=found.number, actor=FIRST, now=now)
    if found.needs_second:
        steps.approve(mint, found.id, number=found.number, actor=SECOND, now=now)
    working.work(mint, now=now)
    return seen(mint, found, now=now).takeback


def unfinished(mint: Mint, id: str, *, now: datetime) -> None:
    """Let a dry run be as whoever wrote it left it at ``now``: before the last commit."""
    with mint.db.transaction() as session:
        changes = {"state": TakebackState.TRYING, "lines": 0, "number": 0, "made_at": now}
        session.execute(update(TakebackRow).where(TakebackRow.id == id).values(**changes))


def seen(mint: Mint, found: Takeback, *, now: datetime = NOW) -> View:
    """How it is now."""
    return looking.view(mint, found.id, organisations=None, now=now)


def lines(mint: Mint, found: Takeback) -> tuple[Line, ...]:
    """All its lines."""
    return looking.lines(mint, found.id, limit=100_000)


def states(mint: Mint, keys: Sequence[str]) -> dict[AwardState, int]:
    """How many of these credentials are in which state."""
    counted: dict[AwardState, int] = {}
    with mint.db.reading() as session:
        for key in keys:
            state = credentials.get(session, key).state
            counted[state] = counted.get(state, 0) + 1
    return counted


def take_suspension_entry(mint: Mint, key: str) -> None:
    """Make it a credential of the days before there were two entries."""
    with mint.db.transaction() as session:
        session.execute(
            delete(StatusEntryRow).where(
                StatusEntryRow.credential == key, StatusEntryRow.purpose == "suspension"
            )
        )
