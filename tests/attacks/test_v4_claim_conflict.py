# SPDX-License-Identifier: Apache-2.0
"""V4: conflict between the claims of a JWT and the document (iss, jti, sub, nbf, exp), non-numeric dates.

A mismatch is invalid; absent ``sub`` or ``jti`` is a warning, because official samples lack them.
"""

from __future__ import annotations

from typing import Any

import pytest

from credentials.dates import format_datetime
from credentials.document import write
from credentials.multibase import base64url
from credentials.verification_method import KeyAlgorithm
from tests.world import START, Issuer, World, explanation_of
from verifier.errors import PresentationError
from verifier.verdict import Verdict

NOW = int(START.timestamp())
SUBJECT = "did:example:dana"


def token(union: Issuer, **claims: Any) -> bytes:
    """A properly signed JWT with exactly these claims beside the credential; "absent" leaves one out."""
    draft = union.draft(validUntil="2027-03-01T12:00:00Z")
    draft["credentialSubject"]["id"] = SUBJECT
    good = {"iss": union.id, "jti": draft["id"], "sub": SUBJECT, "nbf": NOW, "exp": NOW + 365 * 86_400}
    payload = {**draft, **{n: v for n, v in {**good, **claims}.items() if v != "absent"}}
    signer = union.signer(KeyAlgorithm.P256)
    header = {"alg": "ES256", "kid": signer.verification_method, "typ": "JWT"}
    signing_input = f"{base64url(write(header))}.{base64url(write(payload))}"
    return f"{signing_input}.{base64url(signer.sign(signing_input.encode()))}".encode()


def test_claims_that_agree_are_valid(world: World, union: Issuer) -> None:
    assert world.look(token(union)).verdict is Verdict.VALID
    assert world.look(token(union, iat=NOW)).verdict is Verdict.VALID
    assert world.look(token(union, aud="anyone")).verdict is Verdict.VALID


@pytest.mark.parametrize("claim", ["sub", "jti", "exp"])
def test_an_absent_claim_is_a_warning(world: World, union: Issuer, claim: str) -> None:
    report = world.look(token(union, **{claim: "absent"}))
    assert report.verdict is Verdict.VALID
    assert f'"{claim}"' in explanation_of(report, "structure")


@pytest.mark.parametrize("claim", ["iss", "nbf"])
def test_two_claims_must_be_there(world: World, union: Issuer, claim: str) -> None:
    assert world.look(token(union, **{claim: "absent"})).verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "did:web:evil.example"),
        ("iss", ""),
        ("iss", None),
        ("iss", ["did:web:union.example"]),
        ("iss", {"id": "did:web:union.example"}),
        ("sub", "did:example:eve"),
        ("sub", None),
        ("sub", 7),
        ("jti", "https://union.example/credentials/999"),
        ("jti", ["x"]),
        ("nbf", NOW + 1),
        ("nbf", NOW - 1),
        ("nbf", str(NOW)),
        ("nbf", True),
        ("nbf", None),
        ("nbf", -1),
        ("nbf", 1e20),
        ("nbf", format_datetime(START)),
        ("exp", NOW + 1),
        ("exp", "2027-03-01T12:00:00Z"),
        ("exp", False),
        ("exp", 10**30),
        ("iat", "now"),
        ("iat", None),
        ("aud", 7),
        ("vc", {}),
        ("vp", {}),
    ],
)
def test_a_claim_that_disagrees_is_not_genuine(world: World, union: Issuer, claim: str, value: Any) -> None:
    if claim == "vp":  # an envelope is no credential at all
        with pytest.raises(PresentationError):
            world.look(token(union, vp=value))
        return
    assert world.look(token(union, **{claim: value})).verdict is Verdict.INVALID


def test_the_end_of_the_token_is_the_end_of_the_badge(world: World, union: Issuer) -> None:
    badge = union.draft()
    signer = union.signer(KeyAlgorithm.P256)
    header = {"alg": "ES256", "kid": signer.verification_method}
    payload = {**badge, "iss": union.id, "jti": badge["id"], "nbf": NOW, "exp": NOW + 60}
    signing_input = f"{base64url(write(header))}.{base64url(write(payload))}"
    signed = f"{signing_input}.{base64url(signer.sign(signing_input.encode()))}".encode()
    assert world.look(signed).verdict is Verdict.VALID
    world.clock.advance(seconds=60)
    assert world.look(signed).verdict is Verdict.EXPIRED
