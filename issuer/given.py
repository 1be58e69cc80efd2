# SPDX-License-Identifier: Apache-2.0
"""Documents that are given to be signed: whose they are, what was signed before, and their other form.

One id stands for one document in our rows, so that whoever withdraws it by its id withdraws all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from credentials.digests import sha256_hex
from credentials.document import Json, parse, write
from credentials.proofs import data_integrity, vc_jwt
from credentials.verification_method import KeyAlgorithm
from issuer import self_check
from issuer.errors import ForeignStatusError, NoSuchCredentialError, SelfCheckError, SignedBeforeError
from issuer.lint import JSON, JWT
from issuer.mint import Mint
from issuer.store import credentials as rows
from issuer.store import status as status_rows
from issuer.store.credentials import StoredCredential
from service import audit

# Verdicts that do not stand against signing: a given document may speak of other times.
IN_ITS_TIME: Final = frozenset({"valid", "expired", "not-yet-valid"})


def refuse_foreign_places(mint: Mint, members: Mapping[str, Json]) -> None:
    """Refuse places in our lists that belong to another document.

    Raises:
        ForeignStatusError: There is one.
    """
    identifier = members.get("id")
    with mint.db.reading() as session:
        for _, list_id, index in self_check.own_entries(mint, members):
            owner = None
            if isinstance(index, str) and index.isascii() and index.isdigit():
                owner = status_rows.owner(session, list_id, int(index[:8]))
            if owner is None or rows.get(session, owner).credential_id != identifier:
                raise ForeignStatusError(
                    "The document points to a place in our status lists that is not its own.",
                    path="/credentialStatus",
                )


def issuer_id(members: Mapping[str, Json]) -> str:
    """Return the id of the issuer that the document names, or an empty text."""
    issuer = members.get("issuer")
    identifier = issuer.get("id") if isinstance(issuer, dict) else issuer
    return identifier if isinstance(identifier, str) else ""


def signed_before(mint: Mint, members: Mapping[str, Json], *, revocable: bool) -> str | None:
    """Return the key under which this very document is written down, or None if its id is unknown.

    Raises:
        ForeignStatusError: The id belongs to an award.
        SignedBeforeError: Something else was signed under it.
    """
    identifier = members.get("id")
    with mint.db.reading() as session:
        known = rows.find(session, identifier) if isinstance(identifier, str) else None
    if known is None:
        return None
    if known.kind not in (JSON, JWT):
        raise ForeignStatusError("This id belongs to an award of ours.", path="/id")
    intended = {} if known.intended is None else dict(parse(known.intended.document).members)
    if "credentialStatus" not in members:
        if revocable and "credentialStatus" not in intended:
            raise SignedBeforeError("This id was signed before, without a place in our lists.", path="/id")
        intended.pop("credentialStatus", None)
    if json.dumps(intended, sort_keys=True) != json.dumps(members, sort_keys=True):
        raise SignedBeforeError(
            "Another document was signed under this id. Give this one an id of its own.", path="/id"
        )
    return known.key


def key_of(mint: Mint, credential_id: str, *, slug: str) -> str:
    """Return the key of what was given to be signed under an id, by the issuer ``slug``.

    Raises:
        NoSuchCredentialError: Nothing was, or it is somebody else's, or an award.
    """
    with mint.db.reading() as session:
        found = rows.find(session, credential_id)
    if found is None or found.issuer != slug or found.kind not in (JSON, JWT):
        raise NoSuchCredentialError("Nothing was signed under this id.", got=credential_id[:200])
    return found.key


def in_form(mint: Mint, found: StoredCredential, *, form: str, now: datetime, actor: str) -> bytes:
    """Return the issued document in ``form``; in its other form it is signed now, from the same bytes.

    Raises:
        LintError: In this form it would not verify everywhere.
        SelfCheckError: What we signed does not verify.
    """
    stored = found.signed_jwt if form == JWT else found.signed_json
    if stored is not None:
        return stored
    if found.intended is None:
        raise SelfCheckError("There is a signed document without its intended bytes.", got=found.key)
    members = dict(parse(found.intended.document).members)
    did = mint.cabinet.did_of(found.issuer)
    self_check.lint(mint, members, did=did, now=now, forms=(form,), accepted=IN_ITS_TIME, own=False)
    signer = mint.cabinet.signer(found.issuer, KeyAlgorithm.P256 if form == JWT else KeyAlgorithm.ED25519)
    if form == JWT:
        signed = vc_jwt.encode(members, signer=signer).encode("ascii")
    else:
        created = now.replace(microsecond=0)
        signed = write(data_integrity.add_proof(members, signer=signer, created=created))
    self_check.check(mint, signed, members, issuer=found.issuer, now=now, accepted=IN_ITS_TIME)
    with mint.db.transaction() as session:
        known = rows.get(session, found.key)
        first = known.signed_jwt if form == JWT else known.signed_json
        if first is not None:
            return first
        rows.sign_also(session, found.key, **{form: signed})
        audit.record(
            session,
            actor=actor,
            action="credential.issued",
            subject=found.key,
            detail={"method": signer.verification_method, f"{form}_sha256": sha256_hex(signed)},
            now=now,
        )
    return signed
