# SPDX-License-Identifier: Apache-2.0
"""V3: the issuer spoofed: the key is reached from the issuer's own document, or it is not the issuer's key.

Document id = issuer, method by id, controller = issuer, in assertionMethod, valid at ``created``. Each link
of the chain is broken alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from credentials.document import write
from credentials.proofs import vc_jwt
from credentials.proofs.jose import parse_token
from credentials.verification_method import KeyAlgorithm
from tests.world import Issuer, MemorySigner, World, explanation_of, members_of, outcome_of, timed_out
from verifier.ports import Fetched
from verifier.verdict import Verdict

DID = "did:web:union.example"


def serve(world: World, union: Issuer, change: Callable[[dict[str, Any]], None]) -> None:
    """Serve the issuer's document with one thing changed."""
    document = json.loads(json.dumps(union.document()))
    change(document)
    world.served[DID] = write(document)


def test_an_impostor_with_the_same_name_and_another_key(world: World, union: Issuer) -> None:
    for jwt in (False, True):
        report = world.look(world.impostor_of("union").mint(jwt=jwt))
        assert report.verdict is Verdict.INVALID
        assert outcome_of(report, "proof") == "fail"


def test_a_good_signature_by_somebody_else_says_so(world: World, union: Issuer) -> None:
    academy = world.issuer("academy")
    for jwt in (False, True):
        signed = academy.sign(
            union.draft(), jwt=jwt, signer=academy.signer(KeyAlgorithm.P256 if jwt else KeyAlgorithm.ED25519)
        )
        report = world.look(signed)
        assert report.verdict is Verdict.INVALID
        assert outcome_of(report, "proof") == "pass"
        assert outcome_of(report, "issuer") == "fail"
        assert "academy.example" in explanation_of(report, "issuer")


def test_a_did_key_of_the_attacker_is_not_the_issuer(world: World, union: Issuer) -> None:
    attacker = world.did_key_issuer("attacker")
    assert world.look(attacker.sign(union.draft())).verdict is Verdict.INVALID


def test_a_key_in_the_fragment_of_an_address_proves_nothing(world: World) -> None:
    """The official samples name keys only there; without a document that lists them they are not genuine."""
    academy = world.https_issuer("academy")
    key = academy.signer().public_key.to_multikey()
    named = MemorySigner(f"{academy.id}#{key}", KeyAlgorithm.ED25519, "academy:1")
    signed = academy.sign(academy.draft(status=False), signer=named)
    world.served[academy.id] = Fetched(academy.id, 404, "", b"")
    report = world.look(signed)
    assert report.verdict is Verdict.INVALID
    assert "signature itself fits" in explanation_of(report, "issuer")
    world.served[academy.id] = write(academy.document())  # it is there, and lists other names
    assert world.look(signed).verdict is Verdict.INVALID
    world.served[academy.id] = timed_out("academy.example")
    assert world.look(signed).verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize("status", [404, 410])
def test_a_document_that_does_not_exist_is_a_no(world: World, badge: bytes, status: int) -> None:
    world.served[DID] = Fetched(DID, status, "", b"")
    assert world.look(badge).verdict is Verdict.INVALID


@pytest.mark.parametrize("status", [301, 401, 403, 429, 500, 502, 503])
def test_a_host_that_answers_otherwise_leaves_it_open(world: World, badge: bytes, status: int) -> None:
    world.served[DID] = Fetched(DID, status, "", b"")
    assert world.look(badge).verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(id="did:web:evil.example"),
        lambda d: d.update(id=["did:web:union.example"]),
        lambda d: d.pop("id"),
        lambda d: d.pop("verificationMethod"),
        lambda d: d.pop("assertionMethod"),
        lambda d: d.update(assertionMethod=[]),
        lambda d: d.update(authentication=d.pop("assertionMethod")),
        lambda d: d.update(keyAgreement=d.pop("assertionMethod")),
        lambda d: d.update(capabilityInvocation=d.pop("assertionMethod")),
        lambda d: d["verificationMethod"][0].update(controller="did:web:evil.example"),
        lambda d: d["verificationMethod"][0].update(controller=["did:web:union.example"]),
        lambda d: d["verificationMethod"][0].update(id="did:web:evil.example#ed25519-1"),
        lambda d: d["verificationMethod"][0].update(
            publicKeyMultibase="z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
        ),
        lambda d: d["verificationMethod"].append(
            {**d["verificationMethod"][0], "revoked": "2026-01-01T00:00:00Z"}
        ),
        lambda d: d["verificationMethod"][0].update(revoked="2026-03-01T12:00:00Z"),
        lambda d: d["verificationMethod"][0].update(expires="2026-02-01T12:00:00Z"),
        lambda d: d["verificationMethod"][0].update(revoked="never"),
        lambda d: d["verificationMethod"][0].update(privateKeyMultibase="z1"),
    ],
)
def test_each_link_to_the_key_must_hold(
    world: World, union: Issuer, badge: bytes, change: Callable[[dict[str, Any]], None]
) -> None:
    serve(world, union, change)
    assert world.look(badge).verdict is Verdict.INVALID


