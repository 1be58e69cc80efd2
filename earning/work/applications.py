# SPDX-License-Identifier: Apache-2.0
"""The life of an application: one educator, one version, one clock.

::

    draft → submitted → in review → returned → submitted … → passed → awarded
      ↑                     │ incomplete: a part is missing; that is no attempt
      └─────────────────────┘

Aside: withdrawn by the educator, expired when the due date passed without a submission (an extension wakes it
again), denied after a case. Whoever changes a state asks ``step``; nothing else decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from earning.errors import TransitionError


class State(StrEnum):
    """Where an application is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    PASSED = "passed"
    AWARDED = "awarded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DENIED = "denied"


class Act(StrEnum):
    """What can happen to it."""

    SUBMIT = "submit"
    LEASE = "lease"
    RELEASE = "release"
    TAKE_BACK = "take-back"
    FIND_INCOMPLETE = "find-incomplete"
    RETURN = "return"
    PASS = "pass"  # noqa: S105  the outcome of a review
    AWARD = "award"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    EXTEND = "extend"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Application:
    """One educator's application for one version.

    Attributes:
        version: Key of the version, pinned: ``SEL1-v1``.
        revision: Counts changes; a stale form is refused by it.
        zone: Where its days begin and end, pinned at applying.
        due_at: Last second for the first complete submission.
        revise_by: Last second for revisions, if the programme sets any.
        submitted_at: When the first complete submission came.
        shows_name: Whether the award may show the educator's name.
        award: Key of the credential.
    """

    id: str
    person: str
    version: str
    portal: str | None
    season: str | None
    state: State
    revision: int
    zone: str
    applied_at: datetime
    due_at: datetime
    revise_by: datetime | None
    submitted_at: datetime | None
    ended_at: datetime | None
    shows_name: bool
    wants_reminders: bool
    award: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing follows any more, or only an extension."""
        return self.state in OVER

    @property
    def is_editable(self) -> bool:
        """Whether the educator may write."""
        return self.state in EDITABLE


OVER: Final = frozenset({State.AWARDED, State.WITHDRAWN, State.EXPIRED, State.DENIED})
EDITABLE: Final = frozenset({State.DRAFT, State.RETURNED})
WITH_REVIEWERS: Final = frozenset({State.SUBMITTED, State.IN_REVIEW})

NEXT: Final[Mapping[tuple[State, Act], State]] = {
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Act.WITHDRAW): State.WITHDRAWN,
    (State.DRAFT, Act.EXPIRE): State.EXPIRED,
    (State.DRAFT, Act.EXTEND): State.DRAFT,
    (State.DRAFT, Act.DENY): State.DENIED,
    (State.SUBMITTED, Act.LEASE): State.IN_REVIEW,
    (State.SUBMITTED, Act.TAKE_BACK): State.DRAFT,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Act.DENY): State.DENIED,
    (State.IN_REVIEW, Act.RELEASE): State.SUBMITTED,
    (State.IN_REVIEW, Act.FIND_INCOMPLETE): State.DRAFT,
    (State.IN_REVIEW, Act.RETURN): State.RETURNED,
    (State.IN_REVIEW, Act.PASS): State.PASSED,
    (State.IN_REVIEW, Act.WITHDRAW): State.WITHDRAWN,
    (State.IN_REVIEW, Act.DENY): State.DENIED,
    (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Act.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Act.EXPIRE): State.EXPIRED,
    (State.RETURNED, Act.EXTEND): State.RETURNED,
    (State.RETURNED, Act.DENY): State.DENIED,
    (State.PASSED, Act.AWARD): State.AWARDED,
    (State.EXPIRED, Act.EXTEND): State.DRAFT,
}

_WORDS: Final[Mapping[State, str]] = {
    State.DRAFT: "is being written",
    State.SUBMITTED: "has been submitted",
    State.IN_REVIEW: "is being reviewed",
    State.RETURNED: "was returned with feedback",
    State.PASSED: "has passed",
    State.AWARDED: "has been awarded",
    State.WITHDRAWN: "was withdrawn",
    State.EXPIRED: "has run out of time",
    State.DENIED: "was closed after a case",
}


def words(state: State) -> str:
    """Return how a sentence about an application in ``state`` goes on."""
    return _WORDS[state]


def step(state: State, act: Act) -> State:
    """Return the state that follows.

    Raises:
        TransitionError: ``act`` is not possible now.
    """
    try:
        return NEXT[state, act]
    except KeyError:
        raise TransitionError(f"This work {words(state)}, so that is not possible now.", got=state) from None
