# SPDX-License-Identifier: Apache-2.0
"""Claims: kept, sent with consent, taken back, answered; and entered by a recognizer for somebody else.

Rules kept here:

- Nothing leaves before its educator says so. Reserving keeps awards for one claim, so that the same award is
  not in two open claims of a person for one purpose; a recognizer never sees what is only reserved.
- No claim of mine is decided without me: only what was sent can be decided, and until then it can be taken
  back, as long as nobody has decided.
- A claim that a recognizer enters for somebody with an account waits until that person agrees. One for
  somebody without an account is seen by whoever confirms that address later. Both get a mail that says who
  entered it.
- Somebody else's claim is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from credentials.document import Json
from recognition.claiming import claim_facts, claim_letters, claim_making, free_text
from recognition.claiming.claim_states import (
    AWARDS,
    MESSAGE_CHARS,
    MESSAGES,
    SEEN,
    Claim,
    ClaimState,
    Message,
    require,
)
from recognition.claiming.decision import Decision
from recognition.claiming.proposal import adopted
from recognition.errors import ClaimStateError, NoSuchClaimError, RecognitionFieldError
from recognition.judging.award import Brought
from recognition.judging.facts import Facts
from recognition.office import Office
from recognition.stating import issuing
from recognition.store import claims as rows
from recognition.store import decisions as decision_rows
from recognition.store import statements as statement_rows
from recognition.store.statements import Statement
from service.accounts import fields
from service.accounts.people import Person

FILES_BYTES: Final = 5_242_880  # bytes of all files of one claim (5 MiB); a credential has 56 KB


@dataclass(frozen=True, slots=True)
class Brings:
    """What is claimed: a link, or a file with its name and bytes."""

    url: str
    body: bytes | None = None


def reserve(
    office: Office,
    *,
    person: Person,
    organisation: str,
    policy: str,
    links: Sequence[str],
    facts: Facts,
    now: datetime,
) -> Claim:
    """Keep awards for a claim that is not sent yet; only its educator sees it.

    Raises:
        NoSuchPolicyError: The organisation decides by no such policy.
        RecognitionFieldError: There are no links, too many, or something that is none.
        ClaimReservedError: An open claim of this person keeps one of the awards for the same purpose.
    """
    newest = adopted(office, organisation, policy)
    claim = claim_making.new(
        organisation=organisation,
        policy=newest.id,
        facts=replace(facts, purpose=facts.purpose or newest.purpose),
        awards=claim_making.read_links(links),
        person=person.id,
        address=person.email,
        name=person.name,
        state=ClaimState.RESERVED,
        actor=f"person:{person.id}",
        now=now,
    )
    return claim_making.add(office, claim, now=now)


def enter(
    office: Office,
    organisation: str,
    *,
    name: str,
    email: str,
    policy: str,
    brings: Sequence[Brings],
    facts: Facts,
    actor: str,
    now: datetime,
) -> Claim:
    """Take in a claim that somebody brought by link or file.

    It waits to be decided; if a confirmed account has the address, it waits for its owner to agree before.

    Raises:
        NoSuchPolicyError: The organisation decides by no such policy.
        RecognitionFieldError: Name or address does not fit, or nothing was brought.
        ClaimReservedError: An open claim of this person keeps one of the awards for the same purpose.
    """
    newest = adopted(office, organisation, policy)
    address, name = claim_making.read_person(email, name)
    links = [each.url for each in brings if each.body is None]
    if sum(len(each.body or b"") for each in brings) > FILES_BYTES:
        raise RecognitionFieldError(f"All files together have up to {FILES_BYTES:,} bytes.", path="file")
    files = [
        one for each in brings if each.body is not None for one in claim_making.opened(each.url, each.body)
    ]
    awards = (*claim_making.read_links(links, may_be_empty=bool(files)), *files)
    with office.db.reading() as session:
        is_known = claim_letters.account_at(session, address) is not None
    claim = claim_making.new(
        organisation=organisation,
        policy=newest.id,
        facts=replace(facts, purpose=facts.purpose or newest.purpose),
        awards=tuple(replace(each, position=at) for at, each in enumerate(awards)),
        person=None,
        address=address,
        name=name,
        state=ClaimState.ENTERED if is_known else ClaimState.SUBMITTED,
        actor=actor,
        now=now,
    )
    claim = claim_making.add(office, replace(claim, submitted_at=None if is_known else now), now=now)
    office.ring("mail")
    return claim


def submit(
    office: Office, id: str, *, person: Person, agrees: bool, identifier: str = "", now: datetime
) -> Claim:
    """Send a reserved claim to its recognizer, or agree to one that the recognizer entered.

    Args:
        office: The opened room.
        id: The claim.
        person: Whose it is.
        agrees: Whether the person said yes to what the page showed: what goes to whom.
        identifier: The number that the policy wants a claim to carry, as typed.
        now: When.

    Raises:
        NoSuchClaimError: It is no claim of this person.
        ClaimStateError: It was sent or taken back already.
        RecognitionFieldError: The person did not agree, or the number does not fit.
    """
    claim = own(office, id, person=person)
    require(claim, ClaimState.SUBMITTED)
    policy = adopted(office, claim.organisation, claim.policy)
    number = claim_facts.identifier(policy.who.identifier, identifier)
    if not agrees:
        raise RecognitionFieldError("Tick that this may be sent. Nothing has left yet.", path="agrees")
    with office.db.transaction() as session:
        claim = _own(rows.get(session, id, locked=True), person)
        require(claim, ClaimState.SUBMITTED)
        facts: dict[str, Json] = dict(claim.facts)
        if number:
            facts["identifiers"] = dict(number)
        action = "claim.agreed" if claim.state is ClaimState.ENTERED else "claim.submitted"
        claim = replace(
            claim,
            state=ClaimState.SUBMITTED,
            submitted_at=now,
            changed_at=now,
            facts=facts,
            person=person.id,
        )
        rows.change(session, id, now=now, state=claim.state, submitted_at=now, facts=facts, person=person.id)
        claim_making.record(session, action, claim, actor=f"person:{person.id}", now=now)
        claim_letters.received(session, claim, now=now)
    office.ring("mail")
    return claim


def take_back(office: Office, id: str, *, person: Person, now: datetime) -> Claim | None:
    """Undo a claim that nobody has decided; None: it had not left, so nothing of it stays.

    Raises:
        NoSuchClaimError: It is no claim of this person.
        ClaimStateError: Somebody has decided it.
    """
    with office.db.transaction() as session:
        claim = _own(rows.get(session, id, locked=True), person)
        require(claim, ClaimState.WITHDRAWN)
        is_declined = claim.state is ClaimState.ENTERED
        action = "claim.declined" if is_declined else "claim.withdrawn"
        claim_making.record(session, action, claim, actor=f"person:{person.id}", now=now)
        if is_declined:
            claim_letters.declined(session, claim, now=now)
        if claim.state is ClaimState.RESERVED:
            rows.drop(session, id)
            return None
        rows.change(session, id, now=now, state=ClaimState.WITHDRAWN)
    office.ring("mail")
    return replace(claim, state=ClaimState.WITHDRAWN, changed_at=now)


def answer(
    office: Office, id: str, *, person: Person, message: str, links: Sequence[str] = (), now: datetime
) -> Claim:
    """Answer a recognizer who asked for more; the claim waits for a decision again.

    Raises:
        NoSuchClaimError: It is no claim of this person.
        ClaimStateError: Nobody asked, or much was said already.
        ClaimReservedError: Another open claim keeps one of the further awards.
        RecognitionFieldError: There is no message, or a link is none.
    """
    claim = own(office, id, person=person)
    if claim.state is not ClaimState.NEEDS_MORE:
        raise ClaimStateError(
            f"This claim is {claim.words}, and nobody asked for more.", got=str(claim.state)
        )
    text = free_text.read(
        message, "message", MESSAGE_CHARS, wanted=f"Write an answer of up to {MESSAGE_CHARS:,} characters."
    )
    known = {each.url for each in claim.awards}
    further = [each for each in claim_making.read_links(links, may_be_empty=True) if each.url not in known]
    further = [replace(each, position=len(claim.awards) + at) for at, each in enumerate(further)]
    if len(claim.awards) + len(further) > AWARDS:
        raise RecognitionFieldError(f"A claim has up to {AWARDS} awards.", path="links")
    wider = claim_making.verified(office, replace(claim, awards=tuple(further)), now=now)
    with office.db.transaction() as session:
        claim = _own(rows.get(session, id, locked=True), person)
        require(claim, ClaimState.SUBMITTED)
        if len(claim.messages) >= MESSAGES:
            raise ClaimStateError("Much was written to and fro already. Speak to each other.")
        claim_making.require_free(session, replace(claim, awards=wider.awards))
        said = (*claim.messages, Message("educator", now, text))
        rows.add_awards(session, id, wider.awards)
        # Further awards are claimed on this day and not on that of the first ones.
        sent = now if further else claim.submitted_at
        rows.change(session, id, now=now, state=ClaimState.SUBMITTED, messages=said, submitted_at=sent)
        awards = (*claim.awards, *wider.awards)
        claim = replace(claim, state=ClaimState.SUBMITTED, messages=said, awards=awards, submitted_at=sent)
        claim_making.record(session, "claim.answered", claim, actor=f"person:{person.id}", now=now)
        claim_letters.received(session, claim, now=now)
    office.ring("mail")
    return claim


def mine(office: Office, person: Person) -> tuple[Claim, ...]:
    """Return the claims of a person, the newest first; also those that were entered for their address."""
    with office.db.reading() as session:
        return rows.of_person(session, person.id, _confirmed_key(person))


def own(office: Office, id: str, *, person: Person) -> Claim:
    """Return a claim of a person.

    Raises:
        NoSuchClaimError: There is none, or it is somebody else's.
    """
    with office.db.reading() as session:
        return _own(rows.get(session, id), person)


def of(office: Office, organisation: str, id: str) -> Claim:
    """Return a claim as its recognizer may see it.

    Raises:
        NoSuchClaimError: There is none, it is another organisation's, or it was not sent.
    """
    with office.db.reading() as session:
        return found(rows.get(session, id), organisation)


def found(claim: Claim | None, organisation: str) -> Claim:
    """Return ``claim`` if it is the organisation's.

    Raises:
        NoSuchClaimError: It is not, or there is none.
    """
    if claim is None or claim.organisation != organisation or claim.state not in SEEN:
        raise _unknown()
    return claim


def decisions(office: Office, claim: Claim) -> tuple[Decision, ...]:
    """Return the decisions about a claim, the newest first."""
    with office.db.reading() as session:
        return tuple(each.decision for each in decision_rows.of_claim(session, claim.id))


def statements(office: Office, claim: Claim) -> tuple[Statement, ...]:
    """Return what was signed about the newest decision of a claim, withdrawn or not."""
    if claim.decision is None:
        return ()
    with office.db.reading() as session:
        return statement_rows.of_decision(session, claim.decision)


def show(office: Office, id: str, *, person: Person, agrees: bool, now: datetime) -> None:
    """Let the recognitions of a claim stand beside their awards for everybody, or do so no more.

    Raises:
        NoSuchClaimError: It is no claim of this person.
    """
    with office.db.transaction() as session:
        claim = _own(rows.get(session, id, locked=True), person)
        rows.change(session, id, now=claim.changed_at, show_publicly=agrees)
        for each in statements(office, claim):
            if each.withdrawn_at is None and person.id in (each.person, office.owner(each.credential_id)):
                issuing.set_public(office, each.id, person.id, agrees, now=now)
        action = "claim.shown" if agrees else "claim.hidden"
        claim_making.record(session, action, claim, actor=f"person:{person.id}", now=now)


def note_keys(office: Office, claim: Claim, brought: Sequence[Brought]) -> None:
    """Write down the keys of awards that could not be verified before, so that they are kept by identity."""
    fresh = {
        award.position: key
        for award, one in zip(claim.awards, brought, strict=True)
        if not award.key and (key := claim_making.kept_key(one))
    }
    if fresh:
        with office.db.transaction() as session:
            rows.set_keys(session, claim.id, fresh)


def _own(claim: Claim | None, person: Person) -> Claim:
    if claim is None:
        raise _unknown()
    is_entered = claim.person is None and claim.person_key == _confirmed_key(person)
    if claim.person != person.id and not is_entered:
        raise _unknown()
    return claim


def _confirmed_key(person: Person) -> str:
    """Return the address under which claims were entered for a person; "" while it is not confirmed."""
    return fields.email_key(person.email) if person.confirmed_at is not None else ""


def _unknown() -> NoSuchClaimError:
    return NoSuchClaimError("There is no such claim here.")
