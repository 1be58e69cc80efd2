# SPDX-License-Identifier: Apache-2.0
"""What a row of a bulk asks for, as it is kept: an ``AwardRequest`` as JSON, and back again."""

from __future__ import annotations

import json

from credentials.dates import format_datetime, parse_datetime
from issuer.award import AwardRequest, date_from_json, evidence_from_json, to_json


def write(request: AwardRequest) -> str:
    """Return ``request`` as it is kept with its row."""
    members = {
        **to_json(request),
        "achievement": request.achievement,
        "email": request.email,
        "submission": request.submission,
        "awarded_at": format_datetime(request.awarded_at),
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def read(content: str, *, idempotency_key: str) -> AwardRequest:
    """Return the request that ``write`` wrote, under the key of its row."""
    members = json.loads(content)
    return AwardRequest(
        achievement=members["achievement"],
        email=members["email"],
        submission=members["submission"],
        awarded_at=parse_datetime(members["awarded_at"]),
        name=members["name"],
        hides_name=members["hides_name"],
        levels=tuple((criterion, level) for criterion, level in members["levels"]),
        evidence=evidence_from_json(members["evidence"]),
        narrative=members["narrative"],
        activity_start=date_from_json(members["activity_start"]),
        activity_end=date_from_json(members["activity_end"]),
        idempotency_key=idempotency_key,
    )
