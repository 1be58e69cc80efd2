# SPDX-License-Identifier: Apache-2.0
"""The queue is a bell: rings may be lost, doubled and late, and jobs may fail; what is due is done anyway."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service import jobs as jobs_module
from service.db import Database
from service.errors import JobUnknownError
from service.jobs import FILE_NAME, Jobs
from service.mail import MailState
from service.mail_queue import LEASE
from service.post_office import FOLDER, PostOffice
from service.settings import Settings
from tests import warm
from tests.service.letters import NOW, find, post

SOON = 20  # seconds after which something that should have happened has not


class Counter:
    """A job that counts its runs, and lets a test wait for them."""

    def __init__(self) -> None:
        self.moments: list[datetime] = []
        self._ran = threading.Semaphore(0)

    def __call__(self, now: datetime) -> int:
        self.moments.append(now)
        self._ran.release()
        return 1

    def wait(self) -> None:
        assert self._ran.acquire(timeout=SOON)


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    opened = Jobs(tmp_path)
    yield opened
    opened.close()


def waiting(folder: Path) -> list[str]:
    """The messages that lie in the queue's file."""
    with sqlite3.connect(folder / FILE_NAME) as connection:
        rows = connection.execute("SELECT data FROM task ORDER BY id").fetchall()
    connection.close()
    return [json.loads(data)["job"] for (data,) in rows]


def test_a_job_runs_here_and_now(jobs: Jobs) -> None:
    counter = Counter()
    jobs.register("count", counter)
    assert jobs.run("count", NOW) == 1
    assert counter.moments == [NOW]


def test_nothing_is_opened_before_the_first_ring(jobs: Jobs, tmp_path: Path) -> None:
    jobs.register("count", Counter())
    assert list(tmp_path.iterdir()) == []


def test_the_queue_is_private_and_holds_names_only(jobs: Jobs, tmp_path: Path) -> None:
    jobs.register("count", Counter())
    jobs.ring("count")
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    [message] = waiting(tmp_path)
    assert message.endswith("count")


def test_a_bell_that_rings_already_is_left_alone(jobs: Jobs, tmp_path: Path) -> None:
    for name in ("one", "two"):
        jobs.register(name, Counter())
    for name in ("one", "two", "one", "one"):
        jobs.ring(name)
    assert len(waiting(tmp_path)) == 2


def test_a_worker_hears_the_bell(jobs: Jobs) -> None:
    counter = Counter()
    jobs.register("count", counter)
    with jobs.working(1):
        counter.wait()  # Every job is rung at the start.
        jobs.ring("count")
        counter.wait()
    assert all(moment.tzinfo is UTC for moment in counter.moments)


def test_what_was_rung_before_a_crash_is_done_at_the_next_start(tmp_path: Path) -> None:
    before = Jobs(tmp_path)
    before.register("count", Counter())
    before.ring("count")
    before.close()
    after, counter = Jobs(tmp_path), Counter()
    after.register("count", counter)
    with after.working(1):
        counter.wait()
    assert waiting(tmp_path) == []


