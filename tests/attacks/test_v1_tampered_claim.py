# SPDX-License-Identifier: Apache-2.0
"""V1: a tampered claim: any leaf of a signed badge changed is ``invalid``, or no credential any more."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from credentials.errors import MalformedError
from tests.attacks.paths import at, leaves, text_of, with_value
from tests.world import Issuer, World, members_of
from verifier.verdict import Verdict


def variants(value: Any) -> list[Any]:
    """What an attacker would rather have there."""
    if isinstance(value, bool):
        return [not value, "true"]
    if isinstance(value, int | float):
        return [value + 1, -value - 1, str(value)]
    if isinstance(value, str):
        flipped = value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
        return [
            flipped,
            value + "x",
            value + " ",
            value.upper() if value != value.upper() else value.lower(),
            "",
        ]
    return ["x"]


def test_every_leaf_is_signed(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    for path in leaves(signed):
        for new in variants(at(signed, path)):
            if new == at(signed, path):
                continue
            try:
                report = world.look(json.dumps(with_value(signed, path, new)).encode())
            except MalformedError:
                continue
            assert report.verdict in (
                Verdict.INVALID,
                Verdict.UNSIGNED_CONTENT,
                Verdict.UNDETERMINED,
            ), f"{new!r} at {text_of(path)}"


def test_a_changed_statement_is_definitely_not_genuine(world: World, badge: bytes) -> None:
    signed = members_of(badge)
    for path in (
        ("name",),
        ("validFrom",),
        ("credentialSubject", "achievement", "name"),
        ("credentialSubject", "result", 0, "achievedLevel"),
        ("credentialSubject", "identifier", 0, "identityHash"),
        ("evidence", 0, "digestMultibase"),
        ("issuer", "name"),
        ("id",),
        ("credentialStatus", "statusListIndex"),
    ):
        value = at(signed, path)
        new = value.replace("3", "2") if path[-1] in ("achievedLevel", "validFrom") else value[:-1] + "0"
        if new == value:
            new = value[:-1] + "1"
        report = world.look(json.dumps(with_value(signed, path, new)).encode())
        assert report.verdict is Verdict.INVALID, text_of(path)


def test_a_status_entry_cannot_be_taken_away(world: World, union: Issuer, badge: bytes) -> None:
    union.revoke(badge)
    signed = members_of(badge)
    del signed["credentialStatus"]
    assert world.look(json.dumps(signed).encode()).verdict is Verdict.INVALID


def test_every_byte_of_the_text_counts(world: World, badge: bytes) -> None:
    """A changed byte anywhere is refused, unless the document means the very same (white space)."""
    for place in range(0, len(badge), 7):
        changed = badge[:place] + bytes([badge[place] ^ 1]) + badge[place + 1 :]
        try:
            report = world.look(changed)
        except MalformedError:
            continue
        assert report.verdict is not Verdict.VALID, changed[max(0, place - 20) : place + 20]


@pytest.mark.parametrize("step", [3])
def test_every_character_of_a_jwt_counts(world: World, union: Issuer, step: int) -> None:
    token = union.mint(jwt=True)
    assert world.look(token).verdict is Verdict.VALID
    for place in range(0, len(token), step):
        for new in (b"A", b"B", b"_", b"=", b" ", b"."):
            changed = token[:place] + new + token[place + 1 :]
            if changed == token:
                continue
            try:
                report = world.look(changed)
            except MalformedError:
                continue
            assert report.verdict is not Verdict.VALID, place


def test_the_payload_of_another_jwt_does_not_fit(world: World, union: Issuer) -> None:
    one, other = (union.mint(jwt=True).decode().split(".") for _ in range(2))
    assert world.look(f"{one[0]}.{other[1]}.{one[2]}".encode()).verdict is Verdict.INVALID
    padded = base64.urlsafe_b64encode(base64.urlsafe_b64decode(one[1] + "==") + b" ").decode().rstrip("=")
    assert world.look(f"{one[0]}.{padded}.{one[2]}".encode()).verdict is Verdict.INVALID
