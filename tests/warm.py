# SPDX-License-Identifier: Apache-2.0
"""Processes that begin with everything imported: copies of one that waits for that (``multiprocessing``).

What a test kills or asks by its command line is a process of its own, with its own memory, files and signals.
It only need not spend two seconds on imports first, nor draw again what the run has drawn
(``tests.running.share_pictures``), so a test can afford many.

::

    done = warm.run("tests.faults.crash", str(folder), "signed", "key-1")
    assert done.returncode == -signal.SIGKILL
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

from tests import running

ROOT = Path(__file__).resolve().parent.parent
_LOADED = ["app", "demo", "hallmark", "tests.earning.house", "tests.issuer.house"]
_SECONDS = 120.0  # no process of a test needs as long


class Process:
    """``python -m MODULE ARGUMENTS``, with its output kept; the names are those of ``subprocess.Popen``."""

    def __init__(
        self, module: str, *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> None:
        self._said = tempfile.TemporaryDirectory(prefix="hallmark-warm-")
        for name in ("out", "err"):
            Path(self._said.name, name).touch(mode=0o600)
        given = dict(os.environ if env is None else env)
        self._process = _context().Process(target=_be, args=(module, arguments, given, cwd, self._said.name))
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended: what it returned, or the signal below zero; None: it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self, seconds: float) -> None:
        """Wait for its end, but no longer than so many seconds."""
        self._process.join(seconds)

    def kill(self) -> None:
        """End it (signal 9)."""
        self._process.kill()

    def stop(self) -> None:
        """Tell it to end (SIGTERM)."""
        self._process.terminate()

    def told(self) -> str:
        """What it has written to standard error so far."""
        return Path(self._said.name, "err").read_text(encoding="utf-8")

    def communicate(self, timeout: float = _SECONDS) -> tuple[str, str]:
        """Wait for its end, and return what it has written; whoever takes too long is killed."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            self.kill()
            self._process.join()
            raise subprocess.TimeoutExpired(str(self._process.name), timeout)
        out, err = (Path(self._said.name, name).read_text(encoding="utf-8") for name in ("out", "err"))
        self._said.cleanup()
        return out, err


def run(
    module: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    timeout: float = _SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Run a module to its end."""
    process = Process(module, *arguments, env=env, cwd=cwd)
    out, err = process.communicate(timeout)
    assert process.returncode is not None
    return subprocess.CompletedProcess((module, *arguments), process.returncode, out, err)


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    return context


def _be(module: str, arguments: tuple[str, ...], env: dict[str, str], cwd: Path, folder: str) -> None:
    """Be the process."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module, *arguments]
    running.share_pictures()
    with contextlib.suppress(BrokenPipeError):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
