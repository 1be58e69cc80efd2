# SPDX-License-Identifier: Apache-2.0
"""What the making of every claim shares: what was typed is read, awards get their keys, and are kept once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from credentials.document import Json
from recognition import known_as
from recognition.claiming import claim_facts, claim_letters, settling
from recognition.claiming.claim_states import AWARDS, Claim, ClaimAward, ClaimState
from recognition.claiming.proposal import bring, is_owned
from recognition.errors import ClaimReservedError, ClaimStateError, RecognitionFieldError
from recognition.judging import bringing
from recognition.judging.award import Brought
from recognition.judging.facts import Facts
from recognition.office import Office
from recognition.store import claims as rows
from service import audit
from service.accounts import fields
from service.errors import AccountFieldError
from verifier import explain
from verifier.intake import Presented
from verifier.verdict import Verdict

OPEN_MAX: Final = 50  # claims of one person that nobody has decided
LINK_CHARS: Final = 2_048
NAME_CHARS: Final = 200  # characters of a file's name that are kept


def add(office: Office, claim: Claim, *, now: datetime) -> Claim:
    """Verify a new claim's awards, and write it if nothing else keeps them."""
    claim = verified(office, claim, now=now)
    with office.db.transaction() as session:
        if claim.person is not None and rows.count_open(session, claim.person) >= OPEN_MAX:
            raise ClaimStateError(f"Up to {OPEN_MAX} claims can be open. Take one back, or wait for answers.")
        require_free(session, claim)
        rows.add(session, claim)
        action = "claim.entered" if claim.person is None else "claim.reserved"
        record(session, action, claim, actor=claim.entered_by, now=now, awards=len(claim.awards))
        if claim.is_entered:
            claim_letters.entered(session, claim, now=now)
    return claim


def verified(office: Office, claim: Claim, *, now: datetime) -> Claim:
    """Return a claim whose awards have their keys, as far as they can be verified now."""
    if not claim.awards:
        return claim
    owned = frozenset(each.position for each in claim.awards if is_owned(office, claim, each))
    brought = bring(office, claim, owned, now=now)
    keys = [kept_key(each) for each in brought]
    awards = tuple(replace(each, key=key) for each, key in zip(claim.awards, keys, strict=True))
    return replace(claim, awards=awards)


def kept_key(brought: Brought) -> str:
    """Return the key under which a claim keeps an award; "" for one that is shown to be somebody else's."""
    return "" if brought.verdict is Verdict.WRONG_RECIPIENT else settling.key_of(brought)


def require_free(session: Any, claim: Claim) -> None:
    """Refuse an award that another open claim of this person keeps for the same purpose."""
    known = known_as.find(session, claim.person_key, claim.person)
    held = rows.holding(session, claim.organisation, claim.purpose, known)
    others = [award for id, award in held if id != claim.id]
    keys, urls = {each.key for each in others if each.key}, {each.url for each in others if each.body is None}
    for each in claim.awards:
        if (each.key and each.key in keys) or (each.body is None and each.url in urls):
            raise ClaimReservedError(
                "Another open claim keeps one of these awards for the same purpose. Take that claim back, or "
                "leave the award out here.",
                got=each.url,
                path="links",
            )


def new(
    *,
    organisation: str,
    policy: str,
    facts: Facts,
    awards: tuple[ClaimAward, ...],
    person: str | None,
    address: str,
    name: str,
    state: ClaimState,
    actor: str,
    now: datetime,
) -> Claim:
    """Return a claim that is not written yet.

    Raises:
        RecognitionFieldError: It has too many awards.
    """
    if len(awards) > AWARDS:
        raise RecognitionFieldError(f"A claim has up to {AWARDS} awards.", path="links")
    said: Mapping[str, Json] = claim_facts.to_json(facts)
    return Claim(
        id=str(uuid.uuid4()),
        organisation=organisation,
        policy=policy,
        purpose=str(said["purpose"]),
        person=person,
        person_key=fields.email_key(address),
        person_name=name,
        address=address,
        state=state,
        facts=said,
        awards=awards,
        entered_by=actor,
        created_at=now,
        changed_at=now,
    )


def read_links(links: Sequence[str], *, may_be_empty: bool = False) -> tuple[ClaimAward, ...]:
    """Return links as credentials of a claim, each once.

    Raises:
        RecognitionFieldError: There are none, or something is no link.
    """
    plain = tuple(dict.fromkeys(each.strip() for each in links if each.strip()))
    if not plain and not may_be_empty:
        raise RecognitionFieldError("Name at least one award.", path="links")
    for each in plain:
        if not each.startswith(("https://", "http://")) or len(each) > LINK_CHARS or not each.isprintable():
            raise RecognitionFieldError(
                "One link in each line; a link begins with https://.", path="links", got=each[:80]
            )
    return tuple(ClaimAward(at, each) for at, each in enumerate(plain))


def opened(name: str, body: bytes) -> Iterator[ClaimAward]:
    """Yield what a file holds: each credential or link by itself; what cannot be read stays the file it is.

    Links that merely stand somewhere in a document, and do not look like credentials, are left out.
    """
    for place, each in bringing.claims(
        bringing.Thing(explain.shown(name, max_chars=NAME_CHARS) or "a file", body)
    ):
        if each.presented is not None:
            yield ClaimAward(0, place[:LINK_CHARS], _own_bytes(each.presented))
        elif each.url is not None and not each.among:
            yield ClaimAward(0, each.url[:LINK_CHARS])
        elif each.trouble is not None:
            yield ClaimAward(0, place[:LINK_CHARS], body)


def _own_bytes(presented: Presented) -> bytes:
    """Return the credential without a picture around it."""
    if presented.jwt is not None:
        return presented.jwt.token.text.encode()
    return presented.document.raw


def read_person(email: str, name: str) -> tuple[str, str]:
    """Return address and name of somebody without an account, tidied.

    Raises:
        RecognitionFieldError: One of them does not fit.
    """
    try:
        return fields.checked("email", email), fields.checked("name", name)
    except AccountFieldError as error:
        sentence = error.message if error.path == "email" else "Write the name of whoever claims."
        raise RecognitionFieldError(sentence, path=error.path) from error


def record(
    session: Any, action: str, claim: Claim, *, actor: str, now: datetime, **detail: str | int | None
) -> None:
    """Write the audit line of a step; names, addresses and facts never stand there."""
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"claim:{claim.id}",
        detail={"organisation": claim.organisation, **detail},
        now=now,
    )
