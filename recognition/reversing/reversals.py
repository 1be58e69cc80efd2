# SPDX-License-Identifier: Apache-2.0
"""Deciding about recognitions whose source fell: keep them with a reason, or take them back.

Recognition rules, section 8, and sentences 10 and 17: nothing happens by itself. Awards of a group were
counted together, so they are decided together: what is taken back is the whole group, and every award of it
that stands is free again, to be claimed anew. A decision is never changed: taking back is a new decision with
what remains, which names the old one; everything that was stated of the old one is withdrawn, and what
remains is stated anew. All of that is one commit.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from recognition.adopting import shelf
from recognition.claiming import correction
from recognition.claiming.claim_states import ClaimState
from recognition.claiming.decision import Decision
from recognition.claiming.ledger_line import Line as LedgerLine
from recognition.errors import ClaimStateError, NoSuchRecognitionError, RecognitionFieldError
from recognition.office import Office
from recognition.reversing import reversal_letters
from recognition.reversing.fall import Flag
from recognition.reversing.recheck import JOB, look, restate_claim
from recognition.rule.policy import AWARDED_STAGE
from recognition.rule.units import plain
from recognition.stating import issuing
from recognition.store import decisions as decision_rows
from recognition.store import ledger as ledger_rows
from recognition.store import reversals as rows
from recognition.store.reversals import Line
from service import audit

REASON_CHARS: Final = 2_000  # characters
UNCHECKED: Final = timedelta(days=7)  # without an answer for so long, the recognizer is told
SETTLED: Final = 50  # of those decided, how many the page shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A group of awards that were counted together, of which at least one has fallen.

    Attributes:
        lines: All lines of the group, the oldest award first.
        fallen: Those whose source fell, whether or not somebody has decided.
        name: Whose they are, as the claim says; the address where it names nobody.
        since: When the first of them fell.
        is_asked: Whether only the award of a later stage fell, so that nothing speaks for taking it back yet.
    """

    id: str
    lines: tuple[Line, ...]
    fallen: tuple[Line, ...]
    name: str
    since: datetime
    is_asked: bool

    @property
    def mates(self) -> tuple[Line, ...]:
        """The awards that were counted with a fallen one and stand."""
        return tuple(each for each in self.lines if each not in self.fallen)

    @property
    def waits(self) -> bool:
        """Whether somebody must decide."""
        return any(each.waits for each in self.fallen)

    @property
    def units(self) -> str:
        """What the group gives, with its unit."""
        first = self.lines[0]
        return f"{plain(Decimal(first.units))} {first.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that is shown before somebody decides.

    Attributes:
        decision: The one that stands.
        remaining: Lines of the same decision that stay if the group is taken back.
        remaining_units: Their sum, each group once.
        statements: How many signed statements would be withdrawn, and signed anew for what remains.
    """

    fallen: Fallen
    decision: Decision
    remaining: tuple[Line, ...]
    remaining_units: Decimal
    statements: int

    @property
    def remains(self) -> str:
        """The sum that remains, in plain digits."""
        return plain(self.remaining_units)


# -- reading ----------------------------------------------------------------------------------------------


def waiting(office: Office, organisation: str) -> tuple[Fallen, ...]:
    """Return what the organisation must decide about, the longest waiting first."""
    with office.db.reading() as session:
        return _groups(session, rows.waiting(session, organisation))


def settled(office: Office, organisation: str) -> tuple[Fallen, ...]:
    """Return what was decided after a fall, the latest first."""
    with office.db.reading() as session:
        return _groups(session, rows.settled(session, organisation, most=SETTLED))


def unchecked(office: Office, organisation: str, *, now: datetime) -> tuple[Line, ...]:
    """Return the lines whose source has given no answer for ``UNCHECKED``, the longest unchecked first."""
    with office.db.reading() as session:
        return rows.unchecked(session, organisation, since=now - UNCHECKED)


def current(office: Office, organisation: str, id: str) -> str:
    """Return the id of the line that took the place of ``id`` when its decision was corrected, or ``id``.

    Raises:
        NoSuchRecognitionError: The organisation has no such line.
    """
    with office.db.reading() as session:
        line = _line(session, organisation, id)
        newer = rows.successor(session, line) if line.reversed_at is not None and not line.flag else None
    return line.id if newer is None else newer


def case(office: Office, organisation: str, id: str) -> Case:
    """Return the group of the line ``id`` with what taking it back would mean.

    Raises:
        NoSuchRecognitionError: The organisation has no such line, or nothing has happened to it.
    """
    with office.db.reading() as session:
        line = _line(session, organisation, id)
        stored = decision_rows.get(session, line.decision)
        if stored is None or not line.flag:
            raise NoSuchRecognitionError("There is no such reversal here.", got=id[:40])
        (fallen,) = _groups(session, [line])
        stands = [each for each in rows.of_decision(session, line.decision) if each.reversed_at is None]
        number = rows.stated(session, line.decision)
    remaining = tuple(each for each in stands if each.group != line.group)
    units = {each.group: Decimal(each.units) for each in remaining}
    return Case(
        fallen=fallen,
        decision=stored.decision,
        remaining=remaining,
        remaining_units=sum(units.values(), Decimal(0)),
        statements=number,
    )


def is_fallen(office: Office, organisation: str, id: str) -> bool:
    """Tell whether there is such a line here, and its source fell."""
    with office.db.reading() as session:
        line = rows.one(session, organisation, id)
    return line is not None and bool(line.flag)


# -- deciding ---------------------------------------------------------------------------------------------


def keep(office: Office, organisation: str, id: str, *, reason: str, actor: str, now: datetime) -> None:
    """Let a group stand although its source fell, and say why.

    Raises:
        NoSuchRecognitionError: The organisation has no such line.
        ClaimStateError: Nothing of it waits for a decision.
        RecognitionFieldError: There is no reason.
    """
    reason = _reason(reason)
    with office.db.transaction() as session:
        line = _line(session, organisation, id)
        waits = [each for each in _group_of(session, line) if each.waits]
        if not waits:
            raise ClaimStateError("Nothing of this waits for a decision any more. Look at it again.", got=id)
        for each in waits:
            rows.keep(session, each.id, note=reason, now=now)
            _record(session, "recognition.kept", each, actor=actor, now=now)
        restate_claim(session, line.decision, now=now)


def reverse(
    office: Office, organisation: str, id: str, *, reason: str, actor: str, now: datetime
) -> Decision:
    """Take a group back by a new decision with what remains; return it. Its educator is told.

    Raises:
        NoSuchRecognitionError: The organisation has no such line.
        ClaimStateError: Its source has not fallen, or it was taken back or corrected a moment ago.
        RecognitionFieldError: There is no reason.
    """
    reason = _reason(reason)
    with office.db.transaction() as session:
        ledger_rows.wait_for_turn(session, organisation)
        line = _line(session, organisation, id)
        stored = decision_rows.get(session, line.decision)
        if stored is None or not line.flag or line.reversed_at is not None:
            raise ClaimStateError(
                "This was taken back or corrected before, or its source stands again. Look at it again.",
                got=id,
            )
        gone = tuple(each for each in _group_of(session, line) if each.reversed_at is None)
        found = shelf.published(office, stored.policy, stored.policy_version)
        policy = None if found is None else found.policy
        made = correction.without(stored.decision, gone, policy, reason=reason, actor=actor, now=now)
        _write(office, session, made, correction.document(office, made, policy), gone, reason=reason, now=now)
        issuing.withdraw_decision(office, stored.id, reason, now=now, actor=actor)
        for each in gone:
            _record(session, "recognition.reversed", each, actor=actor, now=now, decision=made.id)
        reversal_letters.tell_reversed(session, gone, reason=reason, now=now)
    office.ring(issuing.JOB)
    office.ring(JOB)
    office.ring("mail")
    return made


def look_again(office: Office, organisation: str, id: str, *, now: datetime) -> bool:
    """Look the sources of a group up at once; tell whether all of them gave an answer.

    Raises:
        NoSuchRecognitionError: The organisation has no such line.
    """
    with office.db.reading() as session:
        line = _line(session, organisation, id)
        group = [each for each in _group_of(session, line) if each.stage == AWARDED_STAGE]
    answers = [look(office, each, now=now) for each in group]  # each of them, whatever the first one gives
    return all(answers)


# -- writing it -----------------------------------------------------------------------------------------


def _write(
    office: Office,
    session: Any,
    made: Decision,
    document: bytes,
    gone: Sequence[Line],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Write the decision, free what was taken back, and let the other lines be lines of the new one."""
    old = made.corrects or ""
    for each in gone:
        rows.reverse(session, each.id, note=reason, now=now)
    stay = [each for each in ledger_rows.of_decision(session, old) if each.stands]
    ledger_rows.replace_lines(session, old, note=f"Replaced by the decision {made.id}.", now=now)
    decision_rows.add(session, made, document=document)
    copies = {each.id: _copy(each, made.id) for each in stay}
    if not ledger_rows.add(session, copies.values()):  # pragma: no cover  their own lines were just freed
        raise ClaimStateError("The ledger has changed at this moment. Nothing was taken back; try again.")
    for before, copy in copies.items():
        rows.carry_over(session, before, copy.id)
        rows.clear(session, before)  # What is to be decided about it is to be decided about the copy.
    if made.claim is not None:
        rows.redecide_claim(session, made.claim, made.id, now=now)
        state = ClaimState.USED if copies else ClaimState.REVERSED
        expected = (ClaimState.USED, ClaimState.REVERSAL_NEEDED)
        rows.restate_claim(session, made.claim, state, expected=expected, now=now)
        restate_claim(session, made.id, now=now)


