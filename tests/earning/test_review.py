# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from earning.company.community import Fields, MemberRole
from earning.errors import (
    LeaseError,
    NothingWaitingError,
    ReadingUnfinishedError,
    ReviewChangedError,
    ReviewFieldError,
    ReviewUnknownError,
)
from earning.management import reviewer_pool
from earning.programme import Programme
from earning.review import decision, queue, review, reviewers, workbench
from earning.review.readings import Draft, ReviewState
from earning.review.rubric import Rating
from earning.store import communities
from earning.store import reviews as rows
from earning.work import deadlines
from earning.work.applications import State
from service import mail, zones
from service.accounts import people
from service.accounts.people import Person, Role
from tests.earning import reviewing as it
from tests.earning.house import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def quiet(programme: Programme) -> Programme:
    """Nothing is read twice by the sample."""
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


def mails(programme: Programme, kind: str) -> list[mail.Mail]:
    with programme.db.reading() as session:
        return [each for each in mail.listing(session, limit=100) if each.kind == kind]


def test_the_oldest_work_that_fits_comes_first(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.waiting(quiet, now=NOW - DAY)
    oldest = it.waiting(quiet, now=NOW - 3 * DAY)
    it.waiting(quiet, now=NOW - 9 * DAY, version="DECC1-v1")
    seen = queue.queue(quiet, robin)
    assert (seen.waiting, seen.oldest) == (2, oldest.submitted_at)
    leased = review.lease(quiet, robin, now=NOW)
    assert leased.submission == oldest.id
    assert leased.leased_until == NOW + 72 * HOUR
    assert it.state(quiet, oldest.application) is State.IN_REVIEW


def test_nobody_gets_what_is_with_somebody_else(quiet: Programme) -> None:
    it.waiting(quiet)
    review.lease(quiet, it.reviewer(quiet, "Robin Reviewer"), now=NOW)
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, it.reviewer(quiet, "Sam Second"), now=NOW)


@pytest.mark.parametrize("field", ["school", "local"])
def test_work_from_the_same_school_or_local_is_not_offered(quiet: Programme, field: str) -> None:
    alex = it.author(quiet, **{field: "Lake  Elementary"})
    it.waiting(quiet, alex)
    near = it.reviewer(quiet, "Robin Reviewer", **{field: "lake elementary"})
    with pytest.raises(NothingWaitingError) as refused:
        review.lease(quiet, near, now=NOW)
    assert "lake" not in str(refused.value).casefold()
    assert queue.queue(quiet, near).waiting == 0


def test_own_work_is_not_offered_and_the_database_refuses_it(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    sent = it.waiting(quiet, robin)
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, robin, now=NOW)
    with quiet.db.transaction() as session:
        assert rows.lease(session, sent.id, robin.id, until=NOW + HOUR, now=NOW) is None


def test_inactive_reviewers_and_those_without_the_role_get_nothing(quiet: Programme) -> None:
    it.waiting(quiet)
    robin = it.reviewer(quiet, "Robin Reviewer")
    reviewers.enrol(quiet, robin.id, it.PROGRAMME, ("SEL",), is_active=False, actor="test", now=NOW)
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, robin, now=NOW)
    reviewers.enrol(quiet, robin.id, it.PROGRAMME, ("SEL",), actor="test", now=NOW)
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, replace(robin, memberships=()), now=NOW)
    review.lease(quiet, robin, now=NOW)


