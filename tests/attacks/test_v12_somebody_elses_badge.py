# SPDX-License-Identifier: Apache-2.0
"""V12: a badge of somebody else presented as mine: hash or id, compared exactly, never "looks similar"."""

from __future__ import annotations

from typing import Any

import pytest

from credentials.identity import IdentityObject, identity_hash
from tests.world import OWNER, Issuer, World, outcome_of
from verifier.verdict import Verdict

SALT = "0123456789abcdef0123456789abcdef"


def identified(union: Issuer, *identities: Any, own_id: str | None = None) -> bytes:
    draft = union.draft()
    subject = draft["credentialSubject"]
    del subject["identifier"]
    if identities:
        subject["identifier"] = list(identities)
    if own_id is not None:
        subject["id"] = own_id
    return union.sign(draft)


HASHED = IdentityObject.create(OWNER, salt=SALT).to_members()
MD5: dict[str, Any] = HASHED | {"identityHash": identity_hash(OWNER, SALT, algorithm="md5")}
UPPER: dict[str, Any] = HASHED | {
    "identityHash": str(HASHED["identityHash"])
    .replace("sha256$", "sha256$")
    .upper()
    .replace("SHA256", "sha256")
}
OPEN: dict[str, Any] = {
    "type": "IdentityObject",
    "hashed": False,
    "identityHash": OWNER,
    "identityType": "emailAddress",
}
NAME: dict[str, Any] = {
    "type": "IdentityObject",
    "hashed": False,
    "identityHash": "Dana Reyes",
    "identityType": "name",
}


@pytest.mark.parametrize("identity", [HASHED, MD5, UPPER, OPEN])
def test_the_owner_is_recognised_however_named(world: World, union: Issuer, identity: Any) -> None:
    badge = identified(union, identity)
    assert world.look(badge, expected_recipient=OWNER).verdict is Verdict.VALID
    for other in ("eve@school.example", OWNER + "x", "x" + OWNER, "dana.reyes@school.example.evil.example"):
        assert world.look(badge, expected_recipient=other).verdict is Verdict.WRONG_RECIPIENT


@pytest.mark.parametrize(
    ("own_id", "asked", "verdict"),
    [
        ("did:example:dana", "did:example:dana", Verdict.VALID),
        ("did:example:dana", "did:example:eve", Verdict.WRONG_RECIPIENT),
        ("did:example:dana", "did:example:DANA", Verdict.WRONG_RECIPIENT),
        ("did:example:dana", OWNER, Verdict.UNDETERMINED),
        (f"mailto:{OWNER}", OWNER, Verdict.VALID),
        (f"mailto:{OWNER}", f"mailto:{OWNER}", Verdict.VALID),
        (f"mailto:{OWNER}", "eve@school.example", Verdict.WRONG_RECIPIENT),
    ],
)
def test_an_id_is_compared_whole(
    world: World, union: Issuer, own_id: str, asked: str, verdict: Verdict
) -> None:
    assert world.look(identified(union, own_id=own_id), expected_recipient=asked).verdict is verdict


def test_a_name_alone_cannot_be_compared_with_an_address(world: World, union: Issuer) -> None:
    report = world.look(identified(union, NAME), expected_recipient=OWNER)
    assert (report.verdict, outcome_of(report, "recipient")) == (Verdict.UNDETERMINED, "indeterminate")


@pytest.mark.parametrize("asked", ["Dana Reyes", "dana reyes", "Eve Other"])
def test_a_name_proves_nobody_even_if_it_stands_on_the_badge(world: World, union: Issuer, asked: str) -> None:
    for identities in ((NAME,), (NAME, HASHED), ({**NAME, "identityType": "emailAddress"},)):
        report = world.look(identified(union, *identities), expected_recipient=asked)
        assert (report.verdict, outcome_of(report, "recipient")) == (Verdict.UNDETERMINED, "indeterminate")


def test_any_of_several_identities_will_do(world: World, union: Issuer) -> None:
    badge = identified(union, NAME, HASHED)
    assert world.look(badge, expected_recipient=OWNER).verdict is Verdict.VALID
    assert world.look(badge, expected_recipient="eve@school.example").verdict is Verdict.WRONG_RECIPIENT


def test_an_empty_question_matches_nobody(world: World, union: Issuer) -> None:
    for asked in ("", " ", "@", "sha256$"):
        assert world.look(identified(union, HASHED), expected_recipient=asked).verdict is not Verdict.VALID


def test_a_forged_badge_is_not_genuine_for_its_owner_either(world: World, union: Issuer) -> None:
    forged = identified(union, HASHED).replace(b"Teamwork", b"Leadership")
    assert world.look(forged, expected_recipient=OWNER).verdict is Verdict.INVALID
