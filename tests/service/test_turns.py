# SPDX-License-Identifier: Apache-2.0
"""Writers of one file take turns: nobody waits for long while another writes and writes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from service import turns as turns_module
from service.db import Database
from service.errors import DatabaseUnavailableError
from service.turns import Turns


def test_nobody_waits_much_longer_than_the_others_have_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_module, "PATIENCE", 0.02)
    turns = Turns(tmp_path / "x.sqlite3")
    counted = [0] * 4
    end = time.monotonic() + 0.8

    def write(number: int) -> None:
        while time.monotonic() < end:
            with turns.taken(seconds=5):
                counted[number] += 1
                time.sleep(0.002)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(counted) >= 4


def test_only_one_has_the_turn(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "x.sqlite3")
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turns.taken(seconds=5):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0002)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)


def test_who_waits_too_long_is_told_and_does_not_keep_the_turn(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "x.sqlite3")
    with turns.taken(seconds=5), pytest.raises(DatabaseUnavailableError), turns.taken(seconds=0.05):
        pass
    with turns.taken(seconds=5):
        pass


def test_a_killed_process_gives_its_turn_back(tmp_path: Path) -> None:
    said = (
        "import sys, pathlib; from service.turns import Turns\n"
        "with Turns(pathlib.Path(sys.argv[1])).taken(seconds=5):\n"
        "    print('mine', flush=True); sys.stdin.read()"
    )
    path = tmp_path / "x.sqlite3"
    other = subprocess.Popen(
        [sys.executable, "-c", said, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(DatabaseUnavailableError), Turns(path).taken(seconds=0.05):
            pass
        other.kill()
    with Turns(path).taken(seconds=5):
        pass


def test_where_nothing_can_be_locked_the_database_decides_alone(tmp_path: Path) -> None:
    with Turns(tmp_path / "nowhere" / "x.sqlite3").taken(seconds=0):
        pass


@pytest.mark.sqlite("its writers take turns at a file")
def test_a_writing_transaction_waits_for_its_turn_and_a_reading_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.db.TURN_SECONDS", 0.05)
    path = tmp_path / "x.sqlite3"
    database = Database(f"sqlite:///{path}")
    with Turns(path).taken(seconds=5):
        database.ping()
        with pytest.raises(DatabaseUnavailableError), database.transaction():
            pass
    with database.transaction(), database.transaction():
        pass
    database.close()
