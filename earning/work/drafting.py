# SPDX-License-Identifier: Apache-2.0
"""Writing: answers are saved piece by piece, and nothing typed is ever lost.

Each answer has its own revision. Whoever saves names the revision that the page had shown; if another window
or device was quicker, nothing is overwritten: both texts are given back, to be seen side by side.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earning.errors import AnswerTooLongError, TimeOverError, TransitionError, WorkFieldError
from earning.programme import Programme
from earning.store import work as rows
from earning.work import deadlines
from earning.work.applications import words
from earning.work.submissions import ANSWER_CHARS, Answer
from earning.work.work import Workplace, workplace
from service.text import count

GOALS_CHARS: Final = 5_000  # characters
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two texts for one place: the one that came, and the one that is kept."""

    place: str
    mine: str
    theirs: Answer


@dataclass(frozen=True, slots=True)
class TooLong:
    """A text that is longer than what is kept, with the sentence about it."""

    place: str
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of what was sent.

    Attributes:
        answers: What is kept now, by place, of the places that were sent.
        conflicts: What was changed elsewhere, and so not saved.
        too_long: What was not saved because of its length.
    """

    answers: Mapping[str, Answer]
    conflicts: tuple[Conflict, ...]
    too_long: tuple[TooLong, ...]

    @property
    def is_whole(self) -> bool:
        """Whether everything was saved."""
        return not self.conflicts and not self.too_long


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it was sent.

    Attributes:
        base: Revision that the page had shown; 0 where there was none.
        shown: The text that the page had shown, if it says so; an unchanged one is never a conflict.
    """

    text: str
    base: int
    shown: str | None = None


def tidy(text: str) -> str:
    """Return ``text`` with one kind of line end, composed characters, and none that cannot be seen."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", lines)).rstrip()


def save(
    programme: Programme, id: str, *, person: str, written: Mapping[str, Written], now: datetime
) -> Saved:
    """Save what was written at several places. What cannot be saved is given back, never thrown away.

    Raises:
        WorkUnknownError: There is no such work of this educator.
        WorkFieldError: The assignment has no such place.
        TransitionError: It cannot be written on now.
        TimeOverError: The time has run out.
    """
    kept: dict[str, Answer] = {}
    conflicts: list[Conflict] = []
    too_long: list[TooLong] = []
    with programme.db.transaction() as session:
        work = workplace(programme, id, person=person)
        for place, sent in written.items():
            if place not in work.places:
                raise WorkFieldError("This assignment has no such place.", path=place[:120])
            text, current = tidy(sent.text), work.answers.get(place, Answer(place, "", 0))
            is_new = text != current.text and (sent.shown is None or text != tidy(sent.shown))
            if not is_new:
                kept[place] = current
            elif len(text) > ANSWER_CHARS:
                too_long.append(TooLong(place, sent.text, too_long_words(text)))
            elif sent.base != current.revision:
                conflicts.append(Conflict(place, text, current))
            else:
                require_open(work, now)
                kept[place] = rows.put_answer(session, id, place, text, now=now)
    return Saved(kept, tuple(conflicts), tuple(too_long))


def save_one(
    programme: Programme, id: str, place: str, sent: Written, *, person: str, now: datetime
) -> Answer | Conflict:
    """Save one answer, as a script does while somebody writes.

    Raises:
        AnswerTooLongError: It is longer than what is kept.
        WorkUnknownError: As ``save``, like the other errors.
    """
    saved = save(programme, id, person=person, written={place: sent}, now=now)
    if saved.too_long:
        raise AnswerTooLongError(saved.too_long[0].sentence, path=place)
    return saved.conflicts[0] if saved.conflicts else saved.answers[place]


def require_open(work: Workplace, now: datetime) -> None:
    """Refuse to change what is with the reviewers, is over, or has run out of time.

    Raises:
        TransitionError: It cannot be written on now.
        TimeOverError: The time has run out.
    """
    application = work.application
    if not application.is_editable:
        raise TransitionError(
            f"This work {words(application.state)}, so it cannot be changed now.", got=application.state
        )
    if deadlines.is_over(application, now):
        raise TimeOverError(
            "The last day for this work has passed. What you wrote is kept: ask for more time, then go on."
        )


def too_long_words(text: str) -> str:
    """Return the sentence about a text that is too long."""
    return (
        f"This answer has {count(len(text), 'character')}; up to {ANSWER_CHARS:,} are kept. It was not "
        "saved, and it is still here: shorten it, or add the rest as a file."
    )


def save_goals(programme: Programme, *, person: str, text: str, now: datetime) -> None:
    """Keep a note to oneself; an empty one is deleted.

    Raises:
        AnswerTooLongError: It is longer than GOALS_CHARS.
    """
    kept = tidy(text).strip()
    if len(kept) > GOALS_CHARS:
        raise AnswerTooLongError(f"Up to {GOALS_CHARS:,} characters fit.", path="text")
    with programme.db.transaction() as session:
        rows.put_goals(session, person, kept, now=now)


def goals(programme: Programme, *, person: str) -> str:
    """Return one's note to oneself."""
    with programme.db.reading() as session:
        return rows.goals(session, person)
