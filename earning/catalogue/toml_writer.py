# SPDX-License-Identifier: Apache-2.0
"""TOML out of plain values, so that a form and a text are two views of one draft.

Reading what was written (``tomllib``) gives the same values again. Texts with line breaks are multi-line
strings, short lists stand on one line, tables in a list are arrays of tables. Comments are not kept: values
have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

INLINE: Final = frozenset({"hours", "words", "descriptors"})  # tables that stand on one line

_BARE: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_ESCAPES: Final[Mapping[str, str]] = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def write(values: Mapping[str, Any]) -> str:
    """Return ``values`` as a TOML document."""
    return "\n".join(_table(values, ())).strip() + "\n"


def _table(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: plain members first, then tables, then arrays of tables."""
    for name, value in values.items():
        if not _is_table(name, value) and not _is_array(value):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in values.items():
        if _is_table(name, value):
            yield ""
            yield f"[{_path((*path, name))}]"
            yield from _table(value, (*path, name))
    for name, value in values.items():
        if _is_array(value):
            for item in value:
                yield ""
                yield f"[[{_path((*path, name))}]]"
                yield from _table(item, (*path, name))


def _is_table(name: str, value: object) -> bool:
    return isinstance(value, Mapping) and name not in INLINE


def _is_array(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _value(value: object, *, inline: bool = False) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value, inline=inline)
    if isinstance(value, Mapping):
        # An inline table stands on one line (TOML 1.0, section Inline Table); its texts are short.
        inner = ", ".join(f"{_key(name)} = {_value(each, inline=True)}" for name, each in value.items())
        return "{ " + inner + " }" if inner else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(each, inline=True) for each in value) + "]"
    return str(value)  # numbers, days and moments are written as TOML writes them


def _text(text: str, *, inline: bool = True) -> str:
    if "\n" in text and "\r" not in text and not inline:
        lines = (
            "".join(char if char == "\t" else _ESCAPES.get(char) or _visible(char) for char in line)
            for line in text.split("\n")
        )
        return '"""\n' + "\n".join(lines) + '"""'
    escaped = "".join(_ESCAPES.get(char) or _visible(char) for char in text)
    return f'"{escaped}"'


def _visible(char: str) -> str:
    # TOML 1.0, section String: control characters are escaped.
    return f"\\u{ord(char):04X}" if ord(char) < 32 or ord(char) == 127 else char


def _key(name: str) -> str:
    return name if name and set(name) <= _BARE else _text(name)


def _path(path: tuple[str, ...]) -> str:
    return ".".join(_key(name) for name in path)
