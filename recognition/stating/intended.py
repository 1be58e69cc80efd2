# SPDX-License-Identifier: Apache-2.0
"""What is going to be signed, as rows: recognitions of a decision and PD certificates, each with a random id.

Nothing is written or signed here (``issuing`` does both). A certificate is about one award: where a policy
has one issued for groups of several, none is made.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from credentials.document import Json, write
from credentials.errors import HallmarkError
from recognition.claiming.decision import DecidedAward, Decision
from recognition.errors import NobodySignsError
from recognition.office import Office
from recognition.rule import policy_reader
from recognition.rule.policy import Grant, Unit
from recognition.stating import pd_certificate, statement
from recognition.stating.pd_certificate import Certified
from recognition.store import statements as rows
from recognition.store.statements import Statement
from verifier.verdict import Verdict

SALT_BYTES: Final = 16  # bytes; 128 bits are not guessable
PD_CERTIFICATE: Final = "pd-certificate"  # of a policy's ``then.issue``


def issuer_of(office: Office, organisation: str) -> Mapping[str, Json]:
    """Return the profile in whose name an organisation signs.

    Raises:
        NobodySignsError: It has no keys here.
    """
    found = None if office.sign is None else office.sign.issuer(organisation)
    if found is None:
        raise NobodySignsError(
            "Nobody can sign for this recognizer here, because it has no keys. What was decided stands, "
            "unsigned; it is signed as soon as there are keys.",
            got=organisation[:40],
        )
    return found


def of_decision(office: Office, decision: Decision, document: bytes, *, now: datetime) -> Iterator[Statement]:
    """Yield everything that a decision makes us sign, unsigned."""
    issuer = issuer_of(office, decision.organisation)
    with office.db.reading() as session:
        name, shows = (decision.claim and rows.claimed(session, decision.claim)) or ("", False)
        source = rows.policy_source(session, decision.policy, decision.policy_version)
    for award in statement.endorsed(decision):
        id = str(uuid.uuid4())
        members = statement.compose(
            decision,
            award,
            id=statement.address(office.public_url, id),
            issuer=issuer,
            document=document,
            public_url=office.public_url,
            now=now,
        )
        yield row(
            id,
            rows.ENDORSEMENT,
            decision.organisation,
            members,
            key=award.key,
            credential_id=award.credential_id,
            decision=decision.id,
            person=decision.person,
            person_key=decision.person_key,
            is_public=shows,
            now=now,
        )
    if source is None or not decision.person_key:
        return
    grants = {each.id: each for each in policy_reader.read(source, name=decision.policy).grants}
    for award, grant in _certified_awards(decision, grants):
        with office.db.reading() as session:
            before = rows.certificate(session, decision.organisation, award.key)
        certified = None if before else _certified(office, award, now=now)
        if certified is not None and grant.then is not None:
            yield certificate(
                office,
                decision.organisation,
                certified,
                person=decision.person,
                person_key=decision.person_key,
                name=name or None,
                hours=grant.then.amount,
                decision=decision.id,
                is_example=decision.is_example,
                is_public=shows,
                now=now,
            )


def _certified_awards(
    decision: Decision, grants: Mapping[str, Grant]
) -> Iterator[tuple[DecidedAward, Grant]]:
    """Yield the awards over which the policy has a certificate issued; a certificate is about one award."""
    for group in decision.groups:
        grant = grants.get(group.grant)
        if (
            grant is None
            or grant.then is None
            or grant.then.issue != PD_CERTIFICATE
            or len(group.awards) != 1
        ):
            continue
        award = decision.award(group.awards[0])
        if award is not None and award.credential_id and award.sha256:
            yield award, grant


def _certified(office: Office, award: DecidedAward, *, now: datetime) -> Certified | None:
    """Return what a certificate says of a decided award, read again for its details; None: it has fallen."""
    plain = Certified(
        key=award.key,
        credential_id=award.credential_id,
        sha256=award.sha256,
        media_type=award.media_type,
        title=award.title,
        code=award.item,
        competency="",
        provider=award.issuer_name or award.issuer_id,
        provider_address=(),
        awarded=award.awarded or now.date(),
    )
    try:
        report = office.bureau.desk.look_at_url(award.credential_id, now=now)
    except HallmarkError:
        return plain
    if report.verdict is not Verdict.VALID or report.summary is None:
        return plain if report.verdict is Verdict.UNDETERMINED else None
    said = report.summary
    return Certified(
        key=award.key,
        credential_id=award.credential_id,
        sha256=award.sha256,
        media_type=award.media_type,
        title=award.title,
        code=award.item,
        competency=said.description or "",
        provider=award.issuer_name or award.issuer_id,
        provider_address=said.issuer_address,
        awarded=plain.awarded,
        worked_from=said.activity_start,
        worked_until=said.activity_end,
    )


def certificate(
    office: Office,
    organisation: str,
    certified: Certified,
    *,
    person: str | None,
    person_key: str,
    name: str | None,
    hours: Decimal,
    unit: Unit | None = None,
    decision: str,
    is_example: bool,
    is_public: bool = False,
    now: datetime,
) -> Statement:
    """Return the row of a PD certificate that nobody has signed yet; ``is_public``: its page shows the name.

    Raises:
        NobodySignsError: The organisation has no keys here.
    """
    id = str(uuid.uuid4())
    members = pd_certificate.compose(
        certified,
        id=pd_certificate.address(office.public_url, id),
        issuer=issuer_of(office, organisation),
        email=person_key,
        salt=secrets.token_hex(SALT_BYTES),
        name=name,
        hours=hours,
        unit=unit,
        is_example=is_example,
        now=now,
    )
    return row(
        id,
        rows.CERTIFICATE,
        organisation,
        members,
        key=certified.key,
        credential_id=certified.credential_id,
        decision=decision,
        person=person,
        person_key=person_key,
        participant=pd_certificate.visible(name or "", pd_certificate.LINE_CHARS),
        is_public=is_public,
        now=now,
    )


def row(
    id: str,
    kind: str,
    organisation: str,
    members: Mapping[str, Json],
    *,
    key: str,
    credential_id: str,
    decision: str = "",
    person: str | None = None,
    person_key: str = "",
    participant: str = "",
    is_public: bool = False,
    now: datetime,
) -> Statement:
    """Return the row of an unsigned document."""
    return Statement(
        id=id,
        kind=kind,
        organisation=organisation,
        decision=decision,
        award_key=key,
        credential_id=credential_id,
        person=person,
        person_key=person_key,
        participant=participant,
        intended=write(members),
        is_public=is_public,
        made_at=now,
    )
