# SPDX-License-Identifier: Apache-2.0
"""The ledger: what was counted before, handed to a judgement, and shown to the recognizer who keeps it.

Rules kept here:

- Each organisation has its own; another one's lines are never read, so the same award counts elsewhere too.
- A line is one of an award under any of its ids that this house knows, whoever it stands for.
- An award with another id and equal issuer, achievement, person and day is a suspected copy: it is told, and
  a person decides.
- Nothing is deleted. What was taken back stays, and is not handed to a judgement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from recognition import known_as
from recognition.adopting import shelf
from recognition.claiming.ledger_line import Asked, Line, counted
from recognition.judging.award import Award
from recognition.judging.facts import Used
from recognition.known_as import Known
from recognition.office import Office
from recognition.rule.days import day_of
from recognition.rule.policy import AWARDED_STAGE, Period, Unit
from recognition.rule.units import plain, say
from recognition.store import claims as claim_rows
from recognition.store import ledger as rows
from service import spreadsheet

PAGE: Final = 100  # lines on one page
FILE_LINES: Final = 50_000  # lines of one file; a spreadsheet holds a million rows
COLUMNS: Final = (
    "person",
    "title",
    "code",
    "link",
    "issuer",
    "awarded",
    "purpose",
    "stage",
    "cycle from",
    "cycle until",
    "group",
    "bucket",
    "units of the group",
    "unit",
    "policy",
    "version",
    "decision",
    "counted",
    "state",
    "note",
)


@dataclass(frozen=True, slots=True)
class View:
    """A page of the ledger; ``next`` names the last line if others follow, as ``moment~id``.

    Attributes:
        names: Names of people by address, as far as claims have told them.
        units: Units by id, with their names.
    """

    lines: tuple[Line, ...]
    next: str
    purposes: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)

    def say(self, units: Decimal, unit: str) -> str:
        """Return an amount in words with its place; a unit that no rule names stays as it is."""
        known = self.units.get(unit)
        return f"{plain(units)} {unit}" if known is None else say(units, known)


def lines(
    office: Office,
    organisation: str,
    *,
    person_key: str,
    awards: Sequence[Award],
    person: str | None = None,
    zone: str = "UTC",
    without: str | None = None,
    own_only: bool = False,
) -> tuple[Used, ...]:
    """Return what the organisation has counted that matters for a claim of this person.

    Args:
        office: The opened room.
        organisation: Slug of the recognizer.
        person_key: An e-mail address of the person; what stands under others of theirs comes along.
        awards: The verified awards of the claim.
        person: Id of the person's account, if there is one.
        zone: Of the recognizer, in which the day of an award is compared with lines.
        without: Id of a decision whose lines are left out, because it is about to be replaced.
        own_only: Leave out that an award was counted for somebody else: only a recognizer learns that.
    """
    with office.db.reading() as session:
        known = known_as.find(session, person_key, person)
        own = rows.of_person(session, organisation, known)
        wanted = {each for award in awards for each in (award.key, *award.also)}
        links = {each.credential_id for each in awards}
        others = () if own_only else rows.counted(session, organisation, wanted, credential_ids=links)
        copies = [
            (award, line)
            for award in awards
            for line in _alike(session, organisation, award, known, zone)
            if line.award_key not in (award.key, *award.also)
        ]
    found = {line.id: _used(line) for line in own if line.decision != without}
    for line in others:
        if line.decision != without and line.id not in found:
            found[line.id] = _used(line, counts=False)
    suspected = [_suspected(award, line) for award, line in copies if line.decision != without]
    return (*found.values(), *suspected)


def view(office: Office, organisation: str, asked: Asked, *, after: str = "") -> View:
    """Return a page of the ledger, the latest lines first."""
    with office.db.reading() as session:
        found = rows.search(session, organisation, asked, most=PAGE + 1, after=_mark(after))
        purposes = rows.purposes(session, organisation)
        names = claim_rows.names(session, organisation, {each.person_key for each in found})
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = f"{last.used_at.isoformat()}~{last.id}" if last is not None else ""
    units = {each.policy.unit.id: each.policy.unit for each in shelf.every(office, on=date.max)}
    units |= {each.policy.unit.id: each.policy.unit for each in shelf.adopted(office, organisation)}
    return View(found[:PAGE], following, purposes, names, units)


def of_decision(office: Office, decision: str) -> tuple[Line, ...]:
    """Return the lines of a decision, also those that were taken back."""
    with office.db.reading() as session:
        return rows.of_decision(session, decision)


def file(office: Office, organisation: str, asked: Asked) -> bytes:
    """Return the lines that are asked for as CSV; units stand once for each group of a decision."""
    with office.db.reading() as session:
        found = rows.search(session, organisation, asked, most=FILE_LINES)
        policies = rows.policies_of(session, {each.decision for each in found})
    return spreadsheet.write(COLUMNS, _cells(found, policies))


def sums(found: Iterable[Line]) -> tuple[tuple[str, Decimal], ...]:
    """Return the sums of lines by unit, each group once; units of two places stay apart."""
    return tuple(sorted(counted(found).items()))


def state_of(line: Line) -> str:
    """Return what became of a line, in words."""
    if not line.stands:
        return "taken back"
    if line.needs_reversal:
        return "reversal needed"
    return "kept" if line.kept_at is not None else "counted"


def _alike(session: Any, organisation: str, award: Award, known: Known, zone: str) -> tuple[Line, ...]:
    return rows.alike(
        session,
        organisation,
        issuer_id=award.issuer_id,
        achievement_id=award.achievement_id,
        known=known,
        awarded_on=day_of(award.awarded, zone),
    )


def _used(line: Line, *, counts: bool = True) -> Used:
    """Return a line as rules know it; somebody else’s adds nothing to the sums of this person."""
    is_award = line.stage == AWARDED_STAGE
    return Used(
        award=line.award_key if is_award else "",
        credential_id=line.credential_id,
        purpose=line.purpose,
        stage=line.stage,
        cycle=None if line.cycle_from is None else Period(line.cycle_from, line.cycle_until),
        bucket=line.bucket,
        units=line.units if counts else Decimal(0),
        on=line.awarded_on,
        value=line.value,
        item="" if is_award else line.item,
        decision=line.decision,
        group=line.group,
        unit=line.unit,
        shares=line.shares if counts and len(line.shares) > 1 else {},
    )


def _suspected(award: Award, line: Line) -> Used:
    return Used(
        award=award.key,
        credential_id=line.credential_id,
        purpose=line.purpose,
        stage=line.stage,
        on=line.awarded_on,
        suspected=True,
    )


def _cells(found: Iterable[Line], policies: dict[str, tuple[str, str]]) -> Iterable[list[str]]:
    told: set[tuple[str, int]] = set()
    for line in found:
        policy, version = policies.get(line.decision, ("", ""))
        is_first = (line.decision, line.group) not in told
        told.add((line.decision, line.group))
        yield [
            line.person_key,
            line.title,
            line.item,
            line.credential_id,
            line.issuer_id,
            line.awarded_on.isoformat(),
            line.purpose,
            line.stage,
            line.cycle_from.isoformat() if line.cycle_from else "",
            line.cycle_until.isoformat() if line.cycle_until else "",
            str(line.group),
            line.bucket,
            plain(line.units) if is_first else "",
            line.unit,
            policy,
            version,
            line.decision,
            line.used_at.isoformat(),
            state_of(line),
            line.note,
        ]


def _mark(text: str) -> tuple[datetime, str] | None:
    """Return the place that an address names; one that is not as we write it is the beginning."""
    moment, _, id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at.astimezone(UTC), id) if at.tzinfo is not None and id else None
    except (ValueError, OverflowError):
        return None
