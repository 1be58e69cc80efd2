# SPDX-License-Identifier: Apache-2.0
"""The values of ``assignment``, gathered from catalogue and issuer."""

from __future__ import annotations

from datetime import datetime

from earning.catalogue import catalogue
from earning.catalogue.assignment import Assignment
from earning.catalogue.version import Version, VersionState
from earning.programme import Programme
from issuer import achievements, profiles
from issuer.micro_credential import MicroCredential


def of_version(programme: Programme, version: Version) -> Assignment:
    """Return what the page of ``version`` shows."""
    text = achievements.get(programme.mint, version.key).micro_credential
    return _assignment(programme, version, text, image_path=version.image_path)


def of_draft(
    programme: Programme, text: MicroCredential, *, issuer: str, image_path: str, now: datetime
) -> Assignment:
    """Return what the page of ``text`` would show if it was published."""
    version = Version(
        key=text.key,
        code=text.code,
        version=text.version,
        issuer=issuer,
        title=text.title,
        competency=text.competency,
        language=text.language,
        hours=text.hours,
        needs_students=text.needs_students,
        is_generated=False,
        stacks=text.stacks,
        audience=tuple(sorted(text.audience)),
        position=0,
        state=VersionState.OPEN,
        opened_at=now,
        closed_at=None,
    )
    return _assignment(programme, version, text, image_path=image_path, is_draft=True)


def _assignment(
    programme: Programme, version: Version, text: MicroCredential, *, image_path: str, is_draft: bool = False
) -> Assignment:
    issuer = profiles.get(programme.mint, version.issuer)
    with programme.db.reading() as session:
        known = catalogue.stacks(session)
        versions = catalogue.of_code(session, version.code)
    return Assignment(
        version=version,
        text=text,
        stacks=tuple(known[code] for code in version.stacks if code in known),
        others=tuple(each for each in versions if each.key != version.key),
        issuer_name=issuer.profile.name,
        issuer_path=issuer.profile.path(),
        is_sample=issuer.profile.sample,
        image_path=image_path,
        is_draft=is_draft,
    )
