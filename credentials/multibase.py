# SPDX-License-Identifier: Apache-2.0
"""Base58btc and base64url, strictly: one text for each sequence of bytes, one sequence for each text.

CID 1.0, "Multibase" (https://www.w3.org/TR/cid-1.0/#multibase-0) names the two alphabets that credentials
use, told apart by the first letter: ``z`` base58btc (keys and signatures), ``u`` base64url without padding
(status lists, digests). ``base64url`` and ``unbase64url`` are the same without that letter, as in RFC 7515.
"""

from __future__ import annotations

import base64
import binascii
import re

from credentials.errors import MultibaseError

BASE58_CHARS = 256  # characters; decoding is quadratic (10,000 take 13 ms), a P-384 signature needs 132

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_PAIRS = [first + second for first in _BASE58 for second in _BASE58]
_PAIR = 58**2
_FOUR = 58**4
_FIVE = 58**5  # five letters fit one digit of Python's integers (30 bits), where sums are quick
_TEN = 58**10
_NO_DIGIT = b"\xff"
_BASE58_VALUES = bytes(
    _BASE58.index(chr(code)) if chr(code) in _BASE58 else _NO_DIGIT[0] for code in range(256)
)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def encode_base58btc(data: bytes) -> str:
    """Return ``data`` as multibase base58btc: "z" and the digits."""
    number = int.from_bytes(data, "big")
    letters, pairs = _BASE58, _BASE58_PAIRS
    tens: list[str] = []
    while number:
        number, ten = divmod(number, _TEN)
        high, low = divmod(ten, _FIVE)
        tens.append(
            f"{letters[high // _FOUR]}{pairs[high // _PAIR % _PAIR]}{pairs[high % _PAIR]}"
            f"{letters[low // _FOUR]}{pairs[low // _PAIR % _PAIR]}{pairs[low % _PAIR]}"
        )
    tens.reverse()
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(tens).lstrip("1")


def decode_base58btc(text: str, *, max_chars: int = BASE58_CHARS) -> bytes:
    """Return the bytes of a multibase base58btc text.

    Raises:
        MultibaseError: No leading "z", a letter outside the alphabet, or more than ``max_chars`` characters.
    """
    if len(text) > max_chars:
        raise MultibaseError(f"A base58 value has more than {max_chars} characters.", got=len(text))
    if not text.startswith("z"):
        raise MultibaseError('A base58btc value begins with "z".', got=text[:1])
    digits = text[1:]
    if not digits.isascii() or _NO_DIGIT in (values := digits.encode().translate(_BASE58_VALUES)):
        raise MultibaseError("A base58btc value holds a letter outside its alphabet.")
    number = 0
    fives = iter(bytes(-len(values) % 5) + values)
    for first, second, third, fourth, fifth in zip(fives, fives, fives, fives, fives, strict=True):
        number = number * _FIVE + ((((first * 58 + second) * 58 + third) * 58 + fourth) * 58 + fifth)
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base64url(data: bytes) -> str:
    """Return ``data`` as multibase base64url: "u" and the letters, without padding."""
    return "u" + base64url(data)


def decode_base64url(text: str, *, max_chars: int) -> bytes:
    """Return the bytes of a multibase base64url text.

    Raises:
        MultibaseError: No leading "u", more than ``max_chars`` characters, or not strict base64url.
    """
    if len(text) > max_chars:
        raise MultibaseError(f"A base64url value has more than {max_chars:,} characters.", got=len(text))
    if not text.startswith("u"):
        raise MultibaseError('A multibase base64url value begins with "u".', got=text[:1])
    return unbase64url(text[1:])


def base64url(data: bytes) -> str:
    """Return ``data`` as base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unbase64url(text: str) -> bytes:
    """Return the bytes of a base64url text without padding; the caller bounds its length.

    Strict (RFC 4648, sections 3.2 to 3.5): no padding, no white space, no other letters, and the bits that
    are left over are zero, so that no two texts mean the same bytes.

    Raises:
        MultibaseError: Any of this is broken.
    """
    if _BASE64URL.fullmatch(text) is None:
        raise MultibaseError("A base64url value holds a letter outside its alphabet, a space or padding.")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise MultibaseError("A base64url value has an impossible length.") from error
    if base64url(data) != text:
        raise MultibaseError("A base64url value has left-over bits that are not zero.")
    return data
