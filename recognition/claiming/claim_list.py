# SPDX-License-Identifier: Apache-2.0
"""The claims of an organisation as a list: by state, the longest waiting first; and all of them as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from recognition.claiming.claim_states import SEEN, WAITING, Claim, ClaimState
from recognition.claiming.decision import Decision
from recognition.office import Office
from recognition.rule.units import plain
from recognition.store import claims as rows
from recognition.store import decisions as decision_rows
from recognition.store.decisions import StoredDecision
from service import spreadsheet

PAGE: Final = 200  # claims on one page; older ones are found by searching
FILE_CLAIMS: Final = 20_000  # of one file
_OPEN: Final = frozenset({ClaimState.ENTERED, ClaimState.SUBMITTED, ClaimState.NEEDS_MORE})
COLUMNS: Final = (
    "claim",
    "name",
    "e-mail",
    "policy",
    "purpose",
    "awards",
    "sent",
    "state",
    "outcome",
    "units",
    "unit",
    "policy version",
    "decided",
    "reason",
    "decision",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """Claims of a page, with the newest decision of each, and how many there are in each state."""

    claims: tuple[Claim, ...]
    decisions: Mapping[str, Decision]
    numbers: Mapping[ClaimState, int]
    more: bool

    def decision(self, claim: Claim) -> Decision | None:
        """Return the newest decision about a claim."""
        return self.decisions.get(claim.id)


def listed(office: Office, organisation: str, states: Sequence[ClaimState], *, words: str = "") -> Listed:
    """Return claims in these states; of those that wait, the longest waiting first, else the latest first."""
    newest = not set(states) <= _OPEN
    with office.db.reading() as session:
        found = rows.of_organisation(
            session, organisation, states=states, words=words, newest=newest, most=PAGE + 1
        )
        decided = decision_rows.of_claims(session, [each.id for each in found if each.is_decided])
        numbers = rows.numbers(session, organisation)
    newest_of = {each.claim: each.decision for each in decided if each.claim is not None}
    return Listed(found[:PAGE], newest_of, numbers, len(found) > PAGE)


def number(found: Listed, states: Iterable[ClaimState]) -> int:
    """Return how many claims are in these states."""
    return sum(found.numbers.get(each, 0) for each in states)


def waiting(office: Office, organisation: str) -> int:
    """Return how many claims wait for the organisation."""
    with office.db.reading() as session:
        numbers = rows.numbers(session, organisation)
    return sum(numbers.get(each, 0) for each in WAITING)


def file(office: Office, organisation: str) -> bytes:
    """Return all claims that were sent to an organisation, harmless in a spreadsheet; no facts are in it."""
    with office.db.reading() as session:
        found = rows.of_organisation(session, organisation, states=SEEN, newest=True, most=FILE_CLAIMS)
        decided = decision_rows.of_claims(session, [each.id for each in found if each.is_decided])
    newest = {each.claim: each for each in decided}
    return spreadsheet.write(COLUMNS, [_cells(each, newest.get(each.id)) for each in found])


def _cells(claim: Claim, decided: StoredDecision | None) -> list[str]:
    units = decided is not None and bool(decided.units)
    return [
        claim.id,
        claim.person_name,
        claim.address or claim.person_key,
        claim.policy,
        claim.purpose,
        str(len(claim.awards)),
        claim.submitted_at.isoformat() if claim.submitted_at is not None else "",
        claim.words,
        decided.outcome if decided is not None else "",
        plain(decided.units) if decided is not None and units else "",
        decided.unit if decided is not None and units else "",
        decided.policy_version if decided is not None else "",
        decided.decided_at.isoformat() if decided is not None else "",
        decided.reason if decided is not None else "",
        decided.id if decided is not None else "",
    ]
