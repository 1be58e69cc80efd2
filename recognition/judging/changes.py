# SPDX-License-Identifier: Apache-2.0
"""What would change an answer: each single thing that is missing is tried, the smallest that helps is named.

A trial is the same judgement with one edit (``edits``): screened again, grouped again. Where no single one
helps, what stands in the way is taken away step by step, and named as one change.

Trials have what the answer has left of its budget of work, counted in states and never by a clock, so that
the same question always has the same answer. What a trial takes at least is known before from the answer
itself; one for which not enough is left, or whose awards do not fit into one answer, is not made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Final

from recognition.grouping.allocation import MAX_AWARDS
from recognition.judging.answer import GRANTED, PENDING, PROPOSAL, REFUSED, Change
from recognition.judging.case import Case, Entry
from recognition.judging.edits import Edit, edits
from recognition.judging.placing import Left
from recognition.judging.screen import Screened, screen
from recognition.judging.weighing import Weighed, weigh
from recognition.rule.units import plain, say

TRIALS: Final = 40  # judgements that are tried for one answer
ROWS: Final = 2  # attestations of an edit that weigh as much as one state; an edit is made for each entry
SCREENING: Final = 4  # states that looking at one entry weighs as much as
WIDTH: Final = 20  # buckets of all grants that weigh as much as looking at an entry once more
STATES: Final = 2_000  # of the grouping of one trial
STEPS: Final = 6  # things that are taken out of the way one after the other
NAMED: Final = 3  # changes of the same size that are named for one entry
WHOLE: Final = 5  # changes that are named for the whole answer
_BEYOND_US: Final[Mapping[str, tuple[str, str]]] = {
    f"{PENDING}verification": ("check", "When it can be checked, it is judged again."),
    f"{PENDING}scored-rubric": ("check", "With an issue that carries the scored rubric, it is judged again."),
    f"{PENDING}verification-link": ("check", "With a link at which it can be verified, it is judged again."),
    f"{PENDING}season-dates": ("time", "When the dates of the season are known, it is judged again."),
    f"{REFUSED}status:suspended": ("time", "When the issuer’s review ends in its favour, it counts again."),
    f"{REFUSED}status:not-yet-valid": ("time", "When it begins to be in force, it is judged again."),
}

Entries = Callable[[Case], Sequence[Entry]]
Place = tuple[str, str, str]  # stage, key and place of an entry


@dataclass(frozen=True, slots=True)
class Result:
    """What one trial gave: the outcome of each entry, those by stage and key, and the sums."""

    outcomes: Mapping[Place, str]
    named: Mapping[tuple[str, str], Sequence[str]]
    units: Decimal
    proposals: int
    screened: Mapping[Place, Screened]
    left: Mapping[str, Left]


@dataclass(frozen=True, slots=True)
class Found:
    """What would change each entry, and the whole."""

    each: Mapping[Place, tuple[Change, ...]]
    whole: tuple[Change, ...]
    is_complete: bool


@dataclass(slots=True)
class _Trials:
    """The trials of one answer, each made once."""

    case: Case
    entries: Entries
    purse: int  # work that is left, in states
    least: int  # that one trial takes besides its search
    left: int  # trials that are left
    known: dict[tuple[str, ...], Result | None] = field(default_factory=dict)
    is_complete: bool = True

    def edits(self, case: Case, one: Screened, left: Mapping[str, Left]) -> Iterator[Edit]:
        """Yield what could help an entry, as long as there is something left to look at it with."""
        if self.purse <= 0:
            self.is_complete = False
            return
        for edit in islice(edits(case, one, left), TRIALS):
            self.purse -= edit.size // ROWS
            yield edit

    def run(self, tried: Sequence[Edit]) -> Result | None:
        """Judge with these edits; None where nothing is left for trials."""
        key = tuple(sorted(each.key for each in tried))
        if key not in self.known:
            self.known[key] = self._judge(tried)
        return self.known[key]

    def _judge(self, tried: Sequence[Edit]) -> Result | None:
        if self.is_over:
            return None
        facts = self.case.facts
        for each in tried:
            facts = each.apply(facts)
        case = self.case.told(facts)
        self.left -= 1
        self.purse -= self.least
        found = [screen(case, entry) for entry in self.entries(case)]
        more = {one.key: (stage, one) for each in tried for stage, one in each.more}
        numbers = Counter(each.entry.stage for each in found if not each.outcome)
        numbers.update(stage for stage, _ in more.values())
        if more and max(numbers.values()) > MAX_AWARDS:
            self.is_complete = False
            return None
        weighed = weigh(case, found, budget=min(STATES, self.purse), more=tuple(more.values()))
        self.purse -= weighed.states
        return result_of(found, weighed)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left for one more trial; the answer then says so."""
        if self.left > 0 and self.purse > self.least:
            return False
        self.is_complete = False
        return True


def place_of(entry: Entry) -> Place:
    """Return what names an entry in every trial."""
    return entry.stage, entry.key, entry.place


