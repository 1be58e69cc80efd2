# SPDX-License-Identifier: Apache-2.0
"""Status lists, built from rows, signed and swapped in; never older than the one that was served last.

A list is built right after a change, and when somebody asks for it and the rows are newer, half of its life
is over, or another key than the active one signed it: a key that was compromised meanwhile would prove
nothing. ``validFrom`` never goes back and never runs ahead of the clock. Several lists may share a second;
readers refuse only an older one.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from credentials import status_list
from credentials.document import Json, write
from credentials.proofs import data_integrity, vc_jwt
from credentials.verification_method import KeyAlgorithm
from issuer import profiles
from issuer.errors import NoSuchDocumentError, StatusListError
from issuer.mint import Mint
from issuer.profiles import Issuer
from issuer.status import HALF, LIST_ENTRIES, choose_index, list_path
from issuer.store import status as rows
from issuer.store.status import Place, Served, StatusList

JOB: Final = "status-lists"

# From validFrom to validUntil. It bounds how long an old list can be replayed, and how long an export lasts:
# whoever serves our documents as static files renews them once a day.
LIFETIME: Final = timedelta(hours=24)
REFRESH: Final = timedelta(minutes=30)  # age at which a list is built anew although nothing changed
ALGORITHMS: Final = (KeyAlgorithm.ED25519, KeyAlgorithm.P256)  # of the document and of the VC-JWT
MAX_AGE: Final = 60  # seconds that anybody may keep a copy; how long a revoked badge may look good elsewhere
TRIES: Final = 5  # how often a list is built when somebody else publishes at the same time


def list_url(mint: Mint, list_id: str) -> str:
    """Return the address of a list, which is its id."""
    return mint.public_url + list_path(list_id)


def take_places(mint: Mint, credential: str, *, issuer: str, now: datetime) -> tuple[Place, ...]:
    """Give ``credential`` its random places, once and for ever, and return them: revocation first.

    Runs in the caller's transaction or in its own.
    """
    owner = profiles.get(mint, issuer)
    with mint.db.transaction() as session:
        taken = rows.places(session, credential)
        if taken:
            return taken
        for purpose in purposes(owner):
            list_id = open_list(session, issuer=issuer, purpose=purpose, now=now)
            index = choose_index(
                is_taken=partial(rows.is_taken, session, list_id),
                draw=secrets.randbelow,
            )
            rows.take(session, list_id=list_id, position=index, credential=credential, purpose=purpose)
        return rows.places(session, credential)


def purposes(owner: Issuer) -> tuple[str, ...]:
    """Return for what the credentials of an issuer have places in lists."""
    return ("revocation", "suspension") if owner.profile.suspension else ("revocation",)


def open_list(session: Any, *, issuer: str, purpose: str, now: datetime) -> str:
    """Return the list that takes new places; when it is half full, a new one begins."""
    found = rows.open_list(session, issuer=issuer, purpose=purpose, below=HALF)
    if found is not None:
        return found.id
    list_id = secrets.token_hex(16)
    rows.add_list(session, id=list_id, issuer=issuer, purpose=purpose, now=now)
    return list_id


def entries(mint: Mint, places: tuple[Place, ...]) -> tuple[status_list.BitstringStatusListEntry, ...]:
    """Return the ``credentialStatus`` entries for ``places``."""
    return tuple(
        status_list.BitstringStatusListEntry(
            id=f"{list_url(mint, place.list)}#{place.position}",
            status_purpose=place.purpose,
            status_list_index=place.position,
            status_list_credential=list_url(mint, place.list),
        )
        for place in places
    )


def current(mint: Mint, list_id: str, *, now: datetime) -> Served:
    """Return the list as it is published now; build, sign and publish it first where it is due.

    Raises:
        NoSuchDocumentError: There is no such list.
        StatusListError: Others published all the time, so that ours never was the newest.
        HallmarkError: The list could not be signed.
    """
    wanted: int | None = None  # the change that whoever asks has to see
    for _ in range(TRIES):
        with mint.db.reading() as session:
            found = rows.get(session, list_id)
            if found is None:
                raise NoSuchDocumentError("There is no such status list here.", got=list_id[:64])
            positions = rows.set_positions(session, list_id)
        wanted = found.changed if wanted is None else wanted
        served = found.served
        if served is not None and found.served_change >= wanted and not _is_due(mint, found, served, now=now):
            return served
        made = _build(mint, found, positions, now=now)
        with mint.db.transaction() as session:
            if rows.swap(session, before=found, served=made):
                return made
    raise StatusListError("The status list changes faster than it can be published.")


def publish_due(mint: Mint, *, now: datetime) -> int:
    """Publish every list whose rows are newer than what is served; return how many."""
    with mint.db.reading() as session:
        waiting = rows.waiting(session)
    for list_id in waiting:
        current(mint, list_id, now=now)
    return len(waiting)


def _is_due(mint: Mint, found: StatusList, served: Served, *, now: datetime) -> bool:
    """Tell whether it has grown old, or another key than the active one signed it.

    While a key is missing nothing better can be made, and readers judge for themselves what is there.
    """
    if now >= served.valid_from + REFRESH:
        return True
    ring = mint.cabinet.ring(found.issuer)
    active = {ring.method_id(key) for key in ring.keys if key.active and key.algorithm in ALGORITHMS}
    return len(active) == len(ALGORITHMS) and active != set(served.methods)


def _build(mint: Mint, found: StatusList, positions: tuple[int, ...], *, now: datetime) -> Served:
    valid_from = now.replace(microsecond=0)
    if found.served is not None:
        valid_from = max(valid_from, found.served.valid_from)
    valid_until = valid_from + LIFETIME
    owner = profiles.get(mint, found.issuer)
    members: dict[str, Json] = status_list.compose_list(
        id=list_url(mint, found.id),
        issuer_members=owner.members(public_url=mint.public_url),
        status_purpose=found.purpose,
        encoded_list=status_list.encode(positions, length=LIST_ENTRIES),
        valid_from=valid_from,
        valid_until=valid_until,
        ttl_ms=MAX_AGE * 1000,
    )
    signer = mint.cabinet.signer(found.issuer, KeyAlgorithm.ED25519)
    signed = data_integrity.add_proof(members, signer=signer, created=valid_from)
    proof = data_integrity.proofs(signed)[0]
    data_integrity.verify_proof(signed, proof, public_key=signer.public_key, now=valid_from)
    jwt_signer = mint.cabinet.signer(found.issuer, KeyAlgorithm.P256)
    jwt = vc_jwt.encode(members, signer=jwt_signer).encode("ascii")
    methods = (signer.verification_method, jwt_signer.verification_method)
    return Served(write(signed), jwt, valid_from, valid_until, methods)
