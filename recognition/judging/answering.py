# SPDX-License-Identifier: Apache-2.0
"""The answer put together: what became of each thing, with steps and rule, and the whole in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    UNKNOWN,
    UNUSED,
    Answer,
    Change,
    Judged,
    Step,
)
from recognition.judging.case import Case
from recognition.judging.changes import Found, place_of
from recognition.judging.finding import At, Finding, not_asked
from recognition.judging.placing import conversion_words
from recognition.judging.screen import Screened, person_findings
from recognition.judging.sums import NOTHING
from recognition.judging.weighing import Weighed
from recognition.rule import policy_words
from recognition.rule.policy import AWARDED_STAGE, Policy, Source, Status
from recognition.rule.units import say
from service import text

NOTHING_BROUGHT: Final = f"{PENDING}award"
NOT_OPTIMAL: Final = "There may be a better grouping: too many are possible to look at all of them."
_RANKS: Final = (
    GRANTED,
    PROPOSAL,
    NEEDS_FACT,
    PENDING,
    SUPPORTING_DOCUMENT,
    ASK_LOCAL,
    LEARNING_ONLY,
    UNUSED,
    REFUSED,
    UNKNOWN,
)
_GENERAL: Final[Mapping[At, str]] = {
    At.VERDICT: "Only what is verified counts, whatever the rule.",
    At.LEDGER: "An award counts once for a purpose.",
}
_BY_NATURE: Final = (At.ALSO, At.WHO)  # steps that answer without units, before anything is verified
_NOT_REACHED: Final = not_asked("Not looked at: an earlier step decides.")


def compose(
    case: Case, screened: Sequence[Screened], weighed: Weighed, found: Found, *, notes: Sequence[str] = ()
) -> Answer:
    """Return the answer.

    Args:
        case: The policy and the person.
        screened: Every entry with its findings.
        weighed: What they give together.
        found: What would change it.
        notes: Sentences that must be said beside it.
    """
    told = _Rules(case.policy)
    judged = tuple(_judged(case, each, weighed, found.each, told) for each in screened)
    outcome, sentence = _whole(case, judged, weighed)
    converted = weighed.converted
    is_theirs = _has_targets(case)
    said = [*notes, *weighed.notes]
    doubtful = sum(
        each.decided in _BY_NATURE and bool(each.findings[At.VERDICT].outcome) for each in screened
    )
    if doubtful:
        said.append(f"{doubtful} of what was brought could not be verified, and supports nothing.")
    if not weighed.optimal:
        said.append(NOT_OPTIMAL)
    if not found.is_complete:
        said.append("Not everything that would change this was tried: there is too much of it.")
    return Answer(
        policy=case.policy,
        purpose=case.purpose,
        as_of=case.facts.as_of,
        outcome=outcome,
        sentence=sentence,
        label=label(case.policy),
        judged=judged,
        groups=weighed.groups,
        attended=weighed.attended,
        granted=weighed.granted,
        proposed=weighed.proposed,
        needs=weighed.needs if is_theirs else (),
        total=weighed.total if is_theirs else None,
        surplus=weighed.surplus,
        converted=converted.credits if converted is not None else None,
        remainder=converted.carried if converted is not None else None,
        optimal=weighed.optimal,
        changes=found.whole,
        asks=tuple(_asks(case, judged, outcome, weighed)),
        notes=tuple(said),
        work=weighed.work,
    )


def label(policy: Policy) -> str:
    """Return what must stand beside every answer of a policy that nobody decides by; "" if it is in force."""
    if policy.status is Status.IN_FORCE:
        return ""
    return f"{policy_words.label(policy)}. {policy_words.status_sentence(policy)}"


class _Rules:
    """The rule's text and source by place, each put into words once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._texts: dict[str, str] = {}

    def text(self, place: str) -> str:
        """Return the rule at ``place``, in plain words."""
        if place not in self._texts:
            self._texts[place] = policy_words.rule_text(self._policy, place)
        return self._texts[place]

    def sources(self, sentence: str) -> tuple[Source, ...]:
        """Return where the rule is stated: the source that says the very sentence, or else all of them."""
        exact = tuple(each for each in self._policy.sources if sentence and sentence in each.says)
        return exact or self._policy.sources


