# SPDX-License-Identifier: Apache-2.0
"""The issuance cycle: written down before signed, so that whatever was signed can be found and taken back.

Each step is durable before the next one begins (``STEPS``):

1. *awarded*: the award with its random id, unique by request and by submission.
2. *placed*: its random places in the status lists.
3. *intended*: composed, linted (``lint``), and the exact bytes, the time and the key of the proof written
   down.
4. *signed*: in memory: the embedded proof and the VC-JWT. The signed document without its proof equals the
   intended bytes, and the verifier calls both valid.
5. *stored*: the exact bytes, the audit line and the state ``issued`` in one commit. Only now it is
   acknowledged and published.

Killed anywhere, ``resume`` looks at the rows and goes on: intended and not signed, the same bytes are signed
again (Ed25519 gives the same signature; of two ECDSA ones the first stored wins). What was never written down
was never signed; what is written down can be revoked.

When ``issue`` fails before anything is intended, whoever asked is told, and the award is halted: ``resume``
leaves it alone, and a new request for the same submission, or with the same key, takes its place.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.digests import sha256_hex
from credentials.document import Document, Json, parse, write
from credentials.errors import HallmarkError
from credentials.identity import EMAIL_ADDRESS, normalised
from credentials.proofs import data_integrity, vc_jwt
from credentials.verification_method import KeyAlgorithm
from issuer import achievements, given, profiles, revocation, self_check, status_publisher
from issuer.award import SALT_BYTES, Award, AwardRequest, AwardState, results, step
from issuer.compose import compose
from issuer.errors import (
    AwardRequestError,
    DuplicateAwardError,
    ForeignIssuerError,
    IssuedInsideTransactionError,
    LintError,
    SelfCheckError,
    StatusFinalError,
)
from issuer.lint import JSON, JWT
from issuer.mint import Mint
from issuer.store import credentials as rows
from issuer.store import reissues
from issuer.store.credentials import Intended, StoredCredential
from issuer.store.status import Place
from service import audit, log
from service.errors import IdempotencyKeyReusedError

STEPS: Final = ("awarded", "placed", "intended", "signed", "stored")
AWARD: Final = "award"  # kind of a credential that we composed
ATTEMPTS: Final = 3  # how often ``resume`` tries an award that was halted; then a person has to look
VALID: Final = frozenset({"valid"})
OPEN: Final = "undetermined"  # the verdict on what cannot be judged at the moment


@dataclass(frozen=True, slots=True)
class Written:
    """An award that is written down; ``is_new`` is false when it was before, and was not refused."""

    award: Award
    is_new: bool


def credential_url(mint: Mint, key: str) -> str:
    """Return the link of a credential, which is its id."""
    return f"{mint.public_url}/credentials/{key}"


def award(mint: Mint, request: AwardRequest, *, now: datetime, actor: str = "system") -> Written:
    """Write down that ``request`` is awarded. It is acknowledged only when ``issue`` has finished.

    What was refused before stands in nobody's way: the same request begins it again, another takes its place.

    Raises:
        NoSuchAchievementError: There is no such version.
        NotEarnedError, AwardRequestError: The results do not make an award.
        IdempotencyKeyReusedError: The key was used for another request.
        DuplicateAwardError: The same submission was awarded before, by another request.
    """
    achievement = achievements.get(mint, request.achievement)
    results(achievement.micro_credential, request.levels)
    if not request.email.isprintable():
        raise AwardRequestError("It holds a sign that cannot be seen.", path="/recipient/email")
    recipient = normalised(request.email, EMAIL_ADDRESS)
    with mint.db.transaction() as session:
        refused: set[str] = set()
        if request.idempotency_key is not None:
            before = rows.award_by_idempotency_key(session, request.idempotency_key)
            if before is not None:
                is_refused = rows.get(session, before.key).is_refused
                if before.request.request_digest == request.request_digest:
                    if is_refused:
                        rows.begin_again(session, before.key)
                    return Written(before, is_new=is_refused)
                if not is_refused:
                    raise IdempotencyKeyReusedError("This Idempotency-Key was used for another award.")
                refused.add(before.key)
        same = rows.award_by_submission(
            session,
            issuer=achievement.issuer,
            achievement=achievement.key,
            recipient=recipient,
            submission=request.submission,
        )
        if same is not None:
            if not rows.get(session, same.key).is_refused or reissues.replaces(session, same.key):
                raise DuplicateAwardError("This submission has been awarded already.", got=same.key)
            refused.add(same.key)
        made = Award(
            key=str(uuid.uuid4()),
            issuer=achievement.issuer,
            request=request,
            salt=secrets.token_hex(SALT_BYTES),
            state=AwardState.AWARDED,
        )
        rows.add(
            session,
            key=made.key,
            issuer=made.issuer,
            credential_id=credential_url(mint, made.key),
            kind=AWARD,
            now=now,
        )
        for key in sorted(refused):
            rows.replace(session, key, by=made.key)
            _record(mint, "credential.superseded", key, actor=actor, now=now, by=made.key)
        rows.add_award(session, made, recipient=recipient)
        _record(mint, "credential.awarded", made.key, actor=actor, now=now, achievement=achievement.key)
    mint.reached("awarded")
    return Written(made, is_new=True)


def issue(
    mint: Mint, key: str, *, now: datetime, actor: str = "system", was_asked: bool = True
) -> StoredCredential:
    """Take what is written down under ``key`` through the cycle; return it with its exact signed bytes.

    Issued already, it comes back as it was. Commits between its steps.

    Args:
        mint: The opened room.
        key: Of an award that is written down.
        now: This moment.
        actor: Who asks.
        was_asked: Whether somebody waits for it, who is told now that it failed. Else it will be tried again,
            and is halted only if the document is at fault.

    Raises:
        IssuedInsideTransactionError: Called inside a transaction.
        NoSuchCredentialError: Nothing is written down under this key.
        StatusFinalError: It was withdrawn or replaced before it was signed.
        LintError: It would not verify everywhere; it is halted.
        SelfCheckError: What we signed does not verify; it is halted and not published.
        HallmarkError: The key could not be used; it is halted, if nothing is intended yet.
    """
    return _issue(mint, key, now=now, actor=actor, was_asked=was_asked)


def resume(mint: Mint, *, now: datetime, actor: str = "system") -> tuple[StoredCredential, ...]:
    """Finish everything that was begun and not finished, and return it. Nothing is done twice.

    What cannot be finished keeps its reason in its row and stands in nobody's way.
    """
    require_outside(mint)
    with mint.db.reading() as session:
        keys = rows.unfinished(session)
    finished = []
    for key in keys:
        if _get(mint, key).attempts < ATTEMPTS:
            try:
                finished.append(_issue(mint, key, now=now, actor=actor, was_asked=False))
            except HallmarkError as error:  # The others must not wait for it.
                log.event("resume", level=logging.WARNING, error=error, id=key, code=error.code)
    return tuple(finished)


def sign_document(
    mint: Mint,
    document: Document,
    *,
    now: datetime,
    slug: str | None = None,
    jwt: bool = False,
    revocable: bool = False,
    actor: str = "system",
) -> bytes:
    """Return ``document`` signed by its issuer, who is one of ours: the whole cycle, never a bare signature.

    Nothing is changed in it; with ``revocable`` it gains a ``credentialStatus`` in our lists, if it has none.
    An id is signed once: the same document again gives the stored bytes, or its other form.

    Args:
        mint: The opened room.
        document: An unsigned credential or endorsement.
        now: This moment.
        slug: The issuer that is meant, if the caller wants that checked.
        jwt: Whether to return a VC-JWT instead of a document with an embedded proof.
        revocable: Whether it shall be possible to withdraw it.
        actor: Who asks.

    Raises:
        ForeignIssuerError: Its issuer is none of ours, or not the one that was named.
        ForeignStatusError: It uses a place in our lists that is not its own.
        SignedBeforeError: Something else was signed under its id.
        LintError: It would not verify everywhere.
        SelfCheckError: What we signed does not verify.
    """
    require_outside(mint)
    members: dict[str, Json] = dict(document.members)
    did = given.issuer_id(members)
    owner = mint.cabinet.slug_of(did)
    if owner is None or (slug is not None and slug != owner):
        raise ForeignIssuerError(
            "We sign only in the name of our own issuers.", path="/issuer", got=did[:200], expected=slug
        )
    form = JWT if jwt else JSON
    key = given.signed_before(mint, members, revocable=revocable)
    if key is None:
        given.refuse_foreign_places(mint, members)
        self_check.lint(mint, members, did=did, now=now, forms=(form,), accepted=given.IN_ITS_TIME, own=False)
        key = _intend_given(mint, members, owner=owner, form=form, revocable=revocable, now=now, actor=actor)
    signed = issue(mint, key, now=now, actor=actor)
    return given.in_form(mint, signed, form=form, now=now, actor=actor)


def _intend_given(
    mint: Mint,
    members: dict[str, Json],
    *,
    owner: str,
    form: str,
    revocable: bool,
    now: datetime,
    actor: str,
) -> str:
    """Commit a given document with its places as intended, all of it or nothing; return its key."""
    algorithm = KeyAlgorithm.P256 if form == JWT else KeyAlgorithm.ED25519
    method = mint.cabinet.signer(owner, algorithm).verification_method
    with mint.db.transaction() as session:
        before = given.signed_before(mint, members, revocable=revocable)
        if before is not None:
            return before
        key = str(uuid.uuid4())
        rows.add(session, key=key, issuer=owner, credential_id=str(members["id"]), kind=form, now=now)
        if revocable and "credentialStatus" not in members:
            places = status_publisher.take_places(mint, key, issuer=owner, now=now)
            status: list[Json] = [entry.to_members() for entry in status_publisher.entries(mint, places)]
            members = {**members, "credentialStatus": status if len(status) > 1 else status[0]}
            did = mint.cabinet.did_of(owner)
            self_check.lint(
                mint, members, did=did, now=now, forms=(form,), accepted=given.IN_ITS_TIME, own=False
            )
        _write_intended(mint, key, members, method=method, now=now, actor=actor)
    return key


def _issue(mint: Mint, key: str, *, now: datetime, actor: str, was_asked: bool) -> StoredCredential:
    require_outside(mint)
    found = _get(mint, key)
    if found.is_signed:
        return found
    try:
        return _cycle(mint, found, now=now, actor=actor)
    except HallmarkError as error:
        try:
            _halt(mint, key, error, now=now, actor=actor, was_asked=was_asked)
        except HallmarkError as second:  # The first reason is the one to tell.
            log.event("halt", level=logging.WARNING, error=second, id=key, code=second.code)
        raise


def _halt(mint: Mint, key: str, error: HallmarkError, *, now: datetime, actor: str, was_asked: bool) -> None:
    """Write down that issuing stopped, if it stopped for good.

    It did when the document is at fault; and when somebody was told that it failed and nothing is intended
    yet: that person will ask again, and must not find two credentials then.
    """
    with mint.db.transaction() as session:
        found = rows.get(session, key)
        if found.state not in rows.UNFINISHED:
            return
        if _is_about_document(error) or (was_asked and found.intended is None):
            rows.halt(session, key, f"{error.code}: {error}")
            _record(mint, "credential.halted", key, actor=actor, now=now, code=error.code)


def _is_about_document(error: HallmarkError) -> bool:
    """Tell whether the document is at fault; a verdict that is open says nothing about it."""
    return isinstance(error, LintError | SelfCheckError) and error.got != OPEN


def _cycle(mint: Mint, found: StoredCredential, *, now: datetime, actor: str) -> StoredCredential:
    if found.state not in rows.UNFINISHED:
        raise StatusFinalError("It was withdrawn or replaced before it was signed.", got=found.state)
    forms = (JSON, JWT) if found.kind == AWARD else (found.kind,)
    did = mint.cabinet.did_of(found.issuer)
    signer = mint.cabinet.signer(found.issuer, KeyAlgorithm.ED25519)
    jwt_signer = mint.cabinet.signer(found.issuer, KeyAlgorithm.P256)
    method = jwt_signer.verification_method if forms == (JWT,) else signer.verification_method
    intended = found.intended
    if intended is None:
        places = status_publisher.take_places(mint, found.key, issuer=found.issuer, now=now)
        mint.reached("placed")
        members = _compose(mint, found.key, places, now=now)
        self_check.lint(mint, members, did=did, now=now, forms=forms, accepted=VALID, own=True)
        intended = _write_intended(mint, found.key, members, method=method, now=now, actor=actor)
    elif intended.method != method:
        # The key was replaced since. Nothing was acknowledged, so the same document is intended anew.
        members = dict(parse(intended.document).members)
        intended = _write_intended(mint, found.key, members, method=method, now=now, actor=actor)
    mint.reached("intended")
    members = dict(parse(intended.document).members)
    signed_json = signed_jwt = None
    if JSON in forms:
        signed = data_integrity.add_proof(members, signer=signer, created=intended.created)
        if write({name: value for name, value in signed.items() if name != "proof"}) != intended.document:
            raise SelfCheckError("The signed document is not the one that was intended.")
        signed_json = write(signed)
    if JWT in forms:
        signed_jwt = vc_jwt.encode(members, signer=jwt_signer).encode("ascii")
    mint.reached("signed")
    accepted = VALID if found.kind == AWARD else given.IN_ITS_TIME
    for signed_bytes in (signed_json, signed_jwt):
        if signed_bytes is not None:
            self_check.check(mint, signed_bytes, members, issuer=found.issuer, now=now, accepted=accepted)
    stored = _store(mint, found.key, json=signed_json, jwt=signed_jwt, method=method, now=now, actor=actor)
    mint.reached("stored")
    return stored


def _compose(mint: Mint, key: str, places: tuple[Place, ...], *, now: datetime) -> dict[str, Json]:
    with mint.db.reading() as session:
        made = rows.award(session, key)
    if made is None:
        raise SelfCheckError("There is a credential without a document and without an award.", got=key)
    return compose(
        made,
        credential_id=credential_url(mint, key),
        issuer=profiles.get(mint, made.issuer).members(public_url=mint.public_url),
        achievement=achievements.get(mint, made.request.achievement),
        entries=status_publisher.entries(mint, places),
        valid_from=now,
    )


def _write_intended(
    mint: Mint, key: str, members: Mapping[str, Json], *, method: str, now: datetime, actor: str
) -> Intended:
    """Commit what is going to be signed; if another process did so meanwhile with this key, that stands."""
    with mint.db.transaction() as session:
        found = rows.get(session, key)
        if found.intended is not None and found.intended.method == method:
            return found.intended
        if found.state not in rows.UNFINISHED:
            raise StatusFinalError("It was withdrawn or replaced before it was signed.", got=found.state)
        intended = Intended(write(members), now.replace(microsecond=0), method)
        rows.intend(session, key, intended)
        _record(mint, "credential.intended", key, actor=actor, now=now, sha256=sha256_hex(intended.document))
    return intended


def _store(
    mint: Mint, key: str, *, json: bytes | None, jwt: bytes | None, method: str, now: datetime, actor: str
) -> StoredCredential:
    """Commit the signed bytes with their audit line; the first stored wins."""
    with mint.db.transaction() as session:
        found = rows.get(session, key)
        if found.is_signed:
            return found
        if found.state is not AwardState.INTENDED:
            raise StatusFinalError("It was withdrawn or replaced before it was signed.", got=found.state)
        rows.sign(session, key, json=json, jwt=jwt, now=now)
        _record(
            mint,
            "credential.issued",
            key,
            actor=actor,
            now=now,
            method=method,
            json_sha256=None if json is None else sha256_hex(json),
            jwt_sha256=None if jwt is None else sha256_hex(jwt),
        )
        _take_place(mint, key, actor=actor, now=now)
        return rows.get(session, key)


def _take_place(mint: Mint, key: str, *, actor: str, now: datetime) -> None:
    """Let the re-issue ``key`` take the place of the older one, in the commit that makes it issued.

    Raises:
        StatusFinalError: The older one was withdrawn or put under review meanwhile.
    """
    with mint.db.transaction() as session:
        old = reissues.replaces(session, key)
        if old is not None:
            step(rows.get(session, old).state, AwardState.SUPERSEDED)
            reissues.finish(session, key)
            _record(mint, "credential.superseded", old, actor=actor, now=now, by=key)
            if any(each.reason == revocation.MISADDRESSED for each in rows.changes(session, old)[-1:]):
                revocation.take_back_misaddressed(session, key, actor=actor, now=now)


def _get(mint: Mint, key: str) -> StoredCredential:
    with mint.db.reading() as session:
        return rows.get(session, key)


def require_outside(mint: Mint) -> None:
    """Refuse to begin inside a transaction.

    Raises:
        IssuedInsideTransactionError: There is one.
    """
    if mint.db.in_transaction:
        raise IssuedInsideTransactionError("Issuing commits between its steps and needs to begin outside.")


def _record(mint: Mint, action: str, key: str, *, actor: str, now: datetime, **detail: str | None) -> None:
    """Write the audit line in the caller's transaction."""
    told = {name: value for name, value in detail.items() if value is not None}
    with mint.db.transaction() as session:
        audit.record(session, actor=actor, action=action, subject=key, detail=told, now=now)
