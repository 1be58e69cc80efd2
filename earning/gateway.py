# SPDX-License-Identifier: Apache-2.0
"""The portals as they stand: read from their rows, with their seasons, and what each says of a version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from earning import portals
from earning.errors import NoSuchPortalError
from earning.portals import Featured, Portal
from earning.programme import Programme
from earning.store import portals as rows
from earning.store.catalogue import Picked
from earning.store.portals import StoredPortal
from earning.version import Version


@dataclass(frozen=True, slots=True)
class Worth:
    """What a portal says a micro-credential is good for, and on which of its lists it stands."""

    portal: Portal
    on: tuple[Featured, ...]


def every(programme: Programme) -> dict[str, Portal]:
    """Return all portals by their short names."""
    with programme.db.reading() as session:
        return {each.slug: read(each) for each in rows.every(session)}


def get(programme: Programme, slug: str) -> Portal:
    """Return the portal ``slug``.

    Raises:
        NoSuchPortalError: There is none.
    """
    with programme.db.reading() as session:
        stored = rows.find(session, slug)
    if stored is None:
        raise NoSuchPortalError("There is no page here.", got=slug[:40])
    return read(stored)


def lists(programme: Programme) -> dict[str, tuple[str, Picked]]:
    """Return the lists of all portals, for the filter of the catalogue."""
    return portals.lists(every(programme))


def worth(programme: Programme, version: Version) -> tuple[Worth, ...]:
    """Return what each portal says of ``version``."""
    return tuple(
        Worth(
            portal=portal,
            on=tuple(
                each
                for each in portal.featured
                if portals.on(each.picked, code=version.code, stacks=version.stacks)
            ),
        )
        for portal in every(programme).values()
    )


def read(stored: StoredPortal) -> Portal:
    """Return the portal that a row holds."""
    return portals.read(stored.source, name=f"{stored.slug}.toml")
