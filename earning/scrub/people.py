# SPDX-License-Identifier: Apache-2.0
"""Names in a document become "Person 1", "Person 2": who answers whom can still be followed."""

from __future__ import annotations


class People:
    """The names of one document, and what they are called from now on."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def alias(self, name: str) -> str:
        """Return what ``name`` is called from now on; an empty name stays empty."""
        name = name.strip()
        if not name or name in self._names.values():
            return name
        return self._names.setdefault(name, f"Person {len(self._names) + 1}")

    def knows(self, text: str) -> str | None:
        """Return the alias of a text that is a name seen before, with or without a colon, or None."""
        name, colon, _ = text.strip().partition(":")
        alias = self._names.get(name.strip())
        return None if alias is None else alias + colon
