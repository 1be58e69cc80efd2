# SPDX-License-Identifier: Apache-2.0
"""Rows of achievements and of the documents that credentials pin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from issuer.achievement import StoredDocument
from issuer.store.tables import AchievementRow, AwardRow, DocumentRow


@dataclass(frozen=True, slots=True)
class StoredAchievement:
    """One version as stored: its TOML, and the members and related resources as JSON."""

    key: str
    issuer: str
    code: str
    source: bytes
    members: bytes
    related: bytes


def put(
    session: Session, achievement: StoredAchievement, documents: Sequence[StoredDocument], *, now: datetime
) -> None:
    """Write ``achievement`` with its documents, in place of an earlier text of the same version."""
    session.execute(delete(DocumentRow).where(DocumentRow.achievement == achievement.key))
    row = session.get(AchievementRow, achievement.key)
    if row is None:
        last = session.scalar(select(func.max(AchievementRow.position))) or 0
        session.add(
            AchievementRow(
                key=achievement.key,
                issuer=achievement.issuer,
                code=achievement.code,
                source=achievement.source,
                members=achievement.members,
                related=achievement.related,
                position=last + 1,
                registered_at=now,
            )
        )
    else:
        row.source, row.members, row.related = achievement.source, achievement.members, achievement.related
    session.flush()
    for document in documents:
        session.add(
            DocumentRow(
                path=document.path,
                achievement=achievement.key,
                media_type=document.media_type,
                body=document.body,
            )
        )
    session.flush()


def get(session: Session, key: str) -> StoredAchievement | None:
    """Return the version with this key."""
    row = session.get(AchievementRow, key)
    return None if row is None else _value(row)


def newest(session: Session, code: str) -> StoredAchievement | None:
    """Return the version of ``code`` that was registered last."""
    row = session.scalar(
        select(AchievementRow).where(AchievementRow.code == code).order_by(AchievementRow.position.desc())
    )
    return None if row is None else _value(row)


def newest_of_each(session: Session, *, limit: int) -> tuple[tuple[StoredAchievement, ...], int]:
    """Return the version of each code that was registered last, by the codes' age, and how many codes."""
    codes = select(
        AchievementRow.code,
        func.min(AchievementRow.position).label("first"),
        func.max(AchievementRow.position).label("last"),
    ).group_by(AchievementRow.code)
    known = codes.subquery()
    query = select(AchievementRow).join(known, AchievementRow.position == known.c.last)
    found = session.scalars(query.order_by(known.c.first).limit(limit))
    total = session.scalar(select(func.count()).select_from(known)) or 0
    return tuple(_value(row) for row in found), total


def every(session: Session) -> tuple[StoredAchievement, ...]:
    """Return all versions, in the order of registration."""
    rows = session.scalars(select(AchievementRow).order_by(AchievementRow.position))
    return tuple(_value(row) for row in rows)


def is_awarded(session: Session, key: str) -> bool:
    """Tell whether anybody was awarded this version."""
    return session.scalar(select(AwardRow.key).where(AwardRow.achievement == key).limit(1)) is not None


def document(session: Session, path: str) -> StoredDocument | None:
    """Return the document under ``path``."""
    row = session.get(DocumentRow, path)
    return None if row is None else StoredDocument(row.path, row.media_type, row.body)


def documents(session: Session) -> tuple[StoredDocument, ...]:
    """Return every document."""
    rows = session.scalars(select(DocumentRow).order_by(DocumentRow.path))
    return tuple(StoredDocument(row.path, row.media_type, row.body) for row in rows)


def _value(row: AchievementRow) -> StoredAchievement:
    return StoredAchievement(row.key, row.issuer, row.code, row.source, row.members, row.related)
