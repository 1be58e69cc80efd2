# SPDX-License-Identifier: Apache-2.0
# Only what service/server.py uses of waitress, which has no types of its own.
from typing import Any

class Server:
    effective_port: int
    def run(self) -> None: ...
    def close(self) -> None: ...

def create_server(application: Any, **settings: Any) -> Server: ...
