# SPDX-License-Identifier: Apache-2.0
"""Claims are kept, sent with consent, taken back, asked about; nobody else's claim is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from recognition.claiming import claims, deciding
from recognition.claiming.claim_states import ClaimState
from recognition.errors import (
    ClaimReservedError,
    ClaimStateError,
    NoSuchClaimError,
    NoSuchPolicyError,
    RecognitionFieldError,
)
from recognition.store import claims as rows
from service import mail
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import DISTRICT, EMAIL, OTHER, Scene, facts
from tests.service.people import make_person


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("desk"))


def letters(scene: Scene, address: str) -> list[tuple[str, str]]:
    """Return subject and text of what was written to an address, the latest first."""
    with scene.house.db.reading() as session:
        found = mail.listing(session, limit=50, address=address)
        words = [(each.subject, mail.content(session, each.id)) for each in found]
    return [(subject, content.text) for subject, content in words if content is not None]


@pytest.fixture
def scene(made: Path, tmp_path: Path) -> Iterator[Scene]:
    with desk_scene.copied(made, tmp_path / "house") as scene:
        yield scene


def test_a_reserved_claim_is_its_educators_alone(scene: Scene) -> None:
    claim = scene.reserve(scene.award("SEL1"), scene.award("SEL2"))
    assert claim.state is ClaimState.RESERVED
    assert all(each.key for each in claim.awards)
    assert [each.id for each in claims.mine(scene.office, scene.person())] == [claim.id]
    with pytest.raises(NoSuchClaimError):
        claims.of(scene.office, DISTRICT, claim.id)


def test_nothing_leaves_without_consent(scene: Scene) -> None:
    claim = scene.reserve(scene.award("SEL1"))
    with pytest.raises(RecognitionFieldError) as refused:
        claims.submit(scene.office, claim.id, person=scene.person(), agrees=False, now=NOW)
    assert refused.value.path == "agrees"
    with pytest.raises(NoSuchClaimError):
        claims.of(scene.office, DISTRICT, claim.id)
    sent = claims.submit(scene.office, claim.id, person=scene.person(), agrees=True, now=NOW)
    assert claims.of(scene.office, DISTRICT, claim.id).state is ClaimState.SUBMITTED
    assert sent.submitted_at == NOW


def test_the_same_award_is_not_in_two_open_claims_for_one_purpose_and_recognizer(scene: Scene) -> None:
    link = scene.award("SEL1")
    first = scene.reserve(link)
    with pytest.raises(ClaimReservedError):
        scene.reserve(link)
    # Another recognizer or another purpose may have it, and so may the next claim once it is free.
    scene.reserve(link, organisation=OTHER)
    scene.reserve(link, purpose="add-licence")
    assert claims.take_back(scene.office, first.id, person=scene.person(), now=NOW) is None
    assert scene.reserve(link).state is ClaimState.RESERVED


def test_what_had_not_left_leaves_no_trace(scene: Scene) -> None:
    claim = scene.reserve(scene.award("SEL1"))
    claims.take_back(scene.office, claim.id, person=scene.person(), now=NOW)
    with scene.house.db.reading() as session:
        assert rows.get(session, claim.id) is None


def test_a_sent_claim_can_be_taken_back_until_somebody_decides(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    taken = claims.take_back(scene.office, claim.id, person=scene.person(), now=NOW)
    assert taken is not None
    assert taken.state is ClaimState.WITHDRAWN
    with pytest.raises(NoSuchClaimError):
        claims.of(scene.office, DISTRICT, claim.id)
    with pytest.raises(NoSuchClaimError):
        deciding.refuse(scene.office, DISTRICT, claim.id, reason="no", actor="ren", now=NOW)


def test_a_decided_claim_cannot_be_taken_back(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    scene.approve(claim)
    with pytest.raises(ClaimStateError):
        claims.take_back(scene.office, claim.id, person=scene.person(), now=NOW)


def test_somebody_elses_claim_is_not_there(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"))
    eve = make_person(scene.house.db, "eve@teachers.example", now=NOW)
    with pytest.raises(NoSuchClaimError):
        claims.own(scene.office, claim.id, person=eve)
    with pytest.raises(NoSuchClaimError):
        claims.take_back(scene.office, claim.id, person=eve, now=NOW)
    with pytest.raises(NoSuchClaimError):
        claims.submit(scene.office, claim.id, person=eve, agrees=True, now=NOW)
    with pytest.raises(NoSuchClaimError):
        claims.of(scene.office, OTHER, claim.id)


def test_a_claim_goes_to_whoever_decides_by_the_policy(scene: Scene) -> None:
    with pytest.raises(NoSuchPolicyError):
        scene.reserve(scene.award("SEL1"), policy="us-vt-relicensing")
    with pytest.raises(RecognitionFieldError):
        scene.reserve()
    with pytest.raises(RecognitionFieldError):
        scene.reserve("file:///etc/passwd")


def test_asked_for_more_the_educator_answers_with_further_awards(scene: Scene) -> None:
    first, second = scene.award("SEL1"), scene.award("SEL2")
    claim = scene.submit(first)
    deciding.ask_for_more(
        scene.office, DISTRICT, claim.id, message="Is there another one?", actor="person:ren", now=NOW
    )
    asked = claims.own(scene.office, claim.id, person=scene.person())
    assert asked.state is ClaimState.NEEDS_MORE
    answered = claims.answer(
        scene.office, claim.id, person=scene.person(), message="Here it is.", links=[first, second], now=NOW
    )
    assert answered.state is ClaimState.SUBMITTED
    assert [each.url for each in answered.awards] == [first, second]
    assert [each.by for each in answered.messages] == ["recognizer", "educator"]
    assert scene.propose(claim).answer.outcome == "granted"
    with pytest.raises(ClaimStateError):
        claims.answer(scene.office, claim.id, person=scene.person(), message="Again", now=NOW)


def test_further_awards_are_claimed_on_the_day_they_are_sent(scene: Scene) -> None:
    claim, later = scene.submit(scene.award("SEL1")), NOW + timedelta(days=90)
    for number, links in enumerate(([], [scene.award("SEL2")])):
        deciding.ask_for_more(scene.office, DISTRICT, claim.id, message="More?", actor="ren", now=NOW)
        sent = claims.answer(
            scene.office, claim.id, person=scene.person(), message="Here.", links=links, now=later
        )
        assert sent.submitted_at == (later if number else NOW)
    assert claims.of(scene.office, DISTRICT, claim.id).submitted_at == later


def test_a_recognizer_enters_a_claim_for_somebody_without_an_account(scene: Scene) -> None:
    new = "new@school.example"
    claim = scene.enter(scene.award("SEL1", email=new), scene.award("SEL2", email=new), email=new)
    assert claim.person is None
    assert claim.state is ClaimState.SUBMITTED
    assert scene.propose(claim).answer.outcome == "granted"
    ((subject, told),) = letters(scene, new)
    assert subject == "Exampleton School District has entered a claim for you"
    assert "has entered a claim for you on" in told
    scene.approve(claim)
    ((_, answered), _) = letters(scene, new)
    assert "answered the claim that it entered for you" in answered
    assert "you sent a claim" not in answered
    # Whoever confirms the address later sees it.
    later = make_person(scene.house.db, new, now=NOW)
    assert [each.id for each in claims.mine(scene.office, later)] == [claim.id]


def test_nothing_is_decided_for_somebody_with_an_account_before_they_agree(scene: Scene) -> None:
    claim = scene.enter(scene.award("SEL1"), scene.award("SEL2"))
    assert (claim.state, claim.submitted_at, claim.person) == (ClaimState.ENTERED, None, None)
    ((_, told),) = letters(scene, EMAIL)
    assert f"/claims/{claim.id}" in told
    assert "you sent" not in told.lower()
    assert [each.id for each in claims.mine(scene.office, scene.person())] == [claim.id]
    shown = scene.propose(claim).digest
    with pytest.raises(ClaimStateError):
        scene.approve(claim, shown=shown)
    with pytest.raises(ClaimStateError):
        deciding.refuse(scene.office, DISTRICT, claim.id, reason="No", actor="ren", now=NOW)
    with pytest.raises(ClaimStateError):
        deciding.ask_for_more(scene.office, DISTRICT, claim.id, message="More", actor="ren", now=NOW)
    eve = make_person(scene.house.db, "eve@teachers.example", now=NOW)
    with pytest.raises(NoSuchClaimError):
        claims.submit(scene.office, claim.id, person=eve, agrees=True, now=NOW)
    with pytest.raises(RecognitionFieldError):
        claims.submit(scene.office, claim.id, person=scene.person(), agrees=False, now=NOW)

    agreed = scene.agree(claim)
    assert (agreed.state, agreed.person) == (ClaimState.SUBMITTED, scene.person().id)
    assert agreed.is_entered
    assert scene.approve(agreed).outcome == "granted"
    ((_, answered), *_) = letters(scene, EMAIL)
    assert "you agreed to a claim that Exampleton School District entered for you" in answered


def test_who_declines_what_was_entered_is_not_decided_about(scene: Scene) -> None:
    entering = scene.person("ren@district.example")
    claim = scene.enter(scene.award("SEL1"), actor=f"person:{entering.id}")
    gone = claims.take_back(scene.office, claim.id, person=scene.person(), now=NOW)
    assert gone is not None
    assert gone.state is ClaimState.WITHDRAWN
    with pytest.raises(NoSuchClaimError):
        claims.of(scene.office, DISTRICT, claim.id)
    ((subject, told),) = letters(scene, entering.email)
    assert subject == "A claim that you entered was declined"
    assert "Zo\u00eb" not in told
    assert EMAIL.lower() not in told.lower()


def test_what_is_entered_needs_an_address(scene: Scene) -> None:
    with pytest.raises(RecognitionFieldError) as refused:
        scene.enter(scene.award("SEL3"), email="nobody")
    assert refused.value.path == "email"


def test_a_file_brings_each_of_its_credentials(scene: Scene) -> None:
    link = scene.award("SEL1")
    raw = scene.house.desk.documents(now=NOW)(link, max_bytes=100_000).body
    claim = scene.enter(brings=[claims.Brings("badge.json", raw), claims.Brings("other.txt", b"nothing")])
    assert [bool(each.key) for each in claim.awards] == [True, False]
    proposal = scene.propose(claim)
    assert [str(each.verdict) for each in proposal.brought] == ["valid", "invalid"]


def test_a_claim_keeps_what_was_said_and_nobody_elses_records(scene: Scene) -> None:
    said = facts()
    claim = scene.reserve(scene.award("SEL1"))
    assert set(claim.facts) == {"purpose", "licence_level", "renewing", "cycle"}
    assert said.cycle is not None
    assert claim.facts["cycle"] == {
        "from": said.cycle.first.isoformat(),
        "until": said.cycle.last and said.cycle.last.isoformat(),
    }


def test_the_claim_date_is_the_day_on_which_it_was_sent(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), now=NOW)
    later = scene.propose(claim, now=NOW + timedelta(days=3))
    assert later.facts.as_of == scene.propose(claim).facts.as_of


def test_awards_of_somebody_else_do_not_count(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2", email="eve@teachers.example"))
    proposal = scene.propose(claim)
    outcomes = {str(each.verdict) for each in proposal.brought}
    assert outcomes == {"valid", "wrong-recipient"}
    assert proposal.answer.granted == 0
