# SPDX-License-Identifier: Apache-2.0
"""The server takes requests, ends cleanly when it is told to stop, and may have several processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# A roof without rooms, served as the command serves the house; /slow answers when it may.
PROGRAM = """
import os, sys, time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from flask import Blueprint
from service import access, cli
from service.db import Database
from service.jobs import Jobs
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask

folder, processes, trouble = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
settings = Settings(data=folder, port=0, processes=processes)
Database(settings.database_url).upgrade()
routes = Blueprint("few", __name__)

@routes.get("/who")
@access.anyone
def who():
    return str(os.getpid())

@routes.get("/slow")
@access.anyone
def slow():
    (folder / "asked").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    return "x" * 1_000_000

def note(now):
    (folder / f"jobs-{os.getpid()}").touch()
    return 0

def jobs():
    jobs = Jobs(folder)
    jobs.register("note", note, every=timedelta(minutes=1))
    return jobs

class Roof:
    scopes = ()

    @contextmanager
    def house(self, settings):
        if trouble == "no jobs":
            raise SystemExit(70)
        yield SimpleNamespace(jobs=jobs())

    def web(self, settings):
        if trouble == "no web":
            raise SystemExit(78)
        return create_flask(
            settings,
            problems=Problems(public_url=settings.public_url),
            db=Database(settings.database_url),
            blueprints=(routes,),
            extensions={"jobs": jobs()},
        )

cli.start(settings, roof=Roof())
print("closed", file=sys.stderr, flush=True)
"""


class Served:
    """The command as it runs, its address, and what it has said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(line.strip() for line in self.process.stderr)

    @property
    def address(self) -> str:
        until(lambda: any(line.startswith("Serving ") for line in self.said))
        return next(line for line in self.said if line.startswith("Serving ")).split()[-1]

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=30) as answer:  # noqa: S310  our own
            assert answer.status == 200
            assert answer.headers["Server"] is None
            return bytes(answer.read())

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.said if line.startswith("{")]

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(timeout=30)
        self._reader.join(timeout=30)
        return code


@contextmanager
def serving(folder: Path, processes: int = 1, trouble: str = "") -> Iterator[Served]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(processes), trouble],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    ) as process:
        try:
            yield Served(process)
        finally:
            if process.poll() is None:
                process.kill()


def until(what: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def who_answers(served: Served, at_least: int) -> set[int]:
    """Ask until so many processes have answered."""
    found: set[int] = set()

    def ask() -> bool:
        asked = [threading.Thread(target=lambda: found.add(int(served.get("/who")))) for _ in range(8)]
        for each in asked:
            each.start()
        for each in asked:
            each.join()
        return len(found) >= at_least

    until(ask)
    return found


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("processes", [1, 2])
def test_requests_in_flight_are_finished_when_it_is_told_to_stop(tmp_path: Path, processes: int) -> None:
    with serving(tmp_path, processes) as served:
        answers: list[bytes] = []
        assert json.loads(served.get("/healthz")) == {"status": "ok"}
        asker = threading.Thread(target=lambda: answers.append(served.get("/slow")))
        asker.start()
        until((tmp_path / "asked").exists)
        served.process.send_signal(signal.SIGTERM)
        (tmp_path / "go").touch()
        asker.join(timeout=30)
        assert answers == [b"x" * 1_000_000]
        assert served.wait() == 0
        assert served.said[-1] == "closed"


def test_several_processes_serve_one_address_and_jobs_have_one_of_their_own(tmp_path: Path) -> None:
    with serving(tmp_path, 2) as served:
        web = who_answers(served, 2)
        until(lambda: bool(list(tmp_path.glob("jobs-*"))))
        (noted,) = tmp_path.glob("jobs-*")
        jobs = int(noted.name.removeprefix("jobs-"))
        assert len({*web, jobs, served.process.pid}) == 4
        assert served.end() == 0
        assert not any(is_there(pid) for pid in (*web, jobs))
        assert [line for line in served.said if line.startswith("Serving ")] == served.said[:1]


def test_requests_that_wait_for_a_thread_add_no_lines_of_their_own_to_the_log(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        served.get("/who")
        answers: list[bytes] = []
        asked = [threading.Thread(target=lambda: answers.append(served.get("/slow"))) for _ in range(12)]
        for each in asked:
            each.start()
        until((tmp_path / "asked").exists)
        time.sleep(0.3)  # so that those for whom there is no thread have come too
        (tmp_path / "go").touch()
        for each in asked:
            each.join(timeout=30)
        assert len(answers) == len(asked)
        assert served.end() == 0
        assert {each["event"] for each in served.events()} == {"request"}


def test_a_process_that_dies_is_started_again_and_the_log_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, 2) as served:
        before = who_answers(served, 2)
        dead = before.pop()
        os.kill(dead, signal.SIGKILL)
        assert int(served.get("/who")) in before
        after = who_answers(served, 2)
        while dead in after or len(after - before) < 1:
            after = who_answers(served, 2)
        said = [each for each in served.events() if each["event"] == "process.ended"]
        assert [(each["pid"], each["status"]) for each in said] == [(dead, -signal.SIGKILL)]
        assert served.end() == 0


def test_without_the_parent_nobody_stays_behind(tmp_path: Path) -> None:
    with serving(tmp_path, 2) as served:
        web = who_answers(served, 2)
        served.process.kill()
        until(lambda: not any(is_there(pid) for pid in web))


@pytest.mark.parametrize(("trouble", "code"), [("no web", 78), ("no jobs", 70)])
def test_what_cannot_begin_ends_the_command_as_it_would_alone(
    tmp_path: Path, trouble: str, code: int
) -> None:
    with serving(tmp_path, 2, trouble) as served:
        assert served.wait() == code
    assert not any(line.startswith("Serving ") for line in served.said)
