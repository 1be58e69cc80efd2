# SPDX-License-Identifier: Apache-2.0
"""Connections that are watched by the kernel: nobody waits for another, whatever each of them does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest

from service import server
from service.connections import PIPELINED, Channel, Server

GET = b"GET /%s HTTP/1.1\r\nHost: here\r\n\r\n"
LARGE = 8_000_000  # bytes; more than the kernel takes at once


class App:
    """Answers its path; ``/large`` is long, ``/wait`` waits until it may, ``/broken`` is a mistake."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].lstrip("/")
        if path == "broken":
            raise KeyError(path)
        if path == "wait":
            self.asked.set()
            assert self.go.wait(30)
        body = b"x" * LARGE if path == "large" else path.encode() + environ["wsgi.input"].read()
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]


class Running:
    """A server in a thread of this process; counts its turns."""

    def __init__(self, **adjustments: Any) -> None:
        self.app = App()
        listening = server.listen("127.0.0.1", 0)
        self.port = listening.getsockname()[1]
        app: Any = self.app
        self.server = Server(app, listening, **{"threads": 2, "ident": None, **adjustments})
        self.turns = 0
        self._is_told = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_told:
            self.server.turn(0.2)
            self.turns += 1

    @contextmanager
    def visitor(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            yield connection

    def waiting(self, *, more_than: int) -> int:
        """Count visitors who have left more than so many bytes unread."""
        return sum(each.total_outbufs_len > more_than for each in list(self.server.active_channels.values()))

    def end(self) -> None:
        self._is_told = True
        self.app.go.set()
        self.server.pull_trigger()
        self._thread.join(timeout=30)
        self.server.task_dispatcher.shutdown()
        for channel in list(self.server.active_channels.values()):
            channel.handle_close()
        self.server.close()


@pytest.fixture
def running() -> Iterator[Running]:
    found = Running()
    yield found
    found.end()


def answer(connection: socket.socket) -> bytes:
    """Read one answer and no byte more; return its body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        some = connection.recv(1)
        assert some, head
        head += some
    assert head.startswith(b"HTTP/1.1 200"), head
    left = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = bytearray()
    while len(body) < left:
        some = connection.recv(left - len(body))
        assert some
        body += some
    return bytes(body)


def test_many_kept_connections_are_all_answered_again_and_again(running: Running) -> None:
    with ExitStack() as stack:
        visitors = [stack.enter_context(running.visitor()) for _ in range(60)]
        for turn in range(4):
            for number, each in enumerate(visitors):
                each.sendall(GET % f"{turn}-{number}".encode())
            for number, each in enumerate(visitors):
                assert answer(each) == f"{turn}-{number}".encode()


def test_who_reads_nothing_holds_no_thread() -> None:
    """Twice as many as there are threads ask for more than waitress holds for them, left to itself."""
    running = Running(outbuf_high_watermark=server.UNREAD_BYTES)
    with ExitStack() as stack:
        stack.callback(running.end)
        greedy = [stack.enter_context(running.visitor()) for _ in range(4)]
        for each in greedy:
            each.sendall(GET % b"large" * 5)
        while running.waiting(more_than=2 * LARGE) < 2:
            threading.Event().wait(0.02)
        visitor = stack.enter_context(running.visitor())
        visitor.sendall(GET % b"small")
        assert answer(visitor) == b"small"


def test_who_asks_and_asks_is_let_go(running: Running) -> None:
    with running.visitor() as greedy, running.visitor() as visitor:
        greedy.sendall(GET % b"large" * (PIPELINED + 1))
        with suppress(ConnectionResetError):
            while greedy.recv(1_000_000):
                pass
        visitor.sendall(GET % b"small")
        assert answer(visitor) == b"small"
    with running.visitor() as visitor:
        visitor.sendall(GET % b"small" * PIPELINED)
        assert [answer(visitor) for _ in range(PIPELINED)] == [b"small"] * PIPELINED


def test_the_loop_is_not_woken_by_the_end_of_a_request(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks again only after the thread has put the request away; before that, the loop is told."""
    woken: list[None] = []
    monkeypatch.setattr(running.server.trigger, "pull_trigger", lambda: woken.append(None))
    with running.visitor() as visitor:
        for _ in range(100):
            visitor.sendall(GET % b"a")
            assert answer(visitor) == b"a"
            while any(each.requests for each in list(running.server.active_channels.values())):
                threading.Event().wait(0.001)
    assert not woken


def test_what_is_said_before_the_answer_is_answered_after_it(running: Running) -> None:
    with running.visitor() as visitor, running.visitor() as other:
        visitor.sendall(GET % b"wait")
        assert running.app.asked.wait(20)
        visitor.sendall(GET % b"second" + GET % b"third")
        other.sendall(GET % b"other")
        assert answer(other) == b"other"
        before = running.turns
        running.app.go.set()
        assert [answer(visitor) for _ in range(3)] == [b"wait", b"second", b"third"]
        visitor.sendall(GET % b"fourth")
        assert answer(visitor) == b"fourth"
        assert running.turns - before < 50


def test_waiting_for_an_answer_does_not_keep_the_loop_busy(running: Running) -> None:
    with running.visitor() as visitor, running.visitor() as gone:
        visitor.sendall(GET % b"wait")
        assert running.app.asked.wait(20)
        visitor.sendall(GET % b"second")
        gone.sendall(GET % b"wait")
        gone.close()  # while its request is being answered
        before = running.turns
        threading.Event().wait(0.5)
        assert running.turns - before < 20
        running.app.go.set()
        assert [answer(visitor), answer(visitor)] == [b"wait", b"second"]


def test_while_a_thread_sends_the_loop_is_not_busy(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for no room at the visitor's, which there is all the time."""
    sends, may_send = threading.Event(), threading.Event()
    of_waitress: Any = Channel
    send = of_waitress.send

    def slowly(self: Channel, *said: Any, **named: Any) -> int:
        sends.set()
        assert may_send.wait(20)
        return int(send(self, *said, **named))

    monkeypatch.setattr(of_waitress, "send", slowly)
    with running.visitor() as visitor:
        visitor.sendall(GET % b"first")
        assert sends.wait(20)
        before = running.turns
        visitor.sendall(GET % b"second")
        threading.Event().wait(0.5)
        assert running.turns - before < 20
        may_send.set()
        assert [answer(visitor), answer(visitor)] == [b"first", b"second"]


def test_who_reads_slowly_gets_everything_and_holds_up_nobody(running: Running) -> None:
    with running.visitor() as slow, running.visitor() as other:
        slow.sendall(GET % b"large")
        for _ in range(5):
            other.sendall(GET % b"other")
            assert answer(other) == b"other"
        assert answer(slow) == b"x" * LARGE
        slow.sendall(GET % b"again")
        assert answer(slow) == b"again"


def test_more_slow_readers_than_threads_hold_up_nobody_for_good(running: Running) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(running.visitor()) for _ in range(6)]
        for each in slow:
            each.sendall(GET % b"large")
        assert all(answer(each) == b"x" * LARGE for each in slow)


def test_bodies_come_in_pieces_and_by_invitation(running: Running) -> None:
    with running.visitor() as visitor:
        visitor.sendall(b"POST /got- HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
        visitor.sendall(b"def")
        assert answer(visitor) == b"got-abcdef"
        visitor.sendall(b"POST /n HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        invited = b""
        while not invited.endswith(b"\r\n\r\n"):
            invited += visitor.recv(1)
        assert invited.startswith(b"HTTP/1.1 100")
        visitor.sendall(b"ok")
        assert answer(visitor) == b"nok"


@pytest.mark.parametrize("head", [b"GET /a HTTP/1.0", b"GET /a HTTP/1.1\r\nConnection: close"])
def test_who_wants_one_answer_gets_it_and_the_connection_ends(running: Running, head: bytes) -> None:
    with running.visitor() as visitor:
        visitor.sendall(head + b"\r\nHost: here\r\n\r\n")
        said = b""
        while some := visitor.recv(1_000):
            said += some
        assert said.endswith(b"\r\n\r\na")


def test_a_mistake_and_nonsense_end_one_connection_and_no_other(running: Running) -> None:
    with running.visitor() as other, running.visitor() as broken, running.visitor() as nonsense:
        broken.sendall(GET % b"broken")
        assert broken.recv(1_000).startswith(b"HTTP/1.1 500")
        nonsense.sendall(b"\x00\xff nonsense\r\n\r\n")
        assert nonsense.recv(1_000).startswith(b"HTTP/1.0 400")
        other.sendall(GET % b"a")
        assert answer(other) == b"a"


def test_who_says_nothing_is_said_goodbye_and_who_works_is_not() -> None:
    running = Running(channel_timeout=1, cleanup_interval=1)
    try:
        with running.visitor() as silent, running.visitor() as waiting:
            waiting.sendall(GET % b"wait")
            assert running.app.asked.wait(20)
            assert silent.recv(1) == b""
            running.app.go.set()
            assert answer(waiting) == b"wait"
    finally:
        running.end()


def test_beyond_the_limit_visitors_wait_until_somebody_leaves() -> None:
    running = Running(connection_limit=4)  # waitress counts its own two
    try:
        with running.visitor() as first, running.visitor() as second:
            for each in (first, second):
                each.sendall(GET % b"in")
                assert answer(each) == b"in"
            with running.visitor() as third:
                third.sendall(GET % b"third")
                third.settimeout(0.4)
                with pytest.raises(TimeoutError):
                    third.recv(1)
                first.close()
                third.settimeout(20)
                assert answer(third) == b"third"
    finally:
        running.end()
