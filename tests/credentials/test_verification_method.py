# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from credentials.document import Json
from credentials.errors import (
    HallmarkError,
    KeyUseError,
    PrivateKeyShownError,
    PublicKeyError,
    SignatureError,
    UnsupportedKeyError,
    WeakKeyError,
)
from credentials.multibase import base64url, encode_base58btc
from credentials.verification_method import KeyAlgorithm, PublicKey, VerificationMethod
from tests.credentials.signers import KeySigner, ed25519, p256, p384, rsa_signer

DID = "did:web:example.org"
SHORT = 1024  # bits; too few
SIGNERS = {"Ed25519": ed25519(), "P-256": p256(), "P-384": p384(), "RSA": rsa_signer()}
# RFC 8037, appendix A: an Ed25519 key, its JWK and its thumbprint.
RFC8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.fixture(params=SIGNERS)
def signer(request: pytest.FixtureRequest) -> KeySigner:
    return SIGNERS[request.param]


def test_a_key_survives_its_jwk(signer: KeySigner) -> None:
    assert PublicKey.from_jwk(signer.public_key.to_jwk()) == signer.public_key


def test_a_key_survives_its_multikey() -> None:
    prefixes = {"Ed25519": "z6Mk", "P-256": "zDna", "P-384": "z82L"}
    for name, prefix in prefixes.items():
        key = SIGNERS[name].public_key
        assert key.to_multikey().startswith(prefix)
        assert PublicKey.from_multikey(key.to_multikey()) == key
    with pytest.raises(UnsupportedKeyError):
        SIGNERS["RSA"].public_key.to_multikey()


def test_different_keys_differ_and_equal_keys_hash_alike() -> None:
    keys = [signer.public_key for signer in SIGNERS.values()]
    again = [PublicKey.from_jwk(key.to_jwk()) for key in keys]
    assert len({*keys, *again}) == len(SIGNERS)


def test_a_key_shows_no_object_of_a_library() -> None:
    assert "cryptography" not in repr(SIGNERS["P-256"].public_key)


def test_the_thumbprint_agrees_with_rfc_8037_and_rfc_7638() -> None:
    key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X})
    assert key.thumbprint() == RFC8037_THUMBPRINT
    rfc7638 = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
    assert PublicKey.from_jwk(dict(rfc7638)).thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_signature_fits_its_data_and_nothing_else(signer: KeySigner) -> None:
    signature = signer.sign(b"data")
    key = signer.public_key
    assert len(signature) == key.signature_bytes
    key.verify(signature, b"data")
    wrong = [
        (signature, b"other"),
        (bytes([signature[0] ^ 1]) + signature[1:], b"data"),
        (signature[:-1], b"data"),
        (signature + b"\0", b"data"),
        (b"", b"data"),
        (bytes(len(signature)), b"data"),
        (b"\xff" * len(signature), b"data"),
    ]
    for changed, data in wrong:
        with pytest.raises(SignatureError):
            key.verify(changed, data)


def test_a_der_signature_is_refused() -> None:
    key = ec.derive_private_key(7, ec.SECP256R1())
    der = key.sign(b"data", ec.ECDSA(SHA256()))
    with pytest.raises(SignatureError):
        SIGNERS["P-256"].public_key.verify(der, b"data")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "6Mk",
        "u7QE",
        "z0OIl",
        encode_base58btc(b"\xed\x01" + bytes(31)),
        encode_base58btc(b"\xed\x01" + bytes(range(33))),
        encode_base58btc(b"\xed\x01" + (2).to_bytes(32, "little")),  # beside the curve
        encode_base58btc(b"\x80\x24" + b"\x02" + bytes(31)),
        encode_base58btc(b"\x80\x24" + b"\x02" + b"\xff" * 32),
        encode_base58btc(b"\x80\x24" + b"\x05" + bytes(32)),
        encode_base58btc(b"\x81\x24" + b"\x02" + bytes(32)),
    ],
)
def test_a_malformed_multikey_is_refused(text: str) -> None:
    with pytest.raises((PublicKeyError, UnsupportedKeyError)):
        PublicKey.from_multikey(text)


def test_a_multikey_carries_points_compressed_only() -> None:
    point = ec.derive_private_key(7, ec.SECP256R1()).public_key().public_numbers()
    uncompressed = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    with pytest.raises(PublicKeyError):
        PublicKey.from_multikey(encode_base58btc(b"\x80\x24" + uncompressed))


