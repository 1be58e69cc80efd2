# SPDX-License-Identifier: Apache-2.0
"""Keys, moments and texts that the tests of this room share."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.multibase import encode_base58btc
from credentials.verification_method import PublicKey
from keys.custody import PASSPHRASE_VARIABLE
from keys.keyring import KeyRecord, key_id
from tests.on_postgresql import told

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PASSPHRASE = f"hallmark-{secrets.token_urlsafe(32)}"  # of the form that we make, so that stretching is cheap


def environment(passphrase: str = PASSPHRASE, **others: str) -> dict[str, str]:
    return {PASSPHRASE_VARIABLE: passphrase, **told(), **others}


def pem(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ed25519_jwk(seed: bytes) -> str:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return json.dumps({"kty": "OKP", "crv": "Ed25519", "d": base64url(seed), "x": base64url(public)})


def ed25519_secret_multikey(seed: bytes) -> str:
    return encode_base58btc(b"\x80\x26" + seed)


def record(public_key: PublicKey | None = None, *, created: datetime = NOW) -> KeyRecord:
    public_key = public_key or PublicKey.from_cryptography(Ed25519PrivateKey.generate().public_key())
    return KeyRecord(id=key_id(public_key), public_key=public_key, custody="env:KEY", created=created)


def spellings(secret: bytes) -> list[bytes]:
    """Every way in which a leaked secret might be written."""
    return [
        secret,
        secret.hex().encode(),
        secret.hex().upper().encode(),
        base64.b64encode(secret).rstrip(b"="),
        base64.b64encode(secret)[:-2].rstrip(b"="),
        base64url(secret).encode(),
        repr(secret)[2:-1].encode(),
        str(int.from_bytes(secret, "big")).encode(),
        encode_base58btc(b"\x80\x26" + secret).encode(),
        encode_base58btc(secret).encode()[1:],
    ]
