# SPDX-License-Identifier: Apache-2.0
"""A person's situation: the facts that rules ask for, attestations, and what was used before.

Facts are a person's own word, used for one answer and stored only when the person saves them (``plans``).
They are three-valued: a fact that was not given is *missing*, which is not "no" (``holds``). An empty tuple
was given, and means none. Read from TOML, JSON or a form by ``facts_reader``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from recognition.rule.policy import AWARDED_STAGE, Period, When

FACTS: Final = (
    "role",
    "licence_level",
    "renewing",
    "member_of",
    "licences_held",
    "endorsements_held",
    "stem_endorsement",
    "holds",
    "lane_group",
)
SEVERAL: Final = frozenset({"member_of", "licences_held", "endorsements_held", "holds"})  # may hold several
EVENTS: Final = (
    "orientation",
    "workshop",
    "clock-hour-registration",
    "prior-written-approval",
    "first-submitted",
    "complete-submission",
    "virtual-meeting",
    "graduate-course",
    "capstone",
)


_ATTENDANCE: Final = "attendance:"


def attendance_stage(event: str) -> str:
    """Return the stage under which the ledger keeps units that attendance of ``event`` has granted."""
    return _ATTENDANCE + event


def is_attendance(stage: str) -> bool:
    """Tell whether the ledger keeps units of attendance under this stage, and no award."""
    return stage.startswith(_ATTENDANCE)


@dataclass(frozen=True, slots=True)
class Attestation:
    """The recognizer's or affiliate's own record that something happened; no data of the issuer.

    Attributes:
        event: One of ``EVENTS``.
        on: The date of the event.
        item: Code of the micro-credential it belongs to; "" for none (``orientation``).
        award: Id of the credential it belongs to; "" for none.
        by: Who attests.
        hours: Hours that were attested, if any.
    """

    event: str
    on: date
    item: str = ""
    award: str = ""
    by: str = ""
    hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """A line of the ledger: an award that was counted before.

    Attributes:
        award: Key of the award (``award.award_key``); the command line knows its id alone.
        purpose: What it was counted for.
        recognizer: Whose ledger; the lines that are handed to a judgement are always the recognizer's own.
        stage: As in the policy; attendance that was paid stands under ``attendance_stage(event)``.
        item: Code of the micro-credential, where the line is of a person and an item and not of an award: a
            stage before the award, and attendance that belongs to one micro-credential.
        units: Of the whole group; lines with the same ``decision`` and ``group`` are added once.
        shares: Units by bucket, where the group filled several; otherwise all of them are in ``bucket``.
        unit: In which unit; "" is the policy's own. Lines of another unit are never added.
        on: The day of the award, or of the event.
        suspected: Whether it is only a suspected copy (other id; same issuer, achievement, person and date).
    """

    award: str = ""
    credential_id: str = ""
    purpose: str = ""
    stage: str = AWARDED_STAGE
    cycle: Period | None = None
    bucket: str = ""
    units: Decimal = Decimal(0)
    on: date | None = None
    value: str = ""  # of the fact that a cap counts by, such as a lane group
    suspected: bool = False
    item: str = ""
    decision: str = ""
    group: int = 0
    unit: str = ""
    shares: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that is known of one person for one answer.

    Attributes:
        as_of: The claim date, in the recognizer's time zone.
        purpose: What is asked for; None: what the policy is for.
        values: The facts of ``FACTS`` that were given.
        identifiers: Numbers such as a PPID, by name.
        cycle: First and last day of the person's cycle.
        earned: Units gained elsewhere, by bucket, in the policy's own unit. For a need that is asked for each
            value of a fact, ``bucket:value`` names one of them.
        unit: Id of the unit that ``earned`` is in, if the person said so; another than the policy's is an
            error, because units of two places are never added.
    """

    as_of: date
    purpose: str | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identifiers: Mapping[str, str] = field(default_factory=dict)
    cycle: Period | None = None
    earned: Mapping[str, Decimal] = field(default_factory=dict)
    attestations: tuple[Attestation, ...] = ()
    used: tuple[Used, ...] = ()
    unit: str = ""


def holds(when: When, facts: Facts) -> tuple[bool | None, str]:
    """Tell whether ``when`` holds: True, False, or None with the name of a fact that is missing.

    All facts must match, each by any of its values. One that is known not to match settles it, whatever else
    is missing.
    """
    missing = ""
    for name, wanted in when.items():
        given = facts.values.get(name)
        if given is None:
            missing = missing or name
        elif not set(given) & set(wanted):
            return False, ""
    return (None, missing) if missing else (True, "")
