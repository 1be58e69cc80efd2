# SPDX-License-Identifier: Apache-2.0
"""Is everything that is shown covered by a signature?

Data Integrity 1.0, "Securing Data Losslessly"
(https://www.w3.org/TR/vc-data-integrity/#securing-data-losslessly): what a canonical form leaves out, anybody
could have added. A JWT signs its bytes, all of them.
"""

from __future__ import annotations

from credentials.errors import UnknownContextError, UnsignedContentError
from verifier import explain
from verifier.opened import Opened, in_words
from verifier.outcome import Check
from verifier.securing import Signatures


def check_signed_content(opened: Opened, signatures: Signatures) -> Check:
    """Look for content that no signature covers, in the document and in the proofs themselves."""
    if not signatures.found:
        return explain.say(explain.SIGNED_NOTHING)
    if opened.presented.jwt is not None:
        return explain.say(explain.SIGNED_BYTES, spec=explain.JWT_SPEC)
    error = opened.canonical_error or next((s.uncovered for s in signatures.found if s.uncovered), None)
    if error is None:
        holds = all(signature.fit is None for signature in signatures.found)
        return explain.say(explain.SIGNED_ALL if holds else explain.SIGNED_IF_IT_HOLDS)
    if isinstance(error, UnsignedContentError):
        return explain.say(
            explain.SIGNED_NOT, path=error.path, place=error.path or "Something", reason=error.message
        )
    if isinstance(error, UnknownContextError):
        return explain.say(explain.SIGNED_UNKNOWN, path=error.path, reason=in_words(error))
    return explain.say(explain.SIGNED_UNREAD, path=error.path)