def _judged(
    case: Case,
    screened: Screened,
    weighed: Weighed,
    changes: Mapping[tuple[str, str, str], tuple[Change, ...]],
    told: _Rules,
) -> Judged:
    entry = screened.entry
    if screened.decided is not None:
        finding = screened.findings[screened.decided]
        outcome, sentence, rule, group = screened.outcome, finding.sentence, finding.rule, None
        later: Mapping[At, Finding] = {}
    else:
        placement = weighed.placements[entry.stage, entry.key]
        outcome, sentence, rule = placement.outcome, placement.sentence, placement.rule
        group, later = placement.group, placement.findings
    return Judged(
        key=entry.key,
        place=entry.place,
        credential_id=entry.credential_id,
        title=entry.title,
        item=entry.item,
        stage=entry.stage,
        outcome=outcome,
        sentence=sentence,
        rule=told.text(rule) if rule else _GENERAL.get(screened.decided or At.GROUPING, ""),
        sources=told.sources(sentence),
        steps=tuple(_steps(screened, later)),
        awarded=entry.day,
        group=group,
        changes=changes.get(place_of(entry), ()),
    )


def _steps(screened: Screened, later: Mapping[At, Finding]) -> Iterator[Step]:
    for at in At:
        finding = screened.findings.get(at) or later.get(at) or _NOT_REACHED
        yield finding.step(at)


def _whole(case: Case, judged: Sequence[Judged], weighed: Weighed) -> tuple[str, str]:
    """Return the whole's code and sentence: the best of its parts, or what keeps all from an answer."""
    if not judged:
        return _empty(case)
    best = min(judged, key=lambda each: _rank(each.outcome))
    if best.outcome == GRANTED:
        return GRANTED, _granted(case, judged, weighed)
    if best.outcome == PROPOSAL:
        return PROPOSAL, _proposed(case, judged, weighed)
    same = sum(each.outcome == best.outcome for each in judged)
    share = "" if same == len(judged) else f" That is so for {same} of {len(judged)}."
    return best.outcome, f"{best.sentence}{share}"


def _has_targets(case: Case) -> bool:
    """Tell whether needs and total are this person's: not for another purpose, nor where no units count."""
    codes = [each.outcome for each in person_findings(case).values()]
    return all(not code or code.startswith(NEEDS_FACT) for code in codes)


def _empty(case: Case) -> tuple[str, str]:
    for finding in person_findings(case).values():
        if finding.outcome:
            return finding.outcome, finding.sentence
    return NOTHING_BROUGHT, "Nothing was brought yet that the rule could count."


def _rank(outcome: str) -> int:
    return next(n for n, start in enumerate(_RANKS) if outcome.startswith(start))


def _granted(case: Case, judged: Sequence[Judged], weighed: Weighed) -> str:
    unit = case.policy.unit
    counted = {each.key for each in judged if each.outcome == GRANTED and each.stage == AWARDED_STAGE}
    by = f" by {text.count(len(counted), 'micro-credential')}" if counted else ""
    sentences = [f"{say(weighed.granted, unit)}{by}."]
    if weighed.attended:
        beside = sum((each.units for each in weighed.attended), NOTHING)
        sentences.append(f"{say(beside, unit)} of them are for attendance.")
    sentences += _beside(judged)
    if weighed.converted is not None:
        sentences.append(conversion_words(case.policy, weighed.converted))
    return " ".join(sentences)


def _proposed(case: Case, judged: Sequence[Judged], weighed: Weighed) -> str:
    if weighed.proposed is None:
        head = "A person at the recognizer sets the number of units."
    else:
        amount = say(weighed.proposed, case.policy.unit)
        head = f"{amount}, for a person at the recognizer to confirm."
    return " ".join([head, *_beside(judged, PROPOSAL)])


def _beside(judged: Sequence[Judged], counts: str = GRANTED) -> Iterator[str]:
    """Yield what is said of the parts that do not count as the whole does."""
    unused = sum(each.outcome == UNUSED for each in judged)
    proposed = sum(each.outcome == PROPOSAL for each in judged) if counts == GRANTED else 0
    waiting = sum(each.outcome.startswith((PENDING, NEEDS_FACT)) for each in judged)
    refused = sum(each.outcome.startswith(REFUSED) for each in judged)
    for number, words in (
        (unused, "left over"),
        (proposed, "for a person to confirm"),
        (waiting, "waiting for something"),
        (refused, "not counted"),
    ):
        if number:
            yield f"{number} {'is' if number == 1 else 'are'} {words}."


def _asks(case: Case, judged: Sequence[Judged], outcome: str, weighed: Weighed) -> Iterator[str]:
    """Yield the names of facts that the answer depends on and that were not given, each once."""
    seen: set[str] = set()
    codes = [outcome, *(each.outcome for each in judged)]
    names = [code.removeprefix(NEEDS_FACT) for code in codes if code.startswith(NEEDS_FACT)]
    for name in (*names, *(weighed.targets.asks if _has_targets(case) else ())):
        if name not in seen:
            seen.add(name)
            yield name
