# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from earning.errors import (
    CaseError,
    LeaseError,
    NothingWaitingError,
    ReviewFieldError,
    ReviewUnknownError,
    TransitionError,
)
from earning.programme import Programme
from earning.review import case_files, cases, conclude, review, workbench
from earning.review.readings import Draft, Review
from earning.store import cases as case_rows
from earning.store import reviews as rows
from earning.store import work as work_rows
from earning.store.cases import Case
from earning.work import deadlines, sending
from earning.work.applications import Act, State
from earning.work.submissions import SubmissionState
from service import mail
from service.accounts import people
from service.accounts.people import Person, Role
from tests.earning import reviewing as it
from tests.earning.house import NOW

LATER = NOW + cases.ANSWER_TIME


@pytest.fixture
def quiet(programme: Programme) -> Programme:
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


@pytest.fixture
def robin(quiet: Programme) -> Person:
    return it.reviewer(quiet, "Robin Reviewer")


@pytest.fixture
def mo(quiet: Programme) -> Person:
    return it.manager(quiet)


def kinds(programme: Programme) -> list[str]:
    with programme.db.reading() as session:
        return sorted(each.kind for each in mail.listing(session, limit=100))


def leased(programme: Programme, robin: Person) -> Review:
    it.waiting(programme)
    return review.lease(programme, robin, now=NOW)


def test_flagged_student_data_is_set_aside_at_once_and_goes_back_in_neutral_words(
    quiet: Programme, robin: Person, mo: Person
) -> None:
    application = it.applied(quiet, it.author(quiet))
    first, second = it.artefact(quiet, application), it.artefact(quiet, application, "part-2/plan")
    it.send(quiet, application, artefacts=(first, second))
    mine = review.lease(quiet, robin, now=NOW)
    with pytest.raises(ReviewUnknownError):
        cases.flag_student_data(quiet, robin, mine.id, artefact="another", text="", now=NOW)
    cases.flag_student_data(quiet, robin, mine.id, artefact=first.id, text="a face", now=NOW)
    assert it.state(quiet, application.id) is State.DRAFT
    with quiet.db.reading() as session:
        states = rows.artefact_states(session, [first.id, second.id])
    assert states == {first.id: "quarantined", second.id: "ready"}
    assert kinds(quiet) == ["case", "quarantined"]
    (case,) = cases.every(quiet, mo)
    assert (case.kind, case.artefact, case.is_open) == ("student-data", first.id, True)
    piece, body = case_files.file(quiet, mo, case.id, first.id, now=NOW)
    assert (piece.file_name, body) == ("evidence-1.txt", b"Monday: rushed.")
    with pytest.raises(ReviewUnknownError):
        case_files.file(quiet, mo, case.id, second.id, now=NOW)
    with pytest.raises(LeaseError):
        workbench.file(quiet, robin, mine.id, first.id, now=NOW)


def test_what_was_set_aside_is_not_shown_to_the_next_reader(quiet: Programme, robin: Person) -> None:
    application = it.applied(quiet, it.author(quiet))
    it.send(quiet, application, answers={**it.ANSWERS, "part-1/context": "Kim Student is in my class."})
    mine = review.lease(quiet, robin, now=NOW)
    cases.flag_student_data(quiet, robin, mine.id, artefact=None, text="a name", now=NOW)
    it.send(quiet, application)
    again = review.lease(quiet, it.reviewer(quiet, "Sam Second"), now=NOW)
    bench = workbench.open_bench(quiet, it_person(quiet, again), again.id)
    assert not bench.compared
    assert "Kim" not in repr(bench)
    assert bench.earlier[0].words == cases.NEUTRAL


def it_person(programme: Programme, of: Review) -> Person:
    from service.accounts import people

    with programme.db.reading() as session:
        return people.get(session, of.reviewer)


def test_a_false_alarm_gives_the_evidence_back(quiet: Programme, robin: Person, mo: Person) -> None:
    application = it.applied(quiet, it.author(quiet))
    piece = it.artefact(quiet, application)
    it.send(quiet, application, artefacts=(piece,))
    mine = review.lease(quiet, robin, now=NOW)
    cases.flag_student_data(quiet, robin, mine.id, artefact=piece.id, text="", now=NOW)
    (case,) = cases.every(quiet, mo)
    closed = cases.close(quiet, mo, case.id, outcome="A drawing.", restore=True, now=NOW)
    assert not closed.is_open
    with quiet.db.reading() as session:
        assert rows.artefact_states(session, [piece.id]) == {piece.id: "ready"}
    with pytest.raises(CaseError):
        cases.close(quiet, mo, case.id, outcome="Again.", now=NOW)


