# SPDX-License-Identifier: Apache-2.0
"""The envelope opens for the passphrase, and for nothing else."""

from __future__ import annotations

import base64
import json
import pickle
import secrets
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import sealed
from keys.errors import CustodyError
from keys.sealed import Passphrase, seal, unseal
from tests.keys.samples import PASSPHRASE, spellings

SECRET = secrets.token_bytes(48)
LABEL = {"algorithm": "Ed25519", "thumbprint": "abc"}


@pytest.fixture(scope="module")
def envelope() -> bytes:
    return seal(SECRET, Passphrase(PASSPHRASE), label=LABEL)


def test_gives_back_what_was_sealed(envelope: bytes) -> None:
    secret, label = unseal(envelope, Passphrase(PASSPHRASE))
    assert secret == SECRET
    assert label["thumbprint"] == "abc"
    assert label["format"] == "hallmark-sealed-key/1"


def test_shows_nothing_of_the_secret(envelope: bytes) -> None:
    assert not [spelling for spelling in spellings(SECRET) if spelling in envelope]
    assert PASSPHRASE.encode() not in envelope


def test_two_envelopes_of_one_secret_differ(envelope: bytes) -> None:
    assert seal(SECRET, Passphrase(PASSPHRASE), label=LABEL) != envelope


def test_a_wrong_passphrase_opens_nothing_and_learns_nothing(envelope: bytes) -> None:
    with pytest.raises(CustodyError) as caught:
        unseal(envelope, Passphrase(Passphrase.unsafe_generate()))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert (caught.value.got, caught.value.expected, caught.value.path) == (None, None, None)


def changed(envelope: bytes, name: str, value: Any) -> bytes:
    return json.dumps({**json.loads(envelope), name: value}).encode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "hallmark-sealed-key/2"),
        ("algorithm", "P-256"),
        ("thumbprint", "abd"),
        ("kdf", "none"),
        ("n", 2),
        ("n", 2048),
        ("n", 2**30),
        ("n", 1000),
        ("n", True),
        ("n", "1024"),
        ("n", -1024),
        ("r", 1),
        ("p", 16),
        ("salt", ""),
        ("salt", base64.b64encode(bytes(16)).decode()),
        ("salt", 7),
        ("salt", "*"),
        ("nonce", base64.b64encode(bytes(12)).decode()),
        ("nonce", None),
        ("aead", "none"),
        ("sealed", ""),
        ("sealed", base64.b64encode(bytes(64)).decode()),
        ("more", "members"),
    ],
)
def test_any_change_keeps_it_shut(envelope: bytes, name: str, value: Any) -> None:
    with pytest.raises(CustodyError):
        unseal(changed(envelope, name, value), Passphrase(PASSPHRASE))


@given(data=st.binary(max_size=300))
@settings(max_examples=50)
def test_anything_else_is_no_envelope(data: bytes) -> None:
    with pytest.raises(CustodyError):
        unseal(data, Passphrase(PASSPHRASE))


def test_an_envelope_is_bounded(envelope: bytes) -> None:
    with pytest.raises(CustodyError):
        unseal(envelope + b" " * sealed.SEALED_BYTES, Passphrase(PASSPHRASE))


def test_a_persons_passphrase_is_stretched_and_ours_need_not_be() -> None:
    assert Passphrase("correct horse battery").cost == sealed.SCRYPT_N
    assert Passphrase(Passphrase.unsafe_generate()).cost == sealed.SCRYPT_N_RANDOM
    assert Passphrase("hallmark-" + "a" * 42).cost == sealed.SCRYPT_N
    envelope = seal(SECRET, Passphrase("correct horse battery"), label=LABEL)
    assert json.loads(envelope)["n"] == sealed.SCRYPT_N
    assert unseal(envelope, Passphrase("correct horse battery"))[0] == SECRET


def test_a_short_passphrase_is_refused_without_being_repeated() -> None:
    with pytest.raises(CustodyError) as caught:
        Passphrase("swordfish77")
    assert "swordfish" not in repr(caught.value)


def test_a_passphrase_does_not_show_itself() -> None:
    assert repr(Passphrase(PASSPHRASE)) == "<Passphrase>"
    with pytest.raises(TypeError):
        pickle.dumps(Passphrase(PASSPHRASE))
