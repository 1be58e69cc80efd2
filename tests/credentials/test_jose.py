# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from credentials.document import DOCUMENT_BYTES, Json
from credentials.errors import (
    DocumentError,
    HallmarkError,
    JWTAlgorithmError,
    JWTFormError,
    JWTHeaderError,
    PrivateKeyShownError,
    SignatureError,
    WrongError,
)
from credentials.multibase import base64url, unbase64url
from credentials.proofs.jose import JWT_HEADER_BYTES, parse_token, sign_token, verify_token
from tests.credentials.signers import KeySigner, ed25519, p256, p384, rsa_signer

PAYLOAD: dict[str, Json] = {"name": "Teamwork ®"}
SIGNERS = {"EdDSA": ed25519(), "ES256": p256(), "RS256": rsa_signer()}
TOKENS = {name: sign_token(PAYLOAD, signer=signer, typ="JWT") for name, signer in SIGNERS.items()}


def resigned(header: dict[str, Json], *, signer: KeySigner = SIGNERS["ES256"]) -> str:
    """A token with any header, its signature right."""
    text = f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(PAYLOAD).encode())}"
    return f"{text}.{base64url(signer.sign(text.encode()))}"


@pytest.mark.parametrize("name", SIGNERS)
def test_a_signed_token_verifies_here_and_elsewhere(name: str) -> None:
    signer = SIGNERS[name]
    token = parse_token(TOKENS[name])
    verify_token(token, public_key=signer.public_key)
    assert dict(token.header) == {"alg": name, "kid": signer.verification_method, "typ": "JWT"}
    assert json.loads(token.payload) == PAYLOAD
    elsewhere = JWS()
    elsewhere.deserialize(TOKENS[name], JWK(**signer.public_key.to_jwk()))
    assert elsewhere.is_valid


@pytest.mark.parametrize("name", SIGNERS)
def test_another_key_or_kind_of_key_is_refused(name: str) -> None:
    token = parse_token(TOKENS[name])
    others = {"EdDSA": ed25519(bytes(32)), "ES256": p256(8), "RS256": rsa_signer()}
    with pytest.raises(SignatureError):
        verify_token(token, public_key=others[name].public_key)
    for other, signer in SIGNERS.items():
        if other != name:
            with pytest.raises(JWTAlgorithmError):
                verify_token(token, public_key=signer.public_key)


