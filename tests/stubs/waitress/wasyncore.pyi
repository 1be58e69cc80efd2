# SPDX-License-Identifier: Apache-2.0
"""The parts of waitress.wasyncore that we use; written by hand, so that mypy --strict can check us."""

from typing import Any

def read(obj: Any) -> None: ...
def write(obj: Any) -> None: ...
