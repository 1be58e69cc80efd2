# SPDX-License-Identifier: Apache-2.0
"""Rows of drafts. Every question names the issuers of whoever asks, so that others' drafts do not exist."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from earning.catalogue.drafts import Draft
from earning.store.tables import DraftRow


def add(session: Session, *, issuer: str, code: str, source: bytes, person: str, now: datetime) -> str:
    """Write a new draft and return its id."""
    row = DraftRow(
        id=str(uuid.uuid4()),
        issuer=issuer,
        code=code,
        source=source,
        revision=1,
        edited_by=person,
        edited_at=now,
        published=None,
    )
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, id: str, *, issuers: Collection[str]) -> Draft | None:
    """Return a draft of one of ``issuers``."""
    row = session.scalar(
        select(DraftRow)
        .where(DraftRow.id == id, DraftRow.issuer.in_(issuers))
        .execution_options(populate_existing=True)
    )
    return None if row is None else _draft(row)


def every(session: Session, *, issuers: Collection[str]) -> tuple[Draft, ...]:
    """Return the drafts of ``issuers`` that were not published, the one edited last first."""
    query = select(DraftRow).where(DraftRow.issuer.in_(issuers), DraftRow.published.is_(None))
    return tuple(
        _draft(row) for row in session.scalars(query.order_by(DraftRow.edited_at.desc(), DraftRow.id))
    )


def change(
    session: Session,
    draft: Draft,
    *,
    code: str,
    source: bytes,
    person: str,
    now: datetime,
) -> bool:
    """Write a new text if nobody has changed the draft since ``draft`` was read; return whether it was."""
    done = session.execute(
        update(DraftRow)
        .where(DraftRow.id == draft.id, DraftRow.revision == draft.revision, DraftRow.published.is_(None))
        .values(code=code, source=source, revision=draft.revision + 1, edited_by=person, edited_at=now)
        .returning(DraftRow.id)
    )
    return done.first() is not None


def publish(session: Session, draft: Draft, *, key: str, now: datetime) -> bool:
    """Note that a draft became the version ``key``, unless it was changed since."""
    done = session.execute(
        update(DraftRow)
        .where(DraftRow.id == draft.id, DraftRow.revision == draft.revision, DraftRow.published.is_(None))
        .values(published=key, edited_at=now)
        .returning(DraftRow.id)
    )
    return done.first() is not None


def remove(session: Session, id: str, *, issuers: Collection[str]) -> bool:
    """Take away a draft that was not published; return whether there was one."""
    done = session.execute(
        delete(DraftRow)
        .where(DraftRow.id == id, DraftRow.issuer.in_(issuers), DraftRow.published.is_(None))
        .returning(DraftRow.id)
    )
    return done.first() is not None


def _draft(row: DraftRow) -> Draft:
    return Draft(
        id=row.id,
        issuer=row.issuer,
        code=row.code,
        source=row.source,
        revision=row.revision,
        edited_by=row.edited_by,
        edited_at=row.edited_at,
        published=row.published,
    )
