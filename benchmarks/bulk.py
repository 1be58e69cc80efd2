# SPDX-License-Identifier: Apache-2.0
"""How long a school year takes: so many awards, signed, verified and durable, by one or several processes.

``python -m benchmarks.bulk [ROWS] [PROCESSES] [DATABASE_URL]`` makes a house of its own with the sample
programme and one award (so that its lists are published, as in any house that stands), writes down the rows
of a bulk, and times from the word to start until every row is issued and committed: the start of the workers,
reading, linting, places in status lists, signing, the check of each signature, storing, the audit log. The
other form (VC-JWT) and the mails follow afterwards in the product, and are left out here. Without an address
of a database it is SQLite in a folder of its own.

Nothing is believed that was not looked at: all rows must be issued, and one in a hundred goes through the
whole verifier from its stored bytes.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import app
from issuer import programme
from issuer.award import AwardRequest
from issuer.bulk import content, engine
from issuer.bulk.bulk import Bulk, BulkState
from issuer.mint import Mint
from issuer.store import bulks, credentials
from keys.sealed import Passphrase
from service import clock
from service.log import configure
from service.settings import Settings

ROWS = 10_000
LOOKED_AT = 100  # one in so many rows is examined afterwards


@dataclass(frozen=True, slots=True)
class Measured:
    """One bulk.

    Attributes:
        rows: How many were issued.
        processes: How many worked.
        seconds: Wall clock, from the word to start until all are durable.
        cpu_seconds: User and system time of all processes.
    """

    rows: int
    processes: int
    seconds: float
    cpu_seconds: float


def _nothing() -> None:
    """Go on: nobody waits for the beginning."""


def measure(
    rows: int, processes: int, database_url: str | None = None, *, begins: Callable[[], None] = _nothing
) -> Measured:
    """Issue ``rows`` awards by ``processes``, and look at them.

    Args:
        rows: How many.
        processes: How many work on them.
        database_url: Where; None for SQLite in a folder of its own.
        begins: Called when the house stands, before the clock starts.

    Raises:
        RuntimeError: Not every row was issued, or one that was looked at is not valid.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=database_url or "")
        mint = app.open_mint(settings)
        try:
            now = clock.now()
            mint.db.upgrade()
            programme.seed(mint, now=now)
            mint.db.close()
            _elsewhere(settings)
            id = _bring(mint, rows, "year")
            begins()
            begun, used = time.perf_counter(), _cpu()
            found = engine.run(mint, id, now=clock.now(), processes=processes, forms=False)
            seconds, cpu = time.perf_counter() - begun, _cpu() - used
            if found.issued != rows:
                raise RuntimeError(f"{found.issued} of {rows} rows were issued")
            _look(mint, id)
        finally:
            mint.db.close()
    return Measured(rows, processes, seconds, cpu)


def _elsewhere(settings: Settings) -> None:
    """Award once in a process of its own, so that nothing it has compiled or opened is there afterwards."""
    process = multiprocessing.get_context("fork").Process(target=_first, args=(settings,))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise RuntimeError("the first award was not issued")


def _first(settings: Settings) -> None:
    mint = app.open_mint(settings)
    found = engine.run(mint, _bring(mint, 1, "first"), now=clock.now(), processes=1)
    mint.db.close()
    sys.exit(found.issued != 1)


def _bring(mint: Mint, rows: int, name: str) -> str:
    """Write down a bulk and let it run; return its id."""
    now, id = clock.now(), str(uuid.uuid4())
    made = Bulk(id, "a school year", BulkState.TRIAL, rows, False, "benchmark", now)
    asked = (
        AwardRequest("SEL1-v1", f"p{each}@teachers.example", f"{name}-{each}", now) for each in range(rows)
    )
    with mint.db.transaction() as session:
        bulks.add(
            session, made, [(number, content.write(each)) for number, each in enumerate(asked, start=2)]
        )
        bulks.step(session, id, before=BulkState.TRIAL, after=BulkState.RUNNING, now=now)
    return id


def _look(mint: Mint, id: str) -> None:
    with mint.db.reading() as session:
        keys = [row.award for row in bulks.rows(session, id, limit=1_000_000)][::LOOKED_AT]
        signed = [credentials.get(session, key).signed_json or b"" for key in keys if key is not None]
    for raw in signed:
        verdict = mint.examine(raw, now=clock.now()).verdict
        if verdict != "valid":
            raise RuntimeError(f"a credential of the bulk is {verdict}")


def _cpu() -> float:
    """Return the seconds of work of this process and of those that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def main(rows: str = str(ROWS), processes: str = "2", database_url: str | None = None) -> None:
    """Measure and print."""
    configure("error")
    os.environ.setdefault(
        "HALLMARK_KEYS_PASSPHRASE", Passphrase.unsafe_generate()
    )  # as a house draws its own
    found = measure(int(rows), int(processes), database_url, begins=lambda: print("begun", flush=True))
    rate = found.rows / found.seconds
    print(
        f"{found.rows:,} rows by {found.processes}: {found.seconds:.2f} s ({rate:,.0f}/s), "
        f"CPU {found.cpu_seconds:.2f} s"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
