# SPDX-License-Identifier: Apache-2.0
"""Programme files are read strictly: an unknown key, a wrong type, an empty text is an error with its place.

A misspelt key would otherwise be content that nobody sees. ``Table`` hands out each member once; ``done``
refuses what nobody asked for. Characters that we would not sign are refused here already, where the author
can mend them (spec section 4.2; the lint asks again).
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import Any, Final

from issuer.errors import ProgrammeError
from issuer.signable import UNSIGNABLE

FILE_BYTES: Final = 262_144  # bytes of one programme file; ten times the longest that we wrote


class Table:
    """One TOML table, read member by member."""

    def __init__(self, members: dict[str, Any], place: str) -> None:
        self._members = members
        self._place = place
        self._left = set(members)

    def text(self, name: str) -> str:
        """Return the required text ``name``."""
        value = self.optional_text(name)
        if value is None:
            raise self.wrong(name, "is missing")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return the text ``name``, or None when it is not there; an empty one is an error."""
        value = self._take(name)
        return None if value is None else self._as_text(name, value)

    def optional_integer(self, name: str, *, low: int, high: int) -> int | None:
        """Return the whole number ``name`` within the limits, or None."""
        value = self._take(name)
        if value is None:
            return None
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(name, f"must be a whole number from {low} to {high}")
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def day(self, name: str) -> date:
        """Return the required day ``name`` (TOML's local date)."""
        value = self._take(name)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(name, "must be a day like 2027-04-23, without quotation marks")
        return value

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of different texts."""
        value = self._take(name)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or (required and not value):
            raise self.wrong(name, "must be a list of texts" + (" with at least one" if required else ""))
        texts = tuple(self._as_text(f"{name}[{index}]", item) for index, item in enumerate(value))
        if len(set(texts)) != len(texts):
            raise self.wrong(name, "names something twice")
        return texts

    def integers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        value = self._take(name)
        if value is None:
            return ()
        if not isinstance(value, list) or any(type(item) is not int for item in value):
            raise self.wrong(name, "must be a list of whole numbers")
        return tuple(value)

    def table(self, name: str) -> Table | None:
        """Return the table ``name``, or None."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name, "must be a table")
        return Table(value, self._at(name))

    def tables(self, name: str) -> tuple[Table, ...]:
        """Return the array of tables ``name``."""
        value = self._take(name)
        if value is None:
            return ()
        if not isinstance(value, list) or any(not isinstance(item, dict) for item in value):
            raise self.wrong(name, "must be an array of tables")
        return tuple(Table(item, self._at(f"{name}[{index}]")) for index, item in enumerate(value))

    def names(self) -> tuple[str, ...]:
        """Return the names of all members, in order; for a table whose names are data."""
        return tuple(self._members)

    def done(self) -> None:
        """Refuse members that nobody asked for."""
        if self._left:
            name = next(name for name in self._members if name in self._left)
            raise self.wrong(name, "is not a key that we know")

    def wrong(self, name: str, says: str) -> ProgrammeError:
        """Return the error that ``name`` here ``says``."""
        place = self._at(name)
        return ProgrammeError(f"{place} {says}.", got=place)

    def _take(self, name: str) -> Any:
        self._left.discard(name)
        return self._members.get(name)

    def _at(self, name: str) -> str:
        return f"{self._place}: {name}" if self._place.endswith(".toml") else f"{self._place}.{name}"

    def _as_text(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "must be a text that is not empty")
        found = UNSIGNABLE.search(value)
        if found:
            raise self.wrong(
                name, f"holds the control character U+{ord(found[0]):04X}, which cannot be signed"
            )
        return value.strip()


def read_table(source: bytes, *, name: str) -> Table:
    """Read ``source`` as TOML; ``name`` is the file's, for messages.

    Raises:
        ProgrammeError: Too long, not UTF-8, or not TOML.
    """
    place = name if name.endswith(".toml") else f"{name}.toml"
    if len(source) > FILE_BYTES:
        raise ProgrammeError(f"{place} is larger than {FILE_BYTES:,} bytes.", got=len(source))
    try:
        return Table(tomllib.loads(source.decode("utf-8")), place)
    except UnicodeDecodeError as error:
        raise ProgrammeError(f"{place} is not UTF-8 text (byte {error.start}).") from error
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeError(f"{place} is not TOML: {error}.") from error
