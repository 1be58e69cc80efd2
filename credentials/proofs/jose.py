# SPDX-License-Identifier: Apache-2.0
"""Compact JWS behind a wall: a strict reader of the form, and jwcrypto as the engine for what passed it.

RFC 7515 (JWS) and RFC 7518 (algorithms). By itself jwcrypto 1.6.1 accepts texts that it should not
(padding and white space in base64url, an algorithm other than the key's, over-long ES256 signatures). So this
module reads the form itself, allows three algorithms, takes the key from the caller and never from the token,
and only then asks jwcrypto. Encrypted tokens (JWE) are never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from credentials.document import DOCUMENT_BYTES, Json, parse, pointer, write
from credentials.errors import (
    JWTAlgorithmError,
    JWTFormError,
    JWTHeaderError,
    MultibaseError,
    PublicKeyError,
    SignatureError,
)
from credentials.multibase import base64url, unbase64url
from credentials.proofs.signer import Signer
from credentials.verification_method import KeyAlgorithm, PublicKey

JWT_HEADER_BYTES = 4_096  # bytes; only alg, kid, jwk and typ belong there

# The only algorithms, each with the one kind of key that it is for.
ALGORITHMS: Mapping[str, KeyAlgorithm] = {
    "EdDSA": KeyAlgorithm.ED25519,
    "ES256": KeyAlgorithm.P256,
    "RS256": KeyAlgorithm.RSA,
}
_NAMES = {kind: name for name, kind in ALGORITHMS.items()}

# RFC 7515 section 4.1 and RFC 7797: what would change how the token is read, or bring a key from elsewhere.
_FORBIDDEN = ("crit", "b64", "jku", "x5u")


@dataclass(frozen=True, slots=True)
class Token:
    """A compact JWS whose form is right; nothing in it has been checked.

    Attributes:
        text: As received.
        header: Members of the protected header.
        payload: The decoded payload.
        signing_input: What the signature is over.
        signature: The raw signature.
    """

    text: str
    header: Mapping[str, Json]
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse_token(text: str) -> Token:
    """Read a compact JWS: exactly three parts, strict base64url, a JSON header of bounded size.

    Raises:
        JWTFormError: It has another form.
        DocumentError: The header is not JSON under our rules (duplicate members among them).
    """
    if len(text) > DOCUMENT_BYTES:
        raise JWTFormError(f"The token has more than {DOCUMENT_BYTES:,} characters.", got=len(text))
    parts = text.split(".", 3)
    if len(parts) != 3:
        raise JWTFormError("A signed token has exactly three parts.", got=text.count(".") + 1, expected=3)
    if len(parts[0]) > JWT_HEADER_BYTES * 4 // 3 + 3:
        raise JWTFormError(f"The header of the token is larger than {JWT_HEADER_BYTES:,} bytes.")
    try:
        header, payload, signature = (unbase64url(part) for part in parts)
    except MultibaseError as error:
        raise JWTFormError(f"The token is not strictly encoded. {error.message}") from error
    return Token(
        text=text,
        header=parse(header, max_bytes=JWT_HEADER_BYTES).members,
        payload=payload,
        signing_input=f"{parts[0]}.{parts[1]}".encode("ascii"),
        signature=signature,
    )


def algorithm_of(token: Token) -> KeyAlgorithm:
    """Return the kind of key that the header's ``alg`` is for.

    Raises:
        JWTAlgorithmError: Not one of the three.
        JWTHeaderError: The header would change how the token is read, or brings a key from elsewhere.
    """
    for forbidden in _FORBIDDEN:
        if forbidden in token.header:
            raise JWTHeaderError(
                "The token's header says something that is not allowed.", path=pointer(forbidden)
            )
    name = token.header.get("alg")
    if not isinstance(name, str) or name not in ALGORITHMS:
        raise JWTAlgorithmError(
            "The token is signed with an algorithm that is not allowed.",
            path="/alg",
            got=str(name)[:40],
            expected=", ".join(ALGORITHMS),
        )
    return ALGORITHMS[name]


def verify_token(token: Token, *, public_key: PublicKey) -> None:
    """Check the signature with a key that has been shown to be the right one.

    Raises:
        JWTAlgorithmError: The algorithm is not allowed, or not the key's own.
        JWTHeaderError: What ``algorithm_of`` refuses, or a header ``jwk`` that is another key.
        SignatureError: The signature has the wrong length or does not fit.
        HallmarkError: What ``PublicKey.from_jwk`` refuses in a header ``jwk``.
    """
    if algorithm_of(token) is not public_key.algorithm:
        raise JWTAlgorithmError(
            "The token names another algorithm than its key is for.",
            path="/alg",
            got=str(token.header["alg"]),
            expected=_NAMES.get(public_key.algorithm),
        )
    claimed = header_key(token)
    if claimed is not None and claimed != public_key:
        raise JWTHeaderError("The key in the token's header is not the issuer's key.", path="/jwk")
    if len(token.signature) != public_key.signature_bytes:
        # The engine would not notice: it takes what it needs of an over-long ES256 signature.
        raise SignatureError(
            "The signature has the wrong length.",
            got=len(token.signature),
            expected=public_key.signature_bytes,
        )
    engine = JWS()
    engine.allowed_algs = [str(token.header["alg"])]
    try:
        engine.deserialize(token.text)
        engine.verify(JWK(**public_key.to_jwk()))
    except JWException as error:
        raise SignatureError("The signature does not fit the token and the key.") from error


def header_key(token: Token) -> PublicKey | None:
    """Return the key in the header's ``jwk``, which proves nothing about whose key it is.

    Raises:
        JWTHeaderError: ``jwk`` is not a readable key.
        WrongError: What ``PublicKey.from_jwk`` refuses, private members among it.
    """
    if "jwk" not in token.header:
        return None
    members = token.header["jwk"]
    if not isinstance(members, dict):
        raise JWTHeaderError("The key in the token's header is no object.", path="/jwk")
    try:
        return PublicKey.from_jwk(members)
    except PublicKeyError as error:
        raise JWTHeaderError(
            f"The key in the token's header is not readable. {error.message}", path="/jwk"
        ) from error


def sign_token(payload: Mapping[str, Json], *, signer: Signer, typ: str) -> str:
    """Return a compact JWS over ``payload``, with ``alg``, ``kid`` and ``typ`` as its whole header.

    Raises:
        JWTAlgorithmError: The key is of no kind that has an allowed algorithm.
    """
    if signer.algorithm not in _NAMES:
        raise JWTAlgorithmError("This kind of key cannot sign a token.", got=signer.algorithm)
    header = write({"alg": _NAMES[signer.algorithm], "kid": signer.verification_method, "typ": typ})
    signing_input = f"{base64url(header)}.{base64url(write(payload))}"
    return f"{signing_input}.{base64url(signer.sign(signing_input.encode('ascii')))}"
