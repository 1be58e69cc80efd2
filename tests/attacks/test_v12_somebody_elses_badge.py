# SPDX-License-Identifier: Apache-2.0
"""V12: a badge of somebody else presented as mine: hash, id or name, compared exactly, never "looks similar".

A name alone proves less than an address, so it never answers "it is this employee" by itself.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from credentials.identity import IdentityObject, identity_hash
from tests.world import OWNER, Issuer, World, outcome_of
from verifier.outcome import Mark
from verifier.report import Report
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


NAME_HASHED = IdentityObject.create("Dana  Reyes", salt=SALT, identity_type="name").to_members()
ID_HASHED = IdentityObject.create("77-1204", salt=SALT, identity_type="systemId").to_members()


def row_2(report: Report) -> Mark:
    return report.rows[1].mark


def test_a_name_alone_cannot_be_compared_with_an_address(world: World, union: Issuer) -> None:
    report = world.look(identified(union, NAME), expected_recipient=OWNER)
    assert (report.verdict, outcome_of(report, "recipient")) == (Verdict.UNDETERMINED, "indeterminate")


@pytest.mark.parametrize("asked", ["Dana Reyes", " Dana \t Reyes\n", "Dana Reyes".replace(" ", "\u00a0")])
@pytest.mark.parametrize("identity", [NAME, NAME_HASHED])
def test_a_name_that_fits_leaves_it_to_the_reader_whose_it_is(
    world: World, union: Issuer, identity: Any, asked: str
) -> None:
    for identities in ((identity,), (HASHED, identity)):
        report = world.look(identified(union, *identities), expected_recipient=asked)
        assert (report.verdict, outcome_of(report, "recipient")) == (Verdict.VALID, "pass")
        assert row_2(report) is Mark.YOU_DECIDE


@pytest.mark.parametrize("asked", ["dana reyes", "Dana R.", "Dana Marie Reyes", "Danа Reyes", "Eve Other"])
@pytest.mark.parametrize("identity", [NAME, NAME_HASHED])
def test_a_name_that_only_looks_similar_does_not_fit(
    world: World, union: Issuer, identity: Any, asked: str
) -> None:
    report = world.look(identified(union, HASHED, identity), expected_recipient=asked)
    assert (report.verdict, row_2(report)) == (Verdict.WRONG_RECIPIENT, Mark.NO)


def test_the_letters_of_a_name_may_be_typed_composed_or_not(world: World, union: Issuer) -> None:
    name = "Zoë Muñoz"
    badge = identified(
        union,
        IdentityObject.create(
            unicodedata.normalize("NFC", name), salt=SALT, identity_type="name"
        ).to_members(),
    )
    for form in ("NFC", "NFD"):
        asked = unicodedata.normalize(form, name)
        assert outcome_of(world.look(badge, expected_recipient=asked), "recipient") == "pass"
    assert outcome_of(world.look(badge, expected_recipient="Zoe Munoz"), "recipient") == "fail"


@pytest.mark.parametrize("identities", [(HASHED,), (ID_HASHED,), ({**NAME, "identityType": "emailAddress"},)])
def test_a_typed_name_says_nothing_about_an_address_or_an_id(
    world: World, union: Issuer, identities: Any
) -> None:
    for own_id in (None, "did:example:dana", f"mailto:{OWNER}"):
        report = world.look(identified(union, *identities, own_id=own_id), expected_recipient="Dana Reyes")
        assert (report.verdict, row_2(report)) == (Verdict.UNDETERMINED, Mark.YOU_DECIDE)


def test_a_single_word_may_be_an_id_or_a_part_of_a_name(world: World, union: Issuer) -> None:
    for asked, expected in (("77-1204", "pass"), ("77-1205", "fail"), ("Dana", "fail")):
        report = world.look(identified(union, NAME_HASHED, ID_HASHED), expected_recipient=asked)
        assert outcome_of(report, "recipient") == expected
    report = world.look(identified(union, NAME_HASHED), expected_recipient="Dana")
    assert outcome_of(report, "recipient") == "indeterminate"


def test_an_address_that_fits_says_more_than_a_name(world: World, union: Issuer) -> None:
    report = world.look(identified(union, NAME, HASHED), expected_recipient=OWNER)
    assert (report.verdict, row_2(report)) == (Verdict.VALID, Mark.YES)


def test_what_was_typed_is_never_repeated(world: World, union: Issuer) -> None:
    for asked in ("Eve Canary-Name", "eve.canary@school.example", "did:example:canary"):
        for identities in ((HASHED,), (NAME_HASHED,), (HASHED, NAME_HASHED, ID_HASHED), ()):
            report = world.look(identified(union, *identities), expected_recipient=asked)
            assert "canary" not in str(report).lower()


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
