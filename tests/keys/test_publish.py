# SPDX-License-Identifier: Apache-2.0
"""What strangers read about our keys, and that strangers' software can read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from openbadgeslib.ob3.did import pem_for_kid, resolve_verification_method
from openvc.did.base import parse_did_document

from credentials import controller_document
from credentials.document import parse
from credentials.errors import MethodRevokedError
from credentials.verification_method import KeyAlgorithm, PublicKey
from keys import publish
from keys.cabinet import Cabinet
from keys.publish import did_document, jwks
from keys.throwaway import throw_away
from tests.keys.samples import HOUR, NOW

ED, P256, RSA = KeyAlgorithm.ED25519, KeyAlgorithm.P256, KeyAlgorithm.RSA
PUBLIC = "http://127.0.0.1:8080"
ROOT_DID = "did:web:badges.hallmark.example"
ORIGIN = "https://badges.hallmark.example"


@pytest.fixture
def houses(cabinet: Cabinet) -> Cabinet:
    """Two issuers; the second one's DID has a path."""
    for slug, did, moment in (
        ("union", ROOT_DID, NOW),
        ("district", f"{ROOT_DID}:issuers:district", NOW + HOUR),
    ):
        cabinet.create_issuer(slug, did, now=moment)
        for algorithm in (ED, P256):
            cabinet.new_key(slug, algorithm, now=moment)
    return cabinet


def test_every_key_is_listed_for_assertions_and_for_nothing_else(houses: Cabinet) -> None:
    houses.new_key("union", RSA, now=NOW)
    ring = houses.ring("union")
    members = json.loads(did_document(ring))
    assert sorted(members) == ["@context", "assertionMethod", "id", "verificationMethod"]
    read = controller_document.read(parse(did_document(ring)))
    assert read.id == ROOT_DID
    assert read.assertion_method == set(read.methods) == {ring.method_id(key) for key in ring.keys}
    assert {(method.public_key.algorithm, method.type) for method in read.methods.values()} == {
        (ED, "Multikey"),
        (P256, "JsonWebKey"),
        (RSA, "JsonWebKey"),
    }


def test_a_compromised_key_is_good_before_that_moment_and_not_after(houses: Cabinet) -> None:
    key = houses.ring("union").active(ED)
    since = NOW + timedelta(minutes=10)
    houses.compromised("union", key.id, since=since, now=NOW + HOUR)
    ring = houses.ring("union")
    read = controller_document.read(parse(did_document(ring)))

    def asked(at: datetime) -> PublicKey:
        return controller_document.assertion_key(
            read, ring.method_id(key), expected_controller=ROOT_DID, at=at
        )

    assert asked(since - timedelta(seconds=1)) == key.public_key
    with pytest.raises(MethodRevokedError):
        asked(since)


def test_a_key_set_names_its_issuer_and_keys_as_jwts_do(houses: Cabinet) -> None:
    ring = houses.ring("union")
    members = json.loads(jwks(ring))
    assert members["iss"] == ROOT_DID
    assert {(key["kid"], key["alg"], key["use"]) for key in members["keys"]} == {
        (ring.method_id(ring.active(ED)), "EdDSA", "sig"),
        (ring.method_id(ring.active(P256)), "ES256", "sig"),
    }
    for key in members["keys"]:
        assert PublicKey.from_jwk(key) == ring.key(key["kid"].partition("#")[2]).public_key


def test_retired_keys_stay_in_the_key_set_and_compromised_ones_leave(houses: Cabinet) -> None:
    first = houses.ring("union").active(P256)
    houses.rotate("union", P256, now=NOW + HOUR)
    assert first.id in jwks(houses.ring("union")).decode()
    houses.compromised("union", first.id, since=NOW, now=NOW + HOUR)
    assert first.id not in jwks(houses.ring("union")).decode()
    assert first.id in did_document(houses.ring("union")).decode()


@pytest.mark.parametrize("write", [did_document, jwks])
def test_the_same_rows_give_the_same_bytes(houses: Cabinet, write: Callable[..., bytes]) -> None:
    first = write(houses.ring("union"))
    assert write(houses.ring("union")) == first
    houses.rotate("union", ED, now=NOW + HOUR)
    assert write(houses.ring("union")) != first


