# SPDX-License-Identifier: Apache-2.0
"""What became of the rows of a file of awards, with what their awards say today."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.bulk.bulk import RowState
from issuer.store.tables import AwardRow, BulkItemRow, CredentialRow


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row; with an award, address and name are the award's, else the file's.

    Attributes:
        content: The award as it was asked for, JSON; of a bad row what its file shows; "" once tidied.
        key: Of the credential, or None.
        standing: The state of the credential, or None.
    """

    number: int
    state: RowState
    reason: str
    content: str
    key: str | None = None
    credential_id: str | None = None
    standing: str | None = None
    achievement: str | None = None
    email: str | None = None
    award: str | None = None


def outcomes(
    session: Session,
    id: str,
    *,
    states: Collection[RowState] | None = None,
    warned: bool = False,
    after: int = 0,
    limit: int,
) -> tuple[Outcome, ...]:
    """Return what became of rows, behind the row ``after``, in their order."""
    query = (
        select(
            BulkItemRow.number,
            BulkItemRow.state,
            BulkItemRow.reason,
            BulkItemRow.content,
            BulkItemRow.award,
            CredentialRow.credential_id,
            CredentialRow.state,
            AwardRow.achievement,
            AwardRow.email,
            AwardRow.content,
        )
        .outerjoin(AwardRow, AwardRow.key == BulkItemRow.award)
        .outerjoin(CredentialRow, CredentialRow.key == BulkItemRow.award)
        .where(BulkItemRow.bulk == id, BulkItemRow.number > after)
    )
    if states is not None:
        query = query.where(BulkItemRow.state.in_(states))
    if warned:
        query = query.where(BulkItemRow.reason != "", BulkItemRow.state != RowState.BAD)
    found = session.execute(query.order_by(BulkItemRow.number).limit(limit))
    return tuple(
        Outcome(
            number, RowState(state), reason, content, key, credential_id, standing, achievement, email, award
        )
        for number, state, reason, content, key, credential_id, standing, achievement, email, award in found
    )
