# SPDX-License-Identifier: Apache-2.0
"""A cell does work on foreign bytes in a process of its own, and says how it ended."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from service import cell
from service.cell import Cell, RefusedInside
from service.errors import CellBrokenError, CellBusyError, CellLimitError

WORKER = """
import sys
from typing import Any
from credentials.errors import MalformedError
from service.cell import serve

def work(question: Any, data: bytes) -> tuple[dict[str, Any], bytes]:
    if question == "refuse":
        raise MalformedError("This is not what it says it is.")
    if question == "grow":
        bytearray(700_000_000)
    if question == "recurse":
        work2(0)
    if question == "die":
        import os
        os.abort()
    if question == "fail":
        raise KeyError("a bug")
    return {"asked": question}, data[::-1]

def work2(depth: int) -> int:
    return work2(depth + 1)

serve(work, max_bytes=100, warm=lambda question: None)
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cell:
    (tmp_path / "a_worker.py").write_text(WORKER)
    path = f"{cell._ENVIRONMENT['PYTHONPATH']}:{tmp_path}"
    monkeypatch.setitem(cell._ENVIRONMENT, "PYTHONPATH", path)
    return Cell("a_worker")


def test_answers_with_an_object_and_bytes(worker: Cell) -> None:
    members, data = worker.ask({"a": [1]}, b"ab\ncd")
    assert (members, bytes(data)) == ({"asked": {"a": [1]}}, b"dc\nba")


def test_an_error_of_ours_keeps_its_code_and_sentence(worker: Cell) -> None:
    with pytest.raises(RefusedInside) as caught:
        worker.ask("refuse", b"")
    assert (caught.value.error_code, caught.value.message) == (
        "malformed",
        "This is not what it says it is.",
    )


@pytest.mark.parametrize("question", ["grow", "recurse", "die"])
def test_what_meets_a_limit_is_told_apart(worker: Cell, question: str) -> None:
    with pytest.raises(CellLimitError):
        worker.ask(question, b"")


def test_a_bug_inside_is_our_side_broken(worker: Cell) -> None:
    with pytest.raises(CellBrokenError):
        worker.ask("fail", b"")
    with pytest.raises(CellBrokenError):
        Cell("no_such_module_of_ours").ask("", b"")


def test_few_run_at_once(worker: Cell) -> None:
    alone = Cell("a_worker", at_once=1)
    with alone.place(), pytest.raises(CellBusyError):
        alone.ask("", b"", place_seconds=0.01)
    assert alone.ask("x", b"")[0] == {"asked": "x"}


def test_a_machine_that_starts_no_process_is_our_side_broken(
    worker: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_args: object, **_options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(CellBrokenError):
        worker.ask("x", b"")
