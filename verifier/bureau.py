# SPDX-License-Identifier: Apache-2.0
"""The opened room: the desk, and what is kept beside it: receipts, work on many at once, lists of issuers.

Handed in once by ``app.py``. The desk alone needs no database and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from service.db import Database
from service.files import FileStore
from service.settings import Settings
from verifier.desk import Desk
from verifier.ports import Seal
from verifier.shares import Shares


def _silent(_job: str) -> None:
    """Ring nothing: every job looks at its rows by itself now and then."""


@dataclass(frozen=True, slots=True)
class Bureau:
    """Desk, database, files and settings.

    Attributes:
        files: What was brought in a batch, until it is checked.
        seal: Signs what we say about a check; None where there is no private wing, then it stays unsigned.
        ring: Wakes the named job after a commit; a ring that is lost does no harm.
        shares: Which batches one address has opened, in memory.
    """

    desk: Desk
    db: Database
    files: FileStore
    settings: Settings
    seal: Seal | None = None
    ring: Callable[[str], None] = _silent
    shares: Shares = field(default_factory=Shares, compare=False, repr=False)

    @property
    def public_url(self) -> str:
        """Base of every link."""
        return self.settings.public_url
