# SPDX-License-Identifier: Apache-2.0
"""Kill -9 while many are taken back: each is withdrawn once, under review before, and nothing else changes.

``python -m tests.faults.test_kill_in_mid_takeback CYCLES [--database postgresql]`` kills that many workers.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from issuer.award import AwardState
from issuer.mint import Mint
from issuer.takeback import steps, working
from issuer.takeback.takeback import UNDO, LineState, TakebackState
from service import audit
from tests import warm
from tests.faults.revokers import running_on
from tests.issuer.house import NOW, make_house, open_mint
from tests.issuer.taking_back import FIRST, SECOND, keys_of, officers, seen, states, stock, tried

pytestmark = pytest.mark.fault

COUNT = 60


def run(folder: Path, moment: datetime, step: str, times: int) -> subprocess.CompletedProcess[str]:
    """Be the worker once."""
    return warm.run(
        "tests.faults.takeback_crash", str(folder), moment.isoformat(), step, str(times), timeout=300
    )


def check(mint: Mint, keys: tuple[str, ...]) -> None:
    """Assert that each was put under review once and withdrawn once, with its audit line each time."""
    assert states(mint, keys) == {AwardState.REVOKED: len(keys)}
    with mint.db.reading() as session:
        assert audit.check(session) is None
        changes = session.execute(
            text("SELECT state, count(*) FROM issuer_status_changes GROUP BY state ORDER BY state")
        ).all()
        lines = session.execute(
            text(
                "SELECT action, count(*) FROM audit_log WHERE action IN "
                "('credential.revoked', 'credential.suspended') GROUP BY action ORDER BY action"
            )
        ).all()
        bits = session.scalar(
            text(
                "SELECT count(*) FROM issuer_status_entries WHERE is_set AND purpose = 'revocation' "
                "AND credential IN (SELECT credential FROM issuer_takeback_lines)"
            )
        )
    each = len(keys)
    assert [tuple(row) for row in changes] == [("revoked", each), ("suspended", each)]
    assert [tuple(row) for row in lines] == [("credential.revoked", each), ("credential.suspended", each)]
    assert bits == each


def cycles(folder: Path, number: int) -> None:
    """Take COUNT back in chunks of a few, killed ``number`` times."""
    make_house(folder)
    mint = open_mint(folder)
    officers(mint)
    keys = keys_of(mint, stock(mint, COUNT))
    found = tried(mint, keys)
    steps.start(mint, found.id, number=COUNT, actor=FIRST, now=NOW)
    steps.approve(mint, found.id, number=COUNT, actor=SECOND, now=NOW)
    for turn in range(number):
        moment = NOW if turn < number / 2 else NOW + UNDO
        step = working.STEPS[turn % 2]
        killed = run(folder, moment, step, 1)
        assert killed.returncode in (-signal.SIGKILL, 0), killed.stderr
    for moment in (NOW, NOW + UNDO):
        assert run(folder, moment, "none", 0).returncode == 0
    check(mint, keys)
    view = seen(mint, found)
    assert (view.takeback.state, view.states[LineState.REVOKED]) == (TakebackState.DONE, COUNT)
    mint.db.close()


def test_killed_again_and_again_each_is_withdrawn_once(tmp_path: Path) -> None:
    cycles(tmp_path / "data", 6)


def main() -> None:
    """Run it and say so."""
    parser = argparse.ArgumentParser(description="Whoever takes many back is killed.")
    parser.add_argument("cycles", type=int)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    place = Path(tempfile.mkdtemp())
    with running_on(asked.database):
        cycles(place / "data", asked.cycles)
    shutil.rmtree(place)
    print(f"{asked.database}: {asked.cycles} kills, {COUNT} credentials, each withdrawn once")


if __name__ == "__main__":
    main()