def test_documents_have_names(houses: Cabinet) -> None:
    union, district = (did_document(houses.ring(slug)) for slug in ("union", "district"))
    for name in (
        ROOT_DID,
        f"{ORIGIN}/.well-known/did.json",
        f"{PUBLIC}/.well-known/did.json",
        f"{PUBLIC}/issuers/union/did.json",
    ):
        found = publish.published(houses, name)
        assert found is not None
        assert (found.body, found.media_type) == (union, "application/json")
    for name in (
        f"{ROOT_DID}:issuers:district",
        f"{ORIGIN}/issuers/district/did.json",
        f"{PUBLIC}/issuers/district/did.json",
    ):
        found = publish.published(houses, name)
        assert found is not None
        assert found.body == district
    for name, slug in (
        (f"{PUBLIC}/.well-known/jwks.json", "union"),
        (f"{ORIGIN}/.well-known/jwks.json", "union"),
        (f"{PUBLIC}/issuers/union/jwks.json", "union"),
        (f"{PUBLIC}/issuers/district/jwks.json", "district"),
    ):
        found = publish.published(houses, name)
        assert found is not None
        assert (found.body, found.media_type) == (jwks(houses.ring(slug)), "application/jwk-set+json")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "did:web:elsewhere.example",
        f"{ROOT_DID}#ed25519",
        f"{ROOT_DID}:issuers:nobody",
        f"{PUBLIC}/issuers/nobody/did.json",
        f"{PUBLIC}/issuers/union/did.json?x",
        "https://elsewhere.example/.well-known/did.json",
        "/.well-known/jwks.json",
    ],
)
def test_other_names_are_none_of_ours(houses: Cabinet, name: str) -> None:
    assert publish.published(houses, name) is None


def test_the_export_has_each_path_and_each_name_once(houses: Cabinet) -> None:
    documents = list(publish.documents(houses))
    assert sorted(document.path for document in documents) == [
        ".well-known/did.json",
        ".well-known/jwks.json",
        "issuers/district/did.json",
        "issuers/district/jwks.json",
        "issuers/union/did.json",
        "issuers/union/jwks.json",
    ]
    names = [name for document in documents for name in document.names]
    assert len(names) == len(set(names))
    for document in documents:
        for name in document.names:
            found = publish.published(houses, name)
            assert found is not None
            assert found.body == document.body


def test_an_issuer_elsewhere_keeps_its_own_addresses(cabinet: Cabinet) -> None:
    cabinet.create_issuer("guest", "did:web:guest.example:a", now=NOW)
    cabinet.new_key("guest", ED, now=NOW)
    names = [name for document in publish.documents(cabinet) for name in document.names]
    assert {"did:web:guest.example:a", "https://guest.example/a/did.json"} < set(names)
    assert publish.published(cabinet, f"{PUBLIC}/.well-known/did.json") is None


def test_other_peoples_resolvers_read_our_documents(houses: Cabinet) -> None:
    """Oracles: openvc-core and openbadgeslib find each key, and the same one."""
    houses.rotate("union", ED, now=NOW + HOUR)
    ring = houses.ring("union")
    body = did_document(ring)
    theirs = {
        method.id: method.public_key_jwk
        for method in parse_did_document(json.loads(body)).verification_methods
    }
    for key in ring.keys:
        assert PublicKey.from_jwk(theirs[ring.method_id(key)]) == key.public_key

    def served(url: str) -> bytes:
        found = publish.published(houses, url)
        assert found is not None
        return found.body

    for key in ring.keys:
        pem = resolve_verification_method(ring.method_id(key), download=served)
        assert pem.startswith(b"-----BEGIN PUBLIC KEY-----")
        assert pem_for_kid(json.loads(body), ROOT_DID, ring.method_id(key)) == pem


def test_a_throw_away_document_is_that_of_an_issuer_with_these_keys() -> None:
    thrown = throw_away(ROOT_DID)
    read = controller_document.read(parse(thrown.document))
    assert read.id == ROOT_DID
    assert set(thrown.signers) == {ED, P256}
    for algorithm, signer in thrown.signers.items():
        public_key = controller_document.assertion_key(
            read, signer.verification_method, expected_controller=ROOT_DID, at=NOW
        )
        assert public_key.algorithm is algorithm is signer.algorithm
        public_key.verify(signer.sign(b"x"), b"x")
    assert throw_away(ROOT_DID).document != thrown.document
