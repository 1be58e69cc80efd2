# SPDX-License-Identifier: Apache-2.0
"""What decisions change, worked out in memory for a whole chunk, and written down in a few statements.

The rules of ``revocation`` for one decision hold for each in its turn: the second one about a credential
meets what the first one has made of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from credentials.errors import HallmarkError
from issuer.award import AwardState, step
from issuer.errors import NoSuchCredentialError, StatusNotOfferedError
from issuer.store import decisions as rows
from issuer.store import status as status_rows
from issuer.store.credentials import StatusChange
from issuer.store.decisions import Standing
from issuer.store.status import Place
from service import audit

PURPOSE: Final = {
    AwardState.REVOKED: "revocation",
    AwardState.SUSPENDED: "suspension",
    AwardState.ISSUED: "suspension",
}
ACTION: Final = {
    AwardState.REVOKED: "revoked",
    AwardState.SUSPENDED: "suspended",
    AwardState.ISSUED: "reinstated",
}


class Effect(StrEnum):
    """What came of a decision."""

    CHANGED = "changed"
    ALREADY = "already"  # it stood like that before; nothing was changed
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one decision about one credential.

    Attributes:
        key: Of the credential.
        effect: Whether it was carried out.
        state: How the credential stands now; None if there is no such credential.
        credential_id: Its id; None if there is no such credential.
        error: Why it was refused, with its code; its ``message`` is a sentence for people.
    """

    key: str
    effect: Effect
    state: AwardState | None = None
    credential_id: str | None = None
    error: HallmarkError | None = None


@dataclass(slots=True)
class Chunk:
    """The credentials that some decisions meet, as they stand, and what was changed of them so far."""

    found: dict[str, Standing]
    older: Mapping[str, tuple[str, ...]]
    begun: Mapping[str, str]
    places: Mapping[str, tuple[Place, ...]]
    states: dict[str, AwardState] = field(default_factory=dict)
    bits: dict[tuple[str, int], bool] = field(default_factory=dict)
    changes: list[tuple[str, StatusChange]] = field(default_factory=list)

    @classmethod
    def read(cls, session: Any, keys: Sequence[str]) -> Chunk:
        """Read what decisions about ``keys`` may meet, in the transaction that is going to write it."""
        asked = tuple(dict.fromkeys(keys))
        older, begun = rows.older(session, asked), rows.begun(session, asked)
        others = (*(key for each in older.values() for key in each), *begun.values())
        every = tuple(dict.fromkeys((*asked, *others)))
        return cls(rows.standings(session, every), older, begun, rows.places(session, every))

    def decide(self, key: str, change: StatusChange) -> Outcome:
        """Carry out one decision in memory."""
        found = self.found.get(key)
        if found is None:
            unknown = NoSuchCredentialError("There is no such credential here.", got=key[:64])
            return Outcome(key, Effect.REFUSED, error=unknown)
        if found.state is change.state:
            return Outcome(key, Effect.ALREADY, found.state, found.credential_id)
        try:
            step(found.state, change.state)
            if not self._mark(key, change.state) and found.is_signed:
                raise StatusNotOfferedError(
                    f"The credential carries no {PURPOSE[change.state]} entry, so nobody would see it.",
                    got=key,
                )
        except HallmarkError as error:
            return Outcome(key, Effect.REFUSED, found.state, found.credential_id, error)
        others = self._issues(key, change.state)
        self._change(key, change, moves=True)
        for other in others:
            self._mark(other, change.state)
            # One that was superseded stays so unless it is withdrawn with the others, and shows the review.
            self._change(other, change, moves=change.state is AwardState.REVOKED)
        return Outcome(key, Effect.CHANGED, change.state, found.credential_id)

    def write(self, session: Any) -> None:
        """Write down all of it, each with its audit line."""
        if not self.changes:
            return
        session.flush()
        if self.states:
            rows.write_states(session, self.states)
        if self.bits:
            status_rows.write_bits(session, self.bits)
            counted = Counter(list_id for list_id, _ in self.bits)
            status_rows.count_changes(session, counted, now=self.changes[-1][1].at)
        rows.add_changes(session, self.changes)
        record(session, self.changes)
        session.expire_all()  # Whoever has read these rows in the same transaction reads them again.

    def _issues(self, key: str, wanted: AwardState) -> tuple[str, ...]:
        """Return the other issues that the decision meets: older ones, and a newer one that is not signed."""
        older = self.older.get(key, ())
        met = tuple(each for each in older if self.found[each].state is AwardState.SUPERSEDED)
        new = self.begun.get(key) if wanted is AwardState.REVOKED else None
        return met if new is None else (*met, new)

    def _mark(self, key: str, wanted: AwardState) -> bool:
        """Set or clear the bit for this in the credential's place; tell whether it has one."""
        for place in self.places.get(key, ()):
            if place.purpose == PURPOSE[wanted]:
                self.bits[place.list, place.position] = wanted is not AwardState.ISSUED
                return True
        return False

    def _change(self, key: str, change: StatusChange, *, moves: bool) -> None:
        if moves:
            self.states[key] = change.state
            self.found[key] = replace(self.found[key], state=change.state)
        self.changes.append((key, change))


def record(session: Any, changes: Sequence[tuple[str, StatusChange]]) -> None:
    """Write the audit line of each change."""
    audit.record_all(
        session,
        [
            audit.Act(
                actor=change.actor,
                action=f"credential.{ACTION[change.state]}",
                subject=key,
                detail={"reason": str(change.reason)},
            )
            for key, change in changes
        ],
        now=changes[-1][1].at,
    )
