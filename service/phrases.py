# SPDX-License-Identifier: Apache-2.0
"""The words that templates have in common: pages and mails say dates, ages and counts in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from service import markdown, text

FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "day": text.day,
    "time": text.time,
    "age": text.age,
    "markdown": markdown.render,
    "plain": markdown.plain,
}
GLOBALS: Final[Mapping[str, Callable[..., Any]]] = {"ago": text.ago, "count": text.count}
