# SPDX-License-Identifier: Apache-2.0
"""What must have happened (``[[require]]``), and the units that attendance itself grants.

An attestation serves by its event: ``once-ever`` serves every award, ``per-credential`` only the one that it
names, by the id of the credential or by the code of its micro-credential; it may have been recorded before
there was an award, and waits. ``before`` is strict: the event's day lies before that day. Whatever is missing
is *pending*: it counts as soon as it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from recognition.judging.answer import PENDING, Attended
from recognition.judging.case import Case, Entry
from recognition.judging.facts import Attestation, Used, attendance_stage
from recognition.judging.finding import Finding, not_asked, open_, yes
from recognition.judging.sums import in_cycle
from recognition.rule.policy import Requirement
from service import text

ONCE_EVER: Final = "once-ever"
PER_CREDENTIAL: Final = "per-credential"
EACH: Final = "each"
ENROLMENT: Final = "enrolment-date"
EVENT_WORDS: Final = {
    "orientation": "the orientation",
    "workshop": "the workshop",
    "clock-hour-registration": "the registration for clock hours",
    "prior-written-approval": "the prior written approval",
    "first-submitted": "the day of the first submission",
    "complete-submission": "the complete submission",
    "virtual-meeting": "the virtual meeting",
    "graduate-course": "the graduate course",
    "capstone": "the capstone",
}
_BEFORE_WORDS: Final = {
    "enrolled": "enrolment",
    "submitted": "the submission",
    "awarded": "the award",
    "claimed": "the claim",
}


def belongs(attestation: Attestation, entry: Entry) -> bool:
    """Tell whether the attestation names this entry: its credential, or else its micro-credential."""
    if attestation.award:
        return attestation.award == entry.credential_id
    return bool(attestation.item) and attestation.item == entry.item


def serving(case: Case, entry: Entry, wanted: Requirement) -> list[Attestation]:
    """Return the attestations that serve ``wanted`` for this entry, whenever they are dated."""
    of_event = [each for each in case.attestations if each.event == wanted.event]
    if wanted.times != PER_CREDENTIAL:
        return of_event
    return [each for each in of_event if belongs(each, entry)]


def limit(case: Case, entry: Entry, before: str | None) -> date | None:
    """Return the day before which the event must lie; None: the rule names none, or it is not known."""
    return {
        "enrolled": entry.started,
        "submitted": entry.ended,
        "awarded": entry.day,
        "claimed": case.facts.as_of,
    }.get(before or "")


def unmet(case: Case, entry: Entry) -> Iterator[tuple[int, Requirement, Finding]]:
    """Yield every requirement that is not met, with its place in the policy and what is said of it."""
    for number, wanted in enumerate(case.policy.requires):
        finding = _lacking(case, entry, wanted, f"require[{number}]")
        if finding is not None:
            yield number, wanted, finding


def required(case: Case, entry: Entry) -> Finding:
    """Step 11: everything that must have happened has."""
    if not case.policy.requires:
        return not_asked("The rule asks for nothing else to have happened.")
    missing = [finding for _, _, finding in unmet(case, entry)]
    if not missing:
        return yes("Everything that the rule asks for is recorded.", "require[0]")
    first = missing[0]
    return open_(" ".join(each.sentence for each in missing), first.outcome, first.rule)


def attended(case: Case, passed: Sequence[Entry]) -> tuple[Attended, ...]:
    """Return the units that attendance grants beside the entries that have ``passed`` all other steps.

    Attendance of one micro-credential counts with it; a date outside the person's cycle serves the
    requirement and gives no units in this one; what the ledger has paid is not paid again.
    """
    found: list[Attended] = []
    for wanted in case.policy.requires:
        grants = wanted.grants
        if grants is None or not passed:
            continue
        events = {
            (each.on, each.item, each.award): each
            for entry in passed
            for each in serving(case, entry, wanted)
            if in_cycle(each.on, case)
        }
        unpaid = [each for _, each in sorted(events.items()) if not _is_paid(case, each, grants.count)]
        for each in unpaid if grants.count == EACH else unpaid[:1]:
            item = each.item if wanted.times == PER_CREDENTIAL else ""
            found.append(Attended(wanted.event, item, each.on, grants.amount, grants.into))
    return tuple(found)


def _lacking(case: Case, entry: Entry, wanted: Requirement, rule: str) -> Finding | None:
    """Return what is said of a requirement that is not met; None if it is."""
    there, times = serving(case, entry, wanted), wanted.times if isinstance(wanted.times, int) else 1
    before, bound = wanted.before, limit(case, entry, wanted.before)
    words = EVENT_WORDS.get(wanted.event, wanted.event)
    if before is not None and bound is None and there:
        sentence = f"It does not say when {_BEFORE_WORDS[before]} was, so nobody can tell what came first."
        return open_(sentence, f"{PENDING}{ENROLMENT}", rule)
    early = [each for each in there if before is None or (bound is not None and each.on < bound)]
    if len(early) >= times:
        return None
    said = f" {wanted.say}" if wanted.say else ""
    outcome = f"{PENDING}{wanted.event}"
    if before is not None and bound is not None and there and not early:
        late = f"{_capital(words)} is dated {text.day(there[0].on)}, and not before {_BEFORE_WORDS[before]}"
        return open_(f"{late} ({text.day(bound)}).{said}", outcome, rule)
    if times > 1:
        return open_(f"{_capital(words)} is recorded {len(early)} of {times} times.{said}", outcome, rule)
    own = " for this micro-credential" if wanted.times == PER_CREDENTIAL else ""
    return open_(f"{_capital(words)} is not recorded{own}.{said}", outcome, rule)


def _is_paid(case: Case, attestation: Attestation, count: str) -> bool:
    """Tell whether the ledger holds a line for it; ``once`` is paid by any line of the event, ever."""
    stage = attendance_stage(attestation.event)
    lines = [line for line in case.facts.used if line.stage == stage and line.purpose in ("", case.purpose)]
    return bool(lines) if count != EACH else any(_pays(line, attestation) for line in lines)


def _pays(line: Used, attestation: Attestation) -> bool:
    is_item = line.item == attestation.item if line.item or attestation.item else True
    is_award = not attestation.award or not line.credential_id or line.credential_id == attestation.award
    return is_item and is_award and (line.on is None or line.on == attestation.on)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
