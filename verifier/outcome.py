# SPDX-License-Identifier: Apache-2.0
"""What one check says: an outcome, and the words for it; and what a row of the district's list says.

Security rules, section 1: a check returns pass, fail, indeterminate or not-applicable, with reason and place.
How checks become one verdict is told in ``verifier.verdict`` and nowhere else; the words are in
``verifier.explain``. How they become rows is told in ``verifier.district``.
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
    """What exactly a check found, where the verdict or a row of the district's list tells it apart."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    NAME_ONLY = "name-only"
    REVIEW_ONLY = "review-only"


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


class Mark(StrEnum):
    """What a row of the district's list says; there is no fourth thing, and never a sum of them."""

    YES = "yes"
    NO = "no"
    YOU_DECIDE = "you-decide"


@dataclass(frozen=True, slots=True)
class Row:
    """One of the 13 things that a district checks, and what can be said about it from here.

    Attributes:
        number: 1 to 13.
        title: The row in a few words.
        mark: ✓, ✗ or "you decide".
        sentence: What is known, in one plain sentence.
        look_at: For "you decide" the thing to look at or the question to answer; else "".
    """

    number: int
    title: str
    mark: Mark
    sentence: str
    look_at: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the object that the API answers with."""
        return {
            "row": self.number,
            "title": self.title,
            "mark": str(self.mark),
            "sentence": self.sentence,
            "look_at": self.look_at or None,
        }
