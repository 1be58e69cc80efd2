# SPDX-License-Identifier: Apache-2.0
"""Recognitions and PD certificates are signed: written down first, signed after, finished by a job.

1. *written*: for every award of a decision the exact unsigned document with a random id, in one commit.
   Unique by kind, organisation, decision and award, so that nothing is stated twice.
2. *signed*: by the whole issuance cycle of the other wing (port ``sign``), which gives the same bytes again
   for the same document.
3. *stored*: the signed bytes.

Killed anywhere, ``finish`` (job "recognitions", every minute) goes on. A withdrawal is written down first
too, and then carried into the status list. Where a recognizer has no keys here nothing is written: its
decision stands without a signature until it has some.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from credentials.document import parse
from credentials.errors import HallmarkError, RefusedError
from recognition.errors import NoSuchRecognitionError
from recognition.judging.award import Award, award_key
from recognition.office import Office
from recognition.rule.policy import Policy, Unit
from recognition.stating import intended, pd_certificate, statement
from recognition.store import decisions
from recognition.store import statements as rows
from recognition.store.statements import Statement
from service import audit, log

JOB: Final = "recognitions"
REASON: Final = "The recognizer has taken this recognition back."


def issue_for(office: Office, decision: str, *, now: datetime) -> tuple[Statement, ...]:
    """Sign a recognition of every award of a decision, and the PD certificates of its policy.

    Can be repeated: what is there stays. What cannot be signed at this moment is left to the job.

    Raises:
        NobodySignsError: The recognizer has no keys here; the decision stands all the same.
        NoSuchRecognitionError: There is no such decision.
    """
    with office.db.reading() as session:
        stored = decisions.get(session, decision)
        known = rows.of_decision(session, decision)
    if stored is None:
        raise NoSuchRecognitionError("There is no such decision here.", got=decision[:40])
    if not known and stored.document:
        meant = tuple(intended.of_decision(office, stored.decision, stored.document, now=now))
        with office.db.transaction() as session:
            for each in meant:
                if rows.add(session, each):
                    _record(session, "written", each, actor=stored.decided_by, now=now)
    with office.db.reading() as session:
        written = rows.of_decision(session, decision)
    for each in written:
        _finish_one(office, each, now=now)
    with office.db.reading() as session:
        return rows.of_decision(session, decision)


def issue_certificate(
    office: Office,
    organisation: str,
    award: Award,
    *,
    person_key: str,
    name: str | None,
    hours: Decimal,
    unit: Unit | None = None,
    decision: str = "",
    person: str | None = None,
    is_example: bool = False,
    is_public: bool = False,
    now: datetime,
    actor: str,
) -> str:
    """Issue a PD certificate about an award, once per organisation and award; return its id.

    Args:
        office: The opened room.
        organisation: Who grants the hours.
        award: What was verified, at this moment.
        person_key: The participant's e-mail address; only a salted hash of it is signed.
        name: The participant's name; only a salted hash of it is signed.
        hours: Clock hours.
        unit: What the rule that gives them calls them; None: clock hours.
        decision: The decision behind it, if there is one.
        person: The participant's account, if there is one.
        is_example: Whether an example rule grants them, which the certificate then says.
        is_public: Whether the participant agrees that page and paper show the name.
        now: This moment.
        actor: Who asks, for the audit log.

    Raises:
        NobodySignsError: The organisation has no keys here.
    """
    with office.db.reading() as session:
        before = rows.certificate(session, organisation, award.key)
    if before is None:
        meant = intended.certificate(
            office,
            organisation,
            pd_certificate.of_award(award),
            person=person,
            person_key=person_key,
            name=name,
            hours=hours,
            unit=unit,
            decision=decision,
            is_example=is_example,
            is_public=is_public,
            now=now,
        )
        with office.db.transaction() as session:
            before = rows.certificate(session, organisation, award.key)
            if before is None:
                rows.add(session, meant)
                _record(session, "written", meant, actor=actor, now=now)
                before = meant
    _finish_one(office, before, now=now)
    return before.id


def accept_kind(
    office: Office,
    organisation: str,
    policy: Policy,
    *,
    achievement_id: str,
    title: str,
    now: datetime,
    actor: str,
) -> str:
    """Sign "we accept this kind" about an Achievement, once per organisation; return its id.

    Raises:
        NobodySignsError: The organisation has no keys here.
    """
    issuer, id = intended.issuer_of(office, organisation), str(uuid.uuid4())
    members = statement.compose_kind(
        policy,
        achievement_id=achievement_id,
        title=title,
        id=statement.address(office.public_url, id),
        issuer=issuer,
        public_url=office.public_url,
        now=now,
    )
    key = award_key(f"{policy.id} {policy.version}", achievement_id)
    made = intended.row(id, rows.KIND, organisation, members, key=key, credential_id=achievement_id, now=now)
    with office.db.transaction() as session:
        before = rows.of_award(session, key, organisation=organisation)
        if not before:
            rows.add(session, made)
            _record(session, "written", made, actor=actor, now=now)
    found = before[0] if before else made
    _finish_one(office, found, now=now)
    return found.id


def withdraw(office: Office, statements: Collection[str], why: str, *, now: datetime, actor: str) -> None:
    """Withdraw recognitions or certificates: written down at once, inside the caller's transaction.

    They are revoked right after, or by the job. Done twice, it is done once.

    Args:
        office: The opened room.
        statements: Their ids.
        why: What the recognizer keeps; everybody reads ``REASON``.
        now: This moment.
        actor: Who decided it.
    """
    inside = office.db.in_transaction
    with office.db.transaction() as session:
        for id in rows.withdraw(session, statements, why, now=now):
            audit.record(session, actor=actor, action="recognition.withdrawn", subject=id, now=now)
    if inside:
        office.ring(JOB)
        return
    for id in statements:
        with office.db.reading() as session:
            found = rows.get(session, id)
        if found is not None:
            _finish_one(office, found, now=now)


def withdraw_decision(office: Office, decision: str, why: str, *, now: datetime, actor: str) -> None:
    """Withdraw everything that was stated of a decision, as ``withdraw`` does."""
    with office.db.reading() as session:
        ids = [each.id for each in rows.of_decision(session, decision)]
    withdraw(office, ids, why, now=now, actor=actor)


def set_public(office: Office, statement: str, person: str, is_public: bool, *, now: datetime) -> None:
    """Show a recognition on its award's page, or do not; only the educator whose award it is decides that.

    Raises:
        NoSuchRecognitionError: There is none, or it is about somebody else's award.
    """
    with office.db.transaction() as session:
        found = rows.get(session, statement)
        if found is None or person not in (found.person, office.owner(found.credential_id)):
            raise NoSuchRecognitionError("There is no such recognition here.", got=statement[:40])
        if found.is_public is not is_public:
            rows.show(session, statement, is_public=is_public)
            action = "recognition.shown" if is_public else "recognition.hidden"
            audit.record(session, actor=person, action=action, subject=statement, now=now)


def finish(office: Office, *, now: datetime) -> int:
    """Finish what was begun and not finished; return how much of it was. One failure stops nothing else."""
    if office.sign is None:
        return 0
    with office.db.reading() as session:
        wanted = rows.organisations_unstated(session)
        open_rows = rows.unfinished(session)
    done = sum(_finish_one(office, each, now=now) for each in open_rows)
    for organisation in wanted:
        if office.sign.issuer(organisation) is None:
            continue
        with office.db.reading() as session:
            unstated = rows.unstated(session, organisation)
        for decision in unstated:
            done += len(issue_for(office, decision, now=now))
    return done


def _finish_one(office: Office, found: Statement, *, now: datetime) -> bool:
    """Take one statement as far as it goes; tell whether anything was done."""
    if office.db.in_transaction or office.sign is None or not found.is_unfinished:
        return False
    try:
        if found.withdrawn_at is None:
            signed = office.sign({**parse(found.intended).members}, slug=found.organisation, now=now)
            with office.db.transaction() as session:
                rows.sign(session, found.id, signed, now=now)
        else:
            _revoke(office, found, now=now)
            with office.db.transaction() as session:
                rows.revoked(session, found.id, now=now)
    except HallmarkError as error:  # The row says what is still to do, and the job does it.
        log.event("recognition", level=logging.WARNING, error=error, id=found.id, code=error.code)
        return False
    return True


def _revoke(office: Office, found: Statement, *, now: datetime) -> None:
    credential_id = parse(found.intended).members.get("id")
    if office.sign is None or not isinstance(credential_id, str):
        return
    try:
        office.sign.withdraw(
            credential_id, slug=found.organisation, public_reason=REASON, now=now, actor="recognition"
        )
    except RefusedError:
        if found.signed is not None:
            raise
        # It was taken back before anything was signed, and now nothing will be.


def _record(session: Any, what: str, found: Statement, *, actor: str, now: datetime) -> None:
    detail = {"kind": found.kind, "organisation": found.organisation, "decision": found.decision}
    audit.record(session, actor=actor, action=f"recognition.{what}", subject=found.id, detail=detail, now=now)
