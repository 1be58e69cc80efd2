# SPDX-License-Identifier: Apache-2.0
"""Threat E2: a state skipped, two at once, a stale form, a decision opened again."""

# ruff: noqa: F811  fixtures are imported by their names
from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from credentials.errors import HallmarkError
from earning.errors import LeaseError, TransitionError, WorkChangedError
from earning.programme import Programme
from earning.review import awarding, cases, conclude, review
from earning.review.decision import NeedsReading
from earning.review.readings import Draft
from earning.store import work as rows
from earning.work.applications import NEXT, Act, State, step
from service import mail
from tests.earning import reviewing as it
from tests.earning.conftest import earning_template, folder, programme  # noqa: F401  fixtures
from tests.earning.house import NOW


@pytest.fixture
def quiet(programme: Programme) -> Programme:
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all at the same moment; return what came of each, an error as itself."""
    start, found = threading.Barrier(len(acts)), list[Any](acts)

    def run(number: int) -> None:
        start.wait()
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


def test_every_step_that_is_not_in_the_table_is_refused() -> None:
    for state in State:
        for act in Act:
            if (state, act) not in NEXT:
                with pytest.raises(TransitionError):
                    step(state, act)


def test_a_reading_sent_twice_at_once_decides_once(quiet: Programme) -> None:
    robin, sent = it.reviewer(quiet, "Robin Reviewer"), it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased), now=NOW)

    def finish() -> Any:
        return review.finish(quiet, robin, leased.id, now=NOW)

    found = at_once(*[finish] * 4)
    assert sum(isinstance(each, review.Finished) for each in found) == 1
    assert it.state(quiet, sent.application) is State.PASSED


def test_finishing_and_giving_back_at_once_end_in_one_of_both(quiet: Programme) -> None:
    robin, sent = it.reviewer(quiet, "Robin Reviewer"), it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased), now=NOW)
    found = at_once(
        lambda: review.finish(quiet, robin, leased.id, now=NOW),
        lambda: review.release(quiet, robin, leased.id, now=NOW),
        lambda: review.lapse(quiet, now=NOW + timedelta(hours=73)),
        lambda: cases.flag_misconduct(quiet, robin, leased.id, text="copied", now=NOW),
    )
    assert it.state(quiet, sent.application) in (State.PASSED, State.SUBMITTED)
    passed = isinstance(found[0], review.Finished)
    assert (it.state(quiet, sent.application) is State.PASSED) is passed


def test_two_workers_award_once(quiet: Programme) -> None:
    sent = it.waiting(quiet)
    it.read(quiet, it.reviewer(quiet, "Robin Reviewer"))
    done = at_once(*[lambda: awarding.award(quiet, now=NOW)] * 3)
    assert sum(done) == 1
    assert it.state(quiet, sent.application) is State.AWARDED
    with quiet.db.reading() as session:
        assert sum(each.kind == "awarded" for each in mail.listing(session, limit=9)) == 1


def test_a_decision_is_never_opened_again(quiet: Programme) -> None:
    robin, sent = it.reviewer(quiet, "Robin Reviewer"), it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased, unmet=("plan",)), now=NOW)
    done = review.finish(quiet, robin, leased.id, now=NOW)
    for act in (
        lambda: review.rate(quiet, robin, leased.id, it.draft(quiet, leased), now=NOW),
        lambda: review.finish(quiet, robin, leased.id, now=NOW),
        lambda: review.prolong(quiet, robin, leased.id, now=NOW),
        lambda: review.release(quiet, robin, leased.id, now=NOW),
        lambda: cases.flag_misconduct(quiet, robin, leased.id, text="copied", now=NOW),
    ):
        with pytest.raises(LeaseError):
            act()
    with quiet.db.reading() as session:
        work = conclude.load(quiet, session, sent.id)
    assert not isinstance(done.step, NeedsReading)
    with pytest.raises(WorkChangedError), quiet.db.transaction() as session:
        conclude.conclude(quiet, session, work, done.step, [], now=NOW)


def test_a_stale_view_of_the_work_moves_nothing(quiet: Programme) -> None:
    sent = it.waiting(quiet)
    old = it.found(quiet, sent.application)
    review.lease(quiet, it.reviewer(quiet, "Robin Reviewer"), now=NOW)
    with pytest.raises(WorkChangedError), quiet.db.transaction() as session:
        conclude.move(session, old, Act.LEASE)


def test_the_rubric_is_that_of_the_version_that_was_applied_for(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer", "DECC")
    application = it.applied(quiet, it.author(quiet), version="DECC1-v1")
    it.send(quiet, application)
    leased = review.lease(quiet, robin, now=NOW)
    with quiet.db.reading() as session:
        work = conclude.load(quiet, session, leased.submission)
        assert rows.any_application(session, application.id) is not None
    assert work.achievement.key == "DECC1-v1"
    assert {each.id for each in work.rubric.criteria} == set(it.criteria(quiet, "DECC1-v1"))


def test_a_reading_without_content_decides_nothing(quiet: Programme) -> None:
    robin, sent = it.reviewer(quiet, "Robin Reviewer"), it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.rate(quiet, robin, leased.id, Draft(), now=NOW)
    with pytest.raises(HallmarkError):
        review.finish(quiet, robin, leased.id, now=NOW)
    assert it.state(quiet, sent.application) is State.IN_REVIEW
