# SPDX-License-Identifier: Apache-2.0
"""Is the evidence still what it was at the award?

VCDM 2.0, "Integrity of Related Resources" (``digestMultibase``); Open Badges 3.0, "Evidence". Only looked
at when somebody asks and brings the pieces: nothing is fetched for it here.
"""

from __future__ import annotations

from collections.abc import Mapping

from credentials import digests
from credentials.errors import DigestError
from verifier import explain
from verifier.opened import Opened
from verifier.outcome import Check


def check_evidence(opened: Opened, *, pieces: Mapping[str, bytes] | None) -> Check:
    """Compare ``pieces``, evidence by its id, with the digests that were signed."""
    if pieces is None:
        return explain.say(explain.EVIDENCE_NOT_ASKED)
    value = opened.members.get("evidence", [])
    signed = [
        (str(piece.get("id", "")), digest)
        for piece in (value if isinstance(value, list) else [value])
        if isinstance(piece, dict) and isinstance(digest := piece.get("digestMultibase"), str)
    ]
    if not signed:
        return explain.say(explain.EVIDENCE_NO_DIGESTS)
    missing: tuple[str, str] | None = None
    for name, digest in signed:
        try:
            if name in pieces and not digests.matches(pieces[name], digest):
                return explain.say(explain.EVIDENCE_CHANGED, piece=name)
            if name not in pieces:
                missing = missing or (name or "A piece without an address", "It was not brought.")
        except DigestError as error:
            missing = missing or (name, error.message)
    if missing is not None:
        return explain.say(explain.EVIDENCE_UNKNOWN, piece=missing[0], reason=missing[1])
    return explain.say(explain.EVIDENCE_SAME, same=len(signed), count=len(signed))
