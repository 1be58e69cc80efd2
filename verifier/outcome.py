# SPDX-License-Identifier: Apache-2.0
"""What one check says: an outcome, and the words for it.

Security rules, section 1: a check returns pass, fail, indeterminate or not-applicable, with reason and place.
How checks become one verdict is told in ``verifier.verdict`` and nowhere else; the words are in
``verifier.explain``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The four things that a check can say."""

    PASS = "pass"  # noqa: S105, it is no password
    FAIL = "fail"
    INDETERMINATE = "indeterminate"
    NOT_APPLICABLE = "not-applicable"


class Finding(StrEnum):
    """What exactly a failed check of dates or status found; the verdict needs to tell them apart."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Check:
    """One question, and its answer.

    Attributes:
        check: Name of the question, such as ``proof``; the names are in ``verifier.explain``.
        outcome: The answer.
        title: The question in two or three words, for people.
        explanation: The answer as a sentence that a district clerk understands.
        spec: The section that asks for this check.
        path: JSON Pointer to the place in the credential, if there is one.
        finding: What was found, where the verdict depends on it.
    """

    check: str
    outcome: Outcome
    title: str
    explanation: str
    spec: str
    path: str | None = None
    finding: Finding | None = None
