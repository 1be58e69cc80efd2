# SPDX-License-Identifier: Apache-2.0
"""D6: the form of a JWT: alg none or confused, crit, b64, jku, JWE, parts, malleable text, ``vc`` beside.

An allow-list of EdDSA, ES256 and RS256; a strict form; never a key from the header alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from typing import Any

import pytest

from credentials.document import write
from credentials.errors import MalformedError
from credentials.multibase import base64url, unbase64url
from credentials.proofs import vc_jwt
from credentials.verification_method import KeyAlgorithm
from tests.world import P256_ORDER, Issuer, MemorySigner, World, explanation_of, outcome_of
from verifier.intake import read
from verifier.verdict import Verdict


def forge(
    union: Issuer, header: Any, *, signature: bytes | None = None, raw_header: bytes | None = None
) -> bytes:
    payload = vc_jwt.parse_jwt(union.mint(jwt=True).decode()).payload.raw
    signing_input = f"{base64url(raw_header or write(header))}.{base64url(payload)}"
    signed = union.signer(KeyAlgorithm.P256).sign(signing_input.encode()) if signature is None else signature
    return f"{signing_input}.{base64url(signed)}".encode()


def good_header(union: Issuer) -> dict[str, Any]:
    return {"alg": "ES256", "kid": union.signer(KeyAlgorithm.P256).verification_method, "typ": "JWT"}


def test_the_good_header_is_good(world: World, union: Issuer) -> None:
    assert world.look(forge(union, good_header(union))).verdict is Verdict.VALID


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "ES256K"},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"alg": "EdDSA"},
        {"alg": "PS256"},
        {"alg": ["ES256"]},
        {"alg": None},
        {"alg": "es256"},
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
        {"b64": True},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
        {"typ": "JOSE"},
        {"typ": "at+jwt"},
        {"typ": 7},
        {"kid": None},
    ],
)
def test_the_header_says_only_what_is_allowed(world: World, union: Issuer, change: dict[str, Any]) -> None:
    assert world.look(forge(union, good_header(union) | change)).verdict is Verdict.INVALID


@pytest.mark.parametrize("extra", [{"cty": "vc"}, {"x5c": ["MIIB"]}, {"zip": "DEF"}, {"enc": "A128GCM"}])
def test_an_extra_header_is_told_and_not_used(world: World, union: Issuer, extra: dict[str, Any]) -> None:
    report = world.look(forge(union, good_header(union) | extra))
    assert report.verdict is Verdict.VALID
    assert next(iter(extra)) in explanation_of(report, "proof")


def test_a_long_header_is_a_header(world: World, union: Issuer) -> None:
    assert world.look(forge(union, good_header(union) | {"x": "a" * 3_000})).verdict is Verdict.VALID


def test_alg_none_without_signature(world: World, union: Issuer) -> None:
    forged = forge(union, good_header(union) | {"alg": "none"}, signature=b"")
    with contextlib.suppress(MalformedError):
        assert world.look(forged).verdict is Verdict.INVALID


def test_a_public_key_is_no_shared_secret(world: World, union: Issuer) -> None:
    header = good_header(union) | {"alg": "HS256"}
    payload = vc_jwt.parse_jwt(union.mint(jwt=True).decode()).payload.raw
    signing_input = f"{base64url(write(header))}.{base64url(payload)}"
    key = json.dumps(union.signer(KeyAlgorithm.P256).public_key.to_jwk()).encode()
    mac = hmac.new(key, signing_input.encode(), hashlib.sha256).digest()
    assert world.look(f"{signing_input}.{base64url(mac)}".encode()).verdict is Verdict.INVALID


@pytest.mark.parametrize("header", [b'{"alg":"ES256","alg":"none"}', b"[]", b"{", b"\xff", b'{"alg":"ES256"'])
def test_an_ambiguous_header_is_no_token(world: World, union: Issuer, header: bytes) -> None:
    with pytest.raises(MalformedError):
        world.look(forge(union, {}, raw_header=header))


def test_a_large_header_is_no_token(world: World, union: Issuer) -> None:
    with pytest.raises(MalformedError):
        world.look(forge(union, good_header(union) | {"x": "a" * 4_096}))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        bytes(63),
        bytes(65),
        b"\x01" * 64,
        b"0" + bytes(70),
        P256_ORDER.to_bytes(32, "big") * 2,
    ],
)
def test_a_degenerate_signature_does_not_fit(world: World, union: Issuer, signature: bytes) -> None:
    with contextlib.suppress(MalformedError):
        assert world.look(forge(union, good_header(union), signature=signature)).verdict is Verdict.INVALID


def test_white_space_around_is_of_the_paste_and_inside_is_not(world: World, union: Issuer) -> None:
    token = union.mint(jwt=True)
    assert world.look(b"\r\n  " + token + b" \n").verdict is Verdict.VALID
    for place in (1, len(token) // 2, len(token) - 1):
        for white in (b" ", b"\n", b"\r\n", b"\t", b"\0", b"\xc2\xa0"):
            with pytest.raises(MalformedError):
                world.look(token[:place] + white + token[place:])


@pytest.mark.parametrize("parts", [1, 2, 4, 5, 6])
def test_exactly_three_parts(world: World, union: Issuer, parts: int) -> None:
    token = union.mint(jwt=True).decode().split(".")
    with pytest.raises(MalformedError):
        world.look(".".join((token * 2)[:parts]).encode())


def test_padding_and_other_alphabets_are_no_token(world: World, union: Issuer) -> None:
    header, payload, signature = union.mint(jwt=True).decode().split(".")
    for changed in (
        f"{header}=.{payload}.{signature}",
        f"{header}.{payload}==.{signature}",
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature}%3D",
        f"{header}.{payload}.{signature.replace('_', '/').replace('-', '+')}+",
    ):
        with pytest.raises(MalformedError):
            world.look(changed.encode())


def test_unused_bits_of_the_encoding_are_zero(world: World, union: Issuer) -> None:
    """The last character of 64 bytes carries four bits too many; only one spelling is right."""
    token = union.mint(jwt=True).decode()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    for offset in range(1, 16):
        other = token[:-1] + alphabet[last ^ offset]
        try:
            assert world.look(other.encode()).verdict is Verdict.INVALID
        except MalformedError:
            continue


def test_the_other_half_of_an_ecdsa_signature_is_the_same_badge(world: World, union: Issuer) -> None:
    """ES256 is malleable by its nature: that is why no signature is ever an identity."""
    header, payload, signature = union.mint(jwt=True).decode().split(".")
    raw = unbase64url(signature)
    other = raw[:32] + (P256_ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    assert world.look(f"{header}.{payload}.{base64url(other)}".encode()).verdict is Verdict.VALID


def test_a_token_beside_another_credential_is_not_valid(world: World, union: Issuer) -> None:
    draft = union.draft()
    claims = {"iss": union.id, "jti": draft["id"], "nbf": int(world.clock.now().timestamp())}
    for payload in (
        {**draft, **claims, "vc": draft},
        {**claims, "vc": draft},
        {**draft, **claims, "vc": {}},
        {**draft, **claims, "vp": {}},
    ):
        signing_input = f"{base64url(write(good_header(union)))}.{base64url(write(payload))}"
        signature = union.signer(KeyAlgorithm.P256).sign(signing_input.encode())
        token = f"{signing_input}.{base64url(signature)}".encode()
        try:
            assert world.look(token).verdict is Verdict.INVALID, list(payload)
        except MalformedError:
            continue


def test_an_encrypted_token_is_not_opened(world: World) -> None:
    with pytest.raises(MalformedError):
        world.look(b"eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA")


def test_a_key_of_another_kind_does_not_verify(world: World, union: Issuer) -> None:
    header = good_header(union) | {"kid": union.signer(KeyAlgorithm.ED25519).verification_method}
    assert world.look(forge(union, header)).verdict is Verdict.INVALID
    signer = MemorySigner(
        union.signer(KeyAlgorithm.ED25519).verification_method, KeyAlgorithm.ED25519, "union:1"
    )
    eddsa = union.sign(union.draft(), jwt=True, signer=signer)
    assert outcome_of(world.look(eddsa), "proof") == "pass"
    assert read(eddsa).jwt is not None
