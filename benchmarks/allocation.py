# SPDX-License-Identifier: Apache-2.0
"""How long the choice of groups takes: ordinary awards, and those that an attacker would bring.

``python -m benchmarks.allocation [FILE]`` prints a table, and writes it as JSON to FILE. The goals: 100
ordinary awards below 50 ms; nothing above one second, whatever is brought; the budget of states held. Time is
CPU time, of which a busy machine takes least.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from recognition.grouping.allocation import STATES, allocate
from tests.recognition.crowds import Crowd, hostile, ordinary

ROUNDS = 3  # the quickest counts
ORDINARY_MS = 50.0  # of 100 ordinary awards and fewer
HOSTILE_MS = 1_000.0  # of anything
ORDINARY_AWARDS = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table."""

    name: str
    awards: int
    take: int
    groups: int
    states: int
    optimal: bool
    milliseconds: float
    goal: float


def main(file: str | None = None) -> int:
    """Measure and print; return 1 if a goal is missed."""
    lines = [measure(crowd, crowd_goal(crowd, usual=True)) for crowd in ordinary()]
    lines += [measure(crowd, crowd_goal(crowd, usual=False)) for crowd in hostile()]
    print(f"{'awards':40}{'take':>6}{'groups':>8}{'states':>8}{'optimal':>9}{'ms':>9}{'goal':>7}")
    for line in lines:
        print(
            f"{line.name:40}{line.take:6}{line.groups:8}{line.states:8}{'yes' if line.optimal else 'no':>9}"
            f"{line.milliseconds:9.1f}{line.goal:7.0f}"
        )
    missed = [line for line in lines if line.milliseconds > line.goal or line.states > STATES]
    print(f"\ngoals {'met' if not missed else 'MISSED: ' + ', '.join(line.name for line in missed)}")
    if file is not None:
        Path(file).write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    return 1 if missed else 0


def crowd_goal(crowd: Crowd, *, usual: bool) -> float:
    """Return the goal for ``crowd``, in milliseconds."""
    return ORDINARY_MS if usual and len(crowd.candidates) <= ORDINARY_AWARDS else HOSTILE_MS


def measure(crowd: Crowd, goal: float) -> Measured:
    """Allocate ``crowd`` a few times."""
    found = allocate(crowd.candidates, [crowd.grant], shortfalls=crowd.shortfalls)
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        allocate(crowd.candidates, [crowd.grant], shortfalls=crowd.shortfalls)
        taken.append((time.process_time() - begun) * 1000)
    return Measured(
        name=crowd.name,
        awards=len(crowd.candidates),
        take=crowd.grant.take,
        groups=len(found.groups),
        states=found.states,
        optimal=found.optimal,
        milliseconds=round(min(taken), 1),
        goal=goal,
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
