# SPDX-License-Identifier: Apache-2.0
"""What the entries that passed give together: steps 13 to 15, grouping, upper limits, conversion; and sums.

Stages are allocated one after the other; an award may be in one group at each. Attendance is added beside the
groups and covers the shortfalls of its bucket first. Caps cut whole groups. Conversion is done once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from recognition.grouping.allocation import Allocation, Candidate, allocate
from recognition.judging import placing
from recognition.judging.answer import GRANTED, PROPOSAL, Attended, Filled, Group
from recognition.judging.caps import Cut, cuts, within
from recognition.judging.case import Case
from recognition.judging.conversion import Converted, convert
from recognition.judging.placing import Left, Placement
from recognition.judging.related import fit, open_buckets
from recognition.judging.requirements import attended as attendance
from recognition.judging.screen import Screened
from recognition.judging.sums import NOTHING, carried_over, in_this_cycle
from recognition.judging.targets import Targets, given_by, opens_all, targets
from recognition.rule.policy import Grant, Overlap

Place = tuple[str, str]  # stage and key of an entry
OVERLAP_UNKNOWN: Final = (
    "Whether one micro-credential may fill several needs at once, nobody has decided yet. "
    "It was treated as no: each fills one."
)
ATTENDANCE_CUT: Final = "Not all attendance counts: the rest of it is beyond an upper limit of the rule."


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What everything gives together.

    Attributes:
        placements: What became of each entry that passed.
        open_stage: By stage, the candidates that were left over, for whoever tries what would complete them.
        states: What the grouping took of its budget.
        work: What it took in all, in states; more than ``states`` by what no budget can save.
    """

    groups: tuple[Group, ...]
    placements: Mapping[Place, Placement]
    attended: tuple[Attended, ...]
    granted: Decimal
    proposed: Decimal | None
    targets: Targets
    needs: tuple[Filled, ...]
    total: Filled | None
    surplus: Decimal
    converted: Converted | None
    optimal: bool
    states: int
    notes: tuple[str, ...]
    open_stage: Mapping[str, Left] = field(default_factory=dict)
    work: int = 0


@dataclass(slots=True)
class _Scale:
    """Everything that one weighing gathers."""

    case: Case
    budget: int
    targets: Targets
    screened: Mapping[Place, Screened]
    given: dict[str, Decimal]
    groups: list[Group] = field(default_factory=list)
    left: dict[str, Left] = field(default_factory=dict)
    optimal: bool = True
    states: int = 0
    work: int = 0

    def stage(self, stage: str, more: Sequence[Candidate]) -> None:
        """Allocate one stage."""
        policy, needs = self.case.policy, self.targets.needs
        grants = [each for each in policy.grants if each.stage == stage]
        candidates = list(self._candidates(stage, grants))
        candidates += more
        allocation = allocate(
            candidates,
            [replace(grant, into=opens_all(grant, needs), eligible={}) for grant in grants],
            shortfalls=self.targets.shortfalls(self.given),
            budget=max(0, self.budget - self.states),
        )
        self._take(stage, allocation, {grant.id: grant for grant in grants})
        unused = set(allocation.unused)
        self.left[stage] = Left(each for each in candidates if each.key in unused)

    def _candidates(self, stage: str, grants: Sequence[Grant]) -> Iterator[Candidate]:
        needs = self.targets.needs
        for (of, key), each in self.screened.items():
            if of != stage or each.entry.day is None:
                continue
            fits = {grant.id: fit(each.entry, grant, self.case, needs) for grant in grants}
            known = {name: found for name, found in fits.items() if found is not None}
            if known:
                yield Candidate(key, each.entry.day, known)

    def _take(self, stage: str, found: Allocation, grants: Mapping[str, Grant]) -> None:
        self.optimal = self.optimal and found.optimal
        self.states += found.states
        self.work += found.work
        for each in found.groups:
            grant = grants[each.grant]
            asks = next(
                (s.asks for key in each.awards if (s := self.screened.get((stage, key))) and s.asks), ""
            )
            self.groups.append(
                Group(
                    number=len(self.groups) + 1,
                    grant=each.grant,
                    stage=stage,
                    awards=each.awards,
                    buckets=each.buckets,
                    units=each.units if grant.amount is not None else None,
                    outcome=PROPOSAL if asks or grant.outcome == PROPOSAL else GRANTED,
                    area=each.area,
                    pro_rata=each.pro_rata,
                    asks=asks,
                )
            )
            for bucket, units in each.buckets.items():
                self.given[bucket] = self.given.get(bucket, NOTHING) + units


