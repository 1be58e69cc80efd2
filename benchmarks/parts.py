# SPDX-License-Identifier: Apache-2.0
"""What is measured beside single operations: bulk, HTTP, status lists, growth, the catalogue, identity.

Each part answers with its own figures, or ``{"not_run": reason}``; one that cannot run stops no other.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from benchmarks import bulk, catalogue, growth, http, identity, status
from benchmarks.fixture import Fixture
from benchmarks.workers import CHECKOUT, PeerError, node, node_folder

ROWS = 10_000
NODE_SECONDS = 5.0
CATALOGUE = (250, 1_000, 5_000)
BULKS = 3  # bulks of each kind
BESIDE_SECONDS = 5.0
STATUS_ROUNDS = 3
USUAL_SHARE = "0.02"  # of the entries of a list that are set
BESIDE_ROWS = 25_000  # so that the bulk outlasts the requests
COMMAND_SECONDS = 240.0
PART_SECONDS = 300.0  # after which a part is given up, so that a run comes to its end


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done.

    Attributes:
        rounds: Of everything that is compared.
        seconds: For each operation in each round.
        quick: A try, whose figures say little.
    """

    rounds: int
    seconds: float
    quick: bool = False


Part = Callable[[Fixture, Plan, Callable[[str], None]], dict[str, Any]]


def run(part: str, good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure one part."""
    say(f"\n{part}")
    try:
        with _within(PART_SECONDS):
            return PARTS[part](good, plan, say)
    except (PeerError, subprocess.SubprocessError, OSError) as error:
        why = f"{type(error).__name__}: {error}"[:300]
        say(f"not run: {why}")
        return {"not_run": why}


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """End the block with a PeerError when it takes longer; for the main thread."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise PeerError(f"it took longer than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def in_bulk(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Issue 10,000 rows durably by one and by two processes, beside two Node processes without a database."""
    rows = 500 if plan.quick else ROWS
    found: dict[str, Any] = {"rows": rows}
    for processes in (1, 2):
        seen = [bulk.measure(rows, processes) for _ in range(1 if plan.quick else BULKS)]
        found[f"seconds_{processes}"] = [each.seconds * ROWS / rows for each in seen]
        found[f"cpu_{processes}"] = [each.cpu_seconds * ROWS / rows for each in seen]
        least = min(found[f"seconds_{processes}"])
        say(f"{ROWS:,} rows by {processes}: {least:.2f} s, CPU {min(found[f'cpu_{processes}']):.2f} s")
    try:
        rate = node_rate(good, 2, seconds=1.0 if plan.quick else NODE_SECONDS)
    except PeerError as error:
        say(f"not run: two Node processes: {error}")
        return found | {"node": {"not_run": str(error)}}
    say(f"two Node processes, nothing stored: {rate:,.0f}/s")
    return found | {
        "node": {"per_second": rate},
        "ratio": [ROWS / each / rate for each in found["seconds_2"]],
    }


def node_rate(good: Fixture, processes: int, *, seconds: float) -> float:
    """Return how many documents a second so many processes of @digitalbazaar/vc sign together.

    Raises:
        PeerError: Node or its libraries are not here.
    """
    command = [node(), str(node_folder() / "bulk.mjs"), str(good.folder), str(seconds)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    total = 0.0
    try:
        for process in running:
            out, errors = process.communicate(timeout=seconds + 60)
            if process.returncode != 0:
                raise PeerError(errors.strip()[-300:])
            said = json.loads(out)
            total += said["count"] / said["seconds"]
    finally:
        for process in running:
            process.kill()
    return total


def over_http(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Verify over HTTP."""
    return http.measure(good, rounds=plan.rounds, seconds=max(2 * plan.seconds, 0.5), say=say)


def http_beside_bulk(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Verify over HTTP at a fixed rate while a bulk runs."""

    def work() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.bulk", str(BESIDE_ROWS), "2"]
        return subprocess.Popen(
            command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
        )

    return http.beside(good, work, seconds=2.0 if plan.quick else BESIDE_SECONDS, say=say)


def of_status(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Publish and open status lists of some lengths, with different shares of entries set; CPU time."""
    del good
    found = status.measure(rounds=1 if plan.quick else STATUS_ROUNDS)
    shortest, *_, longest = (found["publish_ms"][str(length)] for length in status.LENGTHS)
    say(
        f"publish: {shortest[USUAL_SHARE]:.2f} and {longest[USUAL_SHARE]:.2f} ms; a bit {found['read_us']} µs"
    )
    return found | {"usual_ms": shortest[USUAL_SHARE], "usual_1mi_ms": longest[USUAL_SHARE]}


def of_growth(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Draw the curves."""
    return growth.measure(good, quick=plan.quick, say=say)


def of_catalogue(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Ask for the pages of catalogues of some sizes."""
    del good
    return catalogue.measure_all((50,) if plan.quick else CATALOGUE, say=say)


def of_identity(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Compare random credentials with every oracle."""
    del good
    return identity.measure(100 if plan.quick else identity.COUNT, say=say)


def _command(name: str) -> Part:
    """Return the part that is a command of its own and says itself whether its goals are met."""

    def part(good: Fixture, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
        del good
        arguments = ["60"] if plan.quick and name == "batch" else []
        found = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *arguments],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if found.returncode not in (0, 1):
            raise PeerError((found.stderr.strip().splitlines() or ["no word"])[-1])
        say(found.stdout.strip().splitlines()[-1])
        return {"text": found.stdout.strip(), "missed": found.returncode}

    return part


PARTS: Mapping[str, Part] = {
    "status": of_status,
    "bulk": in_bulk,
    "http": over_http,
    "http-bulk": http_beside_bulk,
    "growth": of_growth,
    "catalogue": of_catalogue,
    "identity": of_identity,
    "hostile": _command("hostile"),
    "allocation": _command("allocation"),
    "batch": _command("batch"),
}
