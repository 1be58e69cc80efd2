# SPDX-License-Identifier: Apache-2.0
"""What somebody holds and what one can earn, for those who say what it is worth (``recognition.ports``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from earning.catalogue import catalogue, gateway
from earning.catalogue.version import Version
from earning.programme import Programme
from earning.sharing.evidence import award_state, current_key
from earning.store import publishing as store
from earning.store import work as rows
from earning.work.applications import State
from earning.work.work import applications, assignment
from issuer import issuance, profiles, publish

KIND: Final = "MicroCredential"  # achievementType of everything that is earned in a programme


@dataclass(frozen=True, slots=True)
class Holding:
    """An award that somebody holds here; ``state`` is that of its newest issue."""

    url: str
    code: str
    title: str
    stacks: tuple[str, ...]
    kind: str
    issuer: str
    awarded: datetime
    state: str
    enrolled: datetime
    portal: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A micro-credential that one can earn here."""

    code: str
    title: str
    stacks: tuple[str, ...]
    kind: str
    issuer: str
    hours: tuple[int, int]
    path: str


@dataclass(frozen=True, slots=True)
class SeasonDates:
    """A season of a portal, as a plan shows it beside the recognizer's."""

    portal: str
    path: str
    name: str
    last_submission: date
    last_revision: date


def holdings(programme: Programme, person: str) -> tuple[Holding, ...]:
    """Return the awards of a person, the newest first; what is not signed yet is not among them."""
    found = []
    for each in applications(programme, person):
        key, state = current_key(programme, each), award_state(programme, each)
        if each.state is not State.AWARDED or key is None or state is None:
            continue
        text, said = assignment(programme, each.version), publish.said(publish.find(programme.mint, key))
        awarded = said.awarded_on or said.valid_from
        found.append(
            Holding(
                url=issuance.credential_url(programme.mint, key),
                code=text.code,
                title=text.title,
                stacks=text.stacks,
                kind=KIND,
                issuer=said.issuer_id or "",
                awarded=awarded or each.ended_at or each.applied_at,
                state=str(state),
                enrolled=each.applied_at,
                portal=each.portal or "",
            )
        )
    return tuple(sorted(found, key=lambda each: each.awarded, reverse=True))


def listed(programme: Programme) -> tuple[Listed, ...]:
    """Return everything that the catalogue lists."""
    dids = {each.slug: each.did for each in profiles.every(programme.mint)}
    return tuple(_item(each, dids) for each in catalogue.all_listed(programme))


def stack_titles(programme: Programme) -> dict[str, str]:
    """Return the title of every stack of the catalogue by its code."""
    with programme.db.reading() as session:
        return {each.code: each.title for each in catalogue.stacks(session).values()}


def item(programme: Programme, version: Version) -> Listed:
    """Return one version of a micro-credential, as rules ask about it."""
    return _item(version, {each.slug: each.did for each in profiles.every(programme.mint)})


def _item(version: Version, dids: Mapping[str, str]) -> Listed:
    return Listed(
        code=version.code,
        title=version.title,
        stacks=version.stacks,
        kind=KIND,
        issuer=dids.get(version.issuer, ""),
        hours=version.hours,
        path=version.path,
    )


def seasons(programme: Programme, jurisdiction: str, *, today: date) -> tuple[SeasonDates, ...]:
    """Return the running and coming seasons of the portals for ``jurisdiction`` (``US-WA``)."""
    found = []
    for slug, portal in gateway.every(programme).items():
        if portal.state and jurisdiction == f"US-{portal.state}":
            alive = gateway.portal_page(programme, slug, today=today).seasons
            found += [
                SeasonDates(portal.title, portal.path, each.name, each.last_submission, each.last_revision)
                for each in alive
            ]
    return tuple(found)


def owner(programme: Programme, credential_id: str) -> str | None:
    """Return the id of the person who earned a credential here, or None."""
    issues = _issues(programme, credential_id)
    if not issues:
        return None
    with programme.db.reading() as session:
        id = store.application_of_award(session, issues)
        found = None if id is None else rows.any_application(session, id)
    return None if found is None else found.person


def same_award(programme: Programme, credential_id: str) -> tuple[str, ...]:
    """Return the ids of every issue of the award of a credential of ours; none for a foreign one."""
    return tuple(issuance.credential_url(programme.mint, key) for key in _issues(programme, credential_id))


def _issues(programme: Programme, credential_id: str) -> tuple[str, ...]:
    start = issuance.credential_url(programme.mint, "")
    key = credential_id.removeprefix(start)
    return publish.issues(programme.mint, key) if key != credential_id and "/" not in key else ()
