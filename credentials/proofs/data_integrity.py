# SPDX-License-Identifier: Apache-2.0
"""Add Data Integrity proofs to a document, read its set of proofs, and check each of them.

Data Integrity 1.0 (https://www.w3.org/TR/vc-data-integrity/), sections "Add Proof", "Verify Proof" and
"Verify Proof Sets and Chains". Whose key it was is not looked at here: see
``controller_document.assertion_key``. Rules kept:

- The suite is looked up by name in ``SUITES``. A registered one that we do not carry is unknown, any other is
  wrong.
- Every member of a proof goes through the same strict walk as the document: what a signature does not cover
  is refused.
- Every proof of a set has to hold; the caller asks for each. A chained proof is checked over the document
  together with the proofs it builds on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from credentials.canonicalize import canonicalize
from credentials.dates import format_datetime, parse_datetime
from credentials.document import Json, pointer
from credentials.errors import (
    DateError,
    HallmarkError,
    MultibaseError,
    NoProofError,
    ProofChainError,
    ProofError,
    ProofExpiredError,
    ProofInvalidError,
    ProofPurposeError,
    SignatureError,
    TooManyProofsError,
    UncarriedSuiteError,
    UnregisteredSuiteError,
)
from credentials.proofs.signer import Signer
from credentials.proofs.suite import REGISTERED_SUITES, REGISTERED_TYPES, Suite
from credentials.proofs.suites import eddsa_rdfc_2022
from credentials.verification_method import KeyAlgorithm, PublicKey

PROOFS = 8  # proofs of one document; each costs a canonicalisation, a signature check and perhaps a fetch
PROOF_VALUE_CHARS = 16_384  # characters; what base64url suites with selective disclosure need at most

PROOF_TYPE = "DataIntegrityProof"
PURPOSE = "assertionMethod"

SUITES: Mapping[str, Suite] = {suite.name: suite for suite in (eddsa_rdfc_2022.SUITE,)}


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof of a document, well formed, not yet checked.

    Attributes:
        members: As they stand in the document.
        path: Where (JSON Pointer).
        id: Its id, if it has one.
        name: The cryptosuite; for older kinds of proof the type.
        verification_method: URL of the key that it claims.
        created: When it was made, by its own word.
        expires: From when on it is no longer good.
        value: The signature, still encoded.
        previous: The proofs that it builds on.
    """

    members: Mapping[str, Json]
    path: str
    id: str | None
    name: str
    verification_method: str
    created: datetime | None
    expires: datetime | None
    value: str | None
    previous: tuple[Mapping[str, Json], ...] = ()


def add_proof(
    members: Mapping[str, Json],
    *,
    signer: Signer,
    created: datetime,
    cryptosuite: str = "eddsa-rdfc-2022",
    canonical: bytes | None = None,
) -> dict[str, Json]:
    """Return ``members`` with one more proof, in an array ``proof`` that stands last.

    Data Integrity, "Add Proof"; EdDSA Cryptosuites, "Create Proof (eddsa-rdfc-2022)". Another proof that is
    there already stays and is not covered (a proof set).

    Args:
        members: The document; it is not changed.
        signer: Whose key signs.
        created: When.
        cryptosuite: A name from ``SUITES``.
        canonical: ``canonicalize`` of the document without its proofs, if it is already known.

    Raises:
        ProofError: The key is of no kind that the suite allows, or there are already as many proofs as may
            be.
        HallmarkError: What ``canonicalize`` refuses to sign.
    """
    suite = SUITES[cryptosuite]
    if signer.algorithm not in suite.hashes:
        raise ProofError("The cryptosuite does not allow this kind of key.", got=signer.algorithm)
    document = {name: value for name, value in members.items() if name != "proof"}
    options: dict[str, Json] = {
        "type": PROOF_TYPE,
        "cryptosuite": cryptosuite,
        "created": format_datetime(created),
        "verificationMethod": signer.verification_method,
        "proofPurpose": PURPOSE,
    }
    data = _signing_input(
        document, options, suite=suite, algorithm=signer.algorithm, general=False, canonical=canonical
    )
    proof: Json = {**options, "proofValue": suite.encode_value(signer.sign(data))}
    others: list[Json] = [dict(entry) for _, entry in _entries(members)] if "proof" in members else []
    if len(others) >= PROOFS:
        raise TooManyProofsError(f"There are already {PROOFS} proofs.", path="/proof", got=len(others))
    return {**document, "proof": [*others, proof]}


