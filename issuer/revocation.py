# SPDX-License-Identifier: Apache-2.0
"""What we take back: revoke, suspend, reinstate. A row, its audit line and a bell; the list follows.

A withdrawal is final, a suspension ends. Everybody sees the public reason; what else there is to know stays
in the private note (threat I5). The same decision again changes nothing.

What is decided about an award meets every issue of it: the copies whose place a newer one has taken
(``reissue``) verify everywhere as long as their own places in the lists are clear. An older copy by itself
can only be withdrawn, and the newer one stays; one that went to a wrong address is, by the re-issue itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from credentials.identity import EMAIL_ADDRESS, normalised
from issuer import status_publisher
from issuer.award import AwardState
from issuer.deciding import PURPOSE, Chunk, Effect, Outcome, record
from issuer.mint import Mint
from issuer.store import credentials as rows
from issuer.store import reissues
from issuer.store import status as status_rows
from issuer.store.credentials import StatusChange
from issuer.store.status import Place

CHUNK: Final = 250  # decisions in one commit


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


# A re-issue for this cause (``reissue.Cause``) withdraws what went to the wrong address.
MISADDRESSED: Final = "address-corrected"
MISADDRESSED_SENTENCE: Final = "It was issued to a wrong address, and issued again to the right one."


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


def decide(mint: Mint, key: str, decision: Decision, *, now: datetime, actor: str = "system") -> Outcome:
    """Carry out ``decision`` on the credential ``key``; rows and a bell, the lists are the job's.

    Raises:
        NoSuchCredentialError: There is none.
        StatusFinalError: It is withdrawn, or not suspended.
        StatusNotOfferedError: It carries no status entry for this.
    """
    with mint.db.transaction() as session:
        (outcome,) = _decided(session, [(key, decision)], now=now, actor=actor)
        if outcome.error is not None:
            raise outcome.error
    _ring(mint, (outcome,))
    return outcome


def decide_many(
    mint: Mint, changes: Sequence[tuple[str, Decision]], *, now: datetime, actor: str = "system"
) -> tuple[Outcome, ...]:
    """Carry out a chunk of decisions in one commit; return what came of each, in their order.

    What is refused changes nothing and stands in nobody's way. Inside a transaction of the caller it is part
    of that, and the caller rings ``status_publisher.JOB`` after the commit; else that is done here.

    Raises:
        ValueError: There are more than CHUNK.
        HallmarkError: Nothing was done: the database or the audit log is not there.
    """
    if len(changes) > CHUNK:
        raise ValueError(f"more than {CHUNK} decisions at once")
    with mint.db.transaction() as session:
        outcomes = _decided(session, changes, now=now, actor=actor)
    _ring(mint, outcomes)
    return outcomes


def _ring(mint: Mint, outcomes: Sequence[Outcome]) -> None:
    """Ring for the lists, if there is something new in them and it is committed."""
    if not mint.db.in_transaction and any(each.effect is Effect.CHANGED for each in outcomes):
        mint.ring(status_publisher.JOB)


def _decided(
    session: Any, changes: Sequence[tuple[str, Decision]], *, now: datetime, actor: str
) -> tuple[Outcome, ...]:
    chunk = Chunk.read(session, [key for key, _ in changes])
    outcomes = tuple(chunk.decide(key, _change(wanted, now=now, actor=actor)) for key, wanted in changes)
    chunk.write(session)
    return outcomes


def _change(decision: Decision, *, now: datetime, actor: str) -> StatusChange:
    return StatusChange(
        state=decision.wanted,
        reason=decision.reason,
        public_reason=decision.public_reason or SENTENCES.get(decision.reason),
        note=decision.note,
        actor=actor,
        at=now,
    )


def take_back_misaddressed(session: Any, new: str, *, actor: str, now: datetime) -> None:
    """Withdraw the older issues that went to another address than ``new``, whose cause was a wrong address.

    Runs in the commit that makes the older one superseded: whoever got an award of somebody else must not be
    able to show it for a moment longer. The lists follow from the rows.
    """
    award = rows.award(session, new)
    if award is None:
        return
    right = normalised(award.request.email, EMAIL_ADDRESS)
    change = StatusChange(AwardState.REVOKED, MISADDRESSED, MISADDRESSED_SENTENCE, None, actor, now)
    for key in reissues.earlier(session, new):
        older = rows.award(session, key)
        if older is None or rows.get(session, key).state is not AwardState.SUPERSEDED:
            continue
        if normalised(older.request.email, EMAIL_ADDRESS) != right:
            _mark(session, status_rows.places(session, key), AwardState.REVOKED, now=now)
            rows.change_state(session, key, change)
            record(session, [(key, change)])


def is_misaddressed(mint: Mint, key: str) -> bool:
    """Tell whether it went to a wrong address: whoever has it is not led to the person whose award it is."""
    change = last_change(mint, key)
    return change is not None and (change.state, change.reason) == (AwardState.REVOKED, MISADDRESSED)


def _mark(session: Any, places: Iterable[Place], wanted: AwardState, *, now: datetime) -> bool:
    """Write the state into the credential's place in the list of its purpose; tell whether it has one."""
    place = next((each for each in places if each.purpose == PURPOSE[wanted]), None)
    if place is not None:
        status_rows.write(session, place, is_set=wanted is not AwardState.ISSUED, now=now)
    return place is not None


def last_change(mint: Mint, key: str) -> StatusChange | None:
    """Return the last decision about the credential, or None."""
    with mint.db.reading() as session:
        changes = rows.changes(session, key)
    return changes[-1] if changes else None


def replaced(mint: Mint, key: str) -> StatusChange | None:
    """Return the decision to issue it again, with its public reason, or None."""
    with mint.db.reading() as session:
        changes = rows.changes(session, key)
    return next((each for each in reversed(changes) if each.state is AwardState.SUPERSEDED), None)
