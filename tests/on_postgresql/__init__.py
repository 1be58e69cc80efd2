# SPDX-License-Identifier: Apache-2.0
"""The same tests on PostgreSQL: the option of pytest, and what their commands read at their start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_kept: list[None] = []


@contextmanager
def keeping() -> Iterator[None]:
    """What is made in the block stays as long as the run: others copy it."""
    _kept.append(None)
    try:
        yield
    finally:
        _kept.pop()


def is_keeping() -> bool:
    """Whether what is made now stays as long as the run."""
    return bool(_kept)


def told() -> dict[str, str]:
    """What a command needs in its environment to use the databases of this run; nothing on SQLite."""
    return {name: os.environ[name] for name in ("TESTS_POSTGRESQL", "PYTHONPATH") if name in os.environ}
