# SPDX-License-Identifier: Apache-2.0
"""The strict walk and our canonicalisation, against the same step with PyLD.

Both get the same credential (about 6 KB of JSON) and our context bytes, and must give the same text.
PyLD runs ``normalize`` with URDNA2015, warm, with a loader that only knows these bytes. Rounds alternate; the
ratio is formed within each round. CPU time is counted, so that a busy machine says the same as a quiet one.

Run: ``python -m benchmarks.walk [ROUNDS]``
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from pyld import jsonld

from credentials.canonicalize import canonicalize
from credentials.jsonld.contexts import ISSUED_BADGE, PACKAGED

ROUNDS = 9
SECONDS = 0.4  # per side and round
GOAL = 8.0


def credential() -> dict[str, Any]:
    """Return an unsigned micro-credential with a rubric of three criteria and three pieces of evidence."""
    site = "https://badges.example.org"
    achievement = f"{site}/achievements/asking-questions"
    issuer = "did:web:badges.example.org"
    levels = ("Developing", "Proficient", "Exemplary")
    return {
        "@context": list(ISSUED_BADGE),
        "id": f"{site}/credentials/6f6f0d1e-3f1c-4a63-9d5e-0f6a35a1c0de",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Asking Questions That Make Thinking Visible",
        "issuer": {
            "id": issuer,
            "type": ["Profile"],
            "name": "Union Teachers’ Academy",
            "url": site,
            "email": "badges@badges.example.org",
        },
        "validFrom": "2026-02-27T09:30:00Z",
        "awardedDate": "2026-02-27T09:30:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$" + "5f" * 32,
                    "identityType": "emailAddress",
                    "salt": "c1f0a2b7e5d94c8f9a6b3d2e1f0c4b5a",
                }
            ],
            "activityStartDate": "2025-09-01",
            "activityEndDate": "2026-02-13",
            "achievement": {
                "id": achievement,
                "type": ["Achievement"],
                "achievementType": "MicroCredential",
                "name": "Asking Questions That Make Thinking Visible",
                "description": "The teacher plans, asks and follows up questions that let every learner "
                "explain their reasoning, and uses the answers to adjust the lesson.",
                "criteria": {
                    "id": f"{achievement}/criteria",
                    "narrative": "Submit two recorded lessons, a reflection and a plan. " * 6,
                },
                "humanCode": "TQ-104",
                "version": "2.1",
                "inLanguage": "en",
                "tag": ["questioning", "formative assessment", "discourse"],
                "image": {
                    "id": f"{achievement}.png",
                    "type": "Image",
                    "caption": "A speech bubble with a question mark",
                },
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "Uses questioning and discussion techniques",
                        "targetUrl": "https://standards.example.org/3b",
                        "targetFramework": "Framework for Teaching",
                        "targetCode": "3b",
                    }
                ],
                "resultDescription": [
                    {
                        "id": f"{achievement}#criterion-{number}",
                        "type": ["ResultDescription"],
                        "name": f"Criterion {number}",
                        "resultType": "RubricCriterionLevel",
                        "requiredLevel": f"{achievement}#criterion-{number}-level-1",
                        "rubricCriterionLevel": [
                            {
                                "id": f"{achievement}#criterion-{number}-level-{place}",
                                "type": ["RubricCriterionLevel"],
                                "name": level,
                                "level": str(place),
                            }
                            for place, level in enumerate(levels)
                        ],
                    }
                    for number in range(1, 4)
                ],
            },
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": f"{achievement}#criterion-{number}",
                    "achievedLevel": f"{achievement}#criterion-{number}-level-{number % 2 + 1}",
                }
                for number in range(1, 4)
            ],
        },
        "evidence": [
            {
                "id": f"{site}/evidence/{number}",
                "type": ["Evidence"],
                "name": f"Artefact {number}",
                "description": "A recorded lesson of 20 minutes with a transcript.",
                "genre": "Recording",
                "digestMultibase": f"uEiA{'x' * 40}{number}",
            }
            for number in range(1, 4)
        ],
        "credentialStatus": {
            "id": f"{site}/status/revocation/1#94567",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": f"{site}/status/revocation/1",
        },
    }


def by_pyld() -> Callable[[dict[str, Any]], str]:
    """Return PyLD's normalisation, with our contexts and its caches kept."""

    def load(url: str, _options: object) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": PACKAGED.load(url), "tag": "static"}

    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "base": None,
        "documentLoader": load,
        "contextResolver": jsonld.ContextResolver({}, load),
    }
    return lambda document: jsonld.normalize(document, options)


def seconds_per_call(call: Callable[[], object]) -> float:
    """Return how much CPU time one call takes, over ``SECONDS``."""
    calls = 0
    begin = time.process_time()
    while (elapsed := time.process_time() - begin) < SECONDS:
        call()
        calls += 1
    return elapsed / calls


def main() -> None:
    """Compare the texts first, then the times; print a line for each round and the medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    document = credential()
    normalize = by_pyld()
    text = canonicalize(document)
    assert text.decode() == normalize(document), "the two do not agree"
    for _ in range(40):
        canonicalize(document)
        normalize(document)
    size, quads = len(json.dumps(document)), text.count(b"\n")
    print(f"{size:,} bytes of JSON, {quads} quads, {len(text):,} bytes canonical")
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(1, rounds + 1):
        sides = [(ours, lambda: canonicalize(document)), (theirs, lambda: normalize(document))]
        for results, call in sides if number % 2 else reversed(sides):
            results.append(seconds_per_call(call))
        print(
            f"round {number}: ours {ours[-1] * 1e3:.3f} ms, PyLD {theirs[-1] * 1e3:.3f} ms, ratio "
            f"{theirs[-1] / ours[-1]:.1f}"
        )
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    our, their, ratio = statistics.median(ours), statistics.median(theirs), statistics.median(ratios)
    print(f"median: ours {our * 1e3:.3f} ms, PyLD {their * 1e3:.3f} ms")
    print(f"ratio {ratio:.1f} ({min(ratios):.1f} to {max(ratios):.1f}), goal {GOAL:.0f}")


if __name__ == "__main__":
    main()
