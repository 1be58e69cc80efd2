# SPDX-License-Identifier: Apache-2.0
"""What is published of a decision: ``recognition-decision/1``, one immutable JSON document.

It says by which rule, for which purpose and how much was granted, and of whom nothing: awards stand in it
as salted digests whose salts stay in the recognizer's record, facts of the person not at all. Endorsements
name it with its digest in ``relatedResource``, so that whoever reads one can add amounts per decision and
never per endorsement. ``verifier.decision_format`` is the reader, since the verifier shows decisions of
others too.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from credentials.digests import digest_multibase
from credentials.document import Json, write
from credentials.multibase import encode_base64url
from recognition.claiming.decision import DecidedAward, DecidedGroup, Decision
from recognition.rule.policy import Policy
from verifier.decision_format import FORMAT, ShownDecision, amount_text
from verifier.decision_format import read as read_format

MEDIA_TYPE: Final = "application/json"
WITHOUT_UNITS: Final = frozenset({"supporting-document", "learning-only", "ask-local"})

_SHA256_HEADER: Final = b"\x12\x20"  # multihash: the function, and its 32 bytes


def address(public_url: str, decision: str) -> str:
    """Return where the document of a decision stands; its page is the same without ``.json``."""
    return f"{public_url}/decisions/{decision}.json"


def policy_address(public_url: str, policy: str, version: str) -> str:
    """Return where the exact text of a version of a policy stands."""
    return f"{public_url}/policies/{policy}/{version}.toml"


def digest_of(sha256: str) -> str:
    """Return ``digestMultibase`` of what has this SHA-256 in hexadecimal."""
    return encode_base64url(_SHA256_HEADER + bytes.fromhex(sha256))


def compose(decision: Decision, *, policy: Policy, public_url: str, organisation_id: str = "") -> bytes:
    """Return the public document of ``decision``.

    Args:
        decision: With the salts of its awards.
        policy: The version that was applied.
        public_url: Base of our links.
        organisation_id: DID of the recognizer that decided; "" without keys.
    """
    awards = {each.key: each for each in decision.awards if each.group is not None}
    has_units = decision.outcome not in WITHOUT_UNITS
    members: dict[str, Json] = {
        "format": FORMAT,
        "id": address(public_url, decision.id),
        "outcome": decision.outcome,
        "example": decision.is_example,
        "purpose": decision.purpose,
        "jurisdiction": decision.jurisdiction,
        "recognizer": policy.recognizer,
        "decided_by": {"id": organisation_id, "name": decision.recognizer},
        "policy": {
            "id": decision.policy,
            "version": decision.policy_version,
            "title": decision.policy_title,
            "status": decision.policy_status,
            "url": policy_address(public_url, decision.policy, decision.policy_version),
            "digestMultibase": digest_of(decision.policy_sha256),
        },
        "unit": {"id": decision.unit, "name": decision.unit_name},
        "amount": amount_text(decision.units) if has_units else None,
        "stages": list(dict.fromkeys(group.stage for group in decision.groups)),
        "groups": [_group(group, awards, has_units=has_units) for group in decision.groups],
        "attended": _attended(decision),
        "decided_on": decision.decided_on.isoformat(),
        "optimal": decision.optimal,
        "corrects": "" if decision.corrects is None else address(public_url, decision.corrects),
    }
    return write(members)


def read(raw: bytes) -> ShownDecision:
    """Read a document that ``compose`` wrote.

    Raises:
        DecisionFormError: It is not as agreed.
    """
    return read_format(raw)


def salted(award: DecidedAward) -> str:
    """Return the digest that stands for an award in the public document: of its key, with its salt."""
    return digest_multibase(award.key.encode(), salt=bytes.fromhex(award.salt))


def _group(group: DecidedGroup, awards: dict[str, DecidedAward], *, has_units: bool) -> Json:
    # Sorted by digest, so that their order tells nothing of the awards' dates.
    digests: list[Json] = [*sorted(salted(awards[key]) for key in group.awards)]
    return {
        "stage": group.stage,
        "size": len(group.awards),
        "amount": amount_text(group.units) if has_units else None,
        "buckets": {name: amount_text(amount) for name, amount in group.buckets.items()} if has_units else {},
        "pro_rata": group.pro_rata,
        "awards": digests,
    }


def _attended(decision: Decision) -> Json:
    """Return the units of attendance by bucket; which events they were is a matter of the person's."""
    found: dict[str, Json] = {}
    for bucket in dict.fromkeys(each.bucket for each in decision.attended):
        units = sum((each.units for each in decision.attended if each.bucket == bucket), Decimal(0))
        found[bucket] = amount_text(units)
    return found
