# SPDX-License-Identifier: Apache-2.0
"""Deciding a claim: approve as proposed, adjust with a reason, refuse, ask for more, correct.

Rules kept here:

- A person decides, about a claim that was sent with consent, and about exactly what was on the page: the
  awards are verified and judged anew, and if the answer is another one than was shown, nothing is decided.
- Decision, lines of the ledger, the claim's state and the audit line are one transaction; of two desks that
  count the same award at once, the ledger lets one win, and the other is told.
- A decision is never changed. A correction is a new one that names the old one, whose lines it replaces.
- Statements are signed afterwards, by a job that asks the rows what is left to do.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from recognition import claim_facts, claim_letters, claims, decision_document, settling
from recognition.answer import Judged
from recognition.award import Brought
from recognition.claim_states import MESSAGE_CHARS, MESSAGES, Claim, ClaimState, Message, require
from recognition.days import day_of
from recognition.decision import REFUSED, DecidedAward, Decision
from recognition.errors import (
    AlreadyUsedError,
    ClaimChangedError,
    ClaimStateError,
    PolicyNotInForceError,
    RecognitionFieldError,
)
from recognition.facts import attendance_stage
from recognition.ledger_line import BUCKETS, Line, personal_key
from recognition.office import Office
from recognition.policy import AWARDED_STAGE
from recognition.proposal import Proposal, propose
from recognition.settling import Adjustments, Settled
from recognition.store import claims as rows
from recognition.store import decisions as decision_rows
from recognition.store import ledger as ledger_rows
from service.accounts import organisations

JOB: Final = "recognitions"  # signs what was decided
REASON_CHARS: Final = 2_000  # characters
ALREADY_USED: Final = "refused:already-used"


def approve(
    office: Office,
    organisation: str,
    id: str,
    *,
    shown: str,
    adjustments: Adjustments = settling.NO_ADJUSTMENTS,
    reason: str = "",
    actor: str,
    now: datetime,
) -> Decision:
    """Grant what the policy proposes, with the changes a person makes; return the decision.

    A claim that was decided before is corrected: the new decision names the old one, whose lines it replaces.

    Args:
        office: The opened room.
        organisation: Slug of the recognizer.
        id: The claim.
        shown: ``Proposal.digest`` of what was on the page.
        adjustments: What a person changes.
        reason: Why, if anything is changed or corrected.
        actor: Who decides.
        now: When.

    Raises:
        NoSuchClaimError: The organisation has no such claim.
        ClaimStateError: Its state does not allow it.
        ClaimChangedError: The answer is not the one that was shown.
        AlreadyUsedError: An award was counted a moment ago, perhaps at another desk.
        PolicyNotInForceError: The policy does not lead to approvals.
        RecognitionFieldError: A number or the reason is missing, or something may not be overruled.
    """
    claim = claims.of(office, organisation, id)
    require(claim, ClaimState.USED)
    proposal = propose(office, claim, now=now, without=claim.decision)
    _require_shown(proposal, shown)
    if not proposal.may_approve:
        raise PolicyNotInForceError(
            f"The policy {proposal.policy.id} is {proposal.policy.status} or not in force on this day, so "
            "nothing can be approved by it. Refuse the claim, or ask for more.",
            got=str(proposal.policy.status),
        )
    settled = settling.settle(proposal.answer, proposal.brought, adjustments)
    wants_reason = bool(settled.changes) or claim.decision is not None
    reason = _text(reason, "reason", REASON_CHARS, wanted=wants_reason)
    outcome = settling.outcome_of(proposal.answer, settled)
    decision = _decision(office, proposal, settled, outcome, reason=reason, actor=actor, now=now)
    organisation_id = _did(office, organisation)
    document = decision_document.compose(
        decision, policy=proposal.policy, public_url=office.public_url, organisation_id=organisation_id
    )
    lines = tuple(_lines(decision, claim))
    known = {key for each in settling.awards_of(proposal.brought) for key in each.also}
    _write(office, claim, decision, document, lines, known=known, now=now)
    return decision


def refuse(office: Office, organisation: str, id: str, *, reason: str, actor: str, now: datetime) -> Decision:
    """Refuse a claim, with a reason that its educator reads; return the decision.

    Raises:
        NoSuchClaimError: The organisation has no such claim.
        ClaimStateError: Its state does not allow it.
        ClaimChangedError: Somebody decided it a moment ago.
        RecognitionFieldError: There is no reason.
    """
    claim = claims.of(office, organisation, id)
    require(claim, ClaimState.REFUSED)
    reason = _text(reason, "reason", REASON_CHARS, wanted=True)
    proposal = propose(office, claim, now=now, without=claim.decision)
    none = Settled((), ())
    decision = _decision(office, proposal, none, REFUSED, reason=reason, actor=actor, now=now)
    decision = replace(decision, units=Decimal(0), attended=(), converted=None, remainder=None)
    _write(office, claim, decision, b"", (), known=set(), now=now)
    return decision


def ask_for_more(
    office: Office, organisation: str, id: str, *, message: str, actor: str, now: datetime
) -> None:
    """Ask the educator for something; the claim comes back with the answer.

    Raises:
        NoSuchClaimError: The organisation has no such claim.
        ClaimStateError: Its state does not allow it, or much was said already.
        RecognitionFieldError: There is no message.
    """
    message = _text(message, "message", MESSAGE_CHARS, wanted=True)
    with office.db.transaction() as session:
        claim = claims.found(rows.get(session, id, locked=True), organisation)
        require(claim, ClaimState.NEEDS_MORE)
        if len(claim.messages) >= MESSAGES:
            raise ClaimStateError("Much was written to and fro already. Decide it, or speak to each other.")
        said = (*claim.messages, Message("recognizer", now, message))
        rows.change(session, id, now=now, state=ClaimState.NEEDS_MORE, messages=said)
        claims.record(session, "claim.asked-for-more", claim, actor=actor, now=now)
        claim_letters.asked(session, replace(claim, messages=said), now=now)
    office.ring("mail")


def _require_shown(proposal: Proposal, shown: str) -> None:
    """Refuse to go on with an answer that nobody has seen.

    Raises:
        AlreadyUsedError: An award was counted meanwhile.
        ClaimChangedError: Something else has changed.
    """
    if proposal.digest == shown:
        return
    used = next((each for each in proposal.answer.judged if each.outcome == ALREADY_USED), None)
    if used is not None:
        raise AlreadyUsedError(
            f"“{used.title or used.credential_id}” was counted before, perhaps a moment ago at another desk. "
            "Nothing was decided; the page shows the answer as it is now.",
            got=used.credential_id,
        )
    raise ClaimChangedError(
        "The answer is not the one that was on your page any more: an award, a record or the rule has "
        "changed. Nothing was decided; look at it again."
    )


def _decision(
    office: Office,
    proposal: Proposal,
    settled: Settled,
    outcome: str,
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> Decision:
    claim, policy, answer = proposal.claim, proposal.policy, proposal.answer
    with office.db.reading() as session:
        name = organisations.get(session, claim.organisation).name
    units = settling.total(settled.groups, answer)
    is_as_ruled = not settled.changes and outcome != REFUSED
    return Decision(
        id=str(uuid.uuid4()),
        organisation=claim.organisation,
        recognizer=name,
        claim=claim.id,
        person=claim.person,
        person_key=claim.person_key,
        policy=policy.id,
        policy_version=policy.version,
        policy_sha256=policy.sha256,
        policy_title=policy.title,
        policy_status=str(policy.status),
        purpose=answer.purpose,
        jurisdiction=policy.jurisdiction,
        outcome=outcome,
        sentence=answer.sentence if is_as_ruled else reason,
        units=units,
        unit=policy.unit.id,
        unit_name=policy.unit.name,
        converted=answer.converted if is_as_ruled else None,
        converted_to=policy.convert.to if policy.convert is not None else "",
        remainder=answer.remainder if is_as_ruled else None,
        awards=tuple(_awards(proposal, settled)),
        groups=settled.groups,
        attended=answer.attended,
        cycle_from=proposal.facts.cycle.first if proposal.facts.cycle is not None else None,
        cycle_until=proposal.facts.cycle.last if proposal.facts.cycle is not None else None,
        value=_value(proposal),
        facts=claim_facts.to_json(proposal.facts),
        optimal=answer.optimal,
        shown=proposal.digest,
        decided_by=actor,
        decided_at=now,
        decided_on=day_of(now, policy.timezone),
        reason=reason,
        adjustments=settled.changes,
        corrects=claim.decision,
    )


def _awards(proposal: Proposal, settled: Settled) -> Iterable[DecidedAward]:
    """Yield everything that was judged, as it was found."""
    groups = {(each.stage, key): each.number for each in settled.groups for key in each.awards}
    for judged in proposal.answer.judged:
        brought = settling.brought_for(judged, proposal.brought)
        yield _award(judged, brought, groups)


def _award(judged: Judged, brought: Brought | None, groups: dict[tuple[str, str], int]) -> DecidedAward:
    key = judged.key or (settling.key_of(brought) if brought is not None else "")
    award = brought.award if brought is not None else None
    report = brought.report if brought is not None else None
    said = report.summary if report is not None and report.is_authentic else None
    return DecidedAward(
        key=key,
        stage=judged.stage,
        place=judged.place,
        credential_id=judged.credential_id,
        issuer_id=report.issuer.id if report is not None and said is not None else "",
        issuer_name=(said.issuer_name or "") if said is not None else "",
        achievement_id=(said.achievement_id or "") if said is not None else "",
        title=judged.title,
        item=judged.item,
        awarded=judged.awarded or _awarded(brought),
        sha256=brought.sha256 if brought is not None else "",
        verdict=str(brought.verdict) if brought is not None else "",
        verified_at=report.verified_at if report is not None else None,
        status_as_of=report.status_as_of if report is not None else None,
        outcome=judged.outcome,
        sentence=judged.sentence,
        rule=judged.rule,
        group=groups.get((judged.stage, key)),
        **({"media_type": award.media_type} if award is not None else {}),
    )


def _awarded(brought: Brought | None) -> Any:
    report = brought.report if brought is not None else None
    if report is None or not report.is_authentic or report.summary is None:
        return None
    moment = report.summary.awarded_on or report.summary.valid_from
    return None if moment is None else moment.date()


def _value(proposal: Proposal) -> str:
    """Return the value of the fact by which a cap of the policy counts, or ""."""
    for cap in proposal.policy.caps:
        given = proposal.facts.values.get(cap.per, ())
        if cap.per not in ("cycle", "ever") and given:
            return given[0]
    return ""


def _lines(decision: Decision, claim: Claim) -> Iterable[Line]:
    """Yield the lines of the ledger that a decision makes: one for each award, one for each attendance."""
    for group in decision.groups:
        for key in group.awards:
            award = next(each for each in decision.awards if each.key == key and each.group == group.number)
            is_award = group.stage == AWARDED_STAGE
            yield replace(
                _line(decision, claim, group.number),
                stage=group.stage,
                award_key=key if is_award else personal_key(claim.person_key, key),
                credential_id=award.credential_id,
                issuer_id=award.issuer_id,
                achievement_id=award.achievement_id,
                item=award.item,
                title=award.title,
                awarded_on=award.awarded or decision.decided_on,
                bucket=BUCKETS.join(group.buckets),
                shares=group.buckets,
                units=group.units,
            )
    last = max((each.number for each in decision.groups), default=0)
    for number, each in enumerate(decision.attended, start=last + 1):
        key = f"{each.event}:{each.item}:{each.on.isoformat()}"
        yield replace(
            _line(decision, claim, number),
            stage=attendance_stage(each.event),
            award_key=personal_key(claim.person_key, key),
            item=each.item,
            title=each.event,
            awarded_on=each.on,
            bucket=each.bucket,
            shares={each.bucket: each.units},
            units=each.units,
        )


def _line(decision: Decision, claim: Claim, group: int) -> Line:
    return Line(
        id=str(uuid.uuid4()),
        organisation=decision.organisation,
        purpose=decision.purpose,
        stage="",
        award_key="",
        credential_id="",
        title="",
        awarded_on=decision.decided_on,
        person=claim.person,
        person_key=claim.person_key,
        cycle_from=decision.cycle_from,
        cycle_until=decision.cycle_until,
        decision=decision.id,
        group=group,
        bucket="",
        units=Decimal(0),
        unit=decision.unit,
        value=decision.value,
        used_at=decision.decided_at,
    )


def _write(
    office: Office,
    claim: Claim,
    decision: Decision,
    document: bytes,
    lines: tuple[Line, ...],
    *,
    known: set[str],
    now: datetime,
) -> None:
    """Write a decision and everything that follows from it, or nothing."""
    with office.db.transaction() as session:
        ledger_rows.wait_for_turn(session, claim.organisation)
        fresh = claims.found(rows.get(session, claim.id, locked=True), claim.organisation)
        require(fresh, ClaimState.REFUSED if decision.outcome == REFUSED else ClaimState.USED)
        if (fresh.state, fresh.decision, fresh.changed_at) != (claim.state, claim.decision, claim.changed_at):
            raise ClaimChangedError(
                "Somebody else has just worked on this claim. Nothing was decided; look at it again."
            )
        if decision.corrects is not None:
            note = f"Replaced by the decision {decision.id}."
            ledger_rows.replace_lines(session, decision.corrects, note=note, now=now)
        _require_free(session, decision, lines, known)
        decision_rows.add(session, decision, document=document)
        if not ledger_rows.add(session, lines):
            raise _taken("One of its awards")
        state = ClaimState.REFUSED if decision.outcome == REFUSED else ClaimState.APPROVED
        state = ClaimState.USED if lines else state
        rows.change(session, claim.id, now=now, state=state, decision=decision.id)
        action = "claim.corrected" if decision.corrects else f"claim.{state}"
        claims.record(session, action, claim, actor=decision.decided_by, now=now, decision=decision.id)
        claim_letters.answered(session, claim, decision, now=now)
    office.ring(JOB)
    office.ring("mail")


def _require_free(session: Any, decision: Decision, lines: tuple[Line, ...], known: set[str]) -> None:
    """Refuse to count an award that is counted already under one of the ids that this house knows."""
    keys = {each.award_key for each in lines} | (known if lines else set())
    stages = {each.stage for each in lines}
    counted = ledger_rows.counted(session, decision.organisation, keys, purpose=decision.purpose)
    used = next((each for each in counted if each.stage in stages), None)
    if used is not None:
        raise _taken(f"“{used.title}”")


def _taken(what: str) -> AlreadyUsedError:
    return AlreadyUsedError(
        f"{what} was counted a moment ago at another desk, for this purpose. Nothing was decided here; look "
        "at the claim again."
    )


def _did(office: Office, organisation: str) -> str:
    found = office.sign.issuer(organisation) if office.sign is not None else None
    return str(found.get("id", "")) if found is not None else ""


def _text(typed: str, name: str, most: int, *, wanted: bool) -> str:
    said = typed.replace("\r\n", "\n").strip()
    if wanted and not said:
        raise RecognitionFieldError(
            "Write a reason: the educator reads it." if name == "reason" else "Write what you need.",
            path=name,
        )
    if len(said) > most:
        raise RecognitionFieldError(f"Write up to {most:,} characters.", path=name)
    return said
