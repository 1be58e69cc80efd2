# SPDX-License-Identifier: Apache-2.0
"""Public keys and the verification methods that carry them; nothing private has a place here.

Covers CID 1.0, "Verification Methods" (https://www.w3.org/TR/cid-1.0/#verification-methods) with
the types ``Multikey`` and ``JsonWebKey``, and for reading also ``JsonWebKey2020`` and
``Ed25519VerificationKey2020``. Which method may sign for whom is decided in ``controller_document``.

Rules kept here, whatever form a key came in:

- Ed25519 keys are points of the curve, canonically encoded, and not of small order (``weak_keys``).
- P-256 and P-384 keys are points of their curve; Multikey carries them compressed only.
- RSA keys have 2,048 to 4,096 bits and an odd exponent of at least 65,537, and are no ROCA keys.
- A JWK says ``sig``/``verify`` and its own algorithm, or nothing about them; private members are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials import jwk
from credentials.dates import format_datetime, parse_datetime
from credentials.document import Json, pointer
from credentials.errors import (
    HallmarkError,
    MultibaseError,
    PrivateKeyShownError,
    PublicKeyError,
    SignatureError,
    UnsupportedKeyError,
)
from credentials.multibase import base64url, decode_base58btc, encode_base58btc
from credentials.weak_keys import check_ed25519, check_rsa


class KeyAlgorithm(StrEnum):
    """The kinds of keys that we carry."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"
    RSA = "RSA"


AnyPublicKey: TypeAlias = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

# CID 1.0, "Multikey": the header bytes of each kind of public key.
_MULTIKEY_HEADER = {
    KeyAlgorithm.ED25519: b"\xed\x01",
    KeyAlgorithm.P256: b"\x80\x24",
    KeyAlgorithm.P384: b"\x81\x24",
}
_CURVE: dict[KeyAlgorithm, ec.EllipticCurve] = {
    KeyAlgorithm.P256: ec.SECP256R1(),
    KeyAlgorithm.P384: ec.SECP384R1(),
}
_COORDINATE_BYTES = {KeyAlgorithm.ED25519: 32, KeyAlgorithm.P256: 32, KeyAlgorithm.P384: 48}

