# SPDX-License-Identifier: Apache-2.0
"""A cell: a process of its own for work on bytes of strangers, so that they can harm nothing but itself.

The process is a module (``python -m room.work``) that calls ``serve``. Before it looks at the first byte it
gives up what it does not need, and cannot have it back: memory and processor time beyond the limits, core
dumps, new processes, files of any size, and every new file descriptor, so it can open neither a file nor a
connection. All that is ever imported is imported before. Few cells of a kind run at once; whoever finds no
place is told to come again, so that the pages of everybody else stay quick.

A question is one value of JSON and bytes; an answer is an object of JSON and bytes, where the member "code"
stands for an error of ours. It arrives as ``RefusedInside`` with its sentence; the room that asked knows its
own leaves.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from credentials.errors import HallmarkError
from service.errors import CellBrokenError, CellBusyError, CellLimitError

MEMORY_BYTES: Final = 536_870_912  # bytes (512 MiB) of address space for one piece of work
CPU_SECONDS: Final = 10  # seconds of work
WALL_SECONDS: Final = 20  # seconds until an answer, also on a busy machine
AT_ONCE: Final = 2  # of one kind in one process of ours; each may take a core and MEMORY_BYTES
TAKEN_SECONDS: Final = 30  # seconds to take an answer that is handed out as a stream
PLACE_SECONDS: Final = 2.0  # seconds to wait for a turn; a thread of the server waits with it
NICE: Final = 10  # whoever reads a page comes before whoever looks into a file

_ROOT: Final = Path(__file__).resolve().parent.parent
_PYTHON: Final = (sys.executable, "-P", "-s", "-B", "-X", "utf8", "-m")
_ENVIRONMENT: Final = {"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "LANG": "C.UTF-8"}

_TOO_MUCH: Final = "There is too much in this to look into it."
_BROKEN: Final = "This cannot be looked into at the moment."

Work = Callable[[Any, bytes], tuple[dict[str, Any], bytes]]  # a question and bytes → an answer and bytes


class RefusedInside(Exception):  # noqa: N818  an answer of the cell, of which its asker makes an error
    """The work ended with an error of ours.

    Attributes:
        error_code: Of the error's class.
        message: Its sentence.
    """

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.message = message


class Cell:
    """One kind of work that is done in processes of its own.

    Args:
        module: What is run; it calls ``serve``.
        at_once: How many run at the same time; further ones wait.
    """

    def __init__(self, module: str, *, at_once: int = AT_ONCE) -> None:
        self._command = (*_PYTHON, module)
        self._places = threading.BoundedSemaphore(at_once)

    def ask(
        self, question: object, data: bytes, *, place_seconds: float = PLACE_SECONDS
    ) -> tuple[dict[str, Any], memoryview]:
        """Start the process, and return its answer and the bytes behind it.

        Raises:
            RefusedInside: It raised an error of ours.
            CellBusyError: There was no place in time.
            CellLimitError: It was ended by a limit of memory or time.
            CellBrokenError: It could not be started, or failed.
        """
        head = json.dumps(question).encode() + b"\n"
        try:
            with self.place(seconds=place_seconds):
                done = subprocess.run(  # noqa: S603  our own module, nothing of the bytes in the command
                    self._command,
                    input=head + data,
                    capture_output=True,
                    timeout=WALL_SECONDS,
                    check=False,
                    cwd="/",
                    env=_ENVIRONMENT,
                )
        except subprocess.TimeoutExpired as error:
            raise CellLimitError(_TOO_MUCH) from error
        except OSError as error:
            raise CellBrokenError(_BROKEN) from error
        return _answer(done.returncode, done.stdout)

    @contextmanager
    def answering(
        self, question: object, data: bytes, *, place_seconds: float = PLACE_SECONDS
    ) -> Iterator[tuple[dict[str, Any], IO[bytes]]]:
        """Like ``ask``, but hand out the bytes as a stream, so that they need not be held all at once.

        The place is held until the stream is left, and the process ends then. Whoever reads less than the
        answer promises has met a limit.
        """
        head = json.dumps(question).encode() + b"\n"
        with self.place(seconds=place_seconds):
            try:
                process = subprocess.Popen(  # noqa: S603  our own module, nothing of the bytes in the command
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_ENVIRONMENT,
                )
            except OSError as error:
                raise CellBrokenError(_BROKEN) from error
            with process, _ended_after(process, WALL_SECONDS) as answered:
                assert process.stdin is not None  # noqa: S101  both are pipes
                assert process.stdout is not None  # noqa: S101
                with suppress(BrokenPipeError):
                    process.stdin.write(head + data)
                    process.stdin.flush()
                with suppress(BrokenPipeError):
                    process.stdin.close()
                line = process.stdout.readline()
                answered()
                members, _ = _answer(0 if line.endswith(b"\n") else process.wait(), line)
                with _ended_after(process, TAKEN_SECONDS):
                    yield members, process.stdout

    @contextmanager
    def place(self, *, seconds: float = PLACE_SECONDS) -> Iterator[None]:
        """Hold one of the places.

        Raises:
            CellBusyError: None became free in time.
        """
        if not self._places.acquire(timeout=seconds):
            raise CellBusyError("Many files are being looked into at the moment. Try again in a minute.")
        try:
            yield
        finally:
            self._places.release()


@contextmanager
def _ended_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[Callable[[], None]]:
    """End the process after so long, unless what is given is called before; and in any case at the end."""
    alarm = threading.Timer(seconds, process.kill)
    alarm.daemon = True
    alarm.start()
    try:
        yield alarm.cancel
    finally:
        alarm.cancel()
        process.kill()


def _answer(returncode: int, output: bytes) -> tuple[dict[str, Any], memoryview]:
    """Return what the process has answered, or raise what it has raised."""
    end = output.find(b"\n")
    if returncode < 0 or (returncode == 0 and end < 0):
        raise CellLimitError(_TOO_MUCH, got=returncode)
    if returncode != 0:
        raise CellBrokenError(_BROKEN, got=returncode)
    members = json.loads(output[:end])
    if "code" in members:
        if members["code"] == CellLimitError.code:
            raise CellLimitError(_TOO_MUCH)
        raise RefusedInside(members["code"], members["message"])
    return members, memoryview(output)[end + 1 :]


def serve(work: Work, *, max_bytes: int, warm: Callable[[Any], None], open_files: int = 0) -> None:
    """Be the process: read question and bytes, give up everything, do ``work``, and answer.

    Args:
        work: What is done; ``HallmarkError`` of it becomes the answer.
        max_bytes: How many bytes are read at most.
        warm: Imports what the work on this question will need; afterwards nothing can be imported.
        open_files: How many files it may have open; 0: it can open no file and no connection.
    """
    logging.disable()
    question = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read(max_bytes + 1)
    warm(question)
    give_up(open_files=open_files)
    try:
        answer, found = work(question, data)
    except (MemoryError, RecursionError):
        _write({"code": CellLimitError.code}, b"")
    except HallmarkError as error:
        _write({"code": error.code, "message": error.message}, b"")
    else:
        _write(answer, found)


def give_up(*, open_files: int = 0) -> None:
    """Give up what work on foreign bytes does not need; it cannot be had back."""
    os.nice(NICE)
    sys.meta_path.clear()  # what is not imported by now never will be
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, open_files),
    ):
        _, hard = resource.getrlimit(kind)
        lower = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (lower, lower))


def _write(members: dict[str, Any], data: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(members).encode() + b"\n" + data)
    sys.stdout.buffer.flush()
