# SPDX-License-Identifier: Apache-2.0
"""The opened room of accounts: what its steps and doors need, handed in by the roof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from service.accounts.passwords import Passwords
from service.accounts.personal import PersonalData
from service.db import Database
from service.settings import Settings


def _silent(_job: str) -> None:
    """Ring nothing: the job for mails looks at its rows by itself now and then."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Database, settings, passwords, and what the other rooms know of people.

    Attributes:
        occupations: What somebody's job may be called; a person's ``job`` is one of these, or "".
        rooms: What each room exports and erases of a person; accounts themselves come last.
        ring: Wakes the named job after a commit.
    """

    db: Database
    settings: Settings
    passwords: Passwords = field(default_factory=Passwords)
    occupations: tuple[str, ...] = ()
    rooms: tuple[PersonalData, ...] = ()
    ring: Callable[[str], None] = _silent
