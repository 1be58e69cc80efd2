# SPDX-License-Identifier: Apache-2.0
"""A house in which awards were counted, as rows: for those who look whether sources stand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import app
from issuer import issuance, revocation
from issuer.award import AwardState
from issuer.issuance import credential_url
from issuer.revocation import Reason
from issuer.store.credentials import StoredCredential
from recognition.claiming.claim_states import Claim, ClaimAward, ClaimState
from recognition.claiming.decision import DecidedAward, DecidedGroup, Decision
from recognition.claiming.ledger_line import Line, personal_key
from recognition.judging.award import award_key
from recognition.store import claims as claim_rows
from recognition.store import decisions as decision_rows
from recognition.store import ledger
from service import mail
from service.accounts import organisations
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from service.settings import Settings
from tests.issuer.house import NOW, lists_published, make_house, request
from tests.service.people import make_person

DISTRICT, EMAIL = "example-district", "alex.educator@school.example"
POLICY = "us-ma-renewal"
REVOKE = revocation.Decision(AwardState.REVOKED, Reason.EVIDENCE)
SUSPEND = revocation.Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW)
REINSTATE = revocation.Decision(AwardState.ISSUED, Reason.REVIEW_ENDED)


def make(folder: Path) -> Path:
    """Make a house with the sample programme, a district and its recognizer."""
    make_house(folder)
    with opened(folder) as house:
        with house.db.transaction() as session:
            there = Organisation(DISTRICT, "Exampleton School District", "district")
            organisations.put(session, there, actor="test", now=NOW)
        make_person(house.db, "ren@district.example", roles={Role.RECOGNIZER: DISTRICT}, now=NOW)
        make_person(house.db, EMAIL, name="Alex Educator", now=NOW)
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[app.House]:
    """Open the house for a while."""
    house = app.open_house(Settings(data=folder))
    try:
        yield house
    finally:
        house.jobs.close()
        house.db.close()


@dataclass(frozen=True)
class Counted:
    """A claim that was decided: its id, that of its decision, and the credentials that were counted."""

    claim: str
    decision: str
    found: tuple[StoredCredential, ...]


def issue(
    house: app.House, code: str = "SEL1", *, submission: str = "one", **fields: Any
) -> StoredCredential:
    """Award and issue one to the educator."""
    wanted = request(achievement=f"{code}-v1", submission=submission, email=EMAIL, **fields)
    written = issuance.award(house.mint, wanted, now=NOW)
    return issuance.issue(house.mint, written.award.key, now=NOW)


def decide(house: app.House, found: StoredCredential, wanted: revocation.Decision, *, now: Any = NOW) -> None:
    """Let the issuer take something back, or give it again."""
    revocation.decide(house.mint, found.key, wanted, now=now)
    lists_published(house.mint, now=now)


def count(
    house: app.House,
    found: Sequence[StoredCredential],
    *,
    units: str = "10",
    organisation: str = DISTRICT,
    purpose: str = "licence-renewal",
    stage: str = "awarded",
    person_key: str = EMAIL,
    groups: int = 1,
    item: str = "SEL1",
) -> Counted:
    """Write down that a recognizer counted awards, in ``groups`` groups of equal size."""
    decision = _decision(
        house,
        found,
        units=units,
        organisation=organisation,
        purpose=purpose,
        stage=stage,
        person_key=person_key,
        groups=groups,
        item=item,
    )
    claim = Claim(
        id=decision.claim or "",
        organisation=organisation,
        policy=POLICY,
        purpose=purpose,
        person=None,
        person_key=person_key,
        person_name="Alex Educator",
        state=ClaimState.USED,
        facts={"licence_level": "professional"},
        awards=tuple(
            ClaimAward(at, each.place, key=each.key) for at, each in enumerate(decision.awards, start=1)
        ),
        decision=decision.id,
        entered_by="test",
        created_at=NOW,
        submitted_at=NOW,
        changed_at=NOW,
    )
    with house.db.transaction() as session:
        claim_rows.add(session, claim)
        decision_rows.add(session, decision, document=b"{}")
        assert ledger.add(session, lines(decision))
    return Counted(claim.id, decision.id, tuple(found))


def lines(decision: Decision) -> list[Line]:
    """The lines of the ledger that a decision leads to."""
    return [
        Line(
            id=str(uuid.uuid4()),
            organisation=decision.organisation,
            purpose=decision.purpose,
            stage=each.stage,
            award_key=each.key,
            credential_id=each.credential_id,
            issuer_id=each.issuer_id,
            achievement_id=each.achievement_id,
            item=each.item,
            title=each.title,
            awarded_on=each.awarded or NOW.date(),
            person=decision.person,
            person_key=decision.person_key,
            decision=decision.id,
            group=each.group or 0,
            bucket="content",
            units=decision.groups[each.group or 0].units,
            unit=decision.unit,
            used_at=NOW,
        )
        for each in decision.awards
    ]


def waiting_mails(house: app.House, kind: str) -> list[mail.Mail]:
    """The letters of a kind."""
    with house.db.reading() as session:
        return [each for each in mail.listing(session, limit=1000) if each.kind == kind]


def day_after(days: int = 1) -> Any:
    """A moment at which everything is due again."""
    return NOW + timedelta(days=days)


def _decision(
    house: app.House,
    found: Sequence[StoredCredential],
    *,
    units: str,
    organisation: str,
    purpose: str,
    stage: str,
    person_key: str,
    groups: int,
    item: str,
) -> Decision:
    size = max(1, len(found) // groups)
    awards = []
    for at, each in enumerate(found):
        did = house.cabinet.did_of(each.issuer)
        key = award_key(did, each.credential_id)
        awards.append(
            DecidedAward(
                key=key if stage == "awarded" else personal_key(person_key, item),
                stage=stage,
                place=credential_url(house.mint, each.key),
                credential_id=each.credential_id,
                issuer_id=did,
                achievement_id=f"{house.settings.public_url}/achievements/SEL1-v1",
                title=f"Emotional Awareness {at + 1}",
                item=item,
                awarded=NOW.date(),
                verdict="valid",
                outcome="granted",
                sentence="Counted.",
                rule="Two related micro-credentials give 10 PDPs.",
                group=at // size,
            )
        )
    made = tuple(
        DecidedGroup(
            number=number,
            grant="pair",
            stage=stage,
            awards=tuple(each.key for each in awards if each.group == number),
            buckets={"content": Decimal(units)},
            units=Decimal(units),
        )
        for number in range(groups)
    )
    return Decision(
        id=str(uuid.uuid4()),
        organisation=organisation,
        recognizer="Exampleton School District",
        claim=str(uuid.uuid4()),
        person=None,
        person_key=person_key,
        policy=POLICY,
        policy_version="2018-07-02",
        policy_sha256="0" * 64,
        policy_title="Massachusetts",
        policy_status="example",
        purpose=purpose,
        jurisdiction="US-MA",
        outcome="granted",
        sentence="10 PDPs.",
        units=Decimal(units) * groups,
        unit="PDP-MA",
        unit_name="PDP",
        awards=tuple(awards),
        groups=made,
        decided_by="test",
        decided_at=NOW,
        decided_on=NOW.date(),
    )
