# SPDX-License-Identifier: Apache-2.0
"""Lists that are read, kept and not believed; the attacks on them are in row V6."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from credentials import status_list
from credentials.baking import png
from credentials.document import write
from credentials.errors import UnknownError
from credentials.multibase import base64url
from credentials.verification_method import KeyAlgorithm
from tests.attacks.test_d7_baked_files import PICTURE
from tests.world import Issuer, World
from verifier import status_source
from verifier.ports import Fetched
from verifier.status_source import STATUS_LISTS, NoMemory, StatusLists

LIST = "https://union.example/status/revocation"
OLD_LIST = "https://union.example/revocations.json"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


def read(world: World, union: Issuer) -> bool:
    return lists_of(world).read_bit(union.entry(5, "revocation"), issuer_id=union.id).is_set


def lists_of(world: World) -> StatusLists:
    return StatusLists(world, world.clock.now(), NoMemory())


def test_reads_the_bit(world: World, union: Issuer) -> None:
    assert not read(world, union)
    union.set_bits["revocation"] = {5}
    assert read(world, union)


def token(union: Issuer, **members: object) -> bytes:
    """A list as a signed token, with whatever claims."""
    signer = union.signer(KeyAlgorithm.P256)
    moment = int(union.world.clock.now().timestamp())
    claims = {"iss": union.id, "nbf": moment, "exp": moment + 3_600}
    payload = {**union.status_list(), **claims, **members}
    header = write({"alg": "ES256", "kid": signer.verification_method})
    signing_input = f"{base64url(header)}.{base64url(write(payload))}"
    return f"{signing_input}.{base64url(signer.sign(signing_input.encode()))}".encode()


def test_a_token_with_other_claims_or_unknown_words_is_not_believed(world: World, union: Issuer) -> None:
    world.served[LIST] = token(union)
    assert not read(world, union)
    for members in ({"iss": "did:web:evil.example"}, {"nbf": "now"}, {"note": "a word nobody knows"}):
        world.served[LIST] = token(union, **members)
        with pytest.raises(UnknownError):
            read(world, union)


def test_a_list_in_a_picture_is_no_list(world: World, union: Issuer) -> None:
    world.served[LIST] = png.bake(PICTURE, union.sign(union.status_list()).decode())
    with pytest.raises(UnknownError):
        read(world, union)


@pytest.mark.parametrize(
    "answer",
    [
        Fetched(OLD_LIST, 500, "", b""),
        Fetched(OLD_LIST, 404, "", b""),
        b"{",
        b"[]",
        b"{}",
        b'{"revokedCredential":[7]}',
    ],
)
def test_an_old_list_that_cannot_be_read_proves_nothing(
    world: World, union: Issuer, answer: bytes | Fetched
) -> None:
    world.served[OLD_LIST] = answer
    with pytest.raises(UnknownError):
        lists_of(world).read_revocation_list(OLD_LIST, credential_id="urn:x:1", issuer_id=union.id)


def test_an_old_list_of_an_issuer_without_address_proves_nothing(world: World) -> None:
    own_id = world.did_key_issuer("academy").id
    with pytest.raises(UnknownError):
        lists_of(world).read_revocation_list(OLD_LIST, credential_id="urn:x:1", issuer_id=own_id)


@pytest.mark.parametrize("answer", [None, b"{}", b"{", Fetched(LIST, 500, "", b"")])
def test_a_list_is_looked_at_once_however_often_it_is_named(
    world: World, union: Issuer, answer: bytes | Fetched | None
) -> None:
    if answer is not None:
        world.served[LIST] = world.served[OLD_LIST] = answer
    lists = lists_of(world)
    for index in range(9):
        with contextlib.suppress(UnknownError):
            lists.read_bit(union.entry(index, "revocation"), issuer_id=union.id)
        with contextlib.suppress(UnknownError):
            lists.read_revocation_list(OLD_LIST, credential_id=f"urn:x:{index}", issuer_id=union.id)
    assert (world.requests.count(LIST), world.requests.count(OLD_LIST)) == (1, 1)


def test_no_more_lists_are_looked_at_than_the_limit(world: World, union: Issuer) -> None:
    lists = lists_of(world)
    for number in range(STATUS_LISTS + 3):
        entry = replace(union.entry(5, "revocation"), status_list_credential=f"{LIST}/{number}")
        with pytest.raises(UnknownError):
            lists.read_bit(entry, issuer_id=union.id)
        with pytest.raises(UnknownError):
            lists.read_revocation_list(f"{OLD_LIST}/{number}", credential_id="", issuer_id=union.id)
    assert len(world.requests) == STATUS_LISTS


def test_decoded_bits_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_source, "DECODED_BYTES", 3 * 16_384)
    decoded = status_source._Decoded()
    asked: list[str] = []

    def decode(encoded: str) -> bytes:
        asked.append(encoded)
        return status_list.decode(encoded)

    lists = [status_list.encode([number]) for number in range(5)]
    for encoded in (lists[0], lists[0], *lists[1:], lists[4], lists[0]):
        assert decoded(encoded, decode) == status_list.decode(encoded)
    assert asked == [*lists, lists[0]]
    assert decoded._bytes == 3 * 16_384
