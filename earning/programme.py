# SPDX-License-Identifier: Apache-2.0
"""The opened room: what every step of earning needs, handed in once by ``app.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from earning.ports import Nothing, Recognised
from issuer.mint import Mint
from service.db import Database
from service.files import FileStore
from service.settings import Settings


def _silent(_job: str) -> None:
    """Ring nothing: rows say what is left to do, and every job looks at them by itself now and then."""


@dataclass(frozen=True, slots=True)
class Programme:
    """Database, issuer's room, evidence and settings.

    Attributes:
        ring: Wakes the named job after a commit; a ring that is lost does no harm.
        recognised: What rules of recognizers say an award is worth.
    """

    db: Database
    mint: Mint
    files: FileStore
    settings: Settings
    ring: Callable[[str], None] = _silent
    recognised: Recognised = field(default_factory=Nothing)

    @property
    def public_url(self) -> str:
        """Base of every link in pages and mails."""
        return self.settings.public_url