def test_a_job_that_fails_stops_neither_worker_nor_others(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    counter, failures = Counter(), []

    def fail(now: datetime) -> int:
        failures.append(now)
        raise ValueError("ada@teachers.example")

    jobs.register("fail", fail)
    jobs.register("succeed", counter)
    with jobs.working(1):
        counter.wait()
        jobs.ring("fail")
        jobs.ring("succeed")
        counter.wait()
    assert failures
    lines = [record for record in caplog.records if record.msg == "job.failed"]
    assert lines
    members = vars(lines[0])["members"]
    assert members["job"].endswith("fail")
    assert len(members["id"]) == 36
    assert "ada@" not in repr(members)


def test_a_stale_ring_of_a_job_that_is_gone_is_harmless(tmp_path: Path) -> None:
    before = Jobs(tmp_path)
    before.register("gone", Counter())
    before.ring("gone")
    before.close()
    after, counter = Jobs(tmp_path), Counter()
    after.register("count", counter)
    with after.working(1):
        counter.wait()
    assert waiting(tmp_path) == []


@pytest.mark.parametrize("message", [b"\x80\x04cos\nsystem\n", b"not JSON", b'{"job": 7}', b'["job"]', b"{}"])
def test_a_message_that_is_no_name_runs_nothing(
    tmp_path: Path, message: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    jobs, counter = Jobs(tmp_path), Counter()
    jobs.register("count", counter)
    jobs.ring("count")
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE task SET data = ?", (message,))
    connection.close()
    with jobs.working(1):
        counter.wait()
    assert waiting(tmp_path) == []
    assert len(counter.moments) == 1


def test_a_ring_that_cannot_be_heard_is_logged_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).mkdir()
    jobs = Jobs(tmp_path)
    jobs.register("count", Counter())
    jobs.ring("count")
    assert [record.msg for record in caplog.records] == ["jobs.ring-lost"]


def test_a_running_job_is_finished_when_the_worker_is_told_to_stop(jobs: Jobs) -> None:
    begun, go_on, finished = threading.Event(), threading.Event(), []

    def long(now: datetime) -> int:
        begun.set()
        assert go_on.wait(SOON)
        finished.append(now)
        return 1

    jobs.register("long", long)
    with jobs.working(1):
        assert begun.wait(SOON)
        threading.Timer(0.2, go_on.set).start()
    assert finished


def test_without_workers_nothing_runs(jobs: Jobs, tmp_path: Path) -> None:
    counter = Counter()
    jobs.register("count", counter, every=timedelta(minutes=1))
    with jobs.working(0):
        jobs.ring("count")
    assert counter.moments == []
    assert len(waiting(tmp_path)) == 1


def test_a_periodic_job_comes_again_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr("service.jobs.clock.monotonic", lambda: seconds[0])
    asked = jobs_module._Clock(timedelta(minutes=5))
    due = []
    for _ in range(11):
        seconds[0] += 60
        due.append(asked(NOW))
    assert due == [False, False, False, False, True] * 2 + [False]


def test_only_registered_jobs_are_known(jobs: Jobs) -> None:
    jobs.register("b", Counter())
    jobs.register("a", Counter())
    assert jobs.names == ("a", "b")
    for attempt in (lambda: jobs.ring("c"), lambda: jobs.run("c", NOW)):
        with pytest.raises(JobUnknownError, match="Jobs: a, b"):
            attempt()


def test_a_job_is_registered_once_in_time_and_not_too_often(jobs: Jobs) -> None:
    jobs.register("a", Counter())
    with pytest.raises(ValueError, match="already"):
        jobs.register("a", Counter())
    with pytest.raises(ValueError, match="once a minute"):
        jobs.register("b", Counter(), every=timedelta(seconds=59))
    jobs.ring("a")
    with pytest.raises(ValueError, match="before the first ring"):
        jobs.register("b", Counter())


# -- killed -----------------------------------------------------------------------------------------------


def _worker(settings: Settings) -> warm.Process:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HALLMARK_")}
    return warm.Process("hallmark", "work", "--data", str(settings.data), env=environ)


def _wait_until_sent(worker: warm.Process, count: int) -> None:
    """Read the worker's log until it has sent so many mails."""
    end = time.monotonic() + 60
    while worker.told().count('"event": "mail.sent"') < count:
        assert worker.poll() is None, worker.told()
        assert time.monotonic() < end, worker.told()
        time.sleep(0.001)


@pytest.mark.fault
def test_a_worker_killed_in_the_middle_of_its_mails_is_replaced_by_the_next(
    settings: Settings, db: Database
) -> None:
    """Killed after its 7th and its 11th mail; the third one is told to stop and ends by itself."""
    count = 40
    for number in range(count):
        post(db, key=f"k{number}", now=datetime.now(UTC))
    for killed_after in (7, 11):
        worker = _worker(settings)
        _wait_until_sent(worker, killed_after)
        worker.kill()
        worker.communicate()
    left = sum(find(db, f"k{number}").state is MailState.WAITING for number in range(count))
    leased = sum(find(db, f"k{number}").attempts > 0 for number in range(count)) - (count - left)
    assert leased <= 2  # At most one in the hands of each of the killed.
    worker = _worker(settings)
    _wait_until_sent(worker, left - leased)
    worker.stop()
    worker.communicate()
    assert worker.returncode == 0
    PostOffice(db, settings).deliver(datetime.now(UTC) + LEASE)
    assert all(find(db, f"k{number}").state is MailState.SENT for number in range(count))
    names = sorted(path.name for path in (settings.data / FOLDER).iterdir() if path.suffix == ".eml")
    assert names == [f"{number:04d}-trial.eml" for number in range(1, count + 1)]
