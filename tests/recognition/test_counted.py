# SPDX-License-Identifier: Apache-2.0
"""On the page of one's awards: counted by whom and when, or in a claim that waits; then no rule offers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recognition.claiming import claims
from recognition.plan.worths import Worths
from recognition.store import ledger
from service.accounts.fields import email_key
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import EMAIL, MA, Scene
from tests.recognition.test_worths import Got


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("counted"))


@pytest.fixture
def scene(made: Path, tmp_path: Path) -> Iterator[Scene]:
    with desk_scene.copied(made, tmp_path / "house") as scene:
        yield scene


class Held(Got):
    """An award with a link of its own."""

    @property
    def url(self) -> str:
        return self.portal


def worths(scene: Scene, *links: str) -> Worths:
    """What is told to somebody who holds the awards behind these links."""
    issuer = scene.house.mint.cabinet.did_of("example-education")
    held = [Held(f"SEL{n}", ("SEL",), issuer, portal=link) for n, link in enumerate(links, start=1)]
    office = replace(scene.office, holdings=lambda _person: held)
    return Worths(lambda: office)


def test_an_award_in_a_claim_waits_and_a_counted_one_says_by_whom_and_when(scene: Scene) -> None:
    links = [scene.award("SEL1"), scene.award("SEL2")]
    told, me = worths(scene, *links), scene.person().id
    assert told.counted(me, links[0]) == ()
    (step,) = [each for each in told.after(me, links[0], "MA", now=NOW) if MA in each.plan]
    assert "it can give 10" in step.sentence
    claim = scene.reserve(*links)
    (kept,) = told.counted(me, links[0])
    assert kept.sentence == "Kept for a claim to Exampleton School District, which is not sent yet."
    assert kept.path == f"/claims/{claim.id}"
    assert told.after(me, links[0], "MA", now=NOW) == ()
    claims.take_back(scene.office, claim.id, person=scene.person(), now=NOW)
    assert told.counted(me, links[0]) == ()
    claim = scene.submit(*links)
    (waits,) = told.counted(me, links[1])
    assert waits.sentence == "In a claim to Exampleton School District, which waits for an answer."
    decision = scene.approve(claim)
    for link in links:
        (done,) = told.counted(me, link)
        assert done.sentence.startswith("Counted by Exampleton School District on ")
        assert done.sentence.endswith(", for renewing a licence.")
        assert (done.path, done.policy) == (f"/claims/{claim.id}", MA)
        assert told.after(me, link, "MA", now=NOW) == ()
    with scene.house.db.transaction() as session:
        ledger.replace_lines(session, decision.id, note="Taken back.", now=NOW)
    assert told.counted(me, links[0]) == ()


def test_what_is_counted_is_no_half_of_a_further_pair(scene: Scene) -> None:
    links = [scene.award("SEL1"), scene.award("SEL2")]
    scene.approve(scene.submit(*links))
    more = scene.award("SEL3")
    told, me = worths(scene, *links, more), scene.person().id
    (step,) = [each for each in told.after(me, more, "MA", now=NOW) if MA in each.plan]
    assert "the pair is half full" in step.sentence


def test_nobody_is_told_of_anothers_line(scene: Scene) -> None:
    links = [scene.award("SEL1"), scene.award("SEL2")]
    scene.approve(scene.submit(*links))
    other = scene.person("ren@district.example")
    assert email_key(EMAIL) != email_key(other.email)
    assert worths(scene, *links).counted(other.id, links[0]) == ()
