# SPDX-License-Identifier: Apache-2.0
"""Processes that work on bulks: started, watched, and let go.

Signing computes; threads would take turns at it, so workers are processes. Each opens the house for itself:
no database connection, no lock and no opened key comes from its parent.

- Where one thread is all there is (the terminal), they are forked: they are there at once. Elsewhere (a
  service) a fork could copy a lock that is held for ever, so they come from a process that was started
  for that, which has loaded the program and nothing else.
- A worker ends after its chunk when it is told so, or when the other end of its pipe is gone: parent killed,
  workers end by themselves.
- A worker that dies is noticed at once. What it had in hand is let go, and another takes its place; but not
  for ever, if nothing comes of it.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Final

from credentials.errors import HallmarkError
from issuer.bulk.chunk import Worker
from issuer.bulk.forms import Former
from issuer.mint import Mint
from issuer.store import bulk_follow, bulk_work
from service import clock, log
from service.settings import Settings

Opener = Callable[[Settings], Mint]

DEATHS: Final = 5  # workers in a row that may die without a row being done; then a person has to look
_END: Final = b"end"


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time from a moment that was given; every process on a machine counts alike."""

    now: datetime
    at: float

    @classmethod
    def begin(cls, now: datetime) -> Clock:
        """Return a clock that shows ``now``."""
        return cls(now, clock.monotonic())

    def __call__(self) -> datetime:
        """Return this moment."""
        return self.now + timedelta(seconds=clock.monotonic() - self.at)


@dataclass(frozen=True, slots=True)
class Task:
    """What workers are to do.

    Attributes:
        only: The bulk to work on; None for every one that runs.
        forms: Whether to make the VC-JWT forms as well.
        nice: How far they stand behind others who want the processor.
    """

    only: str | None = None
    forms: bool = True
    nice: int = 0


@dataclass(frozen=True, slots=True)
class _Orders:
    """What one worker is told when it starts; it can be sent to another process."""

    opener: Opener
    settings: Settings
    task: Task
    name: str
    now: Clock


@dataclass(slots=True)
class _Member:
    """One worker process, the name under which it takes rows, and our end of its pipe."""

    name: str
    process: BaseProcess
    pipe: Connection


@dataclass(slots=True)
class Crew:
    """The worker processes of one house in this process; used by one thread at a time.

    Attributes:
        mint: The opened room, for looking at rows.
        opener: Opens the room in a worker; a function of a module, so that any process can find it.
        task: What they do.
    """

    mint: Mint
    opener: Opener
    task: Task
    _members: list[_Member] = field(default_factory=list, repr=False)
    _dead: list[_Member] = field(default_factory=list, repr=False)  # what they had in hand is not free yet
    _deaths: int = 0
    _count: int = 0

    def start(self, processes: int, *, now: datetime) -> None:
        """Start as many workers as are missing, and let go what the dead had in hand."""
        self._let_go()
        missing = processes - len(self._members)
        if missing <= 0 or self.has_given_up:
            return
        context = _context(self.mint, self.opener)
        watch = Clock.begin(now)
        for _ in range(missing):
            name = str(uuid.uuid4())
            ours, theirs = context.Pipe()
            others = (ours, *(each.pipe for each in self._members)) if _forks(context) else ()
            process = context.Process(  # type: ignore[attr-defined]  # every context has it
                target=_serve,
                args=(_Orders(self.opener, self.mint.settings, self.task, name, watch), theirs, others),
                name=f"hallmark-bulk-{name[:8]}",
                daemon=True,
            )
            process.start()
            theirs.close()
            self._members.append(_Member(name, process, ours))

    def watch(self, seconds: float) -> bool:
        """Wait until somebody ends, for so long at most; tell whether anybody still works.

        What the dead had in hand is let go. They are not replaced; ``start`` does that.
        """
        self._let_go()
        if not self._members:
            threading.Event().wait(seconds)
            return False
        ended = wait([each.process.sentinel for each in self._members], timeout=seconds)
        self._hear()
        for member in [each for each in self._members if each.process.sentinel in ended]:
            self._members.remove(member)
            member.process.join()
            member.pipe.close()
            if member.process.exitcode != 0:
                self._deaths += 1
                self._dead.append(member)
        self._let_go()
        return bool(self._members)

    def take_count(self) -> int:
        """Return how many rows were dealt with since this was asked last."""
        count, self._count = self._count, 0
        return count

    def end(self) -> None:
        """Tell all workers to end after their chunk, and wait for them."""
        for member in self._members:
            with suppress(OSError):  # it has ended already
                member.pipe.send_bytes(_END)
        for member in self._members:
            member.process.join()
            member.pipe.close()
        self._members.clear()

    @property
    def size(self) -> int:
        """How many work."""
        return len(self._members)

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of those who work."""
        return tuple(each.process.pid for each in self._members if each.process.pid is not None)

    @property
    def has_given_up(self) -> bool:
        """Whether so many have died that no more are started."""
        return self._deaths > DEATHS

    def _hear(self) -> None:
        for member in self._members:
            with suppress(EOFError, OSError):
                while member.pipe.poll():
                    self._count += int(member.pipe.recv_bytes())
                    self._deaths = 0

    def _let_go(self) -> None:
        """Free the rows of the dead; while the database is away they stay on the list."""
        while self._dead:
            member = self._dead[0]
            with self.mint.db.transaction() as session:
                freed = bulk_work.let_go(session, member.name)
            del self._dead[0]
            log.event(
                "bulk.worker-died",
                level=logging.WARNING,
                exit=member.process.exitcode,
                rows=freed,
                deaths=self._deaths,
            )


def _context(mint: Mint, opener: Opener) -> BaseContext:
    """Return how processes are made here; see the module's text."""
    if _is_single():
        mint.db.close()  # it opens again by itself; a fork must not share a connection
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([opener.__module__])
    return context


