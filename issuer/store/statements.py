# SPDX-License-Identifier: Apache-2.0
"""Rows of documents that were given to be signed, and that somebody else keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from issuer.award import AwardState
from issuer.store.tables import CredentialRow, StatusChangeRow, StatusEntryRow

GIVEN: Final = ("json", "jwt")  # kinds of what was given to be signed; an award is never let go


def let_go(session: Session, *, start: str, before: datetime) -> int:
    """Delete what was given and signed before then under ids that begin with ``start``; return how many.

    What can be withdrawn, or ever was, stays.
    """
    done = session.execute(
        delete(CredentialRow)
        .where(
            CredentialRow.kind.in_(GIVEN),
            CredentialRow.state == AwardState.ISSUED,
            CredentialRow.issued_at <= before,
            CredentialRow.credential_id.startswith(start, autoescape=True),
            # A decoy is nobody's, and nothing is outside a list that holds a NULL.
            CredentialRow.key.not_in(
                select(StatusEntryRow.credential).where(StatusEntryRow.credential.is_not(None))
            ),
            CredentialRow.key.not_in(select(StatusChangeRow.credential)),
        )
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))
