# SPDX-License-Identifier: Apache-2.0
"""The letters about claims: received, declined (to recognizers); entered, answered, needs more.

They carry the sentence of the outcome and a link. What a person said, a reason, a message and feedback stay
on the pages behind the link. Recognizers get a few on one day; all claims stand in the inbox.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from recognition.claiming.claim_states import Claim, Message
from recognition.claiming.decision import REFUSED, Decision
from recognition.judging.answer import GRANTED
from recognition.rule.policy import Unit
from recognition.rule.units import say
from service import mail
from service.accounts import organisations, people
from service.accounts.people import Person, Role
from service.errors import NoSuchOrganisationError, NoSuchPersonError
from service.mail import Letter

RECEIVED: Final = "claim-received"
ANSWERED: Final = "claim-answered"
NEEDS_MORE: Final = "claim-needs-more"
ENTERED: Final = "claim-entered"
DECLINED: Final = "claim-declined"
A_DAY: Final = 5  # letters about claims to one recognizer within a day


def received(session: Any, claim: Claim, *, now: datetime) -> int:
    """Tell the recognizers of the organisation that a claim came in; return how many letters were written."""
    written = 0
    since = now - timedelta(days=1)
    for reader in people.every_with(session, Role.RECOGNIZER, claim.organisation):
        if mail.posted_since(session, reader.email, since=since, kinds=(RECEIVED,)) >= A_DAY:
            continue
        letter = Letter(
            kind=RECEIVED,
            to=reader.email,
            name=reader.name,
            person=reader.id,
            subject=f"A claim has come in for {organisation_name(session, claim.organisation)}",
            template=f"recognition/mail/{RECEIVED}",
            values={
                "organisation": organisation_name(session, claim.organisation),
                "number": len(claim.awards),
                "is_answer": _is_answer(claim.messages),
                "path": f"/recognizer/{claim.organisation}/claims/{claim.id}",
            },
            thread=_thread(claim),
        )
        key = f"{RECEIVED}:{claim.id}:{len(claim.messages)}:{reader.id}"
        written += int(mail.post(session, letter, key=key, now=now))
    return written


def entered(session: Any, claim: Claim, *, now: datetime) -> bool:
    """Tell the person for whom a recognizer entered a claim; with an account it waits for their consent."""
    address, since = claim.address or claim.person_key, now - timedelta(days=1)
    if mail.posted_since(session, address, since=since, kinds=(ENTERED,)) >= A_DAY:
        return False
    name = organisation_name(session, claim.organisation)
    return _to_educator(
        session,
        claim,
        ENTERED,
        subject=f"{name} has entered a claim for you",
        values={"organisation": name, "number": len(claim.awards), "at": now},
        key=f"{ENTERED}:{claim.id}",
        now=now,
    )


def declined(session: Any, claim: Claim, *, now: datetime) -> bool:
    """Tell whoever entered a claim that its educator does not agree; it says no name."""
    try:
        reader = people.get(session, claim.entered_by.removeprefix("person:"))
    except NoSuchPersonError:
        return False
    letter = Letter(
        kind=DECLINED,
        to=reader.email,
        name=reader.name,
        person=reader.id,
        subject="A claim that you entered was declined",
        template=f"recognition/mail/{DECLINED}",
        values={
            "organisation": organisation_name(session, claim.organisation),
            "number": len(claim.awards),
            "entered_at": claim.created_at,
            "path": f"/recognizer/{claim.organisation}",
        },
        thread=_thread(claim),
    )
    return mail.post(session, letter, key=f"{DECLINED}:{claim.id}", now=now)


def answered(session: Any, claim: Claim, decision: Decision, *, now: datetime) -> bool:
    """Tell the educator what was decided: how much, and where the reasons stand."""
    name = organisation_name(session, claim.organisation)
    return _to_educator(
        session,
        claim,
        ANSWERED,
        subject=f"{name} answered: {short(decision)}",
        values={
            "organisation": name,
            "short": short(decision),
            "refused": decision.outcome == REFUSED,
            "corrects": decision.corrects is not None,
            "example": decision.is_example,
            "at": now,
        },
        key=f"{ANSWERED}:{decision.id}",
        now=now,
    )


def asked(session: Any, claim: Claim, *, now: datetime) -> bool:
    """Tell the educator that the recognizer asks for more; what it is stands on the page."""
    name = organisation_name(session, claim.organisation)
    return _to_educator(
        session,
        claim,
        NEEDS_MORE,
        subject=f"{name} asks about your claim",
        values={"organisation": name},
        key=f"{NEEDS_MORE}:{claim.id}:{len(claim.messages)}",
        now=now,
    )


def short(decision: Decision) -> str:
    """Return the outcome in a few words: ``10 professional development points (Massachusetts) granted``."""
    if decision.outcome == GRANTED:
        return f"{amount(decision, decision.units)} granted"
    if decision.outcome == REFUSED:
        return "not granted"
    return {
        "supporting-document": "accepted as a supporting document",
        "learning-only": "for your learning, without units",
        "ask-local": "a matter for your local agreement",
    }.get(decision.outcome, "decided")


def amount(decision: Decision, units: Decimal) -> str:
    """Return units of a decision in words, with their place."""
    return say(units, Unit(decision.unit, decision.unit_name))


def organisation_name(session: Any, slug: str) -> str:
    """Return the name of an organisation; its slug, if it is not there any more."""
    try:
        return organisations.get(session, slug).name
    except NoSuchOrganisationError:
        return slug


def _to_educator(
    session: Any, claim: Claim, kind: str, *, subject: str, values: dict[str, Any], key: str, now: datetime
) -> bool:
    person = _account(session, claim)
    letter = Letter(
        kind=kind,
        to=person.email if person is not None else claim.person_key,
        name=person.name if person is not None else claim.person_name,
        person=person.id if person is not None else None,
        subject=subject,
        template=f"recognition/mail/{kind}",
        values={
            **values,
            "path": f"/claims/{claim.id}" if person is not None else "",
            "entered": claim.is_entered,
            "agreed": claim.is_entered and claim.person is not None,
        },
        thread=_thread(claim),
    )
    return mail.post(session, letter, key=key, now=now)


def _account(session: Any, claim: Claim) -> Person | None:
    """Return the account of a claim: its own, or the one whose confirmed address it was entered for."""
    if claim.person is not None:
        try:
            return people.get(session, claim.person)
        except NoSuchPersonError:
            return None
    return account_at(session, claim.person_key)


def account_at(session: Any, address: str) -> Person | None:
    """Return the account that has confirmed an address, or None."""
    found = people.find_by_email(session, address)
    return found if found is not None and found.confirmed_at is not None else None


def _is_answer(messages: tuple[Message, ...]) -> bool:
    return bool(messages) and messages[-1].by == "educator"


def _thread(claim: Claim) -> str:
    return f"claim:{claim.id}"
