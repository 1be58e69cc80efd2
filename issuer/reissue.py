# SPDX-License-Identifier: Apache-2.0
"""The same award once more: with a corrected name or address, or signed with a new key.

The new credential has an id, a salt and places in the status lists of its own, ``validFrom`` of today and
the ``awardedDate`` of the award; results and evidence are the same. The older one becomes *superseded*: its
bytes, its link and its signature stay, and its page leads to the newer one. No status list has a purpose that
says so without saying more, so its places stay clear until the award itself is withdrawn or put under review,
which then meets every issue of it (``revocation``; ADR 0027). Only where the address was wrong
(``ADDRESS_CORRECTED``) is the older one withdrawn in the same commit: it was somebody else's.

Steps, each durable before the next one, so that a crash leaves nothing between:

1. *awarded*: in one commit the new award, whose place it takes, and why;
2. the issuance cycle of ``issuance``; when its last step stores the signed bytes, the same commit makes the
   older one superseded. ``issuance.resume`` finishes what was begun.

When signing is refused, the older one stands as before. The same call again gives what the first one made.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from credentials.errors import HallmarkError
from credentials.identity import EMAIL_ADDRESS, normalised
from issuer import issuance, profiles, revocation, status_publisher
from issuer.award import SALT_BYTES, Award, AwardRequest, AwardState, step
from issuer.errors import NotReissuableError, ReissueBegunError, StatusFinalError
from issuer.mint import Mint
from issuer.retention import NOBODY
from issuer.store import credentials as rows
from issuer.store import reissues
from issuer.store.credentials import StatusChange, StoredCredential
from service import audit


class Cause(StrEnum):
    """Why it is issued again; each has a sentence for everybody.

    ``ADDRESS_CORRECTED`` says that the older one went to somebody else. Whose own address has changed gets
    another cause, and keeps the older copy.
    """

    NAME_CORRECTED = "name-corrected"
    ADDRESS_CORRECTED = revocation.MISADDRESSED
    KEY_REPLACED = "key-replaced"
    OTHER = "other"


SENTENCES: Final = {
    Cause.NAME_CORRECTED: "The name was corrected.",
    Cause.ADDRESS_CORRECTED: "The earner's address was corrected.",
    Cause.KEY_REPLACED: "It was signed again with a newer key.",
}


@dataclass(frozen=True, slots=True)
class Correction:
    """What differs in the new issue; what is left None stays as it was.

    Attributes:
        hides_name: Whether only a salted hash of the name is signed.
    """

    name: str | None = None
    email: str | None = None
    hides_name: bool | None = None


AS_IT_WAS: Final = Correction()


def reissue(
    mint: Mint,
    key: str,
    *,
    reason: str,
    now: datetime,
    actor: str = "system",
    correction: Correction = AS_IT_WAS,
    public_reason: str | None = None,
    note: str | None = None,
) -> StoredCredential:
    """Issue the award behind ``key`` again, and let the new credential take its place; return the new one.

    Args:
        mint: The opened room.
        key: The credential in force.
        reason: A code of ``Cause``, or words of one's own, which are kept as a note.
        now: This moment.
        actor: Who asks.
        correction: What differs.
        public_reason: One sentence that everybody may read; None gives the code's own, if it has one.
        note: What only we keep.

    Raises:
        NoSuchCredentialError: There is none.
        NotReissuableError: It is a document that was given to be signed, or its person was forgotten.
        StatusFinalError: It is withdrawn or under review, or another correction has taken its place.
        ReissueBegunError: Another correction of it is being signed.
        AwardRequestError: The new name or address is none.
        IssuedInsideTransactionError: Called inside a transaction.
        HallmarkError: It could not be signed; then the older one stands as before.
    """
    issuance.require_outside(mint)
    change = _change(reason, public_reason, note, actor=actor, now=now)
    with mint.db.transaction() as session:
        new = _begin(session, key, correction, change, url=mint.public_url)
    mint.reached("awarded")
    try:
        made = issuance.issue(mint, new, now=now, actor=actor)
    except HallmarkError as error:
        _give_up(mint, key, new, error, actor=actor, now=now)
        raise
    mint.ring(status_publisher.JOB)
    mint.status_changed((made.credential_id,), now=now)
    return made


def newer(mint: Mint, credential_id: str, *, issuer_id: str) -> str | None:
    """Return the address of the newest issue that took the place of this credential of ours, or None.

    Of what was withdrawn nothing is said: the withdrawal is what counts, and whoever holds a copy that was
    somebody else's is not led to theirs.
    """
    if not reissues.is_superseded(mint.db, credential_id):
        return None
    with mint.db.reading() as session:
        found = rows.find(session, credential_id)
        if found is None or not found.is_signed:
            return None
        newest = rows.get(session, reissues.current(session, found.key)).credential_id
    is_ours = profiles.get(mint, found.issuer).did == issuer_id
    return newest if is_ours and newest != credential_id else None


def _begin(session: Any, key: str, correction: Correction, change: StatusChange, *, url: str) -> str:
    """Write down what is going to take the place of ``key``; return its key, also if that was done before."""
    found, award = rows.get(session, key), rows.award(session, key)
    if award is None or not found.is_signed:
        raise NotReissuableError("Only an award of ours that was signed can be issued again.", got=key)
    if award.request.email == NOBODY:
        raise NotReissuableError(
            "Whose award this is was forgotten at their request, so it cannot be signed again. It stands.",
            got=key,
        )
    wanted = _corrected(award.request, correction)
    before = reissues.replacement(session, key)
    if before is not None:
        newest = rows.award(session, reissues.current(session, before))
        if newest is not None and newest.request == wanted:
            if rows.get(session, before).is_refused:
                rows.begin_again(session, before)
            return newest.key
        if found.superseded_by is not None:
            link = rows.get(session, reissues.current(session, key)).credential_id
            raise StatusFinalError(
                f"A newer credential has taken the place of this one: {link}. Issue that one again.", got=key
            )
        if rows.get(session, before).intended is not None:
            raise ReissueBegunError(
                'Another correction of it was begun and is not finished. "hallmark resume" finishes it.',
                got=before,
            )
        reissues.cancel(session, key, before)
    step(found.state, AwardState.SUPERSEDED)
    new = Award(
        key=str(uuid.uuid4()),
        issuer=award.issuer,
        request=wanted,
        salt=secrets.token_hex(SALT_BYTES),
        state=AwardState.AWARDED,
    )
    link = f"{url}/credentials/{new.key}"
    rows.add(session, key=new.key, issuer=new.issuer, credential_id=link, kind=issuance.AWARD, now=change.at)
    recipient = normalised(wanted.email, EMAIL_ADDRESS)
    reissues.begin(session, key, new, recipient=recipient, shows_name=wanted.hides_name)
    rows.add_change(session, key, change)
    for subject, action, other in (
        (new.key, "credential.awarded", {"reissue_of": key}),
        (key, "credential.reissue-begun", {"by": new.key, "reason": change.reason}),
    ):
        audit.record(session, actor=change.actor, action=action, subject=subject, detail=other, now=change.at)
    return new.key


def _give_up(mint: Mint, key: str, new: str, error: HallmarkError, *, actor: str, now: datetime) -> None:
    """Let the older one stand as before, unless the new one is intended: that one ``resume`` finishes."""
    with mint.db.transaction() as session:
        begun = rows.get(session, new)
        if begun.is_signed or begun.intended is not None or reissues.replaces(session, new) != key:
            return
        reissues.cancel(session, key, new)
        rows.add_change(
            session,
            key,
            StatusChange(AwardState.ISSUED, str(Cause.OTHER), None, f"Not issued again: {error}", actor, now),
        )
        audit.record(
            session,
            actor=actor,
            action="credential.reissue-refused",
            subject=key,
            detail={"code": error.code},
            now=now,
        )


def _corrected(request: AwardRequest, correction: Correction) -> AwardRequest:
    return replace(
        request,
        name=request.name if correction.name is None else correction.name.strip(),
        email=request.email if correction.email is None else correction.email.strip(),
        hides_name=request.hides_name if correction.hides_name is None else correction.hides_name,
    )


def _change(
    reason: str, public_reason: str | None, note: str | None, *, actor: str, now: datetime
) -> StatusChange:
    cause = Cause(reason) if reason in list(Cause) else Cause.OTHER
    if reason not in list(Cause):
        note = reason if note is None else f"{reason}\n{note}"
    return StatusChange(
        AwardState.SUPERSEDED, str(cause), public_reason or SENTENCES.get(cause), note, actor, now
    )
