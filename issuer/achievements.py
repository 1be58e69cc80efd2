# SPDX-License-Identifier: Apache-2.0
"""What can be awarded: versions of micro-credentials, registered from TOML.

A version that was awarded to somebody never changes, and neither do its documents: their digests are signed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from credentials.document import write
from issuer import achievement, artwork, micro_credential, profiles
from issuer.achievement import Achievement, StoredDocument
from issuer.errors import AchievementFrozenError, NoSuchAchievementError
from issuer.micro_credential import MicroCredential
from issuer.mint import Mint
from issuer.store import achievements as rows
from issuer.store.achievements import StoredAchievement
from service import audit

NAMED: Final = 20  # codes that one sentence names
KEPT: Final = 1_000  # versions that stay read in memory; some 30 KB each


def register(
    mint: Mint, source: bytes, *, issuer: str, name: str, now: datetime, actor: str = "system"
) -> Achievement:
    """Register the version that ``source`` describes for the issuer with the slug ``issuer``.

    The same text again changes nothing.

    Raises:
        ProgrammeError: The file is not as agreed.
        NoSuchIssuerError: There is no such issuer.
        AchievementFrozenError: The version was awarded, or is another issuer's, and the text differs.
    """
    read = micro_credential.read(source, name=name)
    owner = profiles.get(mint, issuer)
    with mint.db.reading() as session:
        known = rows.get(session, read.key)
    if known is not None and known.source == source and known.issuer == issuer:
        return _achievement(known)
    pinned = achievement.documents(read, issuer_name=owner.profile.name)
    path = achievement.path(read.key)
    caption = f"Badge image: {read.title}"
    pictures = (
        StoredDocument(f"{path}/image.png", "image/png", artwork.png(read.code, stack=read.stacks[0])),
        StoredDocument(
            f"{path}/image.svg", "image/svg+xml", artwork.svg(read.code, stack=read.stacks[0], label=caption)
        ),
    )
    stored = StoredAchievement(
        key=read.key,
        issuer=issuer,
        code=read.code,
        source=source,
        members=write(achievement.members(read, public_url=mint.public_url)),
        related=json.dumps(achievement.related(pinned, public_url=mint.public_url)).encode(),
    )
    with mint.db.transaction() as session:
        known = rows.get(session, read.key)
        if known is not None and (known.issuer != issuer or rows.is_awarded(session, read.key)):
            raise AchievementFrozenError(
                f"{read.key} has been awarded, so its text stays as it is; give the new text a new version.",
                got=read.key,
            )
        rows.put(session, stored, (*pinned, *pictures), now=now)
        audit.record(
            session,
            actor=actor,
            action="achievement.registered",
            subject=read.key,
            detail={"issuer": issuer},
            now=now,
        )
    return _achievement(stored)


def get(mint: Mint, key: str) -> Achievement:
    """Return the version with this key, such as ``SEL1-v1``.

    Raises:
        NoSuchAchievementError: There is none.
    """
    with mint.db.reading() as session:
        stored = rows.get(session, key)
    if stored is None:
        raise NoSuchAchievementError(f'There is no micro-credential "{key[:64]}".', got=key[:64])
    return _achievement(stored)


def source(mint: Mint, key: str) -> bytes:
    """Return the TOML text of the version with this key, as it was registered.

    Raises:
        NoSuchAchievementError: There is none.
    """
    with mint.db.reading() as session:
        stored = rows.get(session, key)
    if stored is None:
        raise NoSuchAchievementError(f'There is no micro-credential "{key[:64]}".', got=key[:64])
    return stored.source


def find(mint: Mint, name: str) -> Achievement:
    """Return the version that a person means: by its link, its key, or its code (the newest version of it).

    Capital letters matter only where two names differ in nothing else.

    Raises:
        NoSuchAchievementError: None of these; the sentence names what comes near it, or what there is.
    """
    key = name.removeprefix(mint.public_url + achievement.path(""))
    with mint.db.reading() as session:
        stored = rows.get(session, key) or rows.newest(session, key)
        known = rows.every(session) if stored is None else ()
    if stored is None:
        # A link that was signed under an earlier address of ours is still the name of this version.
        stored = next((each for each in known if _id(each) == name), None)
    if stored is None:
        folded = key.casefold()
        alike = [each for each in known if folded in (each.key.casefold(), each.code.casefold())]
        stored = alike[-1] if alike else None
    if stored is None:
        raise NoSuchAchievementError(
            f'There is no micro-credential "{name[:64]}".{_near(key, known)}', got=name[:64]
        )
    return _achievement(stored)


def newest(mint: Mint, code: str) -> Achievement | None:
    """Return the newest version of ``code``."""
    with mint.db.reading() as session:
        stored = rows.newest(session, code)
    return None if stored is None else _achievement(stored)


def newest_of_each(mint: Mint, *, limit: int) -> tuple[tuple[Achievement, ...], int]:
    """Return the newest version of each code, the first ``limit`` of them, and how many codes there are."""
    with mint.db.reading() as session:
        stored, total = rows.newest_of_each(session, limit=limit)
    return tuple(_achievement(each) for each in stored), total


def every(mint: Mint) -> tuple[Achievement, ...]:
    """Return all versions, in the order of registration."""
    with mint.db.reading() as session:
        return tuple(_achievement(stored) for stored in rows.every(session))


def documents(mint: Mint) -> tuple[StoredDocument, ...]:
    """Return every stored document: criteria, rubrics and pictures."""
    with mint.db.reading() as session:
        return rows.documents(session)


def document(mint: Mint, path: str) -> StoredDocument | None:
    """Return the stored document under ``path``."""
    with mint.db.reading() as session:
        return rows.document(session, path)


def _near(name: str, known: Sequence[StoredAchievement]) -> str:
    """Return a sentence about what there is instead."""
    codes = tuple(dict.fromkeys(each.code for each in known))
    close = get_close_matches(name.upper(), codes, n=1)
    if close:
        return f" Did you mean {close[0]}?"
    if not codes:
        return " There is nothing to award yet."
    return f" There are {', '.join(codes[:NAMED])}{' and more' if len(codes) > NAMED else ''}."


def _id(stored: StoredAchievement) -> str:
    return str(json.loads(stored.members)["id"])


def _achievement(stored: StoredAchievement) -> Achievement:
    members = json.loads(stored.members)
    return Achievement(
        id=members["id"],
        issuer=stored.issuer,
        micro_credential=_read(stored.source, stored.key),
        members=members,
        related=tuple(json.loads(stored.related)),
    )


@lru_cache(maxsize=KEPT)
def _read(source: bytes, key: str) -> MicroCredential:
    """Read a file that was read before it was stored; the same bytes always give the same values."""
    return micro_credential.read(source, name=f"{key}.toml")
