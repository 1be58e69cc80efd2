# SPDX-License-Identifier: Apache-2.0
"""What must have happened (``[[require]]``), and the units that attendance itself grants.

An attestation serves by its event: ``once-ever`` serves every award, ``per-credential`` only the one that it
names, by the id of the credential or by the code of its micro-credential; it may have been recorded before
there was an award, and waits. ``before`` is strict: the event's day lies before that day. Whatever is missing
is *pending*: it counts as soon as it is recorded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from recognition.judging.answer import PENDING, Attended
from recognition.judging.case import Case, Entry
from recognition.judging.facts import Attestation, attendance_stage
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


def serving(case: Case, entry: Entry, wanted: Requirement) -> list[Attestation]:
    """Return the attestations that serve ``wanted`` for this entry, whenever they are dated."""
    if wanted.times != PER_CREDENTIAL:
        return _indexed(case).get((wanted.event,), [])
    return own(case, entry, wanted.event)


def own(case: Case, entry: Entry, event: str) -> list[Attestation]:
    """Return the attestations of ``event`` that name this entry, oldest first."""
    rows = _indexed(case)
    by_award = rows.get((event, "award", entry.credential_id), []) if entry.credential_id else []
    by_item = rows.get((event, "item", entry.item), []) if entry.item else []
    return (
        sorted([*by_award, *by_item], key=lambda each: each.on)
        if by_award and by_item
        else by_award or by_item
    )


def _indexed(case: Case) -> dict[tuple[str, ...], list[Attestation]]:
    """Return the attestations by event, and by what they name, each oldest first."""
    found: dict[tuple[str, ...], list[Attestation]] | None = case.known.get("attestations")
    if found is None:
        found = case.known["attestations"] = {}
        for each in case.attestations:
            name = ("award", each.award) if each.award else ("item", each.item)
            found.setdefault((each.event,), []).append(each)
            found.setdefault((each.event, *name), []).append(each)
    return found


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
            for entry in (passed if wanted.times == PER_CREDENTIAL else passed[:1])
            for each in serving(case, entry, wanted)
            if in_cycle(each.on, case)
        }
        paid = _Paid(case, wanted.event, grants.count)
        unpaid = [each for _, each in sorted(events.items()) if not paid.has(each)]
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
    early = len(there)
    if before is not None:
        early = bisect_left(there, bound, key=lambda each: each.on) if bound is not None else 0
    if early >= times:
        return None
    said = f" {wanted.say}" if wanted.say else ""
    outcome = f"{PENDING}{wanted.event}"
    if before is not None and bound is not None and there and not early:
        late = f"{_capital(words)} is dated {text.day(there[0].on)}, and not before {_BEFORE_WORDS[before]}"
        return open_(f"{late} ({text.day(bound)}).{said}", outcome, rule)
    if times > 1:
        return open_(f"{_capital(words)} is recorded {early} of {times} times.{said}", outcome, rule)
    own = " for this micro-credential" if wanted.times == PER_CREDENTIAL else ""
    return open_(f"{_capital(words)} is not recorded{own}.{said}", outcome, rule)


class _Paid:
    """What the ledger has paid of one event; ``once`` is paid by any line of the event, ever."""

    def __init__(self, case: Case, event: str, count: str) -> None:
        stage, purposes = attendance_stage(event), ("", case.purpose)
        lines = [line for line in case.facts.used if line.stage == stage and line.purpose in purposes]
        self._is_all = bool(lines) and count != EACH
        self._days = {(line.item, line.on) for line in lines}
        self._awards = {(line.item, line.on, line.credential_id) for line in lines}

    def has(self, attestation: Attestation) -> bool:
        """Tell whether the ledger holds a line for it; what a line does not say is taken to fit."""
        if self._is_all:
            return True
        for day in (attestation.on, None):
            if not attestation.award and (attestation.item, day) in self._days:
                return True
            if any((attestation.item, day, award) in self._awards for award in ("", attestation.award)):
                return True
        return False


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
