# SPDX-License-Identifier: Apache-2.0
"""What reviewers said, as the educator reads it. Never "failed", never "last attempt"."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

ROUNDS_BEFORE_HELP: Final = 3  # returns after which help is offered; never a limit


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion as it was judged: the level reached, whether that is met, and the comment."""

    level: str | None
    is_met: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """The word on one submission.

    Attributes:
        number: Number of the submission.
        outcome: ``returned``, ``incomplete`` or ``passed``.
        words: About the whole.
        criteria: By criterion; what was met in an earlier round is met here too.
    """

    number: int
    outcome: str
    words: str
    decided_at: datetime
    criteria: Mapping[str, Judged] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def open_criteria(self) -> tuple[str, ...]:
        """Criteria that are not met yet and have a comment: each waits for an answer."""
        if self.outcome != "returned":
            return ()
        return tuple(name for name, judged in self.criteria.items() if not judged.is_met and judged.comment)


def read(decisions: Iterable[tuple[int, str, str, datetime]]) -> tuple[Feedback, ...]:
    """Return the decisions as feedback; a criterion that was met once stays met."""
    made: list[Feedback] = []
    met: dict[str, Judged] = {}
    for number, outcome, content, decided_at in decisions:
        told = json.loads(content or "{}")
        criteria = {name: _judged(each) for name, each in told.get("criteria", {}).items()}
        now_met = {name: judged for name, judged in criteria.items() if judged.is_met}
        kept = {name: judged for name, judged in met.items() if name not in now_met}
        met |= now_met
        made.append(
            Feedback(
                number=number,
                outcome=outcome,
                words=told.get("words", ""),
                decided_at=decided_at,
                criteria=MappingProxyType({**criteria, **kept}),
            )
        )
    return tuple(made)


def emptied_decision(content: str) -> str:
    """Return a decision without the reviewer's words to the educator; outcome and levels stay."""
    told = json.loads(content or "{}")
    criteria = {name: {**each, "comment": ""} for name, each in told.get("criteria", {}).items()}
    return json.dumps({**told, "words": "", "criteria": criteria})


def offers_help(feedback: Iterable[Feedback]) -> bool:
    """Tell whether the page should offer help: from the third return on."""
    return sum(each.outcome == "returned" for each in feedback) >= ROUNDS_BEFORE_HELP


def _judged(told: Mapping[str, object]) -> Judged:
    level = told.get("level")
    return Judged(
        level=str(level) if level else None,
        is_met=bool(told.get("met")),
        comment=str(told.get("comment") or ""),
    )
