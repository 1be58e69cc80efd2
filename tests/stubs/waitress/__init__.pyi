# SPDX-License-Identifier: Apache-2.0
"""The parts of waitress that we use; it has no types of its own."""

from typing import Any

class Server:
    effective_port: int
    def close(self) -> None: ...
    def run(self) -> None: ...

def create_server(application: Any, **settings: Any) -> Server: ...
