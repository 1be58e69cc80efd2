# SPDX-License-Identifier: Apache-2.0
"""Lists that are read, kept and not believed; the attacks on them are in row V6."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest

from credentials import status_list
from credentials.baking import png
from credentials.document import write
from credentials.errors import UnknownError
from credentials.multibase import base64url
from credentials.proofs import data_integrity
from credentials.verification_method import KeyAlgorithm
from tests.attacks.test_d7_baked_files import PICTURE
from tests.world import Issuer, World, members_of, outcome_of
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
    kept: status_source._Kept[bytes] = status_source._Kept(3 * 16_384)
    monkeypatch.setattr(status_source, "_bits", kept)
    decoded = status_source._decoded
    asked: list[str] = []

    def decode(encoded: str) -> bytes:
        asked.append(encoded)
        return status_list.decode(encoded)

    lists = [status_list.encode([number]) for number in range(5)]
    for encoded in (lists[0], lists[0], *lists[1:], lists[4], lists[0]):
        assert decoded(encoded, decode) == status_list.decode(encoded)
    assert asked == [*lists, lists[0]]
    assert kept._bytes == 3 * 16_384


def test_a_list_is_opened_once_and_its_signature_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    union = world.issuer("union")
    checked: list[object] = []
    verify_proof = data_integrity.verify_proof

    def counted(members: Any, *args: Any, **options: Any) -> None:
        checked.append(members["id"])
        verify_proof(members, *args, **options)

    fresh: status_source._Kept[status_source._Read] = status_source._Kept(1_000_000)
    monkeypatch.setattr(status_source, "_lists", fresh)
    monkeypatch.setattr(data_integrity, "verify_proof", counted)
    first, second = union.mint(), union.mint()
    assert [world.look(each).verdict for each in (first, second, first)] == ["valid"] * 3
    assert checked.count(union.list_url()) == 1
    union.revoke(first)
    assert [world.look(each).verdict for each in (first, second)] == ["revoked", "valid"]
    assert checked.count(union.list_url()) == 2


def test_a_list_that_was_believed_is_not_when_its_key_is_gone() -> None:
    world = World()
    union = world.issuer("union")
    badge = union.mint()
    union.serve_old_status_list()
    assert world.look(badge).verdict == "valid"
    union.lose_key()
    report = world.look(badge)
    assert outcome_of(report, "status") == "indeterminate"
    assert report.verdict != "valid"


def test_a_changed_list_is_looked_at_anew() -> None:
    world = World()
    union = world.issuer("union")
    badge = union.mint()
    assert world.look(badge).verdict == "valid"
    changed = members_of(world(union.list_url(), max_bytes=1_000_000).body)
    changed["credentialSubject"]["encodedList"] = status_list.encode([1])
    world.served[union.list_url()] = json.dumps(changed).encode()
    assert outcome_of(world.look(badge), "status") == "indeterminate"
