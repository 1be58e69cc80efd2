# SPDX-License-Identifier: Apache-2.0
"""The only module that asks the machine for the time.

A door reads ``now()`` once per request, command or job and passes it on; rules take it as a parameter.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment as aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds on a clock that never jumps, for deadlines. Its zero means nothing."""
    return time.monotonic()
