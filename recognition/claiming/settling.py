# SPDX-License-Identifier: Apache-2.0
"""From the rule's proposal to what is granted: what a person confirms, sets or overrules, with a reason.

Rules kept here:

- What the rule grants is granted as it is unless a person changes it. A proposal whose number a person must
  set has none until somebody does; one that a person must look at (a suspected copy) is confirmed or left
  out.
- Time, amount and papers may be overruled with a reason (``ADJUSTABLE``). What an award is by nature, whether
  it is genuine, whether it stands and whether it was used before may not: no reason makes a forgery count.
- Every change becomes a sentence of the decision.

Only values in and out; ``deciding`` takes the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from recognition.claiming.decision import DecidedGroup
from recognition.errors import RecognitionFieldError
from recognition.judging.answer import (
    GRANTED,
    PENDING,
    REFUSED,
    SUPPORTING_DOCUMENT,
    Answer,
    Attended,
    Group,
    Judged,
)
from recognition.judging.answer import UNUSED as LEFT_OVER
from recognition.judging.award import Award, Brought, award_key
from recognition.rule.policy import AWARDED_STAGE
from recognition.rule.units import plain
from verifier.verdict import Verdict

UNITS_MAX: Final = Decimal(9_999)  # of one group; whoever grants more has mistyped
PLACES: Final = 3  # digits after the point
ADJUSTABLE: Final = frozenset(
    {
        LEFT_OVER,
        f"{REFUSED}outside-cycle",
        f"{REFUSED}outside-window",
        f"{REFUSED}claimed-too-late",
        f"{REFUSED}cap-reached",
        f"{REFUSED}status:expired",
    }
)
_NOT_CHECKED: Final = f"{PENDING}verification"
_WITHOUT_UNITS: Final = frozenset({SUPPORTING_DOCUMENT})  # answers that are accepted, and then used


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What a person says about a group of the proposal, by its number.

    Attributes:
        units: The number that is granted; None: the rule's.
        bucket: What it fills; "": as the rule says.
        leave_out: Whether it is not counted.
        confirmed: Whether a group that asks for a look was looked at.
    """

    number: int
    units: Decimal | None = None
    bucket: str = ""
    leave_out: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Addition:
    """An award that the rule did not count and a person does. ``index`` is its place in ``Answer.judged``."""

    index: int
    units: Decimal
    bucket: str = ""


@dataclass(frozen=True, slots=True)
class Adjustments:
    """Everything that a person changes about a proposal.

    Attributes:
        not_attended: Places in ``Answer.attended`` of what is left out.
    """

    groups: tuple[GroupChange, ...] = ()
    additions: tuple[Addition, ...] = ()
    not_attended: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """What will be granted, and what was changed for it, in sentences."""

    groups: tuple[DecidedGroup, ...]
    changes: tuple[str, ...]
    attended: tuple[Attended, ...] = ()


NO_ADJUSTMENTS: Final = Adjustments()


def settle(answer: Answer, brought: Sequence[Brought], adjustments: Adjustments) -> Settled:
    """Return what is granted when ``adjustments`` are made to the proposal ``answer``.

    Raises:
        RecognitionFieldError: A number is missing or does not fit, or something may not be overruled;
            ``path`` names the field.
    """
    said = {each.number: each for each in adjustments.groups}
    unknown = set(said) - {each.number for each in answer.groups}
    if unknown:
        raise RecognitionFieldError("There is no such group in the proposal.", path=f"group-{min(unknown)}")
    groups: list[DecidedGroup] = []
    changes: list[str] = []
    for group in answer.groups:
        kept = _group(answer, group, said.get(group.number, GroupChange(group.number)), changes)
        if kept is not None:
            groups.append(kept)
    number = max((each.number for each in answer.groups), default=0)
    for each in adjustments.additions:
        number += 1
        groups.append(_added(answer, brought, each, number, changes))
    if not groups and answer.outcome in _WITHOUT_UNITS:
        groups = list(_documents(answer))
    attended = _attended(answer, adjustments.not_attended, changes) if groups else ()
    return Settled(tuple(groups), tuple(changes), attended)


def may_add(judged: Judged, brought: Brought | None) -> bool:
    """Tell whether a person may count, with a reason, what the rule did not."""
    if judged.stage != AWARDED_STAGE or judged.group is not None or brought is None:
        return False
    pending = judged.outcome.startswith(PENDING) and judged.outcome != _NOT_CHECKED
    if not pending and judged.outcome not in ADJUSTABLE:
        return False
    return brought.award is not None or (brought.verdict is Verdict.EXPIRED and key_of(brought) != "")


def brought_for(judged: Judged, brought: Iterable[Brought]) -> Brought | None:
    """Return what was brought that ``judged`` is about, or None: a stage before the award has nothing."""
    if judged.stage != AWARDED_STAGE:
        return None
    same = [each for each in brought if each.place == judged.place]
    exact = [each for each in same if each.award is not None and each.award.key == judged.key]
    return next(iter([*exact, *same]), None)


def key_of(brought: Brought) -> str:
    """Return the key in ledgers of what was brought; "" for what is not shown to be its issuer's word."""
    if brought.award is not None:
        return brought.award.key
    report = brought.report
    if report is None or not report.is_authentic or report.summary is None or report.summary.id is None:
        return ""
    return award_key(report.issuer.id, report.summary.id)


def buckets(answer: Answer) -> tuple[str, ...]:
    """Return what units may be counted for: the policy's buckets, and those for each value of a fact."""
    of_groups = (name for group in answer.groups for name in group.buckets)
    of_needs = (f"{each.bucket}:{each.of}" for each in answer.needs if each.of)
    return tuple(dict.fromkeys((*answer.policy.buckets, *of_groups, *of_needs)))


