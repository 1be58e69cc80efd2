# SPDX-License-Identifier: Apache-2.0
"""Project Wycheproof through our own functions: no invalid signature passes, no valid one of ours is refused.

Vectors: C2SP/wycheproof, ``testvectors_v1``. For algorithms outside our allow-list refusing a valid signature
is the right answer.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from credentials.errors import HallmarkError, SignatureError
from credentials.proofs.jose import ALGORITHMS, parse_token, verify_token
from credentials.verification_method import PublicKey
from tests.vectors import shared

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi"}


def groups(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shared(f"wycheproof/{name}").read_bytes())["testGroups"]
    return found


def cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in groups(name):
        for case in group["tests"]:
            yield group, case


def passes(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except SignatureError:
        return False
    return True


def jws_passes(jwk: dict[str, Any], text: str) -> bool:
    try:
        verify_token(parse_token(text), public_key=PublicKey.from_jwk(jwk))
    except HallmarkError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ed25519_test.json", 151),
        ("ecdsa_secp256r1_sha256_p1363_test.json", 262),
        ("ecdsa_secp384r1_sha384_p1363_test.json", 280),
    ],
)
def test_raw_signatures_get_the_published_answer(name: str, count: int) -> None:
    wrong = []
    seen = 0
    for group, case in cases(name):
        seen += 1
        # A few groups publish their key in DER only: that form is not ours to read.
        jwk = group.get("publicKeyJwk")
        if jwk is None:
            assert name.startswith("ecdsa"), group
            point = bytes.fromhex(group["publicKey"]["uncompressed"])
            size = (len(point) - 1) // 2
            jwk = ec_jwk(group["publicKey"]["curve"], point[1 : 1 + size], point[1 + size :])
        answer = passes(PublicKey.from_jwk(jwk), bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        if answer is not (case["result"] == "valid"):
            wrong.append((case["tcId"], case["comment"]))
    assert (seen, wrong) == (count, [])


def test_der_signatures_never_pass_as_they_are_and_get_the_published_answer_when_converted() -> None:
    wrong = []
    for group, case in cases("ecdsa_secp256r1_sha256_test.json"):
        point = bytes.fromhex(group["publicKey"]["uncompressed"])
        key = PublicKey.from_jwk(ec_jwk("secp256r1", point[1:33], point[33:]))
        signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
        assert not passes(key, signature, message)
        try:
            r, s = decode_dss_signature(signature)
            converted = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        except (ValueError, OverflowError):
            answer = False
        else:
            answer = passes(key, converted, message)
        if answer is not (case["result"] == "valid"):
            wrong.append((case["tcId"], case["comment"]))
    assert wrong == []


def test_json_web_signatures_get_the_published_answer_or_are_refused_for_their_algorithm() -> None:
    wrong, refused = [], 0
    for group, case in cases("json_web_signature_test.json"):
        private = {name: value for name, value in group["private"].items() if name not in PRIVATE_MEMBERS}
        jwk = group.get("public", private)
        expected = case["result"] == "valid"
        if expected and jwk.get("alg") not in ALGORITHMS:
            refused += 1
            expected = False
        if jws_passes(jwk, case["jws"]) is not expected:
            wrong.append((case["tcId"], jwk.get("alg"), case["comment"], case["result"]))
    assert wrong == []
    assert refused == 36  # HS256, RS384, RS512, PS256, PS384, PS512, ES512


def test_json_web_keys_get_the_published_answer_or_are_refused_for_their_algorithm() -> None:
    """A set is tried key by key, as a JWKS is; the ambiguous sets hold symmetric keys and fall for that."""
    wrong = []
    for group, case in cases("json_web_key_test.json"):
        keys = group.get("public", group["private"])["keys"]
        expected = case["result"] == "valid" and all(key["alg"] in ALGORITHMS for key in keys)
        public = [{name: key[name] for name in key.keys() - PRIVATE_MEMBERS} for key in keys]
        answer = any(jws_passes(key, case["jws"]) for key in public)
        if answer is not expected:
            wrong.append((case["tcId"], case["comment"], case["result"]))
        assert not any(jws_passes(key, case["jws"]) for key in keys if "d" in key), (
            "a private key is no public one"
        )
    assert wrong == []


def ec_jwk(curve: str, x: bytes, y: bytes) -> dict[str, Any]:
    names = {"secp256r1": "P-256", "secp384r1": "P-384"}
    x_text, y_text = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (x, y))
    return {"kty": "EC", "crv": names[curve], "x": x_text, "y": y_text}
