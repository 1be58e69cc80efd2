# SPDX-License-Identifier: Apache-2.0
"""Several processes of one command: a parent that works on nothing, and children that it keeps alive.

``spread`` forks, before anything is opened, and returns in every child what its part is; in the parent it
returns None when all have ended. So each part is as if it stood alone:

- A child that dies is started again, with a line in the log; one that dies at once waits a little before.
- If a child cannot even begin, all are stopped and the command ends as that child did.
- SIGTERM and SIGINT go to all children, who finish what they are doing. Who takes too long is killed.
- A parent that dies takes its children along: each holds a pipe whose other end only the parent has.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from service import clock, log

STOP_SECONDS: Final = 30.0  # how long children may take to end; more than server and jobs ask for themselves
EARLY_SECONDS: Final = 2.0  # a child that lived no longer is not started again before this time

_HEARD: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
# How a child may end that was told to.
_CLEAN: Final = (0, -signal.SIGTERM, -signal.SIGINT, 128 + signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Part:
    """What a child knows of itself.

    Attributes:
        name: Its part, one of those given to ``spread``.
        ready: To be called when it works; the parent waits for all before it says so.
    """

    name: str
    ready: Callable[[], None]


@dataclass(slots=True)
class _Child:
    name: str
    pid: int
    begun: float
    due: float | None = None  # when it may be started again; None: it runs


def spread(names: Sequence[str], *, all_ready: Callable[[], None]) -> Part | None:
    """Fork a child for each name. Return its part in a child; in the parent None, when all have ended.

    Call it in the main thread, and before other threads, connections or files are there.

    Args:
        names: The parts, such as ``web-1``; at most 255.
        all_ready: Called in the parent once, when every child has said that it works.

    Raises:
        SystemExit: In the parent: with the code of a child that could not begin, or 1 if one did not end
            cleanly.
    """
    gc.collect()
    gc.freeze()  # So that the children's collectors leave alone what they share with the parent.
    herd = _Herd(names, all_ready)
    for name in names:
        part = herd.bear(name)
        if part is not None:
            return part
    while herd.children:
        part = herd.watch()
        if part is not None:
            return part
    herd.close()
    if herd.code:
        sys.exit(herd.code)
    return None


class _Herd:
    """The parent's view: its children, and the pipes between them."""

    def __init__(self, names: Sequence[str], all_ready: Callable[[], None]) -> None:
        self.children: list[_Child] = []
        self.code = 0
        self._names = names
        self._all_ready: Callable[[], None] | None = all_ready
        self._ready: set[int] = set()
        self._stopping: float | None = None  # when whoever still runs is killed
        self._told, self._tell = os.pipe()  # "I work": the number of the part as one byte
        self._wake, self._waker = os.pipe()  # written by signals, so that they are heard at once
        self._lifeline, self._hold = os.pipe()  # never written; it ends with the parent
        for descriptor in (self._told, self._wake, self._waker):
            os.set_blocking(descriptor, False)
        self._before: dict[signal.Signals, Any] = {each: signal.getsignal(each) for each in _HEARD}
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def bear(self, name: str) -> Part | None:
        """Fork; return the part in the child, None in the parent."""
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            pid = os.fork()
            if pid:
                self.children.append(_Child(name, pid, clock.monotonic()))
                return None
            self._give_back_signals()
            for descriptor in (self._told, self._wake, self._waker, self._hold):
                os.close(descriptor)
            threading.Thread(target=_end_with_parent, args=(self._lifeline,), daemon=True).start()
            number, tell = self._names.index(name), self._tell
            return Part(name, lambda: _say_ready(tell, number))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def watch(self) -> Part | None:
        """Wait until something happens, and see to it. Return as ``bear``, if it has borne one again."""
        select.select([self._told, self._wake], [], [], self._patience())
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4_096)
        with contextlib.suppress(BlockingIOError):
            self._ready.update(os.read(self._told, 4_096))
        for child in [each for each in self.children if each.due is None]:
            self._bury(child)
        now = clock.monotonic()
        if self._stopping is not None:
            self.children = [each for each in self.children if each.due is None]
            if now >= self._stopping:
                self._signal(signal.SIGKILL)
                self._stopping = now + STOP_SECONDS
            return None
        if self._all_ready is not None and len(self._ready) == len(self._names):
            self._all_ready()
            self._all_ready = None
        for child in [each for each in self.children if each.due is not None and each.due <= now]:
            self.children.remove(child)
            part = self.bear(child.name)
            if part is not None:
                return part
        return None

    def close(self) -> None:
        """Leave everything as it was."""
        self._give_back_signals()
        pipes = (self._told, self._tell, self._wake, self._waker, self._lifeline, self._hold)
        for descriptor in pipes:
            os.close(descriptor)

    def _bury(self, child: _Child) -> None:
        """Take leave of a child if it has ended, and decide what follows from that."""
        pid, status = os.waitpid(child.pid, os.WNOHANG)
        if not pid:
            return
        code, now = os.waitstatus_to_exitcode(status), clock.monotonic()
        if self._stopping is not None:
            self.children.remove(child)
            self.code = self.code or int(code not in _CLEAN)
        elif self._names.index(child.name) not in self._ready:
            self.children.remove(child)
            self.code = max(code, 1)
            self._stop(signal.SIGTERM, None)
        else:
            log.event("process.ended", level=logging.ERROR, part=child.name, pid=child.pid, status=code)
            child.due = max(now, child.begun + EARLY_SECONDS)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = self._stopping or clock.monotonic() + STOP_SECONDS
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        for child in self.children:
            if child.due is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, number)

    def _patience(self) -> float | None:
        """Return for how long there is nothing to do unless something happens."""
        moments = [child.due for child in self.children if child.due is not None]
        if self._stopping is not None:
            moments.append(self._stopping)
        return max(0.0, min(moments) - clock.monotonic()) if moments else None

    def _give_back_signals(self) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _say_ready(tell: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # the parent is gone; the lifeline tells of that
        os.write(tell, bytes([number]))


def _end_with_parent(lifeline: int) -> None:
    """End this process as by SIGTERM when the parent is gone."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
