# SPDX-License-Identifier: Apache-2.0
"""Threat I3: mass award or revocation by mistake, or by one stolen account.

Dry run, typed number, second person, under review first, a day to undo, fresh sign-in. Whoever holds one
account, or one token, or a form of somebody else's, does not withdraw many.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

import app
from credentials.errors import HallmarkError
from issuer import revocation
from issuer.award import AwardState
from issuer.errors import (
    ManyStatusChangesError,
    NoSuchTakebackError,
    TakebackChangedError,
    TakebackCountError,
    TakebackSecondPersonError,
    TakebackStateError,
)
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.takeback import alone, judging, looking, steps, working
from issuer.takeback.takeback import SECOND_PERSON, UNDO, LineState, Takeback, TakebackState
from service import clock
from service.accounts import people, sessions
from service.accounts.people import Role
from tests.issuer.house import NOW, make_house, open_mint
from tests.issuer.taking_back import (
    EDUCATION,
    FIRST,
    SECOND,
    THIRD,
    begun,
    keys_of,
    lines,
    officers,
    seen,
    states,
    stock,
    tried,
)

MANY = SECOND_PERSON + 1
TOKEN = "token:0123456789abcdef"
ALL: dict[AwardState, int] = {AwardState.ISSUED: 2 * MANY}


@dataclass(frozen=True)
class Scene:
    """A house, two times as many credentials as one person takes back, and its pages."""

    mint: Mint
    keys: tuple[str, ...]
    client: FlaskClient

    def post(self, actor: str, path: str, *, now: datetime | None = None, **changes: Any) -> TestResponse:
        """Send a form as somebody who signed in at ``now``; ``changes`` are fields, or headers by H_."""
        with self.mint.db.transaction() as session:
            sign_in, cookie = sessions.begin(
                session, actor.removeprefix("person:"), user_agent="", now=now or clock.now()
            )
        headers = {"Cookie": f"hallmark-session={cookie}", "Sec-Fetch-Site": "same-origin"}
        headers |= {key[2:]: value for key, value in changes.items() if key.startswith("H_")}
        fields = {key: value for key, value in changes.items() if not key.startswith("H_")}
        return self.client.post(path, data={"csrf": sign_in.csrf, **fields}, headers=headers)


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = make_house(tmp_path_factory.mktemp("many") / "data")
    mint = open_mint(folder)
    bulk = stock(mint, 2 * MANY)
    officers(mint)
    mint.db.close()
    return folder, bulk


@pytest.fixture
def scene(stocked: tuple[Path, str], tmp_path: Path) -> Iterator[Scene]:
    folder = Path(shutil.copytree(stocked[0], tmp_path / "data"))
    mint = open_mint(folder)
    service = app.create_app(mint.settings)
    yield Scene(mint, keys_of(mint, stocked[1]), service.test_client(use_cookies=False))
    service.extensions["hallmark"].jobs.close()
    service.extensions["hallmark"].db.close()
    mint.db.close()


def proposed(scene: Scene, *, actor: str = FIRST, number: int = MANY) -> str:
    found = tried(scene.mint, scene.keys[:number], actor=actor)
    return steps.start(scene.mint, found.id, number=number, actor=actor, now=NOW).id


def untouched(scene: Scene) -> bool:
    working.work(scene.mint, now=NOW)
    working.work(scene.mint, now=NOW + 2 * UNDO)
    return states(scene.mint, scene.keys) == ALL


def test_one_person_alone_does_not_take_back_twenty_six(scene: Scene) -> None:
    id = proposed(scene)
    for actor in (FIRST, TOKEN, "visitor", "", FIRST.upper()):
        with pytest.raises(TakebackSecondPersonError):
            steps.approve(scene.mint, id, number=MANY, actor=actor, now=NOW)
    assert untouched(scene)


def test_nor_in_two_bites_nor_with_somebody_elses_hands(scene: Scene) -> None:
    """Twenty-five and one more within a day are twenty-six, whoever takes the second bite."""
    first = tried(scene.mint, scene.keys[:SECOND_PERSON])
    steps.start(scene.mint, first.id, number=SECOND_PERSON, actor=FIRST, now=NOW)
    for actor in (FIRST, SECOND, TOKEN, "cli"):
        more = tried(scene.mint, scene.keys[SECOND_PERSON:MANY], actor=actor)
        found = steps.start(scene.mint, more.id, number=1, actor=actor, now=NOW + UNDO - timedelta(seconds=1))
        assert found.state is TakebackState.PROPOSED, actor
    later = tried(scene.mint, scene.keys[SECOND_PERSON:MANY])
    found = steps.start(scene.mint, later.id, number=1, actor=FIRST, now=NOW + UNDO + timedelta(seconds=1))
    assert found.state is TakebackState.SUSPENDING


def test_what_was_undone_does_not_count_against_the_day(scene: Scene) -> None:
    found = begun(scene.mint, scene.keys[:SECOND_PERSON])
    steps.undo(scene.mint, found.id, actor=FIRST, now=NOW)
    working.work(scene.mint, now=NOW)
    again = tried(scene.mint, scene.keys[:SECOND_PERSON])
    started = steps.start(scene.mint, again.id, number=SECOND_PERSON, actor=FIRST, now=NOW)
    assert started.state is TakebackState.SUSPENDING


def test_a_token_never_is_the_second_person(scene: Scene) -> None:
    id = proposed(scene)
    with pytest.raises(TakebackSecondPersonError):
        steps.approve(scene.mint, id, number=MANY, actor=TOKEN, now=NOW)
    steps.approve(scene.mint, id, number=MANY, actor=SECOND, now=NOW)
    with pytest.raises(TakebackStateError):  # the window is not theirs to shorten, whoever asks first
        steps.hasten(scene.mint, proposed_cancelled(scene), words="at once", actor=TOKEN, now=NOW)


def proposed_cancelled(scene: Scene) -> str:
    found = tried(scene.mint, scene.keys[MANY:])
    return steps.cancel(scene.mint, found.id, actor=FIRST, now=NOW).id


def test_a_proposal_of_somebody_who_is_no_officer_any_more_falls(scene: Scene) -> None:
    id = proposed(scene)
    with scene.mint.db.transaction() as session:
        people.withdraw(
            session, FIRST.removeprefix("person:"), Role.OFFICER, EDUCATION, actor="admin", now=NOW
        )
    with pytest.raises(TakebackStateError):
        steps.approve(scene.mint, id, number=MANY, actor=SECOND, now=NOW)
    assert untouched(scene)


def test_who_lost_the_role_reaches_no_page(scene: Scene) -> None:
    id = proposed(scene)
    with scene.mint.db.transaction() as session:
        people.withdraw(
            session, SECOND.removeprefix("person:"), Role.OFFICER, EDUCATION, actor="admin", now=NOW
        )
    assert scene.post(SECOND, f"/taking-back/{id}/approve", count=str(MANY)).status_code == 403
    assert untouched(scene)


def test_what_was_not_looked_at_is_not_agreed_to(scene: Scene) -> None:
    """Something has changed between dry run and agreement: asked again, with the new number."""
    id = proposed(scene)
    other = begun(scene.mint, scene.keys[:2])
    with pytest.raises(TakebackChangedError):
        steps.approve(scene.mint, id, number=MANY, actor=SECOND, now=NOW)
    with pytest.raises(TakebackCountError):  # the old number does not do any more
        steps.approve(scene.mint, id, number=MANY, actor=SECOND, now=NOW)
    assert seen(scene.mint, other).states[LineState.SUSPENDED] == 2
    steps.approve(scene.mint, id, number=MANY - 2, actor=SECOND, now=NOW)
    working.work(scene.mint, now=NOW)
    assert states(scene.mint, scene.keys)[AwardState.SUSPENDED] == MANY


def test_a_stranger_neither_sees_nor_undoes_nor_agrees(scene: Scene) -> None:
    id = proposed(scene)
    with scene.mint.db.transaction() as session:
        stranger = people.create(
            session, email="stranger@state.example", name="Stranger", confirmed_at=NOW, now=NOW
        )
    actor = f"person:{stranger.id}"
    for path in ("approve", "cancel", "undo", "hasten", "start", "lines/1/undo"):
        assert scene.post(actor, f"/taking-back/{id}/{path}", count=str(MANY)).status_code == 403, path
    with pytest.raises(NoSuchTakebackError):
        looking.view(scene.mint, id, organisations=("example-state",), now=NOW)
    found = looking.require(scene.mint, id, organisations=(EDUCATION,))
    assert found.state is TakebackState.PROPOSED
    assert untouched(scene)


def test_a_list_of_another_organisation_changes_nothing_of_it(scene: Scene) -> None:
    found = tried(scene.mint, scene.keys[:3], organisation="example-state")
    assert found.number == 0
    for number in (0, 3):
        with pytest.raises(TakebackStateError):
            steps.start(scene.mint, found.id, number=number, actor=FIRST, now=NOW)
    assert untouched(scene)


def test_a_form_of_another_site_or_without_its_token_does_nothing(scene: Scene) -> None:
    id = proposed(scene)
    there = f"/taking-back/{id}/approve"
    for changes in (
        {"csrf": ""},
        {"csrf": "0" * 43},
        {"H_Sec-Fetch-Site": "cross-site", "H_Origin": "https://evil.example"},
        {"H_Sec-Fetch-Site": "", "H_Origin": "https://evil.example"},
    ):
        sent: dict[str, Any] = {"count": str(MANY), **changes}
        assert scene.post(SECOND, there, **sent).status_code in (400, 403, 409), changes
    assert untouched(scene)


def test_a_stolen_session_that_is_not_fresh_does_nothing(scene: Scene) -> None:
    id = proposed(scene)
    old = clock.now() - timedelta(minutes=30)
    answer = scene.post(SECOND, f"/taking-back/{id}/approve", now=old, count=str(MANY))
    assert answer.status_code == 403
    assert "Sign in once more" in answer.text
    trial = tried(scene.mint, scene.keys[MANY:])
    assert scene.post(FIRST, f"/taking-back/{trial.id}/start", now=old, count=str(MANY)).status_code == 403
    assert untouched(scene)


def test_sent_again_it_is_done_once(scene: Scene) -> None:
    id = proposed(scene)
    there = f"/taking-back/{id}/approve"
    assert [scene.post(SECOND, there, count=str(MANY)).status_code for _ in range(3)] == [303, 409, 409]
    assert working.work(scene.mint, now=NOW) == MANY
    assert working.work(scene.mint, now=NOW) == 0
    with scene.mint.db.reading() as session:
        number = session.scalar(text("SELECT count(*) FROM audit_log WHERE action = 'takeback.approved'"))
    assert number == 1


def test_the_table_keeps_what_the_rules_forget(scene: Scene) -> None:
    id = proposed(scene)
    for change in (
        "approved_by = proposed_by",
        "state = 'suspending'",
        "state = 'revoking'",
        "needs_second = FALSE, state = 'done'",
        "hasten_by = proposed_by, hastened_by = proposed_by",
    ):
        with pytest.raises(IntegrityError), scene.mint.db.transaction() as session:
            session.execute(text(f"UPDATE issuer_takebacks SET {change} WHERE id = :id"), {"id": id})  # noqa: S608


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment; return what came of each, an error as itself."""
    begin, found = threading.Barrier(len(acts)), list[Any](acts)

    def run(number: int) -> None:
        begin.wait()
        try:
            found[number] = acts[number]()
        except HallmarkError as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_what_is_still_being_tried_out_is_not_started(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four of thirty-four lines are there when somebody types "4": the rest would go with nobody's word."""
    told: list[str] = []

    def reached(step: str) -> None:
        told.append(step)
        (found,) = looking.every(scene.mint, (EDUCATION,), limit=1)
        for act in (steps.start, steps.approve):
            with pytest.raises(TakebackStateError):
                act(scene.mint, found.id, number=4, actor=FIRST, now=NOW)

    monkeypatch.setattr(judging, "JUDGED", 4)
    found = tried(replace(scene.mint, reached=reached), scene.keys[:MANY], actor=TOKEN)
    assert told
    monkeypatch.undo()
    assert (
        steps.start(scene.mint, found.id, number=MANY, actor=TOKEN, now=NOW).state is TakebackState.PROPOSED
    )
    assert untouched(scene)


def test_started_twice_at_the_same_moment_an_undo_leaves_nobody_under_review(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second click judges again what the job of the first one has put under review already."""
    found, again = tried(scene.mint, scene.keys[:3]), judging.again

    def late(mint: Mint, looked_at: Takeback) -> judging.Fresh:
        monkeypatch.undo()
        steps.start(mint, looked_at.id, number=3, actor=FIRST, now=NOW)
        working.work(mint, now=NOW)
        return again(mint, looked_at)

    monkeypatch.setattr(judging, "again", late)
    with pytest.raises(TakebackStateError):
        steps.start(scene.mint, found.id, number=3, actor=FIRST, now=NOW)
    assert {each.state for each in lines(scene.mint, found)} == {LineState.SUSPENDED}
    steps.undo(scene.mint, found.id, actor=FIRST, now=NOW)
    assert untouched(scene)


def test_lines_that_change_after_they_were_judged_are_not_started(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, again = tried(scene.mint, scene.keys[:3]), judging.again

    def late(mint: Mint, looked_at: Takeback) -> judging.Fresh:
        fresh = again(mint, looked_at)
        with mint.db.transaction() as session:
            session.execute(text("UPDATE issuer_takeback_lines SET state = 'refused' WHERE number = 1"))
        return fresh

    monkeypatch.setattr(judging, "again", late)
    with pytest.raises(TakebackChangedError):
        steps.start(scene.mint, found.id, number=3, actor=FIRST, now=NOW)
    assert untouched(scene)


@pytest.mark.parametrize("hasten", ["", "at once"])
def test_a_token_and_whoever_holds_it_are_not_two_people(scene: Scene, hasten: str) -> None:
    """Nobody knows whose a token is: what it proposes needs one person, and another one."""
    found = tried(scene.mint, scene.keys[:MANY], actor=TOKEN)
    steps.start(scene.mint, found.id, number=MANY, actor=TOKEN, now=NOW, hasten=hasten)
    taken = steps.approve(scene.mint, found.id, number=MANY, actor=FIRST, now=NOW, hasten=hasten)
    assert (taken.state, taken.proposed_by, taken.approved_by) == (TakebackState.PROPOSED, FIRST, None)
    with pytest.raises(TakebackSecondPersonError):
        steps.approve(scene.mint, found.id, number=MANY, actor=FIRST, now=NOW, hasten=hasten)
    assert working.work(scene.mint, now=NOW + 2 * UNDO) == 0
    agreed = steps.approve(scene.mint, found.id, number=MANY, actor=SECOND, now=NOW, hasten=hasten)
    assert (agreed.made_by, agreed.proposed_by, agreed.approved_by) == (TOKEN, FIRST, SECOND)
    assert agreed.hastened_by == (SECOND if hasten else None)


def test_the_operator_and_a_token_that_they_made_are_one(scene: Scene) -> None:
    id = proposed(scene, actor=TOKEN)
    assert steps.approve(scene.mint, id, number=MANY, actor="cli", now=NOW).state is TakebackState.PROPOSED
    with pytest.raises(TakebackSecondPersonError):
        steps.approve(scene.mint, id, number=MANY, actor="cli", now=NOW)
    assert untouched(scene)


def test_single_decisions_and_takebacks_are_counted_together(scene: Scene) -> None:
    """A program does not go round the takeback one by one, nor round single decisions by a takeback."""
    begun(scene.mint, scene.keys[:20])
    for number, actor in enumerate((TOKEN, "token:another", FIRST, "cli", SECOND), start=20):
        single(scene, scene.keys[number], actor)
    with pytest.raises(ManyStatusChangesError):
        single(scene, scene.keys[25], TOKEN)
    single(scene, scene.keys[25], TOKEN, now=NOW + UNDO + timedelta(seconds=1))
    more = tried(scene.mint, scene.keys[30:31])
    assert steps.start(scene.mint, more.id, number=1, actor=FIRST, now=NOW).state is TakebackState.PROPOSED


def single(scene: Scene, key: str, actor: str, *, now: datetime = NOW) -> None:
    decision = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
    with working.unit(scene.mint) as session:
        if actor.startswith("token:"):
            alone.require_few(scene.mint, session, key, decision.wanted, now=now)
        revocation.decide(scene.mint, key, decision, now=now, actor=actor)


def test_two_agree_at_the_same_moment_and_one_of_them_has(scene: Scene) -> None:
    id = proposed(scene)
    found = together(
        *(
            lambda actor=actor: steps.approve(scene.mint, id, number=MANY, actor=actor, now=NOW)
            for actor in (SECOND, THIRD)
        )
    )
    assert sorted(isinstance(each, TakebackStateError) for each in found) == [False, True]


@pytest.mark.parametrize("moment", [timedelta(), timedelta(seconds=-1)])
def test_the_end_of_the_window_races_with_its_undo_and_one_of_them_is_done(
    scene: Scene, moment: timedelta
) -> None:
    """At its end the window is over for whoever undoes; until then everything is as before, never a part."""
    found = begun(scene.mint, scene.keys[:9])
    assert found.ends_at is not None
    undone, *_ = together(
        lambda: steps.undo(scene.mint, found.id, actor=SECOND, now=NOW + UNDO + moment),
        lambda: working.work(scene.mint, now=NOW + UNDO),
        lambda: working.work(scene.mint, now=NOW + UNDO),
    )
    working.work(scene.mint, now=NOW + UNDO)
    counted = states(scene.mint, scene.keys[:9])
    if isinstance(undone, TakebackStateError):
        assert counted == {AwardState.REVOKED: 9}
    else:
        assert moment < timedelta()
        assert counted == {AwardState.ISSUED: 9}
    assert {each.state for each in lines(scene.mint, found)} <= {LineState.REVOKED, LineState.UNDONE}
