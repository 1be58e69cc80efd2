# SPDX-License-Identifier: Apache-2.0
"""Every place of a document, and what can be done to it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value, the whole document first."""
    yield path
    items: Iterator[tuple[str | int, Any]]
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    else:
        return
    for step, item in items:
        yield from places(item, (*path, step))


def at(value: Any, path: Path) -> Any:
    """Return what stands at ``path``."""
    for step in path:
        value = value[step]
    return value


def with_value(value: Any, path: Path, new: Any) -> Any:
    """Return a copy in which ``new`` stands at ``path``."""
    if not path:
        return new
    changed = copy.deepcopy(value)
    at(changed, path[:-1])[path[-1]] = new
    return changed


def objects(value: Any) -> Iterator[Path]:
    """Yield the path of every object."""
    return (path for path in places(value) if isinstance(at(value, path), dict))


def arrays(value: Any) -> Iterator[Path]:
    """Yield the path of every array."""
    return (path for path in places(value) if isinstance(at(value, path), list))


def leaves(value: Any) -> Iterator[Path]:
    """Yield the path of everything that is neither object nor array."""
    return (path for path in places(value) if not isinstance(at(value, path), dict | list))


def text_of(path: Path) -> str:
    """Return a path for messages."""
    return "/" + "/".join(map(str, path))
