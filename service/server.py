# SPDX-License-Identifier: Apache-2.0
"""Waitress, with our limits. Bodies are buffered before a thread sees them, so slow senders hold none."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

import waitress
from flask import Flask

from service.settings import Settings

MAX_BODY_BYTES: Final = 31_457_280  # bytes; the outermost wall, 30 MiB instead of waitress's 1 GiB
IDLE_SECONDS: Final = 60  # how long a connection may say nothing
CONNECTIONS: Final = 1_000  # at once; they wait cheaply, threads do not


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


def run(app: Flask, settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Serve ``app`` until the process is told to stop (SIGTERM, SIGINT); requests in flight are finished.

    Args:
        app: The service.
        settings: Where to listen, and how many threads.
        ready: Told the address as soon as connections are taken.
    """
    gc.freeze()  # What is here now stays for good; collecting garbage need not look at it again.
    server = waitress.create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        ident=None,
        channel_timeout=IDLE_SECONDS,
        connection_limit=CONNECTIONS,
        max_request_body_size=MAX_BODY_BYTES,
        asyncore_use_poll=True,
        # Without a declared proxy nobody's forwarding headers reach us.
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    ready(f"http://{host}:{server.effective_port}")
    try:
        server.run()
    finally:
        server.close()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    # Waitress ends its loop on SystemExit and lets running requests finish.
    sys.exit(0)
