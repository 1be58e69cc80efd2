# SPDX-License-Identifier: Apache-2.0
"""Rows of bulks by the person whom they name: to take somebody out of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from issuer.bulk.bulk import RowState
from issuer.store.bulk_trials import UNSTARTED
from issuer.store.bulk_work import FORGOTTEN
from issuer.store.tables import BulkItemRow, BulkRow, BulkTrialRow

_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_STEP: Final = 1_000  # rows that are read together


def forget(session: Session, email: str) -> dict[str, int]:
    """Take everybody with this address out of all rows; return how many rows that were, by bulk.

    Capitals do not matter. What waits is not issued any more: left out where nobody has started it yet, else
    refused. What is begun is finished, since it is written down what is signed, and then forgotten too
    (``bulk_work.finish``).
    """
    word = max(_WORD.findall(email), key=len, default="")
    query = select(BulkItemRow.bulk, BulkItemRow.number, BulkItemRow.content, BulkItemRow.state).where(
        BulkItemRow.content != "", func.lower(BulkItemRow.content).contains(word.lower())
    )
    wanted = _alike(email)
    found: dict[str, int] = {}
    for bulk, number, state in tuple(_matching(session, query, wanted)):
        _forget(session, bulk, number, RowState(state))
        found[bulk] = found.get(bulk, 0) + 1
    return found


def _matching(
    session: Session, query: Select[str, int, str, str], wanted: str
) -> Iterator[tuple[str, int, str]]:
    for bulk, number, content, state in session.execute(query.execution_options(yield_per=_STEP)):
        said = json.loads(content).get("email")
        if isinstance(said, str) and _alike(said) == wanted:
            yield bulk, number, state


def _forget(session: Session, bulk: str, number: int, state: RowState) -> None:
    values: dict[str, object] = {"content": ""}
    if state is not RowState.ISSUED:
        values["reason"] = FORGOTTEN
    if state is RowState.WAITING:
        values["state"] = RowState.BAD if _leave_out(session, bulk) else RowState.REFUSED
    session.execute(
        update(BulkItemRow).where(BulkItemRow.bulk == bulk, BulkItemRow.number == number).values(values)
    )


def _leave_out(session: Session, bulk: str) -> bool:
    """Count one good row as a bad one in a bulk that was tried and not started; tell whether it is one."""
    tried = select(BulkTrialRow.bulk).where(BulkTrialRow.bulk == bulk, BulkTrialRow.tried_at.is_not(None))
    done = session.execute(
        update(BulkRow)
        .where(BulkRow.id.in_(tried), BulkRow.state.in_(UNSTARTED))
        .values(rows=BulkRow.rows - 1)
    )
    if not getattr(done, "rowcount", 0):
        return False
    session.execute(update(BulkTrialRow).where(BulkTrialRow.bulk == bulk).values(bad=BulkTrialRow.bad + 1))
    return True


def _alike(email: str) -> str:
    return email.strip().casefold()