def test_suspected_misconduct_pauses_the_review_and_tells_no_educator(
    quiet: Programme, robin: Person, mo: Person
) -> None:
    mine = leased(quiet, robin)
    cases.flag_misconduct(quiet, robin, mine.id, text="copied", now=NOW)
    assert kinds(quiet) == ["case"]
    sam = it.reviewer(quiet, "Sam Second")
    for person in (robin, sam):
        with pytest.raises(NothingWaitingError):
            review.lease(quiet, person, now=NOW)
    (case,) = cases.every(quiet, mo)
    assert it.state(quiet, case.application) is State.SUBMITTED
    cases.close(quiet, mo, case.id, outcome="Nothing to it.", now=NOW)
    assert kinds(quiet) == ["case"]
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, robin, now=NOW)
    assert review.lease(quiet, sam, now=NOW).submission == mine.submission


def test_only_notice_time_and_majority_deny(quiet: Programme, robin: Person, mo: Person) -> None:
    mine = leased(quiet, robin)
    cases.flag_misconduct(quiet, robin, mine.id, text="copied", now=NOW)
    (case,) = cases.every(quiet, mo)

    def deny(votes: tuple[int, int, int], at: int) -> Case:
        when = NOW + timedelta(days=at)
        return cases.deny(quiet, mo, case.id, votes=votes, outcome="Copied.", now=when)

    with pytest.raises(CaseError):
        deny((5, 0, 0), 30)
    with pytest.raises(ReviewFieldError):
        cases.notify(quiet, mo, case.id, words="", now=NOW)
    cases.notify(quiet, mo, case.id, words="Parts look published.", now=NOW)
    with pytest.raises(CaseError):
        cases.notify(quiet, mo, case.id, words="Again.", now=NOW)
    for votes, at in (((5, 0, 0), 13), ((2, 2, 0), 14), ((2, 1, 1), 14), ((3, -1, 0), 14), ((0, 0, 0), 14)):
        with pytest.raises(CaseError):
            deny(votes, at)
    assert it.state(quiet, case.application) is State.SUBMITTED
    closed = deny((3, 1, 1), 14)
    assert closed.votes == (3, 1, 1)
    assert it.state(quiet, case.application) is State.DENIED
    assert kinds(quiet) == ["case", "case-denied", "case-notice"]


def test_student_data_denies_nothing(quiet: Programme, robin: Person, mo: Person) -> None:
    mine = leased(quiet, robin)
    cases.flag_student_data(quiet, robin, mine.id, artefact=None, text="", now=NOW)
    (case,) = cases.every(quiet, mo)
    with pytest.raises(CaseError):
        cases.notify(quiet, mo, case.id, words="x", now=NOW)
    with pytest.raises(CaseError):
        cases.deny(quiet, mo, case.id, votes=(9, 0, 0), outcome="x", now=LATER)


def test_cases_of_other_programmes_are_unknown(quiet: Programme, robin: Person, mo: Person) -> None:
    mine = leased(quiet, robin)
    cases.flag_misconduct(quiet, robin, mine.id, text="copied", now=NOW)
    (case,) = cases.every(quiet, mo)
    other = it.manager(quiet, "Other Manager", "example-state")
    assert cases.every(quiet, other) == ()
    for act in (cases.get, case_files.look):
        with pytest.raises(ReviewUnknownError):
            act(quiet, other, case.id)
    with pytest.raises(ReviewUnknownError):
        cases.close(quiet, other, case.id, outcome="x", now=NOW)


def test_words_in_mails_about_cases_are_calm(quiet: Programme, robin: Person, mo: Person) -> None:
    mine = leased(quiet, robin)
    cases.flag_misconduct(quiet, robin, mine.id, text="copied from somewhere", now=NOW)
    (case,) = cases.every(quiet, mo)
    cases.notify(quiet, mo, case.id, words="Parts look published.", now=NOW)
    with quiet.db.reading() as session:
        (letter,) = (each for each in mail.listing(session, limit=9) if each.kind == "case-notice")
        content = mail.content(session, letter.id)
    assert content is not None
    for harsh in ("misconduct", "fraud", "cheat", "failed", "copied from somewhere", "Robin"):
        assert harsh not in content.text


