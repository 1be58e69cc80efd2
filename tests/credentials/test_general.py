# SPDX-License-Identifier: Apache-2.0
"""The general path: the same quads as the walk, and nothing that PyLD drops."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.walk import credential
from credentials.canonicalize import canonicalize
from credentials.document import Json
from credentials.errors import (
    ContextRefusedError,
    HallmarkError,
    UnsignedContentError,
    UnsupportedContentError,
    WorkLimitError,
)
from credentials.jsonld.contexts import CREDENTIALS_V2, ISSUED_BADGE, PACKAGED, ContextStore
from credentials.jsonld.general import GENERAL_PATH_CONTAINERS, GENERAL_PATH_VALUES, translate
from credentials.rdf.canonical import canonical
from tests.credentials.badges import badge
from tests.credentials.test_walk import changed, endorsement

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
STORE = ContextStore({EXAMPLES: b'{"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}'})


def by_general(document: dict[str, Any], *, store: ContextStore = PACKAGED) -> bytes:
    return canonical(translate(document, store=store)).text


@pytest.mark.parametrize(
    "document",
    [credential(), badge(), changed("/issuer/endorsement", [endorsement()])],
    ids=["micro-credential", "badge", "with an endorsement"],
)
def test_gives_what_the_walk_gives(document: dict[str, Any]) -> None:
    assert by_general(document) == canonicalize(document)


def test_is_only_gone_where_it_is_allowed() -> None:
    document = changed("/name", {"@value": "Fragen stellen", "@language": "de-AT"})
    with pytest.raises(UnsupportedContentError):
        canonicalize(document)
    assert b'"Fragen stellen"@de-at' in canonicalize(document, general=True)


def test_reads_contexts_with_a_vocabulary_for_published_vectors() -> None:
    document: dict[str, Json] = {
        "@context": [CREDENTIALS_V2, EXAMPLES],
        "type": ["VerifiableCredential", "ExampleDegreeCredential"],
        "issuer": "https://example.org/",
        "credentialSubject": {"id": "did:example:1", "degree": {"type": "ExampleDegree", "name": "B.Sc."}},
    }
    text = canonicalize(document, general=True, store=STORE).decode()
    assert "<https://www.w3.org/ns/credentials/examples#degree>" in text
    with pytest.raises(UnsupportedContentError):
        canonicalize(document, store=STORE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/favouriteColour", "blue"),
        ("/issuer/favouriteColour", "blue"),
        ("/description", None),
        ("/evidence/0/name", None),
        ("/evidence", []),
        ("/@graph", []),
        ("/@included", {"type": "Image"}),
        ("/issuer/@nest", {"name": "x"}),
        ("/issuer/@id", "did:web:x"),
        ("/issuer/id", "relative"),
        ("/issuer/id", "a b:c"),
        ("/issuer/id", "_:b0"),
        ("/issuer/id", None),
        ("/issuer/id", ["did:web:x"]),
        ("/issuer/id", "https://example.org/" + "x" * 2_100),
        ("/issuer/type", "relative"),
        ("/issuer/type", "a b:c"),
        ("/issuer/type", ["Profile", "Profile"]),
        ("/issuer/type", {"x": "y"}),
        ("/issuer/type", "https://www.w3.org/2018/credentials#VerifiableCredential"),
        ("/cred:validUntil", "2026-01-01T00:00:00Z"),
        ("/credentialSubject/achievement/tag", [["a"]]),
        ("/credentialSubject/achievement/tag", ["a", "a"]),
        ("/credentialSubject/achievement/tag", [{"@value": "a"}]),
        ("/credentialSubject/achievement/tag", [{"@value": "a", "@type": "urn:t"}]),
        ("/credentialSubject/achievement/tag", [{"@value": "a", "@language": "en", "@direction": "ltr"}]),
        ("/credentialSubject/achievement/tag", [{"@value": "a", "@language": "e n"}]),
        ("/credentialSubject/achievement/tag", [{"@value": "a", "@language": None}]),
        ("/credentialSubject/achievement/tag", [{"@value": 5, "@language": "en"}]),
        ("/credentialSubject/achievement/tag", [{"@list": ["a"]}]),
        ("/credentialSubject/achievement/tag", [{"@set": ["a"]}]),
        ("/credentialStatus/statusListCredential", "relative"),
    ],
)
def test_refuses_what_pyld_would_drop_or_take_without_a_word(path: str, value: Json) -> None:
    document = changed("/description", {"@value": "Fragen stellen", "@language": "de"})
    place: Any = document
    *steps, last = path.split("/")[1:]
    for step in steps:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
    with pytest.raises(UnsignedContentError):
        by_general(document)
    with pytest.raises(HallmarkError):
        canonicalize(document, general=True)


def test_an_id_without_anything_said_of_it_is_not_signed() -> None:
    with pytest.raises(UnsignedContentError):
        by_general({"@context": list(ISSUED_BADGE), "id": "urn:uuid:1"})


@pytest.mark.parametrize("value", [list(ISSUED_BADGE), {"name": "urn:evil"}, None])
def test_refuses_contexts_below_the_root(value: Json) -> None:
    with pytest.raises(ContextRefusedError):
        by_general(changed("/issuer/@context", value))
    with pytest.raises(ContextRefusedError):
        by_general(
            changed("/issuer/endorsement", [endorsement(**{"@context": value})])
            if value is None
            else changed("/issuer/endorsement", [endorsement(**{"@context": [value]})])
        )


def test_json_literals_are_not_translated() -> None:
    schema = {"id": "urn:uuid:1", "type": "JsonSchema", "jsonSchema": {"a": "b"}}
    with pytest.raises(UnsupportedContentError):
        canonicalize(changed("/credentialSchema", [schema]), general=True)


def test_only_so_many_containers_and_values_reach_pyld() -> None:
    tags = [{"@value": str(number), "@language": "en"} for number in range(GENERAL_PATH_CONTAINERS)]
    with pytest.raises(WorkLimitError, match="GENERAL_PATH_CONTAINERS"):
        by_general(changed("/credentialSubject/achievement/tag", tags))
    with pytest.raises(WorkLimitError, match="GENERAL_PATH_VALUES"):
        by_general(
            changed("/credentialSubject/achievement/tag", [str(n) for n in range(GENERAL_PATH_VALUES)])
        )


def test_a_long_id_is_not_multiplied_without_end() -> None:
    document = changed("/issuer/id", "data:," + "x" * 1_000_000)
    with pytest.raises(WorkLimitError, match="CANONICAL_BYTES"):
        by_general(document | {"id": "data:," + "x" * 1_000_000})
