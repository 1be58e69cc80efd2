# SPDX-License-Identifier: Apache-2.0
"""An award becomes an unsigned credential: what exactly we state.

Open Badges 3.0, #achievementcredential, under exactly two contexts. Arrays wherever the specification has
several values, no nulls, no empty arrays, dates in UTC with whole seconds. The educator is an IdentityObject
with a salted hash of the e-mail address; the name stands beside it (identity type ``name``: the subject has
no name of its own in Open Badges 3.0), as a salted hash, or in plain words when the educator wants it signed.

Pure: time, salts and status entries are given. What may not be signed is refused by ``lint``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from credentials.dates import format_datetime
from credentials.document import Json
from credentials.identity import NAME, IdentityObject
from credentials.status_list import BitstringStatusListEntry
from issuer.achievement import OB_CONTEXT, Achievement, achieved_level_id, criterion_id
from issuer.award import Award, Evidence, results

VC_CONTEXT = "https://www.w3.org/ns/credentials/v2"


def compose(
    award: Award,
    *,
    credential_id: str,
    issuer: Mapping[str, Json],
    achievement: Achievement,
    entries: Sequence[BitstringStatusListEntry],
    valid_from: datetime,
) -> dict[str, Json]:
    """Return the members of the credential for ``award``, without a proof.

    Raises:
        AwardRequestError: The results name no criterion or level of the achievement.
        NotEarnedError: A required criterion is not met.
    """
    request = award.request
    members: dict[str, Json] = {
        "@context": [VC_CONTEXT, OB_CONTEXT],
        "id": credential_id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.micro_credential.title,
        "issuer": dict(issuer),
        "validFrom": format_datetime(valid_from),
        "awardedDate": format_datetime(request.awarded_at),
        "credentialSubject": _subject(award, achievement),
    }
    if request.evidence:
        members["evidence"] = [_evidence(piece) for piece in request.evidence]
    if achievement.related:
        members["relatedResource"] = [dict(entry) for entry in achievement.related]
    status: list[Json] = [entry.to_members() for entry in entries]
    if status:
        # One entry is an object: both schema flavours refuse an array, even of one.
        members["credentialStatus"] = status if len(status) > 1 else status[0]
    return members


def identifiers(email: str, name: str | None, *, salt: str, hides_name: bool = False) -> list[Json]:
    """Return the subject's IdentityObjects: the hashed address, and the name, hashed too if it is hidden."""
    found: list[Json] = [IdentityObject.create(email, salt=salt).to_members()]
    if name is not None and hides_name:
        found.append(IdentityObject.create(name, salt=salt, identity_type=NAME).to_members())
    elif name is not None:
        found.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": name.strip(), "identityType": NAME}
        )
    return found


def _subject(award: Award, achievement: Achievement) -> Json:
    request = award.request
    subject: dict[str, Json] = {
        "type": ["AchievementSubject"],
        "identifier": identifiers(
            request.email, request.name, salt=award.salt, hides_name=request.hides_name
        ),
        "achievement": dict(achievement.members),
    }
    if request.activity_start is not None:
        subject["activityStartDate"] = format_datetime(request.activity_start)
    if request.activity_end is not None:
        subject["activityEndDate"] = format_datetime(request.activity_end)
    if request.narrative is not None:
        subject["narrative"] = request.narrative
    criteria = {criterion.id: criterion for criterion in achievement.micro_credential.criteria}
    subject["result"] = [
        {
            "type": ["Result"],
            "resultDescription": criterion_id(achievement.id, criteria[name]),
            "achievedLevel": achieved_level_id(achievement.id, criteria[name], level),
        }
        for name, level in results(achievement.micro_credential, request.levels)
    ]
    return subject


def _evidence(piece: Evidence) -> Json:
    members: dict[str, Json] = {}
    if piece.url is not None:
        members["id"] = piece.url
    members["type"] = ["Evidence"]
    members["name"] = piece.name
    for name in ("description", "narrative", "genre", "audience"):
        text = getattr(piece, name)
        if text is not None:
            members[name] = text
    members["digestMultibase"] = piece.digest
    return members
