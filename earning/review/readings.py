# SPDX-License-Identifier: Apache-2.0
"""A review as a thing in time: leased to one reviewer, prolonged, finished, given back, or run out.

Rules only. A reading that ran out keeps what was written: who takes the same work again finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from earning.errors import LeaseError, ReviewFieldError
from earning.review.rubric import Outcome, Rating, Reading, Rubric, is_level
from service.accounts.people import Person, Role

PROLONGATIONS: Final = 2  # times that a lease can be prolonged
TEXT_CHARS: Final = 5_000  # characters of a comment, of the words and of the note; some 800 words each


def organisations(person: Person) -> frozenset[str]:
    """Return for whom somebody reviews; not where they manage, and so can look up whose work it is."""
    return person.organisations(Role.REVIEWER) - person.organisations(Role.MANAGER)


class ReviewState(StrEnum):
    """Where a review is."""

    LEASED = "leased"
    FINISHED = "finished"
    RELEASED = "released"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reviewer has chosen and written so far.

    Attributes:
        note: For the reviewer alone.
        missing: Places of the assignment that were found empty.
    """

    ratings: Mapping[str, Rating] = field(default_factory=dict)
    words: str = ""
    note: str = ""
    missing: tuple[str, ...] = ()
    is_incomplete: bool = False

    @property
    def reading(self) -> Reading:
        """What others get to know of it."""
        return Reading(
            ratings=self.ratings, words=self.words, missing=self.missing, is_incomplete=self.is_incomplete
        )


@dataclass(frozen=True, slots=True)
class Review:
    """One reading of a submission by one reviewer.

    Attributes:
        reading: 1 for the first, 2 and 3 where one reading was not enough.
        revision: Counts how often it was saved.
    """

    id: str
    submission: str
    reviewer: str
    reading: int
    state: ReviewState
    outcome: Outcome | None
    draft: Draft
    revision: int
    prolonged: int
    leased_at: datetime
    leased_until: datetime
    finished_at: datetime | None

    @property
    def can_be_prolonged(self) -> bool:
        """Whether its time can be prolonged once more."""
        return self.state is ReviewState.LEASED and self.prolonged < PROLONGATIONS

    def is_running(self, now: datetime) -> bool:
        """Tell whether the work is with its reviewer at this moment."""
        return self.state is ReviewState.LEASED and now < self.leased_until


def require_running(review: Review, *, now: datetime) -> None:
    """Refuse what only the holder of the work may do.

    Raises:
        LeaseError: The work is not with its reviewer any more.
    """
    if not review.is_running(now):
        raise LeaseError(
            "The time for this work is over, so it went back to the others. What you wrote is kept.",
            got=review.state,
        )


def prolonged_until(review: Review, *, hours: int, now: datetime) -> datetime:
    """Return until when the work stays with its reviewer if it is prolonged now.

    Raises:
        LeaseError: It was prolonged often enough, or is over.
    """
    require_running(review, now=now)
    if not review.can_be_prolonged:
        raise LeaseError(
            f"A review can be prolonged {PROLONGATIONS} times. Finish it, or give it back.",
            got=review.prolonged,
        )
    return now + timedelta(hours=hours)


def check(rubric: Rubric, draft: Draft, places: tuple[str, ...]) -> None:
    """Refuse a draft that names something that is not there, or is too long. Gaps are no fault in a draft.

    Raises:
        ReviewFieldError: ``path`` names the field.
    """
    open_criteria = {each.id: each for each in rubric.open}
    for id, rating in draft.ratings.items():
        criterion = open_criteria.get(id)
        if criterion is None:
            raise ReviewFieldError("This criterion is not open in this round.", path=id)
        if rating.level is not None and not is_level(criterion, rating.level):
            raise ReviewFieldError("This criterion has no such level.", path=id, got=rating.level[:80])
        _check_length(rating.comment, id)
    for name, text in (("words", draft.words), ("note", draft.note)):
        _check_length(text, name)
    if not set(draft.missing) <= set(places):
        raise ReviewFieldError("The assignment has no such part.", path="missing")


def _check_length(text: str, path: str) -> None:
    if len(text) > TEXT_CHARS:
        raise ReviewFieldError(
            f"This text has {len(text):,} characters; up to {TEXT_CHARS:,} fit.", path=path, got=len(text)
        )
