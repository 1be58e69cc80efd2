# SPDX-License-Identifier: Apache-2.0
"""A house with recognizers that have keys, awards of one educator, and decisions about them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import app
from app import House
from credentials.digests import sha256_hex
from issuer import issuance, profiles, programme, revocation
from issuer.award import AwardRequest, AwardState
from issuer.store.credentials import StoredCredential
from recognition.claiming.decision import DecidedAward, DecidedGroup, Decision
from recognition.claiming.ledger_line import Line
from recognition.judging.award import Award, award_key, award_of
from recognition.rule import policy_reader
from recognition.stating import decision_document, issuing
from recognition.store import decisions, ledger
from recognition.store.tables import PolicyRow
from service import clock
from service.settings import Settings
from tests.issuer.house import lists_published
from tests.running import tables
from verifier import intake, verify

NOW = clock.now().astimezone(UTC).replace(microsecond=0)
EMAIL = "zoe@teachers.example"
URL = "https://badges.union.example"
MA, VT = policy_reader.sample("us-ma-renewal"), policy_reader.sample("us-vt-relicensing")


@dataclass
class Scene:
    """The opened house, and what is in it."""

    house: House
    issued: list[StoredCredential] = field(default_factory=list)

    @property
    def office(self) -> Any:
        """The opened room of recognition."""
        return self.house.office

    def award(self, code: str = "SEL1", **changes: Any) -> DecidedAward:
        """Somebody earns ``code``; return it as a decision has it."""
        mint = self.house.mint
        request = AwardRequest(
            achievement=f"{code}-v1",
            email=EMAIL,
            name="Zoë Example",
            submission=str(uuid.uuid4()),
            awarded_at=NOW - timedelta(days=3),
            activity_start=NOW - timedelta(days=60),
            activity_end=NOW - timedelta(days=9),
        )
        key = issuance.award(mint, request, now=NOW).award.key
        found = issuance.issue(mint, key, now=NOW)
        self.issued.append(found)
        raw = found.signed_json or b""
        made = DecidedAward(
            key=award_key(mint.cabinet.did_of(found.issuer), found.credential_id),
            stage="awarded",
            place=found.credential_id,
            credential_id=found.credential_id,
            issuer_id=mint.cabinet.did_of(found.issuer),
            issuer_name="Example Education Association",
            achievement_id="",
            title=str(json.loads(raw)["name"]),
            item=code,
            awarded=(NOW - timedelta(days=3)).date(),
            sha256=sha256_hex(raw),
            verdict="valid",
            verified_at=NOW,
            outcome="granted",
            sentence="It counts.",
            rule="Two make ten.",
            group=1,
        )
        return replace(made, **changes)

    def verified(self, found: DecidedAward) -> Award:
        """Verify an award, as judgements do."""
        raw = (
            next(each for each in self.issued if each.credential_id == found.credential_id).signed_json or b""
        )
        desk = self.house.desk
        verified = verify.verify(intake.read(raw), now=NOW, fetch=desk.documents(now=NOW))
        made = award_of(verified, sha256=sha256_hex(raw))
        assert made is not None
        return made

    def decide(
        self, *awards: DecidedAward, organisation: str = "example-district", **changes: Any
    ) -> Decision:
        """A pair is granted in Massachusetts, or what ``changes`` say, and stands in the ledger."""
        policy = changes.pop("applied", MA)
        made = Decision(
            id=str(uuid.uuid4()),
            organisation=organisation,
            recognizer="Exampleton School District",
            claim=None,
            person="person-1",
            person_key=EMAIL,
            policy=policy.id,
            policy_version=policy.version,
            policy_sha256=policy.sha256,
            policy_title=policy.title,
            policy_status=str(policy.status),
            purpose=policy.purpose,
            jurisdiction=policy.jurisdiction,
            outcome="granted",
            sentence="Granted.",
            units=Decimal(10),
            unit=policy.unit.id,
            unit_name=policy.unit.name,
            awards=awards,
            groups=(
                DecidedGroup(
                    number=1,
                    grant=policy.grants[0].id,
                    stage="awarded",
                    awards=tuple(each.key for each in awards),
                    buckets={"english-learners": Decimal(10)},
                    units=Decimal(10),
                    area="SEL",
                ),
            ),
            decided_by="ren",
            decided_at=NOW,
            decided_on=NOW.date(),
        )
        made = replace(made, **changes)
        document = decision_document.compose(made, policy=policy, public_url=self.office.public_url)
        with self.office.db.transaction() as session:
            decisions.add(session, made, document=document)
            for group in made.groups:
                assert ledger.add(session, [_line(made, group, each) for each in group.awards])
        return made

    def revoke(self, found: DecidedAward) -> None:
        """The issuer takes an award back."""
        key = next(each.key for each in self.issued if each.credential_id == found.credential_id)
        wanted = revocation.Decision(AwardState.REVOKED, revocation.Reason.EVIDENCE)
        revocation.decide(self.house.mint, key, wanted, now=NOW)
        lists_published(self.house.mint)


def _line(made: Decision, group: DecidedGroup, key: str) -> Line:
    award = next(each for each in made.awards if each.key == key)
    return Line(
        id=str(uuid.uuid4()),
        organisation=made.organisation,
        purpose=made.purpose,
        stage=group.stage,
        award_key=key,
        credential_id=award.credential_id,
        title=award.title,
        awarded_on=award.awarded or NOW.date(),
        person=made.person,
        person_key=made.person_key,
        decision=made.id,
        group=group.number,
        bucket=", ".join(group.buckets),
        units=group.units,
        unit=made.unit,
        used_at=NOW,
    )


@dataclass(frozen=True)
class Stated:
    """What was signed about an award of a house: ids of a recognition, its decision, a PD certificate."""

    recognition: str
    decision: str
    certificate: str


def state(
    house: House, link: str, *, email: str, person: str | None, name: str | None = None, **changes: Any
) -> Stated:
    """Have a district recognise the award at ``link`` and certify hours; shown on the award's page."""
    now, desk = clock.now(), house.desk
    source = (files("issuer") / "recognizers" / "example-district.toml").read_bytes()
    profiles.register(house.mint, source, name="example-district.toml", now=now)
    presented = intake.read_url(link, fetch=desk.documents(now=now))
    verified = verify.verify(presented, now=now, fetch=desk.documents(now=now))
    award = award_of(verified, sha256=sha256_hex(presented.raw))
    assert award is not None
    found = DecidedAward(
        key=award.key,
        stage="awarded",
        place=link,
        credential_id=award.credential_id,
        title=award.title,
        item=award.code,
        awarded=award.awarded.date(),
        sha256=award.sha256,
        verdict="valid",
        outcome="granted",
        sentence="It counts.",
        rule="One gives fifteen.",
        group=1,
    )
    values = {"person": person, "person_key": email, "facts": {"role": "teacher"}, "purpose": "salary-lane"}
    made = Scene(house).decide(found, **{**values, **changes})
    (signed,) = issuing.issue_for(house.office, made.id, now=now)
    if person is not None:
        issuing.set_public(house.office, signed.id, person, True, now=now)
    certificate = issuing.issue_certificate(
        house.office,
        "example-district",
        award,
        person_key=email,
        name=name,
        hours=Decimal(15),
        person=person,
        now=now,
        actor="officer",
    )
    return Stated(signed.id, made.id, certificate)


def open_scene(folder: Path) -> Scene:
    """Open the house in ``folder``."""
    return Scene(app.open_house(Settings(data=folder, public_url=URL)))


def make_scene(folder: Path) -> Scene:
    """Make a house with the sample programme, recognizers and two policies."""
    scene = open_scene(folder)
    tables(scene.house.db)
    programme.seed(scene.house.mint, now=NOW - timedelta(days=90))
    programme.seed_recognizers(scene.house.mint, now=NOW - timedelta(days=90))
    with scene.house.db.transaction() as session:
        for policy in (MA, VT):
            session.add(
                PolicyRow(
                    id=policy.id,
                    version=policy.version,
                    organisation="",
                    source=policy.source,
                    sha256=policy.sha256,
                    added_at=NOW,
                    added_by="test",
                )
            )
    return scene


def close(scene: Scene) -> None:
    """Close the house."""
    scene.house.jobs.close()
    scene.house.db.close()


def later(days: int = 1) -> datetime:
    """A moment of the days to come."""
    return NOW + timedelta(days=days)
