# SPDX-License-Identifier: Apache-2.0
"""Is the issuer on the reader's list? A statement apart: it never makes a verdict better or worse.

VCDM 2.0, "Issuer": who is trusted, the reader decides. Only identifiers are compared, never names.
"""

from __future__ import annotations

from credentials.errors import UnknownError
from verifier import explain
from verifier.outcome import Check, Outcome
from verifier.party import Party
from verifier.ports import Registry


def check_trust(
    party: Party, *, registry: Registry, proof: Check, issuer: Check
) -> tuple[Check, bool | None]:
    """Return the check and ``recognised_issuer``: None without a list, or without proof of who issued."""
    try:
        recognised = registry.recognises(party.id)
    except UnknownError:
        return explain.say(explain.TRUST_NOT_LOADED), None
    if recognised is None:
        return explain.say(explain.TRUST_NO_LIST), None
    if proof.outcome is not Outcome.PASS or issuer.outcome is not Outcome.PASS:
        return explain.say(explain.TRUST_NOT_PROVEN), None
    if registry.title is None:
        sentence = explain.TRUST_OWN if recognised else explain.TRUST_NOT_LISTED
    else:
        sentence = explain.TRUST_LISTED if recognised else explain.TRUST_NOT_LISTED
    words = f"the list “{explain.shown(registry.title)}”" if registry.title else "your list"
    return explain.say(sentence, issuer=party.name or party.address, list=words), recognised
