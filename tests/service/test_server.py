# SPDX-License-Identifier: Apache-2.0
"""The server takes requests, and ends cleanly when it is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
import sys
from pathlib import Path
from service import server
from service.db import Database
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask

settings = Settings(data=Path(sys.argv[1]), port=0)
db = Database(settings.database_url)
db.upgrade()
app = create_flask(settings, problems=Problems(public_url=settings.public_url), db=db, blueprints=())
server.run(app, settings, ready=lambda address: print(address, flush=True))
print("closed", flush=True)
"""


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{address}/healthz", timeout=30) as answer:  # noqa: S310  our own address
            assert answer.status == 200
            assert answer.headers["Server"] is None
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read().strip() == "closed"
    assert process.returncode == 0
