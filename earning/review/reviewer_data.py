# SPDX-License-Identifier: Apache-2.0
"""What we know of somebody as a reviewer: handed out, or erased.

Work that was with them goes back to the others. Finished readings stay, for they are the feedback of others,
beside an id that names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from earning.review.readings import ReviewState
from earning.review.review import give_back
from earning.store import leaving
from earning.store import reviews as rows
from service.accounts.people import Person


class ReviewerData:
    """The part of the pool of reviewers (``service.accounts.personal``)."""

    name = "reviewing"

    def export(self, session: Any, person: Person) -> Mapping[str, Any]:
        """Return where ``person`` reviews, and what they wrote."""
        return {
            "pool": leaving.pool_of(session, person.id),
            "readings": leaving.readings_of(session, person.id),
        }

    def erase(self, session: Any, person: Person, now: datetime) -> None:
        """Take ``person`` out of the pool, and give back what they hold."""
        for held in rows.of_person(session, person.id, ReviewState.LEASED):
            give_back(session, held, ReviewState.RELEASED, now=now)
        leaving.leave_pool(session, person.id)
