# SPDX-License-Identifier: Apache-2.0
"""Asks an HTTP service on this machine, as fast as it answers or at a fixed rate, and tells how long it took.

``python -m benchmarks.load http://127.0.0.1:PORT/verify FILE SECONDS CLIENTS [RATE]`` posts the file, and
prints one line of JSON: answers, seconds, answers per second, p50, p99 and the longest (ms), errors.

At a fixed rate the loop is open: each request has its moment, and its time counts from that moment, whether a
connection was free or not. So waiting is counted, as for people (not so if one waits for an answer before one
asks again). It only speaks to 127.0.0.1, and ends by itself.
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
CONNECTIONS = 48  # that wait for their moment, at a fixed rate


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one run of requests gave."""

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
    taken: list[float] = field(default_factory=list)
    errors: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, milliseconds: float | None) -> None:
        with self.lock:
            if milliseconds is None:
                self.errors += 1
            else:
                self.taken.append(milliseconds)


def load(url: str, body: bytes, *, seconds: float, clients: int, rate: float | None = None) -> Loaded:
    """Post ``body`` to ``url`` for ``seconds``, by ``clients`` or at ``rate`` per second.

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
    target = _Target(parts.port, head.encode("ascii") + body)
    begun = time.perf_counter()
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
    return Loaded(
        len(target.taken),
        elapsed,
        len(target.taken) / elapsed,
        percentile(taken, 0.5),
        percentile(taken, 0.99),
        max(taken),
        target.errors,
    )


def _closed(target: _Target, until: float) -> None:
    connection = _Connection(target)
    while (begun := time.perf_counter()) < until:
        target.note((time.perf_counter() - begun) * 1000 if connection.ask() else None)
    connection.close()


def _open(target: _Target, begun: float, seconds: float, rate: float, moments: count[int]) -> None:
    connection = _Connection(target)
    while True:
        with target.lock:
            moment = begun + next(moments) / rate
        if moment >= begun + seconds:
            break
        time.sleep(max(0.0, moment - time.perf_counter()))
        target.note((time.perf_counter() - moment) * 1000 if connection.ask() else None)
    connection.close()


class _Connection:
    """One connection that is kept; opened again where it broke."""

    def __init__(self, target: _Target) -> None:
        self._target = target
        self._socket: socket.socket | None = None

    def ask(self) -> bool:
        """Send the request and read the whole answer; tell whether it was 200."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._target.port), timeout=TIMEOUT)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(self._target.request)
            return self._read(self._socket)
        except OSError:
            self.close()
            return False

    def _read(self, connection: socket.socket) -> bool:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._some(connection)
        head = data[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        left = end + 4 + length - len(data)
        while left > 0:
            left -= len(self._some(connection))
        if b"connection: close" in head:
            self.close()
        return head.startswith(b"http/1.1 200")

    @staticmethod
    def _some(connection: socket.socket) -> bytes:
        some = connection.recv(65_536)
        if not some:
            raise ConnectionResetError
        return some

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


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
