# SPDX-License-Identifier: Apache-2.0
"""Rows of issuers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.store.tables import ProfileRow
from service.db import Database


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """An issuer as stored: its TOML, its DID and its picture."""

    slug: str
    did: str
    source: bytes
    image: bytes


def put(session: Session, profile: StoredProfile, *, now: datetime) -> None:
    """Write ``profile``, new or changed; the DID of an issuer never changes."""
    row = session.get(ProfileRow, profile.slug)
    if row is None:
        session.add(
            ProfileRow(
                slug=profile.slug,
                did=profile.did,
                source=profile.source,
                image=profile.image,
                created_at=now,
                updated_at=now,
            )
        )
    else:
        row.source, row.image, row.updated_at = profile.source, profile.image, now
    session.flush()


def get(session: Session, slug: str) -> StoredProfile | None:
    """Return the issuer with this slug."""
    row = session.get(ProfileRow, slug)
    return None if row is None else _value(row)


def by_did(session: Session, did: str) -> StoredProfile | None:
    """Return the issuer with this DID."""
    row = session.scalar(select(ProfileRow).where(ProfileRow.did == did))
    return None if row is None else _value(row)


def every(session: Session) -> tuple[StoredProfile, ...]:
    """Return all issuers, the first one first."""
    return tuple(
        _value(row)
        for row in session.scalars(select(ProfileRow).order_by(ProfileRow.created_at, ProfileRow.slug))
    )


def sources(db: Database) -> tuple[tuple[str, str, bytes], ...]:
    """Return slug, DID and TOML of all issuers, the first one first; their pictures are not read."""
    return tuple((row.slug, row.did, row.source) for row in db.ask(_SOURCES))


# Every verification asks, so the statement is made once.
_SOURCES: Final = select(ProfileRow.slug, ProfileRow.did, ProfileRow.source).order_by(
    ProfileRow.created_at, ProfileRow.slug
)


def _value(row: ProfileRow) -> StoredProfile:
    return StoredProfile(slug=row.slug, did=row.did, source=row.source, image=row.image)
