# SPDX-License-Identifier: Apache-2.0
"""A process that finishes a review and awards, and is killed (signal 9) as soon as it has reached a step.

``python -m tests.faults.award_crash FOLDER REVIEWER REVIEW STEP``. The steps are those of ``issuer.issuance``
and ``earning.review.awarding``, and ``decided``. With the STEP ``none`` it lives.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from earning.review import awarding, review
from service import clock
from service.accounts import people
from tests.earning.house import open_programme


def main(folder: Path, reviewer: str, id: str, step: str) -> None:
    """Finish the review ``id``, run the job, and die at ``step``."""

    def reached(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    opened = open_programme(folder)
    settings = replace(opened.settings, second_reading_percent=0)
    programme = replace(opened, settings=settings, mint=replace(opened.mint, reached=reached))
    with programme.db.reading() as session:
        person = people.get(session, reviewer)
    review.finish(programme, person, id, now=clock.now())
    reached("decided")
    awarding.award(programme, now=clock.now(), reached=lambda name: reached(f"award-{name}"))
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
