# SPDX-License-Identifier: Apache-2.0
"""Sign many documents with one key at one time: the same bytes as one by one, and faster.

Data Integrity 1.0, "Add Proof"; EdDSA Cryptosuites 1.0, "Create Proof (eddsa-rdfc-2022)". Documents of one
frame share a stencil (``credentials.stencil``); the options of the proof are canonicalised and hashed once
for each array of contexts. What no stencil fits goes the whole way (``data_integrity.add_proof``). Every
signature is verified with the public key before it is given out, whichever way its document went.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from credentials.canonicalize import canonicalize
from credentials.dates import format_datetime
from credentials.document import Json, write
from credentials.errors import ProofError, ProofInvalidError, SignatureError
from credentials.jsonld.contexts import PACKAGED, ContextStore
from credentials.proofs import data_integrity
from credentials.proofs.signer import Signer
from credentials.proofs.suites import eddsa_rdfc_2022
from credentials.stencil import Stencil, cut, part
from credentials.verification_method import KeyAlgorithm, PublicKey

STENCILS: Final = 512  # kept in one batch; some 60 KB each, a programme of 250 achievements has a few of each


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that is going to be signed.

    Attributes:
        raw: Its exact bytes without the proof.
        hashed: What the signature is made over.
        frame: What it has in common with others (``credentials.stencil.part``).
        values: What stands in its slots.
        outline: What makes ``raw`` of the values (``credentials.outline``); empty where no stencil fits.
    """

    raw: bytes
    hashed: bytes
    frame: bytes
    values: Sequence[str]
    outline: bytes = b""


@dataclass(slots=True)
class Batch:
    """Signs one document after the other; not for several threads at once.

    Attributes:
        signer: Whose key signs: Ed25519.
        public_key: Its other half, with which each signature is verified.
        created: The time in every proof.
        stencils: Those that were cut, by frame; batches one after the other may share them.
        filled: How many documents a stencil has taken; the others went the whole way.
    """

    signer: Signer
    public_key: PublicKey
    created: datetime
    store: ContextStore = PACKAGED
    filled: int = 0
    _opening: bytes = field(default=b"", repr=False)
    stencils: dict[bytes, Stencil | None] = field(default_factory=dict, repr=False)
    _options: dict[tuple[str, ...], bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.signer.algorithm is not KeyAlgorithm.ED25519:
            raise ProofError("A batch is signed with Ed25519.", got=self.signer.algorithm)
        self._opening = write(self._configuration())[:-1]

    def sign(self, members: Mapping[str, Json]) -> bytes:
        """Return ``members``, which have no proof, signed: ``write(add_proof(members, …))`` byte for byte.

        Raises:
            ProofError: There is a proof already.
            ProofInvalidError: The key did not sign what it was given.
            HallmarkError: What ``canonicalize`` refuses to sign.
        """
        return self.finish(self.prepare(members))

    def prepare(self, members: Mapping[str, Json]) -> Prepared:
        """Return what is going to be signed, so that it can be written down first.

        Raises:
            ProofError: There is a proof already.
            HallmarkError: What ``canonicalize`` refuses to sign.
        """
        if "proof" in members:
            raise ProofError("The document carries a proof already.", path="/proof")
        frame, values = part(members)
        stencil = self._stencil(frame, members)
        filled = stencil.fill(values) if stencil is not None else None
        options = self._hashed_options(members["@context"])
        if stencil is None or filled is None:
            hashed = options + hashlib.sha256(canonicalize(members, store=self.store)).digest()
            return Prepared(write(members), hashed, frame, values)
        self.filled += 1
        hashed = options + hashlib.sha256(filled.canonical).digest()
        return Prepared(filled.raw, hashed, frame, values, stencil.outline)

    def prepare_like(self, frame: bytes, values: Sequence[str]) -> Prepared | None:
        """Return what is going to be signed, from a frame that was prepared before and other values.

        None: no stencil fits, and the document has to be composed for ``prepare``.
        """
        stencil = self.stencils.get(frame)
        filled = stencil.fill(values) if stencil is not None else None
        if stencil is None or filled is None:
            return None
        self.filled += 1
        hashed = self._hashed_options(stencil.context) + hashlib.sha256(filled.canonical).digest()
        return Prepared(filled.raw, hashed, frame, values, stencil.outline)

    def finish(self, prepared: Prepared) -> bytes:
        """Return what was prepared, signed, as JSON; the signature was verified.

        Raises:
            ProofInvalidError: The key did not sign what it was given.
        """
        raw, data = prepared.raw, prepared.hashed
        signature = self.signer.sign(data)
        try:
            self.public_key.verify(signature, data)
        except SignatureError as error:
            raise ProofInvalidError("The key did not sign what it was given.", path="/proof") from error
        value = eddsa_rdfc_2022.SUITE.encode_value(signature)
        return b'%b,"proof":[%b,"proofValue":"%b"}]}' % (raw[:-1], self._opening, value.encode("ascii"))

    def _stencil(self, frame: bytes, members: Mapping[str, Json]) -> Stencil | None:
        if frame in self.stencils:
            return self.stencils[frame]
        if len(self.stencils) >= STENCILS:
            del self.stencils[next(iter(self.stencils))]
        stencil = self.stencils[frame] = cut(members, store=self.store)
        return stencil

    def _hashed_options(self, named: Json) -> bytes:
        key = tuple(named) if isinstance(named, list) and all(isinstance(each, str) for each in named) else ()
        found = self._options.get(key)  # type: ignore[arg-type]  # all are texts
        if found is None:
            options: dict[str, Json] = {"@context": named, **self._configuration()}
            found = hashlib.sha256(canonicalize(options, store=self.store)).digest()
            if key:
                self._options[key] = found  # type: ignore[index]
        return found

    def _configuration(self) -> dict[str, Json]:
        return {
            "type": data_integrity.PROOF_TYPE,
            "cryptosuite": eddsa_rdfc_2022.SUITE.name,
            "created": format_datetime(self.created),
            "verificationMethod": self.signer.verification_method,
            "proofPurpose": data_integrity.PURPOSE,
        }
