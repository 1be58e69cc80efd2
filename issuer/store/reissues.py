# SPDX-License-Identifier: Apache-2.0
"""Rows of re-issues: which credential takes the place of which.

``AwardRow.replaced_by`` says it from the moment it is decided, ``CredentialRow.superseded_by`` from the
moment the new one is signed; both in one commit with what they belong to.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from issuer.award import Award, AwardState
from issuer.store import credentials
from issuer.store.tables import AwardRow, CredentialRow
from service.db import Database

_SIGNED = or_(CredentialRow.signed_json.is_not(None), CredentialRow.signed_jwt.is_not(None))


def begin(session: Session, old: str, award: Award, *, recipient: str, shows_name: bool) -> None:
    """Write down that ``award``, whose credential has a row, shall take the place of the signed ``old``."""
    before = session.get_one(AwardRow, old)
    before.replaced_by = award.key  # first: of those that nothing replaces, each submission has one
    session.flush()
    credentials.add_award(session, award, recipient=recipient)
    after = session.get_one(AwardRow, award.key)
    after.is_indexed = before.is_indexed
    if shows_name and before.shown_name is not None:
        after.shown_name = award.request.name
    session.flush()


def cancel(session: Session, old: str, new: str) -> None:
    """Let ``old`` stand as before: what should have taken its place was refused and is not signed."""
    credentials.replace(session, new, by=old)
    session.get_one(AwardRow, old).replaced_by = None
    session.flush()


def finish(session: Session, new: str) -> str | None:
    """Write down that ``new``, which is signed, has taken a place, if it was to; return whose."""
    old = replaces(session, new)
    if old is None:
        return None
    row = session.get_one(CredentialRow, old)
    row.state, row.superseded_by = AwardState.SUPERSEDED, new
    before, after = session.get_one(AwardRow, old), session.get_one(AwardRow, new)
    if before.shown_name != after.shown_name:
        before.shown_name = None  # a name that was corrected is not shown any more
    session.flush()
    return old


def replaces(session: Session, new: str) -> str | None:
    """Return the signed credential whose place ``new`` takes or has taken, or None."""
    return session.scalar(
        select(AwardRow.key)
        .join(CredentialRow, CredentialRow.key == AwardRow.key)
        .where(AwardRow.replaced_by == new, _SIGNED)
    )


def replacement(session: Session, old: str) -> str | None:
    """Return what takes or has taken the place of the signed ``old``, or None."""
    return session.scalar(
        select(AwardRow.replaced_by)
        .join(CredentialRow, CredentialRow.key == AwardRow.key)
        .where(AwardRow.key == old, _SIGNED)
    )


def is_superseded(db: Database, credential_id: str) -> bool:
    """Tell whether another issue took the place of the credential with this ``id``."""
    found = db.ask(_STATE, {"credential_id": credential_id})
    return bool(found) and AwardState(found[0].state) is AwardState.SUPERSEDED


# Every verification asks, so the statement is made once.
_STATE: Final = select(CredentialRow.state).where(CredentialRow.credential_id == bindparam("credential_id"))


def current(session: Session, key: str) -> str:
    """Return the newest signed issue of the same award; of anything else the key itself."""
    while (row := session.get(CredentialRow, key)) is not None and row.superseded_by is not None:
        key = row.superseded_by
    return key


def earlier(session: Session, key: str) -> tuple[str, ...]:
    """Return the issues whose place ``key`` has taken, one after the other, the last one first."""
    found: list[str] = []
    query = select(CredentialRow.key).where(CredentialRow.superseded_by == key)
    while (old := session.scalar(query)) is not None:
        found.append(old)
        query = select(CredentialRow.key).where(CredentialRow.superseded_by == old)
    return tuple(found)


def all_of(session: Session, key: str) -> tuple[str, ...]:
    """Return every issue of the same award, the newest first; of anything else the key itself."""
    newest = current(session, key)
    return (newest, *earlier(session, newest))
