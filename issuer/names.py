# SPDX-License-Identifier: Apache-2.0
"""Names beside a credential: shown while the earner wants it, and never signed in plain words.

What is signed is a salted hash of the name (``award.AwardRequest.hides_name``), so a name that stands on the
page can be compared with the signature, and taking it away leaves the credential as it is.
"""

from __future__ import annotations

from datetime import datetime

from credentials import identity
from credentials.document import Json, parse
from credentials.errors import IdentityError
from credentials.identity import NAME, IdentityObject
from credentials.summary import Summary
from issuer.errors import AwardRequestError, NoSuchCredentialError
from issuer.mint import Mint
from issuer.store import credentials as rows
from issuer.store import reissues
from issuer.store.credentials import StoredCredential
from service import audit


def show(mint: Mint, key: str, name: str, *, now: datetime, actor: str) -> None:
    """Show ``name`` beside the credential.

    Raises:
        NoSuchCredentialError: There is no such award.
        AwardRequestError: It is not the name whose hash was signed.
    """
    with mint.db.transaction() as session:
        if not fits(rows.get(session, key), name):
            raise AwardRequestError("This is not the name that was signed.", path="/name")
        _put(mint, key, name, now=now, actor=actor)
        for older in reissues.earlier(session, key):
            if fits(rows.get(session, older), name):
                _put(mint, older, name, now=now, actor=actor)


def hide(mint: Mint, key: str, *, now: datetime, actor: str) -> None:
    """Show no name any more, also on the pages of older issues of the same award.

    Raises:
        NoSuchCredentialError: There is no such award.
    """
    with mint.db.transaction() as session:
        for each in (key, *reissues.earlier(session, key)):
            _put(mint, each, None, now=now, actor=actor)


def shown(mint: Mint, found: StoredCredential) -> str | None:
    """Return the name to show beside ``found``, if its earner wants that and the signature fits it."""
    with mint.db.reading() as session:
        name = rows.shown_name(session, found.key)
    return name if name is not None and fits(found, name) else None


def is_erased(mint: Mint, key: str) -> bool:
    """Tell whether the person behind the award was forgotten at their request; the award stands."""
    with mint.db.reading() as session:
        return rows.is_erased(session, key)


def earner(mint: Mint, found: StoredCredential, said: Summary) -> str | None:
    """Return the name to say beside ``found``: signed in plain words, or shown; none after an erasure."""
    if is_erased(mint, found.key):
        return None
    return said.recipient_name or shown(mint, found)


def fits(found: StoredCredential, name: str) -> bool:
    """Tell whether the signed document holds the salted hash of ``name``."""
    if found.signed_json is None:
        return False
    return any(_is_named(entry, name) for entry in _identifiers(found.signed_json))


def _put(mint: Mint, key: str, name: str | None, *, now: datetime, actor: str) -> None:
    with mint.db.transaction() as session:
        if not rows.set_shown_name(session, key, name):
            raise NoSuchCredentialError("There is no such credential here.", got=key[:64])
        action = "credential.name-hidden" if name is None else "credential.name-shown"
        audit.record(session, actor=actor, action=action, subject=key, now=now)


def _identifiers(signed: bytes) -> list[Json]:
    subject = parse(signed).members.get("credentialSubject")
    entries = subject.get("identifier") if isinstance(subject, dict) else None
    return entries if isinstance(entries, list) else []


def _is_named(entry: Json, name: str) -> bool:
    try:
        read = IdentityObject.read(entry if isinstance(entry, dict) else {})
        return read.hashed and read.identity_type == NAME and identity.matches(read, name)
    except IdentityError:
        return False
