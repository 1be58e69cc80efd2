# SPDX-License-Identifier: Apache-2.0
"""The opened room: issuers, their keys, and the signers that the issuing cycle asks for.

Rules kept here:

- The private key is durable before a row says that it is active. A crash in between leaves a sealed file that
  no row names: harmless.
- Every change and its audit line are one commit; no line, no change (threat L1).
- A signer asks the rows again before each signature, so a retired or compromised key stops signing at once,
  in every process.
- Opened keys are kept for the life of the process, and only as long as they are active.
"""

from __future__ import annotations

import dataclasses
import os
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from credentials.dates import format_datetime
from credentials.did import did_web_for, did_web_url
from credentials.verification_method import KeyAlgorithm, PublicKey
from keys import env_key, file_key, private_key, store
from keys.custody import Custody, KeySigner, split
from keys.errors import CustodyError, IssuerNameError, KeyStateError, WeakKeyError
from keys.keyring import KeyRecord, KeyRing, KeyState, key_id
from keys.private_key import PrivateKey
from service import audit
from service.db import Database
from service.settings import Settings

NEW_FILE: Final = f"{file_key.SCHEME}:"  # the custody of a key that is still to be made

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Cabinet:
    """All issuers and keys of one house; shared between threads, opened once per process.

    Attributes:
        public_url: Base of every address that we publish.
        root_did: The DID whose document lies at /.well-known/did.json.
    """

    def __init__(self, db: Database, custody: Custody, *, public_url: str, did_host: str) -> None:
        self._db: Final = db
        self._custody: Final = custody
        self._opened: Final[dict[PublicKey, PrivateKey]] = {}
        self._lock: Final = threading.Lock()
        self.public_url: Final = public_url
        self.root_did: Final = did_web_for(did_host)

    @classmethod
    def open(cls, db: Database, settings: Settings, *, environ: Mapping[str, str] | None = None) -> Cabinet:
        """Open the cabinet of the house that ``settings`` describe. No key is touched yet."""
        custody = Custody(
            settings.keys_folder,
            passphrase_file=settings.keys_passphrase_file,
            environ=os.environ if environ is None else environ,
        )
        return cls(db, custody, public_url=settings.public_url, did_host=settings.did_host)

    # -- who there is ------------------------------------------------------------------------------------

    def issuers(self) -> tuple[tuple[str, str], ...]:
        """Return slug and DID of every issuer, oldest first."""
        with self._db.reading() as session:
            return store.issuers(session)

    def slugs(self) -> tuple[str, ...]:
        """Return the short name of every issuer, oldest first."""
        return tuple(slug for slug, _ in self.issuers())

    def did_of(self, slug: str) -> str:
        """Return the DID of an issuer.

        Raises:
            NoSuchIssuerError: There is none of this name.
        """
        return self.ring(slug).did

    def slug_of(self, did: str) -> str | None:
        """Return the short name of the issuer with this DID, or None if it is none of ours."""
        return next((slug for slug, own in self.issuers() if own == did), None)

    def ring(self, slug: str) -> KeyRing:
        """Return the keys of an issuer as they are now.

        Raises:
            NoSuchIssuerError: There is none of this name.
        """
        with self._db.reading() as session:
            return store.ring(session, slug)

    # -- what changes ------------------------------------------------------------------------------------

    def create_issuer(self, slug: str, did: str, *, now: datetime, actor: str = "system") -> None:
        """Enter an issuer; it has no keys yet.

        Raises:
            IssuerNameError: The slug is not lower-case letters, digits and single hyphens.
            MalformedDIDError: The DID is no did:web.
            IssuerExistsError: The slug or the DID is taken.
        """
        if len(slug) > store.SLUG_CHARS or _SLUG.fullmatch(slug) is None:
            raise IssuerNameError(
                "The short name of an issuer is made of lower-case letters, digits and single hyphens, at "
                f"most {store.SLUG_CHARS} of them.",
                got=slug[: store.SLUG_CHARS],
            )
        did_web_url(did)
        with self._db.transaction() as session:
            store.add_issuer(session, slug, did, now=now)
            audit.record(
                session, actor=actor, action="issuer.created", subject=slug, detail={"did": did}, now=now
            )

    def new_key(
        self,
        slug: str,
        algorithm: KeyAlgorithm,
        *,
        now: datetime,
        custody: str = NEW_FILE,
        actor: str = "system",
    ) -> KeyRecord:
        """Give an issuer its active key of an algorithm: a fresh one, or with ``env:NAME`` the one handed in.

        Raises:
            NoSuchIssuerError: There is none of this name.
            KeyStateError: It has an active key of this algorithm already.
            KeyReusedError, WeakKeyError, UnreadableKeyError, CustodyError, UnsupportedCustodyError: The key.
        """
        return self._admit(slug, self._obtain(algorithm, custody), KeyRing.with_new, now=now, actor=actor)

    def rotate(
        self,
        slug: str,
        algorithm: KeyAlgorithm,
        *,
        now: datetime,
        custody: str = NEW_FILE,
        actor: str = "system",
    ) -> KeyRecord:
        """Put a new key in the place of the active one, which retires and stays published.

        Raises:
            NoActiveKeyError: There is none to replace.
            HallmarkError: What ``new_key`` raises about issuer and key.
        """
        return self._admit(slug, self._obtain(algorithm, custody), KeyRing.rotated, now=now, actor=actor)

    def import_key(
        self, slug: str, text: str, *, now: datetime, replace: bool = False, actor: str = "system"
    ) -> KeyRecord:
        """Seal a private key that was made elsewhere and make it active, ``replace`` in place of another.

        Raises:
            UnreadableKeyError, WeakKeyError, KeyReusedError: The key, judged before anything is written.
            HallmarkError: What ``new_key`` and ``rotate`` raise.
        """
        key = private_key.from_text(text)
        step = KeyRing.rotated if replace else KeyRing.with_new
        return self._admit(slug, (key, NEW_FILE), step, now=now, actor=actor)

    def retire(self, slug: str, key: str, *, now: datetime, actor: str = "system") -> KeyRecord:
        """Let a key sign nothing more; it stays published and what it signed stays good.

        Raises:
            NoSuchIssuerError, NoSuchKeyError: There is none of this name.
            KeyStateError: It is not active.
        """
        return self._change(
            slug, key, lambda ring: ring.retired(key, now), action="key.retired", now=now, actor=actor
        )

    def compromised(
        self, slug: str, key: str, *, since: datetime, now: datetime, actor: str = "system"
    ) -> KeyRecord:
        """Say that a key was in other hands since that moment: it signs no more and is published as revoked.

        Raises:
            NoSuchIssuerError, NoSuchKeyError: There is none of this name.
            KeyStateError: The moment lies in the future, or after the one that was said before.
        """
        return self._change(
            slug,
            key,
            lambda ring: ring.compromised(key, since=since, now=now),
            action="key.compromised",
            now=now,
            actor=actor,
        )

    # -- what signs --------------------------------------------------------------------------------------

    def signer(self, slug: str, algorithm: KeyAlgorithm) -> CabinetSigner:
        """Return a signer with the issuer's active key of this algorithm.

        Raises:
            NoSuchIssuerError: There is none of this name.
            NoActiveKeyError: It has no such key.
            CustodyError: The key could not be opened, or is not the one that the rows know.
        """
        ring = self.ring(slug)
        record = ring.active(algorithm)
        signer = KeySigner(self._open(record), verification_method=ring.method_id(record))
        return CabinetSigner(self, signer)

    def batch_signer(self, slug: str, algorithm: KeyAlgorithm) -> KeySigner:
        """Return a signer that does not ask the rows before each signature, for many at once.

        Whoever uses it asks ``require_active`` in the commit that makes its signatures known, and throws them
        away if that refuses.

        Raises:
            NoSuchIssuerError, NoActiveKeyError, CustodyError: As ``signer``.
        """
        ring = self.ring(slug)
        record = ring.active(algorithm)
        return KeySigner(self._open(record), verification_method=ring.method_id(record))

    def require_active(self, public_key: PublicKey) -> None:
        """Refuse a key that may not sign at this moment, and forget its private half.

        Raises:
            KeyStateError: It is retired or compromised.
        """
        with self._db.reading() as session:
            state = store.state(session, public_key)
        if state is not KeyState.ACTIVE:
            with self._lock:
                self._opened.pop(public_key, None)
            raise KeyStateError("This key has been taken out of use and signs nothing more.", got=state)

    def _open(self, record: KeyRecord) -> PrivateKey:
        with self._lock:
            key = self._opened.get(record.public_key)
            if key is None:
                key = self._custody.open(record.custody)
                if key.public_key != record.public_key:
                    raise CustodyError(f"What is kept as the key {record.id} is another key.")
                self._opened[record.public_key] = key
            return key

    def _obtain(self, algorithm: KeyAlgorithm, custody: str) -> tuple[PrivateKey, str]:
        """Make a key, or open the one that ``custody`` names; nothing is written yet."""
        if custody == NEW_FILE:
            return private_key.generate(algorithm), custody
        if split(custody)[0] != env_key.SCHEME:
            raise CustodyError(f'A new key is kept in "{NEW_FILE}" or comes from "env:NAME".')
        key = self._custody.open(custody)
        if key.algorithm is not algorithm:
            raise WeakKeyError(
                f"The key in the environment is another kind than {algorithm}.", got=key.algorithm
            )
        return key, custody

    def _admit(
        self,
        slug: str,
        obtained: tuple[PrivateKey, str],
        step: Callable[[KeyRing, KeyRecord], KeyRing],
        *,
        now: datetime,
        actor: str,
    ) -> KeyRecord:
        """Bring a key into a ring: judged, then durable, then in the rows."""
        key, custody = obtained
        name = key_id(key.public_key)
        record = KeyRecord(id=name, public_key=key.public_key, custody=custody, created=now)
        with self._db.reading() as session:  # So that what is refused leaves no file.
            step(store.ring(session, slug), record)
            store.refuse_reuse(session, key.public_key)
        if custody == NEW_FILE:
            record = dataclasses.replace(record, custody=self._custody.seal(key, name=f"{slug}.{name}"))
        return self._change(
            slug, name, lambda ring: step(ring, record), action="key.activated", now=now, actor=actor
        )

    def _change(
        self,
        slug: str,
        key: str,
        step: Callable[[KeyRing], KeyRing],
        *,
        action: str,
        now: datetime,
        actor: str,
    ) -> KeyRecord:
        """Take one step with a ring and write it down with its audit line."""
        with self._db.transaction() as session:
            before = store.ring(session, slug, for_change=True)
            after = step(before)
            store.save(session, before, after)
            changed = [record for record in after.keys if record not in before.keys]
            audit.record(
                session,
                actor=actor,
                action=action,
                subject=slug,
                detail={record.id: _told(record) for record in changed},
                now=now,
            )
        return after.key(key)


def _told(record: KeyRecord) -> str:
    if record.compromised_since is None:
        return str(record.state)
    return f"{record.state} since {format_datetime(record.compromised_since)}"


class CabinetSigner:
    """A ``credentials.proofs.signer.Signer`` that asks before each signature whether it still may."""

    __slots__ = ("_cabinet", "_signer")

    def __init__(self, cabinet: Cabinet, signer: KeySigner) -> None:
        self._cabinet: Final = cabinet
        self._signer: Final = signer

    @property
    def verification_method(self) -> str:
        """The DID URL under which the public half is published."""
        return self._signer.verification_method

    @property
    def algorithm(self) -> KeyAlgorithm:
        """What it signs with."""
        return self._signer.algorithm

    @property
    def public_key(self) -> PublicKey:
        """The half that everybody may see."""
        return self._signer.public_key

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``.

        Raises:
            KeyStateError: The key was taken out of use since this signer was handed out.
        """
        self._cabinet.require_active(self.public_key)
        return self._signer.sign(data)

    def __repr__(self) -> str:
        return f"<CabinetSigner {self.verification_method}>"
