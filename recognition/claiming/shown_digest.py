# SPDX-License-Identifier: Apache-2.0
"""The digest of a proposal, by which the one who decides and the house mean the same answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from credentials.multibase import decode_base64url
from recognition.judging.answer import Answer, Filled
from recognition.judging.award import Brought
from recognition.rule.units import plain

_SHA256_BYTES: Final = 32  # after the head of the multihash


def shown(answer: Answer, brought: Iterable[Brought]) -> str:
    """Return the digest of everything in a proposal that decides or that the decision will say.

    What was judged with the digests of its bytes, groups, amounts, sums, needs and credits, the policy and
    its label. Ages and times of checking are left out: the same answer a minute later is the same answer.
    """
    said: dict[str, Any] = {
        "policy": [answer.policy.id, answer.policy.version, answer.policy.sha256],
        "purpose": answer.purpose,
        "outcome": answer.outcome,
        "sentence": answer.sentence,
        "label": answer.label,
        "bytes": [[each.place, str(each.verdict), sha256_of(each)] for each in brought],
        "sums": [
            None if each is None else plain(each)
            for each in (answer.granted, answer.proposed, answer.surplus, answer.converted, answer.remainder)
        ],
        "needs": [_filled(each) for each in answer.needs],
        "total": None if answer.total is None else _filled(answer.total),
        "judged": [[each.key, each.place, each.stage, each.outcome, each.group] for each in answer.judged],
        "groups": [
            {
                "number": each.number,
                "grant": each.grant,
                "stage": each.stage,
                "awards": list(each.awards),
                "buckets": {name: str(units) for name, units in each.buckets.items()},
                "units": str(each.units),
                "outcome": each.outcome,
                "asks": each.asks,
            }
            for each in answer.groups
        ],
        "attended": [
            [each.event, each.item, each.on.isoformat(), str(each.units)] for each in answer.attended
        ],
        "optimal": answer.optimal,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def sha256_of(brought: Brought | None) -> str:
    """Return the digest of the exact bytes that were looked at, or "" if there were none."""
    if brought is not None and brought.award is not None:
        return brought.award.sha256
    report = brought.report if brought is not None else None
    digest = report.details.credential_digest if report is not None else None
    return "" if digest is None else decode_base64url(digest, max_chars=len(digest))[-_SHA256_BYTES:].hex()


def _filled(need: Filled) -> list[str | bool]:
    amounts = (need.need, need.earned, need.granted, need.missing)
    return [need.bucket, need.of, *(plain(each) for each in amounts), need.waived, need.needs_fact]
