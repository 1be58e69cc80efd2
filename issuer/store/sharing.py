# SPDX-License-Identifier: Apache-2.0
"""Whether search engines may show an award's page."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.store.tables import AwardRow


def is_indexed(session: Session, key: str) -> bool:
    """Tell whether search engines may show the page of this award; never of anything else."""
    return bool(session.scalar(select(AwardRow.is_indexed).where(AwardRow.key == key)))


def set_indexed(session: Session, key: str, *, on: bool) -> bool | None:
    """Let search engines show it, or not; tell whether that changed anything, None without such an award."""
    row = session.get(AwardRow, key)
    if row is None:
        return None
    changed = row.is_indexed is not on
    row.is_indexed = on
    session.flush()
    return changed
