# SPDX-License-Identifier: Apache-2.0
"""The same tests on PostgreSQL: the option of pytest, and what their commands read at their start."""

from __future__ import annotations

import os


def told() -> dict[str, str]:
    """What a command needs in its environment to use the databases of this run; nothing on SQLite."""
    return {name: os.environ[name] for name in ("TESTS_POSTGRESQL", "PYTHONPATH") if name in os.environ}