def weigh(
    case: Case,
    screened: Sequence[Screened],
    *,
    budget: int,
    more: Sequence[tuple[str, Candidate]] = (),
) -> Weighed:
    """Weigh everything that passed the screening.

    Args:
        case: The policy and the person.
        screened: All entries; those with an outcome are passed over.
        budget: States of the search, over all stages.
        more: Stages and candidates that nobody has, to see what they would change.
    """
    passed = {(each.entry.stage, each.entry.key): each for each in screened if not each.outcome}
    attended = attendance(case, [each.entry for each in passed.values()])
    beside = within(case, attended)
    scale = _Scale(case, budget, targets(case), passed, given_by((), beside))
    for stage in case.policy.stages:
        scale.stage(stage, [each for of, each in more if of == stage])
    days = {group.number: max(_days(scale, group, more)) for group in scale.groups}
    cut = cuts(case, scale.groups, beside, days)
    gone = {number for each in cut for number in each.groups}
    groups = tuple(
        replace(group, number=number)
        for number, group in enumerate((group for group in scale.groups if group.number not in gone), start=1)
    )
    kept, beside = beside, beside if groups else ()
    granted = sum((each.units or NOTHING for each in groups if each.outcome == GRANTED), NOTHING)
    granted += sum((each.units for each in beside), NOTHING)
    given = given_by(groups, beside)
    converted = _converted(case, groups, granted)
    return Weighed(
        groups=groups,
        placements=_placements(scale, groups, cut, converted),
        attended=beside,
        granted=granted,
        proposed=_proposed(groups),
        targets=scale.targets,
        needs=scale.targets.filled(given),
        total=scale.targets.total(granted),
        surplus=scale.targets.surplus(granted),
        converted=converted,
        optimal=scale.optimal,
        states=scale.states,
        notes=(*([ATTENDANCE_CUT] if len(kept) < len(attended) else []), *_notes(scale, groups)),
        open_stage=scale.left,
        work=scale.work,
    )


def _days(scale: _Scale, group: Group, more: Sequence[tuple[str, Candidate]]) -> Iterator[date]:
    imagined = {each.key: each.awarded for _, each in more}
    for key in group.awards:
        known = scale.screened.get((group.stage, key))
        day = known.entry.day if known is not None else imagined[key]
        yield day or date.min


def _placements(
    scale: _Scale, groups: Sequence[Group], cut: Sequence[Cut], converted: Converted | None
) -> dict[Place, Placement]:
    by_entry = {(group.stage, key): group for group in groups for key in group.awards}
    by_number = {group.number: group for group in scale.groups}
    cut_by = {
        (by_number[number].stage, key): each
        for each in cut
        for number in each.groups
        for key in by_number[number].awards
    }
    members = {
        group.number: [
            scale.screened[group.stage, key].entry
            for key in group.awards
            if (group.stage, key) in scale.screened
        ]
        for group in groups
    }
    found: dict[Place, Placement] = {}
    for place, each in scale.screened.items():
        stage, _ = place
        if place in by_entry:
            group = by_entry[place]
            found[place] = placing.placed(scale.case, each.entry, group, members[group.number], converted)
        elif place in cut_by:
            found[place] = placing.cut(cut_by[place])
        else:
            found[place] = placing.left_over(
                scale.case, each.entry, scale.left.get(stage) or Left(), scale.targets.needs
            )
    return found


def _proposed(groups: Sequence[Group]) -> Decimal | None:
    """Return the sum that a person must confirm; None: there is nothing to confirm, or no number yet."""
    amounts = [group.units for group in groups if group.outcome == PROPOSAL]
    known = [units for units in amounts if units is not None]
    return sum(known, NOTHING) if known and len(known) == len(amounts) else None


def _converted(case: Case, groups: Sequence[Group], granted: Decimal) -> Converted | None:
    """Convert the cycle's sum; None where nothing was granted, or nothing is converted."""
    if case.policy.convert is None or not granted or not groups:
        return None
    before = sum((line.units for line in in_this_cycle(case)), NOTHING)
    return convert(before + granted + carried_over(case), case.policy.convert)


def _notes(scale: _Scale, groups: Sequence[Group]) -> Iterator[str]:
    policy = scale.case.policy
    needed = {each.bucket for each in scale.targets.needs}
    grants = {each.id: each for each in policy.grants if each.overlap is Overlap.UNKNOWN}
    for group in groups:
        grant = grants.get(group.grant)
        for key in group.awards if grant is not None else ():
            known = scale.screened.get((group.stage, key))
            if known is None or grant is None:
                continue
            if len(needed.intersection(open_buckets(known.entry, grant, scale.case))) > 1:
                yield OVERLAP_UNKNOWN
                return
