# SPDX-License-Identifier: Apache-2.0
"""The opened room: what every step of the issuer needs, handed in once by ``app.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from issuer.ports import Examine
from keys.cabinet import Cabinet
from service.db import Database
from service.settings import Settings


def _nothing(_step: str) -> None:
    """Go on: nobody watches."""


@dataclass(frozen=True, slots=True)
class Mint:
    """Database, keys, verifier and settings.

    Attributes:
        reached: Called with the name of each step of the issuance cycle as soon as it is durable
            (``issuance.STEPS``). Fault tests end the process there.
    """

    db: Database
    cabinet: Cabinet
    examine: Examine
    settings: Settings
    reached: Callable[[str], None] = _nothing

    @property
    def public_url(self) -> str:
        """Base of every link that we publish."""
        return self.settings.public_url
