# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib

import pytest

from credentials.digests import DIGEST_CHARS, digest_multibase, matches, sha256_hex
from credentials.errors import DigestError
from credentials.multibase import encode_base58btc, encode_base64url

FILE = b"evidence of learning"
SALT = bytes(range(16))


def test_sha256_in_hexadecimal_agrees_with_fips_180() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_digest_is_a_sha256_multihash_in_base64url() -> None:
    text = digest_multibase(FILE)
    assert text.startswith("uEi")  # 0x12 0x20
    assert text == encode_base64url(b"\x12\x20" + hashlib.sha256(FILE).digest())
    assert matches(FILE, text)


def test_one_changed_byte_does_not_match() -> None:
    assert not matches(FILE + b" ", digest_multibase(FILE))


def test_a_salted_digest_matches_with_its_salt_only() -> None:
    text = digest_multibase(FILE, salt=SALT)
    assert matches(FILE, text, salt=SALT)
    assert not matches(FILE, text)
    assert not matches(FILE, text, salt=bytes(16))
    assert text != digest_multibase(FILE)


def test_a_short_salt_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="salt"):
        digest_multibase(FILE, salt=b"short")


@pytest.mark.parametrize(
    "multihash",
    [
        b"\x12\x20" + hashlib.sha256(FILE).digest(),
        b"\x20\x30" + hashlib.sha384(FILE).digest(),
        b"\x13\x40" + hashlib.sha512(FILE).digest(),
    ],
)
def test_both_multibases_and_the_longer_hashes_are_read(multihash: bytes) -> None:
    assert matches(FILE, encode_base58btc(multihash))
    assert matches(FILE, encode_base64url(multihash))
    assert not matches(b"other", encode_base58btc(multihash))


@pytest.mark.parametrize(
    "claimed",
    [
        "",
        "u",
        "nonsense",
        encode_base64url(hashlib.sha256(FILE).digest()),  # no multihash header
        encode_base64url(b"\x12\x20" + hashlib.sha256(FILE).digest()[:31]),
        encode_base64url(b"\x12\x20" + hashlib.sha256(FILE).digest() + b"\0"),
        encode_base64url(b"\x11\x14" + hashlib.sha1(FILE, usedforsecurity=False).digest()),
        encode_base64url(b"\x12\x20" + hashlib.sha256(FILE).digest()) + "=",
        "u" + "A" * DIGEST_CHARS,
    ],
)
def test_an_unreadable_digest_is_neither_a_yes_nor_a_no(claimed: str) -> None:
    with pytest.raises(DigestError):
        matches(FILE, claimed)
