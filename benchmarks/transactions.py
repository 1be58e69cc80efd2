# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks.transactions``: writing transactions per second, on SQLite and on PostgreSQL.

Each writes one line into the audit log: it reads the end of the chain and appends, as most steps do. Several
processes write at once; at the end the chain must be whole and as long as what was acknowledged. Both
databases lie on the disk of the temporary folder and flush each commit to it; ``--memory`` lets the PostgreSQL
lie in memory instead. Beside the rate stands the processor time of the clients for one transaction, which does not
depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path

from service import audit, clock
from service.db import Database
from tests import postgres

WRITERS = (1, 2, 8)


def _write(url: str, until: float, answers: multiprocessing.Queue[tuple[int, float]]) -> None:
    database, count = Database(url), 0
    database.ping()
    begun = time.process_time()
    while time.time() < until:
        with database.transaction() as session:
            audit.record(session, actor="bench", action="bench.write", subject="x", now=clock.now())
        count += 1
    database.close()
    answers.put((count, time.process_time() - begun))


def measure(url: str, *, writers: int, seconds: float) -> tuple[float, float]:
    """Return transactions per second, and milliseconds of the clients' processor time for each."""
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    database = Database(url)
    before = _length(database)
    until = time.time() + 4 + seconds
    processes = [spawn.Process(target=_write, args=(url, until, answers)) for _ in range(writers)]
    for process in processes:
        process.start()
    time.sleep(max(0, until - seconds - time.time()))
    length, begun = _length(database), time.time()
    found = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    done = _length(database)
    rate = (done - length) / (time.time() - begun)
    assert done - before == sum(count for count, _ in found), "acknowledged is not what is there"
    with database.reading() as session:
        assert audit.check(session) is None
    database.close()
    return rate, 1000 * sum(cpu for _, cpu in found) / (done - before)


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