_JWK_ALGORITHMS = {
    KeyAlgorithm.ED25519: ("EdDSA", "Ed25519"),
    KeyAlgorithm.P256: ("ES256",),
    KeyAlgorithm.P384: ("ES384",),
    KeyAlgorithm.RSA: ("RS256",),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A checked public key. Two are equal when they are the same key, whatever form they came in.

    Attributes:
        algorithm: The kind of the key.
        material: The key itself: 32 bytes of Ed25519, a compressed point, or an RSA key as DER (PKCS #1).
    """

    algorithm: KeyAlgorithm
    material: bytes
    _key: AnyPublicKey = field(repr=False, compare=False)

    @classmethod
    def from_cryptography(cls, key: object) -> PublicKey:
        """Take a key of the cryptography library, after the checks that this module promises.

        Raises:
            UnsupportedKeyError: A kind of key that we do not carry.
            WeakKeyError: Of small order, or too short.
            PublicKeyError: No point of the curve.
        """
        if isinstance(key, Ed25519PublicKey):
            material = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
            check_ed25519(material)
            return cls(KeyAlgorithm.ED25519, material, key)
        if isinstance(key, ec.EllipticCurvePublicKey):
            for algorithm, curve in _CURVE.items():
                if key.curve.name == curve.name:
                    return cls(algorithm, key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint), key)
        if isinstance(key, rsa.RSAPublicKey):
            numbers = key.public_numbers()
            check_rsa(numbers.n, numbers.e)
            return cls(KeyAlgorithm.RSA, key.public_bytes(Encoding.DER, PublicFormat.PKCS1), key)
        raise UnsupportedKeyError("This kind of public key is not supported.", got=type(key).__name__)

    @classmethod
    def from_multikey(cls, text: str) -> PublicKey:
        """Read a ``publicKeyMultibase``: base58btc of a header that names the kind, and the key.

        Raises:
            PublicKeyError: Not base58btc, the wrong length, or no point of the curve.
            UnsupportedKeyError: Another kind of key.
            WeakKeyError: Of small order.
        """
        try:
            data = decode_base58btc(text)
        except MultibaseError as error:
            raise PublicKeyError(f"A Multikey is not readable. {error.message}") from error
        for algorithm, header in _MULTIKEY_HEADER.items():
            if data.startswith(header):
                material = data[len(header) :]
                if algorithm in _CURVE and material[:1] not in (b"\2", b"\3"):
                    raise PublicKeyError("The point in a Multikey is not compressed.")
                return cls._from_material(algorithm, material)
        raise UnsupportedKeyError("This Multikey is of a kind that is not supported.", got=data[:2].hex())

    @classmethod
    def from_jwk(cls, members: Mapping[str, Json]) -> PublicKey:
        """Read a public JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).

        Raises:
            PrivateKeyShownError: It carries private members.
            KeyUseError: Its ``use``, ``key_ops`` or ``alg`` speak against it.
            PublicKeyError: Coordinates of the wrong length, or no point of the curve.
            UnsupportedKeyError: Another kind of key.
            WeakKeyError: Too short, or of small order.
        """
        jwk.check_public(members)
        key: PublicKey
        match members.get("kty"), members.get("crv"):
            case "OKP", "Ed25519":
                key = cls._from_material(KeyAlgorithm.ED25519, jwk.octets(members, "x", exactly=32))
            case "EC", ("P-256" | "P-384") as curve:
                algorithm = KeyAlgorithm(curve)
                size = _COORDINATE_BYTES[algorithm]
                x, y = (jwk.octets(members, name, exactly=size) for name in ("x", "y"))
                key = cls._from_material(algorithm, b"\x04" + x + y)
            case "RSA", _:
                modulus, exponent = jwk.number(members, "n"), jwk.number(members, "e")
                try:
                    rsa_key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
                except ValueError as error:
                    raise PublicKeyError("The numbers of an RSA key do not make a key.") from error
                key = cls.from_cryptography(rsa_key)
            case kty, crv:
                raise UnsupportedKeyError(
                    "This kind of JSON Web Key is not supported.", got=str(crv or kty)[:80]
                )
        jwk.check_use(members, _JWK_ALGORITHMS[key.algorithm])
        return key

    @classmethod
    def _from_material(cls, algorithm: KeyAlgorithm, data: bytes) -> PublicKey:
        """Take raw Ed25519 bytes, or an encoded point of a curve."""
        size = _COORDINATE_BYTES[algorithm]
        try:
            if algorithm is KeyAlgorithm.ED25519:
                return cls.from_cryptography(Ed25519PublicKey.from_public_bytes(data))
            return cls.from_cryptography(
                ec.EllipticCurvePublicKey.from_encoded_point(_CURVE[algorithm], data)
            )
        except ValueError as error:
            raise PublicKeyError(
                f"A public key is no {algorithm} key.", got=len(data), expected=size
            ) from error

    def to_multikey(self) -> str:
        """Return the ``publicKeyMultibase`` text; RSA keys have none that we write."""
        if self.algorithm not in _MULTIKEY_HEADER:
            raise UnsupportedKeyError("There is no Multikey form for this kind of key.", got=self.algorithm)
        return _multikey(_MULTIKEY_HEADER[self.algorithm] + self.material)

    def to_jwk(self) -> dict[str, Json]:
        """Return the required members of the public JSON Web Key, in alphabetical order (RFC 7638)."""
        if isinstance(self._key, rsa.RSAPublicKey):
            numbers = self._key.public_numbers()
            return {"e": jwk.write_number(numbers.e), "kty": "RSA", "n": jwk.write_number(numbers.n)}
        if isinstance(self._key, ec.EllipticCurvePublicKey):
            point = self._key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            size = _COORDINATE_BYTES[self.algorithm]
            x, y = base64url(point[1 : 1 + size]), base64url(point[1 + size :])
            return {"crv": str(self.algorithm), "kty": "EC", "x": x, "y": y}
        return {"crv": "Ed25519", "kty": "OKP", "x": base64url(self.material)}

    def thumbprint(self) -> str:
        """Return the JWK thumbprint with SHA-256, as base64url (RFC 7638, section 3)."""
        text = json.dumps(self.to_jwk(), separators=(",", ":"), sort_keys=True)
        return base64url(hashlib.sha256(text.encode()).digest())

    def verify(self, signature: bytes, data: bytes) -> None:
        """Check a raw signature, in the form that ``proofs.signer.Signer`` writes.

        Raises:
            SignatureError: The length is wrong, or the signature does not fit.
        """
        expected = self.signature_bytes
        if len(signature) != expected:
            raise SignatureError("The signature has the wrong length.", got=len(signature), expected=expected)
        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(signature, data)
            elif isinstance(self._key, ec.EllipticCurvePublicKey):
                r, s = (
                    int.from_bytes(half, "big")
                    for half in (signature[: expected // 2], signature[expected // 2 :])
                )
                digest = SHA256() if self.algorithm is KeyAlgorithm.P256 else SHA384()
                self._key.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))
            else:
                self._key.verify(signature, data, padding.PKCS1v15(), SHA256())
        except InvalidSignature as error:
            raise SignatureError("The signature does not fit the data and the key.") from error

    @property
    def signature_bytes(self) -> int:
        """How long a raw signature by this key is, in bytes."""
        if isinstance(self._key, rsa.RSAPublicKey):
            return (self._key.key_size + 7) // 8
        return 2 * _COORDINATE_BYTES[self.algorithm]


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    """A public key with its name and its owner.

    Attributes:
        id: Absolute URL with a fragment.
        type: ``Multikey``, ``JsonWebKey``, or one of the older types that we read.
        controller: Whose key it is.
        public_key: The key.
        expires: From when on no new proof may be made with it.
        revoked: From when on it is not trusted any more.
    """

    id: str
    type: str
    controller: str
    public_key: PublicKey
    expires: datetime | None = None
    revoked: datetime | None = None

    @classmethod
    def read(cls, members: Mapping[str, Json], *, base: str = "") -> VerificationMethod:
        """Read the members of a verification method; an id that is only a fragment is completed by ``base``.

        Raises:
            PublicKeyError: A required member is missing, or there is more than one key.
            UnsupportedKeyError: A type that we do not read.
            HallmarkError: What ``PublicKey`` and ``parse_datetime`` raise.
        """
        for name in (
            "secretKeyMultibase",
            "secretKeyJwk",
            "privateKeyMultibase",
            "privateKeyJwk",
            "privateKeyBase58",
        ):
            if name in members:
                raise PrivateKeyShownError("A verification method shows a private key.", path=pointer(name))
        method_id, kind, controller = (_text(members, name) for name in ("id", "type", "controller"))
        if kind not in _KEY_MEMBER:
            raise UnsupportedKeyError("This type of verification method is not supported.", got=kind[:80])
        return cls(
            id=base + method_id if method_id.startswith("#") else method_id,
            type=kind,
            controller=controller,
            public_key=_read_key(members, kind),
            expires=_optional_date(members, "expires"),
            revoked=_optional_date(members, "revoked"),
        )

    def to_members(self) -> dict[str, Json]:
        """Return the members as a controller document shows them."""
        members: dict[str, Json] = {"id": self.id, "type": self.type, "controller": self.controller}
        if _KEY_MEMBER[self.type] == "publicKeyJwk":
            members["publicKeyJwk"] = self.public_key.to_jwk()
        else:
            members["publicKeyMultibase"] = self.public_key.to_multikey()
        if self.expires is not None:
            members["expires"] = format_datetime(self.expires)
        if self.revoked is not None:
            members["revoked"] = format_datetime(self.revoked)
        return members


_KEY_MEMBER = {
    "Multikey": "publicKeyMultibase",
    "JsonWebKey": "publicKeyJwk",
    "JsonWebKey2020": "publicKeyJwk",
    "Ed25519VerificationKey2020": "publicKeyMultibase",
}


@lru_cache(maxsize=1024)  # of keys of issuers, which come again and again
def _multikey(data: bytes) -> str:
    return encode_base58btc(data)


def _read_key(members: Mapping[str, Json], kind: str) -> PublicKey:
    shown = [name for name in members if name.startswith("publicKey")]
    name = _KEY_MEMBER[kind]
    if shown != [name]:
        raise PublicKeyError(
            f"A {kind} holds its key in {name}, and nowhere else.", got=", ".join(shown)[:120]
        )
    value = members[name]
    try:
        if isinstance(value, dict) and name == "publicKeyJwk":
            return PublicKey.from_jwk(value)
        if isinstance(value, str) and name == "publicKeyMultibase":
            key = PublicKey.from_multikey(value)
            if kind == "Ed25519VerificationKey2020" and key.algorithm is not KeyAlgorithm.ED25519:
                raise PublicKeyError(
                    "An Ed25519VerificationKey2020 holds another kind of key.", got=key.algorithm
                )
            return key
    except HallmarkError as error:
        error.path = error.path or pointer(name)
        raise
    raise PublicKeyError(f"{name} has the wrong JSON type.", path=pointer(name), got=type(value).__name__)


def _text(members: Mapping[str, Json], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise PublicKeyError(f"A verification method has no {name}.", path=pointer(name))
    return value


def _optional_date(members: Mapping[str, Json], name: str) -> datetime | None:
    return parse_datetime(members[name]) if name in members else None