@pytest.mark.parametrize("name", SIGNERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_changed_character_verifies(name: str, data: st.DataObject) -> None:
    text = TOKENS[name]
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABab01-_=+/. \n\t\0é."))
    if text[place] == letter:
        return
    changed = text[:place] + letter + text[place + 1 :]
    with pytest.raises(HallmarkError):
        verify_token(parse_token(changed), public_key=SIGNERS[name].public_key)


def test_a_signature_of_another_length_is_refused() -> None:
    for name, signer in SIGNERS.items():
        head, _, signature = TOKENS[name].rpartition(".")
        raw = unbase64url(signature)
        for changed in (raw[:-1], raw + b"\0", b"\0" + raw, raw * 2, b""):
            with pytest.raises(SignatureError):
                verify_token(parse_token(f"{head}.{base64url(changed)}"), public_key=signer.public_key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        TOKENS["ES256"] + ".",
        TOKENS["ES256"] + "=",
        TOKENS["ES256"] + "\n",
        " " + TOKENS["ES256"],
        TOKENS["ES256"].replace(".", ".."),
        TOKENS["ES256"].replace(".", ". "),
        json.dumps({"payload": "", "signatures": []}),
    ],
)
def test_another_form_is_no_token(text: str) -> None:
    with pytest.raises((JWTFormError, DocumentError)):
        parse_token(text)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"null",
        b'"ES256"',
        b"{",
        b'{"alg":"ES256","alg":"ES256"}',
        b'{"alg":"ES256","\\u0061lg":"none"}',
        b'\xef\xbb\xbf{"alg":"ES256"}',
        b'{"alg":NaN}',
        b'{"alg":"\xff"}',
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_a_header_that_is_no_plain_json_object_is_refused(header: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_token(f"{base64url(header)}.e30.AAAA")


def test_header_and_token_are_bounded() -> None:
    def token(size: int) -> str:
        header = b'{"a":"' + b"x" * (size - 8) + b'"}'
        return f"{base64url(header)}.e30.AAAA"

    parse_token(token(JWT_HEADER_BYTES))
    for size in (JWT_HEADER_BYTES + 1, JWT_HEADER_BYTES * 2):
        with pytest.raises((JWTFormError, DocumentError)):
            parse_token(token(size))
    with pytest.raises(JWTFormError):
        parse_token("a" * (DOCUMENT_BYTES + 1))


@pytest.mark.parametrize(
    "alg",
    [
        "none",
        "None",
        "",
        "HS256",
        "RS384",
        "PS256",
        "ES384",
        "ES256K",
        "Ed25519",
        "es256",
        None,
        7,
        ["ES256"],
    ],
)
def test_other_algorithms_are_refused(alg: Json) -> None:
    with pytest.raises(JWTAlgorithmError):
        verify_token(parse_token(resigned({"alg": alg})), public_key=SIGNERS["ES256"].public_key)


def test_no_algorithm_and_no_signature_are_refused() -> None:
    for header in ({}, {"alg": "none"}):
        text = f"{base64url(json.dumps(header).encode())}.e30."
        with pytest.raises(JWTAlgorithmError):
            verify_token(parse_token(text), public_key=SIGNERS["ES256"].public_key)


def test_a_public_key_is_no_secret_for_hmac() -> None:
    key = SIGNERS["RS256"].public_key
    text = base64url(b'{"alg":"HS256"}') + ".e30"
    signature = hmac.new(json.dumps(key.to_jwk()).encode(), text.encode(), hashlib.sha256).digest()
    with pytest.raises(JWTAlgorithmError):
        verify_token(parse_token(f"{text}.{base64url(signature)}"), public_key=key)


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["b64"], "b64": False},
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": True},
        {"jku": "https://attacker.example/jwks.json"},
        {"x5u": "https://attacker.example/cert.pem"},
        {"jwk": "text"},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"jwk": p256(8).public_key.to_jwk()},
    ],
)
def test_a_header_that_changes_the_rules_or_brings_a_key_is_refused(extra: dict[str, Json]) -> None:
    with pytest.raises(JWTHeaderError):
        verify_token(parse_token(resigned({"alg": "ES256", **extra})), public_key=SIGNERS["ES256"].public_key)


def test_a_header_key_that_is_the_issuers_changes_nothing() -> None:
    signer = SIGNERS["ES256"]
    verify_token(
        parse_token(resigned({"alg": "ES256", "jwk": signer.public_key.to_jwk()})),
        public_key=signer.public_key,
    )


def test_a_private_header_key_is_refused() -> None:
    jwk = SIGNERS["ES256"].public_key.to_jwk() | {"d": "AAAA"}
    with pytest.raises(PrivateKeyShownError):
        verify_token(
            parse_token(resigned({"alg": "ES256", "jwk": jwk})), public_key=SIGNERS["ES256"].public_key
        )


def test_a_der_signature_is_refused() -> None:
    class DerSigner(KeySigner):
        def sign(self, data: bytes) -> bytes:
            raw = super().sign(data)
            halves = (raw[:32].lstrip(b"\0"), raw[32:].lstrip(b"\0"))
            body = b"".join(
                b"\x02" + bytes([len(half) + (half[0] >> 7)]) + b"\0" * (half[0] >> 7) + half
                for half in halves
            )
            return b"\x30" + bytes([len(body)]) + body

    signer = DerSigner(p256().key, "did:web:example.org#p256")
    with pytest.raises(SignatureError):
        verify_token(parse_token(sign_token(PAYLOAD, signer=signer, typ="JWT")), public_key=signer.public_key)


def test_a_kind_of_key_without_an_allowed_algorithm_cannot_sign() -> None:
    with pytest.raises(JWTAlgorithmError):
        sign_token(PAYLOAD, signer=p384(), typ="JWT")
    with pytest.raises(WrongError):
        verify_token(parse_token(TOKENS["ES256"]), public_key=p384().public_key)
