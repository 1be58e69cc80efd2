# SPDX-License-Identifier: Apache-2.0
"""Weak keys are refused, before they sign anything. Pure rules over public numbers.

Checked at import and at generation (threat K2). What is looked for, and where it comes from:

- the algorithm is one that we sign with: Ed25519, P-256, RSA (Open Badges 3.0, #jwt-proof);
- RSA: public exponent 65537, no small factor, no two primes that lie close together (Fermat);
- the secret is no constant, no counter and no handful of byte values;
- the key is not one of the published test keys, whose private half everybody has.

What proves nothing for anybody is judged where keys are read: a ``PublicKey`` is never an Ed25519 point of
small order, nor an RSA key outside 2,048 to 4,096 bits or of a ROCA chip (``credentials.weak_keys``). That a
key has only one owner is a question about rows: ``store`` answers it with a unique thumbprint.
"""

from __future__ import annotations

import math
from itertools import pairwise

from credentials.document import Json
from credentials.multibase import unbase64url
from credentials.verification_method import KeyAlgorithm, PublicKey
from keys.errors import WeakKeyError

ALGORITHMS = frozenset({KeyAlgorithm.ED25519, KeyAlgorithm.P256, KeyAlgorithm.RSA})

RSA_EXPONENT = 65537
FERMAT_ROUNDS = 100  # steps; finds primes that agree in their upper half, as one broken library made them
SECRET_BYTE_VALUES = 8  # different bytes; 32 random bytes have so few of them once in 10^33 draws

_SMALL_PRIMES = tuple(n for n in range(3, 752) if all(n % d for d in range(2, math.isqrt(n) + 1)))

# Published test keys: their private halves stand in specifications, so anybody could sign with them.
_PUBLISHED = frozenset(
    {
        # RFC 8032, section 7.1, tests 1 to 3, 1024 and SHA(abc); the first is also RFC 8037, appendix A.
        "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw",
        "z6MkiaMbhXHNA4eJVCCj8dbzKzTgYDKf6crKgHVHid1F1WCT",
        "z6MkwSD8dBdqcXQzKJZQFPy2hh2izzxskndKCjdmC2dBpfME",
        "z6Mkh7U7jBwoMro3UeHmXes4tKtFbZhMRWejbtunbU4hhvjP",
        "z6MkvLrkgkeeWeRwktZGShYPiB5YuPkhN2yi3MqMKZMFMgWr",
        # W3C Data Integrity EdDSA Cryptosuites v1.0, appendix B, and the test vectors beside it.
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "z6MktgKTsu1QhX6QPbyqG6geXdw6FQCZBPq7uQpieWbiQiG7",
        "z6MkhWqdDBPojHA7cprTGTt5yHv5yUi1B8cnXn8ReLumkw6E",
        "z6MkmEq87wkHCYnWnNZkigeDMGTN7oUw1upkhzd77KuXERS1",
        "z6Mkm1S51iPHJvDEkJ9MRtxJmT8Pqo6wHipAFwBAjN83vntT",
        # Open Badges 3.0 implementation guide, embedded proof example.
        "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi",
        # W3C Data Integrity ECDSA Cryptosuites v1.0, appendix A, and its vectors; the last is RFC 7515, A.3.
        "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
        "zDnaegE6RR3atJtHKwTRTWHsJ3kNHqFwv7n9YjTgmU7TyfU76",
        "zDnaeTHxNEBZoKaEo6PdA83fq98ebiFvo3X273Ydu4YmV96rg",
        "zDnaeTHfhmSaQKBc7CmdL3K7oYg3D6SC7yowe2eBeVd2DH32r",
        "zDnaerGBD7Zxzau2fdfEFaaaTDYBu5XEBYdGV2BmERp3MDSov",
    }
)


def check(public_key: PublicKey) -> None:
    """Refuse a public key that nobody should sign with.

    Raises:
        WeakKeyError: Its sentence names the weakness; the key itself may be shown, it is public.
    """
    if public_key.algorithm not in ALGORITHMS:
        names = ", ".join(sorted(ALGORITHMS))
        raise WeakKeyError(
            f"We do not sign with {public_key.algorithm}; choose one of {names}.", got=public_key.algorithm
        )
    if public_key.algorithm is KeyAlgorithm.RSA:
        jwk = public_key.to_jwk()
        _check_rsa(_number(jwk["n"]), _number(jwk["e"]))
    elif public_key.to_multikey() in _PUBLISHED:
        raise WeakKeyError("This is a published test key; everybody has its private half.")


def check_secret(secret: bytes) -> None:
    """Refuse the 32 secret bytes of an Ed25519 or P-256 key that nobody drew at random.

    Raises:
        WeakKeyError: Without the bytes.
    """
    steps = {(after - before) % 256 for before, after in pairwise(secret)}
    if len(set(secret)) <= SECRET_BYTE_VALUES or len(steps) <= 1:
        raise WeakKeyError("The private key was not drawn at random.")


def _check_rsa(modulus: int, exponent: int) -> None:
    if exponent != RSA_EXPONENT:
        raise WeakKeyError(f"The RSA key's public exponent is not {RSA_EXPONENT}.")
    if modulus % 2 == 0 or any(modulus % prime == 0 for prime in _SMALL_PRIMES):
        raise WeakKeyError("The RSA modulus has a small factor.")
    if _has_close_factors(modulus):
        raise WeakKeyError("The two primes of the RSA key lie so close together that it can be factored.")


def _has_close_factors(modulus: int) -> bool:
    """Try Fermat's factorisation for a few steps."""
    root = math.isqrt(modulus) + 1
    for candidate in range(root, root + FERMAT_ROUNDS):
        rest = candidate * candidate - modulus
        if math.isqrt(rest) ** 2 == rest:
            return True
    return False


def _number(text: Json) -> int:
    return int.from_bytes(unbase64url(str(text)), "big")
