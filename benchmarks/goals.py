# SPDX-License-Identifier: Apache-2.0
"""The goals beside the figures: each says what is compared, and met or missed by the median of its rounds.

Ratios of time are by wall clock where the run was quiet; the ratio by CPU time stands beside it, which a busy
machine changes least.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.stats import Spread, ratios, spread

OURS = "Hallmark"
NODE = "@digitalbazaar/vc"
FLOOR = "floor"
BY_HAND = "PyLD by hand"
LIBRARY = "openbadgeslib"

Rounds = Sequence[Mapping[str, Mapping[str, Mapping[str, Any]]]]  # round → peer → operation → timing


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal, and what was seen.

    Attributes:
        name: What must be so.
        wanted: The number.
        at_least: Whether more is better; else less.
        seen: By wall clock; None where it was not measured.
        cpu: By CPU time, where that is another figure.
        unit: What it counts; "×" of a ratio.
        why: Why it was not measured.
    """

    name: str
    wanted: float
    at_least: bool
    seen: Spread | None
    cpu: Spread | None = None
    unit: str = "×"
    why: str = ""

    @property
    def verdict(self) -> str:
        """Return ``met``, ``missed`` or ``not measured``."""
        if self.seen is None:
            return "not measured"
        is_met = self.seen.median >= self.wanted if self.at_least else self.seen.median <= self.wanted
        return "met" if is_met else "missed"

    def to_json(self) -> dict[str, Any]:
        """Return it for results.json."""
        return {
            "goal": self.name,
            "wanted": self.wanted,
            "at_least": self.at_least,
            "unit": self.unit,
            "seen": None if self.seen is None else self.seen.median,
            "cpu": None if self.cpu is None else self.cpu.median,
            "verdict": self.verdict,
            "why": self.why,
        }


def column(rounds: Rounds, peer: str, op: str, figure: str) -> list[float | None]:
    """Return one figure of one peer in each round."""
    return [each.get(peer, {}).get(op, {}).get(figure) for each in rounds]


def compared(
    rounds: Rounds, ours: tuple[str, str], theirs: tuple[str, str], figure: str, *, slower: bool
) -> Spread | None:
    """Return how often one fits into the other, formed within each round.

    Args:
        rounds: What was measured.
        ours: A peer and its operation.
        theirs: Another one.
        figure: ``p50`` or ``cpu``.
        slower: Whether to say how much longer ours takes; else how much longer theirs does.
    """
    pair = column(rounds, *ours, figure), column(rounds, *theirs, figure)
    return spread(ratios(*(reversed(pair) if slower else pair)))


def _faster(rounds: Rounds, op: str, theirs: tuple[str, str], wanted: float, words: str) -> Goal:
    peer, their_op = theirs
    seen, cpu = (
        compared(rounds, (OURS, op), (peer, their_op), figure, slower=False) for figure in ("p50", "cpu")
    )
    return Goal(f"{words} ≥ {wanted:g}× {peer}", wanted, True, seen, cpu)


def _near(rounds: Rounds, op: str, wanted: float, words: str) -> Goal:
    seen, cpu = (compared(rounds, (OURS, op), (FLOOR, op), figure, slower=True) for figure in ("p50", "cpu"))
    return Goal(f"{words} ≤ {wanted:g}× the floor", wanted, False, seen, cpu)


def of_operations(rounds: Rounds) -> list[Goal]:
    """Return the goals on single operations."""
    template = "issue by template"
    return [
        _faster(rounds, "issue", (NODE, "issue"), 20, "issue"),
        _near(rounds, "issue", 8, "issue"),
        _faster(rounds, "issue-template", (NODE, "issue"), 40, template),
        _near(rounds, "issue-template", 3.5, template),
        _faster(rounds, "verify", (NODE, "verify"), 14, "verify (signature path)"),
        _near(rounds, "verify", 4, "verify (signature path)"),
        _faster(rounds, "verify", (LIBRARY, "verify-all"), 60, "verify (signature path)"),
        _faster(rounds, "verify-all", (NODE, "verify"), 5, "the whole verifier, all checks,"),
        _faster(rounds, "canonicalize", (BY_HAND, "canonicalize"), 8, "walk and labels"),
        _faster(rounds, "bake", ("Pillow", "bake"), 1_000, "baking a PNG"),
    ]


def of_parts(parts: Mapping[str, Any]) -> list[Goal]:
    """Return the goals on everything else; ``parts`` has each part's own answer, or ``{"not_run": …}``."""
    return [make(parts.get(part, {"not_run": "left out"})) for part, make in _PARTS]


def _figure(
    name: str, wanted: float, key: str, *, unit: str, at_least: bool = False
) -> Callable[[Mapping[str, Any]], Goal]:
    def make(part: Mapping[str, Any]) -> Goal:
        values = part.get(key)
        if values is None:
            return Goal(name, wanted, at_least, None, unit=unit, why=str(part.get("not_run", "")))
        several = values if isinstance(values, list) else [values]
        return Goal(name, wanted, at_least, spread([float(each) for each in several]), unit=unit)

    return make


_PARTS: tuple[tuple[str, Callable[[Mapping[str, Any]], Goal]], ...] = (
    ("bulk", _figure("10,000 durable signed badges by two processes ≤ 3 s", 3, "seconds_2", unit="s")),
    ("bulk", _figure("the same ≥ 20× two Node processes", 20, "ratio", unit="×", at_least=True)),
    ("http", _figure("verify over HTTP ≥ 8× the same app on PyLD", 8, "ratio", unit="×", at_least=True)),
    ("http", _figure("p99 at 500 requests/s, two processes ≤ 10 ms", 10, "p99_fixed", unit="ms")),
    ("http-bulk", _figure("p99 at 50 requests/s beside a bulk of 10,000 ≤ 150 ms", 150, "p99", unit="ms")),
    ("status", _figure("publish a status list of 131,072 (CPU) ≤ 2 ms", 2, "usual_ms", unit="ms")),
    ("status", _figure("publish a status list of 1,048,576 (CPU) ≤ 12 ms", 12, "usual_1mi_ms", unit="ms")),
    (
        "catalogue",
        _figure("catalogue pages, slowest 95th percentile ≤ 100 ms", 100, "worst_p95", unit="ms"),
    ),
    ("identity", _figure("random credentials that differ from an oracle = 0", 0, "differences", unit="")),
    ("hostile", _figure("hostile inputs beyond 1 s of CPU or 64 MiB = 0", 0, "missed", unit="")),
    ("allocation", _figure("choices of groups beyond their budget = 0", 0, "missed", unit="")),
    ("batch", _figure("500 mixed things checked within 30 s: misses = 0", 0, "missed", unit="")),
)
