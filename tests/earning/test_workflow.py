# SPDX-License-Identifier: Apache-2.0
"""Educators, reviewers and a manager act in any order; what must never happen does not (threats E1, E2).

Every act goes through the steps that the pages use. A refusal is fine; a broken promise is not.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from credentials.errors import RefusedError
from earning.errors import TransitionError
from earning.review import awarding, cases, conclude, review
from earning.review.readings import Draft, ReviewState
from earning.store import reviews as rows
from earning.store import work as work_rows
from earning.work import feedback
from earning.work.applications import NEXT, Act, State
from service.accounts.people import Person
from tests.earning import reviewing as it
from tests.earning.house import NOW, open_programme

REVIEWERS = 4
AUTHORS = 3
UNMET = st.sets(st.sampled_from(["context", "noticing", "patterns", "plan", "reflection"]), max_size=2)


class Workflow(RuleBasedStateMachine):
    """Three educators, of whom one reviews too; four reviewers; one manager."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.template, self.folder / "data")
        opened = open_programme(self.folder / "data")
        self.programme = replace(
            opened, settings=replace(opened.settings, second_reading_percent=40), ring=lambda _: None
        )
        self.now = NOW
        self.sent = 0
        self.reviewers = [it.reviewer(self.programme, f"Reviewer {n}") for n in range(REVIEWERS)]
        self.manager = it.manager(self.programme)
        self.authors: list[Person] = [self.reviewers[0]]
        self.authors += [it.author(self.programme, f"Author {n}") for n in range(AUTHORS - 1)]
        self.applications = [it.applied(self.programme, each).id for each in self.authors]
        self.states = dict.fromkeys(self.applications, State.DRAFT)
        self.met: dict[str, dict[str, str]] = {each: {} for each in self.applications}
        self.drafts: dict[tuple[str, str], Draft] = {}

    def teardown(self) -> None:
        self.programme.db.close()
        shutil.rmtree(self.folder)

    def attempt(self, act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        self.now += timedelta(minutes=1)
        with suppress(RefusedError):
            return act(self.programme, *arguments, now=self.now, **options)
        return None

    def held(self, person: Person) -> list[str]:
        with self.programme.db.reading() as session:
            return [each.id for each in rows.of_person(session, person.id, ReviewState.LEASED)]

    @rule(which=st.integers(0, AUTHORS - 1))
    def sends(self, which: int) -> None:
        self.now += timedelta(minutes=1)
        with suppress(RefusedError):
            self.sent += 1  # The sample follows from the id, so a run must have the same ones every time.
            id = str(uuid.UUID(int=self.sent))
            it.send(self.programme, it.found(self.programme, self.applications[which]), now=self.now, id=id)

    @rule(which=st.integers(0, AUTHORS - 1), act=st.sampled_from(list(Act)))
    def somebody_forces_what_is_not_possible(self, which: int, act: Act) -> None:
        """A program error asks for anything at all; the one state machine decides."""
        application = it.found(self.programme, self.applications[which])
        if (application.state, act) in NEXT:
            return
        with pytest.raises(TransitionError), self.programme.db.transaction() as session:
            conclude.move(session, application, act)

    @rule(which=st.integers(0, AUTHORS - 1), act=st.sampled_from([Act.WITHDRAW, Act.EXPIRE, Act.EXTEND]))
    def the_educator_or_time_ends_it(self, which: int, act: Act) -> None:
        application = it.found(self.programme, self.applications[which])
        if (application.state, act) in NEXT and (act is Act.EXTEND or which == 1):
            with self.programme.db.transaction() as session:
                conclude.move(session, application, act)

    @rule(which=st.integers(0, AUTHORS - 1), steps=st.integers(1, 9), unmet=UNMET)
    def goes_on(self, which: int, steps: int, unmet: set[str]) -> None:
        """The way most work takes: sent, taken, read, and sent again or awarded."""
        for _ in range(steps):
            state = it.state(self.programme, self.applications[which])
            if state in (State.DRAFT, State.RETURNED):
                self.sends(which)
            elif state is State.SUBMITTED:
                for person in self.reviewers:
                    self.attempt(review.lease, person)
            elif state is State.IN_REVIEW:
                for who in range(REVIEWERS):
                    self.reads(who, unmet, finishes=True)
                unmet = set()
            elif state is State.PASSED:
                awarding.award(self.programme, now=self.now)

    @rule(who=st.integers(0, REVIEWERS - 1))
    def takes(self, who: int) -> None:
        taken = self.attempt(review.lease, self.reviewers[who])
        if taken is not None:
            kept = self.drafts.get((taken.submission, taken.reviewer))
            assert kept is None or taken.draft == kept

    @rule(who=st.integers(0, REVIEWERS - 1), unmet=UNMET, finishes=st.booleans())
    def reads(self, who: int, unmet: set[str], finishes: bool) -> None:
        person = self.reviewers[who]
        for id in self.held(person):
            with self.programme.db.reading() as session:
                mine = rows.mine(session, id, person)
            assert mine is not None
            draft = it.draft(self.programme, mine, unmet=tuple(unmet), note=f"{self.now}")
            if self.attempt(review.rate, person, id, draft) is not None:
                self.drafts[mine.submission, person.id] = draft
            if finishes:
                self.attempt(review.finish, person, id)

    @rule(who=st.integers(0, REVIEWERS - 1), missing=st.booleans())
    def finds_it_incomplete(self, who: int, missing: bool) -> None:
        person = self.reviewers[who]
        for id in self.held(person)[:1]:
            places = ("part-2/plan",) if missing else ()
            self.attempt(review.rate, person, id, Draft(missing=places, is_incomplete=True))
            self.attempt(review.finish, person, id)

    @rule(who=st.integers(0, REVIEWERS - 1), act=st.sampled_from([review.release, review.prolong]))
    def gives_back_or_prolongs(self, who: int, act: Callable[..., Any]) -> None:
        for id in self.held(self.reviewers[who])[:1]:
            self.attempt(act, self.reviewers[who], id)

    @rule(who=st.integers(0, REVIEWERS - 1), students=st.booleans())
    def flags(self, who: int, students: bool) -> None:
        person = self.reviewers[who]
        for id in self.held(person)[:1]:
            if students:
                self.attempt(cases.flag_student_data, person, id, artefact=None, text="a name")
            else:
                self.attempt(cases.flag_misconduct, person, id, text="copied")

    @rule(deny=st.booleans())
    def manages(self, deny: bool) -> None:
        for case in cases.every(self.programme, self.manager):
            if not case.is_open:
                continue
            if not deny:
                self.attempt(cases.close, self.manager, case.id, outcome="Looked into.")
                continue
            self.attempt(cases.notify, self.manager, case.id, words="A question.")
            self.now += cases.ANSWER_TIME
            self.attempt(cases.deny, self.manager, case.id, votes=(3, 1, 0), outcome="Voted.")

    @rule(hours=st.sampled_from([1, 80]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        review.lapse(self.programme, now=self.now)

    @rule()
    def awards(self) -> None:
        awarding.award(self.programme, now=self.now)

    @invariant()
    def only_possible_steps_were_taken(self) -> None:
        reachable = {state: {to for (of, _), to in NEXT.items() if of is state} | {state} for state in State}
        for id in self.applications:
            now = it.state(self.programme, id)
            # Between two looks there may be several steps: taken and given back, finished and passed.
            seen = {self.states[id]}
            for _ in State:
                seen |= {to for of in seen for to in reachable[of]}
            assert now in seen
            self.states[id] = now

    @invariant()
    def nobody_reads_their_own_work_and_nobody_reads_twice(self) -> None:
        with self.programme.db.reading() as session:
            own = session.execute(
                text(
                    "SELECT count(*) FROM earning_reviews r "
                    "JOIN earning_submissions s ON s.id = r.submission "
                    "JOIN earning_applications a ON a.id = s.application WHERE a.person = r.reviewer"
                )
            ).scalar_one()
            twice = session.execute(
                text(
                    "SELECT submission FROM earning_reviews WHERE state IN ('leased', 'finished') "
                    "GROUP BY submission, reviewer HAVING count(*) > 1"
                )
            ).all()
            together = session.execute(
                text(
                    "SELECT submission FROM earning_reviews WHERE state = 'leased' "
                    "GROUP BY submission HAVING count(*) > 1"
                )
            ).all()
        assert (own, twice, together) == (0, [], [])

    @invariant()
    def what_was_met_stays_met(self) -> None:
        for id in self.applications:
            with self.programme.db.reading() as session:
                told = feedback.read(work_rows.decisions(session, id))
            for one in told:
                if one.outcome == "incomplete":
                    continue
                levels = {name: each.level or "" for name, each in one.criteria.items() if each.is_met}
                for name, level in self.met[id].items():
                    if one is told[-1]:
                        assert levels.get(name) == level
            if told and told[-1].outcome != "incomplete":
                latest = told[-1].criteria.items()
                self.met[id] = {name: each.level or "" for name, each in latest if each.is_met}

    @invariant()
    def drafts_of_reviewers_are_never_lost(self) -> None:
        with self.programme.db.reading() as session:
            for (submission, person), draft in self.drafts.items():
                mine = [each for each in rows.of_submission(session, submission) if each.reviewer == person]
                finished = any(each.outcome is not None for each in mine)
                assert finished or draft in [each.draft for each in mine]

    @invariant()
    def there_is_one_award_at_the_most_for_each_application(self) -> None:
        with self.programme.db.reading() as session:
            doubled = session.execute(
                text("SELECT submission FROM issuer_awards GROUP BY submission HAVING count(*) > 1")
            ).all()
            awards = session.execute(text("SELECT count(*) FROM issuer_awards")).scalar_one()
            passed = session.execute(
                text("SELECT count(*) FROM earning_applications WHERE award IS NOT NULL")
            ).scalar_one()
            mails = session.execute(
                text("SELECT count(*) FROM mails WHERE kind = 'awarded' GROUP BY thread")
            ).scalars()
            assert set(mails) <= {1}
        assert doubled == []
        assert awards == passed

    @invariant()
    def work_in_review_is_with_exactly_one_reviewer(self) -> None:
        with self.programme.db.reading() as session:
            for id in self.applications:
                if it.state(self.programme, id) is not State.IN_REVIEW:
                    continue
                latest = work_rows.submissions(session, id)[-1]
                leased = [each for each in rows.of_submission(session, latest.id) if each.state == "leased"]
                assert len(leased) == 1


def test_whatever_people_do_and_in_which_order(earning_template: Path) -> None:
    Workflow.template = earning_template
    run_state_machine_as_test(
        Workflow,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("rounds", [20])
def test_twenty_returned_rounds_and_then_the_award(programme: Any, rounds: int) -> None:
    quiet = replace(programme, settings=replace(programme.settings, second_reading_percent=0))
    team = [it.reviewer(quiet, f"Reviewer {number}") for number in range(2)]
    application = it.applied(quiet, it.author(quiet))
    for number in range(rounds):
        now = NOW + timedelta(days=number)
        it.send(quiet, application, now=now)
        it.read(quiet, team[number % 2], unmet=("plan",), now=now)
    it.send(quiet, application, now=NOW + timedelta(days=rounds))
    it.read(quiet, team[0], now=NOW + timedelta(days=rounds))
    assert awarding.award(quiet, now=NOW + timedelta(days=rounds)) == 1
    assert it.state(quiet, application.id) is State.AWARDED