def _is_single() -> bool:
    """Tell whether this process has one thread only, those of libraries counted where the system tells."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return threading.active_count() == 1


def _forks(context: BaseContext) -> bool:
    return context.get_start_method() == "fork"


def _serve(orders: _Orders, pipe: Connection, others: Sequence[Connection]) -> None:
    """Be a worker: take chunks until nothing is left, or it is told to end."""
    for each in others:
        each.close()  # our parent's ends, copied by the fork: while we hold them nobody notices that it died
    settings = orders.settings
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which tells us
    log.configure("warning" if settings.log_level == "info" else settings.log_level)
    os.nice(orders.task.nice)
    try:
        mint = orders.opener(settings)
        try:
            _work(mint, orders, lambda: bool(told) or pipe.poll(), pipe)
        finally:
            mint.db.close()
    except HallmarkError as error:
        log.event("bulk.worker", level=logging.ERROR, error=error, code=error.code)
        sys.exit(1)


def _work(mint: Mint, orders: _Orders, is_told: Callable[[], bool], pipe: Connection) -> None:
    """Do what there is to do, and tell the parent after each chunk how much that was."""
    worker, former = Worker(mint, name=orders.name), Former(mint, orders.name)
    with mint.db.reading() as session:
        bulk_work.prepare(session)
    gc.freeze()  # what is here now stays; to look at it would copy all that a fork shares with its parent
    gc.disable()  # what a chunk leaves has few circles; they go between two
    with suppress(OSError):  # the parent is gone
        while not is_told() and (done := work_once(worker, former, orders.task, now=orders.now)):
            pipe.send_bytes(str(done).encode("ascii"))
            gc.collect(1)


def work_once(worker: Worker, former: Former, task: Task, *, now: Callable[[], datetime]) -> int:
    """Take one chunk of what is to be done next: rows before forms, older bulks first; return how many."""
    with worker.mint.db.reading() as session:
        bulks = bulk_work.open_bulks(session)
    for id in bulks:
        if task.only in (None, id) and (done := worker.work(id, now=now())):
            return done
    if not task.forms:
        return 0
    with worker.mint.db.reading() as session:
        formless = bulk_follow.formless_bulks(session)
    for id in formless:
        if task.only in (None, id) and (done := former.work(id, now=now())):
            return done
    return 0
