# SPDX-License-Identifier: Apache-2.0
"""The parts of waitress.server that we use; written by hand, so that mypy --strict can check us."""

import socket
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

class TcpWSGIServer:
    channel_class: type[HTTPChannel]
    accepting: bool
    active_channels: dict[int, Any]
    next_channel_cleanup: float
    task_dispatcher: ThreadedTaskDispatcher
    trigger: Any
    socket: socket.socket
    _fileno: int | None
    def __init__(
        self,
        application: Any,
        map: dict[int, Any] | None = None,
        _start: bool = True,
        _sock: socket.socket | None = None,
        *,
        dispatcher: ThreadedTaskDispatcher | None = None,
        adj: Adjustments | None = None,
        sockinfo: tuple[Any, ...] | None = None,
        bind_socket: bool = True,
    ) -> None: ...
    def readable(self) -> bool: ...
    def del_channel(self, map: dict[int, Any] | None = None) -> None: ...
    def pull_trigger(self) -> None: ...
    def close(self) -> None: ...
