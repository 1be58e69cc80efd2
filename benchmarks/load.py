# SPDX-License-Identifier: Apache-2.0
"""Asks an HTTP service on this machine, as fast as it answers or at a fixed rate, and tells how long it took.

``python -m benchmarks.load http://127.0.0.1:PORT/verify FILE SECONDS CLIENTS [RATE]`` posts the file, and
prints one line of JSON: answers, seconds, answers per second, p50, p99 and the longest (ms), errors.

At a fixed rate the loop is open: each request has its moment, and its time counts from that moment, whether a
connection was free or not. So waiting is counted, as for people (not so if one waits for an answer before one
asks again). It only speaks to 127.0.0.1, and ends by itself: what has no answer ``GRACE`` seconds after the
last moment is counted as an error, and so is what could not even be asked by then.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.protocol import percentile

TIMEOUT = 10.0  # seconds for one answer
GRACE = 15.0  # seconds after the last moment in which whoever is late may still be asked and answer
CONNECTIONS = 48  # that wait for their moment, at a fixed rate


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one run of requests gave.

    Attributes:
        count: Requests that were answered with 200.
        seconds: How long all took.
        per_second: Answers for each of these seconds.
        p50: Milliseconds within which half of the requests were answered, or given up; so ``p99``.
        longest: The longest of them.
        errors: Requests without such an answer.
    """

    count: int
    seconds: float
    per_second: float
    p50: float
    p99: float
    longest: float
    errors: int


@dataclass(slots=True)
class _Target:
    port: int
    request: bytes
    end: float  # when everything is over, answered or not
    taken: list[float] = field(default_factory=list)
    errors: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, since: float, *, is_answered: bool) -> None:
        """Count one request, and how long it took or was waited for."""
        with self.lock:
            self.taken.append((time.perf_counter() - since) * 1000)
            self.errors += not is_answered


def load(
    url: str, body: bytes, *, seconds: float, clients: int, rate: float | None = None, grace: float = GRACE
) -> Loaded:
    """Post ``body`` to ``url`` for ``seconds``, by ``clients`` or at ``rate`` per second.

    It takes no longer than ``seconds`` and ``grace`` together, whoever does not answer.

    Raises:
        ValueError: The address is not on this machine.
    """
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1" or parts.port is None:
        raise ValueError("only 127.0.0.1 is asked")
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: 127.0.0.1:{parts.port}\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    begun = time.perf_counter()
    target = _Target(parts.port, head.encode("ascii") + body, begun + seconds + grace)
    if rate is None:
        work = [threading.Thread(target=_closed, args=(target, begun + seconds)) for _ in range(clients)]
    else:
        moments = count()
        work = [
            threading.Thread(target=_open, args=(target, begun, seconds, rate, moments))
            for _ in range(CONNECTIONS)
        ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    elapsed = time.perf_counter() - begun
    taken = target.taken or [0.0]
    answered = len(target.taken) - target.errors
    return Loaded(
        answered,
        elapsed,
        answered / elapsed,
        percentile(taken, 0.5),
        percentile(taken, 0.99),
        max(taken),
        target.errors,
    )


def _closed(target: _Target, until: float) -> None:
    connection = _Connection(target)
    while (begun := time.perf_counter()) < until:
        target.note(begun, is_answered=connection.ask())
    connection.close()


def _open(target: _Target, begun: float, seconds: float, rate: float, moments: count[int]) -> None:
    connection = _Connection(target)
    while True:
        with target.lock:
            moment = begun + next(moments) / rate
        if moment >= begun + seconds:
            break
        time.sleep(max(0.0, moment - time.perf_counter()))
        target.note(moment, is_answered=time.perf_counter() < target.end and connection.ask())
    connection.close()


class _Connection:
    """One connection that is kept; opened again where it broke."""

    def __init__(self, target: _Target) -> None:
        self._target = target
        self._socket: socket.socket | None = None

    def ask(self) -> bool:
        """Send the request and read the whole answer in time; tell whether it was 200."""
        until = min(time.perf_counter() + TIMEOUT, self._target.end)
        try:
            if self._socket is None:
                self._socket = socket.create_connection(
                    ("127.0.0.1", self._target.port), timeout=_left(until)
                )
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.settimeout(_left(until))
            self._socket.sendall(self._target.request)
            return self._read(self._socket, until)
        except OSError:
            self.close()
            return False

    def _read(self, connection: socket.socket, until: float) -> bool:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._some(connection, until)
        head = data[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        left = end + 4 + length - len(data)
        while left > 0:
            left -= len(self._some(connection, until))
        if b"connection: close" in head:
            self.close()
        return head.startswith(b"http/1.1 200")

    @staticmethod
    def _some(connection: socket.socket, until: float) -> bytes:
        connection.settimeout(_left(until))
        some = connection.recv(65_536)
        if not some:
            raise ConnectionResetError
        return some

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _left(until: float) -> float:
    """Return how many seconds are left.

    Raises:
        TimeoutError: None.
    """
    left = until - time.perf_counter()
    if left <= 0:
        raise TimeoutError
    return left


def main(url: str, file: str, seconds: str, clients: str, rate: str | None = None) -> None:
    """Ask, and print."""
    found = load(
        url,
        Path(file).read_bytes(),
        seconds=float(seconds),
        clients=int(clients),
        rate=float(rate) if rate is not None else None,
    )
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
