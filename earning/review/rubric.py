# SPDX-License-Identifier: Apache-2.0
"""The rubric in one round: what is still open, what a reading must hold, what an earlier round has settled.

- A criterion is met at its required level or above. One without a required level is optional: it never keeps
  work from passing, and counts as met with any level.
- Criteria that a decision found met stay met, at the level that was reached then; they are not read again.
- A reading of complete work gives every open criterion a level, but optional ones as it likes, and says
  something about each criterion that is not met yet; otherwise it cannot be finished (promise E23).
- Whether work passes follows from the levels. No reviewer chooses it.
- A reading that found parts missing names them, and has no levels: it is no judgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from issuer.micro_credential import Criterion, MicroCredential

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Outcome(StrEnum):
    """What one reading says."""

    PASS = "pass"  # noqa: S105  the outcome of a review
    RETURN = "return"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Rating:
    """The level that a reading gives to a criterion, and what it says about it."""

    level: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a reading still needs. ``place`` is a criterion, ``missing`` or ``words``."""

    place: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reviewer says about one submission.

    Attributes:
        ratings: By criterion.
        words: To the educator, about the whole.
        missing: The places that were found empty (``part-2/journal``); then it is about nothing else.
    """

    ratings: Mapping[str, Rating]
    words: str = ""
    missing: tuple[str, ...] = ()
    is_incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Rubric:
    """All criteria of a version, and the levels of those that earlier rounds have settled.

    Attributes:
        settled: Criterion → level, of what was met before.
    """

    criteria: tuple[Criterion, ...]
    settled: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> tuple[Criterion, ...]:
        """What is to be read in this round."""
        return tuple(each for each in self.criteria if each.id not in self.settled)

    def outcome(self, reading: Reading) -> Outcome:
        """Return what ``reading`` comes to."""
        if reading.is_incomplete:
            return Outcome.INCOMPLETE
        levels = {id: rating.level for id, rating in reading.ratings.items()}
        unmet = any(is_needed(each) and not is_met(each, levels.get(each.id)) for each in self.open)
        return Outcome.RETURN if unmet else Outcome.PASS

    def gaps(self, reading: Reading) -> tuple[Gap, ...]:
        """Return what keeps ``reading`` from being finished, in the rubric's order."""
        if reading.is_incomplete:
            return _gaps_of_incomplete(reading)
        found = []
        for each in self.open:
            rating = reading.ratings.get(each.id, Rating())
            if rating.level is None:
                if is_needed(each):
                    found.append(Gap(each.id, "level", f"Choose a level for “{each.title}”."))
            elif not is_met(each, rating.level) and not rating.comment.strip():
                sentence = f"Say what is still missing for “{each.title}”: a comment helps to go on."
                found.append(Gap(each.id, "comment", sentence))
        return tuple(found)


def rubric(micro_credential: MicroCredential, *, settled: Mapping[str, str] = NOTHING) -> Rubric:
    """Return the rubric of a version, with what earlier rounds have settled."""
    known = {each.id for each in micro_credential.criteria}
    kept = {id: level for id, level in settled.items() if id in known}
    return Rubric(criteria=micro_credential.criteria, settled=kept)


def is_needed(criterion: Criterion) -> bool:
    """Tell whether work passes only when ``criterion`` is met."""
    return criterion.required is not None


def is_level(criterion: Criterion, level: str) -> bool:
    """Tell whether ``criterion`` has this level."""
    return any(name == level for name, _ in criterion.levels)


def is_met(criterion: Criterion, level: str | None) -> bool:
    """Tell whether ``level`` is enough for ``criterion``; no level never is."""
    if level is None:
        return False
    return criterion.required is None or criterion.rank(level) >= criterion.rank(criterion.required)


def settled_by(decisions: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the criteria that ``decisions`` found met (criterion → level), oldest first."""
    found: dict[str, str] = {}
    for met in decisions:
        for criterion, level in met.items():
            found.setdefault(criterion, level)
    return found


def _gaps_of_incomplete(reading: Reading) -> tuple[Gap, ...]:
    if reading.missing or reading.words.strip():
        return ()
    return (Gap("missing", "missing", "Say which part is missing: mark it, or tell it in your words."),)
