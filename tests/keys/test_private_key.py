# SPDX-License-Identifier: Apache-2.0
"""A private key signs, and never shows itself."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.multibase import encode_base58btc
from credentials.verification_method import KeyAlgorithm
from keys import goodkey, private_key
from keys.errors import UnreadableKeyError, WeakKeyError
from keys.private_key import PrivateKey, from_text, generate
from tests.keys.samples import base64url, ed25519_jwk, ed25519_secret_multikey, pem, spellings


@pytest.mark.parametrize("algorithm", sorted(goodkey.ALGORITHMS))
def test_what_it_signs_its_public_half_verifies(algorithm: KeyAlgorithm) -> None:
    key = generate(algorithm)
    signature = key.sign(b"a badge")
    key.public_key.verify(signature, b"a badge")
    assert key.algorithm is algorithm
    assert len(signature) == key.public_key.signature_bytes
    assert signature == key.sign(b"a badge")


def test_refuses_to_make_a_key_of_another_kind() -> None:
    with pytest.raises(WeakKeyError):
        generate(KeyAlgorithm.P384)


def test_signs_as_rfc_8032_says() -> None:
    """RFC 8032, section 7.1, test 2."""
    key = private_key.unsafe_from_seed(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_signs_as_rfc_6979_says() -> None:
    """RFC 6979, appendix A.2.5, P-256 with SHA-256 over "sample"."""
    secret = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    key = PrivateKey(ec.derive_private_key(secret, ec.SECP256R1()))
    assert key.sign(b"sample").hex().upper() == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )


def test_reads_pkcs8_jwk_and_multikey_alike() -> None:
    key = Ed25519PrivateKey.generate()
    seed = key.private_bytes_raw()
    forms = [pem(key), pem(key).replace("\n", "\\n"), ed25519_jwk(seed), ed25519_secret_multikey(seed)]
    assert {from_text(f"\n {form} \n").public_key for form in forms} == {PrivateKey(key).public_key}


def test_reads_p256_in_every_form() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.private_numbers()
    secret = numbers.private_value.to_bytes(32, "big")
    point = numbers.public_numbers
    jwk = json.dumps(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": base64url(point.x.to_bytes(32, "big")),
            "y": base64url(point.y.to_bytes(32, "big")),
            "d": base64url(secret),
        }
    )
    forms = [pem(key), jwk, encode_base58btc(b"\x86\x26" + secret)]
    assert {from_text(form).public_key for form in forms} == {PrivateKey(key).public_key}


def test_reads_rsa_as_pem() -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert from_text(pem(key)).algorithm is KeyAlgorithm.RSA


UNREADABLE = [
    "",
    "secret",
    "{}",
    '{"kty":"OKP"}',
    '{"kty":"OKP","crv":"Ed25519","d":"AAAA","x":"AAAA"}',
    '{"kty":"OKP","crv":"Ed25519","d":null,"x":null}',
    '{"kty":{"a":1},"crv":"Ed25519"}',
    '{"kty":"EC","crv":"P-521","d":"AAAA"}',
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    "z",
    "zOl",
    encode_base58btc(b"\x80\x26" + b"short"),
    encode_base58btc(b"\xed\x01" + b"x" * 32),
    encode_base58btc(b"\x86\x26" + b"\xff" * 32),
    "x" * 10_000,
    pem(ec.generate_private_key(ec.SECP384R1())),
]


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_refuses_what_is_no_private_key_of_ours(text: str) -> None:
    with pytest.raises(UnreadableKeyError):
        from_text(text)


def test_refuses_a_pem_with_a_password() -> None:
    locked = pem(Ed25519PrivateKey.generate()).replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
    with pytest.raises(UnreadableKeyError):
        from_text(locked)


def test_refuses_a_jwk_whose_public_half_belongs_to_another_key() -> None:
    mine, other = (json.loads(ed25519_jwk(Ed25519PrivateKey.generate().private_bytes_raw())) for _ in "ab")
    with pytest.raises(UnreadableKeyError):
        from_text(json.dumps({**mine, "x": other["x"]}))


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy])
def test_is_neither_copied_nor_sent_anywhere(act: object) -> None:
    with pytest.raises(TypeError):
        act(generate(KeyAlgorithm.ED25519))  # type: ignore[operator]


def test_its_repr_shows_the_public_half_only() -> None:
    key = Ed25519PrivateKey.generate()
    shown = repr(PrivateKey(key)).encode()
    assert not [spelling for spelling in spellings(key.private_bytes_raw()) if spelling in shown]
    assert PrivateKey(key).public_key.thumbprint().encode() in shown


def test_cannot_be_changed_into_another() -> None:
    key = generate(KeyAlgorithm.ED25519)
    with pytest.raises(AttributeError):
        key.note = "x"  # type: ignore[attr-defined]
