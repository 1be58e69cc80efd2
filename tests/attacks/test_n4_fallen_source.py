# SPDX-License-Identifier: Apache-2.0
"""Threat N4: a source falls after recognition. It is flagged and told; nothing is removed silently.

Sentence 17: revocation after use flips the recognition to ``reversal-needed``, tells the recognizer, and
removes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import app
from issuer import revocation
from recognition.claiming.claim_states import ClaimState
from recognition.reversing import fall, recheck, reversals
from recognition.store import claims as claim_rows
from recognition.store import decisions as decision_rows
from recognition.store import ledger
from recognition.store import reversals as rows
from recognition.store import statements as statement_rows
from recognition.store.statements import Statement
from tests.issuer.house import NOW, lists_published
from tests.recognition import fallen_scene as scene
from tests.recognition.fallen_scene import DISTRICT, EMAIL, REINSTATE, REVOKE, SUSPEND, Counted


class KilledError(BaseException):
    """Stands for the end of a process: nothing catches it."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.make(tmp_path_factory.mktemp("house"))


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[app.House]:
    with scene.opened(Path(shutil.copytree(template, tmp_path / "data"))) as found:
        yield found


def counted_and_stated(house: app.House) -> Counted:
    """An award that was counted, with the recognizer's signed word about it on its page."""
    counted = scene.count(house, [scene.issue(house)])
    with house.db.transaction() as session:
        (line,) = ledger.of_decision(session, counted.decision)
        statement_rows.add(
            session,
            Statement(
                id="5f0c",
                kind=statement_rows.ENDORSEMENT,
                organisation=DISTRICT,
                decision=counted.decision,
                award_key=line.award_key,
                credential_id=line.credential_id,
                person=None,
                person_key=EMAIL,
                intended=b"{}",
                signed=b"{}",
                is_public=True,
                made_at=NOW,
                signed_at=NOW,
            ),
        )
    return counted


def stands_untouched(house: app.House, counted: Counted, decision: object) -> bool:
    """Whether decision, line and statement are as they were before the fall."""
    with house.db.reading() as session:
        (line,) = ledger.of_decision(session, counted.decision)
        statement = statement_rows.get(session, "5f0c")
        return (
            decision_rows.get(session, counted.decision) == decision
            and line.stands
            and statement is not None
            and statement.withdrawn_at is None
            and statement.is_public
        )


def state(house: app.House, counted: Counted) -> ClaimState:
    with house.db.reading() as session:
        claim = claim_rows.get(session, counted.claim)
    assert claim is not None
    return claim.state


@pytest.mark.parametrize(("what", "flag"), [(REVOKE, "revoked"), (SUSPEND, "suspended")])
def test_a_fall_after_counting_is_flagged_and_told_and_removes_nothing(
    house: app.House, what: revocation.Decision, flag: str
) -> None:
    counted = counted_and_stated(house)
    with house.db.reading() as session:
        before = decision_rows.get(session, counted.decision)
    scene.decide(house, counted.found[0], what)
    house.jobs.run(recheck.JOB, NOW)
    (found,) = reversals.waiting(house.office, DISTRICT)
    assert [each.flag for each in found.fallen] == [flag]
    assert state(house, counted) is ClaimState.REVERSAL_NEEDED
    assert len(scene.waiting_mails(house, "recognition-fallen")) == 1
    assert stands_untouched(house, counted, before)


@pytest.mark.parametrize("lists", [True, False])
def test_killed_between_the_withdrawal_and_its_telling_the_next_run_tells_and_else_the_daily_look_finds_it(
    house: app.House, lists: bool
) -> None:
    counted = counted_and_stated(house)
    house.jobs.run(recheck.JOB, NOW)

    def killed(_credential_ids: object, *, now: datetime) -> None:
        raise KilledError

    revocation.decide(house.mint, counted.found[0].key, REVOKE, now=NOW)
    with pytest.raises(KilledError):
        lists_published(replace(house.mint, status_changed=killed))
    house.jobs.run(recheck.JOB, NOW + timedelta(hours=1))
    assert reversals.waiting(house.office, DISTRICT) == ()  # nobody has told, and a day has not passed
    if lists:
        lists_published(house.mint, now=NOW + timedelta(hours=1))
    house.jobs.run(recheck.JOB, NOW + timedelta(hours=1) if lists else scene.day_after())
    assert len(reversals.waiting(house.office, DISTRICT)) == 1


def test_killed_in_the_middle_of_the_look_all_of_it_is_done_by_the_next_run(
    house: app.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = counted_and_stated(house)
    scene.decide(house, counted.found[0], REVOKE)
    looked = rows.looked

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    monkeypatch.setattr(rows, "looked", killed)  # after the flag and the letter, before the commit
    with pytest.raises(KilledError):
        house.jobs.run(recheck.JOB, NOW)
    assert reversals.waiting(house.office, DISTRICT) == ()
    assert scene.waiting_mails(house, "recognition-fallen") == []
    monkeypatch.setattr(rows, "looked", looked)
    house.jobs.run(recheck.JOB, NOW)
    assert len(reversals.waiting(house.office, DISTRICT)) == 1
    assert len(scene.waiting_mails(house, "recognition-fallen")) == 1


def test_suspended_and_then_lifted_the_flag_goes_and_what_was_counted_counts(house: app.House) -> None:
    counted = counted_and_stated(house)
    with house.db.reading() as session:
        before = decision_rows.get(session, counted.decision)
    scene.decide(house, counted.found[0], SUSPEND)
    house.jobs.run(recheck.JOB, NOW)
    scene.decide(house, counted.found[0], REINSTATE)
    house.jobs.run(recheck.JOB, NOW)
    assert reversals.waiting(house.office, DISTRICT) == ()
    assert state(house, counted) is ClaimState.USED
    assert stands_untouched(house, counted, before)


def test_a_withdrawal_never_goes_away_by_itself(house: app.House) -> None:
    """Not even if the issuer's list forgets it: a withdrawal is for ever, so a list without it is older."""
    counted = counted_and_stated(house)
    genuine = counted.found[0]
    house.jobs.run(recheck.JOB, NOW)
    with house.db.transaction() as session:
        (line,) = rows.of_decision(session, counted.decision)
        rows.flag(session, line.id, fall.Flag.REVOKED, now=NOW)
    assert genuine.signed_json is not None  # in force, whatever was found before
    house.jobs.run(recheck.JOB, scene.day_after())
    assert len(reversals.waiting(house.office, DISTRICT)) == 1
