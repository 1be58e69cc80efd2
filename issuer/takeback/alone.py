# SPDX-License-Identifier: Apache-2.0
"""What was put under review or withdrawn within a day by one person's, or one program's, word (threats I3).

Takebacks that nobody else agreed to count, and single decisions of people, tokens and the terminal, each
credential once and only while it is still under review or withdrawn. A decision of a person is never
refused for its number: a case has its own due process. A program that goes on one by one is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from issuer.award import AwardState
from issuer.errors import ManyStatusChangesError
from issuer.mint import Mint
from issuer.store import credentials
from issuer.store import takeback_finds as finds
from issuer.store import takebacks as rows
from issuer.takeback.takeback import SECOND_PERSON, UNDO


def number(session: Any, organisation: str, *, now: datetime, but: str = "") -> int:
    """Return how many credentials of an organisation were taken back alone, without the key ``but``."""
    since = now - UNDO
    single = finds.decided_alone(session, organisation, since=since, but=but)
    return rows.alone(session, organisation, since=since) + single


def require_few(mint: Mint, session: Any, key: str, wanted: AwardState, *, now: datetime) -> None:
    """Refuse a program's single decision when its organisation has had too many; reinstating is always fine.

    Raises:
        NoSuchCredentialError: There is no such credential.
        ManyStatusChangesError: It would be one more than SECOND_PERSON within UNDO.
    """
    found = credentials.get(session, key)
    if wanted is AwardState.ISSUED or found.state is wanted:
        return
    if number(session, found.issuer, now=now, but=key) >= SECOND_PERSON:
        raise ManyStatusChangesError(
            f"{SECOND_PERSON} credentials were put under review or withdrawn within a day without a second "
            f"person. Take more back together: POST {mint.public_url}/takebacks, and two people agree.",
            expected=SECOND_PERSON,
        )
