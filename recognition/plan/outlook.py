# SPDX-License-Identifier: Apache-2.0
"""The outlook: what awards that a person holds, and such as they might earn, would be worth under one rule.

It is judged by the very rules of a decision (``judge``), and is none: an ``Outlook`` is no ``Answer``,
nothing can be approved by it, and what is planned in it can never become a claim (``imagined``). It is looked
at twice: *as it stands*, and *when done*, with everything that the rule wants to have happened, shown and
submitted in time. What one more micro-credential would give is tried by ``what_if``.

No facts of a person are kept here, and none are guessed: what was not told is missing, and asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from recognition.judging.answer import (
    ASK_LOCAL,
    GRANTED,
    LEARNING_ONLY,
    NEEDS_FACT,
    PENDING,
    PROPOSAL,
    REFUSED,
    SUPPORTING_DOCUMENT,
    UNUSED,
    Answer,
    Change,
    Judged,
)
from recognition.judging.award import Brought
from recognition.judging.facts import Facts
from recognition.judging.judge import judge
from recognition.judging.trust import Trust
from recognition.plan import foreseen, what_if
from recognition.plan.imagined import imagine, is_imagined
from recognition.plan.prospect import BY_NATURE, NOT_AT_ALL, Line, Outlook, Set, Tally, ToDo, Use
from recognition.plan.questions import PER_AWARD, asked, event_words
from recognition.plan.what_if import Suggestion
from recognition.plan.worth import fits, terms
from recognition.ports import Item
from recognition.rule import policy_words
from recognition.rule.days import day_of
from recognition.rule.policy import AWARDED_STAGE, Policy, Status
from recognition.rule.units import say
from service.text import count

_ISSUER: Final = f"{REFUSED}issuer"
_NOT_ACCEPTED: Final = "It is awarded by an issuer that this rule does not accept."


def outlook(
    policy: Policy,
    wanted: Sequence[Item],
    held: Sequence[Brought],
    facts: Facts,
    *,
    trust: Trust,
    now: datetime,
    done: frozenset[str] = frozenset(),
    catalogue: Sequence[Item] = (),
) -> Outlook:
    """Return what ``policy`` would give for what is held and what is wanted.

    Args:
        policy: The rule.
        wanted: Micro-credentials that the person might earn; each as if awarded on ``facts.as_of``.
        held: Awards, as the verifier has found them.
        facts: The person's situation.
        trust: Whom the recognizer relies on.
        now: The moment.
        done: Events that the person says have happened, for everything that is held.
        catalogue: What can be suggested.
    """
    brought = (*held, *(imagine(each, facts.as_of, now=now) for each in wanted))
    told = foreseen.own_word(policy, facts, held, done)
    plain = judge(policy, brought, told, trust=trust, now=now)
    later, all_done = (
        foreseen.when_done(policy, brought, facts.as_of),
        foreseen.everything(policy, told, brought),
    )
    full = judge(later, brought, all_done, trust=trust, now=now, changes=False)
    world = what_if.World(later, brought, all_done, trust, now)
    suggestions = what_if.suggestions(world, full, catalogue) if _may_gain(plain) else ()
    first, second = (_tally(each, _elsewhere(policy, brought, each)) for each in (plain, full))
    lines = _lines(plain, full)
    differs = first != second or any(each.when_done for each in lines)
    found = Outlook(
        policy=policy,
        purpose=plain.purpose,
        as_of=plain.as_of,
        outcome=plain.outcome,
        sentence="",
        label="" if policy.status is Status.IN_FORCE else policy_words.status_sentence(policy),
        units=_units(second, policy) if plain.outcome not in BY_NATURE else "",
        now=first,
        done=second if differs else None,
        lines=lines,
        todo=_todo(policy, told, lines),
        suggestions=suggestions,
        changes=_changes(plain, suggestions),
        asks=asked(plain.asks, plain.changes),
        uses=uses(policy) if plain.outcome == LEARNING_ONLY else (),
        checklist=checklist(plain.sentence) if plain.outcome == ASK_LOCAL else (),
        never=tuple(dict.fromkeys(each.say for each in policy.nevers)),
        notes=plain.notes,
        optimal=plain.optimal and full.optimal,
        held=_held(world, held) if wanted and held else None,
    )
    return replace(found, sentence=_sentence(found, plain))


def uses(policy: Policy) -> tuple[Use, ...]:
    """Return what a micro-credential is good for where no units are needed; nothing that no rule states."""
    found = [Use("For learning", "Learn at your own pace what serves you and your students.", "/catalogue")]
    found += [
        Use("For a further licence", each.say, f"/policies/{policy.id}")
        for each in policy.alsos
        if each.outcome == SUPPORTING_DOCUMENT
    ]
    found.append(
        Use(
            "In a learning community",
            "Work on it with others, or along with an induction or mentoring programme.",
            "/communities",
        )
    )
    return tuple(found)


def checklist(sentence: str) -> tuple[str, ...]:
    """Return the things that a sentence of a rule tells somebody to look up: what it lists after a colon."""
    _, colon, listed = sentence.partition(":")
    return tuple(each.strip().rstrip(".") for each in listed.split(",") if each.strip()) if colon else ()


def _may_gain(plain: Answer) -> bool:
    """Tell whether it makes sense to suggest more: not for whom the rule has no units, or is not known to."""
    return plain.outcome not in BY_NATURE and not plain.outcome.startswith((*NOT_AT_ALL, NEEDS_FACT))


def _changes(plain: Answer, found: Sequence[Suggestion]) -> tuple[Change, ...]:
    """Return what else would change it: nobody is told to be somebody else, and nothing is told twice."""
    if plain.outcome in BY_NATURE:
        return ()
    return tuple(each for each in plain.changes if not (found and each.kind == "award"))


def _held(world: what_if.World, held: Sequence[Brought]) -> Decimal | None:
    """Return what is held would give by itself when everything is done; None: a person sets the number."""
    alone = judge(world.policy, held, world.facts, trust=world.trust, now=world.now, changes=False)
    return None if any(each.units is None for each in alone.groups) else _tally(alone).amount


def _elsewhere(policy: Policy, brought: Sequence[Brought], answer: Answer) -> dict[int, tuple[str, ...]]:
    """Return by the number of each group which other buckets all of its awards may go into."""
    awards = {each.award.key: each.award for each in brought if each.award is not None}
    grants = {each.id: each for each in policy.grants}
    found = {}
    for group in answer.groups:
        grant, filled = grants[group.grant], {each.partition(":")[0] for each in group.buckets}
        own = [awards[key] for key in group.awards if key in awards]
        found[group.number] = tuple(
            bucket
            for bucket in grant.into
            if bucket not in filled
            and all(
                fits(policy, grant.eligible.get(bucket), each, on=day_of(each.awarded, policy.timezone))
                for each in own
            )
        )
    return found


def _tally(answer: Answer, elsewhere: Mapping[int, tuple[str, ...]] = MappingProxyType({})) -> Tally:
    titles = {each.key: each.title or each.item for each in answer.judged}
    return Tally(
        units=answer.granted,
        proposed=answer.proposed,
        proposals=sum(each.units is None for each in answer.groups),
        needs=answer.needs,
        total=answer.total,
        surplus=answer.surplus,
        converted=answer.converted,
        remainder=answer.remainder,
        sets=tuple(
            Set(
                titles=tuple(titles.get(key, "") for key in each.awards),
                buckets=tuple(each.buckets),
                units=each.units,
                area=each.area,
                pro_rata=each.pro_rata,
                elsewhere=elsewhere.get(each.number, ()),
            )
            for each in answer.groups
        ),
        attended=sum((each.units for each in answer.attended), Decimal(0)),
    )


def _lines(plain: Answer, full: Answer) -> tuple[Line, ...]:
    later = {(each.key, each.place, each.stage): each for each in full.judged}
    numbers = {group.number: place for place, group in enumerate(full.groups, start=1)}
    return tuple(
        _line(each, later.get((each.key, each.place, each.stage), each), numbers) for each in plain.judged
    )


def _line(first: Judged, second: Judged, numbers: dict[int, int]) -> Line:
    is_planned = is_imagined(first.key) or is_imagined(first.place)
    return Line(
        key=first.key,
        place=first.place,
        credential_id=first.credential_id,
        title=first.title or first.item or first.place,
        item=first.item,
        stage=first.stage,
        is_planned=is_planned,
        outcome=first.outcome,
        sentence=_NOT_ACCEPTED if is_planned and first.outcome == _ISSUER else first.sentence,
        rule=first.rule,
        sources=first.sources,
        awarded=first.awarded,
        when_done=second.outcome if second.outcome != first.outcome else "",
        number=numbers.get(second.group, 0) if second.group is not None else 0,
        changes=first.changes,
    )


def _todo(policy: Policy, facts: Facts, lines: Sequence[Line]) -> tuple[ToDo, ...]:
    """Return what is still missing, as often as it is, for what can count at all."""
    alive = [each for each in lines if each.stage == AWARDED_STAGE and _can_count(each)]
    found = []
    for row in policy.requires:
        if row.times == PER_AWARD:
            times = sum(
                not foreseen.is_attested(row, facts, credential_id=line.credential_id, code=line.item)
                for line in alive
            )
        else:
            times = foreseen.missing_times(row, facts)
        if times:
            found.append(ToDo(row.event, event_words(row.event), row.say or "", times))
    for stage in policy.stages:
        times = sum(line.stage == stage and line.outcome == PENDING + stage for line in lines)
        if times:
            found.append(ToDo(stage, event_words(stage), "", times))
    return tuple(found)


def _can_count(line: Line) -> bool:
    outcome = line.when_done or line.outcome
    return outcome in (GRANTED, PROPOSAL, UNUSED) or outcome.startswith(PENDING)


def _units(tally: Tally, policy: Policy) -> str:
    if tally.proposals and not tally.amount:
        return ""
    return say(tally.amount, policy.unit)


def _sentence(found: Outlook, plain: Answer) -> str:
    """Return the whole in one sentence: what these awards would give, or why there is no number."""
    best, awards = found.best, [each for each in found.lines if each.stage == AWARDED_STAGE]
    if plain.outcome.startswith(NEEDS_FACT):
        return "What this gives you depends on what is not filled in yet."
    if not found.has_units:
        return plain.sentence
    if not awards:
        return terms(found.policy)
    if (
        not best.amount
        and not best.proposals
        and plain.outcome == _ISSUER
        and all(x.is_planned for x in awards)
    ):
        return _NOT_ACCEPTED
    these = "this micro-credential" if len(awards) == 1 else f"these {len(awards)} micro-credentials"
    if best.proposals and not best.amount:
        return f"{these.capitalize()} can be put forward; how much is counted is decided by a person."
    if not best.amount:
        return _nothing_yet(found, these, len(awards)) if plain.outcome == UNUSED else plain.sentence
    left = sum((each.when_done or each.outcome) == UNUSED for each in awards)
    rest = f"; {left} {'is' if left == 1 else 'are'} left over" if left else ""
    condition = _condition(found)
    return f"With {these} you would have {found.units}{condition}{rest}."


def _nothing_yet(found: Outlook, these: str, number: int) -> str:
    """Return the sentence for what waits for a partner."""
    alone = f"{these.capitalize()} {'gives' if number == 1 else 'give'} no units yet"
    more = f": {found.suggestions[0].sentence}" if found.suggestions else "."
    return f"{alone}{more[:2]}{more[2:3].lower()}{more[3:]}"


def _condition(found: Outlook) -> str:
    """Return what has to happen first, as a part of the sentence."""
    if found.done is None or found.now.amount == found.best.amount:
        return ""
    steps = [
        each.words if each.times == 1 else f"{each.words} ({count(each.times, 'time')})"
        for each in found.todo
    ]
    if any(each.outcome == PENDING + "season-dates" for each in found.lines):
        steps.append("the season’s dates")
    if not steps:
        return " when everything that is asked for has been shown"
    head, verb = ", ".join(steps[:-1]), "are" if len(steps) > 1 else "is"
    return f", once {f'{head} and {steps[-1]}' if head else steps[-1]} {verb} recorded"
