# SPDX-License-Identifier: Apache-2.0
"""What we take back: revoke, suspend, reinstate. The row and its audit line first, the list right after.

A withdrawal is final, a suspension ends. Everybody sees the public reason; what else there is to know stays
in the private note (threat I5). The same decision again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from issuer import status_publisher
from issuer.award import AwardState, step
from issuer.errors import StatusNotOfferedError
from issuer.mint import Mint
from issuer.store import credentials as rows
from issuer.store import status as status_rows
from issuer.store.credentials import StatusChange, StoredCredential
from service import audit


class Reason(StrEnum):
    """Why; the code is part of the record, and each has a sentence for everybody."""

    ISSUED_IN_ERROR = "issued-in-error"
    EARNER_ASKED = "earner-asked"
    EVIDENCE = "evidence"
    UNDER_REVIEW = "under-review"
    REVIEW_ENDED = "review-ended"
    REPLACED = "replaced"
    OTHER = "other"


SENTENCES: Final = {
    Reason.ISSUED_IN_ERROR: "It was issued in error.",
    Reason.EARNER_ASKED: "The earner asked for it.",
    Reason.EVIDENCE: "The evidence does not support the award.",
    Reason.UNDER_REVIEW: "The issuer is reviewing it.",
    Reason.REVIEW_ENDED: "The review has ended.",
    Reason.REPLACED: "It was replaced by another one.",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision with its reasons.

    Attributes:
        wanted: ``REVOKED``, ``SUSPENDED``, or ``ISSUED`` to reinstate.
        reason: The code.
        public_reason: One sentence that everybody may read; None gives the code's own, if it has one.
        note: What only we keep.
    """

    wanted: AwardState
    reason: Reason
    public_reason: str | None = None
    note: str | None = None


def decision(
    wanted: AwardState, reason: str, *, public_reason: str | None = None, note: str | None = None
) -> Decision:
    """Return the decision for a reason that is a code, or words of one's own, which are kept as a note."""
    if reason in list(Reason):
        return Decision(wanted, Reason(reason), public_reason=public_reason, note=note)
    words = reason if note is None else f"{reason}\n{note}"
    return Decision(wanted, Reason.OTHER, public_reason=public_reason, note=words)


def decide(
    mint: Mint, key: str, decision: Decision, *, now: datetime, actor: str = "system"
) -> StoredCredential:
    """Carry out ``decision`` on the credential ``key``, and publish the lists that show it.

    Raises:
        NoSuchCredentialError: There is none.
        StatusFinalError: It is withdrawn, or not suspended.
        StatusNotOfferedError: It carries no status entry for this.
    """
    with mint.db.transaction() as session:
        found = rows.get(session, key)
        places = status_rows.places(session, key)
        if found.state is not decision.wanted:
            step(found.state, decision.wanted)
            purpose = "revocation" if decision.wanted is AwardState.REVOKED else "suspension"
            place = next((each for each in places if each.purpose == purpose), None)
            if place is not None:
                status_rows.write(session, place, is_set=decision.wanted is not AwardState.ISSUED)
            elif found.is_signed:
                raise StatusNotOfferedError(
                    f"The credential carries no {purpose} entry, so nobody would see it.", got=key
                )
            rows.change_state(
                session,
                key,
                StatusChange(
                    state=decision.wanted,
                    reason=decision.reason,
                    public_reason=decision.public_reason or SENTENCES.get(decision.reason),
                    note=decision.note,
                    actor=actor,
                    at=now,
                ),
            )
            audit.record(
                session,
                actor=actor,
                action=f"credential.{_ACTION[decision.wanted]}",
                subject=key,
                detail={"reason": str(decision.reason)},
                now=now,
            )
        found = rows.get(session, key)
    for place in places:
        status_publisher.current(mint, place.list, now=now)
    return found


def last_change(mint: Mint, key: str) -> StatusChange | None:
    """Return the last decision about the credential, or None."""
    with mint.db.reading() as session:
        changes = rows.changes(session, key)
    return changes[-1] if changes else None


_ACTION: Final = {
    AwardState.REVOKED: "revoked",
    AwardState.SUSPENDED: "suspended",
    AwardState.ISSUED: "reinstated",
}
