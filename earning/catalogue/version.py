# SPDX-License-Identifier: Apache-2.0
"""A version of a micro-credential as the catalogue knows it: what it is about, and whether one may apply.

::

    open ⇄ revision → closed        a newer version that opens closes the older one
      └───────────────→ ┘

Whoever applied keeps the version until its due date, whatever becomes of the version here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from earning.errors import VersionStateError


class VersionState(StrEnum):
    """Whether one may apply."""

    OPEN = "open"
    REVISION = "revision"
    CLOSED = "closed"


NEXT: Final[Mapping[VersionState, frozenset[VersionState]]] = {
    VersionState.OPEN: frozenset({VersionState.REVISION, VersionState.CLOSED}),
    VersionState.REVISION: frozenset({VersionState.OPEN, VersionState.CLOSED}),
    VersionState.CLOSED: frozenset({VersionState.OPEN, VersionState.REVISION}),
}

_WORDS: Final[Mapping[VersionState, str]] = {
    VersionState.OPEN: "Open",
    VersionState.REVISION: "Being revised: closed to new applicants",
    VersionState.CLOSED: "Closed to new applicants",
}


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the catalogue; its whole text is ``issuer.achievements.get(mint, key)``.

    Attributes:
        stacks: Codes of the stacks that it stands in, the first named one first.
        note: Why it is closed, for those who would like to apply.
        closed_at: When it was closed to new applicants, by revision or for good; None while it is open.
    """

    key: str
    code: str
    version: str
    issuer: str
    title: str
    competency: str
    language: str
    hours: tuple[int, int]
    needs_students: bool
    is_generated: bool
    stacks: tuple[str, ...]
    audience: tuple[str, ...]
    position: int
    state: VersionState
    opened_at: datetime
    closed_at: datetime | None
    note: str = ""

    @property
    def path(self) -> str:
        """Its page in the catalogue, whichever version is the newest."""
        return f"/catalogue/{self.code}?version={self.version}"

    @property
    def image_path(self) -> str:
        """The badge image for pages."""
        return f"/achievements/{self.key}/image.svg"

    @property
    def hours_words(self) -> str:
        """The estimate of the work: ``10–15 hours``."""
        low, high = self.hours
        amount = str(low) if low == high else f"{low}–{high}"
        return f"{amount} hour{'' if amount == '1' else 's'}"

    @property
    def is_open(self) -> bool:
        """Whether one may apply for it."""
        return self.state is VersionState.OPEN

    @property
    def state_words(self) -> str:
        """The state, for people."""
        return _WORDS[self.state]


def turn(version: Version, state: VersionState) -> None:
    """Check that ``version`` may take ``state``.

    Raises:
        VersionStateError: It may not, or has it already.
    """
    if state not in NEXT[version.state]:
        raise VersionStateError(f"{version.code}, version {version.version}, is {version.state} already.")
