# SPDX-License-Identifier: Apache-2.0
"""Key sets of https issuers, and names of keys that are addresses; the rest is in the attacks of row V3."""

from __future__ import annotations

import pytest

from credentials.did import did_jwk_for
from credentials.document import write
from credentials.errors import MalformedError, WrongError
from credentials.verification_method import KeyAlgorithm, PublicKey
from tests.world import START, Issuer, World
from verifier.errors import UnresolvableError
from verifier.ports import Fetched
from verifier.resolve import JWKS_KEYS, Resolved, resolve_jwt_key, resolve_method

ISSUER = "https://academy.example/issuer"
SET = "https://academy.example/.well-known/jwks.json"
KEY = "https://academy.example/keys/1"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def academy(world: World) -> Issuer:
    return world.https_issuer("academy")


def resolve(world: World, *, kid: str | None = None, header_key: PublicKey | None = None) -> Resolved:
    return resolve_jwt_key(kid=kid, header_key=header_key, issuer_id=ISSUER, fetch=world, at=START)


def test_the_name_of_a_key_may_be_its_address(world: World, academy: Issuer) -> None:
    key = academy.signer(KeyAlgorithm.P256).public_key
    world.served[KEY] = write(key.to_jwk())
    assert resolve(world, kid=KEY) == Resolved(ISSUER, key)
    world.served[KEY] = write(world.issuer("evil").signer(KeyAlgorithm.P256).public_key.to_jwk())
    with pytest.raises(WrongError):
        resolve(world, kid=KEY)


def test_a_header_key_is_looked_up_in_the_set(world: World, academy: Issuer) -> None:
    key = academy.signer(KeyAlgorithm.P256).public_key
    assert resolve(world, header_key=key) == Resolved(ISSUER, key)
    world.served[SET] = write({"keys": [{"kty": "oct", "k": "AAAA"}, 7, key.to_jwk()]})
    assert resolve(world, header_key=key) == Resolved(ISSUER, key)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys":{}}',
        b'{"keys":[]}',
        b'{"keys":[7]}',
        b"<html>",
        b'{"keys":[' + b",".join([b"{}"] * (JWKS_KEYS + 1)) + b"]}",
    ],
)
def test_a_set_that_does_not_hold_the_key_is_a_no(world: World, academy: Issuer, body: bytes) -> None:
    del academy
    world.served[SET] = body
    with pytest.raises((WrongError, MalformedError)):
        resolve(world, kid="k")


def test_two_keys_of_one_name_are_none(world: World, academy: Issuer) -> None:
    world.served[SET] = write({"keys": [{**key, "kid": "k"} for key in academy.jwks()["keys"] * 2]})
    with pytest.raises(WrongError):
        resolve(world, kid="k")


def test_did_jwk_has_one_key_whatever_it_is_called(world: World) -> None:
    key = world.issuer("union").signer(KeyAlgorithm.P256).public_key
    own_id = did_jwk_for(key)
    for fragment in ("0", "key-1"):
        assert resolve_method(f"{own_id}#{fragment}", fetch=world, at=START) == Resolved(own_id, key)
    assert world.requests == []


def test_a_key_document_that_is_too_large_is_no_answer(world: World) -> None:
    own_id = world.issuer("union").id
    world.served[own_id] = b" " * 300_000
    with pytest.raises(UnresolvableError):
        resolve_method(f"{own_id}#k", fetch=world, at=START)
    world.served[own_id] = Fetched(own_id, 200, "", b" " * 300_000)
    with pytest.raises(MalformedError):
        resolve_method(f"{own_id}#k", fetch=world, at=START)
