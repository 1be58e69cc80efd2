# SPDX-License-Identifier: Apache-2.0
"""The parts of waitress.channel that we use; written by hand, so that mypy --strict can check us."""

from typing import Any

class HTTPChannel:
    _fileno: int | None
    server: Any
    request: object | None
    requests: list[object]
    total_outbufs_len: int
    will_close: bool
    def service(self) -> None: ...
    def readable(self) -> bool: ...
    def writable(self) -> object: ...
    def add_channel(self, map: dict[int, Any] | None = None) -> None: ...
    def del_channel(self, map: dict[int, Any] | None = None) -> None: ...