def test_the_pool_shows_skills_and_counts(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer", "SEL", "TRA")
    it.waiting(quiet)
    review.lease(quiet, robin, now=NOW)
    (found,) = (each for each in reviewers.pool(quiet, [it.PROGRAMME]) if each.person.id == robin.id)
    assert (found.stacks, found.holding, found.finished) == (("SEL", "TRA"), 1, 0)
    with pytest.raises(ReviewFieldError):
        reviewers.enrol(quiet, robin.id, it.PROGRAMME, ("NONE",), actor="test", now=NOW)


def test_ten_reviewers_at_once_share_ten_pieces_of_work(quiet: Programme) -> None:
    sent = {it.waiting(quiet).id for _ in range(6)}
    people = [it.reviewer(quiet, f"Reviewer {number}") for number in range(10)]
    got: list[str] = []
    start = threading.Barrier(len(people))

    def take(number: int) -> None:
        start.wait()
        try:
            got.append(review.lease(quiet, people[number], now=NOW).submission)
        except NothingWaitingError:
            got.append("")

    threads = [threading.Thread(target=take, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filter(None, got)) == sorted(sent)
    assert got.count("") == 4


def test_what_was_written_is_kept_and_found_again_after_the_time_ran_out(quiet: Programme) -> None:
    robin, sent = it.reviewer(quiet, "Robin Reviewer"), it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    written = it.draft(quiet, leased, unmet=("plan",), note="look at entry 3")
    review.rate(quiet, robin, leased.id, written, now=NOW)
    late = NOW + 73 * HOUR
    assert review.lapse(quiet, now=late - 2 * HOUR) == 0
    assert review.lapse(quiet, now=late) == 1
    assert review.lapse(quiet, now=late) == 0
    assert it.state(quiet, sent.application) is State.SUBMITTED
    later = replace(written, words="Written when the time was over.")
    with pytest.raises(LeaseError):
        review.rate(quiet, robin, leased.id, later, now=late)
    with pytest.raises(LeaseError):
        review.finish(quiet, robin, leased.id, now=late)
    again = review.lease(quiet, robin, now=late)
    assert again.id != leased.id
    assert again.draft == later


def test_an_overdue_review_cannot_be_finished_even_before_the_job_has_run(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased), now=NOW)
    with pytest.raises(LeaseError):
        review.finish(quiet, robin, leased.id, now=NOW + 72 * HOUR)


def test_work_that_was_given_back_goes_to_somebody_else(quiet: Programme) -> None:
    robin, sam = it.reviewer(quiet, "Robin Reviewer"), it.reviewer(quiet, "Sam Second")
    sent = it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.release(quiet, robin, leased.id, now=NOW)
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, robin, now=NOW)
    with pytest.raises(LeaseError):
        review.rate(quiet, robin, leased.id, Draft(), now=NOW)
    assert review.lease(quiet, sam, now=NOW).submission == sent.id


