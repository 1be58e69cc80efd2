# SPDX-License-Identifier: Apache-2.0
"""The strict walk: what it refuses, with the place, and what it takes."""

from __future__ import annotations

import copy
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
from credentials.jsonld.contexts import CREDENTIALS_V1, CREDENTIALS_V2, ISSUED_BADGE
from credentials.jsonld.walk import IRI_CHARS
from credentials.rdf.nquads import escape
from tests.credentials.badges import badge

ACHIEVEMENT = "/credentialSubject/achievement"
CREDENTIALS = "https://www.w3.org/2018/credentials#"


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the sample with ``value`` at ``path``; ``...`` takes the member away."""
    document = credential()
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")[1:]]
    place: Any = document
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


def refuse(document: dict[str, Any], kind: type[HallmarkError] = UnsignedContentError) -> str | None:
    with pytest.raises(kind) as refused:
        canonicalize(document)
    return refused.value.path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/favouriteColour", "blue"),
        ("/issuer/favouriteColour", "blue"),
        (f"{ACHIEVEMENT}/criteria/favouriteColour", "blue"),
        ("/evidence/1/validFrom", "2026-01-01T00:00:00Z"),
        ("/description", None),
        ("/evidence/0/name", None),
        (f"{ACHIEVEMENT}/tag/1", None),
        ("/evidence", []),
        (f"{ACHIEVEMENT}/tag", []),
        ("/@graph", []),
        ("/@included", {}),
        ("/@id", "https://example.org/"),
        ("/@type", "VerifiableCredential"),
        ("/issuer/@graph", [{"name": "x"}]),
        ("/issuer/@included", [{"name": "x"}]),
        ("/issuer/@nest", {"name": "x"}),
        ("/issuer/@reverse", {"name": "x"}),
        ("/issuer/@index", "x"),
        ("/issuer/@set", ["x"]),
        ("/issuer/https:~1~1schema.org~1name", "x"),
        ("/https:~1~1www.w3.org~12018~1credentials#validUntil", "2026-01-01T00:00:00Z"),
        ("/cred:validUntil", "2026-01-01T00:00:00Z"),
        ("/", "x"),
    ],
)
def test_refuses_a_member_that_no_signature_covers(path: str, value: Json) -> None:
    document = credential()
    place: Any = document
    *steps, last = [step.replace("~1", "/") for step in path.split("/")[1:]]
    for step in steps:
        place = place[int(step)] if step.isdigit() else place[step]
    place[int(last) if last.isdigit() else last] = value
    assert refuse(document) == path


@pytest.mark.parametrize(
    "path", ["/id", "/issuer/id", "/credentialStatus/statusListCredential", "/evidence/2/id"]
)
@pytest.mark.parametrize(
    "value",
    [
        "",
        "badge",
        "/badge",
        "#badge",
        "//example.org/badge",
        "_:b0",
        "@id",
        ":",
        ":x",
        "1http://x",
        "ht tp://x",
        "https://example.org/a b",
        "https://example.org/a\u00a0b",
        "https://example.org/a\u2028",
        "https://example.org/\ufeff",
        "https://example.org/\x00",
        "https://example.org/\x7f",
        "https://example.org/\x85",
        "https://example.org/\n",
        "https://example.org/<",
        "https://example.org/>",
        'https://example.org/"',
        "https://example.org/{",
        "https://example.org/|",
        "https://example.org/\\",
        "https://example.org/^",
        "https://example.org/`",
        "https://example.org/" + "x" * IRI_CHARS,
        None,
        5,
        True,
        ["https://example.org/"],
        {},
    ],
)
def test_refuses_an_id_that_is_no_absolute_well_formed_iri(path: str, value: Json) -> None:
    if path == "/credentialStatus/statusListCredential" and not isinstance(value, str | None):
        return  # not an id: a number is a literal there, an object a node
    assert refuse(changed(path, value)) == path


def test_takes_an_id_of_just_the_length() -> None:
    begin = "https://example.org/"
    assert canonicalize(changed("/id", begin + "x" * (IRI_CHARS - len(begin))))
    refuse(changed("/id", begin + "x" * (IRI_CHARS - len(begin) + 1)))
    assert canonicalize(changed("/evidence/0/id", "data:text/plain," + "x" * 9_000))


@pytest.mark.parametrize(
    "value",
    [
        "did:web:example.org",
        "urn:uuid:1",
        "mailto:a@example.org",
        "https://[::1]/ü?q=1#ä",
        "a+b-c.d:",
        "ext:x",
    ],
)
def test_takes_any_absolute_iri(value: str) -> None:
    assert f"<{value}>" in canonicalize(changed("/issuer/id", value)).decode()


@pytest.mark.parametrize(
    ("issuer", "is_absolute"),
    [("cred:x", False), ("cred:https://example.org/", False), ("cred://x", True), ("did:web:x", True)],
)
def test_looks_behind_the_first_colon(issuer: str, is_absolute: bool) -> None:
    # In VCDM 1.1 "cred" is a prefix inside a credential: the first two would be signed as other IRIs.
    document: dict[str, Any] = {
        "@context": [CREDENTIALS_V1],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": "urn:uuid:1"},
    }
    if is_absolute:
        assert canonicalize(document)
    else:
        assert refuse(document) == "/issuer"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        5,
        {},
        [None],
        ["Profile", 5],
        "Unknown",
        "https://example.org/a b",
        ["Profile", "relative"],
        "_:b0",
        "@json",
        "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile",
        ["Profile", "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement"],
        ["Profile", "Profile"],
    ],
)
def test_refuses_a_type_that_is_no_word_and_no_absolute_iri(value: Json) -> None:
    assert refuse(changed("/issuer/type", value)) == "/issuer/type"


def test_takes_a_type_that_has_no_word() -> None:
    text = canonicalize(changed("/issuer/type", ["Profile", "https://example.org/School"])).decode()
    assert "<https://example.org/School>" in text


def test_refuses_types_that_contradict_each_other() -> None:
    document = changed("/evidence/0/type", ["Result", "Achievement"])
    assert refuse(document, ContextRefusedError) == "/evidence/0/type"


def test_one_type_for_two_words_is_a_repetition() -> None:
    value = ["VerifiableCredential", "OpenBadgeCredential", "AchievementCredential"]
    assert refuse(changed("/type", value)) == "/type"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{ACHIEVEMENT}/tag", ["a", "b", "a"]),
        (f"{ACHIEVEMENT}/tag", [1, 1.0]),
        ("/credentialSubject/achievement/image", ["urn:a", "urn:a"]),
    ],
)
def test_refuses_a_value_that_stands_twice(path: str, value: Json) -> None:
    assert refuse(changed(path, value)) == path


@pytest.mark.parametrize("value", [["a", ["b"]], [[]], [["b"]]])
def test_an_array_in_an_array_is_not_for_the_walk(value: Json) -> None:
    refuse(changed(f"{ACHIEVEMENT}/tag", value), UnsupportedContentError)


@pytest.mark.parametrize("value", [{"@value": "x"}, {"@value": "x", "@language": "en"}, {"@value": None}])
def test_a_value_object_is_not_for_the_walk(value: Json) -> None:
    refuse(changed("/name", value), UnsupportedContentError)


@pytest.mark.parametrize(
    "value",
    [list(ISSUED_BADGE), [CREDENTIALS_V2], {"name": "urn:evil"}, None, [], "https://example.org/"],
)
@pytest.mark.parametrize(
    "path", ["/issuer", "/credentialSubject", ACHIEVEMENT, "/evidence/0", "/credentialStatus"]
)
def test_refuses_contexts_below_the_root(path: str, value: Json) -> None:
    refuse(changed(f"{path}/@context", value), ContextRefusedError)


def endorsement(**changes: Any) -> dict[str, Any]:
    return {
        "@context": list(ISSUED_BADGE),
        "id": "urn:uuid:e",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "An endorsement",
        "issuer": {"id": "did:web:district.example", "type": ["Profile"], "name": "District"},
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:web:badges.example.org",
            "type": ["EndorsementSubject"],
            "endorsementComment": "In good standing",
        },
        "proof": [
            {
                "type": "DataIntegrityProof",
                "cryptosuite": "eddsa-rdfc-2022",
                "created": "2026-03-01T00:00:00Z",
                "verificationMethod": "did:web:district.example#key",
                "proofPurpose": "assertionMethod",
                "proofValue": "z1",
            }
        ],
    } | changes


def test_an_embedded_credential_names_its_contexts_and_keeps_its_proof() -> None:
    text = canonicalize(changed("/issuer/endorsement", [endorsement()])).decode()
    assert any(
        line.split(" ")[3].startswith("_:") for line in text.splitlines() if '"eddsa-rdfc-2022"' in line
    )
    without = endorsement()
    del without["@context"]
    assert refuse(changed("/issuer/endorsement", [without]), ContextRefusedError) == "/issuer/endorsement/0"
    bad = endorsement(**{"@context": [CREDENTIALS_V2, {"name": "urn:evil"}]})
    path = refuse(changed("/issuer/endorsement", [bad]), ContextRefusedError)
    assert path == "/issuer/endorsement/0/@context/1"


@pytest.mark.parametrize("proof", [{}, {"id": "urn:uuid:1"}, [{}]])
def test_an_empty_graph_says_nothing(proof: Json) -> None:
    refuse(changed("/issuer/endorsement", [endorsement(proof=proof)]))


def test_a_proof_by_reference_is_not_for_the_walk() -> None:
    refuse(changed("/issuer/endorsement", [endorsement(proof="urn:uuid:1")]), UnsupportedContentError)


def test_a_document_that_says_nothing_cannot_be_signed() -> None:
    assert refuse({"@context": [CREDENTIALS_V2]}) == ""
    assert refuse({"@context": [CREDENTIALS_V2], "id": "urn:uuid:1"}) == ""


def test_each_character_that_has_to_be_escaped_is_escaped_alone_too() -> None:
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    escaped = [character for character in every if escape(character) != character]
    assert len(escaped) == 32 + len('"\\\x7f\ufffe\uffff')
    for character in escaped:
        text = canonicalize(changed("/name", f"a{character}b"))
        assert f'"a{escape(character)}b"'.encode() in text, ascii(character)


def test_text_may_hold_anything_that_json_can_hold() -> None:
    text = canonicalize(changed("/name", 'a\x00\x08\x0b\x0c\n\r\t"\\\x7f\x85\u2028😀'))
    assert rb'"a\u0000\b\u000B\f\n\r\t\"\\\u007F' + "\x85\u2028😀".encode() + b'"' in text


def test_order_counts_only_in_lists() -> None:
    levels = ["low", "middle", "high"]

    def allowed(values: list[str]) -> bytes:
        return canonicalize(changed(f"{ACHIEVEMENT}/resultDescription/0/allowedValue", values))

    assert allowed(levels) != allowed(levels[::-1])
    assert allowed(["low", "low"]) != allowed(["low"])
    assert b"#nil" in allowed([])
    assert canonicalize(changed(f"{ACHIEVEMENT}/tag", levels)) == canonicalize(
        changed(f"{ACHIEVEMENT}/tag", levels[::-1])
    )


def test_normal_forms_of_text_are_kept_apart() -> None:
    assert canonicalize(changed("/name", "é")) != canonicalize(changed("/name", "e\u0301"))


def test_a_long_id_is_not_multiplied_without_end() -> None:
    document = changed("/id", "https://example.org/" + "x" * 2_000)
    document["termsOfUse"] = [{"type": f"urn:t{number}"} for number in range(9_000)]
    with pytest.raises(WorkLimitError, match="CANONICAL_BYTES"):
        canonicalize(document)


def test_the_document_is_not_changed() -> None:
    document = badge()
    before = copy.deepcopy(document)
    canonicalize(document)
    assert document == before
