# SPDX-License-Identifier: Apache-2.0
"""Who signed, and does it fit? Every signature of a credential with the key that its signer publishes.

Data Integrity 1.0, "Verify Proof Sets and Chains"; Open Badges 3.0, "Verification"
(https://www.w3.org/TR/vc-data-integrity/#verify-proof-sets-and-chains). Two questions are kept apart: does
the signature fit the key (``fit``), and is the key shown to be its controller's (``origin``)? Every proof
must hold under its own controller's document, and at least one must be the issuer's; the others are
co-signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from credentials.errors import (
    HallmarkError,
    ProofError,
    ProofInvalidError,
    TooManyProofsError,
    UnsignedContentError,
)
from credentials.proofs import data_integrity, vc_jwt
from credentials.proofs.data_integrity import Proof
from credentials.proofs.vc_jwt import ParsedJwt
from credentials.verification_method import KeyAlgorithm, PublicKey
from verifier.errors import ANSWERS, UnresolvableError
from verifier.opened import Opened
from verifier.ports import Fetch
from verifier.resolve import Resolved, resolve_jwt_key, resolve_method

KEYS_THAT_FIT = 16  # remembered for one document; a proof fits one key
CHAINED_PROOFS = 2  # proofs that build on others; each costs one more canonicalisation of the whole document


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature and what was found out about it.

    Attributes:
        claimed_method: What it names as its key.
        suite: How it was made: the cryptosuite, or the ``alg`` of a JWT.
        created: When it was made, by its own word.
        key: The key and where it was read; None when ``origin`` says why not.
        controller: Whose key it is, by that party's own document; None when ``origin`` says why not.
        origin: Why the key is not shown to be anybody's.
        fit: Why the signature does not fit, or could not be checked.
        uncovered: A member of the proof itself that no signature covers.
        warnings: What is odd and changes nothing.
    """

    claimed_method: str
    suite: str = ""
    created: datetime | None = None
    key: Resolved | None = None
    controller: str | None = None
    origin: HallmarkError | None = None
    fit: HallmarkError | None = None
    uncovered: UnsignedContentError | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signatures:
    """All signatures of a credential; ``error`` says why there are none that could be looked at."""

    found: tuple[Signature, ...] = ()
    error: HallmarkError | None = None


Fits: TypeAlias = set[tuple[str, KeyAlgorithm, bytes]]  # path of a proof, and the key that it fits


def check_signatures(
    opened: Opened,
    *,
    fetch: Fetch,
    now: datetime,
    max_proofs: int = data_integrity.PROOFS,
    fits: Fits | None = None,
) -> Signatures:
    """Check every signature of ``opened``: that of a JWT, then those of the proof set.

    Nothing is checked where a limit is passed: of ``max_proofs`` or of ``CHAINED_PROOFS``. ``fits`` belongs
    to the bytes of ``opened``: what was seen to fit is not computed again; whose the key is, is asked always.
    """
    found: list[Signature] = []
    if opened.presented.jwt is not None:
        found.append(_check_jwt(opened.presented.jwt, opened, fetch=fetch, now=now))
        if "proof" not in opened.members:
            return Signatures(tuple(found))
    try:
        proofs = data_integrity.proofs(opened.members)
    except ANSWERS as error:
        return Signatures(tuple(found), error)
    if len(proofs) > max_proofs:
        return Signatures(tuple(found), TooManyProofsError(f"There are more than {max_proofs} proofs."))
    if sum(bool(proof.previous) for proof in proofs) > CHAINED_PROOFS:
        too_many = TooManyProofsError(f"More than {CHAINED_PROOFS} proofs build on other proofs.")
        return Signatures(tuple(found), too_many)
    for index, proof in enumerate(proofs):
        if any(dict(proof.members) == dict(other.members) for other in proofs[:index]):
            # It would hold, and nobody put it there: a set does not count repetitions.
            return Signatures(tuple(found), ProofError("A signature stands there twice.", path=proof.path))
    found.extend(_check_proof(proof, opened, fetch=fetch, now=now, fits=fits) for proof in proofs)
    return Signatures(tuple(found))


def _check_proof(
    proof: Proof, opened: Opened, *, fetch: Fetch, now: datetime, fits: Fits | None
) -> Signature:
    resolved: Resolved | None = None
    origin: HallmarkError | None = None
    try:
        # A key that is revoked or expired by now signs nothing that does not say when it was made.
        resolved = resolve_method(proof.verification_method, fetch=fetch, at=proof.created or now)
    except ANSWERS as error:
        origin = error
    key = resolved.public_key if resolved is not None else _key_in_name(proof.verification_method)
    fit: HallmarkError | None = None
    uncovered: UnsignedContentError | None = None
    unreached = UnresolvableError("The key could not be reached.")
    if opened.canonical is None:
        fit = opened.canonical_error
    else:
        try:
            data_integrity.suite_of(proof)
            if key is None:
                raise unreached
            fitting = (proof.path, key.algorithm, key.material)
            if fits is None or fitting not in fits or proof.expires is not None:
                data_integrity.verify_proof(
                    opened.members, proof, public_key=key, now=now, canonical=opened.canonical
                )
                if fits is not None and len(fits) < KEYS_THAT_FIT:
                    fits.add(fitting)
        except UnsignedContentError as error:
            fit = uncovered = error
        except ANSWERS as error:
            # With a key that is not shown to be anybody's, a signature can fit, but it cannot fail.
            fit = unreached if isinstance(error, ProofInvalidError) and resolved is None else error
    return Signature(
        claimed_method=proof.verification_method,
        suite=proof.name,
        created=proof.created,
        key=resolved,
        controller=resolved.controller if resolved is not None else None,
        origin=origin,
        fit=fit,
        uncovered=uncovered,
    )


def _check_jwt(jwt: ParsedJwt, opened: Opened, *, fetch: Fetch, now: datetime) -> Signature:
    claimed, algorithm = jwt.kid or "the key in its header", jwt.header.get("alg")
    suite = algorithm if isinstance(algorithm, str) else ""
    try:
        warnings = vc_jwt.check_header(jwt)
        header_key = jwt.header_key
    except ANSWERS as error:
        return Signature(claimed, suite, origin=error, fit=error)
    # ``iat`` is the signer's word on when it signed; without it, when the credential begins.
    claims = opened.claims
    at = (claims.issued_at or claims.not_before) if claims is not None else now
    resolved: Resolved | None = None
    origin: HallmarkError | None = None
    try:
        resolved = resolve_jwt_key(
            kid=jwt.kid, header_key=header_key, issuer_id=opened.issuer_id or "", fetch=fetch, at=at
        )
    except ANSWERS as error:
        origin = error
    key = resolved.public_key if resolved is not None else header_key
    fit: HallmarkError | None = None
    if key is None:
        fit = UnresolvableError("The key could not be reached.")
    else:
        try:
            vc_jwt.verify(jwt, public_key=key)
        except ANSWERS as error:
            fit = error
    return Signature(
        claimed_method=claimed,
        suite=suite,
        key=resolved,
        created=claims.issued_at if claims is not None else None,
        controller=resolved.controller if resolved is not None else None,
        origin=origin,
        fit=fit,
        warnings=warnings,
    )


def _key_in_name(method_id: str) -> PublicKey | None:
    """Return the key that stands in the fragment of an address. It proves nothing about whose it is.

    Only so that the report can say "the signature fits, but nothing shows that the key is the issuer's".
    """
    try:
        return PublicKey.from_multikey(method_id.partition("#")[2])
    except ANSWERS:
        return None
