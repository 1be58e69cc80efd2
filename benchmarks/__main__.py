# SPDX-License-Identifier: Apache-2.0
"""The whole suite in one run: ``python -m benchmarks`` (``make bench``).

First whether what every peer does is right, then how long it takes; then status lists, bulk, HTTP, growth,
the catalogue, byte identity and hostile input. It speaks to this machine only, ends by itself within some ten
minutes, and ends every process that it started. Into ``--out`` it writes ``results.json``, ``benchmarks.md``
and ``benchmarks.svg``; once all parts are there and none was ``--quick``, it also renews what stands in
``docs`` and what the README says about speed. ``--only operations,http`` does some parts again, and keeps the
other figures of the last run there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import chart, fixture, goals, operations, parts, table
from benchmarks.workers import CHECKOUT
from keys.sealed import Passphrase
from service import clock
from service.log import configure

OUT = CHECKOUT / "benchmarks" / "out"
PAGE = CHECKOUT / "docs" / "benchmarks.md"
README = CHECKOUT / "README.md"
DRAWING = CHECKOUT / "docs" / "images" / "benchmarks.svg"
ALL = ("operations", *parts.PARTS)
ROUNDS = 9
SECONDS = 0.8


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for, write it down, and say which goals were met."""
    given = _read(arguments)
    configure("error")
    os.environ.setdefault(
        "HALLMARK_KEYS_PASSPHRASE", Passphrase.unsafe_generate()
    )  # as a house draws its own
    wanted = ALL if given.only is None else tuple(given.only.split(","))
    unknown = sorted(set(wanted) - set(ALL))
    if unknown:
        print(f"There is no part called {', '.join(unknown)}; there are {', '.join(ALL)}.")
        return 64
    say = partial(print, flush=True)
    plan = parts.Plan(given.rounds, given.seconds, quick=given.quick)
    out: Path = given.out
    out.mkdir(parents=True, exist_ok=True)
    results = _begun(out / "results.json", plan, again=given.only is not None)
    with tempfile.TemporaryDirectory() as folder:
        many = 50 if given.quick else fixture.MANY
        good, changed = fixture.write(Path(folder), now=clock.now(), picture=fixture.picture(), many=many)
        for name in wanted:
            if name == "operations":
                results["parts"][name] = operations.measure(
                    good, changed, rounds=plan.rounds, seconds=plan.seconds, say=say
                )
            else:
                results["parts"][name] = parts.run(name, good, plan, say)
            results["parts"][name] |= {"begun": results["run"]["begun"], "quick": plan.quick}
            _write(results, out)  # what is done is kept, whatever comes next
    found = _write(results, out)
    done = results["parts"]
    is_whole = set(ALL) <= set(done) and not any(part["quick"] for part in done.values())
    if is_whole:
        PAGE.write_text((out / "benchmarks.md").read_text())
        DRAWING.write_text((out / "benchmarks.svg").read_text())
        README.write_text(
            table.told_in(README.read_text(), results, chart.bars(done["operations"]["rounds"]))
        )
    print()
    for goal in found:
        print("  ".join((f"{goal.verdict:13}", *table.goal_row(goal)[:2])))
    print(f"\n{out / 'benchmarks.md'}" + (f", and {PAGE}" if is_whole else ""))
    return 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure Hallmark beside its peers."
    )
    parser.add_argument("--rounds", type=int, help=f"rounds in which all peers take turns (default {ROUNDS})")
    parser.add_argument("--seconds", type=float, help=f"for each operation in a round (default {SECONDS})")
    parser.add_argument("--only", help=f"parts, with commas between: {', '.join(ALL)}")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for what is written")
    parser.add_argument(
        "--quick", action="store_true", help="a try of a minute or two; its figures say little"
    )
    given = parser.parse_args(arguments)
    given.rounds = max(1, given.rounds or (2 if given.quick else ROUNDS))
    given.seconds = max(0.05, given.seconds or (0.1 if given.quick else SECONDS))
    return given


def _begun(file: Path, plan: parts.Plan, *, again: bool) -> dict[str, Any]:
    """Return the results to be filled: what was there before, if only some parts are done again."""
    before: dict[str, Any] = json.loads(file.read_text()) if again and file.exists() else {"parts": {}}
    return {
        "run": {
            "begun": clock.now().strftime("%Y-%m-%d %H:%M UTC"),
            "hallmark": version("hallmark"),
            "commit": _commit(),
            "python": platform.python_version(),
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "processor": _processor(),
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "quick": plan.quick,
        },
        "parts": before["parts"],
    }


def _write(results: dict[str, Any], out: Path) -> list[goals.Goal]:
    """Write the three files; return the goals."""
    timed = results["parts"].get("operations", {}).get("rounds", [])
    found = [*goals.of_operations(timed), *goals.of_parts(results["parts"])]
    results["goals"] = [goal.to_json() for goal in found]
    (out / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    (out / "benchmarks.md").write_text(table.document(results, found))
    run = results["run"]
    note = f"One core of {run['processor']}, Python {run['python']}, {run['begun']}; medians of the rounds."
    (out / "benchmarks.svg").write_text(chart.draw(chart.bars(timed), note=note))
    return found


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
