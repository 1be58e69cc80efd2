# SPDX-License-Identifier: Apache-2.0
"""The door for outside harnesses: five functions over the production's signing and checking path.

``setup`` first. Lint, rows and status are left out on both sides: what is timed stands between a document
and its signed bytes, and between signed bytes and a yes.

>>> setup({"seed": bytes(range(32))})
>>> signed = issue({...})
>>> verify(signed)
True
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from credentials.canonicalize import canonicalize as canonical_form
from credentials.did import did_key_for, public_key
from credentials.document import parse, write
from credentials.errors import HallmarkError, ProofError
from credentials.proofs import data_integrity
from credentials.proofs.batch import Batch
from credentials.proofs.signer import Signer
from keys.custody import unsafe_signer_from_seed
from service import clock

_given: dict[str, Signer] = {}


def setup(given: Mapping[str, Any]) -> None:
    """Take ``given["seed"]``, the 32-byte Ed25519 seed of the did:key that the documents name as issuer."""
    seed = bytes(given["seed"])
    did = did_key_for(unsafe_signer_from_seed(seed, "urn:unknown").public_key)
    _given["signer"] = unsafe_signer_from_seed(seed, f"{did}#{did.removeprefix('did:key:')}")


def issue(document: Mapping[str, Any]) -> bytes:
    """Return ``document`` signed with ``eddsa-rdfc-2022``, as the bytes that would be stored."""
    return write(data_integrity.add_proof(document, signer=_given["signer"], created=clock.now()))


def issue_many(documents: Iterable[Mapping[str, Any]], *, verified: bool = True) -> list[bytes]:
    """Sign many documents as bulk issuing does; ``setup`` first.

    The key of ``setup`` signs all, at one time (now, in whole seconds); documents that differ only in what
    is said about a person share a stencil. Each call begins anew, stencils included, as a bulk does.

    >>> issue_many([{"@context": [...], "id": "urn:uuid:…", ...}, {...}])
    [b'{"@context":…,"proof":{…}}', b'{…}']

    Args:
        documents: Any number of credentials as parsed JSON objects, like those for ``issue``: without a
            ``proof``, complete with ids and dates, and with the did:key of ``setup`` as their issuer. They
            are not changed.
        verified: Verify every signature with the public key before its document is given out, as bulk
            issuing always does. Say False only beside libraries that sign without looking at it again.

    Returns:
        For each document the bytes that would be stored: UTF-8 JSON with its ``proof``, in the same order.
        They are what ``issue`` would give for that document at that time, byte for byte.

    Raises:
        HallmarkError: A document cannot be signed, or a signature does not verify; then there is none at all.
    """
    signer = _given["signer"]
    key: Any = public_key(signer.verification_method.partition("#")[0]) if verified else NoCheck()
    batch = Batch(signer, key, clock.now().replace(microsecond=0))
    return [batch.sign(document) for document in documents]


class NoCheck:
    """Stands where the public key of a batch does, and checks nothing."""

    def verify(self, signature: bytes, data: bytes) -> None:
        """Take it."""


def verify(signed: str | bytes) -> bool:
    """Parse, walk, canonicalise, take the key from the issuer's did:key, and check every signature."""
    try:
        _verify(signed.encode("utf-8") if isinstance(signed, str) else signed)
    except HallmarkError:
        return False
    return True


def canonicalize(document: Mapping[str, Any]) -> str:
    """Return the canonical N-Quads of ``document`` without its proof."""
    return canonical_form({name: value for name, value in document.items() if name != "proof"}).decode(
        "utf-8"
    )


def _verify(raw: bytes) -> None:
    members = parse(raw).members
    issuer = members.get("issuer")
    did = issuer.get("id") if isinstance(issuer, dict) else issuer
    now = clock.now()
    for proof in data_integrity.proofs(members):
        # A did:key has one method, and its name is the key itself (did:key, section 3.1).
        if not isinstance(did, str) or proof.verification_method != f"{did}#{did.removeprefix('did:key:')}":
            raise ProofError("The proof is not by the issuer's key.", path=proof.path)
        data_integrity.verify_proof(members, proof, public_key=public_key(did), now=now)