def proofs(members: Mapping[str, Json]) -> tuple[Proof, ...]:
    """Return the proofs of a document, every one well formed and for assertions.

    Raises:
        NoProofError: None is there, or what is there is no object and no array of objects.
        TooManyProofsError: More than the limit.
        ProofPurposeError: One was made for another purpose.
        ProofChainError: Two have one id, or one builds on a proof that is not there, or on itself.
        ProofError: One lacks a member, or a member is of the wrong form.
    """
    entries = _entries(members)
    if len(entries) > PROOFS:
        raise TooManyProofsError(f"There are more than {PROOFS} proofs.", path="/proof", got=len(entries))
    read = [_read(entry, path) for path, entry in entries]
    by_id: dict[str, Mapping[str, Json]] = {}
    for proof, _ in read:
        if proof.id is not None and proof.id in by_id:
            raise ProofChainError("Two proofs have one id.", path=proof.path, got=proof.id[:120])
        if proof.id is not None:
            by_id[proof.id] = proof.members
    links = {proof.id: previous for proof, previous in read if proof.id is not None}
    for proof, previous in read:
        _check_chain(proof, previous, links)
    return tuple(
        replace(proof, previous=tuple(by_id[name] for name in previous)) if previous else proof
        for proof, previous in read
    )


def verify_proof(
    members: Mapping[str, Json],
    proof: Proof,
    *,
    public_key: PublicKey,
    now: datetime,
    canonical: bytes | None = None,
) -> None:
    """Check one of ``proofs(members)`` with the key that its verification method has been shown to be.

    Data Integrity, "Verify Proof" and "Verify Proof Sets and Chains", step by step for one proof.

    Args:
        members: The whole document.
        proof: One of its proofs.
        public_key: From ``controller_document.assertion_key``.
        now: For ``expires``; an end is an end, without tolerance.
        canonical: ``canonicalize(document without proof, general=True)``, if it is already known; so a set of
            proofs costs one canonicalisation.

    Raises:
        UncarriedSuiteError: A registered kind of proof that we do not carry.
        UnregisteredSuiteError: A kind of proof that nobody registered.
        ProofExpiredError: It is past its end.
        ProofInvalidError: The signature does not fit.
        ProofError: Not a proof that the suite allows.
        HallmarkError: What ``canonicalize`` refuses; the path shows whether document or proof are meant.
    """
    suite = suite_of(proof)
    if proof.expires is not None and now >= proof.expires:
        raise ProofExpiredError(
            "The proof is past its end.", path=proof.path, got=format_datetime(proof.expires)
        )
    if public_key.algorithm not in suite.hashes:
        raise ProofError(
            "The key is of another kind than the cryptosuite uses.", path=proof.path, got=public_key.algorithm
        )
    if proof.value is None:
        raise ProofError("The proof has no proofValue.", path=proof.path)
    try:
        signature = suite.decode_value(proof.value)
    except MultibaseError as error:
        raise ProofError(f"The proofValue is not readable. {error.message}", path=proof.path) from error
    document = {name: value for name, value in members.items() if name != "proof"}
    if proof.previous:
        # Verify Proof Sets and Chains: the document is bound together with the proofs this one builds on.
        document["proof"] = [dict(previous) for previous in proof.previous]
        canonical = None
    options = {name: value for name, value in proof.members.items() if name != "proofValue"}
    data = _signing_input(
        document,
        options,
        suite=suite,
        algorithm=public_key.algorithm,
        general=True,
        canonical=canonical,
        options_path=proof.path,
    )
    try:
        public_key.verify(signature, data)
    except SignatureError as error:
        raise ProofInvalidError(
            "The signature does not fit the document and the key: one of them has been changed.",
            path=proof.path,
        ) from error


def suite_of(proof: Proof) -> Suite:
    """Return the suite of ``proof`` by its name in the allow-list.

    Raises:
        UncarriedSuiteError: A registered kind of proof that we do not carry.
        UnregisteredSuiteError: A kind of proof that nobody registered.
    """
    is_suite = proof.members["type"] == PROOF_TYPE
    if is_suite and proof.name in SUITES:
        return SUITES[proof.name]
    if proof.name in (REGISTERED_SUITES if is_suite else REGISTERED_TYPES):
        raise UncarriedSuiteError(
            "The document is signed in a way that we do not carry.", path=proof.path, got=proof.name
        )
    raise UnregisteredSuiteError(
        "The document is signed in a way that no specification knows.", path=proof.path, got=proof.name[:80]
    )