def test_the_document_of_another_did_is_not_the_issuers(world: World, union: Issuer, badge: bytes) -> None:
    world.served[DID] = write(world.impostor_of("union").document() | {"id": "did:web:evil.example"})
    assert world.look(badge).verdict is Verdict.INVALID
    evil = world.issuer("evil")
    world.served[DID] = write(evil.document())
    assert world.look(evil.sign(union.draft())).verdict is Verdict.INVALID


def test_a_revoked_key_signs_nothing_later_and_keeps_what_it_signed(world: World, union: Issuer) -> None:
    before = union.mint()
    world.clock.advance(days=1)
    union.compromise_key(since=world.clock.now())
    union.rotate_key()
    assert world.look(before).verdict is Verdict.VALID
    late = MemorySigner("did:web:union.example#ed25519-1", KeyAlgorithm.ED25519, "union:1")
    world.clock.advance(days=1)
    assert world.look(union.sign(union.draft(), signer=late)).verdict is Verdict.INVALID


def test_a_proof_that_does_not_say_when_was_made_with_a_revoked_key_now(world: World, union: Issuer) -> None:
    from credentials.proofs import data_integrity
    from credentials.proofs.suites import eddsa_rdfc_2022

    draft, signer = union.draft(), union.signer()
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
    }
    data = data_integrity._signing_input(
        draft, options, suite=eddsa_rdfc_2022.SUITE, algorithm=signer.algorithm, general=False, canonical=None
    )
    value = eddsa_rdfc_2022.SUITE.encode_value(signer.sign(data))
    signed = json.dumps({**draft, "proof": [{**options, "proofValue": value}]}).encode()
    assert world.look(signed).verdict is Verdict.VALID
    world.clock.advance(days=1)
    union.compromise_key(since=world.clock.now() - timedelta(hours=1))
    union.rotate_key()
    assert world.look(signed).verdict is Verdict.INVALID


def test_a_proof_from_the_future_has_not_begun(world: World, union: Issuer) -> None:
    world.clock.advance(hours=2)
    signed = union.mint(validFrom="2026-03-01T12:00:00Z")
    world.clock.advance(hours=-1)
    assert world.look(signed).verdict is Verdict.NOT_YET_VALID


def jwt_with_header(issuer: Issuer, members: dict[str, Any], header: dict[str, Any], word: str) -> bytes:
    """A JWT with exactly this header, signed with the P-256 key of ``word``."""
    from credentials.multibase import base64url

    token = vc_jwt.encode(members, signer=issuer.signer(KeyAlgorithm.P256))
    payload = parse_token(token).payload
    signing_input = f"{base64url(write(header))}.{base64url(payload)}"
    signature = MemorySigner("", KeyAlgorithm.P256, word).sign(signing_input.encode())
    return f"{signing_input}.{base64url(signature)}".encode()


def test_a_header_key_alone_proves_nothing(world: World, union: Issuer) -> None:
    evil = MemorySigner("", KeyAlgorithm.P256, "evil").public_key.to_jwk()
    forged = jwt_with_header(union, union.draft(), {"alg": "ES256", "jwk": evil, "typ": "JWT"}, "evil")
    report = world.look(forged)
    assert report.verdict is Verdict.INVALID
    assert (outcome_of(report, "proof"), outcome_of(report, "issuer")) == ("pass", "fail")


