# SPDX-License-Identifier: Apache-2.0
"""Which PD certificate can follow an award: the hours are a rule's, and the rule must accept the award."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from recognition.adopting import shelf
from recognition.errors import CertificateRefusedError
from recognition.judging.award import Award
from recognition.office import Office
from recognition.rule.policy import Policy, Status
from recognition.rule.units import say
from service import zones

PD_CERTIFICATE: Final = "pd-certificate"  # what a grant's ``then`` issues


@dataclass(frozen=True, slots=True)
class Offer:
    """The PD certificate that could follow an award, and by which rule."""

    hours: Decimal
    policy: Policy

    @property
    def words(self) -> str:
        """The hours in words, with the unit's place."""
        return say(self.hours, self.policy.unit)

    @property
    def is_example(self) -> bool:
        """Whether an example rule says so, as the certificate then tells."""
        return self.policy.status is Status.EXAMPLE


def offer(office: Office, organisation: str, award: Award, *, now: datetime) -> Offer:
    """Return the PD certificate that a rule of the organisation gives for an award.

    Raises:
        CertificateRefusedError: No rule gives one, or not for this award.
    """
    trust = shelf.trust(office, organisation)
    why = "No rule that this organisation has adopted gives a PD certificate."
    for adopted in shelf.adopted(office, organisation):
        today = zones.local(now, adopted.policy.timezone).date()
        awarded = zones.local(award.awarded, adopted.policy.timezone).date()
        ruling = shelf.version_for(
            office, adopted.policy.id, awarded=awarded, claimed=today, organisation=organisation
        )
        if ruling is None:
            continue
        hours = _hours(ruling.policy)
        if hours is None:
            continue
        if not shelf.may_approve(ruling.policy, office.settings):
            why = f"The rule “{ruling.policy.title}” is {ruling.policy.status}, so nothing is issued by it."
            continue
        refused = _refused(ruling.policy, award, trust.accepts(ruling.policy.accept.issuers, award.issuer_id))
        if not refused:
            return Offer(hours, ruling.policy)
        why = refused
    raise CertificateRefusedError(why)


def _hours(policy: Policy) -> Decimal | None:
    """Return the hours of the PD certificate that a rule gives for a single award, or None."""
    for grant in policy.grants:
        if grant.then is not None and grant.then.issue == PD_CERTIFICATE and grant.take == 1:
            return grant.then.amount
    return None


def _refused(policy: Policy, award: Award, is_accepted_issuer: bool) -> str:
    """Return why the rule does not accept an award, or ""."""
    accept, title = policy.accept, policy.title
    if not is_accepted_issuer:
        return f"It is genuine, but not from an issuer that the rule “{title}” accepts."
    if award.kind not in accept.kinds:
        return f"It is genuine, but not of a kind that the rule “{title}” accepts."
    if set(award.stacks) & set(accept.not_stacks):
        return f"Its stack is one that the rule “{title}” leaves out."
    if accept.stacks and not set(award.stacks) & set(accept.stacks):
        return f"Its stack is none that the rule “{title}” accepts."
    if accept.items and not {award.code, award.achievement_id} & set(accept.items):
        return f"The rule “{title}” does not accept this micro-credential."
    return ""
