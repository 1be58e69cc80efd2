# SPDX-License-Identifier: Apache-2.0
"""A recognition whose source fell is kept with a reason or taken back; nothing is deleted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import app
from recognition.adopting import publishing
from recognition.claiming.claim_states import ClaimState
from recognition.claiming.correction import REVERSED
from recognition.errors import ClaimStateError, NoSuchRecognitionError, RecognitionFieldError
from recognition.reversing import recheck, reversals
from recognition.reversing.fall import Flag
from recognition.store import claims as claim_rows
from recognition.store import decisions as decision_rows
from recognition.store import reversals as rows
from recognition.store import statements as statement_rows
from recognition.store.statements import Statement
from service import mail
from tests.issuer.house import NOW
from tests.recognition import fallen_scene as scene
from tests.recognition.fallen_scene import DISTRICT, EMAIL, REINSTATE, REVOKE, SUSPEND, Counted

LATER = NOW + timedelta(hours=1)
WHY = "The evidence behind the award does not stand."


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = scene.make(tmp_path_factory.mktemp("house"))
    with scene.opened(folder) as house:
        publishing.seed(house.office, now=NOW)
    return folder


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[app.House]:
    with scene.opened(Path(shutil.copytree(template, tmp_path / "data"))) as found:
        yield found


def pair(house: app.House, groups: int = 1) -> Counted:
    """Two awards for each group, counted together, the first of which was withdrawn and looked up."""
    found = [scene.issue(house, submission=f"one-{each}") for each in range(2 * groups)]
    counted = scene.count(house, found, groups=groups)
    scene.decide(house, found[0], REVOKE)
    recheck.recheck(house.office, NOW)
    return counted


def the_one(house: app.House) -> reversals.Fallen:
    (found,) = reversals.waiting(house.office, DISTRICT)
    return found


def claim_state(house: app.House, counted: Counted) -> ClaimState:
    with house.db.reading() as session:
        claim = claim_rows.get(session, counted.claim)
    assert claim is not None
    return claim.state


def reverse(house: app.House, id: str) -> str:
    return reversals.reverse(house.office, DISTRICT, id, reason=WHY, actor="person:ren", now=LATER).id


def test_the_inbox_shows_the_group_with_those_that_stand(house: app.House) -> None:
    pair(house)
    found = the_one(house)
    assert [each.flag for each in found.fallen] == [Flag.REVOKED]
    assert [each.title for each in found.mates] == ["Emotional Awareness 2"]
    assert (found.units, found.name, found.is_asked) == ("10 PDP-MA", "Alex Educator", False)
    assert reversals.waiting(house.office, "example-state") == ()


def test_taken_back_a_pair_frees_the_award_that_stands(house: app.House) -> None:
    counted = pair(house)
    reverse(house, the_one(house).id)
    with house.db.reading() as session:
        lines = rows.of_decision(session, counted.decision)
        stands = rows.of_award(session, lines[1].award_key)
    assert all(each.reversed_at == LATER and each.note == WHY for each in lines)
    assert stands == ()
    assert claim_state(house, counted) is ClaimState.REVERSED
    assert reversals.waiting(house.office, DISTRICT) == ()
    scene.count(house, [counted.found[1]])  # The ledger takes it again.


def test_the_old_decision_stays_as_it_was_and_the_new_one_names_it(house: app.House) -> None:
    counted = pair(house)
    with house.db.reading() as session:
        before = decision_rows.get(session, counted.decision)
    new = reverse(house, the_one(house).id)
    with house.db.reading() as session:
        assert decision_rows.get(session, counted.decision) == before
        stored = decision_rows.get(session, new)
    assert stored is not None
    assert stored.corrects == counted.decision
    assert (stored.outcome, stored.units, stored.reason) == (REVERSED, Decimal(0), WHY)
    assert stored.document == b""
    assert [each.group for each in stored.decision.awards] == [None, None]


def test_other_groups_of_the_decision_remain_under_the_new_one(house: app.House) -> None:
    counted = pair(house, groups=2)
    case = reversals.case(house.office, DISTRICT, the_one(house).id)
    assert (len(case.remaining), case.remains) == (2, "10")
    new = reverse(house, case.fallen.id)
    with house.db.reading() as session:
        stored = decision_rows.get(session, new)
        lines = rows.of_decision(session, new)
    assert stored is not None
    assert (stored.outcome, stored.units, len(stored.decision.groups)) == ("granted", Decimal(10), 1)
    assert b"recognition-decision/1" in stored.document
    assert {each.credential_id for each in lines} == {each.credential_id for each in counted.found[2:]}
    assert all(each.used_at == NOW and each.reversed_at is None and each.checked_at for each in lines)
    assert claim_state(house, counted) is ClaimState.USED


def test_another_fall_in_the_same_decision_still_waits_and_is_found_by_its_old_link(house: app.House) -> None:
    counted = pair(house, groups=2)
    scene.decide(house, counted.found[2], SUSPEND)
    recheck.recheck(house.office, LATER)
    first, second = reversals.waiting(house.office, DISTRICT)
    reverse(house, first.id)
    left = the_one(house)
    assert left.id != second.id
    assert reversals.current(house.office, DISTRICT, second.id) == left.id
    assert reversals.current(house.office, DISTRICT, first.id) == first.id
    assert claim_state(house, counted) is ClaimState.REVERSAL_NEEDED
    assert [each.fallen[0].note for each in reversals.settled(house.office, DISTRICT)] == [WHY]
    scene.decide(house, counted.found[2], REINSTATE)
    recheck.recheck(house.office, LATER + timedelta(minutes=1))
    assert reversals.waiting(house.office, DISTRICT) == ()
    assert claim_state(house, counted) is ClaimState.USED


def test_what_was_stated_is_withdrawn_with_the_decision(house: app.House) -> None:
    counted = pair(house)
    with house.db.transaction() as session:
        statement_rows.add(
            session,
            Statement(
                id="5f0c",
                kind=statement_rows.ENDORSEMENT,
                organisation=DISTRICT,
                decision=counted.decision,
                award_key="a" * 64,
                credential_id=counted.found[0].credential_id,
                person=None,
                person_key=EMAIL,
                intended=b"{}",
                signed=b"{}",
                made_at=NOW,
                signed_at=NOW,
            ),
        )
    assert reversals.case(house.office, DISTRICT, the_one(house).id).statements == 1
    reverse(house, the_one(house).id)
    with house.db.reading() as session:
        found = statement_rows.get(session, "5f0c")
    assert found is not None
    assert (found.withdrawn_at, found.withdrawn_why) == (LATER, WHY)


def test_the_educator_is_told_with_reason_and_how_to_answer(house: app.House) -> None:
    pair(house)
    reverse(house, the_one(house).id)
    (letter,) = scene.waiting_mails(house, "recognition-reversed")
    with house.db.reading() as session:
        words = mail.content(session, letter.id)
    assert words is not None
    assert letter.address == EMAIL
    assert WHY in words.text
    assert "10 PDP-MA" in words.text
    assert "They can decide again" in words.text


def test_kept_with_a_reason_it_stands_and_waits_no_more(house: app.House) -> None:
    counted = pair(house)
    found = the_one(house)
    reversals.keep(house.office, DISTRICT, found.id, reason="A slip of theirs.", actor="x", now=LATER)
    assert reversals.waiting(house.office, DISTRICT) == ()
    assert claim_state(house, counted) is ClaimState.USED
    (kept,) = reversals.settled(house.office, DISTRICT)
    assert kept.fallen[0].note == "A slip of theirs."
    with pytest.raises(ClaimStateError):
        reversals.keep(house.office, DISTRICT, found.id, reason="Again.", actor="x", now=LATER)
    reverse(house, found.id)  # One may think again.


def test_a_reason_is_wanted_and_nothing_happens_without_one(house: app.House) -> None:
    pair(house)
    for step in (reversals.keep, reversals.reverse):
        with pytest.raises(RecognitionFieldError):
            step(house.office, DISTRICT, the_one(house).id, reason=" \n", actor="x", now=LATER)
    assert the_one(house).waits


def test_what_has_not_fallen_and_what_is_not_ones_own_cannot_be_taken_back(house: app.House) -> None:
    counted = scene.count(house, [scene.issue(house)])
    with house.db.reading() as session:
        (line,) = rows.of_decision(session, counted.decision)
    with pytest.raises(ClaimStateError):
        reverse(house, line.id)
    with pytest.raises(NoSuchRecognitionError):
        reversals.reverse(house.office, "example-state", line.id, reason=WHY, actor="x", now=LATER)


def test_of_two_desks_that_take_it_back_at_once_the_second_is_told(house: app.House) -> None:
    pair(house)
    id = the_one(house).id
    reverse(house, id)
    with pytest.raises(ClaimStateError):
        reverse(house, id)


def test_a_complete_submission_is_asked_about_and_can_be_kept(house: app.House) -> None:
    found = scene.issue(house)
    earlier = scene.count(house, [found], stage="complete-submission", units="15", purpose="act-48")
    scene.count(house, [found], units="5", purpose="act-48")
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW)
    (asked,) = (each for each in reversals.waiting(house.office, DISTRICT) if each.is_asked)
    assert asked.units == "15 PDP-MA"
    (other,) = (each for each in reversals.waiting(house.office, DISTRICT) if not each.is_asked)
    reverse(house, other.id)
    reversals.keep(house.office, DISTRICT, asked.id, reason="It was complete.", actor="x", now=LATER)
    with house.db.reading() as session:
        (line,) = rows.of_decision(session, earlier.decision)
    assert (line.reversed_at, line.kept_at) == (None, LATER)


def test_looking_again_finds_that_the_review_has_ended(house: app.House) -> None:
    found = scene.issue(house)
    scene.count(house, [found])
    scene.decide(house, found, SUSPEND)
    recheck.recheck(house.office, NOW)
    id = the_one(house).id
    scene.decide(house, found, REINSTATE)
    assert reversals.look_again(house.office, DISTRICT, id, now=LATER)
    assert reversals.waiting(house.office, DISTRICT) == ()


def test_what_was_not_checked_for_a_week_is_told(house: app.House) -> None:
    scene.count(house, [scene.issue(house)])
    recheck.recheck(house.office, NOW)
    assert reversals.unchecked(house.office, DISTRICT, now=scene.day_after(6)) == ()
    (line,) = reversals.unchecked(house.office, DISTRICT, now=scene.day_after(8))
    assert line.checked_at == NOW
