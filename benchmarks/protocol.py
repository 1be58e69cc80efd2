# SPDX-License-Identifier: Apache-2.0
"""What the suite and its workers say to each other: a line of JSON each way, over standard input and output.

The first line is the worker's own: ``{"peer", "versions", "ops"}``. Then, for each request::

    {"op": "issue", "fixture": "/folder", "seconds": 0.8}   time it
    {"op": "issue", "fixture": "/folder", "seconds": 0}     do it once, and show what came out

the worker answers ``{"op", "count", "p50", "p99", "cpu"}``, milliseconds per call (``cpu`` is user and
system time of the process), or ``{"op", "output"}``. A worker that cannot do what it is asked ends, and its
last words on standard error are the reason that the table shows. It warms up ``WARM_UP`` calls before its
first figures of an operation. ``benchmarks/node/worker.mjs`` speaks the same for Node.
"""

from __future__ import annotations

import base64
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from benchmarks.fixture import Fixture

WARM_UP = 40  # calls
WARM_UP_SECONDS = 2.0  # at most; a call of 60 ms is warm long before the fortieth
LEAST = 5  # calls that are timed, however long they take

Call = Callable[[], object]
Operation = Callable[[Fixture], Call]


@dataclass(frozen=True, slots=True)
class Timing:
    """One operation of one peer in one round.

    Attributes:
        count: How many calls.
        p50: Median, milliseconds of wall time.
        p99: 99th percentile, milliseconds of wall time.
        cpu: Milliseconds of user and system time per call.
    """

    count: int
    p50: float
    p99: float
    cpu: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of ``values`` do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[int(rank) - 1]


def timed(call: Call, seconds: float, *, warm_up: int = WARM_UP) -> Timing:
    """Call as often as fits into ``seconds``, after ``warm_up`` calls, and tell how long one takes."""
    warm_until = time.perf_counter() + WARM_UP_SECONDS
    for _ in range(warm_up):
        call()
        if time.perf_counter() > warm_until:
            break
    taken: list[float] = []
    clock = time.perf_counter
    cpu, until = time.process_time(), clock() + seconds
    while True:
        begun = clock()
        call()
        ended = clock()
        taken.append((ended - begun) * 1000)
        if ended >= until and len(taken) >= LEAST:
            break
    spent = (time.process_time() - cpu) * 1000 / len(taken)
    return Timing(len(taken), statistics.median(taken), percentile(taken, 0.99), spent)


def answer(
    request: Mapping[str, Any], operations: Mapping[str, Operation], kept: dict[Any, Call]
) -> dict[str, Any]:
    """Do what ``request`` asks; what was prepared for a fixture is kept in ``kept``, and with it warm."""
    op, folder, seconds = str(request["op"]), str(request["fixture"]), float(request["seconds"])
    if (op, folder) not in kept:
        kept[op, folder] = operations[op](Fixture(Path(folder)))
    call = kept[op, folder]
    if not seconds:
        return {"op": op, "output": _shown(call())}
    is_cold = (op, "warm") not in kept
    kept[op, "warm"] = call
    return {"op": op, **asdict(timed(call, seconds, warm_up=WARM_UP if is_cold else LEAST))}


def _shown(output: object) -> object:
    """Return what came out as JSON can hold it: bytes as text, or as base64 where they are a picture."""
    if not isinstance(output, bytes):
        return output
    try:
        return output.decode()
    except UnicodeDecodeError:
        return base64.b64encode(output).decode("ascii")


def serve(
    peer: str,
    versions: Mapping[str, str],
    operations: Mapping[str, Operation],
    *,
    lines: TextIO | None = None,
    out: TextIO | None = None,
) -> None:
    """Be a worker until the input ends."""
    lines, out = lines or sys.stdin, out or sys.stdout
    kept: dict[Any, Call] = {}
    _say(out, {"peer": peer, "versions": dict(versions), "ops": list(operations)})
    for line in lines:
        _say(out, answer(json.loads(line), operations, kept))


def _say(out: TextIO, words: Mapping[str, Any]) -> None:
    out.write(json.dumps(words, ensure_ascii=False) + "\n")
    out.flush()
