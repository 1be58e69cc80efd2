# SPDX-License-Identifier: Apache-2.0
"""Which files of an application are kept, and how much room they take."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from earning.store.tables import ApplicationRow, ArtefactRow, ReviewRow


def hold(session: Session, application: str) -> None:
    """Let nobody else add to this application until the transaction ends; SQLite has one writer anyway."""
    session.execute(select(ApplicationRow.id).where(ApplicationRow.id == application).with_for_update())


def kept_bytes(session: Session, application: str) -> int:
    """Return the bytes of all files that are kept for an application, also of what left its draft."""
    query = select(func.coalesce(func.sum(ArtefactRow.size), 0)).where(
        ArtefactRow.application == application, ArtefactRow.file.is_not(None)
    )
    return int(session.scalar(query) or 0)


def was_ever_leased(session: Session, submissions: Collection[str]) -> bool:
    """Tell whether a reviewer ever had one of these submissions."""
    query = select(ReviewRow.id).where(ReviewRow.submission.in_(list(submissions))).limit(1)
    return session.scalar(query) is not None
