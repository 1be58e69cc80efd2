# SPDX-License-Identifier: Apache-2.0
"""A process that revokes and publishes until it is killed (signal 9) at a step, the nth time it reaches it.

``python -m tests.faults.publisher_crash FOLDER STEP TIMES KEY…``: STEP is one of ``list-read``,
``list-signed``, ``list-swapped``. Each KEY is withdrawn and told with a line, then lists are published.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from issuer import revocation, status_publisher
from issuer.award import AwardState
from issuer.revocation import Decision, Reason
from service import clock
from tests.issuer.house import open_mint


def main(folder: Path, step: str, times: int, keys: list[str]) -> None:
    """Withdraw and publish, and die."""
    left = times

    def reached(name: str) -> None:
        nonlocal left
        left -= name == step
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    mint = open_mint(folder, reached=reached)
    wanted = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
    for key in keys:
        revocation.decide(mint, key, wanted, now=clock.now())
        print(key, flush=True)
        status_publisher.publish_due(mint, now=clock.now())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:])
