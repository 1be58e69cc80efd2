# SPDX-License-Identifier: Apache-2.0
"""Single operations of all peers: first whether what they do is right, then how long it takes.

What one signs, another implementation verifies; who verifies must take the good document and refuse the
changed one; canonical forms must be equal to the byte; a baked picture must hold the credential. A peer that
fails is not timed. Then rounds: in each, every peer in shuffled order, and every operation of it.
"""

from __future__ import annotations

import base64
import os
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import adapter
from benchmarks.fixture import Fixture
from benchmarks.goals import FLOOR, OURS, Rounds, column
from benchmarks.peers.by_hand import Hands
from benchmarks.stats import Spread, spread
from benchmarks.workers import NODE_PEERS, PYTHON_PEERS, PeerError, Worker, started
from credentials.baking import png
from credentials.canonicalize import canonicalize

PEERS = (*PYTHON_PEERS, *NODE_PEERS)
NOISY = 0.5  # load of others per core from which a run is noisy
UNSTEADY = 1.2  # how many times longer than its quickest the floor may take; a quiet machine stays below 1.01

# What a peer does beside the operation, for the table.
REMARKS: Mapping[str, Mapping[str, str]] = {
    OURS: {
        "issue": "refuses what a signature would not cover",
        "issue-template-verified": "each signature verified",
        "bake": "1,000 × 1,000 pixels, 0.6 MB, whose checksums were looked at once",
        "bake-unseen": "the same, its checksums looked at each time",
        "verify": "limits, strict walk, did:key",
        "verify-all": "structure, schema, status list, dates, issuer, look-alikes, 13 rows",
    },
    "Pillow": {"bake": "the same picture, decoded and encoded again"},
    "floor": {"issue": "two SHA-256, one Ed25519 operation, nothing else"},
    "openbadgeslib": {"issue": "its proof functions", "verify-all": "its verifier: also validates contexts"},
    "openvc-core": {"issue": "also validates contexts", "verify": "also validates contexts"},
    "PyLD by hand": {"issue": "nothing is checked", "verify": "nothing but the signature"},
}


def measure(
    good: Fixture,
    changed: Fixture,
    *,
    rounds: int,
    seconds: float,
    say: Callable[[str], None],
    peers: Sequence[str] = PEERS,
) -> dict[str, Any]:
    """Check and time all peers; return rounds, versions, loads and why a peer was not run."""
    order = random.Random(rounds)  # noqa: S311  an order, no secret
    with started(peers) as (running, not_run):
        for peer, worker in list(running.items()):
            try:
                check(worker, good, changed)
            except PeerError as error:
                not_run[peer] = str(error)
                worker.stop()
                del running[peer]
        say("right: " + ", ".join(running))
        for peer, why in not_run.items():
            say(f"not run: {peer}: {why}")
        done: list[dict[str, dict[str, Any]]] = []
        loads: list[float] = []
        for number in range(1, rounds + 1):
            loads.append(os.getloadavg()[0])
            say(f"round {number} of {rounds}, load {loads[-1]:.1f}")
            names = list(running)
            order.shuffle(names)
            done.append({name: _round(running[name], good, seconds) for name in names})
        versions = {peer: dict(worker.versions) for peer, worker in running.items()}
    return {"rounds": done, "loads": loads, "versions": versions, "not_run": not_run}


def _round(worker: Worker, good: Fixture, seconds: float) -> dict[str, Any]:
    found = {}
    for op in worker.ops:
        said = worker.ask(op, good.folder, seconds)
        found[op] = {name: said[name] for name in ("count", "p50", "p99", "cpu")}
    return found


def is_noisy(loads: Sequence[float]) -> bool:
    """Tell whether others were at work: more was running than the one peer of the moment."""
    return max(loads, default=0.0) > 1 + NOISY * (os.cpu_count() or 1)


def unsteady(rounds: Rounds) -> Spread | None:
    """Return what the floor's check took, in milliseconds, where the machine itself changed its pace.

    The floor is the same work in each round. On a machine that is shared with others unseen, whose work no
    load tells of, it is not the same time; then a ratio of two figures of one round means little.
    """
    seen = spread([each for each in column(rounds, FLOOR, "verify", "p50") if each is not None])
    return seen if seen is not None and seen.most > UNSTEADY * seen.least else None


def check(worker: Worker, good: Fixture, changed: Fixture) -> None:
    """Hold what a worker does against another implementation.

    Raises:
        PeerError: It is not right, or the worker has ended.
    """
    wanted = canonicalize(good.unsigned).decode()
    for op in worker.ops:
        said = worker.ask(op, good.folder, 0)["output"]
        if op == "canonicalize":
            _require(said == wanted, op, "another canonical form")
        elif op.startswith("issue") and op != "issue-jcs" and worker.peer != "floor":
            is_right = _by_hand(good, said) if worker.peer == OURS else adapter.verify(said)
            _require(is_right, op, "another implementation does not accept what it signed")
        elif op.startswith("verify"):
            _require(said is True, op, "it does not accept the document")
            if "jwt" not in op and worker.peer != "floor":
                _require(
                    worker.ask(op, changed.folder, 0)["output"] is False, op, "it accepts a changed document"
                )
        elif op.startswith("bake"):
            _require(
                png.unbake(base64.b64decode(said)).encode() == good.raw, op, "the picture holds another text"
            )


def _by_hand(good: Fixture, signed: str) -> bool:
    return Hands(good.contexts).verify(signed.encode())


def _require(is_right: bool, op: str, words: str) -> None:
    if not is_right:
        raise PeerError(f"{op}: {words}")
