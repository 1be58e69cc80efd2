# SPDX-License-Identifier: Apache-2.0
"""A recognizer's word as a credential: one unsigned ``EndorsementCredential`` for each award of a decision.

Open Badges 3.0, "EndorsementCredential": one subject, so one endorsement for one award, and all of a decision
name the same decision document; readers add amounts per decision. Standard terms only and no context of our
own, so that every verifier takes it (recognition rules, "The answer as a credential"): the human sentence is
``endorsementComment``; document, policy version and award are named with their digests in
``relatedResource``. "We accept this kind" is the same about the id of an Achievement (``compose_kind``).

Pages call it "recognition" and never the bare word. Its place in a status list is added by whoever signs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from credentials.dates import format_datetime
from credentials.digests import digest_multibase
from credentials.document import Json
from recognition.claiming.decision import DecidedAward, DecidedGroup, Decision
from recognition.rule import policy_phrases
from recognition.rule.policy import AWARDED_STAGE, Policy, Status, Unit
from recognition.rule.units import plain, say
from recognition.stating import decision_document
from verifier import explain

CONTEXTS: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
POLICY_TYPE: Final = "application/toml"
SUPPORTING: Final = "supporting-document"
TITLE_CHARS: Final = 200  # of a kind, as its issuer calls it
EXAMPLE: Final = "This is an example rule, in force nowhere."

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SIZES: Final = {1: "", 2: " for a pair"}


def address(public_url: str, key: str) -> str:
    """Return the id of a recognition, which is also its page."""
    return f"{public_url}/recognitions/{key}"


def endorsed(decision: Decision) -> tuple[DecidedAward, ...]:
    """Return the awards of a decision about which something is signed: each credential once.

    What was counted before it was awarded has no credential yet, and nothing is said about it.
    """
    found: dict[str, DecidedAward] = {}
    for each in decision.awards:
        is_meant = each.group is not None or (
            decision.outcome == SUPPORTING and each.outcome == SUPPORTING and each.verdict == "valid"
        )
        if is_meant and each.credential_id and each.sha256:
            known = found.get(each.credential_id)
            if known is None or (known.stage != AWARDED_STAGE and each.stage == AWARDED_STAGE):
                found[each.credential_id] = each
    return tuple(found.values())


def compose(
    decision: Decision,
    award: DecidedAward,
    *,
    id: str,
    issuer: Mapping[str, Json],
    document: bytes,
    public_url: str,
    now: datetime,
) -> dict[str, Json]:
    """Return the members of the recognition of one award, without a proof.

    Args:
        decision: The whole decision.
        award: One of ``endorsed``.
        id: Address of the recognition.
        issuer: Profile of the recognizer.
        document: The exact bytes of the published decision document.
        public_url: Base of our links.
        now: From when on it holds.
    """
    groups = _groups(decision, award)
    label = " (example rule)" if decision.is_example else ""
    rule = f"Rule: {decision.policy}, version {decision.policy_version}."
    said = [*(_sentence(decision, group) for group in groups), rule]
    if not groups:
        said.insert(0, "Accepted as a supporting document; it gives no units.")
    if decision.is_example:
        said.append(EXAMPLE)
    return {
        "@context": list(CONTEXTS),
        "id": id,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": f"Recognised: {_what(decision, groups)}{label}",
        "issuer": dict(issuer),
        "validFrom": format_datetime(now),
        "awardedDate": format_datetime(decision.decided_at),
        "credentialSubject": {
            "id": award.credential_id,
            "type": ["EndorsementSubject"],
            "endorsementComment": " ".join(said),
        },
        "relatedResource": [
            {
                "id": decision_document.address(public_url, decision.id),
                "mediaType": decision_document.MEDIA_TYPE,
                "digestMultibase": digest_multibase(document),
            },
            _policy(public_url, decision.policy, decision.policy_version, decision.policy_sha256),
            {
                "id": award.credential_id,
                "mediaType": award.media_type,
                "digestMultibase": decision_document.digest_of(award.sha256),
            },
        ],
    }


def compose_kind(
    policy: Policy,
    *,
    achievement_id: str,
    title: str,
    id: str,
    issuer: Mapping[str, Json],
    public_url: str,
    now: datetime,
) -> dict[str, Json]:
    """Return "we accept this kind": a recognition whose subject is an Achievement, without a proof."""
    is_example = policy.status is Status.EXAMPLE
    words = (
        f"Micro-credentials of this kind are accepted under the rule {policy.id}, version {policy.version}: "
        f"{policy.title}. What one of them gives is decided for each person."
    )
    title = explain.shown(title, max_chars=TITLE_CHARS)  # Somebody else's word, which is about to be signed.
    return {
        "@context": list(CONTEXTS),
        "id": id,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": f"Accepted: {title}{' (example rule)' if is_example else ''}",
        "issuer": dict(issuer),
        "validFrom": format_datetime(now),
        "credentialSubject": {
            "id": achievement_id,
            "type": ["EndorsementSubject"],
            "endorsementComment": f"{words} {EXAMPLE}" if is_example else words,
        },
        "relatedResource": [_policy(public_url, policy.id, policy.version, policy.sha256)],
    }


def _groups(decision: Decision, award: DecidedAward) -> tuple[DecidedGroup, ...]:
    """Return every group in which a credential was counted, one for each stage."""
    numbers = (each.group for each in decision.awards if each.credential_id == award.credential_id)
    found = (decision.group(number) for number in dict.fromkeys(numbers))
    return tuple(group for group in found if group is not None)


def _what(decision: Decision, groups: tuple[DecidedGroup, ...]) -> str:
    if not groups:
        return "supporting document"
    amount = sum((group.units for group in groups), Decimal(0))
    size = max(len(group.awards) for group in groups)
    return f"{plain(amount)} {decision.unit}{_SIZES.get(size, f' for a group of {size}')}"


def _sentence(decision: Decision, group: DecidedGroup) -> str:
    others = len(group.awards) - 1
    if others:
        number = _NUMBERS[others] if others < len(_NUMBERS) else str(others)
        kind = "related" if group.area else "other"
        start = f"With {number} {kind} micro-credential{'' if others == 1 else 's'}: "
    else:
        start = "In part, as one left over: " if group.pro_rata else "For this micro-credential: "
    buckets = ", ".join(policy_phrases.bucket(each) for each in group.buckets)
    where = f", {buckets}" if buckets else ""
    return f"{start}{say(group.units, Unit(decision.unit, decision.unit_name))}{where}."


def _policy(public_url: str, id: str, version: str, sha256: str) -> Json:
    return {
        "id": decision_document.policy_address(public_url, id, version),
        "mediaType": POLICY_TYPE,
        "digestMultibase": decision_document.digest_of(sha256),
    }
