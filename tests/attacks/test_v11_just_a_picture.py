# SPDX-License-Identifier: Apache-2.0
"""V11: "just a picture", or a good file with another picture around it: what is shown is what was signed."""

from __future__ import annotations

import pytest

from credentials.baking import png
from tests.attacks.test_d7_baked_files import PICTURE
from tests.world import Issuer, World
from verifier.errors import PictureOnlyError
from verifier.intake import read
from verifier.verdict import Verdict


def test_a_picture_without_a_credential_says_so() -> None:
    with pytest.raises(PictureOnlyError, match="picture without a credential"):
        read(PICTURE)


def test_the_report_says_that_it_came_in_a_picture(world: World, badge: bytes) -> None:
    assert world.look(png.bake(PICTURE, badge.decode())).picture
    assert not world.look(badge).picture


def test_what_is_shown_comes_from_the_signed_text(world: World, union: Issuer) -> None:
    report = world.look(png.bake(PICTURE, union.mint(name="As signed").decode()))
    assert report.verdict is Verdict.VALID
    assert report.to_json()["credential"]["name"] == "Teamwork in the classroom"
    assert report.picture


def test_a_tampered_badge_in_a_picture_is_not_genuine(world: World, badge: bytes) -> None:
    forged = badge.replace(b"Teamwork in the classroom", b"Leadership in the classroom")
    assert world.look(png.bake(PICTURE, forged.decode())).verdict is Verdict.INVALID
