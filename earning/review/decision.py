# SPDX-License-Identifier: Apache-2.0
"""From readings to a decision: passed, returned with feedback, incomplete, or one more reading.

The rule, whole:

1. One reading decides, unless the submission is in the sample; then a second one is needed. Nobody can choose
   what is in the sample: it follows from the submission's random id (``is_sampled``).
2. A first reading that found parts missing decides at once: that is no judgement and counts as no attempt.
3. Two readings that come to the same outcome decide. Each criterion gets the lower of the two levels, so that
   it is met if both say so.
4. Two readings that come to different outcomes need a third. Then each criterion gets the middle level of the
   three: it is met if two of three say so. Work passes when every needed criterion is met.
5. Among two or three readings, those that found parts missing have no voice about levels. If they are the
   greater part, the submission is incomplete; otherwise the others decide as in 3.
6. What was met in an earlier round stays met at its level.

Comments on a criterion come from the readings that hold what was decided about it; words from the readings
whose outcome was decided, or from all if there is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from earning.review.rubric import Outcome, Rating, Reading, Rubric, is_met, is_needed
from issuer.micro_credential import Criterion

READINGS_MAX: Final = 3  # the third one decides


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a criterion."""

    level: str | None
    met: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Passed:
    """Every needed criterion is met. ``levels`` are those reached, of earlier rounds too."""

    levels: Mapping[str, str]
    criteria: Mapping[str, Verdict]
    words: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Something is not met yet; the comments say what helps. ``levels`` are those of what is met."""

    levels: Mapping[str, str]
    criteria: Mapping[str, Verdict]
    words: str


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Parts are missing, so nothing was judged."""

    missing: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class NeedsReading:
    """One more reading is needed. ``reason`` is first, sample or disagreement."""

    reason: str


Decision = Passed | Returned | Incomplete
Step = Decision | NeedsReading


def is_sampled(submission: str, percent: int) -> bool:
    """Tell whether ``submission`` is among the ``percent`` of all that are read twice.

    The first 64 bits of the SHA-256 of its id, as a number, lie below that share.
    """
    number = int.from_bytes(hashlib.sha256(submission.encode("utf-8")).digest()[:8])
    return number * 100 < percent << 64


def decide(rubric: Rubric, readings: Sequence[Reading], *, sampled: bool) -> Step:
    """Return what follows from ``readings``, in the order in which they were finished.

    Each of them must have no gaps (``Rubric.gaps``); a fourth one is never looked at.
    """
    readings = readings[:READINGS_MAX]
    if not readings:
        return NeedsReading("first")
    outcomes = [rubric.outcome(each) for each in readings]
    if len(readings) == 1:
        if outcomes[0] is Outcome.INCOMPLETE:
            return _incomplete(readings)
        return NeedsReading("sample") if sampled else _judged(rubric, readings)
    if len(readings) < READINGS_MAX and len(set(outcomes)) > 1:
        return NeedsReading("disagreement")
    empty = [each for each in readings if each.is_incomplete]
    if 2 * len(empty) > len(readings):
        return _incomplete(empty)
    return _judged(rubric, [each for each in readings if not each.is_incomplete])


def agreed(rubric: Rubric, readings: Sequence[Reading]) -> bool | None:
    """Tell whether the first two readings came to the same outcome; None without a second."""
    if len(readings) < 2:
        return None
    return rubric.outcome(readings[0]) is rubric.outcome(readings[1])


def _incomplete(readings: Sequence[Reading]) -> Incomplete:
    missing = dict.fromkeys(place for each in readings for place in each.missing)
    return Incomplete(missing=tuple(missing), words=_joined(each.words for each in readings))


def _judged(rubric: Rubric, readings: Sequence[Reading]) -> Passed | Returned:
    criteria = {
        each.id: Verdict(level=rubric.settled[each.id], met=True, comment="")
        if each.id in rubric.settled
        else _verdict(each, [reading.ratings.get(each.id, Rating()) for reading in readings])
        for each in rubric.criteria
    }
    levels = {id: one.level for id, one in criteria.items() if one.met and one.level is not None}
    passed = all(criteria[each.id].met for each in rubric.criteria if is_needed(each))
    outcome = Outcome.PASS if passed else Outcome.RETURN
    same = [each for each in readings if rubric.outcome(each) is outcome] or readings
    words = _joined(each.words for each in same)
    kind = Passed if passed else Returned
    return kind(levels=levels, criteria=criteria, words=words)


def _verdict(criterion: Criterion, ratings: Sequence[Rating]) -> Verdict:
    """Return the middle level (the lower one of two) and the comments of those who hold what it means."""
    given = sorted(
        (each.level for each in ratings if each.level is not None),
        key=criterion.rank,
    )
    level = given[(len(given) - 1) // 2] if given else None
    met = is_met(criterion, level)
    return Verdict(
        level=level,
        met=met,
        comment=_joined(each.comment for each in ratings if is_met(criterion, each.level) is met),
    )


def _joined(texts: Iterable[str]) -> str:
    found = dict.fromkeys(text.strip() for text in texts if text.strip())
    return "\n\n".join(found)
