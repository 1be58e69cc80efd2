# SPDX-License-Identifier: Apache-2.0
"""A process that issues and is killed (signal 9) as soon as it has reached a step.

``python -m tests.faults.crash FOLDER STEP KEY`` awards with the idempotency key KEY and dies at STEP. With
the STEP ``none`` it lives, and prints the id of the credential: that is the acknowledgement.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from issuer import issuance
from service import clock
from tests.issuer.house import open_mint, request


def main(folder: Path, step: str, key: str) -> None:
    """Issue one award, and die at ``step``."""

    def reached(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    mint = open_mint(folder, reached=reached)
    now = clock.now()
    asked = request(submission=key, idempotency_key=key, request_digest="the same", awarded_at=now)
    written = issuance.award(mint, asked, now=now)
    found = issuance.issue(mint, written.award.key, now=now)
    print(found.credential_id, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
