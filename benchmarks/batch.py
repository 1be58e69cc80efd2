# SPDX-License-Identifier: Apache-2.0
"""How long 500 mixed things take, and whether every row is right: by the job of the web, and by the terminal.

``python -m benchmarks.batch [COUNT]``. Good, revoked, suspended, expired and forged credentials, those of
somebody else, pictures without one, garbage, PDFs, photos of QR codes, links to nothing, and hosts that are
slow (1 s) or silent (5 s); all from a world in memory, no network. The goal is 30 s on two cores. The job
opens the batch as the form does, so its files are written and deleted; the terminal reads them from a folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from service import clock, log
from service.db import Database
from service.files import FileStore
from service.settings import Settings
from tests.verifier.many import Expected, SlowWorld, mixed
from tests.world import World
from verifier import batch_work, batching, table
from verifier.asked import NOTHING
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.many import look_at_all
from verifier.store.memory import ListMemory

COUNT = 500
GOAL_SECONDS = 30.0


def main(count: int) -> int:
    """Measure and print; return 1 if a row is wrong or the goal is missed."""
    log.configure("error")
    world = World()
    world.clock.moment = clock.now().replace(microsecond=0)
    expected = mixed(world, count)
    total = sum(len(each.words) for each in expected)
    print(f"{len(expected)} things brought, {total} rows\n")
    print(f"{'':28}{'seconds':>9}{'CPU':>8}{'wrong':>8}")
    slowest, wrong = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, measure in (("the job of the web", _by_job), ("the terminal", _by_terminal)):
            begun, cpu = time.perf_counter(), _cpu()
            found = measure(Path(folder), world, expected)
            seconds, worked = time.perf_counter() - begun, _cpu() - cpu
            faults = sum(each.words != words for each, words in zip(expected, found, strict=True))
            print(f"{name:28}{seconds:9.1f}{worked:8.1f}{faults:8}")
            slowest, wrong = max(slowest, seconds), wrong + faults
    verdict = "met" if slowest <= GOAL_SECONDS and not wrong else "MISSED"
    print(f"\n{total} right rows in {GOAL_SECONDS:.0f} s: {verdict}")
    return 0 if verdict == "met" else 1


def _cpu() -> float:
    """Return the seconds of work of this process and of those that have opened files for it."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _desk(world: World, db: Database) -> Desk:
    network = SlowWorld(world, wait=time.sleep)
    return Desk(network=lambda: network, memory=ListMemory(db))


def _by_job(folder: Path, world: World, expected: Sequence[Expected]) -> list[tuple[str, ...]]:
    db = Database(f"sqlite:///{folder / 'x.sqlite3'}")
    db.upgrade()
    bureau = Bureau(
        desk=_desk(world, db), db=db, files=FileStore(folder / "brought"), settings=Settings(data=folder)
    )
    id = batching.open(bureau, [each.line for each in expected], label="mixed", now=clock.now())
    while batching.view(bureau, id, now=clock.now()).batch.is_open:
        batch_work.work(bureau, now=clock.now())
    rows: list[list[str]] = [[] for _ in expected]
    for line in batching.lines_of(bureau, id):
        rows[line.item.position // table.STEPS[0] - 1].append(line.item.verdict or "")
    db.close()
    return [tuple(words) for words in rows]


def _by_terminal(folder: Path, world: World, expected: Sequence[Expected]) -> list[tuple[str, ...]]:
    db = Database(f"sqlite:///{folder / 'x.sqlite3'}")
    numbered = [replace(each.line, reference=str(number)) for number, each in enumerate(expected)]
    rows: list[list[str]] = [[] for _ in expected]
    for looked in look_at_all(_desk(world, db), numbered, asked=NOTHING, now=clock.now()):
        rows[int(looked.line.reference)].append(looked.row().word)
    db.close()
    return [tuple(words) for words in rows]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else COUNT))
