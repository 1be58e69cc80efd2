# SPDX-License-Identifier: Apache-2.0
"""One entry under one policy: steps 1 to 12 of the order of judgement, and the first reason.

Every step is looked at, also behind the one that decides, as far as it can be: of what is not verified
nothing is known, so nothing of it is compared. What the steps need of several entries together (grouping,
limits, conversion) is the matter of ``weighing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from recognition.judging.answer import NEEDS_FACT, PENDING, REFUSED, UNKNOWN, Mark
from recognition.judging.case import Case, Entry
from recognition.judging.facts import holds
from recognition.judging.finding import At, Finding, no, not_asked, open_, yes
from recognition.judging.related import is_item, open_buckets, stacks_of
from recognition.judging.requirements import ENROLMENT, required
from recognition.judging.season import season
from recognition.judging.used_before import used_before
from recognition.rule.days import whole_cycle
from recognition.rule.policy import AWARDED_STAGE, Clock, Policy
from service import text
from verifier.verdict import Verdict

ATTENDANCE_RECORD: Final = "attendance-style-record"
_STATUS: Final = {
    Verdict.REVOKED: f"{REFUSED}status:revoked",
    Verdict.SUSPENDED: f"{REFUSED}status:suspended",
    Verdict.EXPIRED: f"{REFUSED}status:expired",
    Verdict.NOT_YET_VALID: f"{REFUSED}status:not-yet-valid",
}


@dataclass(frozen=True, slots=True)
class Screened:
    """An entry and its findings, by step.

    Attributes:
        outcome: The first reason's code; "" if nothing keeps it from counting.
        decided: The step that gave it.
    """

    entry: Entry
    findings: Mapping[At, Finding]
    outcome: str = ""
    decided: At | None = None

    @property
    def asks(self) -> str:
        """Why a person must look although it may count, or ""."""
        return next((each.asks for each in self.findings.values() if each.asks), "")


def screen(case: Case, entry: Entry) -> Screened:
    """Look at one entry."""
    findings = {
        step: _of_person(case, step, entry) if step in _PERSON else look(case, entry)
        for step, look in _STEPS.items()
    }
    for step, finding in findings.items():
        if finding.outcome:
            return Screened(entry, findings, finding.outcome, step)
    return Screened(entry, findings)


def _of_person(case: Case, step: At, entry: Entry) -> Finding:
    """Return the finding of a step that looks at the person alone: made once."""
    found: Finding | None = case.known.get(step)
    if found is None:
        found = case.known[step] = _STEPS[step](case, entry)
    return found


def person_findings(case: Case) -> Mapping[At, Finding]:
    """Return steps 1 to 4 as they stand without anything brought."""
    nothing = Entry(key="", place="", credential_id="", title="", item="", stage=AWARDED_STAGE)
    return {step: look(case, nothing) for step, look in _STEPS.items() if step <= At.WHO}


def is_asked(policy: Policy, purpose: str) -> bool:
    """Tell whether ``policy`` has units for ``purpose``."""
    return policy.purpose == purpose


def _never(case: Case, _entry: Entry) -> Finding:
    for number, row in enumerate(case.policy.nevers):
        if row.purpose == case.purpose and (row.in_force is None or case.facts.as_of in row.in_force):
            return no(row.say, f"{REFUSED}never", f"never[{number}]")
    return yes("The rule does not rule this purpose out.")


def _also(case: Case, _entry: Entry) -> Finding:
    for number, row in enumerate(case.policy.alsos):
        if row.purpose == case.purpose:
            return no(row.say, row.outcome, f"also[{number}]")
    return yes("The rule answers this purpose in units, or not at all.")


def _known(case: Case, entry: Entry) -> Finding:
    policy = case.policy
    if not is_asked(policy, case.purpose):
        return open_(
            "There is no rule here for this purpose, so nothing is claimed about it.", UNKNOWN, "purpose"
        )
    day = case.facts.as_of if policy.basis == "claimed" else entry.day
    if day is None:
        return not_asked("The rule goes by the day of the award, which is not known.")
    if day not in policy.in_force:
        by = "claim" if policy.basis == "claimed" else "award"
        return no(
            f"This version of the rule is not in force on {text.day(day)}, the day of the {by}.",
            f"{REFUSED}not-in-force",
            "in_force",
        )
    return yes(f"This version of the rule is in force on {text.day(day)}.", "in_force")


def _who(case: Case, _entry: Entry) -> Finding:
    who, facts = case.policy.who, case.facts
    if who.when is not None:
        holding, missing = holds(who.when, facts)
        if holding is not True:
            return _otherwise(case, missing)
    number = who.identifier
    if number is None:
        return (
            yes("The rule is for this person.", "who.when") if who.when else not_asked("It is for anybody.")
        )
    given = facts.identifiers.get(number.name, "")
    if not given:
        return _needs(number.name, f"The claim must carry the {number.name}.", "who.identifier")
    if not (given.isascii() and given.isdigit() and len(given) == number.digits):
        return _needs(number.name, f"A {number.name} has {number.digits} digits.", "who.identifier")
    return yes(f"The rule is for this person, and the {number.name} is given.", "who.identifier")


def _otherwise(case: Case, missing: str) -> Finding:
    """Answer somebody for whom ``who.when`` does not hold, or is not known to."""
    rows = [(row, *holds(row.when, case.facts)) for row in case.policy.who.otherwise]
    for number, (row, holding, _) in enumerate(rows):
        if holding:
            return no(row.say, row.outcome, f"who.otherwise[{number}]")
    missing = missing or next((name for _, holding, name in rows if holding is None), "")
    if missing:
        return _needs(missing, "Whether the rule is for this person depends on a fact that is missing.")
    return no("The rule is not for this person.", f"{REFUSED}who", "who.when")


def _needs(fact: str, sentence: str, rule: str = "who.when") -> Finding:
    return open_(sentence, f"{NEEDS_FACT}{fact}", rule)


def _verdict(case: Case, entry: Entry) -> Finding:
    if entry.stage != AWARDED_STAGE:
        return _attested(case, entry)
    brought = entry.brought
    if brought is None:
        return not_asked("Nothing was brought.")
    verdict = brought.verdict
    if verdict is Verdict.UNDETERMINED:
        return open_(brought.sentence, f"{PENDING}verification")
    if verdict in _STATUS:
        return no(brought.sentence, _STATUS[verdict])
    if verdict is not Verdict.VALID:
        return no(brought.sentence, f"{REFUSED}unverified")
    if entry.award is None:
        return no("Genuine, but no award: it says nothing that the rule could count.", f"{REFUSED}kind")
    return yes(brought.sentence)


def _attested(case: Case, entry: Entry) -> Finding:
    """A stage before the award rests on an attestation, and no credential is looked at."""
    if entry.attestation is not None:
        return yes(f"Attested for {text.day(entry.attestation.on)}.")
    rule = next(f"grant[{n}]" for n, each in enumerate(case.policy.grants) if each.stage == entry.stage)
    return open_(
        f"Nobody has recorded a complete submission of {entry.name}.", f"{PENDING}{entry.stage}", rule
    )


def _accepted(case: Case, entry: Entry) -> Finding:
    accept, award, policy = case.policy.accept, entry.award, case.policy
    if award is None and entry.stage == AWARDED_STAGE:
        return _unread()
    if award is not None:
        if not case.trust.accepts(accept.issuers, award.issuer_id):
            sentence = "Genuine, but not from an issuer this rule accepts."
            return no(sentence, f"{REFUSED}issuer", "accept.issuers")
        if award.kind not in accept.kinds:
            kind = award.kind or "no kind of achievement"
            return no(f"It states {kind}, which this rule does not count.", f"{REFUSED}kind", "accept.kinds")
        excluded = sorted(stacks_of(entry).intersection(accept.not_stacks))
        if excluded:
            sentence = f"Its stack {excluded[0]} is excluded by this rule."
            return no(sentence, f"{REFUSED}stack-excluded", "accept.not_stacks")
    return _chosen(case, entry, policy)


def _chosen(case: Case, entry: Entry, policy: Policy) -> Finding:
    accept = policy.accept
    is_narrow = bool(accept.items) or (bool(accept.stacks) and entry.award is not None)
    if is_narrow and stacks_of(entry).isdisjoint(accept.stacks) and not is_item(entry, accept.items):
        sentence = "It is not among the micro-credentials that this rule names."
        return no(sentence, f"{REFUSED}item", "accept.items" if accept.items else "accept.stacks")
    grants = [(number, each) for number, each in enumerate(case.policy.grants) if each.stage == entry.stage]
    if grants and not any(open_buckets(entry, each, case) for _, each in grants):
        sentence = "It stands on none of the lists that this rule counts, on the day of the award."
        return no(sentence, f"{REFUSED}item", f"grant[{grants[0][0]}].eligible")
    if not grants:
        return no("The rule pays nothing for an award itself.", f"{REFUSED}item", "grant[0].stage")
    return yes("The rule accepts its issuer, its kind and what it is about.", "accept.issuers")


def _cycle(case: Case, entry: Entry) -> Finding:
    facts = case.facts
    if "clocks" not in case.known:
        case.known["clocks"] = tuple(_clocks(case))
    clocks: tuple[tuple[str, Clock, str], ...] = case.known["clocks"]
    for rule, clock, missing in clocks:
        if missing:
            return _needs(missing, "Which cycle counts depends on a fact that is missing.", rule)
        if facts.cycle is None:
            return _needs("cycle", "The first and the last day of the cycle are missing.", rule)
        cycle = whole_cycle(facts.cycle, clock.cycle_years)
        day = facts.as_of if clock.date == "claimed" else entry.day
        if day is None:
            return _unread()
        said = f"{'Claimed' if clock.date == 'claimed' else _word(entry)} {text.day(day)}"
        last = text.day(cycle.last) if cycle.last is not None else ""
        span = f"the cycle from {text.day(cycle.first)} to {last}"
        if day in cycle:
            return yes(f"{said}, inside {span}.", rule)
        return no(f"{said}, outside {span}.", f"{REFUSED}outside-cycle", rule)
    return not_asked("The rule has no cycle for this person.")


def _clocks(case: Case) -> Iterator[tuple[str, Clock, str]]:
    """Yield place and row of the first clock that may hold, and the fact that is missing for it, or ""."""
    for number, clock in enumerate(case.policy.clocks):
        holding, missing = holds(clock.when, case.facts) if clock.when is not None else (True, "")
        if holding is not False:
            yield f"clock[{number}]", clock, missing if holding is None else ""
            return


def _word(entry: Entry) -> str:
    return "Awarded" if entry.stage == AWARDED_STAGE else "Submitted"


def _ledger(case: Case, entry: Entry) -> Finding:
    if entry.day is None:
        return _unread()
    if entry.is_again:
        return no("It was brought twice, and counts once.", f"{REFUSED}already-used")
    found = used_before(case, entry)
    certain = [line for line in found if not line.suspected]
    if certain:
        when = min((line.on for line in certain if line.on is not None), default=None)
        since = f" (award of {text.day(when)})" if when is not None else ""
        return no(
            f"It was counted before for this purpose{since}; an award counts once.", f"{REFUSED}already-used"
        )
    if found or entry.copy_of:
        asks = "It looks like a copy of an award that was counted before, under another id."
        if not found:
            asks = f"It looks like a copy of {entry.copy_of}: same issuer, micro-credential and day."
        return Finding(Mark.OPEN, asks, asks=asks)
    return yes("Nothing in the ledger used it for this purpose.")


def _deadline(case: Case, entry: Entry) -> Finding:
    deadlines = case.policy.deadlines
    if not deadlines:
        return not_asked("The rule sets no last day for the claim.")
    if entry.day is None:
        return _unread()
    for number, row in enumerate(deadlines):
        rule, begins = f"deadline[{number}]", entry.day if row.after == "awarded" else entry.started
        if begins is None:
            return open_(
                "It does not say when its educator enrolled, so nobody can tell whether it is in time.",
                f"{PENDING}{ENROLMENT}",
                rule,
            )
        last = begins + timedelta(days=min(row.claim_within_days, (date.max - begins).days))
        if case.facts.as_of > last:
            word = "the award" if row.after == "awarded" else "enrolment"
            return no(
                f"Claimed {text.day(case.facts.as_of)}; {row.claim_within_days} days after {word} ended on "
                f"{text.day(last)}.",
                f"{REFUSED}claimed-too-late",
                rule,
            )
    return yes("Claimed in time.", "deadline[0]")


def _season(case: Case, entry: Entry) -> Finding:
    return season(case, entry) if entry.day is not None else _unread()


def _required(case: Case, entry: Entry) -> Finding:
    return required(case, entry) if entry.day is not None else _unread()


def _present(case: Case, entry: Entry) -> Finding:
    if not case.policy.presents:
        return not_asked("The rule asks to be shown nothing else.")
    if entry.day is None:
        return _unread()
    notes = []
    for number, row in enumerate(case.policy.presents):
        rule = f"present[{number}]"
        if row.what == "scored-rubric" and not (entry.award is not None and entry.award.has_scored_rubric):
            sentence = "It does not carry a scored rubric in which every required level is reached."
            return open_(sentence, f"{PENDING}scored-rubric", rule)
        if row.what == "verification-link" and not entry.credential_id.startswith(("https://", "http://")):
            return open_("It has no link at which it can be verified.", f"{PENDING}verification-link", rule)
        if row.what == ATTENDANCE_RECORD:
            fields = f": {', '.join(row.fields)}" if row.fields else ""
            notes.append(f"The file needs an attendance-style record{fields}.")
    return yes(" ".join(notes) or "What the rule wants to see can be shown.", "present[0]")


def _unread() -> Finding:
    return not_asked("Not looked at: nothing of it is verified.")


_PERSON: Final = frozenset({At.NEVER, At.ALSO, At.WHO})
_STEPS: Final[Mapping[At, Callable[[Case, Entry], Finding]]] = {
    At.NEVER: _never,
    At.ALSO: _also,
    At.KNOWN: _known,
    At.WHO: _who,
    At.VERDICT: _verdict,
    At.ACCEPTED: _accepted,
    At.CYCLE: _cycle,
    At.LEDGER: _ledger,
    At.WINDOW: _season,
    At.DEADLINE: _deadline,
    At.REQUIRED: _required,
    At.PRESENT: _present,
}
