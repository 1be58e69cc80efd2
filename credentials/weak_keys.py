# SPDX-License-Identifier: Apache-2.0
"""Public keys that prove nothing, however well written: Ed25519 of small order, RSA that can be factored.

Ed25519: RFC 8032 section 5.1 (the curve) and 5.1.3 (decoding). Under a key of small order a signature that
anybody can compute verifies for many messages. RSA: too short, a small exponent, or made by a chip whose
primes can be found (ROCA, CVE-2017-15361; Nemec et al., "The Return of Coppersmith's Attack", 2017).
"""

from __future__ import annotations

from functools import lru_cache

from credentials.errors import PublicKeyError, WeakKeyError

RSA_BITS = (2048, 4096)  # bits; shorter can be broken, longer only costs time
RSA_EXPONENT_MIN = 65_537  # what everybody uses; smaller ones have a history of broken paddings

PRIME = 2**255 - 19  # of the field (RFC 8032, section 5.1)
D = -121665 * pow(121666, -1, PRIME) % PRIME  # of the curve -x² + y² = 1 + d x² y²

# The eight points of small order have y = ±1 (orders 1, 2), 0 (order 4) and ±this one (order 8).
ORDER_8_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER_Y = frozenset({0, 1, PRIME - 1, ORDER_8_Y, PRIME - ORDER_8_Y})

# A ROCA modulus is a power of 65537 modulo each small prime; one honest modulus in 2^27 is so by chance.
_ROCA_PRIMES = tuple(n for n in range(3, 168) if all(n % divisor for divisor in range(2, n)))
_ROCA_POWERS = {prime: frozenset(pow(65_537, n, prime) for n in range(prime)) for prime in _ROCA_PRIMES}


@lru_cache(maxsize=1024)  # a third of the time of a verification, and most credentials share an issuer
def check_ed25519(material: bytes) -> None:
    """Refuse 32 bytes that are no canonically encoded point of the curve, or one of small order.

    Raises:
        PublicKeyError: No such point.
        WeakKeyError: Of small order.
    """
    y = int.from_bytes(material, "little") & (2**255 - 1)
    if y >= PRIME:
        raise PublicKeyError("An Ed25519 key is not canonically encoded.")
    if y in SMALL_ORDER_Y:
        raise WeakKeyError("An Ed25519 key is of small order: signatures by it prove nothing.")
    # x² = (y² - 1) / (d y² + 1) must be a square; a product has the same quadratic character as the quotient.
    square = (y * y - 1) * (D * y * y + 1) % PRIME
    if pow(square, (PRIME - 1) // 2, PRIME) != 1:
        raise PublicKeyError("An Ed25519 key is no point of the curve.")


def check_rsa(modulus: int, exponent: int) -> None:
    """Refuse an RSA key that is too short or too long, or has a small exponent or an Infineon chip's primes.

    Raises:
        WeakKeyError: With the reason.
    """
    if not RSA_BITS[0] <= modulus.bit_length() <= RSA_BITS[1]:
        raise WeakKeyError(
            "An RSA key is too short or too long.", got=modulus.bit_length(), expected="2048 to 4096 bits"
        )
    if exponent < RSA_EXPONENT_MIN:
        raise WeakKeyError("An RSA key has a small exponent.", expected=f"{RSA_EXPONENT_MIN} or more")
    if all(modulus % prime in powers for prime, powers in _ROCA_POWERS.items()):
        raise WeakKeyError("An RSA key was made by a chip whose keys can be factored (ROCA).")
