# SPDX-License-Identifier: Apache-2.0
"""The sample programme in the catalogue: stacks, versions, portals, seasons, organisations, and people.

Everything can be done twice and changes nothing the second time. What a manager has changed since stays:
a version that is there keeps its state, a portal its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.abc import Traversable
from importlib.resources import files
from typing import Final

from earning import catalogue, stacks
from earning.programme import Programme
from earning.store import catalogue as rows
from earning.version import Version
from issuer import achievements, profiles

ACTOR: Final = "system"

_GENERATED: Final = "GEN"  # how codes of generated micro-credentials begin


def samples() -> Traversable:
    """Return the folder of the sample data."""
    return files("earning") / "samples"


def seed(programme: Programme, *, now: datetime) -> tuple[str, ...]:
    """Put the sample into the catalogue and return sentences about what there is."""
    return tuple(_seed(programme, now=now))


def _seed(programme: Programme, *, now: datetime) -> Iterator[str]:
    source = samples() / "stacks.toml"
    if source.is_file():
        found = stacks.read(source.read_bytes())
        with programme.db.transaction() as session:
            rows.put_stacks(session, found)
        yield f"Stacks: {len(found)}"
    opened = open_all(programme, now=now)
    yield f"Catalogue: {len(opened)} versions"


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
