# SPDX-License-Identifier: Apache-2.0
"""Does every signature fit?

Data Integrity 1.0, "Verify Proof" and "Verify Proof Sets and Chains"; Open Badges 3.0, "JSON Web Token
Proof Format". Every proof of a set must hold; one that we cannot check leaves the answer open, also beside
a good one.
"""

from __future__ import annotations

from credentials.errors import (
    NoProofError,
    ProofInvalidError,
    SignatureError,
    TooManyProofsError,
    UncarriedSuiteError,
    UnknownError,
)
from verifier import explain
from verifier.opened import Opened, in_words
from verifier.outcome import Check
from verifier.securing import Signature, Signatures


def check_proof(opened: Opened, signatures: Signatures) -> Check:
    """Say whether the signatures fit; the worst of them counts."""
    spec = explain.JWT_SPEC if opened.presented.jwt is not None else None
    if isinstance(signatures.error, NoProofError) and not signatures.found:
        return explain.say(explain.PROOF_NONE, path=signatures.error.path)
    if isinstance(signatures.error, TooManyProofsError):
        return explain.say(explain.PROOF_LIMIT, path="/proof", reason=signatures.error.message)
    if signatures.error is not None:
        error = signatures.error
        return explain.say(explain.PROOF_BROKEN, path=error.path, reason=in_words(error))
    answers = [_answer(opened, signature) for signature in signatures.found]
    for sentence in (
        explain.PROOF_BROKEN,
        explain.PROOF_UNREADABLE,
        explain.PROOF_UNKNOWN_KIND,
        explain.PROOF_NO_KEY,
    ):
        for answer, signature in zip(answers, signatures.found, strict=True):
            if answer is sentence and signature.fit is not None:
                # That it does not fit is all that there is to say about a signature that does not fit.
                plain = isinstance(signature.fit, ProofInvalidError | SignatureError)
                reason = "" if plain else in_words(signature.fit)
                return explain.say(sentence, path=signature.fit.path, spec=spec, reason=reason)
    hints = [hint for signature in signatures.found for hint in signature.warnings]
    if len(signatures.found) > 1:
        hints.insert(0, f"All {len(signatures.found)} signatures were checked.")
    return explain.say(explain.PROOF_FITS, spec=spec, hint=" ".join(hints))


def _answer(opened: Opened, signature: Signature) -> explain.Sentence:
    if signature.fit is None:
        return explain.PROOF_FITS
    if signature.uncovered is not None or signature.fit is opened.canonical_error:
        return explain.PROOF_UNREADABLE
    if isinstance(signature.fit, UncarriedSuiteError):
        return explain.PROOF_UNKNOWN_KIND
    return explain.PROOF_NO_KEY if isinstance(signature.fit, UnknownError) else explain.PROOF_BROKEN
