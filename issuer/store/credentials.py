# SPDX-License-Identifier: Apache-2.0
"""Rows of credentials and of the awards behind them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from issuer.award import Award, AwardRequest, AwardState, date_from_json, evidence_from_json, to_json
from issuer.errors import NoSuchCredentialError
from issuer.store import outlines
from issuer.store.tables import AwardRow, BulkItemRow, CredentialRow, StatusChangeRow

UNFINISHED = (AwardState.AWARDED, AwardState.INTENDED)


@dataclass(frozen=True, slots=True)
class Intended:
    """What is going to be signed: the document's bytes, the time and the key of the proof."""

    document: bytes
    created: datetime
    method: str


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """A credential as stored.

    Attributes:
        kind: ``award``, or ``json`` or ``jwt`` for a document that was given to be signed.
        halted: Why issuing it stopped, or None.
        superseded_by: Key of the newer issue of the same award that took its place, or None.
    """

    key: str
    issuer: str
    credential_id: str
    kind: str
    state: AwardState
    intended: Intended | None
    signed_json: bytes | None
    signed_jwt: bytes | None
    halted: str | None
    attempts: int
    created_at: datetime
    issued_at: datetime | None
    superseded_by: str | None = None

    @property
    def is_signed(self) -> bool:
        """Whether the exact bytes are stored, so that it may be acknowledged and published."""
        return self.signed_json is not None or self.signed_jwt is not None

    @property
    def is_refused(self) -> bool:
        """Whether it was halted before anything was intended, so that another request may take its place."""
        return self.state is AwardState.AWARDED and self.halted is not None and self.intended is None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One decision about a credential."""

    state: AwardState
    reason: str
    public_reason: str | None
    note: str | None
    actor: str
    at: datetime


def add(session: Session, *, key: str, issuer: str, credential_id: str, kind: str, now: datetime) -> None:
    """Write down that there is going to be a credential."""
    session.add(
        CredentialRow(
            key=key,
            issuer=issuer,
            credential_id=credential_id,
            kind=kind,
            state=AwardState.AWARDED,
            attempts=0,
            created_at=now,
        )
    )
    session.flush()


def add_award(session: Session, award: Award, *, recipient: str) -> None:
    """Write down ``award`` beside its credential."""
    request = award.request
    session.add(
        AwardRow(
            key=award.key,
            issuer=award.issuer,
            achievement=request.achievement,
            recipient=recipient,
            submission=request.submission,
            idempotency_key=request.idempotency_key,
            request_digest=request.request_digest,
            email=request.email,
            salt=award.salt,
            content=json.dumps(to_json(request), ensure_ascii=False, separators=(",", ":")),
            awarded_at=request.awarded_at,
        )
    )
    session.flush()


def get(session: Session, key: str) -> StoredCredential:
    """Return the credential with this key.

    Raises:
        NoSuchCredentialError: There is none.
    """
    row = session.get(CredentialRow, key)
    if row is None:
        raise NoSuchCredentialError("There is no such credential here.", got=key[:64])
    return _value(session, row)


def find(session: Session, credential_id: str) -> StoredCredential | None:
    """Return the one credential with this ``id``."""
    row = session.scalar(select(CredentialRow).where(CredentialRow.credential_id == credential_id))
    return None if row is None else _value(session, row)


def award(session: Session, key: str) -> Award | None:
    """Return the award behind the credential, or None for a document that was given to be signed."""
    row = session.get(AwardRow, key)
    return None if row is None else _award(session, row)


def award_by_idempotency_key(session: Session, idempotency_key: str) -> Award | None:
    """Return the award that was asked for with this key, unless another took its place."""
    row = session.scalar(
        select(AwardRow).where(AwardRow.idempotency_key == idempotency_key, AwardRow.replaced_by.is_(None))
    )
    return None if row is None else _award(session, row)


def award_by_submission(
    session: Session, *, issuer: str, achievement: str, recipient: str, submission: str
) -> Award | None:
    """Return the award for this submission that no other took the place of."""
    row = session.scalar(
        select(AwardRow).where(
            AwardRow.issuer == issuer,
            AwardRow.achievement == achievement,
            AwardRow.recipient == recipient,
            AwardRow.submission == submission,
            AwardRow.replaced_by.is_(None),
        )
    )
    return None if row is None else _award(session, row)


def newest_of(session: Session, *, achievement: str, recipient: str) -> str | None:
    """Return the ``id`` of the newest credential in force or under review for this version and address."""
    return session.scalar(
        select(CredentialRow.credential_id)
        .join(AwardRow, AwardRow.key == CredentialRow.key)
        .where(
            AwardRow.achievement == achievement,
            AwardRow.recipient == recipient,
            CredentialRow.state.in_((AwardState.ISSUED, AwardState.SUSPENDED)),
        )
        .order_by(CredentialRow.issued_at.desc())
        .limit(1)
    )


def keys_of(session: Session, recipient: str) -> tuple[str, ...]:
    """Return the keys of all awards to this normalised address, oldest first."""
    query = select(AwardRow.key).where(AwardRow.recipient == recipient).order_by(AwardRow.awarded_at)
    return tuple(session.scalars(query))


def shown_name(session: Session, key: str) -> str | None:
    """Return the name that is shown beside the credential."""
    return session.scalar(select(AwardRow.shown_name).where(AwardRow.key == key))


def is_erased(session: Session, key: str) -> bool:
    """Tell whether the person behind the award was forgotten."""
    return session.scalar(select(AwardRow.erased_at).where(AwardRow.key == key)) is not None


def set_shown_name(session: Session, key: str, name: str | None) -> bool:
    """Show ``name`` beside the credential, or none; tell whether there is such an award."""
    row = session.get(AwardRow, key)
    if row is None:
        return False
    row.shown_name = name
    session.flush()
    return True


def forget(session: Session, key: str, *, nobody: str, now: datetime) -> bool:
    """Put ``nobody`` in the place of a signed award's person; tell whether that changed anything."""
    row, credential = session.get(AwardRow, key), session.get(CredentialRow, key)
    signed = credential is not None and (credential.signed_json or credential.signed_jwt) is not None
    if row is None or row.erased_at is not None or not signed:
        return False
    content = json.loads(row.content)
    for piece in content["evidence"]:
        piece["salt"] = ""
    content["name"] = None
    row.content = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    row.email = row.recipient = nobody
    row.shown_name, row.erased_at = None, now
    session.execute(update(BulkItemRow).where(BulkItemRow.award == key).values(content=""))
    session.flush()
    return True


