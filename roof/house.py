# SPDX-License-Identifier: Apache-2.0
"""The opened house: what the roof hands to pages, jobs and commands."""

from __future__ import annotations

from dataclasses import dataclass

from earning.programme import Programme
from issuer.mint import Mint
from keys.cabinet import Cabinet
from recognition.office import Office
from service.accounts.room import Accounts
from service.db import Database
from service.jobs import Jobs
from service.post_office import PostOffice
from service.settings import Settings
from verifier.bureau import Bureau
from verifier.desk import Desk


@dataclass(frozen=True, slots=True)
class House:
    """The opened house: one database, and the rooms in it."""

    settings: Settings
    db: Database
    cabinet: Cabinet
    desk: Desk
    bureau: Bureau
    office: Office
    mint: Mint
    jobs: Jobs
    post_office: PostOffice
    accounts: Accounts
    programme: Programme
