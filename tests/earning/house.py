# SPDX-License-Identifier: Apache-2.0
"""Builders for the tests of earning: a house with the sample programme in its catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import app
from earning.catalogue import seed
from earning.programme import Programme
from issuer import programme as issuer_programme
from service.accounts import people
from service.accounts.people import Person, Role
from service.settings import Settings
from tests.running import began, once, tables

# Near the true time, so that what the web service says about it at its own time fits.
NOW = began()


def open_programme(folder: Path) -> Programme:
    """Open the room of the house in ``folder``."""
    return app.open_house(Settings(data=folder)).programme


def make_house(folder: Path) -> Path:
    """Make a house with the sample programme, its stacks, versions and portals."""
    return once("earning-house", _make, folder)


def _make(folder: Path) -> None:
    programme = open_programme(folder)
    tables(programme.db)
    begun = NOW - timedelta(days=1)
    issuer_programme.seed(programme.mint, now=begun)
    seed.seed(programme, now=begun)
    programme.db.close()


def somebody(
    programme: Programme,
    name: str = "Alex Educator",
    *roles: tuple[Role, str],
    now: datetime = NOW,
    **fields: Any,
) -> Person:
    """Make an account that is confirmed, with ``roles`` in organisations."""
    email = f"{name.casefold().replace(' ', '.')}@school.example"
    with programme.db.transaction() as session:
        person = people.create(
            session, **{"email": email, "name": name, "confirmed_at": now, "now": now, **fields}
        )
        for role, organisation in roles:
            person = people.grant(session, person.id, role, organisation, actor="test", now=now)
    return person
