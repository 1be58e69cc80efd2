# SPDX-License-Identifier: Apache-2.0
"""What we know about an earner beyond what was signed: to be taken along, and to be forgotten.

Forgetting drops the address, the name and the salts of private evidence. The signed bytes stay, with their
place in the status lists: the award can be verified and withdrawn, and says of nobody that it is theirs but
to whoever can say address or name themselves.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from credentials.document import Json
from credentials.identity import EMAIL_ADDRESS, normalised
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.store import bulk_people, statements
from issuer.store import credentials as rows
from service import audit

NOBODY: Final = "erased@nobody.invalid"  # stands where an address stood (RFC 2606, section 2)


def keys_of(mint: Mint, email: str) -> tuple[str, ...]:
    """Return the keys of everything that was awarded to this address, oldest first."""
    with mint.db.reading() as session:
        return rows.keys_of(session, normalised(email, EMAIL_ADDRESS))


def export(mint: Mint, keys: Collection[str]) -> list[Json]:
    """Return what we hold about these awards; the signed documents are at their links."""
    found: list[Json] = []
    with mint.db.reading() as session:
        for key in keys:
            award, stored = rows.award(session, key), rows.get(session, key)
            if award is None:
                continue
            found.append(
                {
                    "id": credential_url(mint, key),
                    "achievement": award.request.achievement,
                    "state": str(stored.state),
                    "awarded_at": award.request.awarded_at.isoformat(),
                    "email": award.request.email,
                    "name": award.request.name,
                    "name_shown": rows.shown_name(session, key),
                    "evidence": [
                        {"name": piece.name, "digest": piece.digest, "salt": piece.salt.hex()}
                        for piece in award.request.evidence
                    ],
                }
            )
    return found


def erase(mint: Mint, keys: Collection[str], *, now: datetime, actor: str) -> None:
    """Forget whose these awards are, in the caller's transaction if there is one. Twice changes nothing.

    An award that is not signed yet is left as it is: it could not be finished without its address.
    """
    with mint.db.transaction() as session:
        for key in keys:
            if rows.forget(session, key, nobody=NOBODY, now=now):
                audit.record(session, actor=actor, action="credential.person-erased", subject=key, now=now)


def erase_addresses(mint: Mint, addresses: Collection[str], *, now: datetime, actor: str) -> None:
    """Forget people in files of awards, in the caller's transaction if there is one; twice changes nothing.

    A row that waits is not issued any more. One whose award is being signed is finished, and then forgotten.
    """
    with mint.db.transaction() as session:
        for address in sorted(set(addresses) - {NOBODY, ""}):
            for bulk, number in bulk_people.forget(session, address).items():
                audit.record(
                    session,
                    actor=actor,
                    action="bulk.person-forgotten",
                    subject=f"bulk:{bulk}",
                    detail={"count": number},
                    now=now,
                )


def let_go(mint: Mint, start: str, *, before: datetime, now: datetime, actor: str) -> int:
    """Drop our copies of given documents whose ids begin with ``start``: who had them signed keeps them.

    Only what was signed until ``before`` and cannot be withdrawn. The audit lines of the signing stay, with
    digests and the time, so that it can be told that we have signed it. Return how many that were.
    """
    with mint.db.transaction() as session:
        number = statements.let_go(session, start=start, before=before)
        if number:
            action = "document.let-go"
            audit.record(
                session, actor=actor, action=action, subject=start[:500], detail={"number": number}, now=now
            )
    return number
