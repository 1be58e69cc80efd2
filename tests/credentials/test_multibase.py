# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import MultibaseError
from credentials.multibase import (
    BASE58_CHARS,
    base64url,
    decode_base58btc,
    decode_base64url,
    encode_base58btc,
    encode_base64url,
    unbase64url,
)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # draft-msporny-base58-03, section 5, with the multibase letter.
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (b"\x00\x00\x28\x7f\xb4\xcd", "z11233QC4"),
        (b"", "z"),
        (b"\0", "z1"),
    ],
)
def test_base58_agrees_with_the_published_examples(data: bytes, text: str) -> None:
    assert encode_base58btc(data) == text
    assert decode_base58btc(text) == data


@given(st.binary(max_size=140))
def test_base58_returns_what_was_given(data: bytes) -> None:
    assert decode_base58btc(encode_base58btc(data)) == data


@pytest.mark.parametrize(
    "text", ["", "2NEpo7", "u2NEpo7", "z0", "zO", "zI", "zl", "z 2", "z2=", "zé", "Z2NEpo7"]
)
def test_base58_refuses_other_letters(text: str) -> None:
    with pytest.raises(MultibaseError):
        decode_base58btc(text)


def test_base58_is_bounded_before_it_is_decoded() -> None:
    assert decode_base58btc("z" + "2" * (BASE58_CHARS - 1))
    with pytest.raises(MultibaseError):
        decode_base58btc("z" + "2" * BASE58_CHARS)


@given(st.binary(max_size=140))
def test_base64url_returns_what_was_given(data: bytes) -> None:
    assert unbase64url(base64url(data)) == data
    assert decode_base64url(encode_base64url(data), max_chars=200) == data


@pytest.mark.parametrize(
    "text",
    [
        "A",  # impossible length
        "AB",  # left-over bits
        "AAB",
        "AA==",
        "AA=",
        "AA A",
        "AAA\n",
        "AA+A",
        "AA/A",
        "AAÄA",
    ],
)
def test_base64url_is_strict(text: str) -> None:
    with pytest.raises(MultibaseError):
        unbase64url(text)


def test_multibase_base64url_needs_its_letter_and_a_bound() -> None:
    with pytest.raises(MultibaseError):
        decode_base64url("zAAAA", max_chars=10)
    assert decode_base64url("uAAAA", max_chars=5) == b"\0\0\0"
    with pytest.raises(MultibaseError):
        decode_base64url("uAAAA", max_chars=4)


@given(st.text(alphabet="ABab01-_=+ ", max_size=12))
def test_no_two_base64url_texts_mean_the_same_bytes(text: str) -> None:
    try:
        data = unbase64url(text)
    except MultibaseError:
        return
    assert base64url(data) == text
