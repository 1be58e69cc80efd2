# SPDX-License-Identifier: Apache-2.0
"""Plans that people save: only when they say so, and only what stood in the form. One button forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from recognition.errors import RecognitionFieldError
from recognition.office import Office
from recognition.plan.plan_form import belonging
from recognition.store import plans as rows
from recognition.store.plans import SavedPlan

PLANS: Final = 20  # of one person; each is for another policy


def save(office: Office, person: str, policy: str, fields: Mapping[str, str], *, now: datetime) -> None:
    """Keep the form of a plan for ``person``, in place of an earlier one for this policy.

    Raises:
        RecognitionFieldError: There are too many plans.
    """
    with office.db.transaction() as session:
        known = {each.policy for each in rows.of_person(session, person)}
        if policy not in known and len(known) >= PLANS:
            raise RecognitionFieldError(f"Up to {PLANS} plans can be kept. Delete one of them first.")
        rows.save(session, person, policy, belonging(fields), now=now)


def of_person(office: Office, person: str) -> tuple[SavedPlan, ...]:
    """Return the plans of ``person``, the newest first."""
    with office.db.reading() as session:
        return rows.of_person(session, person)


def find(office: Office, person: str, policy: str) -> SavedPlan | None:
    """Return the plan of ``person`` for a policy, or None."""
    with office.db.reading() as session:
        return rows.find(session, person, policy)


def remove(office: Office, person: str, policy: str) -> bool:
    """Forget the plan of ``person`` for a policy; False if there was none."""
    with office.db.transaction() as session:
        return rows.remove(session, person, policy) > 0
