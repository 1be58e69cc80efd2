# SPDX-License-Identifier: Apache-2.0
"""Weak keys are refused (threat K2)."""

from __future__ import annotations

import math

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import WeakKeyError as FactorableError
from credentials.verification_method import PublicKey
from keys import goodkey, private_key
from keys.errors import WeakKeyError
from keys.private_key import RSA_BITS
from tests.keys.samples import ed25519_jwk, pem

PRIMES_TO_167 = [n for n in range(2, 168) if all(n % d for d in range(2, n))]
PRIMES_TO_751 = [n for n in range(2, 752) if all(n % d for d in range(2, n))]


def rsa_public(modulus: int, exponent: int = 65537) -> PublicKey:
    return PublicKey.from_cryptography(rsa.RSAPublicNumbers(exponent, modulus).public_key())


def without_small_factor(start: int, step: int) -> int:
    while any(start % prime == 0 for prime in PRIMES_TO_751):
        start += step
    return start


def test_accepts_fresh_keys_of_every_algorithm_that_we_sign_with() -> None:
    for algorithm in goodkey.ALGORITHMS:
        goodkey.check(private_key.generate(algorithm).public_key)


def test_refuses_a_curve_that_we_do_not_sign_with() -> None:
    with pytest.raises(WeakKeyError, match="P-384"):
        goodkey.check(PublicKey.from_cryptography(ec.generate_private_key(ec.SECP384R1()).public_key()))


def test_refuses_an_rsa_key_as_the_infineon_chips_made_them() -> None:
    """ROCA: n = 65537^a mod M for the product M of the small primes, whatever else n is."""
    product = math.prod(PRIMES_TO_167)
    start = pow(65537, 271828, product) + product * ((1 << 2047) // product + 1)
    modulus = without_small_factor(start, product)
    assert modulus.bit_length() == 2048
    with pytest.raises(FactorableError, match="ROCA"):
        goodkey.check(rsa_public(modulus))


def test_refuses_an_rsa_modulus_with_a_small_factor() -> None:
    with pytest.raises(WeakKeyError, match="small factor"):
        goodkey.check(rsa_public(751 * without_small_factor((1 << 2040) + 1, 2)))


def test_refuses_an_rsa_modulus_of_two_close_factors() -> None:
    first = without_small_factor((1 << 1023) + (1 << 1022) + 12345, 2)
    second = without_small_factor(first + 2, 2)
    with pytest.raises(WeakKeyError, match="close together"):
        goodkey.check(rsa_public(first * second))


def test_refuses_an_rsa_exponent_other_than_65537() -> None:
    modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    with pytest.raises(WeakKeyError, match="exponent"):
        goodkey.check(rsa_public(modulus, exponent=65539))


def test_refuses_a_short_rsa_key_on_import() -> None:
    with pytest.raises(WeakKeyError):
        private_key.from_text(pem(rsa.generate_private_key(65537, 1024)))  # noqa: S505  short on purpose


def test_new_rsa_keys_are_long_enough() -> None:
    assert RSA_BITS >= 2048


@pytest.mark.parametrize(
    "seed",
    [
        bytes(32),
        bytes([0xFF]) * 32,
        b"0123456789abcdef"[:8] * 4,
        bytes(range(32)),
        bytes(range(255, 223, -1)),
        bytes(range(0, 96, 3)),
        (1).to_bytes(32, "big"),
    ],
    ids=["zeros", "ones", "eight-letters", "counting", "counting-down", "steps", "one"],
)
def test_refuses_a_secret_that_nobody_drew_at_random(seed: bytes) -> None:
    with pytest.raises(WeakKeyError):
        private_key.from_text(ed25519_jwk(seed))


@given(st.randoms(use_true_random=True))
def test_accepts_random_secrets(random: object) -> None:
    goodkey.check_secret(Ed25519PrivateKey.generate().private_bytes_raw())


@pytest.mark.parametrize(
    "seed",
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    ],
)
def test_refuses_the_keys_of_rfc_8032(seed: str) -> None:
    with pytest.raises(WeakKeyError, match="published test key"):
        private_key.from_text(ed25519_jwk(bytes.fromhex(seed)))


def test_refuses_the_p256_key_of_rfc_7515() -> None:
    jwk = (
        '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",'
        '"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",'
        '"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}'
    )
    with pytest.raises(WeakKeyError, match="published test key"):
        private_key.from_text(jwk)


def test_every_published_key_of_the_list_is_a_key() -> None:
    for text in goodkey._PUBLISHED:
        with pytest.raises(WeakKeyError):
            goodkey.check(PublicKey.from_multikey(text))
