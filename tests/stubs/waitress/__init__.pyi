# SPDX-License-Identifier: Apache-2.0
# Only what service/server.py uses of waitress, which has no types of its own.
import socket
from typing import Any

class Channel:
    requests: list[Any]
    request: Any | None
    total_outbufs_len: int
    will_close: bool

class Loop:
    def loop(self, *, timeout: float, use_poll: bool, map: dict[int, Any], count: int) -> None: ...

class Dispatcher:
    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool: ...

class Server:
    accepting: bool
    active_channels: dict[int, Channel]
    asyncore: Loop
    effective_port: int
    socket: socket.socket
    task_dispatcher: Dispatcher
    _map: dict[int, Any]
    def close(self) -> None: ...
    def del_channel(self) -> None: ...
    def pull_trigger(self) -> None: ...
    def run(self) -> None: ...

def create_server(application: Any, **settings: Any) -> Server: ...
