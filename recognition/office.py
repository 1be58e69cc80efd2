# SPDX-License-Identifier: Apache-2.0
"""The opened room: what every step of recognition needs, handed in once by ``app.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from recognition.ports import Catalogue, Held, Holdings, Item, Owner, SameAward, Season, Seasons, Sign
from service.db import Database
from service.settings import Settings
from verifier.bureau import Bureau


def _silent(_job: str) -> None:
    """Ring nothing: every job looks at its rows by itself now and then."""


def _no_holdings(_person: str) -> Sequence[Held]:
    return ()


def _no_items() -> Sequence[Item]:
    return ()


def _alone(_credential_id: str) -> Sequence[str]:
    return ()


def _nobody(_credential_id: str) -> str | None:
    return None


def _nowhere() -> Mapping[str, str]:
    return {}


def _no_seasons(_jurisdiction: str, *, today: date) -> Sequence[Season]:
    return ()


@dataclass(frozen=True, slots=True)
class Office:
    """The verifier's room, the database, and what the other wing hands across.

    Attributes:
        bureau: The verifier: everything that is counted goes through its desk.
        sign: Signs in a recognizer's name; None where there is no private wing.
        holdings: Which awards somebody holds here.
        catalogue: What one can earn here.
        same: Which ids are issues of one award.
        owner: Whose award a credential is.
        states: Which state each affiliate is for, two letters by its short name.
        seasons: The programme's seasons by place.
        stacks: Titles of the catalogue's stacks by code.
        ring: Wakes the named job after a commit; a ring that is lost does no harm.
    """

    bureau: Bureau
    db: Database
    settings: Settings
    sign: Sign | None = None
    holdings: Holdings = _no_holdings
    catalogue: Catalogue = _no_items
    same: SameAward = _alone
    owner: Owner = _nobody
    states: Callable[[], Mapping[str, str]] = _nowhere
    seasons: Seasons = _no_seasons
    stacks: Callable[[], Mapping[str, str]] = _nowhere
    ring: Callable[[str], None] = _silent

    @property
    def public_url(self) -> str:
        """Base of every link."""
        return self.settings.public_url
