# SPDX-License-Identifier: Apache-2.0
"""Is everything that is shown covered by a signature?

Data Integrity 1.0, "Securing Data Losslessly"
(https://www.w3.org/TR/vc-data-integrity/#securing-data-losslessly): what a canonical form leaves out, anybody
could have added. A JWT signs its bytes, all of them.
"""

from __future__ import annotations

from credentials.canonicalize import canonicalize
from credentials.document import Json, pointer
from credentials.errors import UnknownError, UnsignedContentError, WorkLimitError
from verifier import explain
from verifier.errors import ANSWERS
from verifier.opened import Opened, in_words, without_proof
from verifier.outcome import Check
from verifier.securing import Signatures


def check_signed_content(opened: Opened, signatures: Signatures) -> Check:
    """Look for content that no signature covers, in the document and in the proofs themselves."""
    if not signatures.found:
        return explain.say(explain.SIGNED_NOTHING)
    error = opened.canonical_error or next((s.uncovered for s in signatures.found if s.uncovered), None)
    if isinstance(error, UnknownError) and not isinstance(error, WorkLimitError):
        # Of a JWT the bytes are signed; but what they mean, nobody can say.
        return explain.say(explain.SIGNED_UNKNOWN, path=error.path, reason=in_words(error))
    if opened.presented.jwt is not None:
        return explain.say(explain.SIGNED_BYTES, spec=explain.JWT_SPEC)
    holds = all(signature.fit is None for signature in signatures.found)
    if error is None and holds:
        error = _idle_context(opened)
    if error is None:
        return explain.say(explain.SIGNED_ALL if holds else explain.SIGNED_IF_IT_HOLDS)
    if isinstance(error, UnsignedContentError):
        return explain.say(
            explain.SIGNED_NOT, path=error.path, place=error.path or "Something", reason=error.message
        )
    return explain.say(explain.SIGNED_UNREAD, path=error.path)


def _idle_context(opened: Opened) -> UnsignedContentError | None:
    """Find a context that no word of the document or of its proofs needs: anybody could have named it."""
    contexts = opened.members.get("@context")
    if not isinstance(contexts, list):
        return None
    value = opened.members.get("proof")
    proofs = [proof for proof in (value if isinstance(value, list) else [value]) if isinstance(proof, dict)]
    covered = [without_proof(opened.members), *(dict(proof) for proof in proofs)]
    # The base contexts stay: the first two say what kind of document it is.
    for index in range(2, len(contexts)):
        fewer = [context for place, context in enumerate(contexts) if place != index]
        if all(_same_under(part, contexts, fewer) for part in covered):
            return UnsignedContentError(
                "No word of the credential is from this vocabulary.", path=pointer("@context", index)
            )
    return None


def _same_under(part: dict[str, Json], contexts: list[Json], fewer: list[Json]) -> bool:
    """Tell whether a part means the same without a context; what the strict walk does not know needs all."""
    part = {name: value for name, value in part.items() if name != "proofValue"}
    try:
        return canonicalize({**part, "@context": fewer}) == canonicalize({**part, "@context": contexts})
    except ANSWERS:
        return False