def total(settled: Settled) -> Decimal:
    """Return the units of all groups and of the attendance that is granted."""
    units = sum((each.units for each in settled.groups), Decimal(0))
    return units + sum((each.units for each in settled.attended), Decimal(0))


def outcome_of(answer: Answer, settled: Settled) -> str:
    """Return the code of a decision that grants ``settled``.

    Raises:
        RecognitionFieldError: There is nothing that could be granted.
    """
    if answer.outcome in _WITHOUT_UNITS and not settled.changes:
        return answer.outcome
    if settled.groups:  # Attendance counts beside awards, never instead of them.
        return GRANTED
    raise RecognitionFieldError(
        "Nothing of this claim would be granted. Add an award with a reason, ask for more, or refuse it.",
        path="",
    )


def checked_units(value: Decimal | None, path: str) -> Decimal:
    """Return an amount that a person set.

    Raises:
        RecognitionFieldError: It is missing, not positive, too large or too fine.
    """
    if value is None:
        raise RecognitionFieldError("The rule leaves this number to you. Write it.", path=path)
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not isinstance(exponent, int) or value <= 0 or value > UNITS_MAX:
        raise RecognitionFieldError(f"Write a number above 0 and up to {UNITS_MAX:,}.", path=path)
    if -exponent > PLACES:
        raise RecognitionFieldError(f"Write up to {PLACES} digits after the point.", path=path)
    return value


def _group(answer: Answer, group: Group, said: GroupChange, changes: list[str]) -> DecidedGroup | None:
    path = f"group-{group.number}"
    named = f"Group {group.number}"
    if said.leave_out:
        changes.append(f"{named} of the proposal is left out.")
        return None
    if group.asks and not said.confirmed:
        raise RecognitionFieldError(
            f"{group.asks} Say whether it counts, or leave it out.", path=f"{path}-confirmed"
        )
    units = group.units
    if said.units is not None or units is None:
        units = checked_units(said.units, f"{path}-units")
    adjusted = group.units is not None and units != group.units
    if adjusted and group.units is not None:
        changes.append(f"{named} gives {plain(units)} in place of {plain(group.units)}.")
    is_as_ruled = group.units is not None and not adjusted
    fills = dict(group.buckets) if is_as_ruled else dict.fromkeys(group.buckets, units)
    if said.bucket and tuple(group.buckets) != (said.bucket,):
        adjusted = True
        fills = {_bucket(answer, said.bucket, f"{path}-bucket"): units}
        changes.append(
            f"{named} counts for {said.bucket} in place of {', '.join(group.buckets) or 'nothing'}."
        )
    elif not is_as_ruled and len(fills) > 1:
        raise RecognitionFieldError(
            "This group fills several needs. Choose the one that the number counts for.",
            path=f"{path}-bucket",
        )
    return DecidedGroup(
        number=group.number,
        grant=group.grant,
        stage=group.stage,
        awards=group.awards,
        buckets=fills,
        units=units,
        area=group.area,
        pro_rata=group.pro_rata,
        adjusted=adjusted,
    )


def _added(
    answer: Answer, brought: Sequence[Brought], each: Addition, number: int, changes: list[str]
) -> DecidedGroup:
    path = f"add-{each.index}"
    if not 0 <= each.index < len(answer.judged):
        raise RecognitionFieldError("There is no such award in this claim.", path=path)
    judged = answer.judged[each.index]
    found = brought_for(judged, brought)
    if found is None or not may_add(judged, found):
        raise RecognitionFieldError(
            f"This cannot be counted, whatever the reason: {judged.sentence}", path=path
        )
    units = checked_units(each.units, f"{path}-units")
    known = answer.policy.buckets
    bucket = each.bucket or (known[0] if len(known) == 1 else "")
    bucket = _bucket(answer, bucket, f"{path}-bucket")
    changes.append(
        f"“{judged.title or judged.credential_id}” is counted with {plain(units)} although the rule says: "
        f"{judged.sentence}"
    )
    return DecidedGroup(
        number=number,
        grant="",
        stage=AWARDED_STAGE,
        awards=(key_of(found),),
        buckets={bucket: units},
        units=units,
        adjusted=True,
    )


def _attended(answer: Answer, without: frozenset[int], changes: list[str]) -> tuple[Attended, ...]:
    """Return the attendance that is granted."""
    unknown = {each for each in without if each >= len(answer.attended)}
    if unknown:
        raise RecognitionFieldError("There is no such attendance.", path=f"attended-{min(unknown)}-leave")
    for at in sorted(without):
        each = answer.attended[at]
        changes.append(f"The attendance of {each.on.isoformat()} ({each.event}) is left out.")
    return tuple(each for at, each in enumerate(answer.attended) if at not in without)


def _documents(answer: Answer) -> Iterable[DecidedGroup]:
    """Yield a group without units for each award that is accepted as a document."""
    seen: set[str] = set()
    for judged in answer.judged:
        if judged.outcome == answer.outcome and judged.key and judged.key not in seen:
            seen.add(judged.key)
            yield DecidedGroup(
                number=len(seen),
                grant="",
                stage=judged.stage,
                awards=(judged.key,),
                buckets={},
                units=Decimal(0),
            )


def _bucket(answer: Answer, bucket: str, path: str) -> str:
    if bucket not in buckets(answer):  # Exactly: it is signed and published.
        raise RecognitionFieldError("Choose what it counts for.", path=path)
    return bucket


def awards_of(brought: Iterable[Brought]) -> tuple[Award, ...]:
    """Return the verified awards among what was brought."""
    return tuple(each.award for each in brought if each.award is not None)
