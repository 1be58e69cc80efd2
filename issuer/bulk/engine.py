# SPDX-License-Identifier: Apache-2.0
"""Drives bulks to their end: the job ``bulks`` and the terminal, how far they came, and how they are stopped.

Rows say what is left (``bulk``); whoever works takes chunks of them (``chunk``). So it does not matter how
many work at the same time, on how many machines, and who of them dies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from issuer.bulk.bulk import BulkState, RowState
from issuer.bulk.chunk import Worker
from issuer.errors import NoSuchBulkError
from issuer.mint import Mint
from issuer.store import bulks as rows
from service import audit, clock

JOB: Final = "bulks"
FORMS_JOB: Final = "bulk-forms"
MAILS_JOB: Final = "bulk-mails"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows of a bulk are in each state."""

    waiting: int
    begun: int
    issued: int
    refused: int
    cancelled: int

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.waiting + self.begun + self.dealt_with

    @property
    def dealt_with(self) -> int:
        """How many rows came to their end, whatever it was."""
        return self.issued + self.refused + self.cancelled

    @property
    def is_finished(self) -> bool:
        """Whether no row is left to do."""
        return self.dealt_with == self.total


def progress(mint: Mint, id: str) -> Progress:
    """Return how far a bulk came.

    Raises:
        NoSuchBulkError: There is none with this id.
    """
    with mint.db.reading() as session:
        if rows.get(session, id) is None:
            raise NoSuchBulkError("There is no bulk with this number.", got=id[:64])
        counted = rows.count(session, id)
    return Progress(
        waiting=counted[RowState.WAITING],
        begun=counted[RowState.BEGUN],
        issued=counted[RowState.ISSUED],
        refused=counted[RowState.REFUSED],
        cancelled=counted[RowState.CANCELLED],
    )


def work_all(mint: Mint, *, now: datetime) -> int:
    """Drive every bulk that runs to its end; return how many rows were dealt with."""
    begun = clock.monotonic()
    worker = Worker(mint)
    done = 0
    with mint.db.reading() as session:
        waiting = rows.running(session)
    for id in waiting:
        while dealt := worker.work(id, now=now + timedelta(seconds=clock.monotonic() - begun)):
            done += dealt
    return done


def run(
    mint: Mint,
    id: str,
    *,
    now: datetime,
    processes: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Progress:
    """Drive one bulk that runs to its end, from the terminal, in processes of its own.

    Interrupted, it is left as it is: the same call, or the job, goes on from there.

    Args:
        mint: The opened room; it may be used as before afterwards.
        id: Which bulk.
        now: This moment.
        processes: How many; None for as many as the settings say.
        progress: Told again and again how far it came.

    Raises:
        NoSuchBulkError: There is none with this id.
    """
    _of(mint, id)
    begun = clock.monotonic()
    worker = Worker(mint)
    while worker.work(id, now=now + timedelta(seconds=clock.monotonic() - begun)):
        if progress is not None:
            progress(_of(mint, id))
    return _of(mint, id)


def cancel(mint: Mint, id: str, *, now: datetime, actor: str) -> int:
    """Begin no further row of a bulk; return how many are thereby cancelled.

    What was begun is finished: its award is written down already.

    Raises:
        NoSuchBulkError: There is none with this id.
    """
    with mint.db.transaction() as session:
        if rows.get(session, id) is None:
            raise NoSuchBulkError("There is no bulk with this number.", got=id[:64])
        if not rows.step(session, id, before=BulkState.RUNNING, after=BulkState.CANCELLED, now=now):
            return 0
        cancelled = rows.cancel_waiting(session, id)
        audit.record(
            session,
            actor=actor,
            action="bulk.cancelled",
            subject=f"bulk:{id}",
            detail={"count": cancelled},
            now=now,
        )
    mint.ring(JOB)
    return cancelled


_of = progress
