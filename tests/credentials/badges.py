# SPDX-License-Identifier: Apache-2.0
"""Members of an Open Badges 3.0 credential that uses much of the data model, for the tests of this room."""

from __future__ import annotations

import copy
from typing import Any


def badge(**changes: Any) -> dict[str, Any]:
    """Return the members of an unsigned badge of a kind that we issue, with ``changes`` at the top level."""
    members = copy.deepcopy(_BADGE) | changes
    return {name: value for name, value in members.items() if value is not ...}


_LEVELS = [
    {
        "id": "urn:uuid:00000000-0000-4000-8000-0000000000a1",
        "type": ["RubricCriterionLevel"],
        "name": "Developing",
        "points": "1",
    },
    {
        "id": "urn:uuid:00000000-0000-4000-8000-0000000000a2",
        "type": ["RubricCriterionLevel"],
        "name": "Passing",
        "description": "All families are reached.",
        "points": "2",
    },
    {
        "id": "urn:uuid:00000000-0000-4000-8000-0000000000a3",
        "type": ["RubricCriterionLevel"],
        "name": "Exemplary",
        "points": "3",
    },
]

_BADGE: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "id": "https://badges.example/credentials/00000000-0000-4000-8000-000000000001",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": "Family Engagement",
    "issuer": {
        "id": "did:web:badges.example",
        "type": ["Profile"],
        "name": "Educators’ Union",
        "url": "https://badges.example/",
    },
    "validFrom": "2026-02-27T09:30:00Z",
    "awardedDate": "2026-02-27T09:30:00Z",
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
                "identityType": "emailAddress",
                "salt": "Kosher",
            },
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": "Ada Example",
                "identityType": "name",
            },
        ],
        "achievement": {
            "id": "https://badges.example/achievements/family-engagement",
            "type": ["Achievement"],
            "name": "Family Engagement",
            "description": "The educator plans with families.",
            "criteria": {
                "id": "https://badges.example/criteria/1",
                "narrative": "# Method\n\nPlan, meet, reflect.",
            },
            "achievementType": "MicroCredential",
            "version": "2026-01",
            "inLanguage": "en-US",
            "humanCode": "FE1",
            "tag": ["stack:FE", "families"],
            "alignment": [
                {
                    "type": ["Alignment"],
                    "targetName": "InTASC 10",
                    "targetUrl": "https://standards.example/10",
                    "targetFramework": "InTASC",
                    "targetCode": "10",
                }
            ],
            "resultDescription": [
                {
                    "id": "urn:uuid:00000000-0000-4000-8000-0000000000b1",
                    "type": ["ResultDescription"],
                    "name": "Reach",
                    "resultType": "RubricCriterionLevel",
                    "requiredLevel": _LEVELS[1]["id"],
                    "rubricCriterionLevel": _LEVELS,
                },
                {
                    "id": "urn:uuid:00000000-0000-4000-8000-0000000000b2",
                    "type": ["ResultDescription"],
                    "name": "Reflection",
                    "resultType": "Status",
                },
            ],
        },
        "activityStartDate": "2025-09-01T00:00:00Z",
        "activityEndDate": "2026-02-01T00:00:00Z",
        "result": [
            {
                "type": ["Result"],
                "resultDescription": "urn:uuid:00000000-0000-4000-8000-0000000000b1",
                "achievedLevel": _LEVELS[2]["id"],
            },
            {
                "type": ["Result"],
                "resultDescription": "urn:uuid:00000000-0000-4000-8000-0000000000b2",
                "status": "Completed",
            },
        ],
    },
    "evidence": [
        {
            "type": ["Evidence"],
            "name": "Plan",
            "description": "A plan for one year",
            "genre": "Plan",
            "narrative": "Written with *families*.",
            "digestMultibase": "uEiC1gJ2KkviFhDbX5rh8EuvArh6sS67MLAuROu4skiLjmQ",
        }
    ],
    "credentialStatus": {
        "id": "https://badges.example/status/1#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://badges.example/status/1",
    },
}