def signed_of_submission(session: Session, submission: str) -> tuple[str, ...]:
    """Return the keys of the signed credentials of all awards with this submission, oldest first."""
    return tuple(
        session.scalars(
            select(CredentialRow.key)
            .join(AwardRow, AwardRow.key == CredentialRow.key)
            .where(AwardRow.submission == submission, CredentialRow.issued_at.is_not(None))
            .order_by(CredentialRow.created_at, CredentialRow.key)
        )
    )


def unfinished(session: Session) -> tuple[str, ...]:
    """Return the keys of what was begun and not finished, oldest first; what was refused is finished."""
    return tuple(
        session.scalars(
            select(CredentialRow.key)
            .where(
                CredentialRow.state.in_(UNFINISHED),
                or_(
                    and_(CredentialRow.kind == "award", CredentialRow.halted.is_(None)),
                    CredentialRow.intended.is_not(None),
                ),
            )
            .order_by(CredentialRow.created_at, CredentialRow.key)
        )
    )


def every(session: Session) -> tuple[str, ...]:
    """Return the keys of all signed credentials, oldest first."""
    return tuple(
        session.scalars(
            select(CredentialRow.key)
            .where(CredentialRow.issued_at.is_not(None))
            .order_by(CredentialRow.created_at, CredentialRow.key)
        )
    )


def intend(session: Session, key: str, intended: Intended) -> None:
    """Write down what is going to be signed."""
    row = session.get_one(CredentialRow, key)
    row.intended, row.proof_created, row.proof_method = intended.document, intended.created, intended.method
    row.state = AwardState.INTENDED
    row.halted = None
    session.flush()


