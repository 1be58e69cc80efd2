# SPDX-License-Identifier: Apache-2.0
"""A process that revokes and publishes until it is killed (signal 9) at a step, the nth time it reaches it.

``main`` runs in a process of its own. The steps are ``list-read``, ``list-signed`` and ``list-swapped``. Each
key is withdrawn and acknowledged with a line in a file, then lists are published.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from issuer import revocation, status_publisher
from issuer.award import AwardState
from issuer.revocation import Decision, Reason
from service import clock
from tests.issuer.house import open_mint


def main(folder: Path, step: str, times: int, keys: list[str], told: Path) -> None:
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
        with told.open("a") as file:
            file.write(f"{key}\n")
        status_publisher.publish_due(mint, now=clock.now())
