# SPDX-License-Identifier: Apache-2.0
"""Status lists, built from rows, signed and swapped in; never older than the one that was served last.

A decision is rows and a bell. The job (``status_job``) publishes what they changed, off the request path.
Strangers get what was published last, straight (``served``). Only where that was never done, is overdue
(nobody works here), is from the future, or was signed by another key than the active one, whoever asks has it
built. While the issuer has no active key they get the last one as long as it is valid, also when a change
waits, unless a compromised key signed it (``status_age``). Our own verifier always sees the rows
(``current``), or that they cannot be signed.

``validFrom`` is the clock of whoever publishes, and never goes back, with one exception: what a clock that
ran ahead has dated gives way to the present (``status_age``), with an alarm in the log. Where one of several
machines goes on with a wrong clock, the others mend within a minute what it publishes, and at once for
whoever asks them. Several lists may share a second; readers refuse only an older one. Beside the bits that
mean something, decoys change (``decoys``); they are drawn while a list is built and written in the commit
that publishes it, so a crash before it leaves nothing.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from credentials import status_list
from credentials.digests import sha256_hex
from credentials.document import Json, write
from credentials.errors import HallmarkError
from credentials.proofs import data_integrity, vc_jwt
from issuer import decoys, profiles, status_decoys
from issuer.errors import NoSuchDocumentError, StatusListError
from issuer.mint import Mint
from issuer.profiles import Issuer
from issuer.status import AHEAD, HALF, LIST_ENTRIES, choose_index, list_path
from issuer.status_age import ALGORITHMS, SKEW, active_methods, is_ahead, require_shown
from issuer.store import status as rows
from issuer.store.status import Place, Served, StatusList, Turned
from keys.custody import KeySigner
from keys.errors import KeyStateError, NoActiveKeyError
from service import log

JOB: Final = "status-lists"

# From validFrom to validUntil. It bounds how long an old list can be replayed, and how long an export lasts:
# whoever serves our documents as static files renews them once a day.
LIFETIME: Final = timedelta(hours=24)
REFRESH: Final = timedelta(minutes=30)  # age at which a list is built anew although nothing changed
# Without a worker it is whoever asks that publishes: what waits longer than this, clocks a second apart, and
# what is older than this. So a change is public within five seconds whatever has died.
OVERDUE: Final = timedelta(seconds=4)
OLD: Final = LIFETIME / 2
LATE: Final = timedelta(minutes=2)  # after which a change that waits, or an old list, is told to operators
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
    """Return the list that takes new places; where none is left that is not half full, a new one begins.

    The job begins it before that (``open_ahead``), so that its first publication is on nobody's request.
    """
    found = rows.open_list(session, issuer=issuer, purpose=purpose, below=HALF)
    return _begin(session, issuer=issuer, purpose=purpose, now=now) if found is None else found


def list_for(mint: Mint, issuer: str, purpose: str, *, now: datetime) -> str:
    """Return the list that takes new places, as ``open_list``; where there is one it waits for nobody."""
    with mint.db.reading() as session:
        found = rows.open_list(session, issuer=issuer, purpose=purpose, below=HALF)
    if found is not None:
        return found
    with mint.db.transaction() as session:
        return open_list(session, issuer=issuer, purpose=purpose, now=now)


def open_ahead(mint: Mint, *, now: datetime) -> int:
    """Begin the next list of each issuer and purpose whose lists are nearly half full; return how many."""
    with mint.db.reading() as session:
        filling = rows.filling(session, at_least=AHEAD)
    if filling:
        with mint.db.transaction() as session:
            filling = rows.filling(session, at_least=AHEAD)
            for issuer, purpose in filling:
                _begin(session, issuer=issuer, purpose=purpose, now=now)
    return len(filling)


def _begin(session: Any, *, issuer: str, purpose: str, now: datetime) -> str:
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


def served(mint: Mint, list_id: str, *, now: datetime) -> Served:
    """Return the list as it was published last, as strangers get it.

    Raises:
        StatusListError: There is none that strangers may be given, and none could be signed.
        HallmarkError: What ``current`` raises, where it has to be built for this.
    """
    with mint.db.reading() as session:
        found = _found(session, list_id)
        last = found.served
        is_fresh = last is not None and not _is_overdue(found, last, now=now)
        if last is not None and is_fresh and active_methods(mint, found.issuer) == set(last.methods):
            return last
    try:
        last = current(mint, list_id, now=now)
    except NoActiveKeyError:
        if last is None:
            raise
    require_shown(mint, found.issuer, last, now=now)
    return last


def exported(mint: Mint, list_id: str, *, now: datetime) -> Served:
    """Return the list as the rows say, for copies that strangers are given by others.

    Raises:
        StatusListError: It could not be signed, and the last one is none for strangers.
        HallmarkError: What ``current`` raises.
    """
    made = current(mint, list_id, now=now)
    with mint.db.reading() as session:
        issuer = _found(session, list_id).issuer
    require_shown(mint, issuer, made, now=now)
    return made


def current(mint: Mint, list_id: str, *, now: datetime) -> Served:
    """Return the list as the rows say; build, sign and publish it first where something else is served.

    Raises:
        NoSuchDocumentError: There is no such list.
        StatusListError: Others published all the time, so that ours never was the newest.
        HallmarkError: The list could not be signed.
    """
    wanted: int | None = None  # the change that whoever asks has to see
    for _ in range(TRIES):
        with mint.db.reading() as session:
            found = _found(session, list_id)
            wanted = found.changed if wanted is None else wanted
            last = found.served
            if last is not None and last.change >= wanted and not _is_due(mint, found, last, now=now):
                return last
            positions = rows.set_positions(session, list_id)
            turned = status_decoys.turned(session, found, now=now)
            signers = _Signers.of(mint, found.issuer)
        mint.reached("list-read")
        made = _build(mint, found, positions, turned, signers, now=now)
        mint.reached("list-signed")
        stirs_at = found.stirs_at
        wrong = last is not None and is_ahead(last.valid_from, now=now)
        if stirs_at is None or stirs_at <= now or turned != Turned() or wrong:
            stirs_at = decoys.next_stir(now, draw=secrets.randbelow)
        try:
            with mint.db.transaction() as session:
                signers.require_active(mint)
                done = rows.swap(
                    session,
                    before=found,
                    served=made,
                    turned=turned,
                    stirs_at=stirs_at,
                    ahead=now + SKEW,
                    now=now,
                )
        except KeyStateError:
            continue  # A key was taken out of use meanwhile; what it signed is thrown away.
        if done:
            if last is not None and wrong:
                _tell_of_clock(found, last)
            mint.reached("list-swapped")
            return made
    raise StatusListError("The status list changes faster than it can be published.")


def publish_due(mint: Mint, *, now: datetime) -> int:
    """Publish every list that is due: changed, new, old, or its decoys stir; return how many.

    Several processes may do this at once. A list that cannot be signed is in no other's way.

    Raises:
        HallmarkError: What kept the first of those that could not be published.
    """
    with mint.db.reading() as session:
        due = rows.due(session, renew=now - REFRESH, ahead=now + SKEW, now=now)
    return publish(mint, [list_id for list_id, _ in due], now=now)


def publish(mint: Mint, lists: Sequence[str], *, now: datetime) -> int:
    """Publish these lists where it is due; return how many there are.

    Raises:
        HallmarkError: What kept the first of those that could not be published; the others are.
    """
    failed: HallmarkError | None = None
    for list_id in lists:
        try:
            made = current(mint, list_id, now=now)
        except HallmarkError as error:
            log.event("status-list.not-published", level=logging.ERROR, error=error, id=list_id)
            failed = failed or error
            continue
        if now >= made.valid_from + REFRESH or is_ahead(made.valid_from, now=now):
            until = made.valid_until.isoformat()
            log.event("status-list.no-active-key", level=logging.ERROR, id=list_id, valid_until=until)
    if failed is not None:
        raise failed
    return len(lists)


def attention(mint: Mint, *, now: datetime) -> tuple[str, ...]:
    """Return what operators should look at, as codes for ``/healthz``: lists are late, or from the future."""
    with mint.db.reading() as session:
        late, ahead = rows.late(session, waits=now - LATE, renew=now - REFRESH - LATE, ahead=now + SKEW)
    return ("status-lists.late",) * bool(late) + ("status-lists.from-the-future",) * bool(ahead)


def _tell_of_clock(found: StatusList, last: Served) -> None:
    """Log that a clock ran ahead, of this machine or of another one, when ``last`` was published."""
    was = last.valid_from.isoformat()
    log.event("status-list.from-the-future", level=logging.ERROR, id=found.id, valid_from=was)


def _found(session: Any, list_id: str) -> StatusList:
    found = rows.get(session, list_id)
    if found is None:
        raise NoSuchDocumentError("There is no such status list here.", got=list_id[:64])
    return found


def _is_overdue(found: StatusList, served: Served, *, now: datetime) -> bool:
    """Tell whether the job should have published it long ago, so that whoever asks has it done."""
    since = found.waiting_since
    waits = since is not None and (since <= now - OVERDUE or is_ahead(since, now=now))
    return waits or now >= served.valid_from + OLD or is_ahead(served.valid_from, now=now)


def _is_due(mint: Mint, found: StatusList, served: Served, *, now: datetime) -> bool:
    """Tell whether it is old or from the future, its decoys stir, or its key is not the active one.

    While a key is missing nothing better can be made, and readers judge for themselves what is there.
    """
    active = active_methods(mint, found.issuer)
    if len(active) != len(ALGORITHMS):
        return False
    stirs = found.stirs_at is not None and found.stirs_at <= now
    is_old = now >= served.valid_from + REFRESH or is_ahead(served.valid_from, now=now)
    return stirs or is_old or active != set(served.methods)


@dataclass(frozen=True, slots=True)
class _Signers:
    """Who signs a list, read in the same moment as its rows."""

    owner: Issuer
    document: KeySigner
    jwt: KeySigner

    @classmethod
    def of(cls, mint: Mint, slug: str) -> _Signers:
        owner = profiles.get(mint, slug)
        document, jwt = (mint.cabinet.batch_signer(slug, algorithm) for algorithm in ALGORITHMS)
        return cls(owner, document, jwt)

    def require_active(self, mint: Mint) -> None:
        for signer in (self.document, self.jwt):
            mint.cabinet.require_active(signer.public_key)


def _build(
    mint: Mint,
    found: StatusList,
    positions: tuple[int, ...],
    turned: Turned,
    signers: _Signers,
    *,
    now: datetime,
) -> Served:
    valid_from = now.replace(microsecond=0)
    if found.served is not None and not is_ahead(found.served.valid_from, now=now):
        valid_from = max(valid_from, found.served.valid_from)
    valid_until = valid_from + LIFETIME
    members: dict[str, Json] = status_list.compose_list(
        id=list_url(mint, found.id),
        issuer_members=signers.owner.members(public_url=mint.public_url),
        status_purpose=found.purpose,
        encoded_list=status_list.encode({*positions, *turned.on}.difference(turned.off), length=LIST_ENTRIES),
        valid_from=valid_from,
        valid_until=valid_until,
        ttl_ms=MAX_AGE * 1000,
    )
    signer = signers.document
    signed = data_integrity.add_proof(members, signer=signer, created=valid_from)
    proof = data_integrity.proofs(signed)[0]
    data_integrity.verify_proof(signed, proof, public_key=signer.public_key, now=valid_from)
    jwt = vc_jwt.encode(members, signer=signers.jwt).encode("ascii")
    methods = (signer.verification_method, signers.jwt.verification_method)
    body = write(signed)
    return Served(
        body,
        jwt,
        valid_from,
        valid_until,
        methods,
        digest=sha256_hex(body),
        jwt_digest=sha256_hex(jwt),
        version=1 if found.served is None else found.served.version + 1,
        change=found.changed,
    )
