# SPDX-License-Identifier: Apache-2.0
"""What others say inside a credential stands on its page with a check of its own."""

from __future__ import annotations

import pytest

from issuer.credential_page import spoken
from tests.attacks.test_v13_endorsements import carrying, endorsement, next_id, signed
from tests.world import Issuer, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


@pytest.fixture
def board(world: World) -> Issuer:
    return world.issuer("board")


def test_a_word_whose_signature_holds_is_shown(world: World, union: Issuer, board: Issuer) -> None:
    raw = carrying(union, signed(board, next_id(union)))
    (said,) = spoken(raw, world.look(raw))
    assert (said.outcome, said.text) == ("pass", "Well done.")
    assert said.who == board.profile["name"]
    assert said.on is not None


def test_so_is_one_in_the_form_of_a_jwt(world: World, union: Issuer, board: Issuer) -> None:
    token = board.sign(endorsement(board, next_id(union)), jwt=True).decode()
    raw = carrying(union, jwts=(token,))
    (said,) = spoken(raw, world.look(raw))
    assert (said.outcome, said.text) == ("pass", "Well done.")


def test_of_a_forged_word_only_that_is_told(world: World, union: Issuer, board: Issuer) -> None:
    forged = signed(board, next_id(union))
    forged["credentialSubject"]["endorsementComment"] = "The best of all."
    raw = carrying(union, forged)
    (said,) = spoken(raw, world.look(raw))
    assert (said.outcome, said.who, said.text, said.on) == ("fail", None, None, None)
    assert "not genuine" in said.sentence


def test_where_nobody_says_anything_nothing_stands(world: World, union: Issuer) -> None:
    raw = union.sign(union.draft())
    assert spoken(raw, world.look(raw)) == ()
