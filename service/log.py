# SPDX-License-Identifier: Apache-2.0
"""Log lines as JSON on standard error: ids and codes, never names, addresses, documents, keys or tokens.

``event("request", id=…, status=200)`` writes one line. What other libraries log loses its message, because
it may quote what people sent: only logger, level and the place of an error remain.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

from service import clock

_LOGGER = logging.getLogger("hallmark")
_FRAMES = 12  # places of a traceback that are kept; the innermost ones tell what happened


class _JsonFormatter(logging.Formatter):
    """One JSON object per line; CR and LF cannot appear in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for ``record``."""
        line: dict[str, object] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if record.name == _LOGGER.name:
            line["event"] = record.msg
            line.update(getattr(record, "members", {}))
        else:
            line["event"] = "library"
            line["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            line.update(describe(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=True, default=str)


def configure(level: str = "info", *, stream: TextIO | None = None) -> None:
    """Send all logging of this process to ``stream`` (default: standard error) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(level.upper())


def event(
    name: str, *, level: int = logging.INFO, error: BaseException | None = None, **members: str | int | None
) -> None:
    """Write one line: what happened, and ids and codes about it."""
    _LOGGER.log(level, name, extra={"members": members}, exc_info=error)


def describe(error: BaseException) -> dict[str, object]:
    """Return type and place of ``error`` and of its cause; messages are left out, they may quote people."""
    described: dict[str, object] = {"error": _type_name(error), "where": _places(error.__traceback__)}
    cause = error.__cause__ or error.__context__
    if cause is not None:
        described["cause"] = _type_name(cause)
    return described


def _type_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _places(start: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(start)[-_FRAMES:]
    return [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
