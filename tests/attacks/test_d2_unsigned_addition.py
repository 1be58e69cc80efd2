# SPDX-License-Identifier: Apache-2.0
"""D2: unsigned addition: any member, node, type or value that leaves the canonical form unchanged.

Whatever is added, wrapped, nulled or nested at whatever path of a signed badge, the verdict is never
``valid``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import MalformedError
from credentials.jsonld.contexts import OPEN_BADGES, PACKAGED
from tests.attacks.paths import Path, arrays, at, objects, places, text_of, with_value
from tests.world import World, members_of
from verifier.verdict import Verdict

# Terms that the contexts define: known words are as good for smuggling as unknown ones.
KNOWN: dict[str, Any] = {
    "name": "Added",
    "description": "Added",
    "id": "https://evil.example/added",
    "type": ["Profile"],
    "url": "https://evil.example/",
    "image": {"id": "https://evil.example/i.png", "type": "Image"},
    "narrative": "Added",
    "result": [{"type": ["Result"], "status": "Completed"}],
    "evidence": [{"type": ["Evidence"], "name": "Added"}],
    "validUntil": "2099-01-01T00:00:00Z",
    "validFrom": "2020-01-01T00:00:00Z",
    "awardedDate": "2020-01-01T00:00:00Z",
    "tag": ["added"],
    "creditsEarned": 10,
    "issuer": {"id": "did:web:evil.example", "type": ["Profile"]},
    "credentialSubject": {"type": ["AchievementSubject"]},
    "proof": {"type": "DataIntegrityProof"},
    "credentialStatus": {"type": "BitstringStatusListEntry"},
    "relatedResource": [{"id": "https://evil.example/r", "digestMultibase": "uAAAA"}],
    "termsOfUse": [{"type": "Added"}],
    "refreshService": {"id": "https://evil.example/refresh", "type": "1EdTechCredentialRefresh"},
    "previousProof": "urn:uuid:1",
    "created": "2020-01-01T00:00:00Z",
    "expires": "2099-01-01T00:00:00Z",
    "domain": "evil.example",
    "challenge": "added",
    "nonce": "added",
}
UNKNOWN: dict[str, Any] = {
    "x-added": "Added",
    "http://evil.example/term": "Added",
    "schema:name": "Added",
    "_:added": "Added",
    "": "Added",
    " ": "Added",
    "notATerm": None,
    "alsoNotATerm": [],
    "endorsementJwt": ["eyJhbGciOiJub25lIn0.e30."],
}
KEYWORDS: dict[str, Any] = {
    "@id": "https://evil.example/added",
    "@type": "Profile",
    "@value": "Added",
    "@graph": [{"id": "https://evil.example/", "name": "Added"}],
    "@included": [{"id": "https://evil.example/", "name": "Added"}],
    "@nest": {"name": "Added"},
    "@reverse": {"issuer": "https://evil.example/"},
    "@index": "added",
    "@language": "en",
    "@direction": "rtl",
    "@set": [],
    "@list": [],
    "@json": {"a": 1},
    "@base": "https://evil.example/",
    "@vocab": "https://evil.example/",
    "@context": "https://www.w3.org/ns/credentials/v2",
    "@unknown": "Added",
}


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def badge(world: World) -> dict[str, Any]:
    """A signed badge; with two status entries, so that every kind of value stands in it."""
    union = world.issuer("union")
    signed = union.mint(suspension=True)
    assert world.look(signed).verdict is Verdict.VALID
    return members_of(signed)


def refuse(world: World, changed: Any, what: str) -> None:
    """Hold the verifier to its promise; intake may refuse as well, by name."""
    try:
        report = world.look(json.dumps(changed).encode())
    except MalformedError:
        return
    assert report.verdict is not Verdict.VALID, what


def additions(members: Any) -> Iterator[tuple[Path, str, Any]]:
    for path in objects(members):
        for name, value in (KNOWN | UNKNOWN | KEYWORDS).items():
            if name not in at(members, path):
                yield path, name, value


def test_no_member_can_be_added_anywhere(world: World, badge: dict[str, Any]) -> None:
    for path, name, value in additions(badge):
        changed = with_value(badge, path, {**at(badge, path), name: value})
        refuse(world, changed, f"{name!r} at {text_of(path)}")


def test_no_null_no_empty_array_and_no_empty_object_can_be_added(world: World, badge: dict[str, Any]) -> None:
    for path in objects(badge):
        for name in ("description", "x-added", "tag"):
            empties: tuple[Any, ...] = (None, [], {}, [None], [[]], [{}])
            for value in empties:
                if name not in at(badge, path):
                    changed = with_value(badge, path, {**at(badge, path), name: value})
                    refuse(world, changed, f"{name}: {value} at {text_of(path)}")


def test_nothing_can_be_added_to_an_array(world: World, badge: dict[str, Any]) -> None:
    for path in arrays(badge):
        items = at(badge, path)
        for new in (None, [], {}, "added", 1, True, {"id": "https://evil.example/"}, *items, items):
            for changed in ([*items, new], [new, *items]):
                refuse(world, with_value(badge, path, changed), f"{new!r} in {text_of(path)}")


def test_nothing_can_be_wrapped_or_nested(world: World, badge: dict[str, Any]) -> None:
    for path in places(badge):
        value = at(badge, path)
        wrapped: list[Any] = [
            [value],
            [[value]],
            {"@value": value},
            {"@id": value},
            {"@set": value},
            {"@list": value},
            {"@graph": value},
            {"value": value},
            {"@value": value, "@type": "http://www.w3.org/2001/XMLSchema#string"},
        ]
        if isinstance(value, list) and len(value) == 1:
            continue  # One value alone or in an array of one are both in the specification's compacted form.
        for new in wrapped:
            if path[-1:] == ("type",) and new == [value]:
                continue  # The same; types may stand alone or in an array.
            refuse(world, with_value(badge, path, new), f"{str(new)[:60]} at {text_of(path)}")


def test_one_status_entry_cannot_be_wrapped_in_an_array(world: World) -> None:
    signed = members_of(world.issuer("union").mint())
    signed["credentialStatus"] = [signed["credentialStatus"]]
    refuse(world, signed, "/credentialStatus")


def test_nothing_can_be_nulled_or_taken_away(world: World, badge: dict[str, Any]) -> None:
    for path in places(badge):
        if not path:
            continue
        nothings: tuple[Any, ...] = (None, "", [], {}, 0, False)
        for new in nothings:
            refuse(world, with_value(badge, path, new), f"{new!r} at {text_of(path)}")
        without = with_value(badge, path, None)
        del at(without, path[:-1])[path[-1]]
        refuse(world, without, f"without {text_of(path)}")


def test_no_object_can_be_added_beside_the_signed_ones(world: World, badge: dict[str, Any]) -> None:
    """A second node with the id of a signed one would take its statements over."""
    for path in objects(badge):
        known = at(badge, path).get("id")
        if not isinstance(known, str):
            continue
        for name in ("creator", "source", "image", "parentOrg", "endorsement", "related"):
            value: Any = {"id": known, "type": ["Profile"], "name": "Added"}
            for place in objects(badge):
                if name not in at(badge, place):
                    refuse(world, with_value(badge, place, {**at(badge, place), name: value}), text_of(place))


def test_a_known_value_cannot_be_said_twice(world: World, badge: dict[str, Any]) -> None:
    """Members of the same node repeated under another object with its id leave the set of quads unchanged."""
    issuer = badge["issuer"]
    for name, value in issuer.items():
        if name in ("id", "type"):
            continue
        badge_with_creator = with_value(
            badge,
            ("credentialSubject", "achievement", "creator"),
            {"id": issuer["id"], "type": ["Profile"], name: value},
        )
        refuse(world, badge_with_creator, name)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=5)
    | st.sampled_from(["Profile", "https://a.example/"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(sorted(KNOWN | UNKNOWN | KEYWORDS)) | st.text(min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_added_wherever_it_is_never_valid(world: World, data: st.DataObject) -> None:
    signed = members_of(world.issuer("academy").mint(suspension=True))
    path = data.draw(st.sampled_from(list(objects(signed))))
    name, value = data.draw(names), data.draw(json_values)
    if name in at(signed, path):
        return
    refuse(world, with_value(signed, path, {**at(signed, path), name: value}), f"{name} at {text_of(path)}")


def test_every_term_of_the_contexts_is_refused_when_added_at_the_top(
    world: World, badge: dict[str, Any]
) -> None:
    terms: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if not name.startswith("@"):
                    terms.add(name)
                collect(inner)

    collect(PACKAGED.load(OPEN_BADGES))
    for path in ((), ("issuer",), ("credentialSubject",), ("credentialSubject", "achievement")):
        for term in terms - at(badge, path).keys():
            for value in ("added", {"id": "https://evil.example/"}):
                refuse(
                    world,
                    with_value(badge, path, {**at(badge, path), term: value}),
                    f"{term} at {text_of(path)}",
                )


def test_a_changed_leaf_is_noticed_in_a_jwt_too(world: World) -> None:
    """The bytes are signed: a payload with anything added is another payload."""
    token = world.issuer("union").mint(jwt=True).decode()
    header, payload, signature = token.split(".")
    members = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for path, name, value in additions(members):
        changed = with_value(members, path, {**at(members, path), name: value})
        forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
        report = world.look(f"{header}.{forged}.{signature}".encode())
        assert report.verdict is Verdict.INVALID, f"{name} at {text_of(path)}"