def test_a_manager_never_sees_a_case_about_their_own_work(
    quiet: Programme, robin: Person, mo: Person
) -> None:
    mine = leased(quiet, robin)
    cases.flag_misconduct(quiet, robin, mine.id, text="copied", now=NOW)
    (seen,) = cases.every(quiet, mo)
    with quiet.db.transaction() as session:
        author = people.get(session, seen.author)
        as_manager = people.grant(session, author.id, Role.MANAGER, seen.organisation, actor="test", now=NOW)
    assert cases.every(quiet, as_manager) == ()
    with pytest.raises(ReviewUnknownError):
        cases.get(quiet, as_manager, seen.id)
    with pytest.raises(ReviewUnknownError):
        cases.close(quiet, as_manager, seen.id, outcome="nothing in it", now=NOW)


def test_sending_again_leaves_no_case_behind(quiet: Programme, robin: Person, mo: Person) -> None:
    alex = it.author(quiet)
    application = it.applied(quiet, alex)
    sent = it.send(quiet, application)
    sam = it.reviewer(quiet, "Sam Second")
    cases.flag_misconduct(quiet, robin, review.lease(quiet, robin, now=NOW).id, text="copied", now=NOW)
    (case,) = cases.every(quiet, mo)
    cases.notify(quiet, mo, case.id, words="Parts look published.", now=NOW)
    with pytest.raises(TransitionError) as refused:
        sending.take_back(quiet, application.id, person=alex.id, now=NOW)
    assert "case" not in refused.value.message
    withdrawn(quiet, application.id, sent.id)
    for _ in range(2):
        again = it.send(quiet, application)
        for person in (robin, sam):
            with pytest.raises(NothingWaitingError):
                review.lease(quiet, person, now=NOW)
        with quiet.db.transaction() as session:
            conclude.move(session, it.found(quiet, again.application), Act.WITHDRAW)
        application = it.applied(quiet, alex)
    last = it.send(quiet, application)
    cases.close(quiet, mo, case.id, outcome="Nothing to it.", now=NOW)
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, robin, now=NOW)
    assert review.lease(quiet, sam, now=NOW).submission == last.id


def withdrawn(programme: Programme, application: str, submission: str) -> None:
    """As if it had been taken back at the moment at which it was flagged."""
    with programme.db.transaction() as session:
        conclude.move(session, it.found(programme, application), Act.TAKE_BACK)
        work_rows.set_submission(
            session, submission, was=SubmissionState.WAITING, becomes=SubmissionState.WITHDRAWN
        )


def test_whoever_takes_back_first_work_has_the_due_date_again_when_it_is_found_incomplete(
    quiet: Programme, robin: Person
) -> None:
    alex = it.author(quiet)
    application = it.applied(quiet, alex)
    first = it.send(quiet, application)
    withdrawn(quiet, application.id, first.id)
    sent = it.send(quiet, application)
    late = it.found(quiet, application.id).due_at + timedelta(days=9)
    mine = review.lease(quiet, robin, now=late)
    review.rate(quiet, robin, mine.id, Draft(missing=("part-2/plan",), is_incomplete=True), now=late)
    review.finish(quiet, robin, mine.id, now=late)
    found = it.found(quiet, application.id)
    assert (found.state, found.submitted_at) == (State.DRAFT, None)
    assert not deadlines.is_over(found, late + conclude.GRACE)
    assert deadlines.is_over(found, late + conclude.GRACE + timedelta(days=1))
    with quiet.db.reading() as session:
        (_, empty) = work_rows.submissions(session, application.id)
    assert (empty.id, empty.attempt) == (sent.id, None)


def test_nothing_is_decided_while_a_case_is_open(quiet: Programme, robin: Person) -> None:
    mine = leased(quiet, robin)
    review.rate(quiet, robin, mine.id, it.draft(quiet, mine), now=NOW)
    with quiet.db.transaction() as session:
        case_rows.add(
            session,
            submission=mine.submission,
            artefact=None,
            kind=cases.MISCONDUCT,
            text="seen elsewhere",
            opened_by=robin.id,
            now=NOW,
        )
    with pytest.raises(TransitionError) as refused:
        review.finish(quiet, robin, mine.id, now=NOW)
    assert "case" not in refused.value.message


def test_a_manager_is_never_told_of_a_case_about_their_own_work(quiet: Programme, robin: Person) -> None:
    mo, other = it.manager(quiet), it.manager(quiet, "Other Manager")
    it.waiting(quiet, mo)
    cases.flag_misconduct(quiet, robin, review.lease(quiet, robin, now=NOW).id, text="copied", now=NOW)
    with quiet.db.reading() as session:
        assert [each.person for each in mail.listing(session, limit=9)] == [other.id]