def test_a_review_is_prolonged_twice(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    for number in (1, 2):
        leased = review.prolong(quiet, robin, leased.id, now=NOW + number * DAY)
        assert leased.leased_until == NOW + number * DAY + 72 * HOUR
    with pytest.raises(LeaseError):
        review.prolong(quiet, robin, leased.id, now=NOW + 3 * DAY)


def test_nobody_holds_more_than_a_few(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    for _ in range(review.HELD_MOST + 1):
        it.waiting(quiet)
    for _ in range(review.HELD_MOST):
        review.lease(quiet, robin, now=NOW)
    with pytest.raises(LeaseError):
        review.lease(quiet, robin, now=NOW)


def test_nothing_is_returned_without_a_comment_on_what_is_not_met(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    whole = it.draft(quiet, leased)
    bare = replace(whole, ratings={**whole.ratings, "plan": Rating(level="Developing", comment="  ")})
    review.rate(quiet, robin, leased.id, bare, now=NOW)
    with pytest.raises(ReadingUnfinishedError):
        review.finish(quiet, robin, leased.id, now=NOW)
    assert [each.code for each in review.gaps(quiet, robin, leased.id)] == ["comment"]
    review.rate(quiet, robin, leased.id, Draft(), now=NOW)
    assert {each.code for each in review.gaps(quiet, robin, leased.id)} == {"level"}


def test_levels_criteria_and_parts_that_are_not_there_are_refused(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    for wrong in (
        Draft(ratings={"plan": Rating(level="Superb")}),
        Draft(ratings={"nothing": Rating(level="Basic")}),
        Draft(missing=("part-9/x",)),
        Draft(words="x" * 5_001),
        Draft(ratings={"plan": Rating(comment="x" * 5_001)}),
    ):
        with pytest.raises(ReviewFieldError):
            review.rate(quiet, robin, leased.id, wrong, now=NOW)


def test_a_stale_page_changes_nothing(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    saved = review.rate(quiet, robin, leased.id, Draft(words="one"), revision=leased.revision, now=NOW)
    with pytest.raises(ReviewChangedError):
        review.rate(quiet, robin, leased.id, Draft(words="two"), revision=leased.revision, now=NOW)
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased), revision=saved.revision, now=NOW)
    with pytest.raises(ReviewChangedError):
        review.finish(quiet, robin, leased.id, revision=saved.revision, now=NOW)


def test_a_review_of_somebody_else_is_unknown(quiet: Programme) -> None:
    robin, sam = it.reviewer(quiet, "Robin Reviewer"), it.reviewer(quiet, "Sam Second")
    it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    for act in (review.release, review.prolong, review.finish):
        with pytest.raises(ReviewUnknownError):
            act(quiet, sam, leased.id, now=NOW)
    with pytest.raises(ReviewUnknownError):
        review.rate(quiet, sam, leased.id, Draft(), now=NOW)


def test_returned_work_keeps_what_was_met(quiet: Programme) -> None:
    robin, sam = it.reviewer(quiet, "Robin Reviewer"), it.reviewer(quiet, "Sam Second")
    application = it.applied(quiet, it.author(quiet))
    it.send(quiet, application)
    done = it.read(quiet, robin, unmet=("plan",))
    assert isinstance(done.step, decision.Returned)
    assert it.state(quiet, application.id) is State.RETURNED
    (letter,) = mails(quiet, "returned")
    with quiet.db.reading() as session:
        told = mail.content(session, letter.id)
    assert told is not None
    assert "Say more" not in told.text + told.html
    it.send(quiet, application, now=NOW + DAY)
    leased = review.lease(quiet, sam, now=NOW + DAY)
    assert set(it.draft(quiet, leased).ratings) == {"plan"}
    review.rate(quiet, sam, leased.id, it.draft(quiet, leased), now=NOW + DAY)
    passed = review.finish(quiet, sam, leased.id, now=NOW + DAY).step
    assert isinstance(passed, decision.Passed)
    assert set(passed.levels) == set(it.criteria(quiet))


def test_twenty_rounds_pass(quiet: Programme) -> None:
    team = [it.reviewer(quiet, f"Reviewer {number}") for number in range(2)]
    application = it.applied(quiet, it.author(quiet))
    for number in range(20):
        it.send(quiet, application, now=NOW + number * DAY)
        it.read(quiet, team[number % 2], unmet=("plan",), now=NOW + number * DAY)
        assert it.state(quiet, application.id) is State.RETURNED
    it.send(quiet, application, now=NOW + 20 * DAY)
    it.read(quiet, team[0], now=NOW + 20 * DAY)
    assert it.state(quiet, application.id) is State.PASSED


def test_who_reviews_for_another_programme_only_loses_what_was_leased_before(programme: Programme) -> None:
    robin = it.reviewer(programme, "Robin Reviewer")
    it.waiting(programme)
    leased = review.lease(programme, robin, now=NOW)
    with programme.db.transaction() as session:
        people.grant(session, robin.id, Role.REVIEWER, "example-state", actor="test", now=NOW)
        robin = people.withdraw(session, robin.id, Role.REVIEWER, it.PROGRAMME, actor="test", now=NOW)
    with pytest.raises(ReviewUnknownError):
        workbench.open_bench(programme, robin, leased.id)
    with pytest.raises(ReviewUnknownError):
        review.finish(programme, robin, leased.id, now=NOW)
    assert queue.queue(programme, robin).held == ()
    assert review.lapse(programme, now=leased.leased_until) == 1


def test_incomplete_work_goes_back_and_is_no_attempt(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    sent = it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    late = NOW + timedelta(days=149)
    with quiet.db.transaction() as session:
        found = rows.mine(session, leased.id, robin)
        assert found is not None
        rows.change(session, found, leased_until=late + DAY)
    empty = Draft(missing=("part-2/journal",), words="The file is empty.", is_incomplete=True)
    review.rate(quiet, robin, leased.id, empty, now=late)
    done = review.finish(quiet, robin, leased.id, now=late)
    assert done.step == decision.Incomplete(("part-2/journal",), "The file is empty.")
    application = it.found(quiet, sent.application)
    assert application.state is State.DRAFT
    assert application.submitted_at is None
    fair = deadlines.local_day(late + timedelta(days=14), application.zone)
    assert application.due_at == zones.last_second(fair, application.zone)
    with quiet.db.reading() as session:
        from earning.store import work

        again = work.any_submission(session, sent.id)
    assert again is not None
    assert (again.attempt, again.state) == (None, "incomplete")


def test_a_sampled_submission_is_read_twice_by_two_people(programme: Programme) -> None:
    always = replace(programme, settings=replace(programme.settings, second_reading_percent=100))
    robin, sam = it.reviewer(always, "Robin Reviewer"), it.reviewer(always, "Sam Second")
    sent = it.waiting(always)
    first = it.read(always, robin)
    assert first.step == decision.NeedsReading("sample")
    assert it.state(always, sent.application) is State.SUBMITTED
    assert mails(always, "returned") == []
    with pytest.raises(NothingWaitingError):
        review.lease(always, robin, now=NOW)
    second = it.read(always, sam)
    assert isinstance(second.step, decision.Passed)
    assert queue.queue(always, robin).figures == queue.Figures(
        finished=1, compared=1, agreed=1, median_days=0.0
    )


def test_two_who_differ_need_a_third_who_decides(programme: Programme) -> None:
    always = replace(programme, settings=replace(programme.settings, second_reading_percent=100))
    team = [it.reviewer(always, name) for name in ("Robin Reviewer", "Sam Second", "Toni Third")]
    sent = it.waiting(always)
    it.read(always, team[0])
    assert it.read(always, team[1], unmet=("plan",)).step == decision.NeedsReading("disagreement")
    third = it.read(always, team[2], unmet=("plan", "patterns")).step
    assert isinstance(third, decision.Returned)
    assert {name for name, each in third.criteria.items() if not each.met} == {"plan"}
    assert it.state(always, sent.application) is State.RETURNED
    assert queue.queue(always, team[2]).figures.agreed == 0


def test_work_that_its_author_took_back_ends_the_review(quiet: Programme) -> None:
    from earning.errors import TransitionError
    from earning.review import conclude
    from earning.work.applications import Act

    robin, sent = it.reviewer(quiet, "Robin Reviewer"), it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased), now=NOW)
    with quiet.db.transaction() as session:
        conclude.move(session, it.found(quiet, sent.application), Act.WITHDRAW)
    with pytest.raises(TransitionError):
        review.finish(quiet, robin, leased.id, now=NOW)
    assert review.lapse(quiet, now=NOW) == 1
    assert it.state(quiet, sent.application) is State.WITHDRAWN
    with quiet.db.reading() as session:
        assert [each.state for each in rows.of_submission(session, sent.id)] == [ReviewState.LAPSED]


def test_reviewers_hear_of_waiting_work_once_a_day_by_a_count_only(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.reviewer(quiet, "Tra Reviewer", "TRA")
    assert queue.call(quiet, now=NOW) == 0
    it.waiting(quiet)
    assert queue.call(quiet, now=NOW) == 1
    assert queue.call(quiet, now=NOW + HOUR) == 0
    assert queue.call(quiet, now=NOW + DAY + HOUR) == 1
    letters = mails(quiet, "review-waiting")
    assert {each.person for each in letters} == {robin.id}
    with quiet.db.reading() as session:
        told = mail.content(session, letters[0].id)
    assert told is not None
    assert "1 piece of work waits" in told.text
    assert "SEL" not in told.text


def test_whoever_manages_a_programme_reads_nothing_of_it(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    it.waiting(quiet)
    it.waiting(quiet)
    leased = review.lease(quiet, robin, now=NOW)
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased), now=NOW)
    with quiet.db.transaction() as session:
        both = people.grant(session, robin.id, Role.MANAGER, it.PROGRAMME, actor="test", now=NOW)
    assert queue.queue(quiet, both).held == ()
    assert queue.queue(quiet, both).waiting == 0
    with pytest.raises(NothingWaitingError):
        review.lease(quiet, both, now=NOW)
    with pytest.raises(ReviewUnknownError):
        review.rate(quiet, both, leased.id, Draft(), now=NOW)
    with pytest.raises(ReviewUnknownError):
        review.finish(quiet, both, leased.id, now=NOW)
    elsewhere = replace(both, memberships=robin.memberships)
    assert len(queue.queue(quiet, elsewhere).held) == 1


def test_a_manager_is_not_taken_into_the_pool_of_their_programme(quiet: Programme) -> None:
    mo = it.manager(quiet)

    def save(person: Person, *, is_active: bool) -> None:
        reviewer_pool.save(
            quiet,
            mo,
            email=person.email,
            organisation=it.PROGRAMME,
            stacks=("SEL",),
            is_active=is_active,
            now=NOW,
        )

    with pytest.raises(ReviewFieldError):
        save(mo, is_active=True)
    save(mo, is_active=False)
    save(it.author(quiet), is_active=True)


def test_a_changed_profile_opens_no_way_to_work_of_ones_own_school(quiet: Programme) -> None:
    ada = it.author(quiet, school="Placeholder Elementary", local="Evergreen Sample Local")
    robin = it.reviewer(quiet, "Robin", school="Placeholder Elementary", local="Evergreen Sample Local")
    sent = it.waiting(quiet, ada)
    for school, local in (
        ("Placeholder Elementary School", "Evergreen Sample Local Association"),
        ("Elsewhere", "Far Away"),
        ("", ""),
    ):
        assert takes(quiet, moved(quiet, robin, school, local)) is None
    near = it.reviewer(quiet, "Sam Second", school="PLACEHOLDER, elementary-school")
    assert takes(quiet, near) is None
    moved(quiet, ada, "Another School", "Another Local")
    assert takes(quiet, robin) is None
    assert takes(quiet, near) is None
    assert takes(quiet, it.reviewer(quiet, "Uma Third", school="Another School")) is None
    assert takes(quiet, it.reviewer(quiet, "Taryn Fourth")) == sent.id


def test_what_a_reviewer_said_at_a_later_taking_counts_too(quiet: Programme) -> None:
    robin = it.reviewer(quiet, "Robin Reviewer")
    assert takes(quiet, moved(quiet, robin, "Lake Elementary", "")) is None
    it.waiting(quiet, it.author(quiet, school="Lake Elementary"))
    assert takes(quiet, moved(quiet, robin, "Elsewhere", "")) is None


@pytest.mark.parametrize("in_community", [True, False])
def test_what_comes_between_them_later_gives_the_work_back(quiet: Programme, in_community: bool) -> None:
    alex, robin = it.author(quiet), it.reviewer(quiet, "Robin Reviewer")
    sent = it.waiting(quiet, alex)
    leased = review.lease(quiet, robin, now=NOW)
    assert workbench.open_bench(quiet, robin, leased.id).is_separate
    if in_community:
        fields = Fields(name="Pals", about="", portal=None, local="", contact="", is_listed=False)
        with quiet.db.transaction() as session:
            id = communities.add(session, fields, person=alex.id, invite="0" * 64, now=NOW)
            for person in (alex, robin):
                communities.join(session, id, person.id, MemberRole.MEMBER, shows_name=False, now=NOW)
    else:
        moved(quiet, robin, alex.school.upper(), "")
    review.rate(quiet, robin, leased.id, it.draft(quiet, leased), now=NOW)
    assert not workbench.open_bench(quiet, robin, leased.id).is_separate
    with pytest.raises(LeaseError) as refused:
        review.finish(quiet, robin, leased.id, now=NOW)
    assert "school" not in refused.value.message
    assert it.state(quiet, sent.application) is State.SUBMITTED
    assert takes(quiet, robin) is None
    assert takes(quiet, it.reviewer(quiet, "Sam Second")) == sent.id


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Lake Elementary", "lake  ELEMENTARY school", True),
        ("St. Mary's School", "St Marys", True),
        ("Lake Local Association", "Lake", True),
        ("High School", "high school", True),
        ("High School", "Middle School", False),
        ("Lake", "Hill", False),
        ("", "", True),
    ],
)
def test_names_of_places_are_compared_without_what_most_have(a: str, b: str, same: bool) -> None:
    assert (reviewers.place_key(a) == reviewers.place_key(b)) is same


def moved(programme: Programme, person: Person, school: str, local: str) -> Person:
    with programme.db.transaction() as session:
        return people.change(session, person.id, school=school, local=local, now=NOW)


def takes(programme: Programme, person: Person) -> str | None:
    try:
        return review.lease(programme, person, now=NOW).submission
    except NothingWaitingError:
        return None
