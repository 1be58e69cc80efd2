# SPDX-License-Identifier: Apache-2.0
"""Checks become one verdict: the AND of all of them, and it fails closed.

The only place where outcomes are combined. The table is that of the security rules, section 1; the first row
that matches decides:

1. structure, proof, issuer or schema fails; dates malformed or the wrong way round → ``invalid``
2. signed_content fails → ``unsigned-content``
3. any of these five is indeterminate, missing or skipped → ``undetermined`` (authenticity first: nothing else
   in the document can be believed)
4. a status entry is set: revocation, then suspension → ``revoked``, ``suspended``
5. ended, or not begun → ``expired``, ``not-yet-valid``
6. the recipient was asked for and is another → ``wrong-recipient``
7. another check that was asked for fails → ``invalid``
8. anything mandatory or asked for is indeterminate, missing or skipped → ``undetermined``
9. otherwise → ``valid``

Indeterminate is never pass. Recognised issuer, look-alike and endorsements are statements apart; they are not
looked at here and can never raise a verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from verifier.outcome import Check, Finding, Outcome

AUTHENTICITY = ("structure", "signed_content", "proof", "issuer", "schema")
MANDATORY = (*AUTHENTICITY, "validity", "status")

# The one written condition under which a mandatory check may not apply: no ``credentialStatus`` member.
MAY_NOT_APPLY = frozenset({"status"})

_BADNESS = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.INDETERMINATE, Outcome.FAIL)


class Verdict(StrEnum):
    """The one word of the answer."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    WRONG_RECIPIENT = "wrong-recipient"
    UNDETERMINED = "undetermined"
    UNSIGNED_CONTENT = "unsigned-content"
    INVALID = "invalid"


def decide(checks: Iterable[Check], *, asked: Collection[str] = ()) -> Verdict:
    """Return the verdict over ``checks``.

    Args:
        checks: The outcomes, in any order. Of two with one name, the worse counts.
        asked: Names of the checks that somebody asked for (``recipient``, ``evidence``); they join the AND.
    """
    worst = _worst(checks)

    def outcome(name: str) -> Outcome:
        found = worst.get(name)
        if found is None:
            return Outcome.INDETERMINATE
        if found.outcome is Outcome.NOT_APPLICABLE and name not in MAY_NOT_APPLY:
            return Outcome.INDETERMINATE
        return found.outcome

    def finding(name: str) -> Finding | None:
        return worst[name].finding if outcome(name) is Outcome.FAIL else None

    validity, status = finding("validity"), finding("status")
    # Rows 1 to 3: is it authentic?
    if Outcome.FAIL in map(outcome, ("structure", "proof", "issuer", "schema")):
        return Verdict.INVALID
    if outcome("validity") is Outcome.FAIL and validity not in (Finding.EXPIRED, Finding.NOT_YET_VALID):
        return Verdict.INVALID
    if outcome("signed_content") is Outcome.FAIL:
        return Verdict.UNSIGNED_CONTENT
    if Outcome.INDETERMINATE in map(outcome, AUTHENTICITY):
        return Verdict.UNDETERMINED
    # Rows 4 and 5: is it in force? A failed status without a known finding is taken for the worst.
    if outcome("status") is Outcome.FAIL:
        return Verdict.SUSPENDED if status is Finding.SUSPENDED else Verdict.REVOKED
    if outcome("validity") is Outcome.FAIL:
        return Verdict.EXPIRED if validity is Finding.EXPIRED else Verdict.NOT_YET_VALID
    # Rows 6 and 7: is it what was asked for?
    if "recipient" in asked and outcome("recipient") is Outcome.FAIL:
        return Verdict.WRONG_RECIPIENT
    if Outcome.FAIL in map(outcome, asked):
        return Verdict.INVALID
    # Row 8.
    if Outcome.INDETERMINATE in map(outcome, (*MANDATORY, *asked)):
        return Verdict.UNDETERMINED
    # Row 9.
    return Verdict.VALID


def _worst(checks: Iterable[Check]) -> Mapping[str, Check]:
    worst: dict[str, Check] = {}
    for check in checks:
        known = worst.get(check.check)
        if known is None or _badness(check) > _badness(known):
            worst[check.check] = check
    return worst


def _badness(check: Check) -> tuple[int, int]:
    """Order by outcome; among failed ones, those that make the verdict worse come last."""
    findings = (
        Finding.NAME_ONLY,
        Finding.REVIEW_ONLY,
        Finding.NOT_YET_VALID,
        Finding.EXPIRED,
        Finding.SUSPENDED,
        Finding.REVOKED,
        Finding.MALFORMED,
        None,
    )
    return _BADNESS.index(check.outcome), findings.index(check.finding)
