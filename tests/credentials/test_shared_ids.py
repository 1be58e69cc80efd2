# SPDX-License-Identifier: Apache-2.0
"""Objects with one id: honest repetitions pass, and nothing can be added unnoticed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import combinations, permutations
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


def endorsement(endorsed: str, comment: str, *, number: int) -> dict[str, Any]:
    return {
        "@context": list(ISSUED_BADGE),
        "id": f"urn:uuid:{number}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": "did:web:guild.example", "type": ["Profile"], "name": "Guild"},
        "credentialSubject": {"id": endorsed, "type": ["EndorsementSubject"], "endorsementComment": comment},
    }


ADDRESS = {"type": ["Address"], "postalCode": "1", "geo": {"type": "GeoCoordinates", "latitude": 1.5}}
OTHER_ADDRESS = {"type": ["Address"], "postalCode": "1", "geo": {"type": "GeoCoordinates", "latitude": 2.5}}
TWO_ADDRESSES = profile(address=[ADDRESS, ADDRESS])
FULL = profile(name="Union", url="https://issuer.example/")


@pytest.mark.parametrize(
    "document",
    [
        badge(issuer=FULL, creator=FULL),
        badge(issuer={"id": ISSUER}, creator={"id": ISSUER}),
        badge(issuer=ISSUER, creator=FULL),
        badge(issuer=FULL, criteria={"id": PAGE, "narrative": "Ask."}),
        badge(issuer=FULL, criteria={"id": PAGE}),
        badge(
            issuer=profile(name="Union", address={"type": ["Address"], "postalCode": "1"}),
            creator=profile(name="Union", address={"type": ["Address"], "postalCode": "1"}),
        ),
        badge(
            issuer={**FULL, "endorsement": [endorsement(ISSUER, "Good", number=1)]},
            creator={**FULL, "endorsement": [endorsement(ISSUER, "Great", number=2)]},
        ),
    ],
    ids=["equal", "bare", "by name", "criteria of the same id", "bare criteria", "nested", "endorsed"],
)
def test_honest_repetitions_pass(document: dict[str, Any]) -> None:
    assert canonicalize(document)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (badge(issuer=FULL, creator=profile(name="Union")), "/issuer"),
        (badge(issuer=FULL, creator=profile()), "/issuer"),
        (badge(issuer=FULL, creator={"id": ISSUER}), "/issuer"),
        (badge(issuer=profile(), creator={"id": ISSUER}), "/issuer/type"),
        (badge(issuer=profile(name="Union"), creator=profile(name=["Union", "Academy"])), "/issuer/name"),
        (badge(issuer=profile(name="Union"), creator=profile(name="The Union")), "/issuer/name"),
        (badge(issuer=profile(name="Union"), creator=profile(url="https://a.example/")), "/issuer"),
        (badge(issuer=profile(address=ADDRESS), creator=profile(address=OTHER_ADDRESS)), "/issuer/address"),
        (badge(issuer=TWO_ADDRESSES, creator=TWO_ADDRESSES), "/issuer/address"),
        (badge(issuer=FULL, criteria={"id": PAGE, "name": "Ask."}), "/credentialSubject/achievement"),
        (badge(issuer=FULL, criteria={"id": PAGE, "type": "Achievement"}), "/credentialSubject/achievement"),
        (
            badge(issuer={**FULL, "type": ["Profile", "EndorsementSubject"]})
            | {"endorsement": [endorsement(ISSUER, "Great", number=1)]},
            "/issuer/type",
        ),
        (badge(issuer=FULL) | {"relatedResource": [{"id": ISSUER, "name": "x"}]}, "/relatedResource/0"),
        (badge(issuer={**FULL, "name": ["Union", "Union"]}), "/issuer/name"),
        (badge(issuer={**FULL, "type": ["Profile", "Profile"]}), "/issuer/type"),
    ],
    ids=[
        "one more",
        "only type",
        "bare",
        "bare beside one",
        "partly the same",
        "other value",
        "other member",
        "other leaf",
        "leaf twice",
        "name of criteria",
        "type of criteria",
        "type of a subject",
        "name of a resource",
        "twice",
        "type twice",
    ],
)
def test_what_could_have_been_added_is_refused(document: dict[str, Any], path: str) -> None:
    with pytest.raises(UnsignedContentError) as refused:
        canonicalize(document)
    assert refused.value.path is not None
    assert refused.value.path.startswith((path, "/credentialSubject/achievement/creator"))


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


def subject(**members: Any) -> dict[str, Any]:
    return {"id": ISSUER, "type": ["AchievementSubject"], **members}


# Each has objects that share an id, and is accepted.
SHARING: dict[str, dict[str, Any]] = {
    "creator": badge(issuer={**FULL, "address": ADDRESS}, creator={**FULL, "address": ADDRESS}),
    "criteria": badge(issuer=FULL, criteria={"id": PAGE, "type": "Criteria", "narrative": "Ask."}),
    "self-asserted": badge(issuer=FULL)
    | {"credentialSubject": subject(narrative="Mine.", achievement={"id": PAGE, "type": ["Achievement"]})},
    "endorsed issuer": badge(issuer={**FULL, "endorsement": [endorsement(ISSUER, "Good", number=1)]}),
    "endorsed achievement": badge(issuer=FULL) | {"endorsement": [endorsement(PAGE, "Good", number=1)]},
    "resource": badge(issuer=FULL, criteria={"id": "https://a.example/c", "narrative": "Ask."})
    | {
        "relatedResource": [
            {"id": "https://a.example/c", "digestMultibase": "uEiA", "mediaType": "text/html"}
        ]
    },
}

Path = tuple[str | int, ...]


def nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(value, dict):
        if "id" in value:
            yield path, value
        for name, inner in value.items():
            yield from nodes(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from nodes(inner, (*path, index))


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def rearranged(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the document with members moved, copied or exchanged between two objects with one id."""
    found = list(nodes(document))
    for (one, first), (other, second) in permutations(found, 2):
        if first["id"] != second["id"]:
            continue
        names = [name for name in first if name not in ("id", "@context")]
        for chosen in [part for size in (1, 2, 3, len(names)) for part in combinations(names, size)]:
            for how in ("move", "copy", "exchange", "join"):
                changed = copy.deepcopy(document)
                source, target = at(changed, one), at(changed, other)
                for name in chosen:
                    value = copy.deepcopy(source[name]) if how == "copy" else source.pop(name)
                    before = target.pop(name, None)
                    if how == "exchange" and before is not None:
                        source[name] = before
                    if how == "join" and before is not None:
                        known = listed(before)
                        value = [*known, *(item for item in listed(value) if item not in known)]
                    target[name] = value
                yield f"{how} {chosen} from {one} to {other}", changed


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", SHARING)
def test_nothing_can_be_moved_or_exchanged_unnoticed(name: str) -> None:
    document = SHARING[name]
    signed = canonicalize(document)
    tried = 0
    for what, changed in rearranged(document):
        if changed != document:
            tried += 1
            assert quads_of(changed) != signed, what
    assert tried >= 8
