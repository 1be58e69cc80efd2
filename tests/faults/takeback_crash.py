# SPDX-License-Identifier: Apache-2.0
"""A process that does the job of takebacks and is killed (signal 9) at a step, so many of them later.

``python -m tests.faults.takeback_crash FOLDER MOMENT STEP TIMES``. The steps are those of
``issuer.takeback.working``; with the STEP ``none`` it lives and finishes. ``MOMENT`` is what it takes for
the present.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from issuer.takeback import working
from tests.issuer.house import open_mint


def main(folder: Path, moment: datetime, step: str, times: int) -> None:
    """Work until nothing is left, or until the end of this process."""
    left = times

    def reached(name: str) -> None:
        nonlocal left
        if name == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    vars(working)["CHUNK"] = 7  # few lines at a time, so that there are many moments to die at
    mint = open_mint(folder, reached=reached)
    while working.work(mint, now=moment):
        pass
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
