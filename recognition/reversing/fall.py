# SPDX-License-Identifier: Apache-2.0
"""What a look at an award that was counted may find: it stands, it fell and how, or nothing can be said.

Only a definite answer counts (ADR 0004). An award that has run out since is not one that fell. A withdrawal
is for ever; a review may end, and a signature that was doubted may hold again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from credentials.errors import HallmarkError
from recognition.office import Office
from verifier.intake import read
from verifier.outcome import Outcome
from verifier.report import Report
from verifier.verdict import Verdict


class Flag(StrEnum):
    """What was found out about an award."""

    REVOKED = "revoked"  # for ever; nothing that is found later takes it away
    SUSPENDED = "suspended"
    UNVERIFIED = "unverified"  # the signature holds no more, as of a key that was compromised
    ASKED = "asked"  # its award fell, but this line was for a complete submission: a person decides


# What a page says of it, with the award's name before it.
WORDS: Final = {
    Flag.REVOKED: "Its issuer has withdrawn it.",
    Flag.SUSPENDED: "Its issuer is reviewing it.",
    Flag.UNVERIFIED: "Its signature can no longer be relied on.",
    Flag.ASKED: "The award that followed from the same work has fallen.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A definite answer. ``flag`` is None if the award stands."""

    flag: Flag | None


_FALLEN: Final = {
    Verdict.REVOKED: Flag.REVOKED,
    Verdict.SUSPENDED: Flag.SUSPENDED,
    Verdict.INVALID: Flag.UNVERIFIED,
    Verdict.UNSIGNED_CONTENT: Flag.UNVERIFIED,
}


def look_up(office: Office, url: str, body: bytes | None, *, now: datetime) -> Report | None:
    """Return what the verifier says of a credential today; None if it could not be brought to the desk."""
    try:
        if body is not None:
            return office.bureau.desk.look(read(body), now=now)
        return office.bureau.desk.look_at_url(url, now=now)
    except HallmarkError:
        return None


def verdict_of(report: Report) -> Answer | None:
    """Return the definite answer in a report, or None."""
    if report.verdict is Verdict.EXPIRED:
        status = [each for each in report.checks if each.check == "status"]
        is_clear = all(each.outcome is not Outcome.INDETERMINATE for each in status)
        return Answer(None) if is_clear else None
    if report.verdict is Verdict.VALID:
        return Answer(None)
    flag = _FALLEN.get(report.verdict)
    return None if flag is None else Answer(flag)


def lifted(flag: str) -> bool:
    """Tell whether a flag goes away when the award is found to stand."""
    return flag in (Flag.SUSPENDED, Flag.UNVERIFIED)
