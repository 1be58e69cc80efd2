# SPDX-License-Identifier: Apache-2.0
"""The issuers of this house: registered from TOML, each with a DID and keys of its own.

The first one takes the site's own ``did:web:{host}``, further ones ``did:web:{host}:issuers:{slug}``.
Registering again changes the profile, never the DID.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from credentials.did import did_web_for
from credentials.document import Json
from credentials.verification_method import KeyAlgorithm
from issuer import artwork, profile
from issuer.errors import NoSuchIssuerError
from issuer.mint import Mint
from issuer.profile import IssuerProfile
from issuer.store import profiles as rows
from issuer.store.profiles import StoredProfile
from service import audit

KEPT = 128  # profiles that are kept as they were read; each takes some 2 KB
ALGORITHMS = (KeyAlgorithm.ED25519, KeyAlgorithm.P256)  # embedded proofs · VC-JWT


@dataclass(frozen=True, slots=True)
class Issuer:
    """One registered issuer."""

    slug: str
    did: str
    profile: IssuerProfile
    image: bytes

    def members(self, *, public_url: str) -> dict[str, Json]:
        """Return the Profile object that credentials carry."""
        return profile.members(self.profile, did=self.did, public_url=public_url)


def register(mint: Mint, source: bytes, *, name: str, now: datetime, actor: str = "system") -> Issuer:
    """Register the issuer that ``source`` describes, or change its profile; make keys it lacks.

    Every part can be repeated: a run that was interrupted is finished by the next one.

    Raises:
        ProgrammeError: The file is not as agreed.
        HallmarkError: The keys could not be made.
    """
    read = profile.read(source, name=name)
    if read.slug not in mint.cabinet.slugs():
        root = mint.cabinet.root_did
        is_first = mint.cabinet.slug_of(root) is None
        did = root if is_first else did_web_for(mint.settings.did_host, "issuers", read.slug)
        mint.cabinet.create_issuer(read.slug, did, now=now, actor=actor)
    active = {key.algorithm for key in mint.cabinet.ring(read.slug).keys if key.active}
    for algorithm in ALGORITHMS:
        if algorithm not in active:
            mint.cabinet.new_key(read.slug, algorithm, now=now, actor=actor)
    did = mint.cabinet.did_of(read.slug)
    with mint.db.reading() as session:
        known = rows.get(session, read.slug)
    if known is None or known.source != source:
        image = artwork.png(read.monogram, stack=read.slug)
        with mint.db.transaction() as session:
            rows.put(session, StoredProfile(read.slug, did, source, image), now=now)
            audit.record(session, actor=actor, action="issuer.profile", subject=did, now=now)
    return get(mint, read.slug)


def get(mint: Mint, slug: str) -> Issuer:
    """Return the issuer with this slug.

    Raises:
        NoSuchIssuerError: There is none.
    """
    with mint.db.reading() as session:
        stored = rows.get(session, slug)
    if stored is None:
        raise NoSuchIssuerError("There is no such issuer here.", got=slug[:64])
    return _issuer(stored)


def by_did(mint: Mint, did: str) -> Issuer | None:
    """Return the issuer with this DID, or None."""
    with mint.db.reading() as session:
        stored = rows.by_did(session, did)
    return None if stored is None else _issuer(stored)


def every(mint: Mint) -> tuple[Issuer, ...]:
    """Return all issuers, the first one first."""
    with mint.db.reading() as session:
        return tuple(_issuer(stored) for stored in rows.every(session))


def names(mint: Mint) -> tuple[tuple[str, str], ...]:
    """Return DID and name of all issuers, the first one first."""
    return tuple(
        (did, _read(source, name=f"{slug}.toml").name) for slug, did, source in rows.sources(mint.db)
    )


def _issuer(stored: StoredProfile) -> Issuer:
    return Issuer(stored.slug, stored.did, _read(stored.source, name=f"{stored.slug}.toml"), stored.image)


# Every verification asks for all of them; what a file says is read once.
_read = lru_cache(maxsize=KEPT)(profile.read)
