# SPDX-License-Identifier: Apache-2.0
from typing import Any, NamedTuple

class Message(NamedTuple):
    id: str
    name: str
    eta: Any = None
    retries: int | None = None
    retry_delay: Any = None
    priority: Any = None
    args: tuple[Any, ...] | None = None
    kwargs: dict[str, Any] | None = None
