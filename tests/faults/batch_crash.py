# SPDX-License-Identifier: Apache-2.0
"""A process that examines a batch and is killed (signal 9) when it has reached a step so many times.

``python -m tests.faults.batch_crash FOLDER STEP TIMES``. The steps are those of ``verifier.batch_work``. With
the STEP ``none`` it lives and finishes.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from service import clock
from service.db import Database
from service.files import FileStore
from service.settings import Settings
from verifier import batch_work
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.documents import OfflineMap
from verifier.store.memory import ListMemory


def open_bureau(folder: Path) -> Bureau:
    """Open the room over the documents that lie in ``folder``."""
    db = Database(f"sqlite:///{folder / 'x.sqlite3'}")
    return Bureau(
        desk=Desk(offline=OfflineMap.load(folder / "public"), memory=ListMemory(db)),
        db=db,
        files=FileStore(folder / "brought"),
        settings=Settings(data=folder),
    )


def main(folder: Path, step: str, times: int) -> None:
    """Work until nothing is left, as if each run began after the last one's leases."""
    left = times

    def reached(name: str) -> None:
        nonlocal left
        if name == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    bureau = open_bureau(folder)
    later = batch_work.LEASE * int((folder / "runs").read_text())
    while batch_work.work(bureau, now=clock.now() + later + timedelta(seconds=1), reached=reached):
        pass
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
