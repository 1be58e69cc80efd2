# SPDX-License-Identifier: Apache-2.0
"""The members of a JSON Web Key, read strictly: its numbers, and what it says about its own use.

RFC 7517 (https://www.rfc-editor.org/rfc/rfc7517), RFC 7518 section 6. What the numbers mean is decided
in ``verification_method``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from credentials.document import Json, pointer
from credentials.errors import KeyUseError, MultibaseError, PrivateKeyShownError, PublicKeyError
from credentials.multibase import base64url, unbase64url

NUMBER_CHARS = 700  # characters; the modulus of a 4,096-bit key needs 683

# RFC 7518 section 6.2.2, 6.3.2 and 6.4: members that only a private or a symmetric key has.
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def check_public(members: Mapping[str, Json]) -> None:
    """Refuse a key with private members.

    Raises:
        PrivateKeyShownError: It has one.
    """
    if not PRIVATE_MEMBERS.isdisjoint(members):
        raise PrivateKeyShownError("A JSON Web Key that should be public holds private members.")


def check_use(members: Mapping[str, Json], algorithms: Sequence[str]) -> None:
    """Hold a key to what it says of itself (RFC 7517, sections 4.2 to 4.4); saying nothing is fine.

    Raises:
        KeyUseError: It is not for verifying signatures, or for none of ``algorithms``.
    """
    if members.get("use", "sig") != "sig":
        raise KeyUseError("A JSON Web Key is not for signatures.", path="/use", got=_short(members["use"]))
    operations = members.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise KeyUseError("A JSON Web Key is not for verifying.", path="/key_ops", got=_short(operations))
    if "alg" in members and members["alg"] not in algorithms:
        raise KeyUseError(
            "A JSON Web Key is for another algorithm.",
            path="/alg",
            got=_short(members["alg"]),
            expected=algorithms[0],
        )


def octets(members: Mapping[str, Json], name: str, *, exactly: int | None = None) -> bytes:
    """Return the bytes of a member.

    Raises:
        PublicKeyError: It is missing, too long, not strict base64url, or of another length.
    """
    value = members.get(name)
    if not isinstance(value, str) or len(value) > NUMBER_CHARS:
        raise PublicKeyError(f"A JSON Web Key has no readable {name}.", path=pointer(name))
    try:
        data = unbase64url(value)
    except MultibaseError as error:
        raise PublicKeyError(
            f"A JSON Web Key is not readable. {error.message}", path=pointer(name)
        ) from error
    if exactly is not None and len(data) != exactly:
        raise PublicKeyError(
            "A coordinate has the wrong length.", path=pointer(name), got=len(data), expected=exactly
        )
    return data


def number(members: Mapping[str, Json], name: str) -> int:
    """Return a positive number, written with as few bytes as possible (RFC 7518, section 2, Base64urlUInt).

    Raises:
        PublicKeyError: As ``octets``, or it is empty or begins with a zero byte.
    """
    data = octets(members, name)
    if not data or data[0] == 0:
        raise PublicKeyError("A number is empty or begins with a zero byte.", path=pointer(name))
    return int.from_bytes(data, "big")


def write_number(value: int) -> str:
    """Return a positive number as Base64urlUInt."""
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _short(value: Json) -> str:
    return str(value)[:80]
