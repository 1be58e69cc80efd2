# SPDX-License-Identifier: Apache-2.0
"""What a new claim keeps of the awards that were brought to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recognition.claiming import claims
from tests.recognition import desk_scene
from tests.recognition.desk_scene import DISTRICT, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    desk_scene.make(tmp_path)
    with desk_scene.opened(tmp_path) as scene:
        yield scene


def test_a_claim_keeps_no_award_that_is_shown_to_be_somebody_elses(scene: Scene) -> None:
    own, other = scene.award("SEL1"), scene.award("SEL2", email="mia@teachers.example")
    claim = scene.submit(own, other)
    assert [bool(each.key) for each in claim.awards] == [True, False]
    claims.note_keys(scene.office, claim, scene.propose(claim).brought)
    kept = claims.own(scene.office, claim.id, person=scene.person()).awards
    assert [bool(each.key) for each in kept] == [True, False]
    assert claim.organisation == DISTRICT
