# SPDX-License-Identifier: Apache-2.0
"""AchievementSubject: who earned the achievement, in what role and time, with which results.

Open Badges 3.0, "AchievementSubject" and "Result" (https://www.imsglobal.org/spec/ob/v3p0/#achievementsubject).
The recipient is named by ``id`` or by at least one IdentityObject (``identity``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from credentials.achievement import Achievement, Alignment, ResultType
from credentials.identity import IdentityObject
from credentials.profile import IdentifierType, Image, Profile
from credentials.structure import Broken, Structure


class ResultStatus(StrEnum):
    """How far the recipient has come. https://www.imsglobal.org/spec/ob/v3p0/#resultstatustype-enumeration."""

    COMPLETED = "Completed"
    ENROLLED = "Enrolled"
    FAILED = "Failed"
    IN_PROGRESS = "InProgress"
    ON_HOLD = "OnHold"
    PROVISIONAL = "Provisional"
    WITHDREW = "Withdrew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Structure):
    """A result that was reached. https://www.imsglobal.org/spec/ob/v3p0/#result."""

    type: tuple[str, ...] = ("Result",)
    result_description: str | None = None
    achieved_level: str | None = None
    value: str | None = None
    status: ResultStatus | None = None
    alignment: tuple[Alignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementSubject(Structure):
    """Who earned it and how. https://www.imsglobal.org/spec/ob/v3p0/#achievementsubject."""

    id: str | None = None
    type: tuple[str, ...] = ("AchievementSubject",)
    identifier: tuple[IdentityObject, ...] = ()
    achievement: Achievement
    activity_start_date: datetime | None = None
    activity_end_date: datetime | None = None
    credits_earned: float | None = None
    image: Image | None = None
    license_number: str | None = None
    narrative: str | None = None
    result: tuple[Result, ...] = ()
    role: str | None = None
    source: Profile | None = None
    term: str | None = None

    def rules(self) -> Iterator[Broken]:
        """Yield what a table cannot say: somebody is named, and results refer to the achievement."""
        if not self.id and not self.identifier:
            yield (), "The subject names nobody: it has neither an id nor an identifier."
        for index, identity in enumerate(self.identifier):
            kind = identity.identity_type
            if kind not in tuple(IdentifierType) and not kind.startswith("ext:"):
                yield ("identifier", index, "identityType"), "This is no type of identifier."
        yield from self._unresolved()

    def _unresolved(self) -> Iterator[Broken]:
        """Yield each result that refers to what the achievement does not have, or lacks its status.

        A level may belong to another result description of the achievement than the one that the result
        names: the specification's own complete example does so.
        """
        described = {one.id: one for one in self.achievement.result_description}
        levels = {level.id for one in described.values() for level in one.rubric_criterion_level}
        for index, result in enumerate(self.result):
            if result.result_description is not None:
                one = described.get(result.result_description)
                if one is None:
                    yield (
                        ("result", index, "resultDescription"),
                        "The result refers to no result description of the achievement.",
                    )
                elif one.result_type is ResultType.STATUS and result.status is None:
                    yield ("result", index), "The result has no status, which its description asks for."
            if result.achieved_level is not None and result.achieved_level not in levels:
                yield (
                    ("result", index, "achievedLevel"),
                    "The achieved level is none of the levels of the achievement.",
                )
