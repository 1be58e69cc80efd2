# SPDX-License-Identifier: Apache-2.0
"""The proposal for a claim: everything verified anew and judged by the policy, at the moment somebody looks.

Nothing of it is kept. What was asked is the claim; what was found is found again each time, so that an award
that was withdrawn an hour ago is never counted by an answer of yesterday. ``digest`` tells whether what is
about to be approved is what was on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from recognition.adopting import shelf
from recognition.attesting import attestations
from recognition.claiming import claim_facts, ledger, settling, shown_digest
from recognition.claiming.claim_states import Claim, ClaimAward
from recognition.errors import NoSuchPolicyError
from recognition.judging import bringing
from recognition.judging.answer import Answer
from recognition.judging.award import Brought
from recognition.judging.facts import Facts
from recognition.judging.judge import judge
from recognition.office import Office
from recognition.rule.days import day_of
from recognition.rule.policy import Policy
from service.accounts import people
from service.errors import NoSuchPersonError
from verifier.desk import Desk
from verifier.errors import NoSuchIssuerListError


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a policy says of a claim now.

    Attributes:
        brought: The claim's credentials as the verifier found them, in their order.
        facts: The person's, with the recognizer's own attestations and ledger.
        digest: Of everything that decides (``shown_digest.shown``).
        may_approve: Whether the policy may lead to an approval.
        owned: Positions of awards that this house itself gave to the account that claims.
    """

    claim: Claim
    policy: Policy
    brought: tuple[Brought, ...]
    facts: Facts
    answer: Answer
    digest: str
    may_approve: bool
    owned: frozenset[int] = frozenset()


def propose(office: Office, claim: Claim, *, now: datetime, without: str | None = None) -> Proposal:
    """Return what the claim's policy says of it now.

    Args:
        office: The opened room.
        claim: What is asked.
        now: The moment of verification.
        without: Id of a decision whose lines in the ledger are left out, because it is about to be replaced.

    Raises:
        NoSuchPolicyError: The organisation does not decide by this policy.
    """
    owned = frozenset(each.position for each in claim.awards if is_owned(office, claim, each))
    brought = bring(office, claim, owned, now=now)
    policy = policy_for(office, claim, brought, now=now)
    facts = facts_of(office, claim, policy, brought, now=now, without=without)
    trust = shelf.trust(office, claim.organisation)
    answer = judge(policy, brought, facts, trust=trust, now=now)
    return Proposal(
        claim=claim,
        policy=policy,
        brought=brought,
        facts=facts,
        answer=answer,
        digest=shown_digest.shown(answer, brought),
        may_approve=shelf.may_approve(policy, office.settings),
        owned=owned,
    )


def bring(office: Office, claim: Claim, owned: frozenset[int], *, now: datetime) -> tuple[Brought, ...]:
    """Verify the credentials of a claim; each is compared with the person's address, but for one's own."""
    found: dict[int, Brought] = {}
    address, desk = address_of(office, claim), _desk(office, claim.organisation)
    for is_own in (True, False):
        some = [each for each in claim.awards if (each.position in owned) is is_own]
        if some:
            things = [bringing.Thing(each.url, each.body) for each in some]
            recipient = None if is_own else address
            made = bringing.bring(desk, things, now=now, recipient=recipient, same=office.same)
            found |= {each.position: one for each, one in zip(some, made, strict=True)}
    return tuple(found[each.position] for each in claim.awards)


def _desk(office: Office, organisation: str) -> Desk:
    """Return the verifier's desk for a reader who relies on the organisation's own list, if it has one."""
    desk = office.bureau.desk
    try:
        return desk.against(organisation)
    except NoSuchIssuerListError:
        return desk


def address_of(office: Office, claim: Claim) -> str:
    """Return the address that awards are compared with: as the account has it, or as it was typed."""
    if claim.person is not None:
        try:
            with office.db.reading() as session:
                return people.get(session, claim.person).email
        except NoSuchPersonError:
            pass
    return claim.address or claim.person_key


def is_owned(office: Office, claim: Claim, award: ClaimAward) -> bool:
    """Tell whether this house gave the award to the account that claims, whatever its address is today."""
    return claim.person is not None and award.body is None and office.owner(award.url) == claim.person


def claimed_on(claim: Claim, policy: Policy, now: datetime) -> date:
    """Return the claim date in the recognizer's zone: the day on which it was sent, or today."""
    return day_of(claim.submitted_at or now, policy.timezone)


def policy_for(office: Office, claim: Claim, brought: Sequence[Brought], *, now: datetime) -> Policy:
    """Return the version of the claim's policy that rules, by the claim date and the newest award's day.

    Raises:
        NoSuchPolicyError: The organisation does not decide by it.
    """
    newest = adopted(office, claim.organisation, claim.policy)
    claimed = claimed_on(claim, newest, now)
    days = [day_of(each.awarded, newest.timezone) for each in settling.awards_of(brought)]
    found = shelf.version_for(
        office,
        claim.policy,
        awarded=max(days, default=claimed),
        claimed=claimed,
        organisation=claim.organisation,
    )
    return newest if found is None else found.policy


def adopted(office: Office, organisation: str, policy: str) -> Policy:
    """Return the newest version of a policy by which the organisation decides.

    Raises:
        NoSuchPolicyError: It decides by no such policy.
    """
    for each in shelf.adopted(office, organisation):
        if each.policy.id == policy:
            return each.policy
    raise NoSuchPolicyError("This organisation does not decide by such a policy.", got=policy[:80])


def facts_of(
    office: Office,
    claim: Claim,
    policy: Policy,
    brought: Iterable[Brought],
    *,
    now: datetime,
    without: str | None = None,
) -> Facts:
    """Return what the person said, with the recognizer's own attestations and ledger."""
    awards = settling.awards_of(brought)
    said = claim_facts.read(claim.facts, as_of=claimed_on(claim, policy, now))
    return replace(
        said,
        purpose=claim.purpose,
        attestations=attestations.of_person(
            office, claim.organisation, claim.person_key, person=claim.person
        ),
        used=ledger.lines(
            office,
            claim.organisation,
            person_key=claim.person_key,
            person=claim.person,
            awards=awards,
            zone=policy.timezone,
            without=without,
        ),
    )