def sign(session: Session, key: str, *, json: bytes | None, jwt: bytes | None, now: datetime) -> None:
    """Write down the exact signed bytes; from here on it is issued."""
    row = session.get_one(CredentialRow, key)
    row.signed_json, row.signed_jwt = json, jwt
    row.state, row.issued_at, row.halted = AwardState.ISSUED, now, None
    session.flush()


def sign_also(session: Session, key: str, *, json: bytes | None = None, jwt: bytes | None = None) -> None:
    """Write down the exact signed bytes of another form; those that are there stay."""
    row = session.get_one(CredentialRow, key)
    row.signed_json, row.signed_jwt = row.signed_json or json, row.signed_jwt or jwt
    session.flush()


def halt(session: Session, key: str, reason: str) -> None:
    """Write down why issuing stopped."""
    row = session.get_one(CredentialRow, key)
    row.halted = reason
    row.attempts += 1
    session.flush()


def begin_again(session: Session, key: str) -> None:
    """Forget why issuing stopped: it was asked for again."""
    row = session.get_one(CredentialRow, key)
    row.halted, row.attempts = None, 0
    session.flush()


def replace(session: Session, key: str, *, by: str) -> None:
    """Let the award ``by`` take the place of the refused one ``key``; its request may be made again."""
    session.get_one(CredentialRow, key).state = AwardState.SUPERSEDED
    session.get_one(AwardRow, key).replaced_by = by
    session.flush()


def change_state(session: Session, key: str, change: StatusChange) -> None:
    """Write down a decision, and the state that follows from it."""
    session.get_one(CredentialRow, key).state = change.state
    add_change(session, key, change, is_told=False)


def add_change(session: Session, key: str, change: StatusChange, *, is_told: bool = True) -> None:
    """Write down a decision beside the credential, whose own state stays.

    ``is_told``: nobody has to hear of it, or does by other means; else the job of the status lists tells it.
    """
    session.add(
        StatusChangeRow(
            credential=key,
            state=change.state,
            reason=change.reason,
            public_reason=change.public_reason,
            note=change.note,
            actor=change.actor,
            at=change.at,
            told_at=change.at if is_told else None,
        )
    )
    session.flush()


def changes(session: Session, key: str) -> Sequence[StatusChange]:
    """Return every decision about the credential, oldest first."""
    rows = session.scalars(
        select(StatusChangeRow).where(StatusChangeRow.credential == key).order_by(StatusChangeRow.id)
    )
    return tuple(
        StatusChange(AwardState(row.state), row.reason, row.public_reason, row.note, row.actor, row.at)
        for row in rows
    )


def _value(session: Session, row: CredentialRow) -> StoredCredential:
    intended = None
    if row.intended is not None and row.proof_created is not None and row.proof_method is not None:
        document = outlines.document(session, row.intended)
        intended = Intended(document, row.proof_created, row.proof_method)
    signed_json = None if row.signed_json is None else outlines.document(session, row.signed_json)
    return StoredCredential(
        key=row.key,
        issuer=row.issuer,
        credential_id=row.credential_id,
        kind=row.kind,
        state=AwardState(row.state),
        intended=intended,
        signed_json=signed_json,
        signed_jwt=row.signed_jwt,
        halted=row.halted,
        attempts=row.attempts,
        created_at=row.created_at,
        issued_at=row.issued_at,
        superseded_by=row.superseded_by,
    )


def _award(session: Session, row: AwardRow) -> Award:
    content = json.loads(row.content)
    request = AwardRequest(
        achievement=row.achievement,
        email=row.email,
        submission=row.submission,
        awarded_at=row.awarded_at,
        name=content["name"],
        hides_name=content.get("hides_name", False),
        levels=tuple((criterion, level) for criterion, level in content["levels"]),
        evidence=evidence_from_json(content["evidence"]),
        narrative=content["narrative"],
        activity_start=date_from_json(content["activity_start"]),
        activity_end=date_from_json(content["activity_end"]),
        idempotency_key=row.idempotency_key,
        request_digest=row.request_digest,
    )
    state = AwardState(session.get_one(CredentialRow, row.key).state)
    return Award(key=row.key, issuer=row.issuer, request=request, salt=row.salt, state=state)
