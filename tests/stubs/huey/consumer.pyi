# SPDX-License-Identifier: Apache-2.0
from huey import Huey

class Consumer:
    def __init__(
        self,
        huey: Huey,
        *,
        workers: int,
        max_delay: float,
        backoff: float,
        shutdown_timeout: float,
    ) -> None: ...
    def start(self) -> None: ...
    def stop(self, graceful: bool = False) -> None: ...
    def _set_signal_handlers(self) -> None: ...
