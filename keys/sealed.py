# SPDX-License-Identifier: Apache-2.0
"""Private keys at rest: an envelope that only the passphrase opens. Bytes in, bytes out.

The envelope is one JSON object: ``format`` (with its version), ``algorithm`` and ``thumbprint`` of the key
(both public, so that a person can tell which key a file holds), how the passphrase is stretched (scrypt,
RFC 7914), and the key sealed with AES-256-GCM (NIST SP 800-38D). Every member is authenticated with the key:
a file whose parameters were lowered, or that was given another key's name, does not open.

A wrong passphrase and a damaged file look the same from here, and are told apart nowhere.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from credentials.document import Json, parse, write
from credentials.errors import DocumentError
from keys.errors import CustodyError

FORMAT = "hallmark-sealed-key/1"
SEALED_BYTES = 16_384  # bytes of an envelope; an RSA key of 4,096 bits needs about 3,600
SCRYPT_N = 2**17  # with r = 8: 128 MiB and 0.4 s per guess, OWASP's first choice
SCRYPT_N_RANDOM = 2**10  # 1 MiB and 4 ms: 256 random bits cannot be guessed, stretching adds nothing
SCRYPT_N_MAX = 2**20  # 1 GiB; an envelope must not make us ask for more
SCRYPT_R = 8
SCRYPT_P = 1
SALT_BYTES = 16
NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2; each envelope has a fresh salt, hence a key of its own
PASSPHRASE_MIN_CHARS = 12  # characters; the floor for passwords everywhere in the house
_GENERATED = re.compile(r"hallmark-[A-Za-z0-9_-]{43}")


class Passphrase:
    """What opens the envelopes; it never shows itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if len(text) < PASSPHRASE_MIN_CHARS:
            raise CustodyError(
                f"The passphrase of the keys is too short: it needs {PASSPHRASE_MIN_CHARS} characters."
            )
        self._text = text

    @staticmethod
    def unsafe_generate() -> str:
        """Return the text of a new passphrase of 256 random bits, to be written down at once."""
        return f"hallmark-{secrets.token_urlsafe(32)}"

    @property
    def cost(self) -> int:
        """The scrypt cost for new envelopes: the least for one that we drew, the full one for a person's."""
        return SCRYPT_N_RANDOM if _GENERATED.fullmatch(self._text) else SCRYPT_N

    def stretch(self, salt: bytes, *, cost: int) -> bytes:
        """Return the 32-byte key that the passphrase gives with ``salt``."""
        return Scrypt(salt=salt, length=32, n=cost, r=SCRYPT_R, p=SCRYPT_P).derive(self._text.encode("utf-8"))

    def __repr__(self) -> str:
        return "<Passphrase>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A passphrase is neither copied nor sent anywhere.")


def seal(secret: bytes, passphrase: Passphrase, *, label: Mapping[str, str]) -> bytes:
    """Return the envelope of ``secret``; ``label`` is written beside it in the clear and authenticated."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    members: dict[str, Json] = {
        "format": FORMAT,
        **label,
        "kdf": "scrypt",
        "n": passphrase.cost,
        "r": SCRYPT_R,
        "p": SCRYPT_P,
        "salt": _text(salt),
        "aead": "AES-256-GCM",
        "nonce": _text(nonce),
    }
    cipher = AESGCM(passphrase.stretch(salt, cost=passphrase.cost))
    members["sealed"] = _text(cipher.encrypt(nonce, secret, write(members)))
    return write(members) + b"\n"


def unseal(envelope: bytes, passphrase: Passphrase) -> tuple[bytes, Mapping[str, Json]]:
    """Return the secret and the label of ``envelope``.

    Raises:
        CustodyError: It is no envelope of ours, it was changed, or the passphrase is another one.
    """
    members = _members(envelope)
    cost = members.get("n")
    if (
        members.get("format") != FORMAT
        or members.get("kdf") != "scrypt"
        or members.get("aead") != "AES-256-GCM"
        or (members.get("r"), members.get("p")) != (SCRYPT_R, SCRYPT_P)
        or not isinstance(cost, int)
        or not 2 <= cost <= SCRYPT_N_MAX
        or cost & (cost - 1)
    ):
        raise CustodyError("This is not a sealed key of a version that we read.")
    salt, nonce, sealed = (_bytes(members.get(name)) for name in ("salt", "nonce", "sealed"))
    authenticated = write({name: value for name, value in members.items() if name != "sealed"})
    if len(salt) == SALT_BYTES and len(nonce) == NONCE_BYTES:
        cipher = AESGCM(passphrase.stretch(salt, cost=cost))
        try:
            return cipher.decrypt(nonce, sealed, authenticated), members
        except InvalidTag:
            pass  # Raised below, so that nothing hangs on the error.
    raise CustodyError("A sealed key does not open: the passphrase is another one, or the file was changed.")


def _members(envelope: bytes) -> Mapping[str, Json]:
    try:
        return parse(envelope, max_bytes=SEALED_BYTES).members
    except DocumentError:
        return {}


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _bytes(value: Json) -> bytes:
    if not isinstance(value, str):
        return b""
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return b""
