# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from credentials import controller_document
from credentials.controller_document import METHODS, ControllerDocument, assertion_key, build, expand
from credentials.did import did_jwk_for, did_key_for
from credentials.document import Json, parse
from credentials.errors import (
    ControllerDocumentError,
    ControllerDocumentIdError,
    HallmarkError,
    MethodControllerError,
    MethodExpiredError,
    MethodNotForAssertionsError,
    MethodNotFoundError,
    MethodRevokedError,
    UnknownDIDMethodError,
    UnsupportedKeyError,
)
from credentials.verification_method import VerificationMethod
from tests.credentials.signers import ed25519, p256

DID = "did:web:example.org"
OTHER = "did:web:impostor.example"
NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KEY = ed25519().public_key
EC_KEY = p256().public_key


def method(method_id: str = f"{DID}#a", *, controller: str = DID) -> VerificationMethod:
    return VerificationMethod(method_id, "Multikey", controller, KEY)


def read(members: dict[str, Json]) -> ControllerDocument:
    return controller_document.read(parse(json.dumps(members).encode()))


def document(*methods: VerificationMethod, did: str = DID, **changes: Json) -> ControllerDocument:
    return read(build(did=did, methods=methods or [method()]) | changes)


def test_our_document_lists_both_kinds_of_key_for_assertions() -> None:
    methods = [method(), VerificationMethod(f"{DID}#b", "JsonWebKey", DID, EC_KEY)]
    members = build(did=DID, methods=methods, also_known_as=["https://example.org/issuers/union"])
    assert members["@context"] == [
        "https://www.w3.org/ns/did/v1",
        "https://w3id.org/security/multikey/v1",
        "https://w3id.org/security/jwk/v1",
    ]
    assert members["assertionMethod"] == [f"{DID}#a", f"{DID}#b"]
    assert members["alsoKnownAs"] == ["https://example.org/issuers/union"]
    found = read(members)
    for one in methods:
        assert assertion_key(found, one.id, expected_controller=DID, at=NOW) == one.public_key


def test_methods_may_stand_in_the_relationship_itself() -> None:
    found = read(build(did=DID, methods=[method()], by_value=True))
    assert assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW) == KEY


def test_relative_ids_and_single_values_are_read() -> None:
    members = method().to_members() | {"id": "#a"}
    found = read({"id": DID, "verificationMethod": members, "assertionMethod": "#a"})
    assert assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW) == KEY


def test_a_document_of_another_identifier_is_refused() -> None:
    with pytest.raises(ControllerDocumentIdError):
        assertion_key(document(id=OTHER), f"{DID}#a", expected_controller=DID, at=NOW)


def test_a_key_of_another_identifier_is_refused() -> None:
    theirs = document(method(f"{OTHER}#a", controller=OTHER), did=OTHER)
    with pytest.raises(MethodControllerError):
        assertion_key(theirs, f"{OTHER}#a", expected_controller=DID, at=NOW)


def test_a_key_that_says_it_belongs_to_somebody_else_is_refused() -> None:
    for claimed in (DID, OTHER):
        theirs = document(method(controller=OTHER))
        with pytest.raises(MethodControllerError):
            assertion_key(theirs, f"{DID}#a", expected_controller=claimed, at=NOW)


def test_a_key_smuggled_into_the_fragment_is_refused() -> None:
    smuggled = f"{DID}#{KEY.to_multikey()}"
    with pytest.raises(MethodNotFoundError):
        assertion_key(document(), smuggled, expected_controller=DID, at=NOW)


def test_a_key_for_authentication_only_is_refused() -> None:
    found = document(assertionMethod=[], authentication=[f"{DID}#a"])
    with pytest.raises(MethodNotForAssertionsError) as refusal:
        assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW)
    assert refusal.value.got == "authentication"


def test_a_key_by_value_under_authentication_only_is_refused() -> None:
    found = read({"id": DID, "authentication": [method().to_members()]})
    with pytest.raises(MethodNotForAssertionsError):
        assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW)


def test_a_key_that_no_relationship_lists_is_refused() -> None:
    with pytest.raises(MethodNotForAssertionsError) as refusal:
        assertion_key(document(assertionMethod=[]), f"{DID}#a", expected_controller=DID, at=NOW)
    assert refusal.value.got is None


