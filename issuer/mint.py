# SPDX-License-Identifier: Apache-2.0
"""The opened room: what every step of the issuer needs, handed in once by ``app.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from issuer.ports import Examine, StatusChanged
from keys.cabinet import Cabinet
from service.db import Database
from service.settings import Settings


def _nothing(_step: str) -> None:
    """Go on: nobody watches."""


def _nobody_works(_job: str) -> None:
    """Go on: whoever works looks at the rows by itself."""


def _nobody_listens(_credential_ids: Sequence[str], *, now: datetime) -> None:
    """Go on: who counts awards looks them up by itself."""


@dataclass(frozen=True, slots=True)
class Mint:
    """Database, keys, verifier and settings.

    Attributes:
        reached: Called with the name of each step of the issuance cycle as soon as it is durable
            (``issuance.STEPS``). Fault tests end the process there.
        status_changed: Called with the ids of credentials after changes of their status were committed and
            published (``status_job``).
        ring: Says that there is something to do for the job of this name. Called after the commit.
        opener: Opens this room in another process, where neither connections nor opened keys are shared; a
            function of a module. None: all work is done in this process.
    """

    db: Database
    cabinet: Cabinet
    examine: Examine
    settings: Settings
    reached: Callable[[str], None] = _nothing
    status_changed: StatusChanged = _nobody_listens
    ring: Callable[[str], None] = _nobody_works
    opener: Callable[[Settings], Mint] | None = None

    @property
    def public_url(self) -> str:
        """Base of every link that we publish."""
        return self.settings.public_url
