# SPDX-License-Identifier: Apache-2.0
"""Drives bulks to their end: the job ``bulks`` and the terminal, how far they came, and how they are stopped.

Rows say what is left (``bulk``); whoever works takes chunks of them (``chunk``), and makes their other form
when the last row is done (``forms``). So it does not matter how many work at the same time, on how many
machines, and who of them dies. Many rows are worked on by processes (``crew``), few of them right here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from issuer.bulk.bulk import CHUNK, JOB, MAILS_JOB, BulkState, RowState
from issuer.bulk.chunk import Worker
from issuer.bulk.crew import Clock, Crew, Task, work_once
from issuer.bulk.forms import Former
from issuer.errors import NoSuchBulkError
from issuer.mint import Mint
from issuer.store import bulk_follow, bulk_work
from issuer.store import bulks as rows
from service import audit, clock

__all__ = ["JOB", "MAILS_JOB", "Engine", "Progress", "cancel", "progress", "run", "work_all"]

FEW: Final = 500  # rows that are worked on right here: a process would take longer to start
SLICE: Final = 2.0  # seconds after which the job lets other jobs have their turn, while its workers go on
LOOK: Final = 0.2  # seconds between two looks at how far it came
NICE: Final = 5  # how far workers of a service stand behind those who answer requests


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


_of = progress  # where a parameter has this name


def work_all(mint: Mint, *, now: datetime) -> int:
    """Drive every bulk that runs to its end, in this process alone; return how many rows were dealt with."""
    return _here(mint, Task(), now=Clock.begin(now))


def run(
    mint: Mint,
    id: str,
    *,
    now: datetime,
    processes: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    forms: bool = True,
) -> Progress:
    """Drive one bulk that runs to its end, from the terminal, in processes of its own.

    Interrupted, it is left as it is: the same call, or the job, goes on from there. Where so many workers
    die that no more are started, it returns before the bulk is finished.

    Args:
        mint: The opened room; it may be used as before afterwards.
        id: Which bulk.
        now: This moment.
        processes: How many; None for as many as the settings say.
        progress: Told again and again how far it came.
        forms: Whether to make the VC-JWT forms as well; otherwise the job does.

    Raises:
        NoSuchBulkError: There is none with this id.
    """
    _of(mint, id)  # there is one
    watch, task = Clock.begin(now), Task(only=id, forms=forms)
    if mint.opener is None or _due(mint, task, limit=FEW + 1, now=now) <= FEW:
        _here(mint, task, now=watch)
        return _of(mint, id)
    crew = Crew(mint, mint.opener, task)
    wanted = processes or mint.settings.bulk_processes
    try:
        while not crew.has_given_up:
            if crew.size < wanted:  # else there is nobody to be started
                due = _due(mint, task, limit=max(wanted * CHUNK, FEW + 1), now=watch())
                crew.start(min(wanted, -(-due // CHUNK)), now=watch())
            works = crew.watch(LOOK)
            if progress is not None:
                progress(_of(mint, id))
            if not works and not _due(mint, task, limit=1, now=watch()) and not _runs(mint, id):
                break
    finally:
        crew.end()
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


@dataclass(slots=True)
class Engine:
    """The job ``bulks`` of one process: its workers go on from one run to the next.

    Attributes:
        mint: The opened room.
    """

    mint: Mint
    _crew: Crew | None = field(default=None, repr=False)
    _running: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def work(self, *, now: datetime) -> int:
        """Drive every bulk that runs towards its end; return how many rows were dealt with.

        In a service it takes a slice and rings for the next one, so that mails do not wait for a bulk.
        """
        if not self._running.acquire(blocking=False):
            return 0  # another thread is at it
        try:
            return self._work(Clock.begin(now))
        finally:
            self._running.release()

    def close(self) -> None:
        """Tell the workers to end, and wait for them."""
        with self._running:
            if self._crew is not None:
                self._crew.end()
                self._crew = None

    def _work(self, watch: Clock) -> int:
        wanted = self.mint.settings.bulk_processes
        task = Task(nice=NICE)
        done = 0
        while True:
            if self._crew is None or self._crew.size < wanted:  # else there is nobody to be started
                due = _due(self.mint, task, limit=max(wanted * CHUNK, FEW + 1), now=watch())
                if self._crew is None:
                    if due <= FEW or self.mint.opener is None:
                        return done + (_here(self.mint, task, now=watch) if due else 0)
                    self._crew = Crew(self.mint, self.mint.opener, task)
                self._crew.start(min(wanted, -(-due // CHUNK)), now=watch())
            works = self._crew.watch(LOOK)
            done += self._crew.take_count()
            is_idle = not works and not _due(self.mint, task, limit=1, now=watch())
            if is_idle or self._crew.has_given_up:
                self._crew.end()
                self._crew = None
                return done
            is_service = threading.current_thread() is not threading.main_thread()
            if is_service and clock.monotonic() - watch.at > SLICE:
                self.mint.ring(JOB)
                return done


def _due(mint: Mint, task: Task, *, limit: int, now: datetime) -> int:
    """Return how many rows there are to do that nobody has in hand, counted up to ``limit``."""
    with mint.db.reading() as session:
        found = bulk_work.free_rows(session, only=task.only, now=now, limit=limit)
        if found < limit and task.forms:
            found += bulk_follow.formless_rows(session, only=task.only, now=now, limit=limit - found)
    return found


def _runs(mint: Mint, id: str) -> bool:
    """Tell whether rows of a bulk are still to be done, by whomever."""
    with mint.db.reading() as session:
        return id in bulk_work.open_bulks(session)


def _here(mint: Mint, task: Task, *, now: Clock) -> int:
    """Do everything that is due in this process."""
    worker = Worker(mint)
    former = Former(mint, worker.name)
    done = 0
    while dealt := work_once(worker, former, task, now=now):
        done += dealt
    return done