def _signing_input(
    document: Mapping[str, Json],
    options: Mapping[str, Json],
    *,
    suite: Suite,
    algorithm: KeyAlgorithm,
    general: bool,
    canonical: bytes | None,
    options_path: str = "/proof",
) -> bytes:
    """Canonicalise options (under the document's contexts) and document, and hash them."""
    hash_name = suite.hashes[algorithm]
    if "@context" in options:
        # It would be replaced by the document's own below, so no signature would cover it.
        raise ProofError("A proof must not bring contexts of its own.", path=f"{options_path}/@context")
    configuration = {"@context": document.get("@context"), **options}
    try:
        canonical_options = suite.canonicalize(configuration, hash_name=hash_name, general=general)
    except HallmarkError as error:
        error.path = options_path + (error.path or "")
        raise
    if canonical is None or hash_name != "sha256" or suite.canonicalize is not canonicalize:
        canonical = suite.canonicalize(document, hash_name=hash_name, general=general)
    return suite.signing_input(canonical_options, canonical, algorithm=algorithm)


def _entries(members: Mapping[str, Json]) -> list[tuple[str, Mapping[str, Json]]]:
    """Return each proof with its place; one object counts as a set of one."""
    value = members.get("proof")
    if isinstance(value, dict) and value:
        return [("/proof", value)]
    if not isinstance(value, list) or not value:
        raise NoProofError("The document has no proof, so nobody vouches for it.", path="/proof")
    entries: list[tuple[str, Mapping[str, Json]]] = []
    for index, entry in enumerate(value):
        if not isinstance(entry, dict) or not entry:
            raise NoProofError("A proof is not an object with members.", path=pointer("proof", index))
        entries.append((pointer("proof", index), entry))
    return entries


def _read(members: Mapping[str, Json], path: str) -> tuple[Proof, tuple[str, ...]]:
    """Check the form of one proof (Data Integrity, "Proofs"); return it with the ids it builds on."""
    kind = _text(members, "type", path)
    purpose = _text(members, "proofPurpose", path)
    if purpose != PURPOSE:
        raise ProofPurposeError(
            "The proof was made for another purpose than to assert something.",
            path=f"{path}/proofPurpose",
            got=purpose[:80],
            expected=PURPOSE,
        )
    value = _text(members, "proofValue", path) if "proofValue" in members else None
    if value is not None and len(value) > PROOF_VALUE_CHARS:
        raise ProofError(f"A proofValue has more than {PROOF_VALUE_CHARS:,} characters.", path=path)
    proof = Proof(
        members=members,
        path=path,
        id=_text(members, "id", path) if "id" in members else None,
        name=_text(members, "cryptosuite", path) if kind == PROOF_TYPE else kind,
        verification_method=_text(members, "verificationMethod", path),
        created=_date(members, "created", path),
        expires=_date(members, "expires", path),
        value=value,
    )
    return proof, _previous(members.get("previousProof", []), path)


def _previous(value: Json, path: str) -> tuple[str, ...]:
    names: Sequence[Json] = value if isinstance(value, list) else [value]
    texts = tuple(name for name in names if isinstance(name, str))
    if len(texts) != len(names) or len(texts) > PROOFS:
        raise ProofChainError("previousProof is not the id of a proof.", path=f"{path}/previousProof")
    return texts


def _check_chain(proof: Proof, previous: Sequence[str], links: Mapping[str, Sequence[str]]) -> None:
    """Follow ``previousProof`` from one proof: every id is there, and none leads back."""
    seen: set[str] = set()
    waiting = list(previous)
    while waiting:
        step = waiting.pop()
        if step not in links:
            raise ProofChainError("A proof builds on one that is not there.", path=proof.path, got=step[:120])
        if step == proof.id:
            raise ProofChainError("A proof builds on itself.", path=proof.path, got=step[:120])
        if step not in seen:
            seen.add(step)
            waiting.extend(links[step])


def _text(members: Mapping[str, Json], name: str, path: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise ProofError(f"A proof must have one {name}, a text.", path=f"{path}/{name}")
    return value


def _date(members: Mapping[str, Json], name: str, path: str) -> datetime | None:
    if name not in members:
        return None
    try:
        return parse_datetime(members[name])
    except DateError as error:
        raise ProofError(f"The {name} of a proof is wrong. {error.message}", path=f"{path}/{name}") from error
