# SPDX-License-Identifier: Apache-2.0
# Only what service/jobs.py uses of huey, which has no types of its own.
from collections.abc import Callable
from datetime import datetime
from typing import Any

from huey.serializer import Serializer

class Storage:
    def enqueued_items(self, limit: int | None = None) -> list[bytes]: ...
    def peek_data(self, key: str) -> Any: ...
    def put_data(self, key: str, value: bytes) -> None: ...
    def close(self) -> bool: ...

class Huey:
    storage: Storage
    def task(self, *, name: str) -> Callable[[Callable[[], None]], Any]: ...
    def periodic_task(
        self, validate_datetime: Callable[[datetime], bool], *, name: str
    ) -> Callable[[Callable[[], None]], Any]: ...
    def signal(self, *signals: str) -> Callable[[Callable[..., None]], Callable[..., None]]: ...
    def on_shutdown(self, name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]: ...
    def serialize_task(self, task: Any) -> bytes: ...
    def enqueue(self, task: Any) -> None: ...

class SqliteHuey(Huey):
    def __init__(
        self, name: str, *, results: bool, serializer: Serializer, filename: str, fsync: bool
    ) -> None: ...

class PostgresHuey(Huey):
    def __init__(
        self,
        name: str,
        *,
        results: bool,
        serializer: Serializer,
        dsn: str | None,
        table_prefix: str,
        **connection_params: Any,
    ) -> None: ...
