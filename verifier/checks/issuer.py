# SPDX-License-Identifier: Apache-2.0
"""Is the key the issuer's, and may it sign awards?

CID 1.0, "Retrieve Verification Method"; Data Integrity 1.0, "Verification Method Binding"; Open Badges 3.0
implementation guide, "Key provenance". Each signature must hold under its own controller's document, and at
least one controller must be the issuer that the credential names.
"""

from __future__ import annotations

from credentials.errors import UnknownDIDMethodError, UnknownError
from verifier import explain
from verifier.opened import Opened, in_words
from verifier.outcome import Check
from verifier.party import address_of
from verifier.securing import Signatures


def check_issuer(opened: Opened, signatures: Signatures) -> Check:
    """Say whose key it was, by that party's own document."""
    issuer = address_of(opened.issuer_id) if opened.issuer_id else "the issuer"
    if not signatures.found or opened.issuer_id is None:
        return explain.say(explain.ISSUER_NO_PROOF, issuer=issuer)
    open_questions = [s for s in signatures.found if isinstance(s.origin, UnknownError)]
    for signature in signatures.found:
        if signature.origin is not None and signature not in open_questions:
            fits = "The signature itself fits, but nothing shows that the key is the issuer's. "
            return explain.say(
                explain.ISSUER_NOT_ITS_KEY,
                path=signature.origin.path,
                issuer=issuer,
                reason=(fits if signature.fit is None else "") + in_words(signature.origin),
            )
    controllers = [s.controller for s in signatures.found if s.controller is not None]
    if opened.issuer_id not in controllers and not open_questions:
        return explain.say(explain.ISSUER_ONLY_OTHERS, issuer=issuer, signer=address_of(controllers[0]))
    if open_questions:
        reason = open_questions[0].origin
        unknown = isinstance(reason, UnknownDIDMethodError)
        return explain.say(
            explain.ISSUER_UNKNOWN_METHOD if unknown else explain.ISSUER_UNREACHABLE,
            issuer=issuer,
            reason=in_words(reason) if reason is not None else "",
        )
    others = sorted({address_of(c) for c in controllers if c != opened.issuer_id})
    hint = f"Also signed by {', '.join(others)}." if others else ""
    return explain.say(explain.ISSUER_MAY_SIGN, issuer=issuer, hint=hint)