def outcome_of(screened: Screened, weighed: Weighed) -> str:
    """Return the code of an entry."""
    entry = screened.entry
    return screened.outcome or weighed.placements[entry.stage, entry.key].outcome


def result_of(screened: Sequence[Screened], weighed: Weighed) -> Result:
    """Return what came out, as far as trials compare it."""
    outcomes = {place_of(each.entry): outcome_of(each, weighed) for each in screened}
    named: dict[tuple[str, str], list[str]] = {}
    for place, code in outcomes.items():
        named.setdefault(place[:2], []).append(code)
    return Result(
        outcomes,
        named,
        weighed.granted + (weighed.proposed or Decimal(0)),
        sum(group.outcome == PROPOSAL for group in weighed.groups),
        {place_of(each.entry): each for each in screened},
        weighed.open_stage,
    )


def changes(
    case: Case, entries: Entries, screened: Sequence[Screened], weighed: Weighed, *, budget: int
) -> Found:
    """Return what would change the answer.

    Args:
        case: The policy and the person.
        entries: What is judged, for a case with other facts.
        screened: As it stands.
        weighed: As it stands.
        budget: Work of the whole answer in states, what it has taken so far included.
    """
    width = sum(len(grant.into) for grant in case.policy.grants)
    least = len(screened) * (SCREENING + width // WIDTH) + weighed.work - weighed.states
    trials = _Trials(case, entries, budget - weighed.work, least, TRIALS)
    base = result_of(screened, weighed)
    each: dict[Place, tuple[Change, ...]] = {}
    for one in screened:
        place = place_of(one.entry)
        outcome = base.outcomes[place]
        if outcome in (GRANTED, PROPOSAL):
            continue
        beyond = _BEYOND_US.get(outcome)
        if beyond is not None:
            each[place] = (Change(beyond[0], outcome.partition(":")[2], beyond[1], ""),)
            continue
        each[place] = tuple(_singles(trials, base, one)) or tuple(_several(trials, base, one))
    best: dict[tuple[str, str, str], Change] = {}
    for change in (one for found in each.values() for one in found):
        best.setdefault((change.kind, change.what, change.sentence), change)
    whole = sorted(best.values(), key=lambda one: -(one.units if one.units is not None else Decimal(-1)))
    return Found(each, tuple(whole[:WHOLE]), trials.is_complete)


def _singles(trials: _Trials, base: Result, one: Screened) -> Iterator[Change]:
    """Yield the smallest single edits that help this entry."""
    found: list[tuple[Edit, Result]] = []
    for edit in trials.edits(trials.case, one, base.left):
        result = trials.run([edit])
        if result is not None and _helps(result, one):
            found.append((edit, result))
    smallest = min((edit.size for edit, _ in found), default=0)
    named = [(edit, result) for edit, result in found if edit.size == smallest]
    for edit, result in named[:NAMED]:
        yield _change(trials.case, base, [edit], result, one)


def _several(trials: _Trials, base: Result, one: Screened) -> Iterator[Change]:
    """Yield the one change that takes everything out of this entry's way, if there is one."""
    tried: list[Edit] = []
    case, now, left = trials.case, one, base.left
    for _ in range(STEPS):
        keys = {each.key for each in tried}
        edit = next((each for each in trials.edits(case, now, left) if each.key not in keys), None)
        if edit is None:
            return
        tried.append(edit)
        result = trials.run(tried)
        if result is None:
            return
        if _helps(result, one):
            yield _change(trials.case, base, tried, result, one)
            return
        place = place_of(one.entry)
        if place not in result.screened:
            return
        case, now, left = case.told(edit.apply(case.facts)), result.screened[place], result.left


def _helps(result: Result, one: Screened) -> bool:
    """Tell whether the entry counts then; one that only an award hinted at may have got another place."""
    place = place_of(one.entry)
    return any(code in (GRANTED, PROPOSAL) for code in result.named.get(place[:2], ()))


def _together(words: Sequence[str]) -> str:
    """Return several conditions as one: "If … and …", "With … and if …"."""
    said = words[0]
    for each in words[1:]:
        both = said.startswith("If ") and each.startswith("If ")
        said += f" and {each.removeprefix('If ') if both else each[:1].lower() + each[1:]}"
    return said


def _change(case: Case, base: Result, tried: Sequence[Edit], result: Result, one: Screened) -> Change:
    first = tried[0]
    words = _together([each.words for each in tried])
    place = place_of(one.entry)
    outcome = result.named[place[:2]][0]
    unit = case.policy.unit
    if result.units > base.units > 0:
        number, _, noun = say(result.units - base.units, unit).partition(" ")
        gives = f"{number} more {noun}, {plain(result.units)} in all"
    elif result.units > 0:
        gives = f"{say(result.units, unit)} in all"
    else:
        gives = "it counts, and a person sets the number"
    return Change(
        kind=first.kind,
        what=", ".join(dict.fromkeys(each.what for each in tried)),
        sentence=f"{words}: {gives}.",
        outcome=outcome,
        units=result.units if result.units > 0 else None,
    )