def test_a_header_key_that_the_issuer_lists_is_the_issuers(world: World, union: Issuer) -> None:
    own = union.signer(KeyAlgorithm.P256).public_key.to_jwk()
    honest = jwt_with_header(union, union.draft(), {"alg": "ES256", "jwk": own, "typ": "JWT"}, "union:1")
    assert world.look(honest).verdict is Verdict.VALID


def test_a_header_key_cannot_stand_in_for_the_named_one(world: World, union: Issuer) -> None:
    evil = MemorySigner("", KeyAlgorithm.P256, "evil").public_key.to_jwk()
    header = {"alg": "ES256", "kid": union.signer(KeyAlgorithm.P256).verification_method, "jwk": evil}
    assert world.look(jwt_with_header(union, union.draft(), header, "evil")).verdict is Verdict.INVALID
    assert world.look(jwt_with_header(union, union.draft(), header, "union:1")).verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "kid",
    [
        "p-256-1",
        "#p-256-1",
        "did:web:union.example",
        "did:web:evil.example#p-256-1",
        "https://union.example/keys/1",
        "",
        7,
        None,
        ["did:web:union.example#p-256-1"],
    ],
)
def test_a_key_must_be_named_by_its_whole_name(world: World, union: Issuer, kid: Any) -> None:
    header = {"alg": "ES256", "kid": kid, "typ": "JWT"}
    assert world.look(jwt_with_header(union, union.draft(), header, "union:1")).verdict is Verdict.INVALID


@pytest.mark.parametrize("set_of", ["nobody", "another issuer", "neighbours"])
def test_the_key_set_of_an_https_issuer_must_hold_the_key(world: World, set_of: str) -> None:
    academy = world.https_issuer("academy")
    badge = academy.mint(jwt=True, status=False)
    assert world.look(badge).verdict is Verdict.VALID
    url = "https://academy.example/.well-known/jwks.json"
    jwks = academy.jwks()
    if set_of == "nobody":
        world.served[url] = Fetched(url, 404, "", b"")
    elif set_of == "another issuer":
        world.served[url] = write(jwks | {"iss": "https://evil.example/issuer"})
    else:
        world.served[url] = write(jwks | {"keys": [k | {"kid": "other"} for k in jwks["keys"]]})
    assert world.look(badge).verdict is Verdict.INVALID
    world.served[url] = timed_out("academy.example")
    assert world.look(badge).verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize(
    "issuer_id",
    [
        "did:web:127.0.0.1",
        "did:web:localhost",
        "did:web:UNION.example",
        "did:web:union.example%2Fevil",
        "did:web:union.example:..:x",
        "did:web:[::1]",
        "did:web:2130706433",
        "did:web:0x7f.1",
        "did:web:user@union.example",
        "http://union.example/issuer",
        "https://user@union.example/issuer",
        "urn:uuid:7f3c",
        "mailto:issuer@union.example",
    ],
)
def test_a_name_that_breaks_its_grammar_is_a_no_before_any_connection(
    world: World, union: Issuer, issuer_id: str
) -> None:
    signer = MemorySigner(f"{issuer_id}#ed25519-1", KeyAlgorithm.ED25519, "union:1")
    draft = union.draft(status=False, issuer={**union.profile, "id": issuer_id})
    try:
        signed = union.sign(draft, signer=signer)
    except Exception:  # what cannot be signed cannot be presented either
        return
    report = world.look(signed)
    assert report.verdict in (Verdict.INVALID, Verdict.UNSIGNED_CONTENT)
    assert world.requests == []


def test_an_unknown_kind_of_did_leaves_it_open(world: World, union: Issuer) -> None:
    signer = MemorySigner("did:ion:abc#key-1", KeyAlgorithm.ED25519, "union:1")
    draft = union.draft(status=False, issuer={**union.profile, "id": "did:ion:abc"})
    assert world.look(union.sign(draft, signer=signer)).verdict is Verdict.UNDETERMINED


def test_a_badge_whose_issuer_was_swapped_is_not_genuine(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    signed["issuer"] = world.issuer("academy").profile
    assert world.look(json.dumps(signed).encode()).verdict is Verdict.INVALID
