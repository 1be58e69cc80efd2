# SPDX-License-Identifier: Apache-2.0
"""A programme from a folder, and generated content for tests of load.

A folder holds ``issuer.toml``, ``stacks.toml``, a TOML file for each version, and ``portals/*.toml``. What is
there already stays; a version that is in the catalogue keeps its state.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from earning.catalogue import catalogue, generator, seed, stacks
from earning.catalogue.version import VersionState
from earning.programme import Programme
from earning.store import catalogue as rows
from issuer import achievements, profiles
from issuer.errors import NoSuchIssuerError, ProgrammeError

ISSUER_FILE: Final = "issuer.toml"
STACKS_FILE: Final = "stacks.toml"


def load(programme: Programme, folder: Path, *, now: datetime, actor: str) -> Iterator[str]:
    """Load what stands in ``folder`` and yield sentences about it.

    Raises:
        ProgrammeError: A file is missing or not as agreed.
        AchievementFrozenError: A version that was awarded has another text now.
    """
    profile = folder / ISSUER_FILE
    if not profile.is_file():
        raise ProgrammeError(f"The folder {folder.name} has no {ISSUER_FILE}.", got=folder.name)
    issuer = profiles.register(programme.mint, profile.read_bytes(), name=ISSUER_FILE, now=now, actor=actor)
    yield f"Issuer {issuer.profile.name} ({issuer.did})"
    if (folder / STACKS_FILE).is_file():
        found = stacks.read((folder / STACKS_FILE).read_bytes())
        with programme.db.transaction() as session:
            rows.put_stacks(session, found)
        yield f"Stacks: {len(found)}"
    for file in sorted(folder.glob("*.toml")):
        if file.name not in (ISSUER_FILE, STACKS_FILE):
            read = achievements.register(
                programme.mint, file.read_bytes(), issuer=issuer.slug, name=file.name, now=now, actor=actor
            )
            version = catalogue.open_version(programme, read.key, now=now, actor=actor)
            yield f"Micro-credential {version.title} ({version.key}, {version.state})"
    for file in sorted((folder / "portals").glob("*.toml")):
        portal = seed.add_portal(programme, file.read_bytes(), name=file.name, now=now, actor=actor)
        yield f"Portal {portal.title} ({portal.path})"


def generate(
    programme: Programme, count: int, *, start: int, now: datetime, actor: str, issuer: str | None = None
) -> int:
    """Put ``count`` generated micro-credentials into the catalogue; return how many versions that made.

    They never stand beside the content of a real programme: only an issuer of the sample takes them.

    Raises:
        NoSuchIssuerError: There is no such issuer, or it is a real one.
    """
    slug = _sample_issuer(programme, issuer)
    with programme.db.transaction() as session:
        known = rows.stacks(session)
        found = [each for each in stacks.read(generator.stacks()) if each.code not in known]
        rows.put_stacks(session, found)
    made = 0
    for name, source in generator.generate(count, start=start):
        read = achievements.register(programme.mint, source, issuer=slug, name=name, now=now, actor=actor)
        catalogue.open_version(programme, read.key, now=now, actor=actor, is_generated=True)
        made += 1
    for key in generator.in_revision(count, start=start):
        with programme.db.reading() as session:
            is_open = rows.get(session, key).is_open
        if is_open:
            catalogue.set_state(programme, key, VersionState.REVISION, now=now, actor=actor)
    return made


def _sample_issuer(programme: Programme, wanted: str | None) -> str:
    for issuer in profiles.every(programme.mint):
        if issuer.profile.sample and wanted in (None, issuer.slug):
            return issuer.slug
    raise NoSuchIssuerError(
        "Generated content needs an issuer of the sample: use a folder of its own, made with the sample.",
        got=wanted,
    )
