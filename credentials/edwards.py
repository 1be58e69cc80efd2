# SPDX-License-Identifier: Apache-2.0
"""Is this a public key on edwards25519 that proves something? The checks that decoding alone does not make.

RFC 8032 section 5.1.3 (decoding) and section 5.1 (the curve). Under a key of small order a signature that
anybody can compute verifies for many messages, so such a key says nothing about who signed.
"""

from __future__ import annotations

from credentials.errors import PublicKeyError, WeakKeyError

PRIME = 2**255 - 19  # of the field (RFC 8032, section 5.1)
D = -121665 * pow(121666, -1, PRIME) % PRIME  # of the curve -x² + y² = 1 + d x² y²

# The eight points of small order have y = ±1 (orders 1, 2), 0 (order 4) and ±this one (order 8).
ORDER_8_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER_Y = frozenset({0, 1, PRIME - 1, ORDER_8_Y, PRIME - ORDER_8_Y})


def check_public_key(material: bytes) -> None:
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
