# SPDX-License-Identifier: Apache-2.0
"""How cost grows: over pieces of evidence and over a batch; over status lists see ``status``.

Everything runs in this process and is told in CPU milliseconds, the least of a few runs: a curve is about its
form, and a busy machine bends it least so.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from pyld import jsonld

from benchmarks.fixture import CREATED, Fixture, variants
from benchmarks.peers.by_hand import Hands
from credentials.canonicalize import canonicalize
from credentials.did import public_key
from credentials.proofs.batch import Batch
from keys.custody import unsafe_signer_from_seed

EVIDENCE = (0, 10, 100, 1_000)
BATCHES = (10, 100, 1_000, 10_000)
RUNS = 5


def measure(good: Fixture, *, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the two curves."""
    found = {
        "evidence": over_evidence(good, EVIDENCE[:3] if quick else EVIDENCE),
        "batch": over_batches(good, BATCHES[:3] if quick else BATCHES),
    }
    for row in found["evidence"]:
        say(f"evidence {row['evidence']:>6}: walk {row['walk']:.2f} ms, PyLD {row['pyld']:.1f} ms")
    for row in found["batch"]:
        say(f"batch {row['batch']:>9}: {row['each']:.3f} ms each")
    return found


def over_evidence(good: Fixture, counts: tuple[int, ...]) -> list[dict[str, float]]:
    """Canonicalise a document with so many pieces of evidence, by the walk and by PyLD."""
    hands = Hands(good.contexts)
    rows = []
    for count in counts:
        members = copy.deepcopy(good.unsigned)
        piece = members.pop("evidence")[0]
        if count:
            members["evidence"] = [{**piece, "id": f"{piece['id']}-{number}"} for number in range(count)]
        slow = 1 if count > 100 else RUNS
        rows.append(
            {
                "evidence": count,
                "walk": _least(partial(canonicalize, members), RUNS),
                "pyld": _least(partial(jsonld.normalize, members, hands.options), slow),
            }
        )
    return rows


def over_batches(good: Fixture, sizes: tuple[int, ...]) -> list[dict[str, float]]:
    """Issue batches of so many documents by template, each signature verified."""
    signer = unsafe_signer_from_seed(good.seed, good.key["method"])
    documents = list(variants(max(sizes)))

    def issue(size: int) -> None:
        batch = Batch(signer, public_key(good.key["did"]), CREATED)
        for members in documents[:size]:
            batch.sign(members)

    return [{"batch": size, "each": _least(partial(issue, size), 1) / size} for size in sizes]


def _least(call: Callable[[], object], runs: int) -> float:
    """Return the CPU milliseconds of the quickest of ``runs`` calls, after one that warms up."""
    if runs > 1:
        call()
    taken = []
    for _ in range(runs):
        used = time.process_time()
        call()
        taken.append((time.process_time() - used) * 1000)
    return min(taken)
