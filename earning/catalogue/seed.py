# SPDX-License-Identifier: Apache-2.0
"""The sample programme in the catalogue: stacks, versions, portals, seasons, organisations, and people.

Everything can be done twice and changes nothing the second time. What a manager has changed since stays:
a version that is there keeps its state, a portal its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from earning.catalogue import catalogue, portals, stacks
from earning.catalogue.portals import Portal
from earning.catalogue.version import Version, VersionState
from earning.programme import Programme
from earning.store import catalogue as rows
from earning.store import portals as portal_rows
from earning.store.portals import StoredPortal
from issuer import achievements, profiles
from issuer.toml_reader import Table, read_table
from service.accounts import organisations
from service.accounts.organisations import Organisation

ACTOR: Final = "system"

_GENERATED: Final = "GEN"  # how codes of generated micro-credentials begin


def samples() -> Traversable:
    """Return the folder of the sample data."""
    return files("earning") / "samples"


def seed(programme: Programme, *, now: datetime) -> tuple[str, ...]:
    """Put the sample into the catalogue and return sentences about what there is."""
    return tuple(_seed(programme, now=now))


def _seed(programme: Programme, *, now: datetime) -> Iterator[str]:
    found = stacks.read((samples() / "stacks.toml").read_bytes())
    with programme.db.transaction() as session:
        rows.put_stacks(session, found)
    opened = open_all(programme, now=now)
    yield f"Catalogue: {len(opened)} versions of micro-credentials in {len(found)} stacks"
    for key, since, reason in _revisions():
        version = catalogue.open_version(programme, key, now=now)
        if version.is_open and version.opened_at == now:
            catalogue.set_state(
                programme, key, VersionState.REVISION, now=min(now, since), actor=ACTOR, note=reason
            )
    _organisations(programme, now=now)
    for file in sorted((samples() / "portals").iterdir(), key=lambda each: each.name):
        portal = add_portal(programme, file.read_bytes(), name=file.name, now=now)
        yield f"Portal {portal.title} (/{portal.slug})"


def add_portal(
    programme: Programme, source: bytes, *, name: str, now: datetime, actor: str = ACTOR
) -> Portal:
    """Add a portal with its organisation and seasons from its file; what is there stays as it is.

    Raises:
        ProgrammeError: The file is not as agreed.
    """
    portal, seasons, text = portals.read_file(source, name=name)
    with programme.db.transaction() as session:
        known = {each.slug for each in organisations.every(session)}
        if portal.organisation not in known:
            owner = next((slug for slug in _issuers(programme) if slug in known), None)
            organisations.put(
                session,
                Organisation(portal.organisation, portal.title, "affiliate", owner),
                actor=actor,
                now=now,
            )
        stored = StoredPortal(portal.slug, portal.organisation, text, revision=1, updated_at=now)
        is_new = portal_rows.add(session, stored)
        for season in seasons if is_new else ():
            portal_rows.put_season(session, season)
    return portal


def _revisions() -> Iterator[tuple[str, datetime, str]]:
    """Yield which versions of the sample take no new applicants: key, since when, and why."""
    table = read_table((samples() / "revisions.toml").read_bytes(), name="revisions.toml")
    for item in table.tables("revision"):
        since = datetime.combine(item.day("since"), time(), UTC)
        yield item.text("key"), since, item.text("reason")
        item.done()
    table.done()


def _organisations(programme: Programme, *, now: datetime) -> None:
    """Add the organisations of the sample: who runs the programmes, and who stands beside them."""
    table = people_file()
    with programme.db.transaction() as session:
        known = {each.slug for each in organisations.every(session)}
        for item in table.tables("organisation"):
            made = Organisation(
                slug=item.text("slug"),
                name=item.text("name"),
                kind=item.text("kind"),
                parent=item.optional_text("parent"),
            )
            item.done()
            if made.slug not in known:
                organisations.put(session, made, actor=ACTOR, now=now)


def people_file() -> Table:
    """Return the file of the sample's organisations and people."""
    return read_table((samples() / "people.toml").read_bytes(), name="people.toml")


def _issuers(programme: Programme) -> tuple[str, ...]:
    return tuple(each.slug for each in profiles.every(programme.mint))


def open_all(programme: Programme, *, now: datetime, actor: str = ACTOR) -> tuple[Version, ...]:
    """Put every registered version of the sample's issuers into the catalogue, by stacks and codes."""
    with programme.db.reading() as session:
        order = {code: place for place, code in enumerate(rows.stacks(session))}
    sample = {each.slug for each in profiles.every(programme.mint) if each.profile.sample}
    found = [each for each in achievements.every(programme.mint) if each.issuer in sample]
    found.sort(key=lambda each: order.get(each.micro_credential.stacks[0], len(order)))
    return tuple(
        catalogue.open_version(
            programme,
            each.key,
            now=now,
            actor=actor,
            is_generated=each.micro_credential.code.startswith(_GENERATED),
        )
        for each in found
    )
