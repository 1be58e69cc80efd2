# SPDX-License-Identifier: Apache-2.0
"""Where settings are read: ``{data}/hallmark.toml``, then the environment, which wins; and how a file begins.

A setting's name in the environment is ``HALLMARK_`` and the field in capitals. An unknown name is an error
with its place, because a misspelt limit is a limit that does not hold.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from service.errors import SettingsError
from service.settings.table import Settings

FILE_NAME: Final = "hallmark.toml"
PREFIX: Final = "HALLMARK_"
# Variables with our prefix that are no settings: test data, and what custody reads from the environment.
_NOT_SETTINGS: Final = ("HALLMARK_VECTORS", "HALLMARK_KEYS_PASSPHRASE", "HALLMARK_KEY")
_KEY: Final = "HALLMARK_KEY_"  # begins the name of a private key; see `env:` in keys.custody
_ALIKE: Final = 0.9  # from which likeness on such a name is a misspelt setting instead
_TYPES: Final = {item.name: str(item.type) for item in fields(Settings)}


def load(data: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the data folder ``data`` (default ``HALLMARK_DATA``, else ``./data``).

    A folder without a settings file has the defaults.

    Raises:
        SettingsError: Unknown name, wrong type or value; the message names file or variable.
    """
    environ = os.environ if environ is None else environ
    folder = data or Path(environ.get(f"{PREFIX}DATA") or "data")
    values = _from_file(folder / FILE_NAME) | _from_environment(environ)
    return Settings(**{**values, "data": folder})


def write_file(settings: Mapping[str, str | int | bool]) -> str:
    """Return the text of a settings file with these values, in the order given."""
    lines = [
        "# Settings of this data folder; every name is explained in docs/settings.md.",
        "# The environment wins over this file: HALLMARK_PUBLIC_URL over public_url, and so on.",
    ]
    for name, value in settings.items():
        # JSON's string escapes are valid TOML basic strings (TOML 1.0, section String).
        shown = str(value).lower() if isinstance(value, int) else '"' + _escaped(value) + '"'
        lines.append(f"{name} = {shown}")
    return "\n".join(lines) + "\n"


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    values = {}
    for name, value in table.items():
        where = f"{name} in {path}"
        if name == "data" or name not in _TYPES:
            raise SettingsError(f"Unknown setting {where}.{_guess(name)}", path=name)
        values[name] = _typed(name, value, where)
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or _is_for_others(variable):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name == "data":
            continue
        if name not in _TYPES or variable != variable.upper():
            raise SettingsError(
                f"Unknown setting {variable} in the environment.{_guess(name, *_others())}", path=name
            )
        value: Any = text
        if _TYPES[name] == "int":
            try:
                value = int(text)
            except ValueError as error:
                raise SettingsError(
                    f"{variable} must be a whole number.", path=name, got=text[:40]
                ) from error
        elif _TYPES[name] == "bool":
            value = {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
        elif _TYPES[name].startswith("tuple"):
            value = [part.strip() for part in text.split(",") if part.strip()]
        values[name] = _typed(name, value, variable)
    return values


def _is_for_others(variable: str) -> bool:
    """Tell whether a variable is no setting: test data, the passphrase itself, or a private key."""
    if variable in _NOT_SETTINGS:
        return True
    name = variable.removeprefix(PREFIX).lower()
    return variable.startswith(_KEY) and not get_close_matches(name, (*_TYPES, *_others()), cutoff=_ALIKE)


def _others() -> tuple[str, ...]:
    return tuple(
        each.removeprefix(PREFIX).lower() for each in _NOT_SETTINGS if each.startswith(f"{PREFIX}KEYS")
    )


def _typed(name: str, value: Any, where: str) -> Any:
    """Return ``value`` as the type of the setting ``name``; nothing is converted that changes its meaning."""
    kind = _TYPES[name]
    if kind == "int" and type(value) is int:
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "str" and isinstance(value, str):
        return value
    if kind.startswith("Path") and isinstance(value, str) and value:
        return Path(os.path.expanduser(value)).absolute()
    if kind.startswith("tuple") and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    expected = {"int": "a whole number", "str": "a text", "bool": "true or false"}.get(kind, "a path")
    raise SettingsError(
        f"{where} must be {'a list of texts' if kind.startswith('tuple') else expected}.", path=name
    )


def _guess(name: str, *others: str) -> str:
    close = get_close_matches(name, (*_TYPES, *others), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _escaped(text: str) -> str:
    return "".join(
        "\\" + char if char in '"\\' else char if char.isprintable() else f"\\U{ord(char):08x}"
        for char in text
    )
