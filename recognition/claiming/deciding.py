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

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from recognition.claiming import claim_letters, claim_making, claims, free_text, settling
from recognition.claiming.claim_states import MESSAGE_CHARS, MESSAGES, Claim, ClaimState, Message, require
from recognition.claiming.decision import REFUSED, Decision
from recognition.claiming.ledger_line import Line
from recognition.claiming.proposal import Proposal, propose
from recognition.claiming.settling import Adjustments, Settled
from recognition.claiming.writing_out import decision_of, lines_of
from recognition.errors import (
    AlreadyUsedError,
    ClaimChangedError,
    ClaimStateError,
    PolicyNotInForceError,
    RecognitionFieldError,
)
from recognition.judging.award import Brought, award_key
from recognition.office import Office
from recognition.stating import decision_document, issuing
from recognition.store import claims as rows
from recognition.store import decisions as decision_rows
from recognition.store import ledger as ledger_rows
from service.accounts import organisations
from verifier.errors import DecisionFormError

REASON_CHARS: Final = 2_000  # characters
_REASON: Final = "Write a reason: the educator reads it."
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
    reason = free_text.read(reason, "reason", REASON_CHARS, wanted=_REASON if wants_reason else "")
    outcome = settling.outcome_of(proposal.answer, settled)
    name, did = _recognizer(office, organisation)
    decision = decision_of(proposal, settled, outcome, recognizer=name, reason=reason, actor=actor, now=now)
    document = decision_document.compose(
        _as_published(office, decision),
        policy=proposal.policy,
        public_url=office.public_url,
        organisation_id=did,
    )
    _require_readable(document)
    lines = tuple(lines_of(decision, claim))
    claims.note_keys(office, claim, proposal.brought)
    known = {key for each in proposal.brought for key in _other_keys(office, each)}
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
    reason = free_text.read(reason, "reason", REASON_CHARS, wanted=_REASON)
    proposal = propose(office, claim, now=now, without=claim.decision)
    none = Settled((), ())
    name, _ = _recognizer(office, organisation)
    decision = decision_of(proposal, none, REFUSED, recognizer=name, reason=reason, actor=actor, now=now)
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
    message = free_text.read(message, "message", MESSAGE_CHARS, wanted="Write what you need.")
    with office.db.transaction() as session:
        claim = claims.found(rows.get(session, id, locked=True), organisation)
        require(claim, ClaimState.NEEDS_MORE)
        if len(claim.messages) >= MESSAGES:
            raise ClaimStateError("Much was written to and fro already. Decide it, or speak to each other.")
        said = (*claim.messages, Message("recognizer", now, message))
        rows.change(session, id, now=now, state=ClaimState.NEEDS_MORE, messages=said)
        claim_making.record(session, "claim.asked-for-more", claim, actor=actor, now=now)
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
            issuing.withdraw_decision(office, decision.corrects, note, now=now, actor=decision.decided_by)
        _require_free(session, decision, lines, known)
        decision_rows.add(session, decision, document=document)
        if not ledger_rows.add(session, lines):
            raise _taken("One of its awards")
        state = ClaimState.REFUSED if decision.outcome == REFUSED else ClaimState.APPROVED
        state = ClaimState.USED if lines else state
        rows.change(session, claim.id, now=now, state=state, decision=decision.id)
        action = "claim.corrected" if decision.corrects else f"claim.{state}"
        claim_making.record(session, action, claim, actor=decision.decided_by, now=now, decision=decision.id)
        claim_letters.answered(session, claim, decision, now=now)
    office.ring(issuing.JOB)
    office.ring("mail")


def _require_readable(document: bytes) -> None:
    """Refuse to publish what our own pages and verifiers elsewhere could not read.

    Raises:
        RecognitionFieldError: Some name in it is too long, or holds what nobody sees.
    """
    try:
        decision_document.read(document)
    except DecisionFormError as error:
        raise RecognitionFieldError(
            f"The decision could not be published as it is: {error.message} Nothing was decided.", path=""
        ) from error


def _other_keys(office: Office, brought: Brought) -> tuple[str, ...]:
    """Return the keys of the same award under other ids that this house knows, also of one that expired."""
    if brought.award is not None:
        return brought.award.also
    report = brought.report
    if report is None or report.summary is None or not settling.key_of(brought):
        return ()
    return tuple(award_key(report.issuer.id, id) for id in office.same(report.summary.id or ""))


def _require_free(session: Any, decision: Decision, lines: tuple[Line, ...], known: set[str]) -> None:
    """Refuse to count an award that is counted already under one of the ids that this house knows."""
    keys = {each.award_key for each in lines} | (known if lines else set())
    stages = {each.stage for each in lines}
    links = {each.credential_id for each in lines if each.credential_id}
    counted = ledger_rows.counted(
        session, decision.organisation, keys, purpose=decision.purpose, credential_ids=links
    )
    used = next((each for each in counted if each.stage in stages), None)
    if used is not None:
        raise _taken(f"“{used.title}”")


def _taken(what: str) -> AlreadyUsedError:
    return AlreadyUsedError(
        f"{what} was counted a moment ago at another desk, for this purpose. Nothing was decided here; look "
        "at the claim again."
    )


def _as_published(office: Office, decision: Decision) -> Decision:
    """Return a decision without the name of one that nobody publishes: a refusal is a matter of two."""
    if decision.corrects is None:
        return decision
    with office.db.reading() as session:
        old = decision_rows.get(session, decision.corrects)
    return decision if old is not None and old.document else replace(decision, corrects=None)


def _recognizer(office: Office, organisation: str) -> tuple[str, str]:
    """Return name and DID of an organisation; without keys it has none."""
    with office.db.reading() as session:
        name = organisations.get(session, organisation).name
    found = office.sign.issuer(organisation) if office.sign is not None else None
    return name, str(found.get("id", "")) if found is not None else ""
