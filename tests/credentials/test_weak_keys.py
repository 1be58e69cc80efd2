# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import PublicKeyError, WeakKeyError
from credentials.weak_keys import PRIME, SMALL_ORDER_Y, D, check_ed25519, check_rsa


def encodings(y: int) -> list[bytes]:
    return [(y | sign << 255).to_bytes(32, "little") for sign in (0, 1)]


def order(y: int) -> int:
    """Return the order of the points with this y: double until the neutral element comes."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    assert x * x % PRIME == square
    found = 1
    while (x, y) != (0, 1):
        product = D * x * x * y * y
        x, y = (
            2 * x * y * pow(1 + product, -1, PRIME) % PRIME,
            (y * y + x * x) * pow(1 - product, -1, PRIME) % PRIME,
        )
        found *= 2
    return found


def test_the_listed_points_are_those_of_small_order() -> None:
    assert sorted(order(y) for y in SMALL_ORDER_Y) == [1, 2, 4, 8, 8]


@pytest.mark.parametrize("y", sorted(SMALL_ORDER_Y))
def test_a_key_of_small_order_is_refused(y: int) -> None:
    for material in encodings(y):
        with pytest.raises(WeakKeyError):
            check_ed25519(material)


@pytest.mark.parametrize("y", [PRIME, PRIME + 1, PRIME + 3, 2**255 - 1])
def test_a_key_beyond_the_field_is_refused(y: int) -> None:
    for material in encodings(y):
        with pytest.raises(PublicKeyError):
            check_ed25519(material)


def test_a_key_beside_the_curve_is_refused() -> None:
    with pytest.raises(PublicKeyError):
        check_ed25519((2).to_bytes(32, "little"))


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32))
def test_every_real_key_passes(seed: bytes) -> None:
    check_ed25519(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def test_rsa_keys_have_2048_to_4096_bits() -> None:
    honest = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    check_rsa(honest.n, honest.e)
    check_rsa(2**4096 - 1, 65537)
    for modulus in (2**2047 - 1, 2**4096 + 1):
        with pytest.raises(WeakKeyError):
            check_rsa(modulus, 65537)
    with pytest.raises(WeakKeyError):
        check_rsa(honest.n, 3)


def test_an_rsa_key_from_a_chip_with_guessable_primes_is_refused() -> None:
    with pytest.raises(WeakKeyError):
        check_rsa(65537**150, 65537)
