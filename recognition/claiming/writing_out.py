# SPDX-License-Identifier: Apache-2.0
"""Writing out a decision, and the lines of the ledger that it makes. Only values in and out.

Everything that was judged stands in it, also what was not counted, as it was found at that moment.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from recognition.claiming import claim_facts, settling, shown_digest
from recognition.claiming.claim_states import Claim
from recognition.claiming.decision import REFUSED, DecidedAward, Decision
from recognition.claiming.ledger_line import BUCKETS, Line, personal_key
from recognition.claiming.proposal import Proposal
from recognition.claiming.settling import Settled
from recognition.judging.answer import Judged
from recognition.judging.award import Brought
from recognition.judging.facts import attendance_stage
from recognition.rule.days import day_of
from recognition.rule.policy import AWARDED_STAGE


def decision_of(
    proposal: Proposal,
    settled: Settled,
    outcome: str,
    *,
    recognizer: str,
    reason: str,
    actor: str,
    now: datetime,
) -> Decision:
    """Return the decision that grants ``settled`` of ``proposal``, or nothing if ``outcome`` is a refusal."""
    claim, policy, answer = proposal.claim, proposal.policy, proposal.answer
    is_refusal = outcome == REFUSED
    is_as_ruled = not settled.changes and not is_refusal
    return Decision(
        id=str(uuid.uuid4()),
        organisation=claim.organisation,
        recognizer=recognizer,
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
        units=Decimal(0) if is_refusal else settling.total(settled),
        unit=policy.unit.id,
        unit_name=policy.unit.name,
        converted=answer.converted if is_as_ruled else None,
        converted_to=policy.convert.to if policy.convert is not None else "",
        remainder=answer.remainder if is_as_ruled else None,
        awards=tuple(_awards(proposal, settled)),
        groups=settled.groups,
        attended=() if is_refusal else settled.attended,
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
        yield _award(judged, brought, groups, proposal.policy.timezone)


def _award(
    judged: Judged, brought: Brought | None, groups: dict[tuple[str, str], int], zone: str
) -> DecidedAward:
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
        awarded=judged.awarded or _awarded(brought, zone),
        sha256=shown_digest.sha256_of(brought),
        verdict=str(brought.verdict) if brought is not None else "",
        verified_at=report.verified_at if report is not None else None,
        status_as_of=report.status_as_of if report is not None else None,
        outcome=judged.outcome,
        sentence=judged.sentence,
        rule=judged.rule,
        group=groups.get((judged.stage, key)),
        **({"media_type": award.media_type} if award is not None else {}),
    )


def _awarded(brought: Brought | None, zone: str) -> date | None:
    """Return the day of an award in the recognizer's zone, in which days are compared."""
    report = brought.report if brought is not None else None
    if report is None or not report.is_authentic or report.summary is None:
        return None
    moment = report.summary.awarded_on or report.summary.valid_from
    return None if moment is None else day_of(moment, zone)


def _value(proposal: Proposal) -> str:
    """Return the value of the fact by which a cap of the policy counts, or ""."""
    for cap in proposal.policy.caps:
        given = proposal.facts.values.get(cap.per, ())
        if cap.per not in ("cycle", "ever") and given:
            return given[0]
    return ""


def lines_of(decision: Decision, claim: Claim) -> Iterable[Line]:
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
