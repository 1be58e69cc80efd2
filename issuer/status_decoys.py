# SPDX-License-Identifier: Apache-2.0
"""Which decoys of a list change with a publication (``decoys`` says how many, and why)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from credentials import status_list
from issuer import decoys
from issuer.status import LIST_ENTRIES
from issuer.store import status as rows
from issuer.store.status import StatusList, Turned


def turned(session: Any, found: StatusList, *, now: datetime) -> Turned:
    """Draw the decoys that change with this publication.

    None do where a list is only made anew. A bit of a revocation list that is set stays so: one that was
    cleared would be known for a decoy.
    """
    draw = secrets.randbelow
    if found.served is None:
        return Turned(on=_free(session, found, decoys.first_number(draw=draw)))
    changed = found.changed - found.served.change
    if changed == 0 and (found.stirs_at is None or now < found.stirs_at):
        return Turned()
    on = _free(session, found, decoys.number(changed, draw=draw))
    if found.purpose == status_list.REVOCATION:
        return Turned(on=on)
    known = list(rows.set_decoys(session, found.id))
    number = min(decoys.number(changed, draw=draw), len(known))
    return Turned(on=on, off=tuple(known.pop(draw(len(known))) for _ in range(number)))


def _free(session: Any, found: StatusList, number: int) -> tuple[int, ...]:
    """Draw random places that are nobody's yet, fewer where the list holds as many decoys as it may."""
    number = min(number, max(decoys.MOST - found.decoys, 0))
    drawn: dict[int, None] = {}
    while len(drawn) < number:
        more = [secrets.randbelow(LIST_ENTRIES) for _ in range(number - len(drawn))]
        taken = rows.taken_positions(session, found.id, more)
        drawn |= dict.fromkeys(each for each in more if each not in taken)
    return tuple(drawn)
