# SPDX-License-Identifier: Apache-2.0
"""Work that nobody waits for. The queue is only a bell: rows say what is to be done (ADR 0021).

A job is a named function ``(now) -> int`` that looks at rows, does what is due and returns how much it did.
The roof registers it; whoever has written a row rings after the commit::

    jobs.register("mail", office.deliver, every=timedelta(minutes=1))
    jobs.ring("mail")

A ring may be lost, doubled or late, and a job may run twice at the same time: each job looks at the rows
again and takes what it works on. Every job is rung when workers start, so what a crash has left is done then,
and again after ``every``, by whichever machine is there. A job that fails is logged with a number and rung
again like any other; it stops neither the worker nor other jobs.

The queue is a file beside an SQLite database, and lies in the database itself if that is a PostgreSQL: then
the workers of all machines hear each bell, and one of them does the job.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

from huey import Huey, PostgresHuey, SqliteHuey
from huey import storage as storages
from huey.constants import EmptyData
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.signals import SIGNAL_ERROR

from service import clock, log, postgresql
from service.errors import JobUnknownError

FILE_NAME: Final = "jobs.sqlite3"
MINUTE: Final = timedelta(minutes=1)  # how often the queue looks for jobs that run by themselves
LONGEST_WAIT: Final = 1.0  # seconds that a worker sleeps between two looks at an empty queue
STOP_SECONDS: Final = 20.0  # how long a worker may go on with its job when it is told to stop
TABLES: Final = "jobs"  # what the names of the queue's tables in PostgreSQL begin with

# What the queue's storage raises when it cannot be reached; the driver of PostgreSQL may be missing.
_STORAGE_ERRORS: Final[tuple[type[Exception], ...]] = (
    OSError,
    sqlite3.Error,
    *(() if storages.psycopg is None else (storages.psycopg.Error,)),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    function: Callable[..., int]
    every: timedelta | None


class Jobs:
    """The jobs of one house, the bell, and the workers that hear it."""

    def __init__(self, data: Path, *, database: str = "") -> None:
        """Nothing is opened yet: the queue appears with the first ring.

        Args:
            data: The data folder.
            database: The address of the database; the queue is in it if it is a PostgreSQL.
        """
        self._path = data / FILE_NAME
        self._dsn = postgresql.dsn_of(database)
        self._entries: dict[str, _Entry] = {}
        self._bells: dict[str, Any] = {}
        self._opening = threading.Lock()
        self._queue: Huey | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All registered jobs, by name."""
        return tuple(sorted(self._entries))

    def register(self, name: str, function: Callable[..., int], *, every: timedelta | None = None) -> None:
        """Add a job; ``function(now=…)`` does what is due and returns how many things it did.

        Args:
            name: Its name.
            function: The job. It may run twice at the same time.
            every: How often it is rung by itself, a minute at the least; None for only when rung.
        """
        if name in self._entries:
            raise ValueError(f"there is a job {name} already")
        if every is not None and every < MINUTE:
            raise ValueError("jobs run by themselves once a minute at the most")
        if self._queue is not None:
            raise ValueError("jobs are registered before the first ring")
        self._entries[name] = _Entry(function=function, every=every)

    def run(self, name: str, now: datetime) -> int:
        """Do a job here and now, and return how many things it did.

        Raises:
            JobUnknownError: There is none of this name.
        """
        return self._entry(name).function(now=now)

    def ring(self, name: str) -> None:
        """Say that there is something to do. Call it after the commit, so that the worker sees the rows.

        A bell that rings already is left alone: whoever hears it has not looked at the rows yet. One that
        cannot be rung, because the disk is full, is logged and nothing else: the rows are safe, and a later
        ring serves as well.

        Raises:
            JobUnknownError: There is none of this name.
        """
        self._entry(name)
        try:
            try:
                self._ring(name)
            except _STORAGE_ERRORS:
                self._ring(name)  # A connection that died in the meantime is replaced by now.
        except _STORAGE_ERRORS as error:
            log.event("jobs.ring-lost", level=logging.WARNING, error=error, job=name)

    def _ring(self, name: str) -> None:
        queue = self._open()
        task = self._bells[name].s()
        if queue.serialize_task(task) not in queue.storage.enqueued_items():
            queue.enqueue(task)

    def close(self) -> None:
        """Give the queue's file or connection back; a later ring opens it again."""
        if self._queue is not None:
            self._queue.storage.close()

    @contextmanager
    def working(self, workers: int) -> Iterator[None]:
        """Have ``workers`` threads do the jobs while the block runs; 0 for none.

        At its end a job that runs may go on for STOP_SECONDS; what is then unfinished is done at the next
        start.
        """
        if workers == 0:
            yield
            return
        queue = self._open()
        for name in self.names:
            self.ring(name)
        consumer = _Consumer(
            queue, workers=workers, max_delay=LONGEST_WAIT, backoff=1.5, shutdown_timeout=STOP_SECONDS
        )
        consumer.start()
        try:
            yield
        finally:
            consumer.stop(graceful=True)
            self.close()

    def work(self, workers: int) -> None:
        """Do the jobs until the process is told to stop (SIGTERM, SIGINT)."""
        stop = threading.Event()

        def end(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        with self.working(workers):
            stop.wait()

    def _entry(self, name: str) -> _Entry:
        if name not in self._entries:
            known = ", ".join(self.names) or "none"
            raise JobUnknownError(f"There is no job “{name[:60]}”. Jobs: {known}.", got=name[:60])
        return self._entries[name]

    def _open(self) -> Huey:
        """Return the queue; the first call makes its file, readable by its owner only, or its tables."""
        with self._opening:
            if self._queue is None:
                queue = self._file() if self._dsn is None else self._tables()
                queue.signal(SIGNAL_ERROR)(_report)
                # Each worker of a PostgreSQL has a connection of its own, on which it hears the bell.
                queue.on_shutdown("close")(queue.storage.close)
                # The queue tells of a failed job in its own way too; ours has code and number.
                logging.getLogger("huey").setLevel(logging.CRITICAL)
                logging.getLogger("huey.consumer").setLevel(logging.WARNING)
                for name, entry in self._entries.items():
                    self._bells[name] = self._hang(queue, name, entry)
                self._queue = queue
            return self._queue

    def _file(self) -> Huey:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        return SqliteHuey("jobs", results=False, serializer=_Names(), filename=str(self._path), fsync=False)

    def _tables(self) -> Huey:
        def open_queue() -> Huey:
            return PostgresHuey(
                "jobs",
                results=False,
                serializer=_Names(),
                dsn=self._dsn,
                table_prefix=TABLES,
                **postgresql.CONNECTION,
            )

        try:
            return open_queue()
        except _STORAGE_ERRORS:
            return open_queue()  # Two that make the same table at once hinder each other; it is there now.

    def _is_turn(self, name: str, every: timedelta) -> bool:
        """Tell whether no other machine or process has rung this job by itself within ``every``."""
        now = clock.now().timestamp()
        try:
            storage = self._open().storage
            last = storage.peek_data(f"rung.{name}")
            if last is not EmptyData and 0 <= now - float(last) < every.total_seconds() - 1:
                return False
            storage.put_data(f"rung.{name}", str(now).encode("ascii"))
        except _STORAGE_ERRORS + (ValueError,):  # noqa: RUF005
            pass  # Rung once too often is better than never.
        return True

    def _hang(self, queue: Huey, name: str, entry: _Entry) -> Any:
        """Make the queue's task for a job; it carries nothing but its name."""

        def do() -> None:
            begun = clock.monotonic()
            done = self.run(name, clock.now())
            if done:
                log.event("job", job=name, done=done, ms=round((clock.monotonic() - begun) * 1000))

        if entry.every is None:
            return queue.task(name=name)(do)
        turn = partial(self._is_turn, name, entry.every)
        return queue.periodic_task(_Clock(entry.every, turn), name=name)(do)


class _Clock:
    """Says once a minute whether a job is due by itself. It begins with the start, when all are rung."""

    def __init__(self, every: timedelta, is_turn: Callable[[], bool] = lambda: True) -> None:
        self._every = every.total_seconds()
        self._is_turn = is_turn
        self._last = clock.monotonic()

    def __call__(self, _moment: datetime) -> bool:
        # A second early is early enough: the queue asks every 60 seconds, not on the dot.
        if clock.monotonic() - self._last < self._every - 1 or not self._is_turn():
            return False
        self._last = clock.monotonic()
        return True


class _Names(Serializer):
    """Messages are names as JSON. Nothing that is read from the file can become more than a name."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps({"job": data.name}).encode("ascii")

    def _deserialize(self, data: bytes) -> Message:
        return Message(id=str(uuid.uuid4()), name=str(json.loads(data)["job"]), args=(), kwargs={}, retries=0)


class _Consumer(Consumer):
    """The queue's workers in threads of ours. Signals belong to the server or command around them."""

    def _set_signal_handlers(self) -> None:
        """Leave the signals alone."""


def _report(_signal: str, task: Any, error: BaseException) -> None:
    """Log a job that failed, with a number; its message stays out, it may quote people."""
    log.event(
        "job.failed",
        level=logging.ERROR,
        error=error,
        job=task.name,
        code=getattr(error, "code", None),
        id=str(uuid.uuid4()),
    )