def _copy(line: LedgerLine, decision: str) -> LedgerLine:
    """Return a line as one of another decision: counted when it was counted."""
    return replace(line, id=str(uuid.uuid4()), decision=decision)


# -- helpers ----------------------------------------------------------------------------------------------


def _groups(session: Any, lines: Sequence[Line]) -> tuple[Fallen, ...]:
    """Return the groups of these lines, in the order of the lines."""
    found: dict[tuple[str, int], Fallen] = {}
    for line in lines:
        if (line.decision, line.group) not in found:
            group = _group_of(session, line)
            fallen = tuple(each for each in group if each.flag)
            found[line.decision, line.group] = Fallen(
                id=line.id,
                lines=group,
                fallen=fallen,
                name=rows.claim_name(session, line.claim) or line.person_key,
                since=min((each.flagged_at for each in fallen if each.flagged_at), default=line.used_at),
                is_asked=all(each.flag == Flag.ASKED for each in fallen),
            )
    return tuple(found.values())


def _group_of(session: Any, line: Line) -> tuple[Line, ...]:
    return tuple(each for each in rows.of_decision(session, line.decision) if each.group == line.group)


def _line(session: Any, organisation: str, id: str) -> Line:
    found = rows.one(session, organisation, id)
    if found is None:
        raise NoSuchRecognitionError("There is no such reversal here.", got=id[:40])
    return found


def _reason(typed: str) -> str:
    said = typed.replace("\r\n", "\n").strip()
    if not said:
        raise RecognitionFieldError("Write a reason: whoever asks later reads it.", path="reason")
    if len(said) > REASON_CHARS:
        raise RecognitionFieldError(f"Write up to {REASON_CHARS:,} characters.", path="reason")
    return said


def _record(session: Any, action: str, line: Line, *, actor: str, now: datetime, decision: str = "") -> None:
    detail = {"flag": line.flag, "decision": decision or line.decision}
    audit.record(session, actor=actor, action=action, subject=f"ledger:{line.id}", detail=detail, now=now)
