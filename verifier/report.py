# SPDX-License-Identifier: Apache-2.0
"""The answer: one verdict, every check, and what the credential says. A report has no truth value.

Whoever writes ``if report:`` has forgotten to look at the verdict, so that raises. What the credential says
is its own word: with a verdict like ``invalid`` nobody's word stands behind it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from credentials.dates import format_datetime
from credentials.document import Document
from credentials.summary import Summary
from verifier.decision_shown import DecisionShown
from verifier.details import NO_DETAILS, Details
from verifier.outcome import Check, Outcome, Row
from verifier.party import Party
from verifier.verdict import AUTHENTICITY, Verdict

BADGES: Final = frozenset({"OpenBadgeCredential", "AchievementCredential"})
STATEMENT: Final = "EndorsementCredential"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found out about one credential.

    Attributes:
        verdict: The one word.
        sentence: The verdict as a sentence.
        recognised_issuer: Whether the issuer is on the reader's list; None: no list, or not proven who it is.
        issuer: Whom the credential names.
        summary: What it says; None when no credential was found at all.
        checks: Every check, in the order in which they are shown.
        verified_at: When.
        status_as_of: How new the status list was that decided; the oldest, if nothing takes it back.
        container: In what it came: ``json``, ``jwt``, ``png``, ``svg``; "" when nothing was found.
        rows: The 13 rows of the district's check (``verifier.district``).
        details: The raw values.
        superseded_by: Where the newer issue of the same award stands that took its place; never part of the
            verdict.
        decision: Of a recognition the decision behind it, never part of the verdict either; None: it is none.
    """

    verdict: Verdict
    sentence: str
    recognised_issuer: bool | None
    issuer: Party
    summary: Summary | None
    checks: tuple[Check, ...]
    verified_at: datetime
    status_as_of: datetime | None = None
    container: str = ""
    rows: tuple[Row, ...] = ()
    details: Details = NO_DETAILS
    superseded_by: str | None = None
    decision: DecisionShown | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("a report has no truth value: look at its verdict")

    @property
    def picture(self) -> bool:
        """Whether it came in a picture, of which nothing but the credential inside is signed."""
        return self.container in ("png", "svg")

    @property
    def is_statement(self) -> bool:
        """Whether it is a signed statement about something (an endorsement, a receipt), and no badge."""
        return self.summary is not None and is_statement(self.summary.kinds)

    @property
    def is_authentic(self) -> bool:
        """Whether what it says is shown to be its issuer's own word; only then is it told as true."""
        if self.verdict in (Verdict.INVALID, Verdict.UNSIGNED_CONTENT):
            return False
        outcomes = [(check.check, check.outcome) for check in self.checks if check.check in AUTHENTICITY]
        passed = {name for name, outcome in outcomes if outcome is Outcome.PASS}
        return len(passed) == len(AUTHENTICITY) == len(outcomes)

    def to_json(self, *, canonical: bool = False) -> dict[str, Any]:
        """Return the object that the API answers with; ``canonical`` adds that form to the details."""
        details = self.details.to_json(now=self.verified_at)
        return {
            "verdict": str(self.verdict),
            "recognised_issuer": self.recognised_issuer,
            "superseded_by": self.superseded_by,
            "decision": None if self.decision is None else self.decision.to_json(),
            "issuer": {
                "id": self.issuer.id or None,
                "name": self.issuer.name,
                "url": self.issuer.url,
                "address": self.issuer.address or None,
            },
            "credential": _credential(self.summary),
            "checks": [
                {
                    "check": check.check,
                    "outcome": str(check.outcome),
                    "title": check.title,
                    "explanation": check.explanation,
                    "spec": check.spec,
                }
                for check in self.checks
            ],
            "rows": [row.to_json() for row in self.rows],
            "details": details | ({"canonical": self.details.canonical} if canonical else {}),
            "verified_at": format_datetime(self.verified_at),
        }


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential whose verdict was ``valid``; only ``verifier.verify`` makes one."""

    document: Document
    report: Report


def is_statement(kinds: Collection[str]) -> bool:
    """Tell whether a credential of these types is a statement, and no badge."""
    return STATEMENT in kinds and not BADGES.intersection(kinds)


def _credential(summary: Summary | None) -> dict[str, Any]:
    if summary is None:
        return {}
    return {
        "id": summary.id,
        "type": list(summary.kinds),
        "name": summary.title,
        "description": summary.description,
        "achievement": summary.achievement_id,
        "recipient_name": summary.recipient_name,
        "awarded_on": _date(summary.awarded_on),
        "valid_from": _date(summary.valid_from),
        "valid_until": _date(summary.valid_until),
    }


def _date(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment is not None else None
