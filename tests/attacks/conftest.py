# SPDX-License-Identifier: Apache-2.0
"""What every attack begins with: a world with one honest issuer and a genuine badge."""

from __future__ import annotations

import pytest

from tests.world import Issuer, World
from verifier.verdict import Verdict


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


@pytest.fixture
def badge(world: World, union: Issuer) -> bytes:
    minted = union.mint()
    assert world.look(minted).verdict is Verdict.VALID
    return minted
