# SPDX-License-Identifier: Apache-2.0
"""V2: proof stripped, emptied, of another purpose or suite, expired, chained wrongly, bad in a set.

No proof → invalid; every proof of a set and chain must hold, at least one by the issuer; a registered suite
that we do not carry → indeterminate, a name that nobody registered → fail.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from credentials.dates import format_datetime
from credentials.proofs.data_integrity import PROOFS
from tests.world import Issuer, World, members_of, outcome_of
from verifier.verdict import Verdict


def look(world: World, members: Any) -> Any:
    return world.look(json.dumps(members).encode())


@pytest.mark.parametrize(
    "proof",
    ["absent", None, [], {}, [{}], [[]], "", 0, False, "z58", [None], [[{}]], {"type": "DataIntegrityProof"}],
)
def test_without_a_proof_it_is_not_genuine(world: World, badge: bytes, proof: Any) -> None:
    signed = members_of(badge)
    del signed["proof"]
    if proof != "absent":
        signed["proof"] = proof
    report = look(world, signed)
    assert report.verdict is Verdict.INVALID
    assert outcome_of(report, "proof") == "fail"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("proofPurpose", "authentication"),
        ("proofPurpose", "capabilityInvocation"),
        ("proofPurpose", ["assertionMethod"]),
        ("proofPurpose", None),
        ("type", "Ed25519Signature2018x"),
        ("cryptosuite", "eddsa-rdf-2022"),
        ("cryptosuite", "none"),
        ("cryptosuite", ["eddsa-rdfc-2022"]),
        ("proofValue", ""),
        ("proofValue", "z"),
        ("proofValue", "u" + "A" * 86),
        ("proofValue", "z" + "1" * 64),
        ("proofValue", "z" + "2" * 100_000),
        ("proofValue", ["z1"]),
        ("created", "yesterday"),
        ("created", "2026-03-01T12:00:00"),
        ("expires", "yesterday"),
        ("verificationMethod", "did:web:union.example"),
        ("verificationMethod", ["did:web:union.example#ed25519-1"]),
        ("verificationMethod", {"id": "did:web:union.example#ed25519-1"}),
        ("verificationMethod", 7),
    ],
)
def test_a_changed_proof_does_not_hold(world: World, badge: bytes, member: str, value: Any) -> None:
    signed = members_of(badge)
    signed["proof"][0][member] = value
    assert look(world, signed).verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "member", ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue", "created"]
)
def test_no_member_of_a_proof_can_be_left_out(world: World, badge: bytes, member: str) -> None:
    signed = members_of(badge)
    del signed["proof"][0][member]
    assert look(world, signed).verdict is Verdict.INVALID


@pytest.mark.parametrize("suite", ["ecdsa-rdfc-2019", "eddsa-jcs-2022", "ecdsa-sd-2023", "bbs-2023"])
def test_a_registered_suite_that_we_do_not_carry_leaves_it_open(
    world: World, badge: bytes, suite: str
) -> None:
    signed = members_of(badge)
    signed["proof"][0]["cryptosuite"] = suite
    report = look(world, signed)
    assert (report.verdict, outcome_of(report, "proof")) == (Verdict.UNDETERMINED, "indeterminate")
    beside = members_of(badge)
    beside["proof"].append(signed["proof"][0])
    assert look(world, beside).verdict is Verdict.UNDETERMINED


def test_an_expired_proof_is_no_proof(world: World, union: Issuer) -> None:
    """Signed with ``expires`` inside, so that only the date speaks against it."""
    from credentials.proofs import data_integrity
    from credentials.proofs.suites import eddsa_rdfc_2022

    draft = union.draft()
    signer, now = union.signer(), world.clock.now()
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": format_datetime(now),
        "expires": format_datetime(now + timedelta(days=1)),
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
    }
    data = data_integrity._signing_input(
        draft, options, suite=eddsa_rdfc_2022.SUITE, algorithm=signer.algorithm, general=False, canonical=None
    )
    value = eddsa_rdfc_2022.SUITE.encode_value(signer.sign(data))
    signed = {**draft, "proof": [{**options, "proofValue": value}]}
    assert look(world, signed).verdict is Verdict.VALID
    world.clock.advance(days=1)
    assert look(world, signed).verdict is Verdict.INVALID


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_proof_spoils_the_set_wherever_it_stands(world: World, union: Issuer, place: int) -> None:
    signed = members_of(union.mint())
    for name in ("academy", "council"):
        signed = json.loads(world.issuer(name).sign(signed))
    assert look(world, signed).verdict is Verdict.VALID
    bad = json.loads(json.dumps(signed))
    bad["proof"][place]["proofValue"] = signed["proof"][place - 1]["proofValue"]
    assert look(world, bad).verdict is Verdict.INVALID
    rotated = {**signed, "proof": signed["proof"][place:] + signed["proof"][:place]}
    assert look(world, rotated).verdict is Verdict.VALID


def test_the_same_proof_twice_is_not_two_proofs(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    assert look(world, {**signed, "proof": signed["proof"] * 2}).verdict is Verdict.INVALID


def test_a_proof_of_another_badge_does_not_fit(world: World, union: Issuer, badge: bytes) -> None:
    other = members_of(union.mint())
    assert look(world, {**other, "proof": members_of(badge)["proof"]}).verdict is Verdict.INVALID


@pytest.mark.parametrize("previous", ["urn:uuid:missing", ["urn:uuid:missing"], 7, [None], {"id": "x"}])
def test_a_broken_chain_does_not_hold(world: World, badge: bytes, previous: Any) -> None:
    signed = members_of(badge)
    signed["proof"][0]["previousProof"] = previous
    assert look(world, signed).verdict is Verdict.INVALID


def test_a_chain_in_a_circle_does_not_hold(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    one = {**signed["proof"][0], "id": "urn:uuid:1", "previousProof": "urn:uuid:2"}
    two = {**signed["proof"][0], "id": "urn:uuid:2", "previousProof": "urn:uuid:1"}
    assert look(world, {**signed, "proof": [one, two]}).verdict is Verdict.INVALID
    itself = {**signed["proof"][0], "id": "urn:uuid:1", "previousProof": "urn:uuid:1"}
    assert look(world, {**signed, "proof": [itself]}).verdict is Verdict.INVALID


def test_very_many_proofs_are_counted_and_not_checked(world: World, union: Issuer) -> None:
    signed = members_of(union.mint(status=False))
    many = [{**signed["proof"][0], "id": f"urn:uuid:{n}"} for n in range(PROOFS + 1)]
    world.requests.clear()
    report = look(world, {**signed, "proof": many})
    assert report.verdict is Verdict.INVALID
    assert world.requests == []


def test_a_proof_deeper_inside_signs_nothing(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    proof = signed.pop("proof")
    for place in ("credentialSubject", "issuer"):
        moved = json.loads(json.dumps(signed))
        moved[place]["proof"] = proof
        assert look(world, moved).verdict is Verdict.INVALID
