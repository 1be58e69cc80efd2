# SPDX-License-Identifier: Apache-2.0
"""Kill -9 while many are checked: after it, every row is right, and none is there twice."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from service import clock
from tests import warm
from tests.faults.batch_crash import open_bureau
from tests.running import tables
from tests.verifier import many
from tests.world import World
from verifier import batch_work, batching, table

pytestmark = pytest.mark.fault
COUNT = 200  # every kind many times; ``benchmarks`` examines five hundred


def run(folder: Path, runs: int, step: str, times: int) -> CompletedProcess[str]:
    """Be the worker once; each next one comes when what the last had taken is free again."""
    (folder / "runs").write_text(str(runs))
    return warm.run("tests.faults.batch_crash", str(folder), step, str(times), timeout=300)


def test_killed_again_and_again_every_row_is_right_and_there_once(tmp_path: Path) -> None:
    world = World()
    world.clock.moment = clock.now().replace(microsecond=0)
    expected = many.mixed(world, COUNT)
    union = world.issuer("union")
    (tmp_path / "public").mkdir()
    names = {
        union.id: world(union.id, max_bytes=10_000_000).body,
        union.list_url(): world(union.list_url(), max_bytes=10_000_000).body,
        union.list_url("suspension"): world(union.list_url("suspension"), max_bytes=10_000_000).body,
    }
    # Documents that lie here answer at once, so nobody is silent, and what is not here does not exist.
    answers = [
        (each, ("no-credential",) if "silent" in (each.line.url or "") else each.words) for each in expected
    ]
    slow = world.issuer("slow")
    names |= {slow.id: world(slow.id, max_bytes=10_000_000).body}
    names |= {slow.list_url(): world(slow.list_url(), max_bytes=10_000_000).body}
    names |= {name: raw for name, raw in world.served.items() if isinstance(raw, bytes)}
    files = {name: f"{number}.json" for number, name in enumerate(names)}
    for name, file in files.items():
        (tmp_path / "public" / file).write_bytes(names[name])
    (tmp_path / "public" / "map.json").write_text(json.dumps(files))
    bureau = open_bureau(tmp_path)
    tables(bureau.db)
    id = batching.open(bureau, [each.line for each in expected], label="mixed", now=clock.now())

    for runs, (step, times) in enumerate((("taken", 1), ("examined", 9), ("written", 8))):
        killed = run(tmp_path, runs, step, times)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = run(tmp_path, 3, "none", 0)
    assert finished.returncode == 0, finished.stderr

    rows: dict[int, list[str | None]] = {}
    for line in batching.lines_of(bureau, id):
        rows.setdefault(line.item.position // table.STEPS[0], []).append(line.item.verdict)
    assert len(rows) == len(answers)
    for number, (each, words) in enumerate(answers, start=1):
        assert tuple(rows[number]) == words, each.line.place
    view = batching.view(bureau, id, now=clock.now())
    assert (view.batch.state, view.count.done) == ("done", view.count.total)
    assert view.count.total >= COUNT
    # What a crash has left of files is deleted by the daily job.
    batching.tidy(bureau, now=clock.now() + batching.LEFT_BEHIND * 2)
    assert not [path for path in (tmp_path / "brought").rglob("*") if path.is_file()]
    assert set(batch_work.STEPS) == {"taken", "examined", "written"}
    bureau.db.close()
