# SPDX-License-Identifier: Apache-2.0
"""A policy in plain words: sections of sentences, each with its place in the text.

A value that no source states is marked as ours wherever its rule is told; that is what ``unverified`` is for.
Nothing here decides: the sentences say what ``judge`` does, and the text of the policy is what counts.
Sentences carry no markup. Texts of the policy (``say``) stand in them as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from recognition.plan.questions import purpose_words
from recognition.rule import policy_phrases as phrases
from recognition.rule.policy import (
    ANYBODY,
    SUBMISSION_STAGE,
    Grant,
    Overlap,
    Policy,
    Requirement,
    Status,
    Total,
)
from recognition.rule.policy_phrases import bucket, either, every, when
from recognition.rule.units import nouns, plain, say
from service import text

OURS: Final = "Our assumption, not stated by a source"

_STATUS: Final = {
    Status.EXAMPLE: (
        "Example rule",
        "This is an example that shows how such a rule works. Nobody decides by it; ask the recognizer what "
        "holds today.",
    ),
    Status.DRAFT: ("Draft", "This rule is not agreed yet. Nobody decides by it."),
    Status.IN_FORCE: ("In force", "The recognizer decides by this rule."),
    Status.RETIRED: (
        "Retired",
        "This version is not used for new decisions. Decisions made by it keep it.",
    ),
}
SAMPLES: Final = (
    "This is an example that shows how such a rule works. Nobody but fictional organisations of this "
    "demonstration decides by it; ask the recognizer what holds today."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as a sentence.

    Attributes:
        place: Where it stands in the policy: ``grant[0]``, ``who``.
        sentence: What it says.
        assumed: Which of its values are ours and not a source's, in words; empty: none.
    """

    place: str
    sentence: str
    assumed: tuple[str, ...] = ()

    @property
    def marker(self) -> str:
        """The marker of an assumed rule, or ""."""
        return f"{OURS}: {every(self.assumed)}." if self.assumed else ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rules about one question; ``key`` is its anchor on the page."""

    key: str
    title: str
    lines: tuple[Line, ...]


def label(policy: Policy) -> str:
    """Return the status in one or two words: ``Example rule``."""
    return _STATUS[policy.status][0]


def status_sentence(policy: Policy, *, in_samples: bool = False) -> str:
    """Return what the status means for whoever reads the rule.

    Args:
        policy: The rule.
        in_samples: Whether sample organisations of a demonstration decide by it, though it is an example.
    """
    return SAMPLES if in_samples and policy.status is Status.EXAMPLE else _STATUS[policy.status][1]


def summary(policy: Policy) -> str:
    """Return the rule in one sentence: what groups of awards give."""
    return " ".join(_gives(policy, grant) for grant in policy.grants)


def sections(policy: Policy) -> tuple[Section, ...]:
    """Return the whole policy in plain words; sections of which it says nothing are left out."""
    found = (
        ("who", "Whom it is for", _who(policy)),
        ("counts", "What counts", _counts(policy)),
        ("gives", "What it gives", _grants(policy)),
        ("needs", "What must be reached", _needs(policy)),
        ("happened", "What else must have happened", _requires(policy)),
        ("when", "When", _times(policy)),
        ("show", "What must be shown", _presents(policy)),
        ("not", "Other purposes", _others(policy)),
        ("after", "Who decides, and whom to ask", _after(policy)),
    )
    return tuple(
        Section(key, title, tuple(_marked(policy, line) for line in lines))
        for key, title, lines in ((key, title, tuple(lines)) for key, title, lines in found)
        if lines
    )


def rule_text(policy: Policy, place: str) -> str:
    """Return the rule at ``place`` as it is told beside an answer; "" if the policy has no such rule.

    ``place`` is that of a row (``grant[0]``, ``never[1]``) or of a whole table (``who``, ``window``); of a
    value inside a row, the row's rule is returned.
    """
    told = [each for section in sections(policy) for each in section.lines]
    while place:
        found = [each for each in told if _is_in(each.place, place)]
        if found:
            return " ".join(f"{each.sentence} {each.marker}".strip() for each in found)
        place = re.sub(r"(?:^|\.)[^.]*\Z", "", place) if "." in place else ""
    return ""


def _is_in(place: str, of: str) -> bool:
    return place == of or place.startswith((f"{of}.", f"{of}["))


def _marked(policy: Policy, line: Line) -> Line:
    """Name what is ours in a rule: a value inside it, or the whole of it."""
    ours = [
        phrases.key(each)
        for each in policy.unverified
        if _is_in(each, line.place) or _is_in(line.place, each)
    ]
    return Line(line.place, line.sentence, tuple(dict.fromkeys(ours)))


# -- whom, and what counts ----------------------------------------------------------------------------------


def _who(policy: Policy) -> Iterator[Line]:
    who = policy.who
    if who.when is None:
        yield Line("who.when", "The rule does not ask who you are.")
    else:
        yield Line("who.when", f"It is for you if {when(who.when)}.")
    for number, row in enumerate(who.otherwise):
        yield Line(
            f"who.otherwise[{number}]",
            f"If {when(row.when)}, no units follow from it: {phrases.OUTCOMES[row.outcome]}. {row.say}",
        )
    if who.when is not None:
        yield Line("who.rest", "For everybody else the answer is no.")
    if who.identifier is not None:
        digits = text.count(who.identifier.digits, "digit")
        yield Line("who.identifier", f"Your {who.identifier.name}, a number of {digits}, is needed.")


def _counts(policy: Policy) -> Iterator[Line]:
    accept = policy.accept
    if not accept.kinds:
        yield Line("accept.kinds", "No kind of award is accepted.")
    else:
        kinds = either(phrases.kind(each) for each in accept.kinds)
        yield Line("accept.kinds", f"Awards of this kind count: {kinds}.")
    yield Line("accept.issuers", _issuers(accept.issuers))
    if accept.stacks:
        yield Line("accept.stacks", f"Only micro-credentials of these stacks count: {every(accept.stacks)}.")
    if accept.not_stacks:
        yield Line("accept.not_stacks", f"Those of these stacks do not count: {every(accept.not_stacks)}.")
    if accept.items:
        yield Line("accept.items", f"Only these micro-credentials count: {every(accept.items)}.")
    for number, area in enumerate(policy.areas):
        parts = [f"stacks {every(area.stacks)}"] if area.stacks else []
        parts += [f"micro-credentials {every(area.items)}"] if area.items else []
        yield Line(f"area[{number}]", f"The area {bucket(area.id)} means: {' and '.join(parts)}.")
    for number, listed in enumerate(policy.lists):
        items = "; ".join(f"{each.code} {phrases.period(each.on)}" for each in listed.items)
        yield Line(
            f"list[{number}]",
            f"The list “{listed.title}” names: {items}. What counts is the day of the award.",
        )


def _issuers(issuers: tuple[str, ...]) -> str:
    if not issuers:
        return "No issuer is accepted."
    if ANYBODY in issuers:
        return "Every issuer on the recognizer's list of recognised issuers is accepted."
    return (
        f"They come from the issuers that this rule calls {either(f'“{each}”' for each in issuers)}; the "
        "recognizer's own list says who they are."
        if any(not each.startswith("did:") for each in issuers)
        else f"They come from {either(issuers)}."
    )


# -- what it gives ------------------------------------------------------------------------------------------


def _gives(policy: Policy, grant: Grant) -> str:
    many = "Each micro-credential" if grant.take == 1 else f"{phrases.number(grant.take)} micro-credentials"
    if grant.take > 1 and grant.related_by is not None:
        many += f" {phrases.RELATED[grant.related_by]}"
    many += " together" if grant.take > 1 else ""
    verb = "gives" if grant.take == 1 else "give"
    if grant.stage == SUBMISSION_STAGE:
        many = f"A complete submission of {many[0].lower()}{many[1:]}"
        verb = "gives"
    if grant.amount is None:
        units = nouns(policy.unit)
        return f"{many} {verb} as many {units} as a person decides; the stated hours are only shown."
    may = "may give" if grant.outcome == "proposal" else verb
    return f"{many} {may} {say(grant.amount, policy.unit)}."


def _grants(policy: Policy) -> Iterator[Line]:
    for number, grant in enumerate(policy.grants):
        yield Line(f"grant[{number}]", " ".join(_grant(policy, grant)))
    unit = policy.unit
    hours = (
        f" One is stated to be {_hours(unit.clock_hours)}; that is information and never converted."
        if unit.clock_hours is not None
        else ""
    )
    yield Line("unit", f"The unit is the {unit.name}.{hours} Units of two places are never added.")
    if policy.convert is not None:
        convert = policy.convert
        rest = "is carried on" if convert.remainder == "carry" else "is lost"
        how = f"only whole ones count, and what is left over {rest}"
        if convert.rounding == "none":
            how = "parts of one count too"
        yield Line(
            "convert",
            f"{say(convert.per, policy.unit)} make one {convert.to}: {how}. It is worked out once, on the "
            "sum of the cycle.",
        )


def _grant(policy: Policy, grant: Grant) -> Iterator[str]:
    yield _gives(policy, grant)
    if grant.take > 1:
        if grant.leftover == "pro-rata" and grant.amount is not None:
            yield f"One that is left over gives {say(grant.amount / grant.take, policy.unit)}."
        else:
            yield "One that is left over gives nothing by itself; it waits for a partner."
    if len(grant.into) > 1:
        yield f"All of it goes into one of: {either(bucket(each) for each in grant.into)}."
        yield phrases.OVERLAPS[grant.overlap]
    elif grant.overlap not in (Overlap.FORBIDDEN, Overlap.ALLOWED):
        yield phrases.OVERLAPS[grant.overlap]
    for name, open_to in grant.eligible.items():
        titles = {each.id: each.title for each in policy.lists}
        parts = [f"on the list “{titles.get(each, each)}”" for each in open_to.lists]
        parts += [f"of the stack {each}" for each in open_to.stacks]
        parts += [f"with the code {each}" for each in open_to.items]
        yield f"Into {bucket(name)} go only those {either(parts)}."
    if grant.outcome == "proposal" or grant.approval is not None:
        who = phrases.APPROVALS[grant.approval or "local"]
        yield (
            f"It is a proposal that {who} decides."
            if grant.outcome == "proposal"
            else f"{who.capitalize()} approves."
        )
    if grant.then is not None:
        yield f"On approval a PD certificate over {say(grant.then.amount, policy.unit)} is issued."


def _hours(number: Decimal) -> str:
    return f"{plain(number)} clock {'hour' if number == 1 else 'hours'}"


# -- needs, totals, limits ----------------------------------------------------------------------------------


def _needs(policy: Policy) -> Iterator[Line]:
    for number, need in enumerate(policy.needs):
        each = f", for each {phrases.FACTS[need.each][0]}" if need.each else ""
        only = f" if {when(need.when)}" if need.when else ""
        yield Line(
            f"need[{number}]",
            f"At least {say(need.amount, policy.unit)} in {bucket(need.bucket)}{each}{only}.",
        )
    for number, total in enumerate(policy.totals):
        yield Line(f"total[{number}]", " ".join(_total(policy, total)))
    for number, cap in enumerate(policy.caps):
        within = f" in {bucket(cap.bucket)}" if cap.bucket else ""
        values = f" ({either(phrases.value(each) for each in cap.values)})" if cap.values else ""
        yield Line(
            f"cap[{number}]",
            f"At most {say(cap.amount, policy.unit)}{within} {phrases.per(cap.per)}{values}, with what was "
            "counted before. A group that does not fit is not counted in part.",
        )


def _total(policy: Policy, total: Total) -> Iterator[str]:
    only = f" if {when(total.when)}" if total.when else ""
    yield f"{say(total.amount, policy.unit)} in all{only}."
    if total.waived_when:
        yield f"This sum is waived if {when(total.waived_when)}; needs of single areas stay."
    more = total.per_additional
    if more is not None:
        inside = every(f"{plain(each)} in {bucket(name)}" for name, each in more.needs.items())
        noun = phrases.FACTS[more.of][0]
        of_them = f", of them {inside}" if inside else ""
        yield f"For each further {noun}, {say(more.amount, policy.unit)} more{of_them}."


def _requires(policy: Policy) -> Iterator[Line]:
    for number, require in enumerate(policy.requires):
        yield Line(f"require[{number}]", " ".join(_require(policy, require)))


def _require(policy: Policy, require: Requirement) -> Iterator[str]:
    event = phrases.event(require.event)
    how = {
        "once-ever": "once, for all awards",
        "per-credential": "for each micro-credential",
    }.get(str(require.times), f"{require.times} times")
    before = f", {phrases.BEFORE[require.before]}" if require.before else ""
    yield f"Needed: {event}, {how}{before}."
    if require.say:
        yield require.say
    if require.grants is not None:
        each = "once" if require.grants.count == "once" else "each time"
        given = say(require.grants.amount, policy.unit)
        yield f"Attending itself gives {given}, {each} (into {bucket(require.grants.into)})."


# -- times, things to show, other purposes ------------------------------------------------------------------


def _times(policy: Policy) -> Iterator[Line]:
    yield Line("in_force", f"This version rules {phrases.period(policy.in_force)}.")
    which = "the day of the award" if policy.basis == "awarded" else "the day of the claim"
    yield Line("basis", f"Which version holds is decided by {which}.")
    for number, clock in enumerate(policy.clocks):
        only = f" if {when(clock.when)}" if clock.when else ""
        what = "award" if clock.date == "awarded" else "claim"
        years = text.count(clock.cycle_years, "year")
        yield Line(f"clock[{number}]", f"The {what} must lie in your cycle of {years}{only}.")
    for number, window in enumerate(policy.windows):
        yield Line(
            f"window[{number}]",
            f"For units of the school year {window.school_year}, submit by {_day(window.submit_by)} and send "
            f"revisions by {_day(window.revise_by)}. This binds these units only, never the award.",
        )
    for number, deadline in enumerate(policy.deadlines):
        days = text.count(deadline.claim_within_days, "day")
        since = "the award" if deadline.after == "awarded" else "you enrolled"
        yield Line(f"deadline[{number}]", f"Claim within {days} after {since}.")
    yield Line("timezone", f"Days are those of the time zone {policy.timezone}.")


def _presents(policy: Policy) -> Iterator[Line]:
    for number, present in enumerate(policy.presents):
        fields = f" with {every(present.fields)}" if present.fields else ""
        yield Line(f"present[{number}]", f"{phrases.PRESENTS[present.what]}{fields}.")


def _others(policy: Policy) -> Iterator[Line]:
    for number, never in enumerate(policy.nevers):
        examples = f" (such as {every(never.examples)})" if never.examples else ""
        days = f" {phrases.period(never.in_force)}" if never.in_force else ""
        purpose = purpose_words(never.purpose)
        yield Line(f"never[{number}]", f"Never for {purpose}{examples}{days}: {never.say}")
    for number, also in enumerate(policy.alsos):
        purpose = purpose_words(also.purpose)
        yield Line(f"also[{number}]", f"For {purpose}: {phrases.OUTCOMES[also.outcome]}. {also.say}")


def _after(policy: Policy) -> Iterator[Line]:
    yield Line("recognizer", f"Who decides: {policy.recognizer}.")
    if policy.turnaround is not None:
        days = text.count(policy.turnaround.within_days, "day")
        yield Line("turnaround", f"An answer is promised within {days} after: {policy.turnaround.after}.")
    if policy.contact is not None:
        where = f", {policy.contact.url}" if policy.contact.url else ""
        yield Line("contact", f"Whom to ask: {policy.contact.name}{where}.")


def _day(moment: date) -> str:
    return text.day(moment)
