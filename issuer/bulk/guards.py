# SPDX-License-Identifier: Apache-2.0
"""What is looked at once more before a file is kept or a bulk begins; all refuse with ``BulkStateError``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from issuer import actors
from issuer.actors import PERSON, PROGRAM
from issuer.bulk import pins
from issuer.bulk.bulk import Bulk
from issuer.errors import BulkStateError
from issuer.mint import Mint
from issuer.store import bulk_trials as rows
from issuer.store.bulk_trials import Trial
from service import tokens

UNTRIED_MAX: Final = 10  # files of one maker that wait to be tried: 26 MiB each
UNDECIDED_MAX: Final = 100  # files of one maker that nobody decided about


def require_room(undecided: tuple[int, int]) -> None:
    """Refuse another file of somebody of whom many wait.

    Args:
        undecided: How many nobody decided about, and how many of them are not tried yet.
    """
    number, untried = undecided
    if untried >= UNTRIED_MAX:
        raise BulkStateError(f"{untried} of your files wait to be tried. Bring this one when they are.")
    if number >= UNDECIDED_MAX:
        raise BulkStateError(
            f"{number} of your files wait for a decision. Cancel those that you do not need."
        )


def require_whole(session: Any, bulk: Bulk) -> None:
    """Refuse a bulk of which rows are missing; nobody shall have no award without a word about it."""
    if rows.good(session, bulk.id) != bulk.rows:
        raise BulkStateError("Not all rows of this file are here any more. Cancel it, and bring it again.")


def changed(mint: Mint, tried: Trial) -> Sequence[str]:
    """Return what is signed with every award, and is another one than it was tried with."""
    return pins.changed(mint, tried.summary.get("pins", {}))


def require_same(mint: Mint, tried: Trial) -> None:
    """Refuse what was tried with another profile, or another text of an achievement."""
    found = changed(mint, tried)
    if found:
        raise BulkStateError(
            f"Since this was tried, {', '.join(found[:5])} changed, and that is signed with every award. "
            "Cancel it, and bring the file again.",
            got=len(found),
        )


def require_proposer(session: Any, bulk: Bulk, tried: Trial) -> None:
    """Refuse what was proposed by somebody who could not do so today: a stolen account, a revoked token."""
    first = bulk.made_by
    if first.startswith(PERSON):
        if not actors.is_officer(session, first, tried.issuer):
            raise BulkStateError(
                "Whoever proposed this is not an officer of the organisation any more. Cancel it, and bring "
                "the file again."
            )
    elif first.startswith(PROGRAM) and not tokens.stands(session, first.removeprefix(PROGRAM)):
        raise BulkStateError(
            "The access token that proposed this was revoked. Cancel it, and bring the file again."
        )
