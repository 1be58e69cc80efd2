# SPDX-License-Identifier: Apache-2.0
"""Waitress, with our limits. Bodies are buffered before a thread sees them, so slow senders hold none."""

from __future__ import annotations

import errno
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

from flask import Flask

from service import clock
from service.connections import Server
from service.settings import Settings

MAX_BODY_BYTES: Final = 31_457_280  # bytes; the outermost wall, 30 MiB instead of waitress's 1 GiB
UNREAD_BYTES: Final = 67_108_864  # bytes of answers that wait for a slow reader before a thread does (64 MiB)
IDLE_SECONDS: Final = 60  # how long a connection may say nothing
CONNECTIONS: Final = 1_000  # at once; they wait cheaply, threads do not
FINISH_SECONDS: Final = 15.0  # for requests in flight after the word to stop; the longest we allow take 10
SWITCH_SECONDS: Final = 0.001  # how long a thread that computes may keep the interpreter from the others
LOOP_SECONDS: Final = 30.0  # between two looks at connections on which nothing happens


def obstacle(host: str, port: int) -> str | None:
    """Say why nobody can listen on this address, or None. Port 0 stands for any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        other = port + 1 if port < 65_535 else port - 1
        if error.errno == errno.EADDRINUSE:
            return f"Something else is using port {port}. Choose another: --port {other}"
        if error.errno == errno.EACCES:
            return f"This machine does not let you use port {port}. Choose another: --port 8080"
        return f"This machine cannot listen on {host}: {error.strerror}."
    return None


def listen(host: str, port: int) -> socket.socket:
    """Take the address; who connects from now on waits until somebody serves. Port 0 stands for any free one.

    Raises:
        OSError: Nobody can listen there; ``obstacle`` says why.
    """
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if found.family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(CONNECTIONS)
        found.setblocking(False)  # several processes hear of one visitor, and one of them comes first
    except OSError:
        found.close()
        raise
    return found


def address_of(listening: socket.socket, host: str) -> str:
    """Return the address at which ``listening`` is reached."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


def run(
    app: Flask,
    settings: Settings,
    *,
    ready: Callable[[str], None],
    listening: socket.socket | None = None,
) -> None:
    """Serve ``app`` until the process is told to stop (SIGTERM, SIGINT); requests in flight are finished.

    Args:
        app: The service.
        settings: Where to listen, and how many threads.
        ready: Told the address as soon as connections are taken.
        listening: What ``listen`` returned, if that was called before; it is closed at the end.
    """
    # It would write a line for each request that waits, in the one loop that all connections share, and just
    # when there is most to do. How long requests took is in their own lines.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # What is here now stays for good; collecting garbage need not look at it again.
    listening = listening or listen(settings.host, settings.port)
    server = Server(
        app,
        listening,
        threads=settings.threads,
        ident=None,
        channel_timeout=IDLE_SECONDS,
        connection_limit=CONNECTIONS,
        outbuf_high_watermark=UNREAD_BYTES,
        backlog=CONNECTIONS,
        max_request_body_size=MAX_BODY_BYTES,
        # Without a declared proxy nobody's forwarding headers reach us.
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
    )
    told = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        if not told.is_set():
            told.set()
            server.pull_trigger()
        if number == signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)  # a person who insists need not wait

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
    ready(address_of(listening, settings.host))
    try:
        while not told.is_set():
            server.turn(LOOP_SECONDS)
        _finish(server)
    finally:
        server.task_dispatcher.shutdown()
        server.close()


def _finish(server: Server) -> None:
    """Take no more visitors, answer those who are here, and say goodbye to those who only keep the line.

    Left to itself the server would drop what its threads have written and its loop has not sent yet.
    """
    server.take_no_more()
    end = clock.monotonic() + FINISH_SECONDS
    while server.active_channels and clock.monotonic() < end:
        for channel in list(server.active_channels.values()):
            if not (channel.requests or channel.request or channel.total_outbufs_len):
                channel.will_close = True
        server.look_at_all()
        server.turn(0.05)
