# SPDX-License-Identifier: Apache-2.0
"""A process that sends mails until it is killed (signal 9) at an instant, the nth time it reaches it.

``python -m tests.faults.mail_crash INSTANT NUMBER FOLDER MOMENT``.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from service import mail_queue, post_office
from service.db import Database
from service.settings import Settings

INSTANTS = ("taken, not handed over", "handed over, not noted", "noted, not committed")


def main(instant: str, number: int, folder: Path, now: datetime) -> None:
    """Send, and die."""
    hand_over, noted = post_office.FileCarrier.hand_over, mail_queue.sent
    left = number

    def reached(name: str) -> None:
        nonlocal left
        left -= name == instant
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched_hand_over(*given: Any) -> None:
        reached(INSTANTS[0])
        hand_over(*given)
        reached(INSTANTS[1])

    def watched_sent(*given: Any, **options: Any) -> None:
        noted(*given, **options)
        reached(INSTANTS[2])

    vars(mail_queue)["sent"] = watched_sent
    setattr(post_office.FileCarrier, "hand_over", watched_hand_over)  # noqa: B010
    settings = Settings(data=folder)
    post_office.PostOffice(Database(settings.database_url), settings).deliver(now)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), datetime.fromisoformat(sys.argv[4]))
