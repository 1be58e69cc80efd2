# SPDX-License-Identifier: Apache-2.0
"""The raw values: what an expert can compute again, and where each of them came from."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from credentials.canonicalize import canonicalize
from credentials.digests import digest_multibase
from credentials.document import parse, write
from credentials.verification_method import KeyAlgorithm, PublicKey
from tests.world import OWNER, World, timed_out
from verifier.desk import Desk
from verifier.details import CANONICAL_BYTES, Details, written
from verifier.documents import OfflineMap
from verifier.intake import read
from verifier.opened import without_proof
from verifier.ports import Source
from verifier.verdict import Verdict


@pytest.fixture
def world() -> World:
    return World()


def details(world: World, raw: bytes) -> Details:
    return world.look(raw).details


def test_an_embedded_proof_names_key_suite_and_place(world: World) -> None:
    union = world.issuer("union")
    (found,) = details(world, union.mint()).signatures
    signer = union.signer()
    assert (found.method, found.suite, found.fits) == (signer.verification_method, "eddsa-rdfc-2022", True)
    assert (found.public_key, found.algorithm) == (signer.public_key.to_multikey(), "Ed25519")
    assert (found.controller, found.key_read_at) == (union.id, "https://union.example/.well-known/did.json")
    assert (found.created, found.key_expires, found.key_revoked) == (world.clock.now(), None, None)


def test_a_jwt_names_its_algorithm_and_what_was_signed(world: World) -> None:
    union = world.issuer("union")
    token = union.mint(jwt=True)
    found = details(world, token)
    assert (found.signatures[0].suite, found.signatures[0].algorithm) == ("ES256", "P-256")
    signed = token.rpartition(b".")[0]
    assert found.signing_input_sha256 == hashlib.sha256(signed).hexdigest()
    assert found.credential_digest == digest_multibase(token)


def test_where_the_key_of_others_was_read(world: World) -> None:
    (own,) = details(world, world.https_issuer("school").mint(jwt=True)).signatures
    assert own.key_read_at == "https://school.example/.well-known/jwks.json"
    by_key = world.did_key_issuer("maker")
    (found,) = details(world, by_key.mint(status=False)).signatures
    assert found.key_read_at == by_key.id


def test_the_canonical_form_can_be_made_again(world: World) -> None:
    badge = world.issuer("union").mint()
    canonical = canonicalize(without_proof(parse(badge).members), general=True)
    found = details(world, badge)
    assert found.canonical_sha256 == hashlib.sha256(canonical).hexdigest()
    assert found.canonical == canonical.decode()
    assert found.credential_digest == digest_multibase(badge)


def test_a_long_canonical_form_is_only_digested(world: World) -> None:
    union = world.issuer("union")
    draft = union.draft()
    draft["credentialSubject"]["achievement"]["description"] = "x" * CANONICAL_BYTES
    found = details(world, union.sign(draft))
    assert (found.canonical, found.canonical_sha256 is None) == (None, False)


def test_each_status_entry_tells_list_place_and_bit(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint(suspension=True)
    union.suspend(badge)
    revocation, suspension = details(world, badge).status
    entries = json.loads(badge)["credentialStatus"]
    assert revocation.index == int(entries[0]["statusListIndex"])
    assert (revocation.url, revocation.purpose) == (union.list_url(), "revocation")
    assert (revocation.is_set, suspension.is_set) == (False, True)
    assert revocation.valid_from == world.clock.now()
    assert revocation.valid_until == world.clock.now() + timedelta(hours=1)
    assert (revocation.source, revocation.trouble) == (str(Source.NETWORK), "")


def test_a_list_that_cannot_be_read_says_why(world: World) -> None:
    union = world.issuer("union")
    world.served[union.list_url()] = timed_out("union.example")
    (found,) = details(world, union.mint()).status
    assert (found.is_set, found.valid_from, found.source) == (None, None, "")
    assert (found.url, bool(found.trouble)) == (union.list_url(), True)


def test_a_list_from_a_folder_says_so(world: World, tmp_path: Path) -> None:
    union = world.issuer("union")
    badge = union.mint()
    for name, file in ((union.id, "did.json"), (union.list_url(), "list.json")):
        (tmp_path / file).write_bytes(world(name, max_bytes=1_000_000).body)
    (tmp_path / "map.json").write_bytes(write({union.id: "did.json", union.list_url(): "list.json"}))
    desk = Desk(offline=OfflineMap.load(tmp_path))
    found = desk.look(read(badge), now=world.clock.now())
    assert (found.verdict, found.details.status[0].source) == (Verdict.VALID, str(Source.OFFLINE))


def test_the_sponsor_is_told_as_signed(world: World) -> None:
    union = world.issuer("union")
    address = {"type": ["Address"], "streetAddress": "1 Sample Street", "postalCode": "62701"}
    profile = {**union.profile, "address": address, "email": "awards@union.example", "phone": "+1 555 0100"}
    found = details(world, union.mint(issuer=profile)).sponsor
    assert (found.name, found.address) == ("The Union", ("1 Sample Street", "62701"))
    assert (found.email, found.phone) == ("awards@union.example", "+1 555 0100")


def test_what_does_not_fit_is_told_so(world: World) -> None:
    badge = world.issuer("union").mint()
    (forged,) = details(world, badge.replace(b"Teamwork", b"Leadership")).signatures
    assert forged.fits is False
    world.go_offline("union")
    (unknown,) = details(world, badge).signatures
    assert (unknown.fits, unknown.public_key, unknown.key_read_at) == (None, None, None)


def test_a_revoked_key_says_since_when(world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    since = world.clock.now() + timedelta(days=1)
    union.compromise_key(since=since)
    (found,) = details(world, badge).signatures
    assert (found.fits, found.key_revoked) == (True, since)


def test_the_answer_of_the_api_has_them_without_the_canonical_form(world: World) -> None:
    report = world.look(world.issuer("union").mint(), expected_recipient=OWNER)
    answer = report.to_json()["details"]
    assert answer["status"][0]["age_seconds"] == 0
    assert "canonical" not in answer
    assert report.to_json(canonical=True)["details"]["canonical"] == report.details.canonical
    assert OWNER not in json.dumps(report.to_json(canonical=True))


def test_a_hostile_name_of_a_key_is_cleaned_and_cut(world: World) -> None:
    union = world.issuer("union")
    draft = json.loads(union.mint())
    draft["proof"][0]["verificationMethod"] = "did:web:x.example#\u202e" + "k" * 5_000
    (found,) = details(world, json.dumps(draft).encode()).signatures
    assert "\u202e" not in found.method
    assert len(found.method) <= 2_048


def test_rsa_keys_are_named_by_their_thumbprint() -> None:
    key = PublicKey.from_cryptography(rsa.generate_private_key(65_537, 2_048).public_key())
    assert key.algorithm is KeyAlgorithm.RSA
    assert written(key) == key.thumbprint()
