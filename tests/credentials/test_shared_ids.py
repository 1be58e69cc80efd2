# SPDX-License-Identifier: Apache-2.0
"""Objects with one id: honest repetitions pass, and nothing can be added unnoticed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.canonicalize import canonicalize
from credentials.errors import UnsignedContentError
from credentials.jsonld.contexts import ISSUED_BADGE

ISSUER = "did:web:issuer.example"
PAGE = "https://issuer.example/achievements/1"


def profile(**members: Any) -> dict[str, Any]:
    return {"id": ISSUER, "type": ["Profile"], **members}


def badge(*, issuer: Any, creator: Any = None, criteria: Any = None) -> dict[str, Any]:
    achievement = {
        "id": PAGE,
        "type": ["Achievement"],
        "name": "Questions",
        "criteria": criteria or {"narrative": "Ask."},
    }
    if creator is not None:
        achievement["creator"] = creator
    return {
        "@context": list(ISSUED_BADGE),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": issuer,
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": achievement},
    }


FULL = profile(name="Union", url="https://issuer.example/")


@pytest.mark.parametrize(
    "document",
    [
        badge(issuer=FULL, creator=FULL),
        badge(issuer=FULL, creator={"id": ISSUER}),
        badge(issuer=ISSUER, creator=FULL),
        badge(issuer=FULL, criteria={"id": PAGE, "narrative": "Ask."}),
        badge(issuer=FULL, criteria={"id": PAGE}),
        badge(
            issuer=profile(name="Union", address={"type": ["Address"], "postalCode": "1"}),
            creator=profile(name="Union", address={"type": ["Address"], "postalCode": "1"}),
        ),
        badge(issuer=profile(name="Union"), creator=profile(name="The Union")),
    ],
    ids=["equal", "bare", "by name", "criteria of the same id", "bare criteria", "nested", "other value"],
)
def test_honest_repetitions_pass(document: dict[str, Any]) -> None:
    assert canonicalize(document)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (badge(issuer=FULL, creator=profile(name="Union")), "/issuer/"),
        (badge(issuer=FULL, creator=profile()), "/issuer/type"),
        (badge(issuer=profile(), creator={"id": ISSUER}), "/issuer/type"),
        (badge(issuer=profile(name="Union"), creator=profile(name=["Union", "Academy"])), "/issuer/name"),
        (badge(issuer={**FULL, "name": ["Union", "Union"]}), "/issuer/name"),
        (badge(issuer={**FULL, "type": ["Profile", "Profile"]}), "/issuer/type"),
    ],
    ids=["one more", "only type", "bare beside one", "partly the same", "twice", "type twice"],
)
def test_what_could_have_been_added_is_refused(document: dict[str, Any], path: str) -> None:
    with pytest.raises(UnsignedContentError) as refused:
        canonicalize(document)
    assert refused.value.path is not None
    assert refused.value.path.startswith((path, "/credentialSubject/achievement/creator/"))


members = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([["Profile"], "Profile", ["Profile", "Image"]]),
        "name": st.sampled_from(["a", "b", ["a", "b"]]),
        "description": st.sampled_from(["a", "b"]),
        "url": st.just("https://a.example/"),
        "image": st.sampled_from(
            [{"id": ISSUER}, {"id": ISSUER, "type": "Image"}, {"type": "Image"}, ISSUER]
        ),
    },
)


def quads_of(document: dict[str, Any]) -> bytes | None:
    try:
        return canonicalize(document)
    except UnsignedContentError:
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(members, min_size=2, max_size=4), st.integers(0, 3), members)
def test_no_member_can_be_added_unnoticed(objects: list[Any], place: int, additions: dict[str, Any]) -> None:
    def document(objects: list[Any]) -> dict[str, Any]:
        return {
            "@context": list(ISSUED_BADGE),
            "id": "urn:uuid:1",
            "type": ["VerifiableCredential"],
            "issuer": [{"id": ISSUER, **copy.deepcopy(members)} for members in objects],
        }

    signed = quads_of(document(objects))
    place %= len(objects)
    for name, value in additions.items():
        if signed is not None and name not in objects[place]:
            changed = [dict(members) for members in objects]
            changed[place][name] = value
            assert quads_of(document(changed)) != signed
