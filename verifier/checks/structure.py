# SPDX-License-Identifier: Apache-2.0
"""Is it a complete credential, of a form that we examine: a badge, or a signed statement (an endorsement)?

Open Badges 3.0, "Data models" (https://www.imsglobal.org/spec/ob/v3p0/#datamodels) and "JSON Web Token Proof
Format"; VCDM 2.0, "Contexts" and "Types". A limit that is met after a credential was recognised is a failure
here and names the limit.
"""

from __future__ import annotations

from itertools import islice

from credentials.credential import OpenBadgeCredential
from credentials.document import Document, Json
from credentials.endorsement import EndorsementCredential
from credentials.errors import (
    ContextRefusedError,
    HallmarkError,
    TooManyProofsError,
    UnsignedContentError,
    WorkLimitError,
)
from verifier import explain
from verifier.checks.status import STATUS_ENTRIES
from verifier.embedded import ENDORSEMENTS, endorsements_in
from verifier.errors import ANSWERS
from verifier.opened import Opened, in_words
from verifier.outcome import Check
from verifier.report import BADGES, STATEMENT
from verifier.securing import Signatures


def check_structure(opened: Opened, signatures: Signatures) -> Check:
    """Look at claims, contexts, limits and the data model; the first fault is told."""
    is_jwt = opened.presented.jwt is not None
    if opened.claims_error is not None:
        return _broken(opened.claims_error, spec=explain.JWT_SPEC)
    error = opened.canonical_error
    if isinstance(error, WorkLimitError):
        return explain.say(explain.STRUCTURE_LIMIT, path=error.path, reason=in_words(error))
    if isinstance(error, ContextRefusedError) or (is_jwt and isinstance(error, UnsignedContentError)):
        # The bytes of a JWT are signed; what is undefined in them is a fault of form.
        return _broken(error)
    uncovered = next((s.uncovered for s in signatures.found if s.uncovered is not None), None)
    if is_jwt and uncovered is not None:
        return _broken(uncovered)
    if isinstance(signatures.error, TooManyProofsError):
        return explain.say(explain.STRUCTURE_LIMIT, path="/proof", reason=signatures.error.message)
    kinds = _texts(opened.members.get("type"))
    if not BADGES.intersection(kinds) and STATEMENT not in kinds:
        return explain.say(explain.STRUCTURE_NOT_A_BADGE, kind=", ".join(kinds) or "without a type")
    entries = opened.members.get("credentialStatus")
    if isinstance(entries, list) and len(entries) > STATUS_ENTRIES:
        return explain.say(
            explain.STRUCTURE_LIMIT,
            path="/credentialStatus",
            reason=f"there are more than {STATUS_ENTRIES} status entries.",
        )
    if sum(1 for _ in islice(endorsements_in(opened), ENDORSEMENTS + 1)) > ENDORSEMENTS:
        reason = f"there are more than {ENDORSEMENTS} endorsements."
        return explain.say(explain.STRUCTURE_LIMIT, reason=reason)
    try:
        model = OpenBadgeCredential if BADGES.intersection(kinds) else EndorsementCredential
        model.read(Document(raw=opened.presented.document.raw, members=opened.members))
    except ANSWERS as error_in_model:
        return _broken(error_in_model)
    hints = list(opened.claims.warnings) if opened.claims is not None else []
    complete = explain.STRUCTURE_COMPLETE if BADGES.intersection(kinds) else explain.STRUCTURE_STATEMENT
    return explain.say(complete, hint=" ".join(hints))


def _broken(error: HallmarkError, *, spec: str | None = None) -> Check:
    return explain.say(explain.STRUCTURE_BROKEN, path=error.path, spec=spec, reason=in_words(error))


def _texts(value: Json | None) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))