def test_a_listed_id_without_a_method_is_refused() -> None:
    with pytest.raises(MethodNotFoundError):
        assertion_key(document(verificationMethod=[]), f"{DID}#a", expected_controller=DID, at=NOW)


@pytest.mark.parametrize(
    ("ended", "error"),
    [
        (replace(method(), expires=NOW), MethodExpiredError),
        (replace(method(), revoked=NOW), MethodRevokedError),
    ],
)
def test_an_ended_key_holds_for_what_it_signed_before(
    ended: VerificationMethod, error: type[HallmarkError]
) -> None:
    found = document(ended)
    assert assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW - SECOND) == KEY
    for at in (NOW, NOW + SECOND):
        with pytest.raises(error):
            assertion_key(found, f"{DID}#a", expected_controller=DID, at=at)


def test_a_method_that_we_cannot_read_harms_only_itself() -> None:
    strange: dict[str, Json] = {"id": f"{DID}#x", "type": "FutureKey2030", "controller": DID}
    found = document(verificationMethod=[strange, method().to_members()])
    assert assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW) == KEY
    with pytest.raises(UnsupportedKeyError) as refusal:
        assertion_key(found, f"{DID}#x", expected_controller=DID, at=NOW)
    assert refusal.value.path == "/verificationMethod/0"


def test_two_methods_with_one_id_are_refused() -> None:
    one, other = method().to_members(), method().to_members() | {"publicKeyMultibase": EC_KEY.to_multikey()}
    both: tuple[dict[str, Json], ...] = (
        {"verificationMethod": [one, other]},
        {"verificationMethod": [one], "assertionMethod": [other]},
        {"verificationMethod": [one, other | {"id": "#a"}]},
    )
    for members in both:
        with pytest.raises(ControllerDocumentError):
            read({"id": DID, **members})


def test_a_method_written_out_again_is_read_once() -> None:
    one = method().to_members()
    found = read({"id": DID, "verificationMethod": [one], "assertionMethod": [one | {"id": "#a"}]})
    assert assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW) == KEY
    assert len(found.methods) == 1
    beside = read({"id": DID, "verificationMethod": [one], "authentication": [one]})
    with pytest.raises(MethodNotForAssertionsError):
        assertion_key(beside, f"{DID}#a", expected_controller=DID, at=NOW)


def test_null_is_no_method() -> None:
    found = document(method(), keyAgreement=None)
    assert assertion_key(found, f"{DID}#a", expected_controller=DID, at=NOW) == KEY
    assert found.relationships["keyAgreement"] == frozenset()


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"id": ""},
        {"id": 7},
        {"id": DID, "verificationMethod": [7]},
        {"id": DID, "verificationMethod": [f"{DID}#a"]},
        {"id": DID, "verificationMethod": [{}]},
        {"id": DID, "assertionMethod": [{"id": 7}]},
        {"id": DID, "assertionMethod": [None]},
        {"id": DID, "verificationMethod": [{"id": f"#{number}"} for number in range(METHODS + 1)]},
    ],
)
def test_a_document_of_another_form_is_refused(members: dict[str, Json]) -> None:
    with pytest.raises(ControllerDocumentError):
        read(members)


def test_a_key_is_found_by_its_value_among_those_for_assertions_only() -> None:
    assert document().method_for(KEY) == f"{DID}#a"
    assert document().method_for(EC_KEY) is None
    assert document(assertionMethod=[]).method_for(KEY) is None


def test_a_did_key_and_a_did_jwk_are_their_own_documents() -> None:
    did = did_key_for(KEY)
    key_id = f"{did}#{KEY.to_multikey()}"
    assert assertion_key(expand(did), key_id, expected_controller=did, at=NOW) == KEY
    with pytest.raises(MethodNotFoundError):
        assertion_key(expand(did), f"{did}#{EC_KEY.to_multikey()}", expected_controller=did, at=NOW)
    did = did_jwk_for(EC_KEY)
    assert assertion_key(expand(did), f"{did}#0", expected_controller=did, at=NOW) == EC_KEY
    with pytest.raises(UnknownDIDMethodError):
        expand(DID)
