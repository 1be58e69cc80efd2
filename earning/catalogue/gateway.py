# SPDX-License-Identifier: Apache-2.0
"""The portals as they stand: read from their rows, with their seasons, and what each says of a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from earning.catalogue import catalogue, portals
from earning.catalogue.portals import Featured, Portal
from earning.catalogue.stacks import Stack
from earning.catalogue.version import Version
from earning.errors import NoSuchPortalError
from earning.ports import Told
from earning.programme import Programme
from earning.store import portals as rows
from earning.store.catalogue import Picked
from earning.store.portals import StoredPortal
from earning.work.seasons import Season


@dataclass(frozen=True, slots=True)
class Worth:
    """What a portal says a micro-credential is good for, and on which of its lists it stands."""

    portal: Portal
    on: tuple[Featured, ...]


@dataclass(frozen=True, slots=True)
class PortalPage:
    """What the page of a portal shows.

    Attributes:
        featured: What stands first, with the versions on it.
        seasons: Running and coming ones, the nearest first; ``past`` are over.
        total: How many micro-credentials the catalogue lists.
        rules: What recognizers of the state give, if a rule is known.
    """

    portal: Portal
    featured: tuple[tuple[Featured, tuple[Version, ...]], ...]
    stacks: dict[str, Stack]
    seasons: tuple[Season, ...]
    past: tuple[Season, ...]
    today: date
    total: int
    rules: tuple[Told, ...] = ()


def portal_page(programme: Programme, slug: str, *, today: date) -> PortalPage:
    """Return the page of a portal.

    Raises:
        NoSuchPortalError: There is none.
    """
    return show(programme, get(programme, slug), today=today)


def show(programme: Programme, portal: Portal, *, today: date) -> PortalPage:
    """Return the page of ``portal``, which may be a text that was not saved."""
    with programme.db.reading() as session:
        featured = tuple((each, catalogue.on_list(session, each.picked)) for each in portal.featured)
        alive, past = portals.season_order(rows.seasons(session, portal.slug), today)
        return PortalPage(
            portal=portal,
            featured=featured,
            stacks=catalogue.stacks(session),
            seasons=alive,
            past=past,
            today=today,
            total=catalogue.number(session),
            rules=tuple(programme.recognised.at(portal.state, on=today)),
        )


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


def names(programme: Programme) -> tuple[tuple[str, str], ...]:
    """Return title and path of every portal."""
    return tuple((portal.title, portal.path) for portal in every(programme).values())


def states(programme: Programme) -> dict[str, str]:
    """Return the state of each affiliate that has a portal, by its short name."""
    return {portal.organisation: portal.state for portal in every(programme).values()}


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
