# SPDX-License-Identifier: Apache-2.0
"""Digests of files, so that nothing can be swapped after it was named in a signed credential.

VCDM 2.0, "Integrity of Related Resources"
(https://www.w3.org/TR/vc-data-model-2.0/#integrity-of-related-resources): ``digestMultibase`` is a multihash
(CID 1.0, "Multihash": https://www.w3.org/TR/cid-1.0/#multihash) in a multibase, ``digestSRI`` is Subresource
Integrity (https://www.w3.org/TR/sri/). We write the first with SHA-256 as base64url.

Digests of private files are salted (ours, not the specification's): the digest is of salt ‖ file, and whoever
may see the file is given the salt. Without it nobody can guess a small file from its digest.
"""

from __future__ import annotations

import hashlib
import hmac

from credentials.errors import DigestError, MultibaseError
from credentials.multibase import decode_base58btc, decode_base64url, encode_base64url

SALT_BYTES = 16  # bytes; 128 bits are not guessable
DIGEST_CHARS = 256  # characters; SHA-512 needs 128 in hexadecimal

# Multihash codes: the header (code, length) of each function that we read.
_MULTIHASH = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
_SHA256_HEADER = b"\x12\x20"


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 digest in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_multibase(data: bytes, *, salt: bytes = b"") -> str:
    """Return ``digestMultibase`` of a file: "u" and the SHA-256 multihash of salt ‖ data."""
    _check_salt(salt)
    return encode_base64url(_SHA256_HEADER + hashlib.sha256(salt + data).digest())


def matches(data: bytes, claimed: str, *, salt: bytes = b"") -> bool:
    """Tell whether ``claimed``, a ``digestMultibase``, is the digest of salt ‖ data.

    Read are base58btc ("z") and base64url ("u") of SHA-256, SHA-384 and SHA-512 multihashes.

    Raises:
        DigestError: ``claimed`` is none of these, so nothing can be said about the file.
    """
    _check_salt(salt)
    if len(claimed) > DIGEST_CHARS:
        raise DigestError(f"A digest has more than {DIGEST_CHARS} characters.", got=len(claimed))
    try:
        multihash = (
            decode_base58btc(claimed)
            if claimed.startswith("z")
            else decode_base64url(claimed, max_chars=DIGEST_CHARS)
        )
    except MultibaseError as error:
        raise DigestError(f"A digest is not readable. {error.message}", got=claimed[:80]) from error
    name = _MULTIHASH.get(multihash[:2])
    if name is None or len(multihash) != 2 + multihash[1]:
        raise DigestError("A digest is of a kind that is not supported.", got=claimed[:80])
    return hmac.compare_digest(hashlib.new(name, salt + data).digest(), multihash[2:])


def _check_salt(salt: bytes) -> None:
    if salt and len(salt) < SALT_BYTES:
        raise ValueError(f"a salt has at least {SALT_BYTES} bytes")