def test_a_multikey_of_small_order_is_refused() -> None:
    with pytest.raises(WeakKeyError):
        PublicKey.from_multikey(encode_base58btc(b"\xed\x01" + (1).to_bytes(32, "little")))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"d": "AA"}, PrivateKeyShownError),
        ({"k": "AA"}, PrivateKeyShownError),
        ({"use": "enc"}, KeyUseError),
        ({"key_ops": ["sign"]}, KeyUseError),
        ({"key_ops": "verify"}, KeyUseError),
        ({"alg": "ES384"}, KeyUseError),
        ({"alg": "none"}, KeyUseError),
        ({"alg": None}, KeyUseError),
        ({"kty": "oct"}, UnsupportedKeyError),
        ({"kty": None}, UnsupportedKeyError),
        ({"crv": "secp256k1"}, UnsupportedKeyError),
        ({"crv": ["P-256"]}, UnsupportedKeyError),
        ({"crv": "P-384"}, PublicKeyError),
        ({"x": None}, PublicKeyError),
        ({"x": 1}, PublicKeyError),
        ({"x": "A" * 1000}, PublicKeyError),
        ({"x": "AAAA"}, PublicKeyError),
        ({"x": base64url(bytes(33))}, PublicKeyError),
        ({"x": base64url(b"\1" * 32)}, PublicKeyError),
        ({"y": base64url(b"\1" * 32)}, PublicKeyError),
        ({"y": base64url(bytes(32)) + "="}, PublicKeyError),
    ],
)
def test_a_jwk_that_is_not_a_public_signing_key_is_refused(
    changes: dict[str, Json], error: type[HallmarkError]
) -> None:
    with pytest.raises(error):
        PublicKey.from_jwk(SIGNERS["P-256"].public_key.to_jwk() | changes)


def test_a_jwk_may_say_what_it_is_for(signer: KeySigner) -> None:
    names = {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"}
    said: dict[str, Json] = {"use": "sig", "key_ops": ["verify"], "alg": names[signer.algorithm], "kid": "a"}
    assert PublicKey.from_jwk(signer.public_key.to_jwk() | said) == signer.public_key


@pytest.mark.parametrize("changes", [{"n": "AQAB"}, {"e": "Aw"}, {"e": "AAEAAQ"}, {"e": ""}, {"e": "AQAA"}])
def test_a_weak_or_padded_rsa_jwk_is_refused(changes: dict[str, Json]) -> None:
    with pytest.raises((WeakKeyError, PublicKeyError)):
        PublicKey.from_jwk(SIGNERS["RSA"].public_key.to_jwk() | changes)


def test_keys_of_other_kinds_are_unknown() -> None:
    others: list[object] = [
        X25519PrivateKey.generate().public_key(),
        ec.derive_private_key(7, ec.SECP521R1()).public_key(),
        ec.derive_private_key(7, ec.SECP256K1()).public_key(),
        "no key",
    ]
    for key in others:
        with pytest.raises(UnsupportedKeyError):
            PublicKey.from_cryptography(key)
    with pytest.raises(WeakKeyError):
        PublicKey.from_cryptography(rsa.generate_private_key(65537, SHORT).public_key())


def method(kind: str = "Multikey", **changes: Json) -> dict[str, Json]:
    key = SIGNERS["Ed25519"].public_key
    members: dict[str, Json] = {"id": f"{DID}#a", "type": kind, "controller": DID}
    if kind.startswith("JsonWebKey"):
        members["publicKeyJwk"] = key.to_jwk()
    else:
        members["publicKeyMultibase"] = key.to_multikey()
    return members | changes


@pytest.mark.parametrize("kind", ["Multikey", "JsonWebKey", "JsonWebKey2020", "Ed25519VerificationKey2020"])
def test_a_method_survives_reading_and_writing(kind: str) -> None:
    members = method(kind, expires="2027-01-01T00:00:00Z", revoked="2026-06-01T00:00:00Z")
    read = VerificationMethod.read(members)
    assert read.public_key == SIGNERS["Ed25519"].public_key
    assert read.expires == datetime(2027, 1, 1, tzinfo=UTC)
    assert read.revoked == datetime(2026, 6, 1, tzinfo=UTC)
    assert read.to_members() == members


def test_an_id_that_is_only_a_fragment_is_completed() -> None:
    assert VerificationMethod.read(method(id="#a"), base=DID).id == f"{DID}#a"


@pytest.mark.parametrize(
    ("members", "error"),
    [
        (method(id=""), PublicKeyError),
        (method(id=7), PublicKeyError),
        (method(controller=None), PublicKeyError),
        (method(controller=[DID]), PublicKeyError),
        (method("RsaVerificationKey2018"), UnsupportedKeyError),
        (method(publicKeyMultibase=7), PublicKeyError),
        (method(publicKeyMultibase="z"), UnsupportedKeyError),
        (method(publicKeyJwk={}), PublicKeyError),
        (method("JsonWebKey", publicKeyJwk="x"), PublicKeyError),
        (method("JsonWebKey", publicKeyMultibase="z6Mk"), PublicKeyError),
        (method("JsonWebKey", publicKeyJwk={"kty": "OKP", "d": "AA"}), PrivateKeyShownError),
        (method(secretKeyMultibase="z"), PrivateKeyShownError),
        (method(privateKeyJwk={}), PrivateKeyShownError),
        (method(publicKeyBase58="z"), PublicKeyError),
        (method(expires="soon"), HallmarkError),
        (
            method(
                "Ed25519VerificationKey2020", publicKeyMultibase=SIGNERS["P-256"].public_key.to_multikey()
            ),
            PublicKeyError,
        ),
    ],
)
def test_a_malformed_method_is_refused(members: dict[str, Json], error: type[HallmarkError]) -> None:
    with pytest.raises(error):
        VerificationMethod.read(members)


def test_an_rsa_key_is_shown_as_a_jwk() -> None:
    key = SIGNERS["RSA"].public_key
    shown = VerificationMethod(f"{DID}#r", "JsonWebKey", DID, key).to_members()
    assert VerificationMethod.read(shown).public_key.algorithm is KeyAlgorithm.RSA
