# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks.transactions``: writing transactions per second, on SQLite and on PostgreSQL.

Each writes one line into the audit log: it reads the end of the chain and appends, as most steps do. Several
processes write at once; at the end the chain must be whole and as long as what was acknowledged. Both
databases lie on the disk of the temporary folder and flush each commit to it; ``--memory`` lets the
PostgreSQL lie in memory instead. Beside the rate stands the processor time of the clients for one
transaction, which does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path
from typing import Any

from service import audit, clock
from service.db import Database
from tests import postgres

WRITERS = (1, 2, 8)


def _write(url: str, seconds: float, start: Any, answers: multiprocessing.Queue[tuple[int, float]]) -> None:
    database, count = Database(url), 0
    database.ping()
    start.wait()
    begun, end = time.process_time(), time.monotonic() + seconds
    while time.monotonic() < end:
        with database.transaction() as session:
            audit.record(session, actor="bench", action="bench.write", subject="x", now=clock.now())
        count += 1
    answers.put((count, time.process_time() - begun))
    database.close()


def measure(url: str, *, writers: int, seconds: float) -> tuple[float, float]:
    """Return transactions per second, and milliseconds of the clients' processor time for each."""
    spawn = multiprocessing.get_context("spawn")
    answers, start = spawn.Queue(), spawn.Barrier(writers + 1)
    database = Database(url)
    before = _length(database)
    processes = [spawn.Process(target=_write, args=(url, seconds, start, answers)) for _ in range(writers)]
    for process in processes:
        process.start()
    start.wait()
    begun = time.monotonic()
    found = [answers.get() for _ in processes]
    passed = time.monotonic() - begun
    for process in processes:
        process.join()
    done = sum(count for count, _ in found)
    assert _length(database) - before == done, "acknowledged is not what is there"
    with database.reading() as session:
        assert audit.check(session) is None
    database.close()
    return done / passed, 1000 * sum(cpu for _, cpu in found) / done


def _length(database: Database) -> int:
    with database.reading() as session:
        return audit.head(session).number


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--memory", action="store_true", help="The PostgreSQL in memory, not on the disk.")
    asked = parser.parse_args()
    print("database     writers   transactions/s   ms of processor each")
    with tempfile.TemporaryDirectory() as folder:
        sqlite = f"sqlite:///{Path(folder) / 'x.sqlite3'}"
        Database(sqlite).upgrade()
        for writers in WRITERS:
            rate, cpu = measure(sqlite, writers=writers, seconds=asked.seconds)
            print(f"SQLite       {writers:7}   {rate:14.0f}   {cpu:20.2f}", flush=True)
    with postgres.own_server(in_memory=asked.memory) as server:
        databases = postgres.Databases(server.admin)
        databases.prepare()
        for writers in WRITERS:
            url = databases.create(f"bench_{writers}", template=postgres.TEMPLATE)
            rate, cpu = measure(url, writers=writers, seconds=asked.seconds)
            print(f"PostgreSQL   {writers:7}   {rate:14.0f}   {cpu:20.2f}", flush=True)


if __name__ == "__main__":
    main()
