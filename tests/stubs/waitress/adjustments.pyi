# SPDX-License-Identifier: Apache-2.0
"""The parts of waitress.adjustments that we use; written by hand, so that mypy --strict can check us."""

from typing import Any

class Adjustments:
    threads: int
    def __init__(self, **kw: Any) -> None: ...
