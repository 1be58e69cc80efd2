# SPDX-License-Identifier: Apache-2.0
"""A private key that signs and never shows itself.

The one place where private key objects of the ``cryptography`` library are made, read and used. What may be
read: PKCS #8 as PEM (RFC 5958, RFC 7468); for Ed25519 and P-256 also a private JWK (RFC 7517, RFC 8037) and a
Multikey ``secretKeyMultibase`` (CID 1.0, "Multikey", https://www.w3.org/TR/cid-1.0/#Multikey).

Rules that are kept here:

- The text of a key is in no message, cause, context, repr or pickle. Errors of other libraries may quote what
  they read; so they end here, and the error that goes on is raised outside the ``except`` block.
- Python cannot promise to wipe memory; we keep no second copy, and a process that opens a key writes no core.
"""

from __future__ import annotations

from typing import Final, NoReturn, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from credentials.document import parse
from credentials.errors import HallmarkError
from credentials.multibase import decode_base58btc, unbase64url
from credentials.verification_method import KeyAlgorithm, PublicKey
from keys import goodkey
from keys.errors import UnreadableKeyError, WeakKeyError

KEY_CHARS = 8_192  # characters; an RSA key of 4,096 bits is 3,272 in PEM
RSA_BITS = 3072  # bits of a new RSA key; NIST SP 800-57 asks for this beyond 2030
SECRET_BYTES = 32  # bytes of the secret of Ed25519 and P-256 alike
SECRET_MULTIKEY_CHARS = 64  # characters; "z" and 34 bytes in base58 are 48

_Key: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

# Multicodec prefixes of private keys as unsigned varints: ed25519-priv 0x1300, p256-priv 0x1306.
_MULTICODEC = {b"\x80\x26": KeyAlgorithm.ED25519, b"\x86\x26": KeyAlgorithm.P256}
_UNREADABLE = (
    "This is not a private key in a form that we take: PKCS #8 in PEM without a password, a private JWK, or "
    "a Multikey secretKeyMultibase; Ed25519, P-256 or RSA."
)


class PrivateKey:
    """One private key: it signs, and tells its public half.

    Attributes:
        algorithm: What it signs with.
        public_key: The half that everybody may see.
    """

    __slots__ = ("_key", "algorithm", "public_key")

    def __init__(self, key: _Key) -> None:
        self._key: Final = key
        self.public_key: Final = PublicKey.from_cryptography(key.public_key())
        self.algorithm: Final = self.public_key.algorithm

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``, as proofs and JWTs carry it.

        Ed25519: RFC 8032, 64 bytes. P-256: r and s of 32 bytes each (IEEE P1363), the nonce derived from the
        message (RFC 6979), so that signing the same bytes again gives the same signature. RSA:
        RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2).
        """
        key = self._key
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(data)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
        return r.to_bytes(SECRET_BYTES, "big") + s.to_bytes(SECRET_BYTES, "big")

    def unsafe_pkcs8(self) -> bytes:
        """Return the naked key as PKCS #8 DER. Only ``file_key`` calls this, to seal it at once."""
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def __repr__(self) -> str:
        return f"<PrivateKey {self.algorithm} {self.public_key.thumbprint()}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A private key is neither copied nor sent anywhere.")


def generate(algorithm: KeyAlgorithm) -> PrivateKey:
    """Make a new key from the operating system's randomness.

    Raises:
        WeakKeyError: The algorithm is none that we sign with.
    """
    if algorithm is KeyAlgorithm.ED25519:
        return PrivateKey(Ed25519PrivateKey.generate())
    if algorithm is KeyAlgorithm.P256:
        return PrivateKey(ec.generate_private_key(ec.SECP256R1()))
    if algorithm is KeyAlgorithm.RSA:
        return PrivateKey(rsa.generate_private_key(goodkey.RSA_EXPONENT, RSA_BITS))
    names = ", ".join(sorted(goodkey.ALGORITHMS))
    raise WeakKeyError(f"We do not sign with {algorithm}; choose one of {names}.", got=algorithm)


def unsafe_from_seed(seed: bytes) -> PrivateKey:
    """Make the Ed25519 key of a seed that somebody else chose; nothing is checked but its length."""
    return PrivateKey(Ed25519PrivateKey.from_private_bytes(seed))


def from_pkcs8(der: bytes) -> PrivateKey:
    """Read a key that was sealed here, from PKCS #8 DER.

    Raises:
        UnreadableKeyError: It is no such key, or no kind that we sign with.
    """
    return _accept(_load_der(der))


def from_text(text: str) -> PrivateKey:
    """Read and judge a private key that somebody gives us, in one of the three forms above.

    Raises:
        UnreadableKeyError: In none of them, or with a public half that does not belong to it.
        WeakKeyError: Readable, but nobody should sign with it (``goodkey``).
    """
    text = text.strip()
    if len(text) > KEY_CHARS:
        raise UnreadableKeyError(_UNREADABLE)
    if text.startswith("-----BEGIN "):
        # Environment files often hold a PEM in one line, with \n written out.
        key = _load_pem(text.replace("\\n", "\n").encode("utf-8", "replace"))
    elif text.startswith("{"):
        key = _load_jwk(text)
    else:
        key = _load_multikey(text)
    return _accept(key)


def _accept(key: _Key | None) -> PrivateKey:
    if key is None:
        raise UnreadableKeyError(_UNREADABLE)
    if isinstance(key, Ed25519PrivateKey):
        goodkey.check_secret(key.private_bytes_raw())
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        goodkey.check_secret(key.private_numbers().private_value.to_bytes(SECRET_BYTES, "big"))
    try:
        private_key = PrivateKey(key)
    except HallmarkError as error:  # It speaks of the public half only: too short, of small order.
        raise WeakKeyError(error.message) from error
    goodkey.check(private_key.public_key)
    return private_key


def _ours(key: object) -> _Key | None:
    if isinstance(key, Ed25519PrivateKey | rsa.RSAPrivateKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


def _load_der(der: bytes) -> _Key | None:
    try:
        return _ours(serialization.load_der_private_key(der, password=None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _load_pem(pem: bytes) -> _Key | None:
    try:
        return _ours(serialization.load_pem_private_key(pem, password=None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _load_jwk(text: str) -> _Key | None:
    """Read a private JWK whose public members are those of its secret (RFC 7518, section 6.2; RFC 8037)."""
    try:
        members = parse(text.encode("utf-8", "replace")).members
        algorithm = _KINDS.get((str(members.get("kty")), str(members.get("crv"))))
        key = _from_secret(algorithm, unbase64url(str(members.get("d"))))
    except HallmarkError:
        return None
    if key is None:
        return None
    own = PublicKey.from_cryptography(key.public_key()).to_jwk()
    return key if all(members.get(name) == value for name, value in own.items()) else None


_KINDS: dict[tuple[str, str], KeyAlgorithm] = {
    ("OKP", "Ed25519"): KeyAlgorithm.ED25519,
    ("EC", "P-256"): KeyAlgorithm.P256,
}


def _load_multikey(text: str) -> _Key | None:
    try:
        decoded = decode_base58btc(text, max_chars=SECRET_MULTIKEY_CHARS)
    except HallmarkError:
        return None
    return _from_secret(_MULTICODEC.get(decoded[:2]), decoded[2:])


def _from_secret(algorithm: KeyAlgorithm | None, secret: bytes) -> _Key | None:
    if algorithm is None or len(secret) != SECRET_BYTES:
        return None
    if algorithm is KeyAlgorithm.ED25519:
        return Ed25519PrivateKey.from_private_bytes(secret)
    try:
        return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
    except ValueError:
        return None
