# SPDX-License-Identifier: Apache-2.0
"""The decision that takes the place of another one when a group of it is taken back, and what is published.

It says what remains and names the old one. What was converted into credits is left open: credits are made of
the sum of a cycle, which only a new judgement knows.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from recognition.claiming.decision import DecidedAward, Decision
from recognition.judging.answer import REVERSAL_NEEDED, Attended
from recognition.office import Office
from recognition.rule.days import day_of
from recognition.rule.policy import Policy
from recognition.rule.units import plain
from recognition.stating import decision_document
from recognition.store.reversals import Line

REVERSED: Final = "reversed"  # outcome of a decision that leaves nothing


def without(
    old: Decision, gone: Sequence[Line], policy: Policy | None, *, reason: str, actor: str, now: datetime
) -> Decision:
    """Return the decision that takes the place of ``old``: without the group of ``gone``."""
    number = gone[0].group
    groups = tuple(each for each in old.groups if each.number != number)
    attended = _attended(old, number)
    counted = [each.units for each in groups] + [each.units for each in attended]
    units = sum(counted, Decimal(0))
    titles = " and ".join(f"“{title}”" for title in dict.fromkeys(each.title for each in gone))
    taken = f"Taken back: {plain(Decimal(gone[0].units))} {old.unit} for {titles}."
    rest = bool(groups or attended)
    return replace(
        old,
        id=str(uuid.uuid4()),
        outcome=old.outcome if rest else REVERSED,
        sentence=f"{plain(units)} {old.unit} remain. {taken}" if rest else taken,
        units=units,
        converted=None,
        remainder=None,
        awards=tuple(_out(each) if each.group == number else each for each in old.awards),
        groups=groups,
        attended=attended,
        shown="",
        decided_by=actor,
        decided_at=now,
        decided_on=now.date() if policy is None else day_of(now, policy.timezone),
        reason=reason,
        adjustments=(taken,),
        corrects=old.id,
    )


def _out(award: DecidedAward) -> DecidedAward:
    sentence = "It was counted, and taken back after a source of its group had fallen."
    return replace(award, group=None, outcome=REVERSAL_NEEDED, sentence=sentence)


def _attended(old: Decision, number: int) -> tuple[Attended, ...]:
    """Return the attendances that stay: their lines are numbered after the groups (``deciding``)."""
    first = max((each.number for each in old.groups), default=0) + 1
    return tuple(each for at, each in enumerate(old.attended, start=first) if at != number)


def document(office: Office, decision: Decision, policy: Policy | None) -> bytes:
    """Return what is published of it; nothing where nothing remains."""
    if policy is None or decision.outcome == REVERSED:
        return b""
    issuer = office.sign.issuer(decision.organisation) if office.sign is not None else None
    return decision_document.compose(
        decision,
        policy=policy,
        public_url=office.public_url,
        organisation_id=str((issuer or {}).get("id", "")),
    )
